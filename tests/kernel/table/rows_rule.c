// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `ports`, `to` and `exempt`. */
#include "ways/rows.h"

static const struct row port_rows[] = {
	{ "TCP to 25", tcp, .counts = "pinned_connect" },
	{ "TCP to 465", tcp, .port = PORT_TOO, .counts = "pinned_connect" },
	{ "TCP to 26", tcp, .port = PORT_MPTCP, .inside = SHARED, .counts = "exempt_port" },
	{ "UDP connect to 465", udp_connect, .port = PORT_TOO, .counts = "pinned_connect" },
	{ "UDP connect to 26", udp_connect, .port = PORT_MPTCP, .inside = SHARED, .counts = "exempt_port" },
	{ "UDP sendto 25", udp_sendto, .counts = "pinned_datagram" },
	{ "UDP sendto 26", udp_sendto, .port = PORT_MPTCP, .inside = SHARED, .counts = "exempt_port" },
	/* bind comes before the port is known */
	{ "TCP bind(::, 0), connect to 26", tcp, .local = "::", .port = PORT_MPTCP,
	  .counts = "pinned_bind exempt_port" },
	{ "TCP bind(shared, port), connect to 26", tcp, .local = SHARED, .local_port = EXPLICIT, .port = PORT_MPTCP,
	  .inside = SHARED, .counts = "exempt_port exempt_bind" },
	{ "UDP connect to 26, then to 25", udp_again, .first_port = PORT_MPTCP, .inside = "EPERM",
	  .counts = "exempt_port denied_connected" },
	{ "UDP connect to 26, AF_UNSPEC, to 25", udp_unspec, .first_port = PORT_MPTCP,
	  .counts = "pinned_connect exempt_port" },
};

static const struct row to_rows[] = {
	{ "TCP to a destination of its own source", tcp, PEER_OTHER, .inside = SECOND, .counts = "pinned_connect" },
	{ "TCP to another", tcp, .counts = "pinned_connect" },
	{ "UDP connect", udp_connect, PEER_OTHER, .inside = SECOND, .counts = "pinned_connect" },
	{ "UDP sendto", udp_sendto, PEER_OTHER, .inside = SECOND, .counts = "pinned_datagram" },
	{ "UDP sendto, longer prefix", udp_sendto, "2001:db8:77:1::9", .inside = THIRD, .counts = "pinned_datagram" },
	{ "UDP sendto, last address of the longer prefix", udp_sendto, "2001:db8:77:1:ffff:ffff:ffff:ffff",
	  .inside = THIRD, .counts = "pinned_datagram" },
	{ "UDP sendto, first address after it", udp_sendto, "2001:db8:77:2::", .inside = SECOND,
	  .counts = "pinned_datagram" },
	{ "UDP sendto, ULA overridden by `to`", udp_sendto, PEER_ULA, .outside = OWN_ULA, .inside = SECOND,
	  .counts = "pinned_datagram" },
	/* which source is wanted is not known at bind: the default one is taken */
	{ "TCP bind(::, 0), connect", tcp, PEER_OTHER, .local = "::", .inside = "EPERM",
	  .counts = "pinned_bind denied_other_source" },
	{ "TCP bind(::, 0), connect to another", tcp, .local = "::", .counts = "pinned_bind pinned_already" },
	{ "TCP bind(that source, 0), connect", tcp, PEER_OTHER, .local = SECOND, .outside = SECOND, .inside = SECOND,
	  .counts = "pinned_already exempt_bind" },
	{ "TCP bind(that source, port), connect to another", tcp, .local = SECOND, .local_port = EXPLICIT,
	  .outside = SECOND, .inside = "EPERM", .counts = "exempt_bind denied_other_source" },
	{ "UDP bind(::, 0), sendto", udp_sendto, PEER_OTHER, .local = "::", .inside = SECOND,
	  .counts = "pinned_datagram exempt_bind" },
	{ "UDP connect to one, then to the other", udp_again, PEER_OTHER, .inside = "EPERM",
	  .counts = "pinned_connect denied_other_source" },
	{ "UDP connect to one, AF_UNSPEC, to the other", udp_unspec, PEER_OTHER, .inside = SECOND,
	  .counts = "pinned_connect*2" },
	{ "UDP connected to one, sendto the other", udp_connect_sendto, PEER_OTHER, .inside = "EPERM",
	  .counts = "pinned_connect denied_other_source" },
	{ "TCP connect after a refused one of another source", tcp_again, PEER_OTHER, .first_port = PORT_CLOSED,
	  .inside = SECOND, .counts = "pinned_connect*2" },
};

static const struct row exempt_rows[] = {
	{ "TCP to an exempt prefix", tcp, PEER_THIRD, .inside = SHARED, .counts = "exempt_rule" },
	{ "UDP connect to an exempt prefix", udp_connect, PEER_THIRD, .inside = SHARED, .counts = "exempt_rule" },
	{ "UDP sendto an exempt prefix", udp_sendto, PEER_THIRD, .inside = SHARED, .counts = "exempt_rule" },
	{ "UDP sendto a pinned part of it", udp_sendto, "2001:db8:78:1::1", .inside = THIRD,
	  .counts = "pinned_datagram" },
	{ "UDP sendto beside it", udp_sendto, PEER_OTHER, .counts = "pinned_datagram" },
	{ "UDP sendto an exempt address", udp_sendto, "2001:db8:77::9", .inside = SHARED, .counts = "exempt_rule" },
	{ "TCP bind(::, 0), connect to an exempt prefix", tcp, PEER_THIRD,
	  .local = "::", .counts = "pinned_bind exempt_rule" },
	{ "TCP bind(shared, port), connect to an exempt prefix", tcp, PEER_THIRD, .local = SHARED,
	  .local_port = EXPLICIT, .inside = SHARED, .counts = "exempt_rule exempt_bind" },
};

static const struct group groups[] = {
	{ "ports", "source = " SOURCE "\nports = 25, 465\n", ROWS(port_rows) },
	{ "to",
	  "source = " SOURCE "\n"
	  "to = 2001:db8:77::/48 " SECOND "\n"
	  "to = 2001:db8:77:1::/64 " THIRD "\n"
	  "to = fd00:1::/64 " SECOND "\n",
	  ROWS(to_rows) },
	{ "exempt",
	  "source = " SOURCE "\n"
	  "exempt = 2001:db8:78::/48, 2001:db8:77::9\n"
	  "to = 2001:db8:78:1::/64 " THIRD "\n",
	  ROWS(exempt_rows) },
};

const struct groups rule_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
