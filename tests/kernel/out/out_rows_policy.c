// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows in which the config is what matters. */
#include <errno.h>

#include "out/out.h"
#include "ways/rows.h"

#define LEFT .outcome = EXEMPT

static const struct out_row exempt_rows[] = {
	{ "Exempt destinations", "link-local: TCP", tcp, PEER_LINK, .before = OWN_LINK, LEFT },
	{ "Exempt destinations", "link-local: UDP", udp_sendto, PEER_LINK, .before = OWN_LINK, LEFT },
	{ "Exempt destinations", "link-local: raw ICMP echo", raw_echo, PEER_LINK, .before = OWN_LINK, LEFT },
	{ "Exempt destinations", "multicast: UDP", udp_sendto, "ff02::5bc", .before = OWN_LINK, LEFT },
	{ "Exempt destinations", "multicast: UDP", udp_sendto, "239.1.2.3", .family = V4_ONLY, .before = OWN_V4, LEFT },
	{ "Exempt destinations", "loopback: TCP", tcp, "::1", .port = PORT_CLOSED, .before = "::1, ECONNREFUSED",
	  LEFT },
	{ "Exempt destinations", "loopback: TCP", tcp, "127.0.0.1", .port = PORT_CLOSED, .family = V4_ONLY,
	  .before = "127.0.0.1, ECONNREFUSED", LEFT },
	{ "Exempt destinations", "loopback: UDP", udp_sendto, "::1", .before = "::1", LEFT, .family = BOTH },
	{ "Exempt destinations", "private: TCP", tcp, PEER_ULA, .before = OWN_ULA, LEFT, .family = BOTH },
	{ "Exempt destinations", "private: UDP", udp_sendto, PEER_ULA, .before = OWN_ULA, LEFT, .family = BOTH },
	{ "Exempt destinations", "private: UDP, connected", udp_connect, PEER_ULA, .before = OWN_ULA, LEFT,
	  .family = BOTH },
	{ "Exempt destinations", "private: raw", raw_sendto, PEER_ULA, .before = OWN_ULA, LEFT, .family = BOTH },
	{ "Exempt destinations", "private, by a source route through a far hop: UDP", udp_sendto, PEER_ULA,
	  .options = ROUTED, .via = PEER, .outcome = GUARDED, .error = EPERM, .family = BOTH },
	{ "Exempt destinations",
	  "private, by a source route through a far hop: TCP (its sender is told since Linux 7.3)", tcp, PEER_ULA,
	  .options = ROUTED, .via = PEER, .outcome = GUARDED, .family = BOTH },
	{ "Exempt destinations", "private: made by hand", hand_syn, PEER_ULA, .from = SHARED, LEFT, .family = BOTH },
};

static const struct out_row config_rows[] = {
	{ "`exempt`", "TCP", tcp, PEER_OTHER, LEFT, .family = BOTH },
	{ "`exempt`", "UDP", udp_sendto, PEER_OTHER, LEFT, .family = BOTH },
	{ "`exempt`", "raw", raw_sendto, PEER_OTHER, LEFT, .family = BOTH },
	{ "`exempt`", "routed back out of it, by hand", hand_routed_udp, .via = PEER_OTHER, .outcome = GUARDED,
	  .error = EPERM, .family = BOTH },
};

static const struct out_row to_rows[] = {
	{ "`to`", "TCP", tcp, PEER_OTHER, .source = SECOND, .family = BOTH },
	{ "`to`", "UDP", udp_sendto, PEER_OTHER, .source = SECOND, .family = BOTH },
	{ "`to`", "made by hand from that source", hand_syn, PEER_OTHER, .from = SECOND, .before = SECOND,
	  .source = SECOND, .family = BOTH },
	{ "`to`", "made by hand from the other source", hand_syn, PEER_OTHER, .from = SOURCE, .before = SOURCE,
	  .outcome = GUARDED, .error = EPERM, .family = BOTH },
};

/* Of a family that is exempt as a whole, one destination is not. */
static const struct out_row to_alone_rows[] = {
	{ "`to`, all else of the family exempt", "TCP", tcp, PEER_OTHER, .source = SECOND },
	{ "`to`, all else of the family exempt", "TCP SYN routed there, by hand", hand_routed_syn, PEER_OTHER,
	  .via = PEER, .outcome = GUARDED, .error = EPERM },
	{ "`to`, all else of the family exempt", "UDP routed there, by hand", hand_routed_udp, PEER_OTHER, .via = PEER,
	  .outcome = GUARDED, .error = EPERM },
	{ "`to`, all else of the family exempt", "TCP elsewhere", .how = tcp, LEFT },
};

