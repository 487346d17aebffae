// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "host/address.h"
#include "host/cgroup_procs.h"
#include "host/network.h"
#include "host/older.h"
#include "policy/sources.h"
#include "srcpin/decide.h"

const struct srcpin_rule *older_rule(const struct policy *p, const struct open_socket *s)
{
	const struct srcpin_rule *rule = policy_match(p, s->remote);

	if (!rule || rule->verdict == SRCPIN_EXEMPT || !srcpin_port_pinned(rule, s->remote_port))
		return NULL;
	if (rule->verdict == SRCPIN_PIN && policy_rule_has(p, rule, s->local))
		return NULL;
	return rule; /* also if the destination is refused from any address */
}

/* :: listens for IPv4 too; 0.0.0.0 is ::ffff:0.0.0.0 here */
static bool listens_on(const struct open_socket *listener, const uint8_t addr[16])
{
	static const uint8_t any[16], any4[16] = { [10] = 0xff, 0xff };

	if (memcmp(listener->local, any, 16) == 0 || memcmp(listener->local, addr, 16) == 0)
		return true;
	return memcmp(listener->local, any4, 16) == 0 && memcmp(addr, any4, 12) == 0;
}

bool older_was_accepted(const struct open_sockets *all, const struct open_socket *s)
{
	for (size_t i = 0; s->protocol == IPPROTO_TCP && i < all->n; i++)
		if (all->item[i].listening && all->item[i].local_port == s->local_port &&
		    listens_on(&all->item[i], s->local))
			return true;
	return false;
}

/*
 * Could it be a newer one? With bound = leave a program may bind its sockets to
 * any address, and with missing = pass they leave from any while the source is
 * missing. The kernel does not tell how old a socket is.
 */
static bool may_be_newer(const struct policy *p, const struct srcpin_rule *rule)
{
	const struct srcpin_list l = policy_sources(p, rule);
	struct address_state state;
	struct failure ignored = { "" };
	bool missing = rule->missing == SRCPIN_MISSING_PASS;

	if (rule->verdict != SRCPIN_PIN || rule->bound == SRCPIN_BOUND_LEAVE)
		return rule->verdict == SRCPIN_PIN;
	for (__u32 i = 0; missing && i < l.n; i++) {
		const struct prefix source = source_prefix(&l.source[i]);

		missing = !source_state(&source, &state, &ignored) && !state.usable;
	}
	return missing;
}

/* Is the socket the service's? If its cgroup is gone, it may be anybody's. */
static bool is_ours(const struct cgroup_ids *of, const struct open_socket *s)
{
	return !s->inode || cgroup_has_socket(of, s->inode);
}

/* Called with each connection from another address. NEWER: it may be one that the policy lets be. */
typedef void found(const struct open_socket *s, bool newer, void *data);

/* Those of the caller's network namespace */
static int each_here(const struct older_query *q, found *fn, void *data, struct failure *f)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	_cleanup_(sockets_free) struct open_sockets all = { 0 };
	int err;

	err = cgroup_ids_below(q->cgroup_id, q->pinned, &of, f);
	if (!err)
		err = sockets_list(&of, &all, f);
	for (size_t i = 0; !err && i < all.n; i++)
		if (all.item[i].listening && !is_ours(&of, &all.item[i]))
			all.item[i--] = all.item[--all.n];
	for (size_t i = 0; !err && i < all.n; i++) {
		const struct open_socket *s = &all.item[i];
		const struct srcpin_rule *rule = s->listening ? NULL : older_rule(q->policy, s);

		if (rule && !older_was_accepted(&all, s) && is_ours(&of, s))
			fn(s, may_be_newer(q->policy, rule), data);
	}
	return err;
}

/* Those of the service's processes, in whatever network namespace */
static int each(const struct older_query *q, found *fn, void *data, struct failure *f)
{
	_cleanup_(networks_free) struct networks n = { 0 };
	int err = 0, back;

	networks_find(q->cgroup_id, &n);
	for (size_t i = 0; !err && i < n.n; i++) {
		err = network_enter(&n.item[i], &back, f);
		if (err)
			break;
		err = each_here(q, fn, data, f);
		network_leave(back);
	}
	return err;
}

static void count(const struct open_socket *s, bool newer, void *data)
{
	struct older_counts *counts = data;

	if (newer)
		counts->unknown++;
	else if (s->protocol == IPPROTO_TCP)
		counts->tcp++;
	else
		counts->udp++;
}

int older_count(const struct older_query *q, struct older_counts *ret, struct failure *f)
{
	*ret = (struct older_counts){ 0 };
	return each(q, count, ret, f);
}

struct closing {
	struct older_counts *ended;
	unsigned int n_left;
	int err; /* why some are left */
};

static void end(const struct open_socket *s, bool newer, void *data)
{
	struct closing *c = data;
	int err;

	if (newer)
		return;
	err = socket_end(s);
	if (!err) {
		count(s, false, c->ended);
	} else {
		c->n_left++;
		c->err = err;
	}
}

int older_close(const struct older_query *q, struct older_counts *ret, struct failure *f)
{
	struct closing c = { .ended = ret };
	char why[PRIVILEGE_STRLEN];
	int err = 0;

	*ret = (struct older_counts){ 0 };
	/* a connection may end by itself before we end it: then it is not there when we look again */
	for (int tries = 0; tries < 5 && (!tries || c.n_left); tries++) {
		c.n_left = 0;
		err = each(q, end, &c, f);
		if (err)
			return err;
	}
	if (!c.n_left)
		return 0;
	if (c.err == -EOPNOTSUPP)
		return fail(f, c.err,
			    "cannot end %u older connection%s: this kernel has no CONFIG_INET_DIAG_DESTROY "
			    "(restart the service instead)",
			    c.n_left, c.n_left == 1 ? "" : "s");
	return fail(f, c.err, "cannot end %u older connection%s: %s%s", c.n_left, c.n_left == 1 ? "" : "s",
		    strerror(-c.err), c.err == -EPERM ? privilege_missing(CAPABILITY(CAP_NET_ADMIN), why) : "");
}
