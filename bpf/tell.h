/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells decisions to those who watch (srcpin/event.h). While nobody does, that
 * costs a look at one number. (Tracing programs of the watcher's own, on a
 * function of ours, would cost less still, and nothing would be needed here;
 * but there are kernels that have no BPF trampolines: arm64's before 6.0, and
 * some of virtual machines.)
 *
 * What is told is read again from the context: the functions are global
 * (see decide()), and such are given numbers alone by Linux 5.10.
 */
#ifndef SRCPIN_BPF_TELL_H
#define SRCPIN_BPF_TELL_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/decide.h"
#include "srcpin/event.h"
#include "maps.h"
#include "process.h"
#include "socket.h"

#define ENOENT 2

/* max_entries: SRCPIN_N_WATCHERS for each CPU, by the loader */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, SRCPIN_N_WATCHERS);
	__type(key, __u32);
	__type(value, __u32);
} srcpin_events SEC(".maps");

volatile struct srcpin_watch srcpin_watch SEC(".data.watch");

static __always_inline int is_watched(void)
{
	return *(volatile __u32 *)srcpin_watch.on != 0;
}

/* A decision in one number */
#define TOLD(hook, d, line) ((__u64)(line) << 32 | (__u64)(hook) << 16 | (__u64)(d).action << 8 | (__u64)(d).reason)
#define TOLD_LINE(told) ((__u32)((told) >> 32))
#define TOLD_HOOK(told) ((__u32)(told) >> 16 & 0xff)
#define TOLD_ACTION(told) ((__u32)(told) >> 8 & 0xff)
#define TOLD_REASON(told) ((__u32)(told)&0xff)

static __always_inline int is_wanted(const volatile struct srcpin_filter *f, const struct srcpin_event *e)
{
	__u64 dest[2];

	__builtin_memcpy(dest, e->dest, sizeof(dest));
	return f->reasons >> (e->reason & 63) & 1 &
	       !(((dest[0] ^ f->dest[0]) & f->mask[0]) | ((dest[1] ^ f->dest[1]) & f->mask[1]));
}

static __always_inline void emit(void *ctx, struct srcpin_event *e)
{
	__u32 at = bpf_get_smp_processor_id() * SRCPIN_N_WATCHERS, i;
	long err;

	for (i = 0; i < SRCPIN_N_WATCHERS; i++) {
		if (!srcpin_watch.on[i] || !is_wanted(&srcpin_watch.filter[i], e))
			continue;
		err = bpf_perf_event_output(ctx, &srcpin_events, at + i, e, sizeof(*e));
		if (err == -ENOENT)
			srcpin_watch.on[i] = 0;
		else if (err)
			__sync_fetch_and_add(&srcpin_watch.lost[i], 1);
	}
}

static __always_inline void begin_event(struct srcpin_event *e, __u64 told)
{
	const struct srcpin_service *service = current_service();

	e->when = bpf_ktime_get_ns();
	e->cgroup_id = service->cgroup_id;
	e->hook = TOLD_HOOK(told);
	e->reason = TOLD_REASON(told);
	e->line = TOLD_LINE(told);
	if (service->flags & SRCPIN_SERVICE_OBSERVE)
		e->flags = SRCPIN_EVENT_OBSERVED;
	else if (TOLD_ACTION(told) == SRCPIN_REFUSE)
		e->flags = SRCPIN_EVENT_REFUSED;
}

/*
 * OTHER is what the context has not: of connect and bind the address before
 * the call, of sendmsg the one after. NOW is that of the socket, or what bind
 * asks for now.
 */
static __always_inline void fill_sources(struct srcpin_event *e, const __u32 now[4], const __u64 other[2])
{
	if (e->hook == SRCPIN_SENDMSG) {
		__builtin_memcpy(e->before, now, sizeof(e->before));
		__builtin_memcpy(e->after, other, sizeof(e->after));
	} else {
		__builtin_memcpy(e->before, other, sizeof(e->before));
		__builtin_memcpy(e->after, now, sizeof(e->after));
	}
}

/* CALL is decoded again. */
static __always_inline int tell(struct bpf_sock_addr *ctx, __u64 told, const struct srcpin_call *call, __u64 other_hi,
				__u64 other_lo)
{
	__u64 other[2] = { other_hi, other_lo };
	struct srcpin_event e = { 0 };

	begin_event(&e, told);
	__builtin_memcpy(e.dest, call->dest, sizeof(e.dest));
	e.port = call->port;
	e.local_port = call->local_port;
	e.protocol = ctx->protocol;
	fill_sources(&e, call->local, other);
	fill_process(&e.pid, e.comm);
	emit(ctx, &e);
	return 0;
}

#endif
