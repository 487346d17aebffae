// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a pinned service does just as without us. */
#include "ways/rows.h"

static const struct row rows[] = {
	{ "TCP to ::1", tcp_to_self, "::1", .local = "::1", .local_port = EXPLICIT, .outside = "::1 served ::1",
	  .same = true, .counts = "exempt_rule exempt_bind" },
	{ "UDP to ::1", udp_to_self, "::1", .local = "::1", .local_port = EXPLICIT, .outside = "::1 served ::1",
	  .same = true },
	{ "TCP to ::", tcp_to_self, "::", .local = "::1", .local_port = EXPLICIT, .outside = "::1 served ::1",
	  .same = true, .counts = "exempt_rule exempt_bind" },
	{ "UDP to ::", udp_to_self, "::", .local = "::1", .local_port = EXPLICIT, .outside = "::1 served ::1",
	  .same = true },
	{ "TCP to 127.0.0.1", tcp_to_self, "127.0.0.1", .local = "127.0.0.1", .local_port = EXPLICIT,
	  .outside = "127.0.0.1 served 127.0.0.1", .same = true, .counts = "none" },
	{ "TCP to link-local", tcp, PEER_LINK, .outside = OWN_LINK, .same = true, .counts = "exempt_rule" },
	{ "UDP connect to link-local", udp_connect, PEER_LINK, .outside = OWN_LINK, .same = true,
	  .counts = "exempt_rule" },
	{ "UDP sendto link-local", udp_sendto, PEER_LINK, .outside = OWN_LINK, .same = true, .counts = "exempt_rule" },
	{ "UDP sendto a multicast group", udp_sendto, "ff02::5bc", .outside = OWN_LINK, .same = true,
	  .counts = "exempt_rule" },
	{ "UDP connect to a multicast group", udp_connect, "ff02::5bc", .outside = OWN_LINK, .same = true,
	  .counts = "exempt_rule" },
	{ "TCP to unique-local", tcp, PEER_ULA, .outside = OWN_ULA, .same = true, .counts = "exempt_rule" },
	{ "UDP connect to unique-local", udp_connect, PEER_ULA, .outside = OWN_ULA, .same = true,
	  .counts = "exempt_rule" },
	{ "UDP sendto unique-local", udp_sendto, PEER_ULA, .outside = OWN_ULA, .same = true, .counts = "exempt_rule" },
	{ "UDP sendmsg to unique-local, IPV6_PKTINFO", udp_sendmsg, PEER_ULA, .options = PKTINFO, .same = true,
	  .counts = "exempt_rule" },
	{ "AF_INET6 TCP to v4-mapped", tcp, PEER_MAPPED, .outside = OWN_V4, .same = true, .counts = "exempt_rule" },
	{ "AF_INET6 TCP to v4-mapped, non-blocking", tcp, PEER_MAPPED, .options = NONBLOCK, .outside = OWN_V4,
	  .same = true, .counts = "exempt_rule" },
	{ "AF_INET6 MPTCP to v4-mapped", tcp, PEER_MAPPED, .port = PORT_MPTCP, .options = MPTCP, .outside = OWN_V4,
	  .same = true, .counts = "exempt_rule" },
	{ "AF_INET6 UDP connect to v4-mapped", udp_connect, PEER_MAPPED, .outside = OWN_V4, .same = true,
	  .counts = "exempt_rule" },
	{ "AF_INET6 UDP sendto v4-mapped", udp_sendto, PEER_MAPPED, .outside = OWN_V4, .same = true, .counts = "none" },
	{ "AF_INET6 UDP bind(::, 0), sendto v4-mapped", udp_sendto, PEER_MAPPED, .local = "::", .outside = OWN_V4,
	  .same = true },
	{ "AF_INET6 UDP bind(::, port), sendto v4-mapped", udp_sendto, PEER_MAPPED,
	  .local = "::", .local_port = EXPLICIT, .outside = OWN_V4, .same = true },
	{ "AF_INET6 UDP bind(::, 0), connect to v4-mapped", udp_connect, PEER_MAPPED, .local = "::", .outside = OWN_V4,
	  .same = true, .counts = "exempt_rule exempt_bind" },
	{ "AF_INET6 TCP bind(::, port), connect to v4-mapped", tcp, PEER_MAPPED, .local = "::", .local_port = EXPLICIT,
	  .outside = OWN_V4, .same = true, .counts = "exempt_rule exempt_bind" },
	{ "AF_INET6 TCP bind(v4-mapped, 0), connect to v4-mapped", tcp, PEER_MAPPED, .local = "::ffff:192.0.2.5",
	  .outside = OWN_V4, .same = true, .counts = "exempt_rule exempt_bind" },
	{ "AF_INET TCP", tcp, PEER_V4, .outside = OWN_V4, .same = true, .counts = "none" },
	{ "AF_INET TCP bind(0.0.0.0, 0)", tcp, PEER_V4, .local = "0.0.0.0", .outside = OWN_V4, .same = true,
	  .counts = "none" },
	{ "AF_INET UDP connect", udp_connect, "10.0.0.1", .outside = "10.0.0.5", .same = true, .counts = "none" },
	{ "AF_INET UDP sendto", udp_sendto, PEER_V4, .outside = OWN_V4, .same = true, .counts = "none" },
	{ "Unix socket", unix_socket, .outside = "connected", .same = true, .counts = "none" },
	{ "TCP socket that is older than its process's stay in the cgroup", tcp, .options = MADE_OUTSIDE,
	  .inside = SHARED, .counts = "none" },
	{ "UDP socket that is older than its process's stay in the cgroup", udp_sendto, .options = MADE_OUTSIDE,
	  .inside = SHARED, .counts = "none" },
};

