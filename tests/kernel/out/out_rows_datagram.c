// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Datagrams: UDP and UDP-Lite. */
#include <errno.h>

#include "out/out.h"
#include "ways/rows.h"

/* PINNED, but: */
#define NOT_ASKED                                                                        \
	"also once the host has lost it: for raw sockets and IPv4 the guard cannot ask " \
	"whether an address is of this host"

#define SOURCE_GOES "ip addr del $ROW_SOURCE dev vps"
#define SOURCE_COMES "ip addr replace $ROW_SOURCE dev vps $ROW_FLAGS && " UNTIL_USABLE(SOURCE)

static const struct out_row rows[] = {
	{ "UDP, unconnected", "sendto", udp_sendto, .family = BOTH },
	{ "UDP, unconnected", "sendmsg", udp_sendmsg, .family = BOTH },
	{ "UDP, unconnected", "sendmmsg", udp_sendmmsg, .family = BOTH },
	{ "UDP, unconnected", "`PKTINFO` of the shared address", udp_sendmsg, .options = PKTINFO, .family = BOTH },
	{ "UDP, unconnected", "sendmmsg, `PKTINFO`", udp_sendmmsg, .options = PKTINFO, .family = BOTH },
	{ "UDP, unconnected", "sticky `IPV6_PKTINFO`", udp_sendto, .options = STICKY_PKTINFO },
	{ "UDP, unconnected", "`MSG_MORE`", udp_more, .family = BOTH },
	{ "UDP, unconnected", "`UDP_CORK`", udp_corked, .family = BOTH },
	{ "UDP, unconnected", "`UDP_SEGMENT`", udp_gso, .family = BOTH },
	{ "UDP, unconnected", "`UDP_SEGMENT` in the message", udp_gso_message, .family = BOTH },
	{ "UDP, unconnected", "larger than the MTU", udp_big, .family = BOTH },
	{ "UDP, unconnected", "io_uring", uring_sendmsg, .family = BOTH },
	{ "UDP, unconnected", "io_uring, SQPOLL", uring_polled_sendmsg, .family = BOTH },
	{ "UDP, unconnected", "`SO_BINDTODEVICE`", udp_sendto, .options = TO_DEVICE, .family = BOTH },
	{ "UDP, unconnected", "v4-mapped", udp_sendto, PEER_MAPPED, .source = SOURCE_V4, .before = OWN_V4 },
	{ "UDP, unconnected", "v4-mapped, `PKTINFO`", udp_sendmsg, PEER_MAPPED, .options = PKTINFO, .source = SOURCE_V4,
	  .before = OWN_V4 },
	{ "UDP, unconnected", "`sockaddr_in` on an AF_INET6 socket", udp_inet_sendto, PEER_V4, .family = V4_ONLY },
	{ "UDP, unconnected", "an address of family `AF_UNSPEC`", udp_no_family_sendto, PEER_V4, .family = V4_ONLY },
	{ "UDP, unconnected", "`IPV6_ADDRFORM`", udp_addrform, PEER_V4, .first = "::ffff:" PEER_OTHER_V4,
	  .family = V4_ONLY },
	{ "UDP, unconnected", "broadcast", udp_broadcast, "192.0.2.255", .family = V4_ONLY },
	{ "UDP, unconnected", "hop-by-hop options", udp_sendto, .options = HOPOPTS },
	{ "UDP, unconnected", "source route through an exempt hop", udp_sendto, .options = ROUTED, .via = PEER_ULA,
	  .before = OWN_ULA, .family = BOTH },
	{ "UDP, unconnected", "source route in the message", udp_routed_message, .via = PEER_ULA, .before = OWN_ULA,
	  .family = V4_ONLY },
	{ "UDP, unconnected", "an answer of a server on the wildcard", udp_serve, SHARED,
	  .local = "::", .local_port = EXPLICIT, .family = BOTH },
	{ "UDP, unconnected", "a socket made before `load`", udp_meet_send, .meanwhile = LOADS, .family = BOTH },

	{ "UDP, connected", "send", udp_connect, .family = BOTH },
	{ "UDP, connected", "again", udp_again, .first = PEER_OTHER, .family = BOTH },
	{ "UDP, connected first to an exempt destination", "again, to a pinned one", udp_again, .first = PEER_ULA,
	  .before = OWN_ULA, .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "UDP, connected first to an exempt destination", "again after `AF_UNSPEC`", udp_unspec, .first = PEER_ULA,
	  .family = BOTH },
	{ "UDP, connected", "again after `AF_UNSPEC`", udp_unspec, .first = PEER_OTHER, .family = BOTH },
	{ "UDP, connected", "sendto elsewhere", udp_connect_sendto, .first = PEER_OTHER, .family = BOTH },
	{ "UDP, connected", "sendto elsewhere, an address of family `AF_UNSPEC`", udp_no_family_connected, PEER_V4,
	  .first = PEER_OTHER, .family = V4_ONLY },
	{ "UDP, connected", "`PKTINFO` of the shared address", udp_connect_sendmsg, .options = PKTINFO,
	  .family = BOTH },
	{ "UDP, connected", "`MSG_MORE`", udp_connect_more, .family = BOTH },
	{ "UDP, connected", "sendfile", udp_sendfile, .family = BOTH },
	{ "UDP, connected", "splice", udp_splice, .family = BOTH },
	{ "UDP, connected", "v4-mapped", udp_connect, PEER_MAPPED, .source = SOURCE_V4, .before = OWN_V4 },
	{ "UDP, connected", "v4-mapped, `PKTINFO`", udp_connect_sendmsg, PEER_MAPPED, .options = PKTINFO,
	  .source = SOURCE_V4, .before = OWN_V4 },
	{ "UDP, connected", "`sockaddr_in` on an AF_INET6 socket", udp_inet_connect, PEER_V4, .family = V4_ONLY },
	{ "UDP, connected", "sticky `IPV6_PKTINFO`", udp_connect, .options = STICKY_PKTINFO },

	{ "UDP, bound", "to the shared address, port 0", udp_sendto, .local = SHARED, .family = BOTH },
	{ "UDP, bound", "`IP_FREEBIND`, an address of nobody", udp_sendto, .local = ABSENT, .options = FREEBIND,
	  .before = ABSENT },
	{ "UDP, bound", "`IP_FREEBIND`, an address of nobody", udp_sendto, .local = ABSENT, .options = FREEBIND,
	  .before = "ENETUNREACH", .family = V4_ONLY },
	{ "UDP, bound", "to the wildcard, with a port", udp_sendto, .local = "::", .local_port = EXPLICIT,
	  .family = BOTH },
	{ "UDP, bound", "to the wildcard, with a port, v4-mapped", udp_sendto, PEER_MAPPED,
	  .local = "::", .local_port = EXPLICIT, .source = SOURCE_V4, .before = OWN_V4 },
	{ "UDP, bound", "v4-mapped, with a port", udp_sendto, PEER_MAPPED, .local = "::ffff:" OWN_V4,
	  .local_port = EXPLICIT, .before = OWN_V4, .outcome = REFUSED, .error = EPERM },
	{ "UDP, bound", "to the shared address, with a port", udp_sendto, .local = SHARED, .local_port = EXPLICIT,
	  .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "UDP, bound", "to the shared address, with a port, then connected", udp_connect, .local = SHARED,
	  .local_port = EXPLICIT, .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "UDP, bound", "`SO_REUSEPORT`, with a port", udp_sendto, .local = SHARED, .local_port = EXPLICIT,
	  .options = REUSEPORT, .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "UDP, bound", "`IP_TRANSPARENT`, an address of nobody, with a port", udp_sendto, .local = ABSENT,
	  .local_port = EXPLICIT, .options = TRANSPARENT, .before = ABSENT, .outcome = REFUSED, .error = EPERM,
	  .family = BOTH },
	{ "UDP, bound", "to the shared address, with a port, before `load`", udp_meet_send, .local = SHARED,
	  .local_port = EXPLICIT, .meanwhile = LOADS, .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "UDP, bound", "to the wildcard, with a port, then connected", udp_connect,
	  .local = "::", .local_port = EXPLICIT, .outcome = GUARDED, .error = EPERM, .family = BOTH },

	{ "UDP, connected before `load`", "send", udp_connect_meet, .meanwhile = LOADS, .outcome = GUARDED,
	  .error = EPERM, .family = BOTH },
	{ "UDP, connected before `load`", "sendto", udp_connect_meet_sendto, .meanwhile = LOADS, .outcome = REFUSED,
	  .error = EPERM, .family = BOTH },
	{ "UDP, connected before `load`", "connect again", udp_connect_meet_connect, .meanwhile = LOADS,
	  .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "UDP, begun before `load`", "`MSG_MORE`", udp_more, .meanwhile = LOADS, .outcome = GUARDED, .error = EPERM,
	  .family = BOTH },
	{ "UDP, begun before `load`", "`UDP_CORK` (its sender is not told)", udp_corked, .meanwhile = LOADS,
	  .outcome = GUARDED, .family = BOTH },

	{ "UDP-Lite (gone from Linux 7.1)", "sendto, IPv6", udp_sendto, .options = UDPLITE, .outcome = REFUSED,
	  .error = EADDRNOTAVAIL },
	{ "UDP-Lite (gone from Linux 7.1)", "sendto, IPv4", udp_sendto, .options = UDPLITE, .family = V4_ONLY },
	{ "UDP-Lite (gone from Linux 7.1)", "connect", udp_connect, .options = UDPLITE, .outcome = GUARDED,
	  .error = EPERM, .family = BOTH },
};

