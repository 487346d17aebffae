// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/rules.h"

/*
 * The kernel walks the trie in post-order (trie_get_next_key): the entries of
 * a subtree come together, its leftmost leaf first. In a policy that leaf is
 * always ::/128, a built-in exemption. It goes in first and comes out last.
 */
static const struct prefix leftmost = { .prefixlen = 128 };

static struct srcpin_key make_key(const struct srcpin_service *s, const struct prefix *p)
{
	struct srcpin_key key = {
		.prefixlen = SRCPIN_KEY_OWNER + p->prefixlen,
		.generation = s->generation,
		.cgroup_id = s->cgroup_id,
	};

	memcpy(key.addr, p->addr, sizeof(key.addr));
	return key;
}

static struct srcpin_list_key list_key(const struct srcpin_service *s, size_t number)
{
	return (struct srcpin_list_key){ .cgroup_id = s->cgroup_id,
					 .generation = s->generation,
					 .number = (__u32)number };
}

static int add_lists(const struct objects *o, const struct srcpin_service *s, const struct policy *p, struct failure *f)
{
	for (size_t i = 0; i < p->n_lists; i++) {
		const struct srcpin_list_key key = list_key(s, i + 1);

		if (bpf_map_update_elem(o->map[MAP_LISTS], &key, &p->list[i], BPF_ANY))
			return fail(f, -errno, "cannot put a list of sources into the kernel: %s%s", strerror(errno),
				    errno == E2BIG ? " (as many lists as fit are loaded)" : "");
	}
	return 0;
}

/* The last one first: so after a kill, those that are left are found from the first on. */
static void remove_lists(const struct objects *o, const struct srcpin_service *s)
{
	struct srcpin_list_key key;
	struct srcpin_list list;
	size_t n = 0;

	do
		key = list_key(s, ++n);
	while (!bpf_map_lookup_elem(o->map[MAP_LISTS], &key, &list));
	while (--n) {
		key = list_key(s, n);
		bpf_map_delete_elem(o->map[MAP_LISTS], &key);
	}
}

static int read_lists(const struct objects *o, const struct srcpin_service *s, struct policy *p, struct failure *f)
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (p->entry[i].rule.list > p->n_lists)
			p->n_lists = p->entry[i].rule.list;
	p->list = p->n_lists ? calloc(p->n_lists, sizeof(*p->list)) : NULL;
	if (p->n_lists && !p->list)
		return fail(f, -ENOMEM, "cannot read a policy: out of memory");
	for (size_t i = 0; i < p->n_lists; i++) {
		const struct srcpin_list_key key = list_key(s, i + 1);

		if (bpf_map_lookup_elem(o->map[MAP_LISTS], &key, &p->list[i]))
			return fail(f, -errno, "cannot read a list of sources: %s", strerror(errno));
	}
	return 0;
}

/* 1: NEXT is a rule of the same policy; 0: there is no further one; or a negative errno */
static int next_key(int map, const struct srcpin_service *s, const struct srcpin_key *key, struct srcpin_key *next)
{
	if (bpf_map_get_next_key(map, key, next))
		return errno == ENOENT ? 0 : -errno;
	return next->cgroup_id == s->cgroup_id && next->generation == s->generation;
}

static int add(int map, const struct srcpin_service *s, const struct policy_entry *e, __u64 flags, struct failure *f)
{
	struct srcpin_key key = make_key(s, &e->prefix);

	if (!bpf_map_update_elem(map, &key, &e->rule, flags))
		return 0;
	return fail(f, -errno, "cannot put a rule into the kernel: %s%s", strerror(errno),
		    errno == ENOSPC ? " (as many rules as fit are loaded)" : "");
}

