// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "host/netlink.h"
#include "host/tunnels.h"

#define TRIES 5

static const char *const kinds[] = {
	"wireguard", "vxlan",     "geneve", "gre",  "gretap",   "ip6gre", "ip6gretap",
	"erspan",    "ip6erspan", "ipip",   "sit",  "ip6tnl",   "vti",    "vti6",
	"l2tp",      "fou",       "gtp",    "ovpn", "ovpn-dco", "amt",    "bareudp",
};

static void note_kind(const char *said, char ret[16])
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(said, kinds[i]) == 0)
			snprintf(ret, 16, "%s", said);
}

static int on_info(const struct nlattr *attr, void *data)
{
	struct tunnel *t = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		note_kind(mnl_attr_get_str(attr), t->kind);
	return MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct tunnel *t = data;

	if (mnl_attr_get_type(attr) == IFLA_IFNAME && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(t->device, sizeof(t->device), "%s", mnl_attr_get_str(attr));
	return mnl_attr_get_type(attr) == IFLA_LINKINFO ? mnl_attr_parse_nested(attr, on_info, t) : MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *msg, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(msg);
	struct tunnels *all = data;
	struct tunnel one = { 0 };

	if (!netlink_has(msg, sizeof(*link)))
		return MNL_CB_ERROR;
	if (msg->nlmsg_type != RTM_NEWLINK || !(link->ifi_flags & IFF_UP))
		return MNL_CB_OK;
	if (mnl_attr_parse(msg, sizeof(*link), on_attribute, &one) < 0)
		return MNL_CB_ERROR;
	if (*one.kind && *one.device)
		ADD_ELEMENT(all->item, all->n, one);
	return MNL_CB_OK;
}

int tunnels_list(struct tunnels *ret, struct failure *f)
{
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	int err = nl ? -EINTR : -errno;

	*ret = (struct tunnels){ 0 };
	for (int i = 0; i < TRIES && err == -EINTR; i++) {
		struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETLINK);

		mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
		tunnels_free(ret);
		err = netlink_dump(nl, request, on_link, ret);
	}
	if (nl)
		mnl_socket_close(nl);
	if (err)
		tunnels_free(ret);
	return err ? fail(f, err, "cannot ask the kernel for its devices (rtnetlink): %s", strerror(-err)) : 0;
}

void tunnels_free(struct tunnels *t)
{
	free(t->item);
	*t = (struct tunnels){ 0 };
}