static const struct out_row to_alone_ipv4_rows[] = {
	{ "`to`, all else of the family exempt", "TCP", tcp, PEER_OTHER, .source = SECOND, .family = V4_ONLY },
	{ "`to`, all else of the family exempt", "TCP SYN routed there, by hand", hand_routed_syn, PEER_OTHER,
	  .via = PEER, .outcome = GUARDED, .error = EPERM, .family = V4_ONLY },
	{ "`to`, all else of the family exempt", "UDP routed there, by hand", hand_routed_udp, PEER_OTHER, .via = PEER,
	  .outcome = GUARDED, .error = EPERM, .family = V4_ONLY },
	{ "`to`, all else of the family exempt", "TCP elsewhere", .how = tcp, LEFT, .family = V4_ONLY },
};

static const struct out_row port_rows[] = {
	{ "`ports`: one of them", "TCP", tcp, .family = BOTH, .unsaid = true },
	{ "`ports`: one of them", "UDP", udp_sendto, .family = BOTH, .unsaid = true },
	{ "`ports`: one of them", "made by hand", hand_syn, .outcome = GUARDED, .error = EPERM, .family = BOTH,
	  .unsaid = true },
	{ "`ports`: another", "TCP", tcp, .port = PORT_TOO, LEFT, .family = BOTH },
	{ "`ports`: another", "UDP", udp_sendto, .port = PORT_TOO, LEFT, .family = BOTH },
	{ "`ports`: another", "a protocol that has none", raw_sendto, LEFT, .family = BOTH },
	{ "`ports`: another", "made by hand", hand_syn, .port = PORT_TOO, LEFT, .family = BOTH },
};

static const struct out_row observe_rows[] = {
	{ "`mode = observe`", "TCP", tcp, LEFT, .family = BOTH },
	{ "`mode = observe`", "TCP, bound, with a port", tcp, .local = SHARED, .local_port = EXPLICIT, LEFT,
	  .family = BOTH },
	{ "`mode = observe`", "UDP", udp_sendto, LEFT, .family = BOTH },
	{ "`mode = observe`", "UDP, connected", udp_connect, LEFT, .family = BOTH },
	{ "`mode = observe`", "raw", raw_sendto, LEFT, .family = BOTH },
	{ "`mode = observe`", "made by hand", hand_syn, LEFT, .family = BOTH },
};

#define NO_GUARD .outcome = OUTSIDE, .why = "only the guard sees it"

static const struct out_row unguarded_rows[] = {
	{ "`guard = off`", "TCP", tcp, .family = BOTH, .unsaid = true },
	{ "`guard = off`", "UDP", udp_sendto, .family = BOTH, .unsaid = true },
	{ "`guard = off`", "raw", raw_sendto, NO_GUARD, .family = BOTH },
	{ "`guard = off`", "made by hand", hand_syn, NO_GUARD, .family = BOTH },
	{ "`guard = off`", "ICMP socket (ping), sendto", ping_sendto, NO_GUARD, .family = BOTH },
	{ "`guard = off`", "UDP-Lite, connect", udp_connect, .options = UDPLITE, NO_GUARD, .family = BOTH },
	{ "`guard = off`", "UDP, connected before `load`", udp_connect_meet, .meanwhile = LOADS, NO_GUARD,
	  .family = BOTH },
	{ "`guard = off`", "TCP to an exempt destination, by a source route through a far hop", tcp, PEER_ULA,
	  .options = ROUTED, .via = PEER, NO_GUARD, .family = BOTH },
	{ "`guard = off`", "UDP to an exempt destination, by a source route through a far hop", udp_sendto, PEER_ULA,
	  .options = ROUTED, .via = PEER, NO_GUARD, .family = BOTH },
};

static const struct out_row left_rows[] = {
	{ "`bound = leave`", "TCP", tcp, .family = BOTH, .unsaid = true },
	{ "`bound = leave`", "UDP", udp_sendto, .family = BOTH, .unsaid = true },
	{ "`bound = leave`, bound elsewhere", "raw", raw_sendto, .local = SHARED, .outcome = GUARDED, .error = EPERM,
	  .family = BOTH },
	{ "`bound = leave`, bound by the kernel", "UDP, connected before `load`", udp_connect_meet, .meanwhile = LOADS,
	  .outcome = OUTSIDE, .family = BOTH, .why = "the guard cannot tell who chose the address" },
	{ "`bound = leave`, bound elsewhere", "TCP", tcp, .local = SHARED, LEFT, .family = BOTH },
	{ "`bound = leave`, bound elsewhere", "TCP, with a port", tcp, .local = SHARED, .local_port = EXPLICIT, LEFT,
	  .family = BOTH },
	{ "`bound = leave`, bound elsewhere", "UDP, with a port", udp_sendto, .local = SHARED, .local_port = EXPLICIT,
	  LEFT, .family = BOTH },
};

/* The source is there, all the time. */
#define PASSED                                                                                                      \
	.outcome = OUTSIDE, .why = "for raw sockets, UDP-Lite and IPv4 the guard cannot ask whether the source is " \
				   "there"