/* glibc sorts addresses by the sources that it would get for them, one socket trying all (RFC 6724) */
static const struct row name_rows[] = {
	{ "getaddrinfo, AAAA and A", getaddrinfo_order, "both.test", .outside = PEER " " PEER_V4, .same = true,
	  .counts = "pinned_connect" },
	{ "getaddrinfo, several AAAA and A", getaddrinfo_order, "many.test",
	  .outside = "fd00:1::1 2001:db8:9::1 2001:db8:78::1 10.0.0.1", .same = true },
	{ "getaddrinfo, exempt AAAA and A", getaddrinfo_order, "exempt.test", .outside = PEER_ULA " " PEER_V4,
	  .same = true },
	{ "getaddrinfo, localhost", getaddrinfo_order, "localhost", .outside = "127.0.0.1", .same = true,
	  .counts = "none" },
};

/* Rule 3 avoids deprecated sources: with one, names resolve to IPv4 first. */
static const struct row deprecated_rows[] = {
	{ "getaddrinfo, AAAA and A", getaddrinfo_order, "both.test", .outside = PEER " " PEER_V4,
	  .inside = PEER_V4 " " PEER },
};

/* A datagram socket that was pinned and let go again by AF_UNSPEC is free once more. */
static const struct row again_rows[] = {
	{ "UDP connect to a pinned one, AF_UNSPEC, to unique-local", udp_unspec, PEER_ULA, .outside = OWN_ULA,
	  .same = true, .counts = "pinned_connect exempt_rule" },
	{ "UDP connect to a pinned one, AF_UNSPEC, to link-local", udp_unspec, PEER_LINK, .outside = OWN_LINK,
	  .same = true, .counts = "pinned_connect exempt_rule" },
	/* a stream socket cannot be told from one that the program bound to the source itself */
	{ "TCP to a pinned one, refused, to unique-local: stays at the source", tcp_again, PEER_ULA,
	  .first_port = PORT_CLOSED, .outside = OWN_ULA, .inside = SOURCE, .counts = "pinned_connect exempt_rule" },
	{ "TCP bind(source, 0), IP_BIND_ADDRESS_NO_PORT, connect to unique-local", tcp, PEER_ULA, .local = SOURCE,
	  .options = NO_PORT, .outside = SOURCE, .same = true, .counts = "exempt_rule exempt_bind" },
};

static const struct group groups[] = {
	{ "untouched", "source = " SOURCE "\n", ROWS(rows) },
	{ "untouched", "source = " SOURCE "\n", "ip addr change " SOURCE "/64 dev vps nodad preferred_lft forever",
	  "ip addr change " SOURCE "/64 dev vps nodad preferred_lft 0", ROWS(name_rows) },
	{ "deprecated source", "source = " SOURCE "\n", ROWS(deprecated_rows) },
	{ "untouched", "source = " SOURCE "\n", ROWS(again_rows) },
};

const struct groups untouched_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
