// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/privilege.h"
#include "kernel/bpffs_watch.h"
#include "kernel/event_record.h"
#include "kernel/events.h"
#include "kernel/held.h"
#include "kernel/store.h"
#include "kernel/watched.h"

enum {
	LOOK_AGAIN = 1000, /* milliseconds */
	MAPS_COME = 100,   /* milliseconds, at most, until the maps are in their folder */
	MAX_PAGES = 2048,  /* of a CPU: 70,000 decisions */
	MIN_PAGES = 64,
	ALL_PAGES = 8192, /* of all buffers; but each gets MIN_PAGES */
};

/* Nanoseconds. A watcher that was not seen for so long has lost its place. */
#define LEASE UINT64_C(5000000000)
#define LEASE_WITHOUT_BUFFERS UINT64_C(500000000) /* a live watcher is seen ten times in it */

#define HAS_BUFFERS UINT64_C(1) /* in srcpin_watch.alive */

/*
 * Decisions that were read, but not told yet. They come from several CPUs, so
 * they are sorted. What came during the reading waits for the next time.
 */
struct batch {
	struct srcpin_event *item;
	size_t begin, ready, end, size;
};

struct events {
	struct srcpin_filter filter;
	char *name;
	int first_load; /* a descriptor that tells of it */
	struct watched watched;
	int64_t looked;         /* milliseconds; 0: never */
	struct timespec loaded; /* when the services' folder was last changed, at the last look */
	ino_t maps;             /* the folder of the maps that are open; 0: none are */
	int buffers_map;        /* -1: none. What we put in stays until this very fd is closed. */
	struct srcpin_watch *shared;
	unsigned int place;
	uint64_t alive; /* as last written; 0: there is no place */
	uint64_t lost_at_first, lost_before;
	struct perf_buffer *buffers;
	long n_cpus;
	struct batch batch;
};

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

struct events *events_new(const struct srcpin_filter *filter, const char *name)
{
	struct events *e = xcalloc(1, sizeof(*e));

	e->filter = *filter;
	e->name = name ? strdup(name) : NULL;
	if (name && !e->name)
		abort();
	e->first_load = bpffs_watch_open();
	e->watched.name = e->name;
	e->buffers_map = -1;
	return e;
}

static void keep(struct batch *b, const struct srcpin_event *event)
{
	if (b->end == b->size) {
		b->size = b->size ? 2 * b->size : 1024;
		b->item = xreallocarray(b->item, b->size, sizeof(*b->item));
	}
	b->item[b->end++] = *event;
}

static enum bpf_perf_event_ret on_record(void *ctx, int cpu, struct perf_event_header *header)
{
	struct srcpin_event event;
	struct events *e = ctx;

	(void)cpu;
	if (event_record_read(header, &event))
		keep(&e->batch, &event);
	return LIBBPF_PERF_EVENT_CONT;
}

/*
 * Has the kernel taken the watcher's buffers away, and a program noted it? A
 * watcher that took its place a moment ago has none yet.
 */
static bool was_killed(const struct srcpin_watch *w, unsigned int place, uint64_t alive)
{
	return (alive & HAS_BUFFERS) && !__atomic_load_n(&w->on[place], __ATOMIC_SEQ_CST);
}

/* Nobody has the place; or the watcher that was last seen there is gone, or was stopped for long. */
static bool is_free(const struct srcpin_watch *w, unsigned int place, uint64_t alive, uint64_t now)
{
	return !alive || now >= alive + (was_killed(w, place, alive) ? LEASE_WITHOUT_BUFFERS : LEASE);
}

