/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells decisions to those who watch (srcpin/event.h). While nobody watches,
 * that costs a look at one number. (It would cost still less, and need no code
 * here, if each watcher traced a function of ours with a program of its own.
 * But some kernels refuse such programs: arm64's before 6.0, which have no BPF
 * trampolines, and one of a virtual machine, with EPERM.)
 *
 * What is told is read again from the context: the functions are global (see
 * decide()), and Linux 5.10 gives those nothing but the context and numbers.
 */
#ifndef SRCPIN_BPF_TELL_H
#define SRCPIN_BPF_TELL_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/decide.h"
#include "srcpin/event.h"
#include "count.h"
#include "srcpin/loop.h"
#include "maps.h"
#include "process.h"
#include "socket.h"

#define ENOENT 2

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

	__builtin_memcpy(dest, e->ends.dest, sizeof(dest));
	return f->reasons >> (e->reason & 63) & 1 &
	       !(((dest[0] ^ f->dest[0]) & f->mask[0]) | ((dest[1] ^ f->dest[1]) & f->mask[1]));
}

struct emission {
	void *ctx;
	struct srcpin_event *event;
	__u32 at; /* in srcpin_events: the first buffer of this CPU */
};

static long emit_to(__u32 i, struct emission *m)
{
	long err;

	if (i >= SRCPIN_N_WATCHERS)
		return 1;
	if (!srcpin_watch.on[i] || !is_wanted(&srcpin_watch.filter[i], m->event))
		return 0;
	err = bpf_perf_event_output(m->ctx, &srcpin_events, m->at + i, m->event, sizeof(*m->event));
	if (err == -ENOENT)
		srcpin_watch.on[i] = 0;
	else if (err)
		COUNT_UP(srcpin_watch.lost[i]);
	return 0;
}

static __always_inline void emit(void *ctx, struct srcpin_event *e)
{
	struct emission m = { ctx, e, bpf_get_smp_processor_id() * SRCPIN_N_WATCHERS };
	/* usually there is one watcher, in the first place */
	__u32 n = srcpin_watch.on[1] | srcpin_watch.on[2] | srcpin_watch.on[3] ? SRCPIN_N_WATCHERS : 1;

	LOOP(n, emit_to, &m);
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

/* E has its ends already; OTHER is the address that the context does not have. */
static __always_inline int tell(struct bpf_sock_addr *ctx, struct srcpin_event *e, __u64 told, __u64 other_hi,
				__u64 other_lo)
{
	__u64 other[2] = { other_hi, other_lo };

	begin_event(e, told);
	__builtin_memcpy(e->other, other, sizeof(e->other));
	e->protocol = ctx->protocol;
	fill_process(&e->pid, e->comm);
	emit(ctx, e);
	return 0;
}

#endif
