// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What no hook of connect, bind or sendmsg sees: the guard alone. */
#include <errno.h>

#include "out/out.h"
#include "ways/rows.h"

#define FORWARDING(n) "sysctl -qw net.ipv6.conf.all.forwarding=" n
#define DROPPED .outcome = GUARDED, .error = EPERM

static const struct out_row rows[] = {
	{ "Raw socket", "sendto", raw_sendto, DROPPED, .family = BOTH },
	{ "Raw socket", "connected", raw_connect, DROPPED, .family = BOTH },
	{ "Raw socket", "bound to the shared address", raw_sendto, .local = SHARED, DROPPED, .family = BOTH },
	{ "Raw socket", "`PKTINFO`", raw_sendmsg, .options = PKTINFO, DROPPED, .family = BOTH },
	{ "Raw socket", "ICMP echo", raw_echo, DROPPED, .family = BOTH },
	{ "Raw socket", "a tunnel (IPv6 inside)", raw_tunnel, DROPPED, .family = BOTH },
	{ "Raw socket", "bound to the source", raw_sendto, .local = SOURCE, .before = SOURCE, .family = BOTH },

	{ "Made by hand", "TCP SYN", hand_syn, DROPPED, .family = BOTH },
	{ "Made by hand", "TCP SYN with ECN", hand_syn_ecn, DROPPED, .family = BOTH },
	{ "Made by hand", "UDP", hand_udp, DROPPED, .family = BOTH },
	{ "Made by hand", "UDP from an address of nobody", hand_udp, .from = ABSENT, .before = ABSENT, DROPPED,
	  .family = BOTH },
	{ "Made by hand", "UDP from nowhere", hand_udp, .from = "::", .before = "::", DROPPED },
	{ "Made by hand", "UDP from nowhere", hand_udp, .from = "::", DROPPED, .family = V4_ONLY },
	{ "Made by hand", "ICMP echo", hand_echo, DROPPED, .family = BOTH },
	{ "Made by hand", "ESP", hand_esp, DROPPED, .family = BOTH },
	{ "Made by hand", "TCP SYN behind options", hand_options_syn, DROPPED, .family = BOTH },
	{ "Made by hand", "TCP SYN behind destination options", hand_dest_options_syn, DROPPED },
	{ "Made by hand", "TCP SYN behind AH", hand_ah_syn, DROPPED, .family = BOTH },
	{ "Made by hand", "TCP SYN behind three headers", hand_many_headers_syn, DROPPED },
	{ "Made by hand", "TCP SYN behind eleven headers", hand_deep_syn, DROPPED },
	{ "Made by hand", "TCP SYN in an atomic fragment", hand_atomic_fragment, DROPPED },
	{ "Made by hand", "TCP SYN routed through an exempt hop", hand_routed_syn, .via = PEER_ULA, DROPPED,
	  .family = BOTH },
	{ "Made by hand", "UDP routed through an exempt hop", hand_routed_udp, .via = PEER_ULA, DROPPED,
	  .family = BOTH },
	{ "Made by hand", "first fragment of a TCP SYN", hand_fragment, DROPPED, .family = BOTH },
	{ "Made by hand", "first fragment that ends before the TCP flags", hand_tiny_fragment, DROPPED,
	  .family = BOTH },
	{ "Made by hand", "later fragment", hand_later_fragment, DROPPED, .family = BOTH },
	{ "Made by hand", "half a TCP header", hand_short, DROPPED, .family = BOTH },
	{ "Made by hand", "an IP header alone", hand_bare, DROPPED, .family = BOTH },
	{ "Made by hand", "IP version 5", hand_version, DROPPED, .family = BOTH },
	{ "Made by hand", "IPv4 to an exempt destination, sent as IPv6", hand_other_family, .via = PEER_PRIVATE,
	  .from = OWN_V4, .before = "4011:0:c000:205:a00:1:1092:19", DROPPED },

	{ "Made by hand from the source", "TCP SYN", hand_syn, .from = SOURCE, .before = SOURCE, .family = BOTH },
	{ "Made by hand from the source", "UDP", hand_udp, .from = SOURCE, .before = SOURCE, .family = BOTH },
	{ "Made by hand from the source", "TCP SYN routed through an exempt hop", hand_routed_syn, .via = PEER_ULA,
	  .from = SOURCE, .before = SOURCE, .family = BOTH },

	{ "Made by hand, in mid-connection", "TCP ACK", hand_ack, .local_port = EXPLICIT, .each_packet = true,
	  .outcome = OUTSIDE, .family = BOTH,
	  .why = "opens nothing: looks like a server's answer, which the guard lets through" },
	{ "Made by hand, in mid-connection", "TCP SYN+ACK", hand_syn_ack, .local_port = EXPLICIT, .each_packet = true,
	  .outcome = OUTSIDE, .family = BOTH,
	  .why = "opens nothing: looks like a server's answer, which the guard lets through" },

	{ "Made by hand, neighbour discovery", "a redirect to a far destination", hand_redirect, DROPPED },
	{ "Made by hand, neighbour discovery", "a solicitation to a far destination", hand_solicitation,
	  .outcome = OUTSIDE,
	  .why = "the guard lets the kernel's own go; far away nobody takes it, since a router has passed it on" },

	{ "ICMP socket (ping)", "sendto, IPv4", ping_sendto, DROPPED, .family = V4_ONLY },
	{ "ICMP socket (ping)", "bound to the shared address, IPv4", ping_sendto, .local = SHARED, DROPPED,
	  .family = V4_ONLY },
	{ "ICMP socket (ping)", "sendto, IPv6 (its sender is told since Linux 7.3)", ping_sendto, .outcome = GUARDED },
	{ "ICMP socket (ping)", "bound to the shared address, IPv6 (its sender is told since Linux 7.3)", ping_sendto,
	  .local = SHARED, .outcome = GUARDED },
	{ "ICMP socket (ping)", "connect", ping_connect, .family = BOTH },

	{ "SCTP, DCCP", "SCTP connect", sctp_connect, .outcome = GUARDED, .family = BOTH,
	  .why = "tried where the kernel has them" },
	{ "SCTP, DCCP", "SCTP sendto", sctp_send, .outcome = GUARDED, .family = BOTH,
	  .why = "tried where the kernel has them" },
	{ "SCTP, DCCP", "DCCP connect", dccp_connect, .outcome = GUARDED, .family = BOTH,
	  .why = "tried where the kernel has them" },

	{ "Packet socket (`AF_PACKET`)", "a UDP datagram", packet_socket, .outcome = OUTSIDE, .family = BOTH,
	  .why = "goes to the device, past IP and past all hooks of a cgroup; needs `CAP_NET_RAW`" },
	{ "Device of its own (tun)", "a UDP datagram", tun_device, .from = ABSENT, .before = ABSENT,
	  .set_up = FORWARDING("1"), .undo = FORWARDING("0"), .outcome = OUTSIDE,
	  .why = "what a host forwards is of no socket; needs `CAP_NET_ADMIN`, and forwarding switched on" },
	{ "Tunnel of the kernel (VXLAN; GRE, OpenVPN's kernel part, and WireGuard, which has no `local`, are of its "
	  "kind)",
	  "made by the service", tunnel_device, .undo = "ip link del dev tunnel 2>/dev/null || :", .outcome = OUTSIDE,
	  .family = BOTH,
	  .why = "the kernel sends its packets by a socket of its own, past all hooks of a cgroup; give the tunnel its "
		 "`local` address, or the route a `src`; needs `CAP_NET_ADMIN`" },
	{ "Tunnel of the kernel (VXLAN; GRE, OpenVPN's kernel part, and WireGuard, which has no `local`, are of its "
	  "kind)",
	  "with the source as its `local`", tunnel_device, .local = SOURCE, .before = SOURCE,
	  .undo = "ip link del dev tunnel 2>/dev/null || :", .outcome = PINNED, .family = BOTH },
	{ "Tunnel of the kernel (VXLAN; GRE, OpenVPN's kernel part, and WireGuard, which has no `local`, are of its "
	  "kind)",
	  "with `src` on the route", tunnel_device, .dest = PEER_OTHER, .before = SOURCE,
	  .set_up = "ip -6 route add " PEER_OTHER " via " PEER_LINK " dev vps src " SOURCE,
	  .undo = "ip link del dev tunnel 2>/dev/null; ip -6 route del " PEER_OTHER, .outcome = PINNED },
	{ "Segment routing (seg6)", "by the host's route", udp_sendto, .dest = PEER_OTHER,
	  .set_up = "ip -6 route add " PEER_OTHER " encap seg6 mode encap segs " PEER " dev vps",
	  .undo = "ip -6 route del " PEER_OTHER, .outcome = OUTSIDE,
	  .why = "the route puts a header of its own before the packet, whose source the kernel chooses (`ip sr tunsrc "
		 "set`); "
		 "the packet in it is pinned" },
};

const struct out_part raw_rows = OUT_PART(rows);
