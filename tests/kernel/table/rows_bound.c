// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets that the program bound itself, and what `bound` makes of them. */
#include "ways/rows.h"

static const struct row rewrite_rows[] = {
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .counts = "pinned_bind pinned_already" },
	{ "TCP bind(shared, 0), connect", tcp, .local = SHARED, .counts = "pinned_bind pinned_already" },
	{ "TCP bind(another source of the host, 0), connect", tcp, .local = THIRD, .outside = THIRD,
	  .counts = "pinned_bind pinned_already" },
	{ "MPTCP bind(::, 0), connect", tcp, .local = "::", .options = MPTCP, .port = PORT_MPTCP,
	  .counts = "pinned_bind pinned_already" },
	{ "MPTCP bind(shared, 0), connect", tcp, .local = SHARED, .options = MPTCP, .port = PORT_MPTCP,
	  .counts = "pinned_bind pinned_already" },
	{ "TCP bind(::, 0), Fast Open", tcp_fastopen, .local = "::", .counts = "pinned_bind pinned_already" },
	{ "TCP bind(shared, 0), IP_BIND_ADDRESS_NO_PORT, connect", tcp, .local = SHARED, .options = NO_PORT,
	  .counts = "pinned_bind pinned_already" },
	{ "TCP bind(::, 0), IP_BIND_ADDRESS_NO_PORT, connect", tcp, .local = "::", .options = NO_PORT,
	  .counts = "pinned_bind pinned_already" },
	{ "TCP bind(source, 0), connect", tcp, .local = SOURCE, .outside = SOURCE,
	  .counts = "pinned_already exempt_bind" },
	{ "TCP bind(source, port), connect", tcp, .local = SOURCE, .local_port = EXPLICIT, .outside = SOURCE,
	  .counts = "pinned_already exempt_bind" },
	{ "TCP bind(shared, port), connect", tcp, .local = SHARED, .local_port = EXPLICIT, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "TCP bind(::, port), connect", tcp, .local = "::", .local_port = EXPLICIT, .inside = "EPERM",
	  .counts = "exempt_bind denied_wildcard" },
	{ "TCP bind(ULA, 0), connect", tcp, .local = OWN_ULA, .outside = OWN_ULA, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "TCP bind(ULA, 0), IP_BIND_ADDRESS_NO_PORT, connect", tcp, .local = OWN_ULA, .options = NO_PORT,
	  .outside = OWN_ULA, .counts = "pinned_connect exempt_bind" },
	{ "UDP bind(shared, 0), connect", udp_connect, .local = SHARED, .counts = "pinned_bind pinned_already" },
	{ "UDP bind(::, 0), connect", udp_connect, .local = "::", .inside = "EPERM",
	  .counts = "exempt_bind exempt_wildcard dropped_connected" },
	{ "UDP bind(source, 0), connect", udp_connect, .local = SOURCE, .outside = SOURCE,
	  .counts = "pinned_already exempt_bind" },
	{ "UDP bind(source, port), connect", udp_connect, .local = SOURCE, .local_port = EXPLICIT, .outside = SOURCE,
	  .counts = "pinned_already exempt_bind" },
	{ "UDP bind(shared, port), connect", udp_connect, .local = SHARED, .local_port = EXPLICIT, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "UDP bind(::, port), connect", udp_connect, .local = "::", .local_port = EXPLICIT, .inside = "EPERM",
	  .counts = "exempt_bind exempt_wildcard dropped_connected" },
	{ "UDP bind(::, port), connect twice", udp_bound_again, .local = "::", .local_port = EXPLICIT,
	  .inside = "EPERM", .counts = "exempt_bind exempt_wildcard denied_connected" },
	{ "UDP sendto, then connect", udp_sendto_connect, .inside = "EPERM", .outside = "0",
	  .counts = "pinned_datagram denied_wildcard" },
	{ "UDP bind(shared, 0), sendto", udp_sendto, .local = SHARED, .counts = "pinned_bind pinned_datagram" },
	{ "UDP bind(::, 0), sendto", udp_sendto, .local = "::", .counts = "pinned_datagram exempt_bind" },
	{ "UDP bind(::, port), sendto", udp_sendto, .local = "::", .local_port = EXPLICIT,
	  .counts = "pinned_datagram exempt_bind" },
	{ "UDP bind(source, 0), sendto", udp_sendto, .local = SOURCE, .outside = SOURCE,
	  .counts = "pinned_datagram exempt_bind" },
	{ "UDP bind(source, port), sendmsg with IPV6_PKTINFO", udp_sendmsg, .local = SOURCE, .local_port = EXPLICIT,
	  .options = PKTINFO, .counts = "pinned_datagram exempt_bind" },
	{ "UDP bind(shared, port), sendto", udp_sendto, .local = SHARED, .local_port = EXPLICIT, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "UDP bind(shared, port), sendmmsg", udp_sendmmsg, .local = SHARED, .local_port = EXPLICIT, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "UDP bind(ULA, 0), sendto", udp_sendto, .local = OWN_ULA, .outside = OWN_ULA, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "UDP connected to an exempt one, then to a pinned one", udp_again, .first = PEER_ULA, .outside = OWN_ULA,
	  .inside = "EPERM", .counts = "exempt_rule denied_connected" },
	{ "UDP connected to an exempt one, then sendto a pinned one", udp_connect_sendto, .first = PEER_ULA,
	  .outside = OWN_ULA, .inside = "EPERM", .counts = "exempt_rule denied_connected" },
};

