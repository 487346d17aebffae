/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a packet is: walks the headers of IPv4 and IPv6 to the transport header
 * (RFC 791, RFC 8200). What the walk does not understand is strange.
 *
 * cgroup_skb sees a packet before it is fragmented and segmented, with the IP
 * header at offset 0. The only fragments here are made by hand.
 */
#ifndef SRCPIN_BPF_PACKET_H
#define SRCPIN_BPF_PACKET_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/judge.h"
#include "srcpin/loop.h"
#include "socket.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd

#define IPV6_HOP_LIMIT 7

struct ipv6_header {
	__u8 version_class;
	__u8 class_flow;
	__u16 flow;
	__u16 length;
	__u8 next;
	__u8 hop_limit;
	__u32 source[4];
	__u32 dest[4];
};

struct ipv4_header {
	__u8 version_length;
	__u8 tos;
	__u16 length;
	__u16 id;
	__u16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 checksum;
	__u32 source;
	__u32 dest;
};

/* IANA, protocol numbers */
#define IPPROTO_HOPOPTS 0
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_DCCP 33
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_AH 51
#define IPPROTO_ICMPV6 58
#define IPPROTO_DSTOPTS 60
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136

#define EXTENSION_HEADERS \
	6 /* more in one packet are strange; RFC 8200, 4.1, wants each once, destination options twice */

struct tcp_start { /* the first 14 bytes of a TCP header: RFC 9293, 3.1 */
	__u16 source_port;
	__u16 dest_port;
	__u16 numbers[4]; /* sequence number, acknowledgment number */
	__u8 offset;
	__u8 flags;
};

#define TCP_SYN 0x02
#define TCP_ACK 0x10

#define ND_SOLICITATION 135 /* RFC 4861, 4.3; the other messages go to exempt addresses */
#define ND_ADVERTISEMENT 136

#define IPV4_OPTIONS 12 /* more in one packet are strange; there are 40 bytes for them */
#define IPV4_LSRR 131   /* RFC 791, 3.1 */
#define IPV4_SSRR 137

#define WALK_STRANGE -1
#define WALK_REROUTE (1 << 30) /* in a walk's result; the bits below: the transport header's offset << 8 | protocol */

/* Where a walk through the headers of a packet is */
struct walk {
	struct __sk_buff *skb;
	__u32 protocol; /* of the header at OFFSET */
	__u32 offset;   /* 0: the packet is strange */
	__u32 end;      /* of an IPv4 header */
	__u32 reroute;  /* WALK_REROUTE, or 0 */
};

/* The packet is strange: no step may follow. */
static __always_inline long strange(struct walk *w)
{
	w->offset = 0;
	return 1;
}

/* Has no branch; see srcpin_is_zero() */
static __always_inline __u32 is_extension(__u32 protocol)
{
	return srcpin_is_zero(protocol ^ IPPROTO_HOPOPTS) | srcpin_is_zero(protocol ^ IPPROTO_ROUTING) |
	       srcpin_is_zero(protocol ^ IPPROTO_FRAGMENT) | srcpin_is_zero(protocol ^ IPPROTO_AH) |
	       srcpin_is_zero(protocol ^ IPPROTO_DSTOPTS);
}

/* Goes one extension header further; 1: there is none. */
static long next_header(__u32 step, struct walk *w)
{
	struct {
		__u8 next;
		__u8 length; /* in 8 bytes, without the first 8 bytes; AH: in 4 bytes, also without the first 8 */
		__u8 type;
		__u8 left;
	} header;
	__u16 fragment;

	(void)step;
	if (!is_extension(w->protocol))
		return 1;
	if (bpf_skb_load_bytes(w->skb, w->offset, &header, sizeof(header)))
		return strange(w);
	if (w->protocol == IPPROTO_ROUTING && header.left)
		w->reroute = WALK_REROUTE;
	if (w->protocol == IPPROTO_FRAGMENT) {
		/* a later fragment does not have the headers that follow */
		if (bpf_skb_load_bytes(w->skb, w->offset + 2, &fragment, sizeof(fragment)) ||
		    (bpf_ntohs(fragment) & 0xfff8))
			return strange(w);
		w->offset += 8;
	} else {
		w->offset +=
			w->protocol == IPPROTO_AH ? ((__u32)header.length + 2) * 4 : ((__u32)header.length + 1) * 8;
	}
	w->protocol = header.next;
	return 0;
}

/* Goes one option further; 1: the header ends. */
static long next_option(__u32 step, struct walk *w)
{
	__u8 option[2];

	(void)step;
	if (w->offset >= w->end)
		return 1;
	if (bpf_skb_load_bytes(w->skb, w->offset, option, 1))
		return strange(w);
	if (option[0] <= 1) { /* end of the list, or no operation: neither has a length */
		w->offset = option[0] ? w->offset + 1 : w->end;
		return 0;
	}
	if (w->offset + 2 > w->end || bpf_skb_load_bytes(w->skb, w->offset, option, 2) || option[1] < 2)
		return strange(w);
	if (option[0] == IPV4_LSRR || option[0] == IPV4_SSRR)
		w->reroute = WALK_REROUTE;
	w->offset += option[1];
	return 0;
}

