// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A pinned destination, and a socket that the program did not bind: it leaves from the source. */
#include "ways/rows.h"

static const struct row rows[] = {
	{ "TCP connect", tcp, .counts = "pinned_connect" },
	{ "TCP connect, non-blocking", tcp, .options = NONBLOCK, .counts = "pinned_connect" },
	{ "TCP connect, v6only", tcp, .options = V6ONLY, .counts = "pinned_connect" },
	{ "TCP connect, sticky IPV6_PKTINFO", tcp, .options = STICKY_PKTINFO, .counts = "pinned_connect" },
	{ "TCP connect, IP_BIND_ADDRESS_NO_PORT", tcp, .options = NO_PORT, .counts = "pinned_connect" },
	{ "TCP connect, IPV6_FREEBIND", tcp, .options = FREEBIND, .counts = "pinned_connect" },
	{ "TCP connect, IPV6_TRANSPARENT", tcp, .options = TRANSPARENT, .counts = "pinned_connect" },
	{ "TCP connect to another port", tcp, .port = PORT_TOO, .counts = "pinned_connect" },
	{ "TCP connect to another destination", tcp, PEER_OTHER, .counts = "pinned_connect" },
	{ "TCP connect after a refused one", tcp_again, .first_port = PORT_CLOSED,
	  .counts = "pinned_connect pinned_already" },
	{ "TCP connect after a refused one to ::1", tcp_again, .first = "::1", .first_port = PORT_CLOSED,
	  .counts = "pinned_connect exempt_rule" },
	{ "TCP connect after a refused one to ULA", tcp_again, .first = PEER_ULA, .first_port = PORT_CLOSED,
	  .counts = "pinned_connect exempt_rule" },
	{ "TCP Fast Open, sendto", tcp_fastopen, .counts = "pinned_connect" },
	{ "TCP Fast Open, sendto, with the cookie now", tcp_fastopen, .counts = "pinned_connect" },
	{ "TCP Fast Open, non-blocking", tcp_fastopen, .options = NONBLOCK, .counts = "pinned_connect" },
	{ "TCP Fast Open, TCP_FASTOPEN_CONNECT", tcp, .options = FASTOPEN_CONNECT, .counts = "pinned_connect" },
	{ "MPTCP connect", tcp, .options = MPTCP, .port = PORT_MPTCP, .counts = "pinned_connect" },
	{ "MPTCP connect, non-blocking", tcp, .options = MPTCP | NONBLOCK, .port = PORT_MPTCP,
	  .counts = "pinned_connect" },
	{ "MPTCP connect to a TCP server", tcp, .options = MPTCP, .counts = "pinned_connect" },
	{ "TCP connect from a child cgroup", tcp, .below = "child", .counts = "pinned_connect" },

	{ "UDP connect", udp_connect, .counts = "pinned_connect" },
	{ "UDP connect, v6only", udp_connect, .options = V6ONLY, .counts = "pinned_connect" },
	{ "UDP connect, sticky IPV6_PKTINFO", udp_connect, .options = STICKY_PKTINFO, .counts = "pinned_connect" },
	{ "UDP connect again", udp_again, .first = PEER_OTHER, .counts = "pinned_connect pinned_already" },
	{ "UDP connect again after AF_UNSPEC", udp_unspec, .first = PEER_OTHER,
	  .counts = "pinned_connect pinned_already" },
	{ "UDP connect to ::1, AF_UNSPEC, connect", udp_unspec, .first = "::1",
	  .counts = "pinned_connect exempt_rule" },
	{ "UDP connect to ULA, AF_UNSPEC, connect", udp_unspec, .first = PEER_ULA,
	  .counts = "pinned_connect exempt_rule" },
	{ "UDP connect to IPv4, AF_UNSPEC, connect", udp_unspec, .first = PEER_MAPPED,
	  .counts = "pinned_connect exempt_rule" },
	{ "UDP sendto", udp_sendto, .counts = "pinned_datagram" },
	{ "UDP sendto, v6only", udp_sendto, .options = V6ONLY, .counts = "pinned_datagram" },
	{ "UDP sendto, sticky IPV6_PKTINFO", udp_sendto, .options = STICKY_PKTINFO, .counts = "pinned_datagram" },
	{ "UDP sendmsg", udp_sendmsg, .counts = "pinned_datagram" },
	{ "UDP sendmsg, IPV6_PKTINFO of the shared address", udp_sendmsg, .options = PKTINFO,
	  .counts = "pinned_datagram" },
	{ "UDP sendmmsg", udp_sendmmsg, .counts = "pinned_datagram*2" },
	{ "UDP sendmmsg, IPV6_PKTINFO", udp_sendmmsg, .options = PKTINFO, .counts = "pinned_datagram*2" },
	{ "UDP connected, then sendto elsewhere", udp_connect_sendto, .first = PEER_OTHER,
	  .counts = "pinned_connect pinned_datagram" },
	{ "UDP connected, then sendmsg, IPV6_PKTINFO elsewhere", udp_connect_sendto, .first = PEER_OTHER,
	  .options = PKTINFO, .counts = "pinned_connect pinned_datagram" },
	{ "UDP sendto from a child cgroup", udp_sendto, .below = "child", .counts = "pinned_datagram" },
	{ "UDP connected, then sendmsg with IPV6_PKTINFO", udp_connect_sendmsg, .options = PKTINFO,
	  .counts = "pinned_connect pinned_datagram" },
	/* udplitev6_prot has no pre_connect: there is no hook, and only the guard on egress will see it */
	{ "UDP-Lite connect", udp_connect, .options = UDPLITE, .inside = "EPERM", .counts = "dropped_source" },
	/* nor can the kernel's programs ask a UDP-Lite socket for its host */
	{ "UDP-Lite sendto", udp_sendto, .options = UDPLITE, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
};

static const struct row family_rows[] = {
	/* a pin made the socket IPv6-only; the errno makes getaddrinfo take a fresh one */
	{ "UDP connect again, now to IPv4", udp_again, .dest = PEER_MAPPED, .outside = OWN_V4, .inside = "EAFNOSUPPORT",
	  .counts = "pinned_connect denied_family" },
	{ "UDP connect again, now to IPv4, after AF_UNSPEC", udp_unspec, .dest = PEER_MAPPED, .outside = OWN_V4,
	  .inside = "EAFNOSUPPORT", .counts = "pinned_connect denied_family" },
	{ "TCP connect after a refused one, now to IPv4", tcp_again, .dest = PEER_MAPPED, .first_port = PORT_CLOSED,
	  .outside = OWN_V4, .inside = "EAFNOSUPPORT", .counts = "pinned_connect denied_family" },
};

static const struct row v6only_rows[] = {
	{ "TCP connect to IPv4, v6only", tcp, .dest = PEER_MAPPED, .options = V6ONLY, .outside = "ENETUNREACH",
	  .inside = "EAFNOSUPPORT", .counts = "denied_family" },
	{ "UDP connect to IPv4, v6only", udp_connect, .dest = PEER_MAPPED, .options = V6ONLY, .outside = "ENETUNREACH",
	  .inside = "EAFNOSUPPORT", .counts = "denied_family" },
	{ "TCP connect to IPv4", tcp, .dest = PEER_MAPPED, .outside = OWN_V4, .inside = SOURCE_V4,
	  .counts = "pinned_connect" },
};

/* an endpoint of the host's: the kernel binds a second subflow to it, with bind6 run for the program's cgroup */
#define ENDPOINT(verb) WITH_MPTCP("ip mptcp endpoint " verb)
#define LIMITS(n)                                                                                            \
	WITH_MPTCP("ip mptcp limits set subflow " n " && nsenter --net=\"$WORLD_PEER\" ip mptcp limits set " \
		   "subflow " n)

static const struct row subflow_rows[] = {
	{ "MPTCP, a second subflow", mptcp_second, .port = PORT_MPTCP, .outside = "from " SHARED " and " THIRD,
	  .inside = "from " SOURCE " and " SOURCE, .counts = "pinned_connect pinned_bind pinned_already" },
};

static const struct group groups[] = {
	{ "pinned", "source = " SOURCE "\n", ROWS(rows) },
	{ "pinned", "source = " SOURCE "\n", LIMITS("2") " && " ENDPOINT("add " THIRD " dev vps subflow"),
	  ENDPOINT("flush") " && " LIMITS("0"), ROWS(subflow_rows) },
	{ "pinned before", "source = " SOURCE "\n", ROWS(family_rows) },
	{ "pinned, IPv4 too", "source = " SOURCE "\nsource4 = " SOURCE_V4 "\n", "ip addr add " SOURCE_V4 "/32 dev vps",
	  "ip addr del " SOURCE_V4 "/32 dev vps", ROWS(v6only_rows) },
};

const struct groups pinned_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
