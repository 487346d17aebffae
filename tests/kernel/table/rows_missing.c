// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The source is not an address of this host: never was, is no longer, is not yet. */
#include "ways/rows.h"

#define NEW "2001:db8:2::77"

/* the kernel makes an address usable a moment after it was added (addrconf_dad_start) */
#define USABLE(a) " && until ip -6 route show table local | grep -q '^local " a " '; do sleep 0.01; done"
#define ADD "ip addr replace " SECOND "/64 dev vps nodad preferred_lft 0" USABLE(SECOND)
#define ADD_NEW "ip addr add " NEW "/64 dev vps nodad preferred_lft 0" USABLE(NEW)

static const struct row never_rows[] = {
	{ "TCP connect", tcp, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "TCP connect, non-blocking", tcp, .options = NONBLOCK, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "TCP connect, IPV6_FREEBIND", tcp, .options = FREEBIND, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "TCP connect, IPV6_TRANSPARENT", tcp, .options = TRANSPARENT, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "TCP Fast Open", tcp_fastopen, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "MPTCP connect", tcp, .options = MPTCP, .port = PORT_MPTCP, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "MPTCP connect, IPV6_FREEBIND", tcp, .options = MPTCP | FREEBIND, .port = PORT_MPTCP,
	  .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "TCP bind(shared, 0), connect", tcp, .local = SHARED, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "TCP bind(shared, 0), IP_BIND_ADDRESS_NO_PORT, connect", tcp, .local = SHARED, .options = NO_PORT,
	  .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "TCP bind(the source, port), IPV6_FREEBIND, connect", tcp, .local = NEW, .local_port = EXPLICIT,
	  .options = FREEBIND, .only_inside = true, .inside = "EADDRNOTAVAIL", .counts = "exempt_bind denied_missing" },
	{ "UDP connect", udp_connect, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "UDP connect, IPV6_FREEBIND", udp_connect, .options = FREEBIND, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "UDP bind(shared, 0), connect", udp_connect, .local = SHARED, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "UDP bind(the source, port), IPV6_FREEBIND, connect", udp_connect, .local = NEW, .local_port = EXPLICIT,
	  .options = FREEBIND, .outside = NEW, .inside = "EADDRNOTAVAIL", .counts = "exempt_bind denied_missing" },
	{ "UDP sendto", udp_sendto, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "UDP sendto, IPV6_FREEBIND", udp_sendto, .options = FREEBIND, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "UDP sendmsg, IPV6_PKTINFO", udp_sendmsg, .options = PKTINFO, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "UDP bind(::, 0), sendto", udp_sendto, .local = "::", .inside = "EADDRNOTAVAIL",
	  .counts = "exempt_bind denied_missing" },
	{ "UDP bind(the source, port), IPV6_TRANSPARENT, sendto", udp_sendto, .local = NEW, .local_port = EXPLICIT,
	  .options = TRANSPARENT, .outside = NEW, .inside = "EADDRNOTAVAIL", .counts = "exempt_bind denied_missing" },
	{ "TCP to an exempt destination", tcp, PEER_ULA, .outside = OWN_ULA, .inside = OWN_ULA,
	  .counts = "exempt_rule" },
	{ "UDP sendto IPv4", udp_sendto, PEER_MAPPED, .outside = OWN_V4, .inside = OWN_V4, .counts = "none" },
	{ "TCP connect once it is there", tcp, .before = ADD_NEW, .after = "ip addr del " NEW "/64 dev vps",
	  .inside = NEW, .counts = "pinned_connect" },
	{ "UDP sendto once it is there", udp_sendto, .before = ADD_NEW, .after = "ip addr del " NEW "/64 dev vps",
	  .inside = NEW, .counts = "pinned_datagram" },
	{ "TCP connect when it is gone again", tcp, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "UDP sendto when it is gone again", udp_sendto, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
};

/* ip_nonlocal_bind lifts the kernel's own check, not ours */
static const struct row route_rows[] = {
	{ "UDP sendto", udp_sendto, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
};

static const struct row nonlocal_rows[] = {
	{ "TCP connect", tcp, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "MPTCP connect", tcp, .options = MPTCP, .port = PORT_MPTCP, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "UDP connect", udp_connect, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "UDP sendto", udp_sendto, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
};

/* the source goes after the socket was bound to it */
static const struct row lost_rows[] = {
	{ "TCP bind(::, 0), lost, connect", tcp, .local = "::", .loses = SECOND, .after = ADD,
	  .inside = "EADDRNOTAVAIL", .counts = "pinned_bind denied_missing" },
	{ "TCP bind(source, port), lost, connect", tcp, .local = SECOND, .local_port = EXPLICIT, .loses = SECOND,
	  .after = ADD, .only_inside = true, .inside = "EADDRNOTAVAIL", .counts = "exempt_bind denied_missing" },
	{ "UDP bind(source, port), lost, connect", udp_connect, .local = SECOND, .local_port = EXPLICIT,
	  .loses = SECOND, .after = ADD, .outside = SECOND, .inside = "EADDRNOTAVAIL",
	  .counts = "exempt_bind denied_missing" },
	{ "UDP bind(source, port), lost, sendto", udp_sendto, .local = SECOND, .local_port = EXPLICIT, .loses = SECOND,
	  .after = ADD, .outside = SECOND, .inside = "EADDRNOTAVAIL", .counts = "exempt_bind denied_missing" },
	{ "UDP bind(source, port), lost, sendmmsg", udp_sendmmsg, .local = SECOND, .local_port = EXPLICIT,
	  .loses = SECOND, .after = ADD, .outside = SECOND, .inside = "EADDRNOTAVAIL",
	  .counts = "exempt_bind denied_missing" },
	{ "UDP bind(::, 0), lost, sendto", udp_sendto, .local = "::", .loses = SECOND, .after = ADD,
	  .inside = "EADDRNOTAVAIL", .counts = "exempt_bind denied_missing" },
	{ "UDP connected, lost, connect again", udp_again, .first = PEER_OTHER, .loses = SECOND, .after = ADD,
	  .inside = "EADDRNOTAVAIL", .counts = "pinned_connect denied_missing" },
	{ "TCP connect when it is back", tcp, .inside = SECOND, .counts = "pinned_connect" },

	/* what the hooks do not see, and only the guard does */
	{ "UDP connected, lost, send", udp_connect_sendmsg, .loses = SECOND, .after = ADD, .inside = "EPERM",
	  .counts = "pinned_connect dropped_missing" },
};

#define TENTATIVE "ip -6 addr show dev vps tentative | grep -q " NEW

static const struct row tentative_rows[] = {
	{ "TCP connect", tcp, .before = TENTATIVE, .after = TENTATIVE, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "MPTCP connect", tcp, .options = MPTCP, .port = PORT_MPTCP, .before = TENTATIVE, .after = TENTATIVE,
	  .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "UDP connect", udp_connect, .before = TENTATIVE, .after = TENTATIVE, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "UDP sendto", udp_sendto, .before = TENTATIVE, .after = TENTATIVE, .inside = "EADDRNOTAVAIL",
	  .counts = "denied_missing" },
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .before = TENTATIVE, .after = TENTATIVE,
	  .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
};

static const struct row verified_rows[] = {
	{ "TCP connect", tcp, .inside = NEW, .counts = "pinned_connect" },
	{ "UDP sendto", udp_sendto, .inside = NEW, .counts = "pinned_datagram" },
};

/* somebody else has it: duplicate address detection fails, and the address stays unusable */
static const struct row duplicate_rows[] = {
	{ "TCP connect", tcp, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
	{ "UDP sendto", udp_sendto, .inside = "EADDRNOTAVAIL", .counts = "denied_missing" },
};

static const struct row pass_rows[] = {
	{ "TCP connect", tcp, .inside = SHARED, .counts = "exempt_missing" },
	{ "MPTCP connect", tcp, .options = MPTCP, .port = PORT_MPTCP, .inside = SHARED, .counts = "exempt_missing" },
	{ "TCP Fast Open", tcp_fastopen, .inside = SHARED, .counts = "exempt_missing" },
	{ "TCP bind(::, 0), connect", tcp, .local = "::", .inside = SHARED, .counts = "exempt_missing*2" },
	{ "TCP bind(shared, 0), connect", tcp, .local = SHARED, .inside = SHARED, .counts = "exempt_missing*2" },
	{ "UDP connect", udp_connect, .inside = SHARED, .counts = "exempt_missing" },
	{ "UDP sendto", udp_sendto, .inside = SHARED, .counts = "exempt_missing" },
	{ "UDP bind(::, 0), sendto", udp_sendto, .local = "::", .inside = SHARED,
	  .counts = "exempt_bind exempt_missing" },
	{ "UDP sendmsg, IPV6_PKTINFO", udp_sendmsg, .options = PKTINFO, .inside = SHARED, .counts = "exempt_missing" },
	{ "TCP connect once it is there", tcp, .before = ADD_NEW, .after = "ip addr del " NEW "/64 dev vps",
	  .inside = NEW, .counts = "pinned_connect" },
};

#define SLOW_DAD "sysctl -qw net.ipv6.conf.vps.dad_transmits=1000 && ip addr add " NEW "/64 dev vps preferred_lft 0"
#define QUICK_DAD                                                                            \
	"ip addr del " NEW "/64 dev vps && sysctl -qw net.ipv6.conf.vps.dad_transmits=1 && " \
	"ip addr add " NEW "/64 dev vps preferred_lft 0 && "                                 \
	"until ip -6 addr show dev vps -tentative | grep -q " NEW "; do sleep 0.05; done"
#define FAILED_DAD                                                                \
	"nsenter --net=\"$WORLD_PEER\" ip addr add " NEW "/64 dev peer nodad && " \
	"ip addr add " NEW "/64 dev vps preferred_lft 0 && "                      \
	"until ip -6 addr show dev vps dadfailed | grep -q " NEW "; do sleep 0.05; done"

static const struct group groups[] = {
	{ "missing", "source = " NEW "\n", ROWS(never_rows) },
	{ "missing, ip_nonlocal_bind", "source = " NEW "\n", "sysctl -qw net.ipv6.ip_nonlocal_bind=1",
	  "sysctl -qw net.ipv6.ip_nonlocal_bind=0", ROWS(nonlocal_rows) },
	{ "missing, with a route that is not local", "source = " NEW "\n",
	  "ip -6 route add prohibit " NEW "/128 table local", "ip -6 route del prohibit " NEW "/128 table local",
	  ROWS(route_rows) },
	{ "lost", "source = " SECOND "\n", ROWS(lost_rows) },
	{ "tentative", "source = " NEW "\n", SLOW_DAD, NULL, ROWS(tentative_rows) },
	{ "tentative no more", "source = " NEW "\n", QUICK_DAD, "ip addr del " NEW "/64 dev vps", ROWS(verified_rows) },
	{ "duplicate", "source = " NEW "\n", FAILED_DAD,
	  "ip addr del " NEW "/64 dev vps && nsenter --net=\"$WORLD_PEER\" ip addr del " NEW "/64 dev peer",
	  ROWS(duplicate_rows) },
	{ "missing = pass", "source = " NEW "\nmissing = pass\n", ROWS(pass_rows) },
};

const struct groups missing_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
