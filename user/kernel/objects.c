// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "srcpin/abi.h"
#include "srcpin/event.h"

#include "base/cleanup.h"
#include "base/privilege.h"
#include "kernel/bpffs.h"
#include "kernel/build.h"
#include "kernel/features.h"
#include "kernel/objects.h"
#include "kernel/offsets.h"
#include "kernel/programs.h"

#include "hold.skel.h"

#define PROGRAMS BPFFS_HOME "/programs"
#define PROGRAMS_NEW BPFFS_HOME "/programs_new" /* new ones; only here during a load, or after one that was killed */
#define PROGRAMS_OLD BPFFS_HOME "/programs_old" /* the replaced ones; here as long as those */
#define MAPS MAPS_FOLDER
#define BUILD "build"
#define HOLD "hold"

static const char *const map_path[N_MAPS] = {
	[MAP_SERVICE] = MAPS "/service", [MAP_COUNTS] = MAPS "/counts", [MAP_RULES] = MAPS "/rules",
	[MAP_LISTS] = MAPS "/lists",     [MAP_NESTED] = MAPS "/nested", [MAP_SOCKETS] = MAPS "/sockets",
	[MAP_EVENTS] = MAPS "/events",   [MAP_WATCH] = MAPS "/watch",
};

static void close_fd(int *fd)
{
	cleanup_close(fd);
	*fd = -1;
}

void objects_close(struct objects *o)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		close_fd(&o->prog[i]);
	for (enum held_map i = 0; i < N_MAPS; i++)
		close_fd(&o->map[i]);
	close_fd(&o->hold);
}

void objects_init(struct objects *o)
{
	*o = (struct objects){ .hold = -1 };
	for (enum hook i = 0; i < N_HOOKS; i++)
		o->prog[i] = -1;
	for (enum held_map i = 0; i < N_MAPS; i++)
		o->map[i] = -1;
}

/* Opens a map if its layout is what this build expects. */
static int open_map(enum held_map m)
{
	static const struct {
		size_t key, value;
	} size[N_MAPS] = {
		[MAP_SERVICE] = { sizeof(__u64), sizeof(struct srcpin_service) },
		[MAP_COUNTS] = { sizeof(__u64), sizeof(struct srcpin_counters) },
		[MAP_RULES] = { sizeof(struct srcpin_key), sizeof(struct srcpin_rule) },
		[MAP_LISTS] = { sizeof(struct srcpin_list_key), sizeof(struct srcpin_list) },
		[MAP_NESTED] = { sizeof(__u64), sizeof(__u32) },
		[MAP_SOCKETS] = { sizeof(int), sizeof(struct srcpin_socket) },
		[MAP_EVENTS] = { sizeof(__u32), sizeof(__u32) },
		[MAP_WATCH] = { sizeof(__u32), sizeof(struct srcpin_watch) },
	};
	_cleanup_close_ int fd = bpf_obj_get(map_path[m]);
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	if (info.key_size != size[m].key || info.value_size != size[m].value)
		return -EPROTO;
	return steal_fd(&fd);
}

/* The first error counts: if there is one map, all should be there. */
static int open_maps(struct objects *o)
{
	int err = 0;

	for (enum held_map i = 0; i < N_MAPS; i++) {
		o->map[i] = open_map(i);
		if (o->map[i] < 0 && !err)
			err = o->map[i];
	}
	return err;
}

static int open_program(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), PROGRAMS "/%s", name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* Opens all that there are. Returns an error only for those in HOOKS. */
static int open_programs(struct objects *o, uint32_t hooks)
{
	int err = 0;

	for (enum hook i = 0; i < N_HOOKS; i++) {
		o->prog[i] = open_program(hook_table[i].name);
		if (o->prog[i] < 0 && !err && (hooks & HOOK_BIT(i)))
			err = o->prog[i];
	}
	o->hold = open_program(HOLD);
	return o->hold < 0 && !err ? o->hold : err;
}

/* The build of the held programs. -ENOENT: not known. */
static int held_build(struct srcpin_build *ret)
{
	_cleanup_close_ int fd = open_program(BUILD);

	return fd < 0 ? fd : build_read(fd, ret);
}

#define NEEDED (CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_PERFMON))

static int load_failed(int err, struct failure *f)
{
	char why[PRIVILEGE_STRLEN];

	/* the verifier says EACCES for what it does not understand, and also for what needs CAP_PERFMON */
	if ((err == -EPERM || err == -EACCES) && *privilege_missing(NEEDED, why))
		return fail(f, err, "cannot load the BPF programs: %s%s", strerror(-err), why);
	if (err == -EACCES && kernel_is_forbidden() && *privilege_forbidden(-err, NEEDED, why))
		return fail(f, err, "cannot load the BPF programs: %s%s", strerror(-err), why);
	if (err == -EPERM)
		return fail(f, err,
			    "cannot load the BPF programs: %s (no capability is missing: a seccomp filter, an LSM, "
			    "lockdown(7) or, before Linux 5.11, RLIMIT_MEMLOCK forbids it; -v shows more)",
			    strerror(-err));
	if (err == -ENOSYS)
		return fail(f, err, "cannot load the BPF programs: this kernel has no bpf(2) (CONFIG_BPF_SYSCALL)");
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return fail(f, err, "cannot load the BPF programs: %s", strerror(-err));
	return fail(f, err,
		    "cannot load the BPF programs: %s (needs Linux 5.10 or later with CONFIG_CGROUP_BPF and "
		    "CONFIG_IPV6; -v shows more)",
		    strerror(-err));
}