static const struct row deny_rows[] = {
	{ "TCP connect", tcp, .counts = "pinned_connect" },
	{ "UDP sendto", udp_sendto, .counts = "pinned_datagram" },
	{ "TCP bind(shared, 0), connect", tcp, .local = SHARED, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "TCP bind(shared, 0), IP_BIND_ADDRESS_NO_PORT, connect", tcp, .local = SHARED, .options = NO_PORT,
	  .inside = "EPERM", .counts = "exempt_bind denied_bound" },
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .inside = "EPERM", .counts = "exempt_bind denied_wildcard" },
	{ "UDP bind(shared, 0), sendto", udp_sendto, .local = SHARED, .inside = "EPERM",
	  .counts = "exempt_bind denied_bound" },
	{ "UDP bind(::, 0), sendto", udp_sendto, .local = "::", .counts = "pinned_datagram exempt_bind" },
	{ "TCP bind(source, 0), connect", tcp, .local = SOURCE, .outside = SOURCE,
	  .counts = "pinned_already exempt_bind" },
};

static const struct row leave_rows[] = {
	{ "TCP connect", tcp, .counts = "pinned_connect" },
	{ "TCP bind(shared, 0), connect", tcp, .local = SHARED, .inside = SHARED,
	  .counts = "exempt_bind exempt_bound" },
	{ "TCP bind(shared, port), connect", tcp, .local = SHARED, .local_port = EXPLICIT, .inside = SHARED,
	  .counts = "exempt_bind exempt_bound" },
	{ "UDP bind(shared, port), connect", udp_connect, .local = SHARED, .local_port = EXPLICIT, .inside = SHARED,
	  .counts = "exempt_bind exempt_bound" },
	{ "UDP bind(shared, port), sendto", udp_sendto, .local = SHARED, .local_port = EXPLICIT, .inside = SHARED,
	  .counts = "exempt_bind exempt_bound" },
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .inside = "EPERM", .counts = "exempt_bind denied_wildcard" },
	{ "UDP bind(::, 0), connect", udp_connect, .local = "::", .inside = "EPERM",
	  .counts = "exempt_bind denied_wildcard" },
	{ "UDP bind(::, 0), sendto", udp_sendto, .local = "::", .counts = "pinned_datagram exempt_bind" },
	/* what the kernel chose, the program did not bind */
	{ "UDP connected to an exempt one, then to a pinned one", udp_again, .first = PEER_ULA, .outside = OWN_ULA,
	  .inside = "EPERM", .counts = "exempt_rule denied_connected" },
	{ "UDP connected to an exempt one, then sendto a pinned one", udp_connect_sendto, .first = PEER_ULA,
	  .outside = OWN_ULA, .inside = "EPERM", .counts = "exempt_rule denied_connected" },
	{ "UDP connected to an exempt one, AF_UNSPEC, to a pinned one", udp_unspec, .first = PEER_ULA,
	  .counts = "pinned_connect exempt_rule" },
};