int rules_add(const struct objects *o, const struct srcpin_service *s, const struct policy *p, struct failure *f)
{
	int map = o->map[MAP_RULES], err = 0;

	for (size_t i = 0; !err && i < p->n_entries; i++)
		if (memcmp(&p->entry[i].prefix, &leftmost, sizeof(leftmost)) == 0)
			err = add(map, s, &p->entry[i], BPF_NOEXIST, f);
	if (!err)
		err = add_lists(o, s, p, f);
	for (size_t i = 0; !err && i < p->n_entries; i++)
		err = add(map, s, &p->entry[i], BPF_ANY, f);
	if (err)
		rules_remove(o, s);
	return err;
}

/* ::/128 matches itself, and is there as long as any rule is. */
bool rules_exist(const struct objects *o, const struct srcpin_service *s)
{
	const struct srcpin_key first = make_key(s, &leftmost);
	struct srcpin_rule rule;

	return !bpf_map_lookup_elem(o->map[MAP_RULES], &first, &rule);
}

bool rules_have_lists(const struct objects *o, const struct srcpin_service *s)
{
	const struct srcpin_list_key first = list_key(s, 1);
	struct srcpin_list list;

	return !bpf_map_lookup_elem(o->map[MAP_LISTS], &first, &list);
}

static int by_length(const void *a, const void *b)
{
	const struct srcpin_key *x = a, *y = b;

	return (x->prefixlen > y->prefixlen) - (x->prefixlen < y->prefixlen);
}

void rules_remove(const struct objects *o, const struct srcpin_service *s)
{
	const struct srcpin_key first = make_key(s, &leftmost);
	_cleanup_free_ struct srcpin_key *key = NULL;
	int map = o->map[MAP_RULES];
	size_t n = 0;

	if (!rules_exist(o, s))
		return; /* without it the walk would begin anywhere */
	key = calloc(SRCPIN_MAX_RULES, sizeof(*key));
	if (!key)
		return; /* the next load tries again */
	while (n < SRCPIN_MAX_RULES && next_key(map, s, n ? &key[n - 1] : &first, &key[n]) > 0)
		n++;
	qsort(key, n, sizeof(*key), by_length);
	for (size_t i = 0; i < n; i++)
		if (bpf_map_delete_elem(map, &key[i]))
			return;
	remove_lists(o, s);
	bpf_map_delete_elem(map, &first);
}

void rules_retire(const struct objects *o, const struct srcpin_service *s)
{
	if (rules_have_lists(o, s))
		rules_wait_for_programs();
	rules_remove(o, s);
}

int rules_read(const struct objects *o, const struct srcpin_service *s, struct policy *ret, struct failure *f)
{
	struct srcpin_key key = make_key(s, &leftmost);
	int map = o->map[MAP_RULES], more;

	*ret = (struct policy){ 0 };
	if (!s->cgroup_id || !rules_exist(o, s))
		return 0;
	ret->entry = calloc(SRCPIN_MAX_RULES, sizeof(*ret->entry));
	if (!ret->entry)
		return fail(f, -ENOMEM, "cannot read a policy: out of memory");
	do {
		struct policy_entry *e = &ret->entry[ret->n_entries];

		if (bpf_map_lookup_elem(map, &key, &e->rule))
			return fail(f, -errno, "cannot read a rule: %s", strerror(errno));
		e->prefix.prefixlen = key.prefixlen - SRCPIN_KEY_OWNER;
		memcpy(e->prefix.addr, key.addr, sizeof(e->prefix.addr));
		ret->n_entries++;
		more = next_key(map, s, &key, &key);
	} while (more > 0 && ret->n_entries < SRCPIN_MAX_RULES);
	if (more < 0)
		return fail(f, more, "cannot read the rules: %s", strerror(-more));
	policy_sort(ret);
	return read_lists(o, s, ret, f);
}

void rules_wait_for_programs(void)
{
	/*
	 * synchronize_rcu(). It does nothing if there is one CPU, and is
	 * refused if there are nohz_full ones. Then wait long: a program runs
	 * for microseconds once it may run. If it still takes longer, a call
	 * is refused (denied_no_policy), not let go.
	 */
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
}
