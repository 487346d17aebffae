// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Nearly all of a load is the kernel's look at the programs (its verifier). It
 * looks at several at a time, if several threads ask. libbpf loads an object's
 * programs one by one, so each thread has an object of its own, and all
 * objects use the same maps.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "srcpin/event.h"

#include "base/cleanup.h"
#include "kernel/build.h"
#include "kernel/features.h"
#include "kernel/programs.h"

#include "answering.skel.h"
#include "srcpin.skel.h"
#include "unrolled.skel.h"

enum { MOST = 4 }; /* threads; each costs half a millisecond of one CPU */

struct group {
	const struct bpf_object *maps;
	struct srcpin_bpf *(*open)(void);
	uint32_t hooks;
	struct programs *ret; /* each has its own places in it */
	pthread_t thread;
	bool apart; /* in a thread of its own */
	int err;
};

_Static_assert(sizeof(struct srcpin_bpf) == sizeof(struct unrolled_bpf) &&
		       sizeof(struct srcpin_bpf) == sizeof(struct answering_bpf),
	       "of the same source, so with the same members");

static struct srcpin_bpf *open_unrolled(void)
{
	return (struct srcpin_bpf *)unrolled_bpf__open();
}

static struct srcpin_bpf *open_answering(void)
{
	return (struct srcpin_bpf *)answering_bpf__open();
}

static void destroy(struct srcpin_bpf **skel)
{
	srcpin_bpf__destroy(*skel);
}

static struct bpf_program *skel_prog(const struct srcpin_bpf *skel, enum hook h)
{
	struct bpf_program *const prog[N_HOOKS] = {
#define X(NAME, name, type) skel->progs.srcpin_##name,
		HOOKS(X)
#undef X
	};

	return prog[h];
}

static int use_maps(const struct bpf_object *o, const struct bpf_object *maps)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, o)
	{
		const struct bpf_map *same = bpf_object__find_map_by_name(maps, bpf_map__name(map));

		err = same ? bpf_map__reuse_fd(map, bpf_map__fd(same)) : -ENOENT;
		if (err)
			break;
	}
	return err;
}

static int load(const struct group *g)
{
	_cleanup_(destroy) struct srcpin_bpf *skel = g->open();
	int err = skel ? use_maps(skel->obj, g->maps) : -errno;

	if (err)
		return err;
	for (enum hook i = 0; i < N_HOOKS; i++)
		bpf_program__set_autoload(skel_prog(skel, i), g->hooks & HOOK_BIT(i));
	err = srcpin_bpf__load(skel);
	for (enum hook i = 0; !err && i < N_HOOKS; i++) {
		if (!(g->hooks & HOOK_BIT(i)))
			continue;
		g->ret->fd[i] = fcntl(bpf_program__fd(skel_prog(skel, i)), F_DUPFD_CLOEXEC, 0);
		err = g->ret->fd[i] < 0 ? -errno : 0;
	}
	return err;
}

static void *load_group(void *data)
{
	struct group *g = data;

	g->err = load(g);
	return NULL;
}

static unsigned int count_threads(void)
{
	cpu_set_t usable;
	int n = sched_getaffinity(0, sizeof(usable), &usable) ? 1 : CPU_COUNT(&usable);

	return n < MOST ? (unsigned int)n : MOST;
}

/* Deals them out so that the groups take about as long: the guard and the connects take longest. */
static void deal(uint32_t hooks, unsigned int n, struct group *ret)
{
	static const enum hook order[N_HOOKS] = { HOOK_CONNECT6, HOOK_GUARD,    HOOK_CONNECT4, HOOK_SENDMSG6,
						  HOOK_BIND6,    HOOK_SENDMSG4, HOOK_BIND4 };
	unsigned int next = 0;

	for (size_t i = 0; i < N_HOOKS; i++)
		if (hooks & HOOK_BIT(order[i]))
			ret[next++ % n].hooks |= HOOK_BIT(order[i]);
}

int programs_load(const struct bpf_object *maps, const struct srcpin_layout *layout, uint32_t hooks,
		  struct programs *ret)
{
	struct srcpin_bpf *(*open)(void) = kernel_has_loop() ? srcpin_bpf__open : open_unrolled;
	const bool answers = open == srcpin_bpf__open && kernel_has_icmp_send(layout->icmp_send);
	struct group group[MOST] = { 0 };
	unsigned int n = count_threads();
	int err = 0;

	deal(hooks, n, group);
	for (unsigned int i = 0; i < n; i++) {
		struct group *g = &group[i];

		g->maps = maps;
		g->open = answers && (g->hooks & HOOK_BIT(HOOK_GUARD)) ? open_answering : open;
		g->ret = ret;
		g->apart = i && g->hooks && !pthread_create(&g->thread, NULL, load_group, g);
	}
	for (unsigned int i = 0; i < n; i++)
		if (!group[i].apart && group[i].hooks)
			load_group(&group[i]);
	for (unsigned int i = 0; i < n; i++) {
		if (group[i].apart)
			pthread_join(group[i].thread, NULL);
		err = err ? err : group[i].err;
	}
	return err;
}

void programs_close(struct programs *p)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		cleanup_close(&p->fd[i]);
}

void programs_build(struct srcpin_build *ret)
{
	size_t size;
	const void *object = srcpin_bpf__elf_bytes(&size);

	build_this(object, size, ret);
}
