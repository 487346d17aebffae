// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Streams: TCP and MPTCP. */
#include <errno.h>

#include "out/out.h"
#include "ways/rows.h"

static const struct out_row rows[] = {
	{ "TCP", "connect", tcp, .family = BOTH },
	{ "TCP", "non-blocking connect", tcp, .options = NONBLOCK, .family = BOTH },
	{ "TCP", "to another port", tcp, .port = PORT_TOO, .family = BOTH },
	{ "TCP", "to another network", tcp, PEER_OTHER, .family = BOTH },
	{ "TCP", "again after a refusal", tcp_again, .first_port = PORT_CLOSED, .family = BOTH },
	{ "TCP", "`MSG_FASTOPEN`", tcp_fastopen, .family = BOTH },
	{ "TCP", "`MSG_FASTOPEN`, with the cookie", tcp_fastopen, .family = BOTH },
	{ "TCP", "`TCP_FASTOPEN_CONNECT`", tcp, .options = FASTOPEN_CONNECT, .family = BOTH },
	{ "TCP", "io_uring", uring_connect, .family = BOTH },
	{ "TCP", "io_uring, its own socket", uring_socket_connect, .family = BOTH },
	{ "TCP", "io_uring, SQPOLL, its own socket", uring_polled_connect, .family = BOTH },
	{ "TCP", "io_uring, a worker's socket", uring_async_connect, .family = BOTH },
	{ "TCP", "v4-mapped", tcp, PEER_MAPPED, .source = SOURCE_V4, .before = OWN_V4 },
	{ "TCP", "`SO_BINDTODEVICE`", tcp, .options = TO_DEVICE, .family = BOTH },
	{ "TCP", "sticky `IPV6_PKTINFO`", tcp, .options = STICKY_PKTINFO },
	{ "TCP", "hop-by-hop options", tcp, .options = HOPOPTS },
	{ "TCP", "destination options", tcp, .options = DSTOPTS },
	{ "TCP", "source route through an exempt hop", tcp, .options = ROUTED, .via = PEER_ULA, .before = OWN_ULA,
	  .family = BOTH },

	{ "TCP, bound", "to the shared address, port 0", tcp, .local = SHARED, .family = BOTH },
	{ "TCP, bound", "to the wildcard, port 0", tcp, .local = "::", .family = BOTH },
	{ "TCP, bound", "`IP_BIND_ADDRESS_NO_PORT`", tcp, .local = SHARED, .options = NO_PORT, .family = BOTH },
	{ "TCP, bound", "`IP_FREEBIND`", tcp, .local = SHARED, .options = FREEBIND, .family = BOTH },
	{ "TCP, bound", "`IP_FREEBIND`, an address of nobody", tcp, .local = ABSENT, .options = FREEBIND,
	  .before = ABSENT },
	{ "TCP, bound", "`IP_FREEBIND`, an address of nobody", tcp, .local = ABSENT, .options = FREEBIND,
	  .before = "ENETUNREACH", .family = V4_ONLY },
	{ "TCP, bound", "`IP_TRANSPARENT`", tcp, .local = SHARED, .options = TRANSPARENT, .family = BOTH },
	{ "TCP, bound", "`IP_TRANSPARENT`, an address of nobody", tcp, .local = ABSENT, .options = TRANSPARENT,
	  .before = ABSENT, .family = BOTH },
	{ "TCP, bound", "`SO_REUSEPORT`", tcp, .local = SHARED, .options = REUSEPORT, .family = BOTH },
	{ "TCP, bound", "to the source, with a port", tcp, .local = SOURCE, .local_port = EXPLICIT, .before = SOURCE,
	  .family = BOTH },
	{ "TCP, bound", "to the shared address, with a port", tcp, .local = SHARED, .local_port = EXPLICIT,
	  .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "TCP, bound", "`SO_REUSEPORT`, with a port", tcp, .local = SHARED, .local_port = EXPLICIT,
	  .options = REUSEPORT, .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "TCP, bound", "`IP_TRANSPARENT`, an address of nobody, with a port", tcp, .local = ABSENT,
	  .local_port = EXPLICIT, .options = TRANSPARENT, .before = ABSENT, .outcome = REFUSED, .error = EPERM,
	  .family = BOTH },
	{ "TCP, bound", "to the wildcard, with a port", tcp, .local = "::", .local_port = EXPLICIT, .outcome = REFUSED,
	  .error = EPERM, .family = BOTH },

	{ "TCP, bound", "v4-mapped, port 0", tcp, PEER_MAPPED, .local = "::ffff:" OWN_V4, .source = SOURCE_V4,
	  .before = OWN_V4 },
	{ "TCP, bound", "v4-mapped, with a port", tcp, PEER_MAPPED, .local = "::ffff:" OWN_V4, .local_port = EXPLICIT,
	  .before = OWN_V4, .outcome = REFUSED, .error = EPERM },
	{ "TCP, bound", "to the wildcard, port 0, then v4-mapped", tcp, PEER_MAPPED, .local = "::", .before = OWN_V4,
	  .outcome = REFUSED, .error = EAFNOSUPPORT },
	{ "TCP, bound", "`TCP_REPAIR`, to the shared address, with a port", tcp_repaired, .local = SHARED,
	  .local_port = EXPLICIT, .each_packet = true, .outcome = REFUSED, .error = EPERM, .family = BOTH },

	{ "MPTCP", "first subflow", tcp, .port = PORT_MPTCP, .options = MPTCP, .family = BOTH },
	{ "MPTCP", "v4-mapped", tcp, PEER_MAPPED, .port = PORT_MPTCP, .options = MPTCP, .source = SOURCE_V4,
	  .before = OWN_V4 },
	{ "MPTCP", "`MSG_FASTOPEN`", tcp_fastopen, .port = PORT_MPTCP, .options = MPTCP, .family = BOTH },
	{ "MPTCP", "bound to the shared address, port 0", tcp, .local = SHARED, .port = PORT_MPTCP, .options = MPTCP,
	  .family = BOTH },
};

