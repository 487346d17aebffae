// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every way through judge.h. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "srcpin/judge.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* no two words of it are the same, and none is zero */
#define SOURCE                                                                \
	{                                                                     \
		0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0x25 \
	}
#define S "2001:db8:2:3:4:5:6:25"
#define OTHER "2001:db8:2:3:4:5:6:26"
#define SOURCE4                                                                        \
	{                                                                              \
		[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51, [14] = 100, [15] = 37 \
	}
#define S4 "::ffff:198.51.100.37"
#define PIN(source_, bound_, missing_, ...)                                               \
	{                                                                                 \
		.source = source_, .verdict = SRCPIN_PIN, .bound = SRCPIN_BOUND_##bound_, \
		.missing = SRCPIN_MISSING_##missing_, .line = 2, __VA_ARGS__              \
	}
#define PORTS .n_ports = 2, .ports = { 25, 465 }

static const struct srcpin_rule pin = PIN(SOURCE, REWRITE, DENY);
static const struct srcpin_rule pin4 = PIN(SOURCE4, REWRITE, DENY);
static const struct srcpin_rule pin_pass = PIN(SOURCE, REWRITE, PASS);
static const struct srcpin_rule pin_bound_deny = PIN(SOURCE, DENY, DENY);
static const struct srcpin_rule pin_leave = PIN(SOURCE, LEAVE, DENY);
static const struct srcpin_rule pin_leave_pass = PIN(SOURCE, LEAVE, PASS);
static const struct srcpin_rule pin_ports = PIN(SOURCE, REWRITE, DENY, PORTS);
static const struct srcpin_rule exempt = { .verdict = SRCPIN_EXEMPT, .bound = SRCPIN_BOUND_REWRITE };
static const struct srcpin_rule denied = { .verdict = SRCPIN_DENY,
					   .bound = SRCPIN_BOUND_LEAVE,
					   .missing = SRCPIN_MISSING_PASS };
static const struct srcpin_rule denied_ports = {
	.verdict = SRCPIN_DENY, .bound = SRCPIN_BOUND_REWRITE, .missing = SRCPIN_MISSING_DENY, PORTS
};
static const struct srcpin_rule own = { .verdict = SRCPIN_PIN, .flags = SRCPIN_RULE_OWN };
static const struct srcpin_rule own_exempt = { .verdict = SRCPIN_EXEMPT, .flags = SRCPIN_RULE_OWN };
static const struct srcpin_rule local = { .verdict = SRCPIN_EXEMPT, .flags = SRCPIN_RULE_LOCAL };

#define STRANGE SRCPIN_PACKET_STRANGE
#define SEGMENT SRCPIN_PACKET_TCP
#define OPEN SRCPIN_PACKET_TCP_OPEN
#define UDP SRCPIN_PACKET_PORTS
#define ICMP SRCPIN_PACKET_OTHER
#define ND SRCPIN_PACKET_NEIGHBOUR

static const struct row {
	const char *what;
	enum srcpin_packet_kind kind;
	const char *source;
	unsigned int port;
	const struct srcpin_rule *rule;        /* of the destination */
	const struct srcpin_rule *source_rule; /* of the source; only asked for with ROUTED */
	enum { BOUND = 1, GONE = 2, PREVIOUS = 4, ROUTED = 8, TRANSLATED = 16, CONNECTED = 32 } how;
	enum srcpin_reason reason;
} rows[] = {
	/* connections that are there */
	{ "segment from elsewhere", SEGMENT, OTHER, 25, &pin, NULL, 0, SRCPIN_PASSED_TCP },
	{ "segment, family denied", SEGMENT, OTHER, 25, &denied, NULL, 0, SRCPIN_PASSED_TCP },
	{ "segment, no policy", SEGMENT, OTHER, 25, NULL, NULL, 0, SRCPIN_PASSED_TCP },
	{ "segment, source gone", SEGMENT, S, 25, &pin, NULL, GONE, SRCPIN_PASSED_TCP },

	/* what cannot be told */
	{ "strange, from the source", STRANGE, S, 0, &pin, NULL, 0, SRCPIN_DROPPED_STRANGE },
	{ "strange, to an exempt destination", STRANGE, S, 0, &exempt, NULL, 0, SRCPIN_DROPPED_STRANGE },
	{ "strange, ports", STRANGE, S, 0, &pin_ports, NULL, 0, SRCPIN_DROPPED_STRANGE },
	{ "strange, no policy", STRANGE, S, 0, NULL, NULL, 0, SRCPIN_DROPPED_STRANGE },
	{ "strange, with all excuses", STRANGE, OTHER, 0, &pin_leave_pass, &own, BOUND | GONE | PREVIOUS,
	  SRCPIN_DROPPED_STRANGE },
	{ "strange, source-routed from the source", STRANGE, S, 0, &pin, &own, ROUTED, SRCPIN_DROPPED_STRANGE },

	/* no policy */
	{ "first segment, no policy", OPEN, S, 25, NULL, NULL, 0, SRCPIN_DROPPED_NO_POLICY },
	{ "datagram, no policy", UDP, S, 53, NULL, NULL, BOUND | PREVIOUS, SRCPIN_DROPPED_NO_POLICY },
	{ "other, no policy", ICMP, S, 0, NULL, NULL, 0, SRCPIN_DROPPED_NO_POLICY },
	{ "neighbour discovery, no policy", ND, S, 0, NULL, NULL, 0, SRCPIN_DROPPED_NO_POLICY },
	{ "source-routed, no policy", UDP, S, 53, NULL, &own, ROUTED, SRCPIN_DROPPED_NO_POLICY },

	/* exempt */
	{ "neighbour discovery", ND, OTHER, 0, &pin, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "neighbour discovery, family denied", ND, OTHER, 0, &denied, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "first segment, exempt", OPEN, OTHER, 25, &exempt, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "datagram, exempt", UDP, OTHER, 53, &exempt, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "other, exempt", ICMP, OTHER, 0, &exempt, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "first segment, exempt port", OPEN, OTHER, 24, &pin_ports, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "datagram, exempt port", UDP, OTHER, 53, &pin_ports, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "datagram, port 0", UDP, OTHER, 0, &pin_ports, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "other: no port, so none of the list's", ICMP, OTHER, 0, &pin_ports, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "denied, exempt port", OPEN, OTHER, 24, &denied_ports, NULL, 0, SRCPIN_PASSED_EXEMPT },
	{ "denied, other: none of the list's ports", ICMP, OTHER, 0, &denied_ports, NULL, 0, SRCPIN_PASSED_EXEMPT },

	/* from the source */
	{ "first segment", OPEN, S, 25, &pin, NULL, 0, SRCPIN_PASSED_SOURCE },
	{ "first segment, source gone", OPEN, S, 25, &pin, NULL, GONE, SRCPIN_PASSED_SOURCE },
	{ "first segment, source gone, missing = pass", OPEN, S, 25, &pin_pass, NULL, GONE, SRCPIN_PASSED_SOURCE },
	{ "first segment, port of the list", OPEN, S, 465, &pin_ports, NULL, 0, SRCPIN_PASSED_SOURCE },
	{ "datagram", UDP, S, 53, &pin, NULL, 0, SRCPIN_PASSED_SOURCE },
	{ "datagram, bound = leave", UDP, S, 53, &pin_leave, NULL, 0, SRCPIN_PASSED_SOURCE },
	{ "other", ICMP, S, 0, &pin, NULL, 0, SRCPIN_PASSED_SOURCE },
	{ "IPv4", OPEN, S4, 25, &pin4, NULL, 0, SRCPIN_PASSED_SOURCE },
	{ "IPv4, other", ICMP, S4, 0, &pin4, NULL, 0, SRCPIN_PASSED_SOURCE },

	/* from the source, which is gone: nobody else would answer for it */
	{ "datagram, source gone", UDP, S, 53, &pin, NULL, GONE, SRCPIN_DROPPED_MISSING },
	{ "other, source gone", ICMP, S, 0, &pin, NULL, GONE, SRCPIN_DROPPED_MISSING },
	{ "datagram, source gone, missing = pass", UDP, S, 53, &pin_pass, NULL, GONE, SRCPIN_DROPPED_MISSING },
	{ "datagram, source gone, with all excuses", UDP, S, 53, &pin_leave_pass, NULL, BOUND | GONE | PREVIOUS,
	  SRCPIN_DROPPED_MISSING },

	/* from elsewhere */
	{ "first segment from elsewhere", OPEN, OTHER, 25, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "first segment from elsewhere, port of the list", OPEN, OTHER, 25, &pin_ports, NULL, 0,
	  SRCPIN_DROPPED_SOURCE },
	{ "datagram from elsewhere", UDP, OTHER, 53, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "datagram from elsewhere, port of the list", UDP, OTHER, 465, &pin_ports, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "other from elsewhere", ICMP, OTHER, 0, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "from ::", UDP, "::", 53, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "from ::1", UDP, "::1", 53, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "from 0.0.0.0", ICMP, "::ffff:0.0.0.0", 0, &pin4, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "IPv4 from elsewhere", OPEN, "::ffff:198.51.100.38", 25, &pin4, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "the IPv4 source's bytes as IPv6", OPEN, "::198.51.100.37", 25, &pin4, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "another source of the policy", UDP, OTHER, 53, &pin, &own, 0, SRCPIN_DROPPED_SOURCE },
	{ "1st word differs", OPEN, "2002:db8:2:3:4:5:6:25", 25, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "2nd word differs", OPEN, "2001:db8:2:4:4:5:6:25", 25, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "3rd word differs", OPEN, "2001:db8:2:3:4:6:6:25", 25, &pin, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "source gone, from elsewhere", UDP, OTHER, 53, &pin, NULL, GONE, SRCPIN_DROPPED_SOURCE },
	{ "source there, from elsewhere, missing = pass", UDP, OTHER, 53, &pin_pass, NULL, 0, SRCPIN_DROPPED_SOURCE },

	/* from elsewhere, with an excuse */
	{ "bound there, bound = leave", UDP, OTHER, 53, &pin_leave, NULL, BOUND, SRCPIN_PASSED_BOUND },
	{ "first segment, bound there, bound = leave", OPEN, OTHER, 25, &pin_leave, NULL, BOUND, SRCPIN_PASSED_BOUND },
	{ "bound = leave, but not bound there", UDP, OTHER, 53, &pin_leave, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "bound there, bound = rewrite", UDP, OTHER, 53, &pin, NULL, BOUND, SRCPIN_DROPPED_SOURCE },
	{ "bound there, bound = deny", UDP, OTHER, 53, &pin_bound_deny, NULL, BOUND, SRCPIN_DROPPED_SOURCE },
	{ "connected there", UDP, OTHER, 53, &pin, NULL, BOUND | CONNECTED, SRCPIN_DROPPED_CONNECTED },
	{ "connected there, missing = pass", UDP, OTHER, 53, &pin_pass, NULL, BOUND | CONNECTED,
	  SRCPIN_DROPPED_CONNECTED },
	{ "connected to the source", UDP, S, 53, &pin, NULL, BOUND | CONNECTED, SRCPIN_PASSED_SOURCE },
	{ "connected there, a previous source", UDP, OTHER, 53, &pin, NULL, BOUND | CONNECTED | PREVIOUS,
	  SRCPIN_PASSED_PREVIOUS },
	{ "connected there, and translated", UDP, OTHER, 53, &pin, NULL, CONNECTED | TRANSLATED,
	  SRCPIN_DROPPED_TRANSLATED },
	{ "missing = pass", UDP, OTHER, 53, &pin_pass, NULL, GONE, SRCPIN_PASSED_MISSING },
	{ "first segment, missing = pass", OPEN, OTHER, 25, &pin_pass, NULL, GONE, SRCPIN_PASSED_MISSING },
	{ "missing = pass before bound = leave", UDP, OTHER, 53, &pin_leave_pass, NULL, BOUND | GONE,
	  SRCPIN_PASSED_MISSING },
	{ "a source until a moment ago", UDP, OTHER, 53, &pin, NULL, PREVIOUS, SRCPIN_PASSED_PREVIOUS },
	{ "first segment, a source until a moment ago", OPEN, OTHER, 25, &pin, NULL, PREVIOUS, SRCPIN_PASSED_PREVIOUS },
	{ "a source until a moment ago, bound there", UDP, OTHER, 53, &pin_bound_deny, NULL, BOUND | PREVIOUS,
	  SRCPIN_PASSED_PREVIOUS },

	/* from elsewhere, though its socket is not */
	{ "first segment, translated", OPEN, OTHER, 25, &pin, NULL, TRANSLATED, SRCPIN_DROPPED_TRANSLATED },
	{ "datagram, translated", UDP, OTHER, 53, &pin_bound_deny, NULL, TRANSLATED, SRCPIN_DROPPED_TRANSLATED },
	{ "translated to the source", UDP, S, 53, &pin, NULL, TRANSLATED, SRCPIN_PASSED_SOURCE },
	{ "translated, exempt", UDP, OTHER, 53, &exempt, NULL, TRANSLATED, SRCPIN_PASSED_EXEMPT },
	{ "translated, a source until a moment ago", UDP, OTHER, 53, &pin, NULL, TRANSLATED | PREVIOUS,
	  SRCPIN_PASSED_PREVIOUS },
	{ "translated, missing = pass", UDP, OTHER, 53, &pin_pass, NULL, TRANSLATED | GONE, SRCPIN_PASSED_MISSING },

	/* no source for the family: no excuse */
	{ "denied", OPEN, OTHER, 25, &denied, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "denied, datagram", UDP, OTHER, 53, &denied, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "denied, other", ICMP, OTHER, 0, &denied, NULL, 0, SRCPIN_DROPPED_SOURCE },
	{ "denied, with all excuses", UDP, OTHER, 53, &denied, &own, BOUND | GONE | PREVIOUS, SRCPIN_DROPPED_SOURCE },
	{ "denied, from ::, which is what a denial has for a source", UDP, "::", 53, &denied, NULL, 0,
	  SRCPIN_DROPPED_SOURCE },
	{ "denied, port of the list", UDP, OTHER, 25, &denied_ports, NULL, 0, SRCPIN_DROPPED_SOURCE },

	/* source-routed: what is in dest, an exempt one perhaps, is only the next stop */
	{ "routed, from the source", UDP, S, 53, &exempt, &own, ROUTED, SRCPIN_PASSED_SOURCE },
	{ "routed, first segment from the source", OPEN, S, 25, &pin, &own, ROUTED, SRCPIN_PASSED_SOURCE },
	{ "routed, from a source that is exempt as a destination", ICMP, S, 0, &exempt, &own_exempt, ROUTED,
	  SRCPIN_PASSED_SOURCE },
	{ "routed, from elsewhere, to a pinned stop", UDP, OTHER, 53, &pin, &pin, ROUTED, SRCPIN_DROPPED_SOURCE },
	{ "routed, from elsewhere, to an exempt stop", UDP, OTHER, 53, &exempt, &pin, ROUTED, SRCPIN_DROPPED_SOURCE },
	{ "routed, from elsewhere, to an exempt port", OPEN, OTHER, 24, &pin_ports, &pin, ROUTED,
	  SRCPIN_DROPPED_SOURCE },
	{ "routed, from loopback", ICMP, "::1", 0, &exempt, &local, ROUTED, SRCPIN_DROPPED_SOURCE },
	{ "routed, from what the policy does not know", ICMP, OTHER, 0, &exempt, NULL, ROUTED, SRCPIN_DROPPED_SOURCE },
	{ "routed, from elsewhere, with all excuses", UDP, OTHER, 53, &pin_leave_pass, &pin,
	  ROUTED | BOUND | GONE | PREVIOUS, SRCPIN_DROPPED_SOURCE },
	{ "routed, segment from elsewhere", SEGMENT, OTHER, 25, &pin, &pin, ROUTED, SRCPIN_PASSED_TCP },
};

static void judges(void **state)
{
	const struct row *row = *state;
	struct srcpin_packet packet = { .kind = row->kind, .port = row->port, .reroute = !!(row->how & ROUTED) };
	struct srcpin_judged judged = {
		.packet = &packet,
		.rule = row->rule,
		.source_flags = row->source_rule ? row->source_rule->flags : 0,
		.bound = !!(row->how & BOUND),
		.usable = !(row->how & GONE),
		.previous = !!(row->how & PREVIOUS),
		.connected = !!(row->how & CONNECTED),
		.translated = !!(row->how & TRANSLATED),
	};

	assert_int_equal(inet_pton(AF_INET6, row->source, packet.source), 1);
	judged.at_source = row->rule && srcpin_same_address(row->rule->source, packet.source);
	assert_int_equal(srcpin_judge(srcpin_judged_facts(&judged)), row->reason);
}

/* All reasons of packets, but the one that a program gives before it asks. */
static void every_reason_is_reached(void **state)
{
	bool reached[SRCPIN_N_REASONS] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		reached[rows[i].reason] = true;
	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		if (reached[r] != (r >= SRCPIN_PASSED_TCP && r != SRCPIN_PASSED_NESTED))
			fail_msg("reason %d is %sreached", r, reached[r] ? "" : "not ");
}

/* The guard lets a packet go by the order of the reasons alone. */
static void what_is_dropped_comes_last(void **state)
{
	(void)state;
	assert_int_equal(SRCPIN_DENIED_BIND_FAILED + 1, SRCPIN_PASSED_TCP);
	assert_int_equal(SRCPIN_PASSED_NESTED + 1, SRCPIN_DROPPED_SOURCE);
	assert_int_equal(SRCPIN_DROPPED_NO_POLICY + 1, SRCPIN_N_REASONS);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 2] = { 0 };
	size_t n;

	for (n = 0; n < ARRAY_SIZE(rows); n++)
		tests[n] = (struct CMUnitTest){ rows[n].what, judges, NULL, NULL, (void *)&rows[n] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_reason_is_reached);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(what_is_dropped_comes_last);
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