static const struct out_row pass_rows[] = {
	{ "`missing = pass`", "TCP", tcp, .family = BOTH, .unsaid = true },
	{ "`missing = pass`", "UDP", udp_sendto, .family = BOTH, .unsaid = true },
	{ "`missing = pass`", "UDP, connected", udp_connect, .family = BOTH, .unsaid = true },
	{ "`missing = pass`", "UDP, connected before `load`, IPv6", udp_connect_meet, .meanwhile = LOADS,
	  .outcome = GUARDED, .error = EPERM },
	{ "`missing = pass`", "UDP, connected before `load`, IPv4", udp_connect_meet, .meanwhile = LOADS, PASSED,
	  .family = V4_ONLY },
	{ "`missing = pass`", "raw", raw_sendto, PASSED, .family = BOTH },
	{ "`missing = pass`", "UDP-Lite", udp_sendto, .options = UDPLITE, PASSED },
	{ "`missing = pass`", "made by hand, IPv4", hand_syn, PASSED, .family = V4_ONLY },
};

static const struct out_row pass_missing_rows[] = {
	{ "`missing = pass`, while it is gone", "TCP", tcp, LEFT, .family = BOTH },
	{ "`missing = pass`, while it is gone", "UDP", udp_sendto, LEFT },
	{ "`missing = pass`, while it is gone", "UDP, connected", udp_connect, LEFT, .family = BOTH },
	{ "`missing = pass`, while it is gone", "UDP, unconnected, IPv4", udp_sendto, .outcome = REFUSED,
	  .error = ENETUNREACH, .family = V4_ONLY,
	  .why = "nothing tells srcpin, before it sets the source, that it is not there" },
	{ "`missing = pass`, while it is gone", "raw", raw_sendto, LEFT, .family = BOTH },
};

static const struct out_row ipv4_left_rows[] = {
	{ "`source` alone", "TCP over IPv6", .how = tcp, .unsaid = true },
	{ "`ipv4 = leave`", "TCP", tcp, PEER_V4, .family = V4_ONLY, LEFT },
	{ "`ipv4 = leave`", "TCP, v4-mapped", tcp, PEER_MAPPED, .before = OWN_V4, LEFT },
	{ "`ipv4 = leave`", "UDP", udp_sendto, PEER_V4, .family = V4_ONLY, LEFT },
	{ "`ipv4 = leave`", "raw", raw_sendto, PEER_V4, .family = V4_ONLY, LEFT },
};

static const struct out_row ipv4_denied_rows[] = {
	{ "`ipv4 = deny`", "TCP", tcp, PEER_V4, .family = V4_ONLY, .outcome = REFUSED, .error = EPERM },
	{ "`ipv4 = deny`", "TCP, v4-mapped", tcp, PEER_MAPPED, .before = OWN_V4, .outcome = REFUSED, .error = EPERM },
	{ "`ipv4 = deny`", "UDP", udp_sendto, PEER_V4, .family = V4_ONLY, .outcome = REFUSED, .error = EPERM },
	{ "`ipv4 = deny`", "raw", raw_sendto, PEER_V4, .family = V4_ONLY, .outcome = GUARDED, .error = EPERM },
	{ "`ipv4 = deny`", "TCP to a private one", tcp, PEER_PRIVATE, .before = OWN_PRIVATE, .family = V4_ONLY, LEFT },
};

static const struct out_row source4_rows[] = {
	{ "`source4` alone", "TCP over IPv4", tcp, PEER_V4, .family = V4_ONLY, .unsaid = true },
	{ "`source4` alone: IPv6", "TCP", tcp, .outcome = REFUSED, .error = EPERM },
	{ "`source4` alone: IPv6", "UDP", udp_sendto, .outcome = REFUSED, .error = EPERM },
	{ "`source4` alone: IPv6", "raw", raw_sendto, .outcome = GUARDED, .error = EPERM },
};

const struct out_part policy_exempt_rows = OUT_PART(exempt_rows), policy_config_rows = OUT_PART(config_rows),
		      policy_to_rows = OUT_PART(to_rows), policy_to_alone_rows = OUT_PART(to_alone_rows),
		      policy_to_alone_ipv4_rows = OUT_PART(to_alone_ipv4_rows), policy_port_rows = OUT_PART(port_rows),
		      policy_observe_rows = OUT_PART(observe_rows), policy_unguarded_rows = OUT_PART(unguarded_rows),
		      policy_left_rows = OUT_PART(left_rows), policy_pass_rows = OUT_PART(pass_rows),
		      policy_pass_missing_rows = OUT_PART(pass_missing_rows),
		      policy_ipv4_left_rows = OUT_PART(ipv4_left_rows),
		      policy_ipv4_denied_rows = OUT_PART(ipv4_denied_rows),
		      policy_source4_rows = OUT_PART(source4_rows);
