// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "host/cgroup.h"
#include "host/netlink.h"
#include "host/sockets.h"

#define SEQ 1 /* each request has a netlink socket of its own */

#define TCP_STATES                                                                                                     \
	(1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_SYN_RECV | 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | \
	 1U << TCP_CLOSE_WAIT | 1U << TCP_LAST_ACK | 1U << TCP_LISTEN | 1U << TCP_CLOSING)
#define UDP_STATES (1U << TCP_ESTABLISHED) /* connected; others are in TCP_CLOSE */

static void copy_address(uint8_t to[16], uint8_t family, const __be32 from[4])
{
	static const uint8_t mapped[12] = { [10] = 0xff, 0xff };

	if (family == AF_INET6) {
		memcpy(to, from, 16);
		return;
	}
	memcpy(to, mapped, sizeof(mapped));
	memcpy(to + sizeof(mapped), from, 4);
}

static void add(struct sockets_query *q, const struct inet_diag_msg *m, uint32_t inode)
{
	struct open_sockets *list = q->list;
	struct open_socket *s;

	if (!(list->n & (list->n - 1))) /* full: it grows by doubling */
		list->item = xreallocarray(list->item, list->n ? 2 * list->n : 1, sizeof(*list->item));
	s = &list->item[list->n++];
	*s = (struct open_socket){
		.protocol = q->protocol,
		.listening = m->idiag_state == TCP_LISTEN,
		.local_port = ntohs(m->id.idiag_sport),
		.remote_port = ntohs(m->id.idiag_dport),
		.family = m->idiag_family,
		.inode = inode,
		.id = m->id,
	};
	copy_address(s->local, m->idiag_family, m->id.idiag_src);
	copy_address(s->remote, m->idiag_family, m->id.idiag_dst);
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	uint64_t *id = data;

	if (mnl_attr_get_type(attr) == INET_DIAG_CGROUP_ID && mnl_attr_validate(attr, MNL_TYPE_U64) >= 0)
		*id = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

static bool is_gone(struct sockets_query *q, uint64_t id)
{
	struct failure ignored = { "" };

	if (id != q->last)
		q->last_is_gone = !cgroup_exists(id, &ignored);
	q->last = id;
	return q->last_is_gone;
}

static int on_socket(const struct nlmsghdr *msg, void *data)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(msg);
	struct sockets_query *q = data;
	uint64_t id = 0; /* no cgroup's; stays if only the memory of a connection is left (inet_twsk_diag_fill) */

	if (!netlink_has(msg, sizeof(*m)))
		return MNL_CB_ERROR;
	mnl_attr_parse(msg, sizeof(*m), on_attribute, &id);
	if (cgroup_ids_have(q->of, id))
		add(q, m, 0);
	else if (id && m->idiag_inode && is_gone(q, id))
		add(q, m, m->idiag_inode);
	return MNL_CB_OK;
}

int sockets_read(const void *messages, size_t length, uint32_t portid, struct sockets_query *q)
{
	return netlink_read(messages, length, SEQ, portid, on_socket, q);
}

static int ask(uint16_t type, uint16_t flags, const struct inet_diag_req_v2 *what, struct sockets_query *q)
{
	char buffer[256];
	struct nlmsghdr *request = netlink_request(buffer, type, flags, SEQ);
	struct mnl_socket *nl = netlink_open(NETLINK_SOCK_DIAG);
	int err;

	if (!nl)
		return -errno;
	memcpy(mnl_nlmsg_put_extra_header(request, sizeof(*what)), what, sizeof(*what));
	err = netlink_dump(nl, request, on_socket, q);
	mnl_socket_close(nl);
	return err;
}

int sockets_list(const struct cgroup_ids *of, struct open_sockets *ret, struct failure *f)
{
	static const struct {
		struct inet_diag_req_v2 what;
		const char *protocol, *module, *option;
	} dump[] = {
		{ { AF_INET, IPPROTO_TCP, .idiag_states = TCP_STATES }, "TCP", "tcp_diag", "CONFIG_INET_DIAG" },
		{ { AF_INET6, IPPROTO_TCP, .idiag_states = TCP_STATES }, "TCP", "tcp_diag", "CONFIG_INET_DIAG" },
		{ { AF_INET, IPPROTO_UDP, .idiag_states = UDP_STATES }, "UDP", "udp_diag", "CONFIG_INET_UDP_DIAG" },
		{ { AF_INET6, IPPROTO_UDP, .idiag_states = UDP_STATES }, "UDP", "udp_diag", "CONFIG_INET_UDP_DIAG" },
	};

	*ret = (struct open_sockets){ 0 };
	for (size_t i = 0; i < sizeof(dump) / sizeof(*dump); i++) {
		struct sockets_query q = { .of = of, .list = ret, .protocol = dump[i].what.sdiag_protocol };
		size_t n_before = ret->n;
		int err = -EINTR;

		/* NLM_F_DUMP_INTR: the sockets changed meanwhile, so some may be missing */
		for (int tries = 0; err == -EINTR && tries < 20; tries++) {
			ret->n = n_before;
			err = ask(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &dump[i].what, &q);
		}
		if (!err)
			continue;
		sockets_free(ret);
		if (err == -ENOENT || err == -EPROTONOSUPPORT)
			return fail(
				f, err,
				"cannot list the %s sockets: the kernel has no %s (modprobe %s, or a kernel with %s)",
				dump[i].protocol, dump[i].module, dump[i].module, dump[i].option);
		return fail(f, err, "cannot list the %s sockets (sock_diag): %s", dump[i].protocol, strerror(-err));
	}
	return 0;
}

void sockets_free(struct open_sockets *l)
{
	free(l->item);
	*l = (struct open_sockets){ 0 };
}

int socket_end(const struct open_socket *s)
{
	const struct inet_diag_req_v2 which = { .sdiag_family = s->family, .sdiag_protocol = s->protocol, .id = s->id };

	return ask(SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK, &which, NULL);
}