/* IPv4's own check, where the kernel has one, comes before ours. */
static const struct out_row missing_rows[] = {
	{ "The source is gone", "TCP", tcp, .outcome = REFUSED, .error = EADDRNOTAVAIL, .family = BOTH },
	{ "The source is gone", "UDP, connected", udp_connect, .outcome = REFUSED, .error = EADDRNOTAVAIL,
	  .family = BOTH },
	{ "The source is gone", "UDP, unconnected", udp_sendto, .outcome = REFUSED, .error = EADDRNOTAVAIL },
	{ "The source is gone", "UDP, unconnected, IPv4", udp_sendto, .outcome = REFUSED, .error = ENETUNREACH,
	  .family = V4_ONLY },
	{ "The source is gone", "TCP, `IP_TRANSPARENT`, IPv4", tcp, .options = TRANSPARENT, .family = V4_ONLY,
	  .why = NOT_ASKED },
	{ "The source is gone", "UDP, `IP_TRANSPARENT`, IPv4", udp_sendto, .options = TRANSPARENT, .family = V4_ONLY,
	  .why = NOT_ASKED },
	{ "The source is gone", "TCP, `IP_TRANSPARENT`", tcp, .options = TRANSPARENT, .outcome = REFUSED,
	  .error = EADDRNOTAVAIL },
	{ "The source is gone", "raw socket", raw_sendto, .outcome = GUARDED, .error = EPERM, .family = BOTH },
	{ "The source is gone", "made by hand from it", hand_udp, .from = SOURCE, .before = SOURCE, .family = BOTH,
	  .why = NOT_ASKED },
};