/* In one step: takes the place only if it is still as it was seen. */
static bool replace_alive(struct srcpin_watch *w, unsigned int place, __u64 seen, __u64 alive)
{
	return __atomic_compare_exchange_n(&w->alive[place], &seen, alive, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int no_place(struct failure *f)
{
	return fail(f, -EBUSY, "cannot watch: %d srcpin watch are running already (end one of them)",
		    SRCPIN_N_WATCHERS);
}

/* 1: E has a place; 0: it has none, but that of a killed watcher may soon be free; or a negative errno */
static int try_places(struct events *e, struct failure *f)
{
	uint64_t now = nanoseconds() & ~HAS_BUFFERS;
	bool soon = false;

	for (unsigned int i = 0; i < SRCPIN_N_WATCHERS; i++) {
		__u64 alive = __atomic_load_n(&e->shared->alive[i], __ATOMIC_SEQ_CST);

		soon |= was_killed(e->shared, i, alive);
		if (!is_free(e->shared, i, alive, now) || !replace_alive(e->shared, i, alive, now))
			continue;
		e->place = i;
		e->alive = now;
		e->lost_at_first = e->shared->lost[i];
		e->shared->filter[i] = e->filter;
		return 1;
	}
	return soon ? 0 : no_place(f);
}

static int take_place(struct events *e, struct failure *f)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int r = try_places(e, f);

	for (int i = 0; !r && i < 100; i++) {
		nanosleep(&moment, NULL);
		r = try_places(e, f);
	}
	return r > 0 ? 0 : r ? r : no_place(f);
}

/* Frees the place at once for the next watcher, unless another one already has it. */
static void leave_place(struct events *e)
{
	if (e->alive)
		replace_alive(e->shared, e->place, e->alive, 0);
	e->alive = 0;
}

/* Reads a list such as "0-3,5" into CPU, at most N. Returns how many. */
static int online_cpus(int *cpu, int n)
{
	_cleanup_fclose_ FILE *in = fopen("/sys/devices/system/cpu/online", "re");
	int found = 0, first, last;

	while (in && fscanf(in, "%d", &first) == 1) {
		last = first;
		if (fscanf(in, "-%d", &last) == EOF)
			last = first;
		for (int i = first; i <= last && found < n; i++)
			cpu[found++] = i;
		if (fgetc(in) != ',')
			break;
	}
	return found;
}

static size_t pages(int n_cpus)
{
	size_t n = MAX_PAGES;

	while (n > MIN_PAGES && n * (size_t)n_cpus > ALL_PAGES)
		n /= 2;
	return n;
}

static int open_buffers(struct events *e, struct failure *f)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1, /* wake nobody up: we look by ourselves, many times a second */
		.wakeup_watermark = UINT32_MAX,
	};
	char why[PRIVILEGE_STRLEN];
	LIBBPF_OPTS(perf_buffer_raw_opts, opts);
	int n = libbpf_num_possible_cpus();
	_cleanup_free_ int *cpu = n > 0 ? calloc((size_t)n, sizeof(*cpu)) : NULL;
	_cleanup_free_ int *key = n > 0 ? calloc((size_t)n, sizeof(*key)) : NULL;

	if (!cpu || !key)
		return fail(f, -ENOMEM, "cannot watch: out of memory");
	opts.cpu_cnt = online_cpus(cpu, n);
	for (int i = 0; i < opts.cpu_cnt; i++)
		key[i] = cpu[i] * SRCPIN_N_WATCHERS + (int)e->place;
	opts.cpus = cpu;
	opts.map_keys = key;
	e->n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	e->buffers = perf_buffer__new_raw(e->buffers_map, pages(opts.cpu_cnt), &attr, on_record, e, &opts);
	if (e->buffers)
		return 0;
	return fail(f, -errno, "cannot watch: the kernel gives no buffers for events: %s%s", strerror(errno),
		    errno == EPERM || errno == EACCES
			    ? privilege_missing(CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_IPC_LOCK), why)
			    : "");
}

static void close_buffers(struct events *e)
{
	if (e->buffers)
		perf_buffer__consume(e->buffers);
	/* first: libbpf would also take out what another watcher has put in meanwhile */
	cleanup_close(&e->buffers_map);
	e->buffers_map = -1;
	perf_buffer__free(e->buffers);
	e->buffers = NULL;
}

static void close_maps(struct events *e)
{
	if (!e->shared)
		return;
	e->lost_before = events_lost(e);
	if (e->buffers && e->shared->alive[e->place] == e->alive) /* otherwise the place is another watcher's by now */
		e->shared->on[e->place] = 0;
	close_buffers(e);
	leave_place(e);
	munmap(e->shared, sizeof(*e->shared));
	e->shared = NULL;
	e->maps = 0;
}

