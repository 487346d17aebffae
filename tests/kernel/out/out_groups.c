// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which rows run under which policy. */
#include "out/out.h"

#define SOURCES "source = " SOURCE "\nsource4 = " SOURCE_V4 "\n"
#define LISTS "source = " SOURCE " " SECOND "\nsource4 = " SOURCE_V4 " " SECOND_V4 "\n"
#define MPTCP_LIMITS(n)                                                     \
	WITH_MPTCP("ip mptcp limits set subflow " n " add_addr_accepted " n \
		   " && nsenter --net=\"$WORLD_PEER\" ip mptcp limits set subflow " n " add_addr_accepted " n)
#define NO_SOURCE "ip addr del " SOURCE "/64 dev vps && ip addr del " SOURCE_V4 "/32 dev vps"
#define SOURCE_AGAIN                                                                        \
	"ip addr add " SOURCE "/64 dev vps nodad preferred_lft 0 && ip addr add " SOURCE_V4 \
	"/32 dev vps && " UNTIL_USABLE(SOURCE)

static const struct out_group groups[] = {
	{ "pinned", SOURCES, .part = &stream_rows },
	{ "pinned", SOURCES, MPTCP_LIMITS("2"), MPTCP_LIMITS("0"), &stream_subflow_rows },
	{ "pinned", SOURCES, .part = &stream_connection_rows },
	{ "pinned", SOURCES, .part = &datagram_rows },
	{ "pinned", SOURCES, .part = &datagram_leaving_rows },
	{ "pinned", SOURCES, .part = &raw_rows },
	{ "pinned", SOURCES, .part = &process_rows },
	{ "pinned", SOURCES, .part = &policy_exempt_rows },
	{ "the source is missing", SOURCES, NO_SOURCE, SOURCE_AGAIN, &datagram_missing_rows },
	{ "exempt", SOURCES "exempt = 2001:db8:77::/48 203.0.113.0/24\n", .part = &policy_config_rows },
	{ "to", SOURCES "to = 2001:db8:77::/48 " SECOND "\nto = 203.0.113.0/24 " SECOND_V4 "\n",
	  .part = &policy_to_rows },
	{ "to, exempt", "source4 = " SOURCE_V4 "\nexempt = ::/0\nto = 2001:db8:77::/48 " SECOND "\n",
	  .part = &policy_to_alone_rows },
	{ "to, ipv4 = leave", "source = " SOURCE "\nto = 203.0.113.0/24 " SECOND_V4 "\n",
	  .part = &policy_to_alone_ipv4_rows },
	{ "ports", SOURCES "ports = 25\n", .part = &policy_port_rows },
	{ "mode = observe", SOURCES "mode = observe\n", .part = &policy_observe_rows },
	{ "guard = off", SOURCES "guard = off\n", .part = &policy_unguarded_rows },
	{ "bound = leave", SOURCES "bound = leave\n", .part = &policy_left_rows },
	{ "missing = pass", SOURCES "missing = pass\n", .part = &policy_pass_rows },
	{ "missing = pass, the source is missing", SOURCES "missing = pass\n", NO_SOURCE, SOURCE_AGAIN,
	  &policy_pass_missing_rows },
	{ "ipv4 = leave", "source = " SOURCE "\n", .part = &policy_ipv4_left_rows },
	{ "ipv4 = deny", "source = " SOURCE "\nipv4 = deny\n", .part = &policy_ipv4_denied_rows },
	{ "source4", "source4 = " SOURCE_V4 "\n", .part = &policy_source4_rows },
	/* last: from the first list on, the programs that are loaded know of lists */
	{ "spread = first", LISTS "spread = first\n", MPTCP_LIMITS("2"), MPTCP_LIMITS("0"), &sources_first_rows },
	{ "spread = hash", LISTS "spread = hash\n", MPTCP_LIMITS("2"), MPTCP_LIMITS("0"), &sources_hash_rows },
	{ "spread = random", LISTS "spread = random\n", MPTCP_LIMITS("2"), MPTCP_LIMITS("0"), &sources_random_rows },
	{ "spread = round-robin", LISTS "spread = round-robin\n", MPTCP_LIMITS("2"), MPTCP_LIMITS("0"),
	  &sources_turn_rows },
};

const struct out_groups out_groups = { groups, sizeof(groups) / sizeof(groups[0]) };