static struct bpf_map *skel_map(const struct hold_bpf *skel, enum held_map m)
{
	struct bpf_map *const map[N_MAPS] = {
		[MAP_SERVICE] = skel->maps.srcpin_service, [MAP_COUNTS] = skel->maps.srcpin_counts,
		[MAP_RULES] = skel->maps.srcpin_rules,     [MAP_NESTED] = skel->maps.srcpin_nested,
		[MAP_LISTS] = skel->maps.srcpin_lists,     [MAP_SOCKETS] = skel->maps.srcpin_sockets,
		[MAP_EVENTS] = skel->maps.srcpin_events,   [MAP_WATCH] = skel->maps.data_watch,
	};

	return map[m];
}

/* Makes room for a buffer of each place on each CPU that there may ever be. */
static int size_events(const struct hold_bpf *skel, struct failure *f)
{
	int n = libbpf_num_possible_cpus();

	if (n < 0)
		return fail(f, n, "cannot count the CPUs: %s", strerror(-n));
	return bpf_map__set_max_entries(skel->maps.srcpin_events, (__u32)n * SRCPIN_N_WATCHERS);
}

/* Makes the maps, with the program `hold`. They are the held ones if KEEP is not NULL. */
static int make_maps(struct hold_bpf *skel, const struct srcpin_layout *layout, bool lists, const struct objects *keep,
		     struct failure *f)
{
	struct srcpin_build build;
	int err, has;

	programs_build(&build);
	has = kernel_has_set_retval();
	if (has == -EPERM || has == -ENOSYS)
		return load_failed(has, f);
	build.has_set_retval = has == 1;
	build.has_process = kernel_has_process();
	build.has_lists = lists;
	skel->rodata_build->srcpin_build = build;
	skel->rodata_layout->srcpin_layout = *layout;
	for (enum held_map i = 0; keep && i < N_MAPS; i++) {
		err = bpf_map__reuse_fd(skel_map(skel, i), keep->map[i]);
		if (err)
			return fail(f, err, "cannot use the map %s again: %s", map_path[i], strerror(-err));
	}
	err = keep ? 0 : size_events(skel, f);
	if (err)
		return err;
	err = hold_bpf__load(skel);
	return err ? load_failed(err, f) : 0;
}

int objects_pin(int fd, const char *path, struct failure *f)
{
	char why[PRIVILEGE_STRLEN];
	int err = bpf_obj_pin(fd, path) ? errno : 0;

	if (err)
		return fail(f, -err, "cannot write %s: %s%s", path, strerror(err),
			    privilege_forbidden(err, NEEDED, why));
	return 0;
}

static int pin(int fd, const char *folder, const char *name, struct failure *f)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return objects_pin(fd, path, f);
}

static int hold_maps(const struct hold_bpf *skel, struct failure *f)
{
	int err = bpffs_remove(MAPS, f); /* what a killed load left of them */

	if (!err)
		err = bpffs_mkdir(MAPS, f);
	for (enum held_map i = 0; !err && i < N_MAPS; i++)
		err = objects_pin(bpf_map__fd(skel_map(skel, i)), map_path[i], f);
	return err;
}

/*
 * Holds the programs beside the old ones, if any, then in their place. bpffs
 * renames folders, but not over existing ones.
 */
static int hold_programs(const struct hold_bpf *skel, const struct programs *p, bool *replaced, struct failure *f)
{
	struct failure ignored = { "" };
	int err = bpffs_mkdir(PROGRAMS_NEW, f);

	for (enum hook i = 0; !err && i < N_HOOKS; i++)
		if (p->fd[i] >= 0)
			err = pin(p->fd[i], PROGRAMS_NEW, hook_table[i].name, f);
	if (!err)
		err = pin(bpf_program__fd(skel->progs.srcpin_hold), PROGRAMS_NEW, HOLD, f);
	if (!err)
		err = pin(bpf_map__fd(skel->maps.rodata_build), PROGRAMS_NEW, BUILD, f);
	if (!err && !rename(PROGRAMS, PROGRAMS_OLD))
		*replaced = true;
	else if (!err && errno != ENOENT)
		err = fail(f, -errno, "cannot put " PROGRAMS " aside: %s", strerror(errno));
	if (!err && rename(PROGRAMS_NEW, PROGRAMS)) {
		err = fail(f, -errno, "cannot make " PROGRAMS ": %s", strerror(errno));
		if (*replaced)
			rename(PROGRAMS_OLD, PROGRAMS);
		*replaced = false;
	}
	if (err)
		bpffs_remove(PROGRAMS_NEW, &ignored);
	return err;
}