/* NULL: an error, in F */
static struct srcpin_watch *map_shared(int fd, struct failure *f)
{
	void *shared = mmap(NULL, sizeof(struct srcpin_watch), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (shared != MAP_FAILED)
		return shared;
	fail(f, -errno, "cannot watch: cannot map " MAPS_FOLDER "/watch: %s", strerror(errno));
	return NULL;
}

/* Opens what is held now, if there is anything. */
static int open_maps(struct events *e, struct failure *f)
{
	_cleanup_(held_close) struct held h;
	int r = held_open(&h, f);

	if (r <= 0)
		return r;
	e->shared = map_shared(h.objects.map[MAP_WATCH], f);
	if (!e->shared)
		return -EIO;
	e->maps = h.folder;
	e->buffers_map = steal_fd(&h.objects.map[MAP_EVENTS]);
	r = take_place(e, f);
	return r ? r : open_buffers(e, f);
}

/* Says that we are alive and have buffers. Another watcher may have taken our place while we were stopped (SIGSTOP). */
static int show_life(struct events *e, struct failure *f)
{
	uint64_t now = nanoseconds() | HAS_BUFFERS;

	e->shared->on[e->place] =
		1; /* harmless if it is another's by now: that one sets it too, or has no buffers yet */
	if (!replace_alive(e->shared, e->place, e->alive, now)) {
		e->alive = 0;
		return fail(f, -ESTALE,
			    "cannot watch any longer: while this was stopped, another srcpin watch took its place");
	}
	e->alive = now;
	return 0;
}

/* Opens everything again if the maps have changed, or the number of CPUs. */
static int open_again(struct events *e, struct failure *f)
{
	if (e->shared && held_folder() == e->maps && sysconf(_SC_NPROCESSORS_ONLN) == e->n_cpus)
		return 0;
	close_maps(e);
	return open_maps(e, f);
}

static bool has_changed(struct events *e, int64_t now)
{
	struct timespec before = e->loaded;
	struct stat st = { 0 };

	if (stat(SERVICES, &st))
		st.st_mtim.tv_sec = 0;
	e->loaded = st.st_mtim;
	return !e->looked || now - e->looked >= LOOK_AGAIN || e->loaded.tv_sec != before.tv_sec ||
	       e->loaded.tv_nsec != before.tv_nsec;
}

int events_fd(const struct events *e)
{
	return e->first_load;
}

/* As open_again(), but the first load of the host has just begun: its maps appear one after another. */
static int await_maps(struct events *e, struct failure *f)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int err = open_again(e, f);

	for (int i = 0; i < MAPS_COME && !err && !e->shared; i++) {
		nanosleep(&moment, NULL);
		err = open_again(e, f);
	}
	return err;
}

int events_follow(struct events *e, size_t *ret, struct failure *f)
{
	int64_t now = (int64_t)(nanoseconds() / 1000000);
	int err = bpffs_watch_drain(e->first_load) ? await_maps(e, f) : open_again(e, f);

	if (!err && e->shared)
		err = show_life(e, f);
	if (!err && has_changed(e, now)) {
		e->looked = now;
		err = watched_look(&e->watched, now, f);
	}
	*ret = e->watched.n_now;
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct srcpin_event *x = a, *y = b;

	return (x->when > y->when) - (x->when < y->when);
}

static void read_batch(struct events *e)
{
	struct batch *b = &e->batch;
	uint64_t now = nanoseconds();

	if (b->begin)
		memmove(b->item, b->item + b->begin, (b->end - b->begin) * sizeof(*b->item));
	b->end -= b->begin;
	b->begin = b->ready = 0;
	if (e->buffers)
		perf_buffer__consume(e->buffers);
	if (b->end)
		qsort(b->item, b->end, sizeof(*b->item), by_time);
	while (b->ready < b->end && b->item[b->ready].when <= now)
		b->ready++;
}

int events_read(struct events *e, int (*fn)(const struct srcpin_event *event, void *data), void *data)
{
	struct batch *b = &e->batch;

	if (b->begin == b->ready)
		read_batch(e);
	while (b->begin < b->ready) {
		const struct srcpin_event *event = &b->item[b->begin++];
		int r = e->name && !*events_cgroup(e, event->cgroup_id) ? 0 : fn(event, data);

		if (r)
			return r;
	}
	return 0;
}

uint64_t events_lost(const struct events *e)
{
	return e->lost_before + (e->alive ? e->shared->lost[e->place] - e->lost_at_first : 0);
}

const char *events_cgroup(struct events *e, uint64_t id)
{
	return watched_cgroup(&e->watched, id);
}

void events_free(struct events *e)
{
	if (!e)
		return;
	close_maps(e);
	cleanup_close(&e->first_load);
	watched_free(&e->watched);
	free(e->batch.item);
	free(e->name);
	free(e);
}
