// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * All programs. call.h decides about calls, guard.h about packets. A program
 * finds the policy through the cgroup that it is attached to.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "call.h"
#include "guard.h"
#include "maps.h"

SEC("cgroup/connect6")
int srcpin_connect6(struct bpf_sock_addr *ctx)
{
	return on_call(ctx, SRCPIN_CONNECT, short_connect6, decode6, usable6, bind6_to, tell6);
}

SEC("cgroup/connect4")
int srcpin_connect4(struct bpf_sock_addr *ctx)
{
	return on_call(ctx, SRCPIN_CONNECT, short_connect4, decode4, usable4, bind4_to, tell4);
}

SEC("cgroup/sendmsg6")
int srcpin_sendmsg6(struct bpf_sock_addr *ctx)
{
	return on_call(ctx, SRCPIN_SENDMSG, short_sendmsg6, decode6, usable6, send6_from, tell6);
}

SEC("cgroup/sendmsg4")
int srcpin_sendmsg4(struct bpf_sock_addr *ctx)
{
	return on_call(ctx, SRCPIN_SENDMSG, short_sendmsg4, decode4, usable4, send4_from, tell4);
}

SEC("cgroup/bind6")
int srcpin_bind6(struct bpf_sock_addr *ctx)
{
	return on_call(ctx, SRCPIN_BIND, short_bind6, decode_bind6, usable6, ask6_for, tell6);
}

SEC("cgroup/bind4")
int srcpin_bind4(struct bpf_sock_addr *ctx)
{
	return on_call(ctx, SRCPIN_BIND, short_bind4, decode_bind4, usable4, ask4_for, tell4);
}

SEC("cgroup_skb/egress")
int srcpin_guard(struct __sk_buff *skb)
{
	return on_packet(skb);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