static const struct out_row leaving_rows[] = {
	{ "The source goes away", "UDP, connected before", udp_connect_meet, .meanwhile = SOURCE_GOES,
	  .undo = SOURCE_COMES, .outcome = GUARDED, .error = EPERM },
	{ "The source goes away", "UDP, connected before, IPv4", udp_connect_meet, .meanwhile = SOURCE_GOES,
	  .undo = SOURCE_COMES, .outcome = REFUSED, .error = ENETUNREACH, .family = V4_ONLY },
	{ "The source goes away", "UDP, begun before, `MSG_MORE`", udp_more, .meanwhile = SOURCE_GOES,
	  .undo = SOURCE_COMES, .outcome = GUARDED, .error = EPERM },
	{ "The source goes away", "UDP, begun before, `UDP_CORK` (its sender is not told)", udp_corked,
	  .meanwhile = SOURCE_GOES, .undo = SOURCE_COMES, .outcome = GUARDED },
	{ "The source goes away", "UDP, begun before, IPv4, `MSG_MORE`", udp_more, .meanwhile = SOURCE_GOES,
	  .undo = SOURCE_COMES, .family = V4_ONLY, .why = NOT_ASKED },
	{ "The source goes away", "UDP, begun before, IPv4, `UDP_CORK`", udp_corked, .meanwhile = SOURCE_GOES,
	  .undo = SOURCE_COMES, .family = V4_ONLY, .why = NOT_ASKED },
};

const struct out_part datagram_rows = OUT_PART(rows), datagram_missing_rows = OUT_PART(missing_rows),
		      datagram_leaving_rows = OUT_PART(leaving_rows);