void objects_keep(const struct objects *o)
{
	struct failure ignored = { "" };

	if (o->replaced)
		bpffs_remove(PROGRAMS_OLD, &ignored); /* if that fails, the next load does it */
}

void objects_undo(struct objects *o)
{
	struct failure ignored = { "" };

	if (o->replaced && !bpffs_remove(PROGRAMS, &ignored))
		rename(PROGRAMS_OLD, PROGRAMS);
	o->replaced = false;
}

static void destroy(struct hold_bpf **skel)
{
	hold_bpf__destroy(*skel);
}

static int load_and_hold(const struct needs *needs, const struct objects *keep, struct objects *ret, struct failure *f)
{
	_cleanup_(programs_close) struct programs programs = PROGRAMS_NONE;
	_cleanup_(destroy) struct hold_bpf *skel = NULL;
	struct failure ignored = { "" };
	struct srcpin_layout layout;
	char why[PRIVILEGE_STRLEN];
	int err = layout_read(&layout, f);

	if (err)
		return err;
	skel = hold_bpf__open();
	if (!skel)
		return load_failed(-errno, f);
	err = make_maps(skel, &layout, needs->lists, keep, f);
	if (err)
		return err;
	err = programs_load(skel->obj, &layout, needs->hooks, &programs);
	if (err)
		return load_failed(err, f);
	err = keep ? 0 : hold_maps(skel, f);
	if (!err)
		err = hold_programs(skel, &programs, &ret->replaced, f);
	if (!err) {
		err = open_maps(ret);
		if (!err)
			err = open_programs(ret, needs->hooks);
		if (err)
			fail(f, err, "cannot open what was put into " BPFFS_HOME ": %s%s", strerror(-err),
			     privilege_forbidden(-err, NEEDED, why));
	}
	if (err)
		objects_undo(ret);
	if (err && !keep)
		objects_drop(&ignored);
	return err;
}

/* Opens maps of this ABI; else F says why not. -ENOENT: there are none; F is not set. */
static int open_held_maps(struct objects *o, struct srcpin_build *build, int *known, struct failure *f)
{
	int err = open_maps(o);
	char why[PRIVILEGE_STRLEN];

	*known = held_build(build);
	if (!*known && build->abi != SRCPIN_ABI)
		return fail(f, -EPROTO,
			    "cannot use what is in " BPFFS_HOME ": srcpin %s has loaded it, with another ABI (%u) than "
			    "this srcpin's %d (srcpin unload --all, then load again)",
			    build->version, build->abi, SRCPIN_ABI);
	if (err == -EPROTO || *known == -EPROTO)
		return fail(f, -EPROTO,
			    "cannot use what is in " BPFFS_HOME ": it is of another ABI than this srcpin's %d "
			    "(srcpin unload --all, then load again)",
			    SRCPIN_ABI);
	if (err == -EPERM || err == -ENOSYS || (err == -EACCES && kernel_is_forbidden()))
		return load_failed(err, f);
	if (err && err != -ENOENT)
		return fail(f, err, "cannot open the maps in " MAPS ": %s%s", strerror(-err),
			    privilege_forbidden(-err, NEEDED, why));
	return err;
}

static int maps_missing(struct failure *f)
{
	return fail(f, -ENOENT,
		    "cannot find the maps of what is loaded in " MAPS " (srcpin unload --all, then load again)");
}

int objects_open_held(struct objects *ret, struct failure *f)
{
	struct srcpin_build build = { 0 };
	int known, err;

	objects_init(ret);
	err = open_held_maps(ret, &build, &known, f);
	open_programs(ret, 0);
	return err == -ENOENT ? maps_missing(f) : err;
}

int objects_open(bool in_use, struct needs needs, struct objects *ret, struct failure *f)
{
	_cleanup_(objects_close) struct objects keep;
	struct srcpin_build held = { 0 }, ours;
	int err, known;

	kernel_lift_memory_limit();
	objects_init(ret);
	objects_init(&keep);
	err = bpffs_remove(PROGRAMS_NEW, f);
	if (!err)
		err = bpffs_remove(PROGRAMS_OLD, f);
	if (err)
		return err;
	err = open_held_maps(&keep, &held, &known, f);
	if (err == -ENOENT)
		return in_use ? maps_missing(f) : load_and_hold(&needs, NULL, ret, f);
	if (err)
		return err;
	programs_build(&ours);
	err = open_programs(&keep, needs.hooks);
	if (!err && !known && build_same(&held, &ours) && (held.has_lists || !needs.lists)) {
		*ret = keep;
		objects_init(&keep);
		return 0;
	}
	for (enum hook i = 0; i < N_HOOKS; i++) /* keep what other services need */
		if (keep.prog[i] >= 0)
			needs.hooks |= HOOK_BIT(i);
	needs.lists |= held.has_lists;
	return load_and_hold(&needs, &keep, ret, f);
}

int objects_drop(struct failure *f)
{
	static const char *const folder[] = { PROGRAMS_NEW, PROGRAMS_OLD, PROGRAMS, MAPS };
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(folder) / sizeof(*folder); i++)
		err = bpffs_remove(folder[i], f);
	return err;
}
