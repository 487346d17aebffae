// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/ip_rules.h"
#include "host/netlink.h"

#define LAST_TABLE 252 /* those after that have names of the kernel's */

static struct rule_range read_users(const struct nlattr *attr)
{
	struct fib_rule_uid_range r;

	if (mnl_attr_get_payload_len(attr) < sizeof(r))
		return (struct rule_range){ 0 };
	memcpy(&r, mnl_attr_get_payload(attr), sizeof(r));
	return (struct rule_range){ r.start, r.end, true };
}

static struct rule_range read_ports(const struct nlattr *attr)
{
	struct fib_rule_port_range r;

	if (mnl_attr_get_payload_len(attr) < sizeof(r))
		return (struct rule_range){ 0 };
	memcpy(&r, mnl_attr_get_payload(attr), sizeof(r));
	return (struct rule_range){ r.start, r.end, true };
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct rule *r = data;

	switch (mnl_attr_get_type(attr)) {
	case FRA_PRIORITY:
		r->priority = netlink_number(attr, 0);
		break;
	case FRA_TABLE:
		r->table = netlink_number(attr, 0);
		break;
	case FRA_FWMARK:
		r->mark = netlink_number(attr, 0);
		break;
	case FRA_IP_PROTO:
		if (mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
			r->protocol = mnl_attr_get_u8(attr);
		break;
	case FRA_UID_RANGE:
		r->users = read_users(attr);
		break;
	case FRA_DPORT_RANGE:
		r->ports = read_ports(attr);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int on_rule(const struct nlmsghdr *msg, void *data)
{
	const struct fib_rule_hdr *h = mnl_nlmsg_get_payload(msg);
	struct rules *all = data;
	struct rule r = { 0 };

	if (msg->nlmsg_type != RTM_NEWRULE)
		return MNL_CB_OK;
	if (!netlink_has(msg, sizeof(*h)))
		return MNL_CB_ERROR;
	if (h->action != FR_ACT_TO_TBL && h->action != FR_ACT_BLACKHOLE && h->action != FR_ACT_UNREACHABLE &&
	    h->action != FR_ACT_PROHIBIT)
		return MNL_CB_OK;
	r.table = h->table; /* 0 if it refuses */
	r.inverted = h->flags & FIB_RULE_INVERT;
	mnl_attr_parse(msg, sizeof(*h), on_attribute, &r);
	ADD_ELEMENT(all->item, all->n, r);
	return MNL_CB_OK;
}

static void empty(void *data)
{
	rules_free(data);
}

int rules_list(bool ipv4, struct rules *ret, struct failure *f)
{
	char buffer[64]; /* enough for its two headers */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETRULE);
	struct fib_rule_hdr *h = mnl_nlmsg_put_extra_header(request, sizeof(*h));
	int err;

	*ret = (struct rules){ 0 };
	h->family = ipv4 ? AF_INET : AF_INET6;
	err = netlink_list(request, on_rule, empty, ret);
	return err ? fail(f, err, "cannot ask the kernel for its rules of routing (rtnetlink): %s", strerror(-err)) : 0;
}

void rules_free(struct rules *r)
{
	free(r->item);
	*r = (struct rules){ 0 };
}

static bool covers(const struct rule_range *r, uint32_t value)
{
	return !r->given || (value >= r->from && value <= r->to);
}

static bool is_for(const struct rule *r, const struct route_sender *as)
{
	bool fits = covers(&r->users, as->uid) && covers(&r->ports, as->port) &&
		    (!r->protocol || r->protocol == IPPROTO_TCP);

	return (r->users.given || r->ports.given || r->protocol) && fits != r->inverted && !r->mark;
}

const struct rule *rules_find(const struct rules *r, const struct route_sender *as, uint32_t table)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->item[i].table == table && is_for(&r->item[i], as))
			return &r->item[i];
	return NULL;
}

static void add_range(char *text, const char *name, const struct rule_range *r)
{
	size_t n = strlen(text);

	if (r->given && r->from == r->to)
		snprintf(text + n, RULE_STRLEN - n, " %s %u", name, r->from);
	else if (r->given)
		snprintf(text + n, RULE_STRLEN - n, " %s %u-%u", name, r->from, r->to);
}

const char *rule_print(const struct rule *r, char ret[RULE_STRLEN])
{
	snprintf(ret, RULE_STRLEN, "ip rule %u:%s%s", r->priority, r->inverted ? " not" : "",
		 r->protocol == IPPROTO_TCP ? " ipproto tcp" : "");
	add_range(ret, "dport", &r->ports);
	add_range(ret, "uidrange", &r->users);
	return ret;
}

/* Which table is looked for, and was there a route in it? */
struct occupied {
	uint32_t table;
	bool found;
};

static int on_table_attribute(const struct nlattr *attr, void *data)
{
	uint32_t *table = data;

	if (mnl_attr_get_type(attr) == RTA_TABLE)
		*table = netlink_number(attr, 0);
	return MNL_CB_OK;
}

static int on_route(const struct nlmsghdr *msg, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(msg);
	struct occupied *o = data;
	uint32_t table;

	if (msg->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	if (!netlink_has(msg, sizeof(*m)))
		return MNL_CB_ERROR;
	table = m->rtm_table;
	mnl_attr_parse(msg, sizeof(*m), on_table_attribute, &table);
	o->found |= table == o->table;
	return MNL_CB_OK;
}

/* A table that does not exist is an error of the kernel's, ENOENT. */
static bool has_routes(struct mnl_socket *nl, bool ipv4, uint32_t table)
{
	char buffer[64]; /* enough for its two headers and a number */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETROUTE);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	struct occupied o = { table, false };
	int err;

	route->rtm_family = ipv4 ? AF_INET : AF_INET6;
	route->rtm_table = (unsigned char)table;
	mnl_attr_put_u32(request, RTA_TABLE, table);
	err = netlink_dump(nl, request, on_route, &o);
	return o.found || (err && err != -ENOENT);
}

static bool is_named(const struct rules *r, uint32_t table)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->item[i].table == table)
			return true;
	return false;
}

uint32_t rules_unused_table(bool ipv4, uint32_t first)
{
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	_cleanup_(rules_free) struct rules all = { 0 };
	struct failure ignored = { "" };
	uint32_t table = first;
	int one = 1;

	if (!nl)
		return 0;
	/* without this the kernel would list the routes of all tables */
	mnl_socket_setsockopt(nl, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (rules_list(ipv4, &all, &ignored))
		table = LAST_TABLE + 1;
	while (table <= LAST_TABLE && (is_named(&all, table) || has_routes(nl, ipv4, table)))
		table++;
	mnl_socket_close(nl);
	return table <= LAST_TABLE ? table : 0;
}
