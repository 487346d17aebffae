// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Several sources, by each spread. What is taken by chance, or in turn, is any
 * of them. By `hash`, PEER_OTHER has the second one in both families; but the
 * kernel binds a later subflow before it has a destination.
 */
#include "out/out.h"
#include "ways/rows.h"

#define ROW(spread, to, taken, what, how, ...)                                                        \
	{                                                                                             \
		"Several sources, `spread = " spread "`", what, how, to, .source = taken, __VA_ARGS__ \
	}
#define STAYS(spread, to, at, what, how, ...) ROW(spread, to, at, what, how, .local = at, .before = at, __VA_ARGS__)

/* clang-format off */
#define ROWS_OF(spread, to, taken, later) \
	ROW(spread, to, taken, "TCP", tcp, .family = BOTH), \
	ROW(spread, to, taken, "TCP, io_uring", uring_connect, .family = BOTH), \
	ROW(spread, to, taken, "`MSG_FASTOPEN`", tcp_fastopen, .family = BOTH), \
	ROW(spread, to, taken, "`TCP_FASTOPEN_CONNECT`", tcp, .options = FASTOPEN_CONNECT, .family = BOTH), \
	ROW(spread, to, taken, "MPTCP", tcp, .port = PORT_MPTCP, .options = MPTCP, .family = BOTH), \
	ROW(spread, to, later, "MPTCP, later subflow", mptcp_later, .port = PORT_MPTCP, .set_up = SUBFLOW(THIRD), \
	    .before = SHARED " " THIRD), \
	ROW(spread, to, taken, "UDP, unconnected", udp_sendto, .family = BOTH), \
	ROW(spread, to, taken, "UDP, io_uring", uring_sendmsg, .family = BOTH), \
	ROW(spread, to, taken, "UDP, connected", udp_connect, .family = BOTH), \
	STAYS(spread, to, SOURCE, "TCP, bound to the first of them", tcp, .family = BOTH), \
	STAYS(spread, to, SECOND, "TCP, bound to the second of them, with a port", tcp, .local_port = EXPLICIT, \
	      .family = BOTH), \
	STAYS(spread, to, SECOND, "UDP, bound to the second of them", udp_sendto, .family = BOTH)
/* clang-format on */

#define ANY SOURCE " " SECOND

static const struct out_row first_rows[] = { ROWS_OF("first", PEER, SOURCE, SOURCE) };
static const struct out_row hash_rows[] = { ROWS_OF("hash", PEER_OTHER, SECOND, ANY) };
static const struct out_row random_rows[] = { ROWS_OF("random", PEER, ANY, ANY) };
static const struct out_row turn_rows[] = { ROWS_OF("round-robin", PEER, ANY, ANY) };

const struct out_part sources_first_rows = OUT_PART(first_rows), sources_hash_rows = OUT_PART(hash_rows),
		      sources_random_rows = OUT_PART(random_rows), sources_turn_rows = OUT_PART(turn_rows);
