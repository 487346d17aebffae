// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel side: entry points that decode a call, decide (decide.h), act
 * and count. The policy of the service is found through the cgroup that the
 * program is attached to.
 */
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "address.h"

#define AF_INET6 10
#define SOCK_STREAM 1
#define EPERM 1
#define EAFNOSUPPORT 97
#define EADDRNOTAVAIL 99

/* bpf_get_local_storage(): the entry of the cgroup that this program is attached to */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, __u64);
	__type(value, struct srcpin_service);
} srcpin_service SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, __u64);
	__type(value, struct srcpin_counters);
} srcpin_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SRCPIN_MAX_ALL_RULES);
	__type(key, struct srcpin_key);
	__type(value, struct srcpin_rule);
} srcpin_rules SEC(".maps");

const volatile struct srcpin_build srcpin_build SEC(".rodata.build");

/* The rule for an address; BITS is how much of it counts, 0 for the default pin. */
static __always_inline const struct srcpin_rule *lookup(const struct srcpin_service *service, const __u32 addr[4],
							__u32 bits)
{
	struct srcpin_key key = {
		.prefixlen = SRCPIN_KEY_OWNER + bits,
		.generation = service->generation,
		.cgroup_id = service->cgroup_id,
	};

	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	return bpf_map_lookup_elem(&srcpin_rules, &key);
}

/* A copy: all rules of one decision are to be of one policy. */
static __always_inline struct srcpin_service current_service(void)
{
	const struct srcpin_service *service = bpf_get_local_storage(&srcpin_service, 0);

	return *service;
}

/* Counts the reason; returns what the hook returns: 1 to go on, 0 to fail. */
static __always_inline int finish(struct srcpin_decision d)
{
	__u64 *counts = bpf_get_local_storage(&srcpin_counts, 0);
	__u32 reason = d.reason;

	if (reason < SRCPIN_N_REASONS)
		__sync_fetch_and_add(&counts[reason], 1);
	if (d.action != SRCPIN_REFUSE)
		return 1;
	if (srcpin_build.has_set_retval) {
		if (reason == SRCPIN_DENIED_MISSING)
			bpf_set_retval(-EADDRNOTAVAIL);
		else if (reason == SRCPIN_DENIED_FAMILY)
			bpf_set_retval(-EAFNOSUPPORT);
	}
	return 0;
}

/*
 * Is the rule's source on the socket's host? What cannot be known passes for
 * yes where the kernel looks once more (connect, bind), for no where it does not.
 */
static __always_inline int usable(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule, int unknown)
{
	__u64 half[2];
	int has;

	if (!rule || rule->verdict != SRCPIN_PIN)
		return 0;
	__builtin_memcpy(half, rule->source, sizeof(half));
	has = host_has(ctx, bpf_be64_to_cpu(half[0]), bpf_be64_to_cpu(half[1]));
	return has == HOST_UNKNOWN ? unknown : has == HOST_HAS;
}

/*
 * The destination, and the socket's own end. A connected UDP socket that sends
 * with a control message (IPV6_PKTINFO can name another source) comes here
 * without an address (udpv6_sendmsg), family 0: it goes where it is connected to.
 */
static __always_inline void decode(struct srcpin_call *call, struct bpf_sock_addr *ctx)
{
	struct srcpin_service service = current_service();
	struct bpf_sock *sk = ctx->sk;

	if (call->hook == SRCPIN_SENDMSG && ctx->user_family != AF_INET6) {
		call->dest[0] = sk->dst_ip6[0];
		call->dest[1] = sk->dst_ip6[1];
		call->dest[2] = sk->dst_ip6[2];
		call->dest[3] = sk->dst_ip6[3];
		call->port = bpf_ntohs(sk->dst_port);
		barrier(); /* else clang loads through a pointer to either of the two, which the verifier forbids */
	} else {
		call->dest[0] = ctx->user_ip6[0];
		call->dest[1] = ctx->user_ip6[1];
		call->dest[2] = ctx->user_ip6[2];
		call->dest[3] = ctx->user_ip6[3];
		call->port = bpf_ntohs((__u16)ctx->user_port);
	}
	call->local[0] = sk->src_ip6[0];
	call->local[1] = sk->src_ip6[1];
	call->local[2] = sk->src_ip6[2];
	call->local[3] = sk->src_ip6[3];
	call->local_port = sk->src_port;
	call->rule = lookup(&service, call->dest, 128);
	if (!srcpin_is_any(call->local)) {
		call->local_rule = lookup(&service, call->local, 128);
		if (call->rule && call->rule->bound == SRCPIN_BOUND_LEAVE)
			call->programs = bound_by_program(ctx);
	}
}