/*
 * The walks are global functions: verified once and by themselves. So the
 * verifier does not walk what follows again for each of their ways.
 */
__attribute__((noinline)) int walk_ipv6(struct __sk_buff *skb, __u32 protocol)
{
	struct walk w = { .skb = skb, .protocol = protocol, .offset = sizeof(struct ipv6_header) };

	LOOP(EXTENSION_HEADERS, next_header, &w);
	if (!w.offset || is_extension(w.protocol))
		return WALK_STRANGE;
	return (int)(w.offset << 8 | w.protocol | w.reroute);
}

/* Walks the options, which end with the header, at END. */
__attribute__((noinline)) int walk_ipv4(struct __sk_buff *skb, __u32 protocol, __u32 end)
{
	struct walk w = { .skb = skb, .offset = sizeof(struct ipv4_header), .end = end };

	LOOP(IPV4_OPTIONS, next_option, &w);
	return w.offset < end ? WALK_STRANGE : (int)(end << 8 | protocol | w.reroute);
}

/* The transport header, PROTOCOL, is at OFFSET. Returns the packet's kind << 16 | destination port. */
__attribute__((noinline)) int read_transport(struct __sk_buff *skb, __u32 protocol, __u32 offset)
{
	__u8 byte, hop_limit;
	struct tcp_start tcp;
	__u16 ports[2];

	switch (protocol) {
	case IPPROTO_TCP:
		if (bpf_skb_load_bytes(skb, offset, &tcp, sizeof(tcp)))
			return SRCPIN_PACKET_STRANGE << 16;
		if ((tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
			return SRCPIN_PACKET_TCP_OPEN << 16 | bpf_ntohs(tcp.dest_port);
		return SRCPIN_PACKET_TCP << 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		if (bpf_skb_load_bytes(skb, offset, ports, sizeof(ports)))
			return SRCPIN_PACKET_STRANGE << 16;
		return SRCPIN_PACKET_PORTS << 16 | bpf_ntohs(ports[1]);
	case IPPROTO_ICMPV6:
		if (bpf_skb_load_bytes(skb, offset, &byte, sizeof(byte)) ||
		    bpf_skb_load_bytes(skb, IPV6_HOP_LIMIT, &hop_limit, sizeof(hop_limit)))
			return SRCPIN_PACKET_STRANGE << 16;
		if (hop_limit == 255 && (byte == ND_SOLICITATION || byte == ND_ADVERTISEMENT))
			return SRCPIN_PACKET_NEIGHBOUR << 16;
		return SRCPIN_PACKET_OTHER << 16;
	default:
		return SRCPIN_PACKET_OTHER << 16;
	}
}

static __always_inline int read_ipv6(struct __sk_buff *skb, struct srcpin_packet *p)
{
	struct ipv6_header ip;

	if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)) || ip.version_class >> 4 != 6)
		return WALK_STRANGE;
	__builtin_memcpy(p->source, ip.source, sizeof(p->source));
	__builtin_memcpy(p->dest, ip.dest, sizeof(p->dest));
	if (srcpin_is_mapped(p->source) | srcpin_is_mapped(p->dest))
		return WALK_STRANGE; /* here it would stand for IPv4, but on the wire it is IPv6 */
	return walk_ipv6(skb, ip.next);
}

static __always_inline int read_ipv4(struct __sk_buff *skb, struct srcpin_packet *p)
{
	struct ipv4_header ip;
	__u32 length;

	if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)) || ip.version_length >> 4 != 4)
		return WALK_STRANGE;
	set_mapped(p->source, ip.source);
	set_mapped(p->dest, ip.dest);
	length = (__u32)(ip.version_length & 15) * 4;
	/* a later fragment does not have the headers that follow */
	if (length < sizeof(ip) || (bpf_ntohs(ip.fragment) & 0x1fff))
		return WALK_STRANGE;
	return walk_ipv4(skb, ip.protocol, length);
}

/* P is all zero before, so its kind is SRCPIN_PACKET_STRANGE, and stays so if the packet is too short. */
static __always_inline void read_packet(struct __sk_buff *skb, struct srcpin_packet *p)
{
	int walked = WALK_STRANGE, transport;

	/* a raw socket's own header may say anything; the receiver will go by skb->protocol */
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		walked = read_ipv6(skb, p);
	else if (skb->protocol == bpf_htons(ETH_P_IP))
		walked = read_ipv4(skb, p);
	if (walked < 0)
		return;
	p->protocol = walked & 0xff;
	p->reroute = walked & WALK_REROUTE;
	transport = read_transport(skb, walked & 0xff, ((__u32)walked & ~WALK_REROUTE) >> 8);
	p->kind = transport >> 16;
	p->port = transport & 0xffff;
}

#endif
