// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs of others on the hooks that srcpin uses. Each does something that such a program may do. */
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define NETWORK bpf_htonl(0x20010db8)
#define SUBNET_77 bpf_htonl(0x00770000)
#define SUBNET_78 bpf_htonl(0x00780000)
#define LOCAL bpf_htonl(0xfd000001)
#define IPV6_DESTINATION 24

/* 2001:db8:77::HOST */
static __always_inline int goes_to(struct bpf_sock_addr *ctx, __u32 host)
{
	return ctx->user_ip6[0] == NETWORK && ctx->user_ip6[1] == SUBNET_77 && !ctx->user_ip6[2] &&
	       ctx->user_ip6[3] == bpf_htonl(host);
}

/* As systemd's IPAddressDeny= does it: 2001:db8:78::/48 */
SEC("cgroup_skb/egress")
int foreign_egress(struct __sk_buff *skb)
{
	__u32 to[2];

	if (bpf_skb_load_bytes(skb, IPV6_DESTINATION, to, sizeof(to)))
		return 1;
	return to[0] != NETWORK || (to[1] & bpf_htonl(0xffff0000)) != SUBNET_78;
}

SEC("cgroup/connect6")
int foreign_deny(struct bpf_sock_addr *ctx)
{
	return !goes_to(ctx, 0xd);
}

SEC("cgroup/connect6")
int foreign_port(struct bpf_sock_addr *ctx)
{
	if (ctx->user_port == bpf_htons(2500))
		ctx->user_port = bpf_htons(25);
	return 1;
}

/* 2001:db8:77::e, which is pinned, to fd00:1::1, which is exempt; and fd00:1::e to 2001:db8:77::1 */
SEC("cgroup/connect6")
int foreign_dest(struct bpf_sock_addr *ctx)
{
	__u32 network = NETWORK, subnet = SUBNET_77;

	if (goes_to(ctx, 0xe)) {
		network = LOCAL;
		subnet = 0;
	} else if (ctx->user_ip6[0] != LOCAL || ctx->user_ip6[3] != bpf_htonl(0xe)) {
		return 1;
	}
	ctx->user_ip6[0] = network;
	ctx->user_ip6[1] = subnet;
	ctx->user_ip6[3] = bpf_htonl(1);
	return 1;
}

SEC("cgroup/bind6")
int foreign_bind(struct bpf_sock_addr *ctx)
{
	return ctx->user_port != bpf_htons(6666);
}

/* From 2001:db8:1::5 to 2001:db8:77::f, not at all to 2001:db8:77::d */
SEC("cgroup/sendmsg6")
int foreign_sendmsg(struct bpf_sock_addr *ctx)
{
	if (goes_to(ctx, 0xf)) {
		ctx->msg_src_ip6[0] = NETWORK;
		ctx->msg_src_ip6[1] = bpf_htonl(0x00010000);
		ctx->msg_src_ip6[2] = 0;
		ctx->msg_src_ip6[3] = bpf_htonl(5);
	}
	return !goes_to(ctx, 0xd);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