static const struct row deny_to_rows[] = {
	{ "UDP connected to one source's, AF_UNSPEC, to the other's", udp_unspec, PEER_OTHER, .first = PEER,
	  .inside = SECOND, .counts = "pinned_connect*2" },
};

/* The source is the address that the kernel chooses anyway. */
static const struct row chosen_rows[] = {
	{ "UDP bind(::, 0), connect", udp_connect, .local = "::", .inside = SHARED,
	  .counts = "exempt_bind exempt_wildcard" },
	{ "UDP bind(::, port), connect", udp_connect, .local = "::", .local_port = EXPLICIT, .inside = SHARED,
	  .counts = "exempt_bind exempt_wildcard" },
	{ "UDP bind(::, 0), connect twice", udp_bound_again, .local = "::", .inside = SHARED,
	  .counts = "pinned_already exempt_bind exempt_wildcard" },
	{ "UDP bind(::, 0), connect to IPv4", udp_connect, PEER_MAPPED, .local = "::", .inside = OWN_V4,
	  .outside = OWN_V4, .counts = "pinned_datagram exempt_bind exempt_wildcard" },
	{ "UDP bind(0.0.0.0, port), connect", udp_connect, PEER_V4, .local = "0.0.0.0", .local_port = EXPLICIT,
	  .inside = OWN_V4, .outside = OWN_V4, .counts = "exempt_bind exempt_wildcard" },
	/* a query has left from there, and its answer will come: the connect would change nothing, but who knows that?
	 */
	{ "UDP sendto, then connect", udp_sendto_connect, .inside = "EPERM", .outside = "0",
	  .counts = "pinned_datagram denied_wildcard" },
};

static const struct row unguarded_rows[] = {
	{ "UDP bind(::, 0), connect", udp_connect, .local = "::", .inside = "EPERM",
	  .counts = "exempt_bind denied_wildcard" },
	{ "UDP bind(0.0.0.0, port), connect", udp_connect, PEER_V4, .local = "0.0.0.0", .local_port = EXPLICIT,
	  .inside = "EPERM", .outside = OWN_V4, .counts = "exempt_bind denied_wildcard" },
};

static const struct row local_rows[] = {
	{ "TCP bind(::1, 0)", bound_at, .local = "::1", .outside = "at ::1", .inside = "at ::1",
	  .counts = "exempt_bind" },
	{ "UDP bind(::1, 0)", udp_bound_at, .local = "::1", .outside = "at ::1", .inside = "at ::1",
	  .counts = "exempt_bind" },
	{ "TCP bind(::ffff:127.0.0.1, 0)", bound_at, .local = "::ffff:127.0.0.1", .outside = "at 127.0.0.1",
	  .inside = "at 127.0.0.1", .counts = "exempt_bind" },
	{ "UDP bind(ULA, 0)", udp_bound_at, .local = OWN_ULA, .outside = "at " OWN_ULA, .inside = "at " OWN_ULA,
	  .counts = "exempt_bind" },
};

static const struct group groups[] = {
	{ "exempt what is exempt anyway", "source = " SOURCE "\nexempt = ::1, 127.0.0.0/8, fd00:1::/64, fe80::/10\n",
	  ROWS(local_rows) },
	{ "bound = deny, two sources", "source = " SOURCE "\nbound = deny\nto = " PEER_OTHER " " SECOND "\n",
	  ROWS(deny_to_rows) },
	{ "bound = rewrite", "source = " SOURCE "\nbound = rewrite\n", ROWS(rewrite_rows) },
	{ "bound = deny", "source = " SOURCE "\nbound = deny\n", ROWS(deny_rows) },
	{ "bound = leave", "source = " SOURCE "\nbound = leave\n", ROWS(leave_rows) },
	{ "the kernel's choice", "source = " SHARED "\nsource4 = " OWN_V4 "\n", ROWS(chosen_rows) },
	{ "guard = off", "source = " SHARED "\nsource4 = " OWN_V4 "\nguard = off\n", ROWS(unguarded_rows) },
};

const struct groups bound_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
