// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The loader's eyes: what is in force, as the kernel tells it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "cleanup.h"
#include "loader.h"
#include "objects.h"
#include "service.h"

struct listing {
	const struct objects *objects;
	const char *name;
	struct loaded_list *list;
	struct failure *f;
};

static int out_of_memory(struct failure *f)
{
	return fail(f, -ENOMEM, "cannot read what is loaded: out of memory");
}

static int read_policy(const struct objects *o, struct loaded *l, struct failure *f)
{
	_cleanup_close_ int fd = service_policy(o, l->cgroup_id);
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	struct policy_entry *e;
	struct srcpin_prefix *before = NULL;

	if (fd < 0)
		return 0; /* has_policy says so */
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return fail(f, -errno, "cannot read the policy of cgroup %s: %s", l->cgroup, strerror(errno));
	l->policy.entry = calloc(info.max_entries, sizeof(*e));
	if (!l->policy.entry)
		return out_of_memory(f);
	while (l->policy.n_entries < info.max_entries) {
		e = &l->policy.entry[l->policy.n_entries];
		if (bpf_map_get_next_key(fd, before, &e->prefix))
			break;
		if (bpf_map_lookup_elem(fd, &e->prefix, &e->rule))
			return fail(f, -errno, "cannot read the policy of cgroup %s: %s", l->cgroup, strerror(errno));
		before = &e->prefix;
		l->policy.n_entries++;
	}
	policy_sort(&l->policy);
	l->has_policy = true;
	return 0;
}

/* Sums the CPUs up. A cgroup that is gone has no counters any more. */
static int read_counters(const struct objects *o, struct loaded *l, struct failure *f)
{
	int n = libbpf_num_possible_cpus();
	_cleanup_free_ struct srcpin_counters *cpu = NULL;
	__u64 *sum = (__u64 *)&l->counters;

	if (n < 0)
		return fail(f, n, "cannot count the CPUs: %s", strerror(-n));
	cpu = calloc((size_t)n, sizeof(*cpu));
	if (!cpu)
		return out_of_memory(f);
	if (bpf_map_lookup_elem(o->map[MAP_COUNTS], &l->cgroup_id, cpu))
		return 0;
	for (int i = 0; i < n; i++)
		for (int r = 0; r < SRCPIN_N_REASONS; r++)
			sum[r] += ((const __u64 *)&cpu[i])[r];
	return 0;
}

static void read_hook(const struct loaded *l, enum hook h, struct loaded_hook *ret)
{
	static const char *const name[N_HOOKS] = { "srcpin_bind6", "srcpin_sendmsg6", "srcpin_connect6" };
	struct bpf_link_info info = { 0 };
	_cleanup_close_ int fd = service_link(l->cgroup_id, h, &info);

	ret->name = name[h];
	if (fd < 0)
		return;
	ret->program = info.prog_id;
	ret->link = info.id;
	ret->attached = info.cgroup.cgroup_id == l->cgroup_id && info.cgroup.attach_type == hook_type[h];
}

/* The link of a removed cgroup reads 0; one that was not attached at all does not tell. */
static bool cgroup_gone(const struct loaded *l)
{
	_cleanup_(cgroup_close) struct cgroup now = CGROUP_NONE;
	struct failure ignored = { "" };

	return cgroup_open(l->cgroup, &now, &ignored) != 0 || now.id != l->cgroup_id;
}

static int add(uint64_t id, void *data)
{
	const struct listing *listing = data;
	struct loaded_list *list = listing->list;
	struct loaded *l, *grown;
	char path[PATH_MAX], config[PATH_MAX];
	int err;

	service_cgroup_path(id, path);
	service_config_path(id, config);
	if (listing->name && !cgroup_is(path, listing->name))
		return 0;
	grown = reallocarray(list->item, list->n + 1, sizeof(*grown));
	if (!grown)
		return out_of_memory(listing->f);
	list->item = grown;
	l = &list->item[list->n++];
	*l = (struct loaded){ .cgroup_id = id, .cgroup = strdup(path), .config = strdup(config) };
	if (!l->cgroup || !l->config)
		return out_of_memory(listing->f);
	l->gone = cgroup_gone(l);
	err = read_policy(listing->objects, l, listing->f);
	if (!err)
		err = read_counters(listing->objects, l, listing->f);
	for (enum hook i = 0; !err && i < N_HOOKS; i++)
		read_hook(l, i, &l->hook[i]);
	return err;
}

static int by_path(const void *a, const void *b)
{
	const struct loaded *x = a, *y = b;
	int order = strcmp(x->cgroup, y->cgroup);

	return order ? order : (x->cgroup_id > y->cgroup_id) - (x->cgroup_id < y->cgroup_id);
}

int loader_list(const char *name, struct loaded_list *ret, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	struct listing listing = { &o, name, ret, f };
	int err;

	*ret = (struct loaded_list){ 0 };
	objects_init(&o);
	err = bpffs_lock(false, &lock, f);
	if (err)
		return err == -ENOENT ? 0 : err;
	objects_open_held(&o);
	err = service_each(add, &listing);
	if (err) {
		loaded_list_free(ret);
		return err;
	}
	if (ret->n)
		qsort(ret->item, ret->n, sizeof(*ret->item), by_path);
	return 0;
}

void loaded_list_free(struct loaded_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->item[i].cgroup);
		free(l->item[i].config);
		policy_free(&l->item[i].policy);
	}
	free(l->item);
	*l = (struct loaded_list){ 0 };
}