SEC("cgroup/connect6")
int srcpin_connect6(struct bpf_sock_addr *ctx)
{
	struct srcpin_call call = { .hook = SRCPIN_CONNECT, .stream = ctx->type == SOCK_STREAM };
	struct sockaddr_in6 source = { .sin6_family = AF_INET6 };
	struct srcpin_decision d;
	long err;

	decode(&call, ctx);
	call.usable = usable(ctx, call.rule, 1);
	d = srcpin_decide(&call);
	if (d.action == SRCPIN_FREE)
		bpf_bind(ctx, (struct sockaddr *)&source, sizeof(source));
	if (d.action == SRCPIN_SET && call.rule) {
		__builtin_memcpy(&source.sin6_addr, call.rule->source, sizeof(source.sin6_addr));
		/* with port 0 the local port is chosen late, by the four-tuple, as with IP_BIND_ADDRESS_NO_PORT */
		err = bpf_bind(ctx, (struct sockaddr *)&source, sizeof(source));
		if (err == -EADDRNOTAVAIL)
			d = srcpin_decide_missing(call.rule);
		else if (err)
			d = SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_BIND_FAILED);
	}
	return finish(d);
}

SEC("cgroup/sendmsg6")
int srcpin_sendmsg6(struct bpf_sock_addr *ctx)
{
	struct srcpin_call call = { .hook = SRCPIN_SENDMSG };
	struct srcpin_decision d;
	__u32 source[4];

	decode(&call, ctx);
	call.usable = usable(ctx, call.rule, 0);
	d = srcpin_decide(&call);
	if (d.action == SRCPIN_SET && call.rule) {
		__builtin_memcpy(source, call.rule->source, sizeof(source));
		ctx->msg_src_ip6[0] = source[0];
		ctx->msg_src_ip6[1] = source[1];
		ctx->msg_src_ip6[2] = source[2];
		ctx->msg_src_ip6[3] = source[3];
	}
	return finish(d);
}

SEC("cgroup/bind6")
int srcpin_bind6(struct bpf_sock_addr *ctx)
{
	struct srcpin_call call = { .hook = SRCPIN_BIND, .stream = ctx->type == SOCK_STREAM };
	struct srcpin_service service = current_service();
	struct srcpin_decision d;
	__u32 source[4];

	call.local[0] = ctx->user_ip6[0];
	call.local[1] = ctx->user_ip6[1];
	call.local[2] = ctx->user_ip6[2];
	call.local[3] = ctx->user_ip6[3];
	call.local_port = bpf_ntohs((__u16)ctx->user_port);
	call.rule = lookup(&service, call.local, 0); /* the default pin, ::/0 */
	if (!srcpin_is_any(call.local))
		call.local_rule = lookup(&service, call.local, 128);
	if (!call.local_port)
		call.usable = usable(ctx, call.rule, 1);
	d = srcpin_decide(&call);
	if (d.action == SRCPIN_SET && call.rule) {
		__builtin_memcpy(source, call.rule->source, sizeof(source));
		ctx->user_ip6[0] = source[0];
		ctx->user_ip6[1] = source[1];
		ctx->user_ip6[2] = source[2];
		ctx->user_ip6[3] = source[3];
	}
	return finish(d);
}

/* Attached first and for a moment only: brings the cgroup's storage to life, so that it can be filled. */
SEC("cgroup/bind6")
int srcpin_hold(struct bpf_sock_addr *ctx)
{
	(void)ctx;
	bpf_get_local_storage(&srcpin_service, 0);
	bpf_get_local_storage(&srcpin_counts, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