#define IN_PEER "nsenter --net=\"$WORLD_PEER\" "
#define SIGNALLED "2001:db8:9::2"

static const struct out_row subflow_rows[] = {
	{ "MPTCP", "later subflow", mptcp_later, .port = PORT_MPTCP, .set_up = SUBFLOW(THIRD),
	  .before = SHARED " " THIRD },
	{ "MPTCP", "later subflow, endpoint at the shared address", mptcp_later, .local = SOURCE, .port = PORT_MPTCP,
	  .set_up = SUBFLOW(SHARED), .before = SOURCE " " SHARED },
	{ "MPTCP", "later subflow of a connection that the peer opened", mptcp_accepted, SHARED,
	  .local = "::", .local_port = EXPLICIT, .meanwhile = SUBFLOW(THIRD), .before = THIRD },
	{ "MPTCP", "later subflow, to an address that the peer signals", mptcp_later, .port = PORT_MPTCP,
	  .set_up = IN_PEER "ip addr add " SIGNALLED "/64 dev peer nodad && " WITH_MPTCP(
		  IN_PEER "ip mptcp endpoint add " SIGNALLED " dev peer signal"),
	  .undo = WITH_MPTCP(IN_PEER "ip mptcp endpoint flush") " && " IN_PEER "ip addr del " SIGNALLED
								"/64 dev peer" },
	{ "MPTCP", "later subflow", mptcp_later, PEER_V4, .port = PORT_MPTCP, .family = V4_ONLY,
	  .set_up = SUBFLOW(SECOND_V4), .before = OWN_V4 " " SECOND_V4 },
	{ "MPTCP", "later subflow, endpoint at the shared address", mptcp_later, PEER_V4, .local = SOURCE_V4,
	  .port = PORT_MPTCP, .family = V4_ONLY, .set_up = SUBFLOW(OWN_V4), .before = SOURCE_V4 " " OWN_V4 },
};

static const struct out_row connection_rows[] = {
	{ "TCP", "a socket made before `load`", tcp_meet_connect, .meanwhile = LOADS, .family = BOTH },
	{ "TCP, bound", "to the shared address, `IP_BIND_ADDRESS_NO_PORT`, before `load`", tcp_meet_connect,
	  .local = SHARED, .options = NO_PORT, .meanwhile = LOADS, .family = BOTH },
	{ "TCP, bound", "to the shared address before `load`", tcp_meet_connect, .local = SHARED, .meanwhile = LOADS,
	  .outcome = REFUSED, .error = EPERM, .family = BOTH },
	{ "TCP, begun before `load`", "the SYN, sent again (its sender is told since Linux 7.3)", tcp_retried, ABSENT,
	  .meanwhile = LOADS, .slow = true, .outcome = GUARDED },
	{ "TCP, begun before `load`",
	  "`TCP_FASTOPEN_CONNECT`, the first send after it (its sender is told since Linux 7.3)", tcp_deferred,
	  .meanwhile = LOADS, .outcome = GUARDED, .family = BOTH },
	{ "An older connection", "TCP goes on", tcp_connect_meet, .local = "::", .local_port = EXPLICIT,
	  .each_packet = true, .meanwhile = LOADS, .outcome = UNTOUCHED, .family = BOTH },
	{ "A TCP server's answers", "reached at the shared address", tcp_serve, SHARED,
	  .local = "::", .local_port = EXPLICIT, .each_packet = true, .outcome = UNTOUCHED, .family = BOTH },
	{ "A TCP server's answers", "listening at the shared address", tcp_serve, SHARED, .local = SHARED,
	  .local_port = EXPLICIT, .each_packet = true, .outcome = UNTOUCHED, .family = BOTH },
	{ "A TCP server's answers", "reached at the source", tcp_serve, SOURCE, .local = "::", .local_port = EXPLICIT,
	  .each_packet = true, .before = SOURCE, .outcome = UNTOUCHED, .family = BOTH },
};

const struct out_part stream_rows = OUT_PART(rows), stream_subflow_rows = OUT_PART(subflow_rows),
		      stream_connection_rows = OUT_PART(connection_rows);
