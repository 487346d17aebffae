// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The peer connects, and the pinned service accepts. */
#include "ways/rows.h"

#define SERVED(address) address " served " PEER

static const struct row rows[] = {
	{ "TCP listener on (::, port), reached at the shared address", tcp_serve, SHARED,
	  .local = "::", .local_port = EXPLICIT, .outside = SERVED(SHARED), .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (::, port), reached at the source", tcp_serve, SOURCE, .local = "::", .local_port = EXPLICIT,
	  .outside = SERVED(SOURCE), .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (::, port), reached over IPv4", tcp_serve, "::ffff:192.0.2.5", .local = "::",
	  .local_port = EXPLICIT, .outside = OWN_V4 " served " PEER_V4, .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (shared, port)", tcp_serve, SHARED, .local = SHARED, .local_port = EXPLICIT,
	  .outside = SERVED(SHARED), .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (source, port)", tcp_serve, SOURCE, .local = SOURCE, .local_port = EXPLICIT,
	  .outside = SERVED(SOURCE), .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (source, 0)", tcp_serve, SOURCE, .local = SOURCE, .outside = SERVED(SOURCE), .same = true,
	  .counts = "exempt_bind" },
	{ "TCP listener on (ULA, port)", tcp_serve, OWN_ULA, .local = OWN_ULA, .local_port = EXPLICIT,
	  .outside = OWN_ULA " served " PEER_ULA, .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (ULA, 0)", tcp_serve, OWN_ULA, .local = OWN_ULA, .outside = OWN_ULA " served " PEER_ULA,
	  .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (link-local, port)", tcp_serve, OWN_LINK, .local = OWN_LINK, .local_port = EXPLICIT,
	  .outside = OWN_LINK " served " PEER_LINK, .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (link-local, 0)", tcp_serve, OWN_LINK, .local = OWN_LINK,
	  .outside = OWN_LINK " served " PEER_LINK, .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (::1, 0)", tcp_to_self, "::1", .local = "::1", .outside = "::1 served ::1", .same = true,
	  .counts = "exempt_rule exempt_bind" },
	{ "TCP listener on (IPv4, port)", tcp_serve, "::ffff:192.0.2.5", .local = OWN_V4, .local_port = EXPLICIT,
	  .outside = OWN_V4 " served " PEER_V4, .same = true, .counts = "none" },
	{ "TCP listener on (v4-mapped, 0)", tcp_serve, "::ffff:192.0.2.5", .local = "::ffff:192.0.2.5",
	  .outside = OWN_V4 " served " PEER_V4, .same = true, .counts = "exempt_bind" },
	{ "MPTCP listener on (::, port)", tcp_serve, SHARED, .local = "::", .local_port = EXPLICIT, .options = MPTCP,
	  .outside = SERVED(SHARED), .same = true, .counts = "exempt_bind" },
	{ "UDP server on (::, port), asked over IPv4", udp_serve, "::ffff:192.0.2.5",
	  .local = "::", .local_port = EXPLICIT, .outside = OWN_V4 " served " PEER_V4, .same = true },
	{ "UDP server on (ULA, port)", udp_serve, OWN_ULA, .local = OWN_ULA, .local_port = EXPLICIT,
	  .outside = OWN_ULA " served " PEER_ULA, .same = true, .counts = "exempt_rule exempt_bind" },
	{ "UDP server on (source, port)", udp_serve, SOURCE, .local = SOURCE, .local_port = EXPLICIT,
	  .outside = SERVED(SOURCE), .same = true, .counts = "pinned_datagram exempt_bind" },
};

/* What it costs that nobody knows, at bind, who is going to open: see decide.h. */
static const struct row price_rows[] = {
	{ "TCP bind(::, 0) is narrowed to the source", bound_at,
	  .local = "::", .outside = "at ::", .inside = "at " SOURCE, .counts = "pinned_bind" },
	{ "TCP bind(shared, 0) goes to the source", bound_at, .local = SHARED, .outside = "at " SHARED,
	  .inside = "at " SOURCE, .counts = "pinned_bind" },
	{ "UDP bind(shared, 0) goes to the source", udp_bound_at, .local = SHARED, .outside = "at " SHARED,
	  .inside = "at " SOURCE, .counts = "pinned_bind" },
	{ "UDP bind(::, 0) stays", udp_bound_at, .local = "::", .outside = "at ::", .same = true,
	  .counts = "exempt_bind" },
	{ "UDP server on (shared, port) answers by sendto", udp_serve, SHARED, .local = SHARED, .local_port = EXPLICIT,
	  .outside = SERVED(SHARED), .inside = "EPERM", .counts = "exempt_bind denied_bound" },
	{ "UDP server on (::, port) answers by sendto", udp_serve, SOURCE, .local = "::", .local_port = EXPLICIT,
	  .outside = SERVED(SHARED), .inside = SERVED(SOURCE), .counts = "pinned_datagram exempt_bind" },
};

static const struct row left_rows[] = {
	{ "TCP bind(::, 0) stays", bound_at, .local = "::", .outside = "at ::", .same = true, .counts = "exempt_bind" },
	{ "TCP listener on (shared, 0)", tcp_serve, SHARED, .local = SHARED, .outside = SERVED(SHARED), .same = true,
	  .counts = "exempt_bind" },
	{ "UDP server on (shared, port)", udp_serve, SHARED, .local = SHARED, .local_port = EXPLICIT,
	  .outside = SERVED(SHARED), .same = true, .counts = "exempt_bind exempt_bound" },
};

static const struct group groups[] = {
	{ "serving", "source = " SOURCE "\n", ROWS(rows) },
	{ "serving, the price", "source = " SOURCE "\n", ROWS(price_rows) },
	{ "serving, bound = leave", "source = " SOURCE "\nbound = leave\n", ROWS(left_rows) },
};

const struct groups listener_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
