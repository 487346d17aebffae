// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every way through decide.h. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "srcpin/decide.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* no two words of it are the same, and none is zero */
#define SOURCE                                                                \
	{                                                                     \
		0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0x25 \
	}
#define S "2001:db8:2:3:4:5:6:25"
#define OTHER "2001:db8:2:3:4:5:6:26"
#define DEST "2001:db8:99::1"
#define V4 "::ffff:192.0.2.1"
#define SOURCE4                                                                          \
	{                                                                                \
		[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51, [14] = 100, [15] = 0x25 \
	}
#define S4 "::ffff:198.51.100.37"
#define OTHER4 "::ffff:198.51.100.38"
#define ANY4 "::ffff:0.0.0.0"
#define PIN_WITH(bound_, missing_)                                                                       \
	{                                                                                                \
		.source = SOURCE, .verdict = SRCPIN_PIN, .bound = bound_, .missing = missing_, .line = 2 \
	}

static const struct srcpin_rule pin = PIN_WITH(SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_DENY);
static const struct srcpin_rule pin_pass = PIN_WITH(SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_PASS);
static const struct srcpin_rule pin_deny = PIN_WITH(SRCPIN_BOUND_DENY, SRCPIN_MISSING_DENY);
static const struct srcpin_rule pin_leave = PIN_WITH(SRCPIN_BOUND_LEAVE, SRCPIN_MISSING_DENY);
static const struct srcpin_rule exempt = { .verdict = SRCPIN_EXEMPT, .bound = SRCPIN_BOUND_REWRITE, .line = 3 };
static const struct srcpin_rule exempt_leave = { .verdict = SRCPIN_EXEMPT, .bound = SRCPIN_BOUND_LEAVE, .line = 3 };
static const struct srcpin_rule pin_ports = {
	.source = SOURCE,
	.verdict = SRCPIN_PIN,
	.bound = SRCPIN_BOUND_REWRITE,
	.missing = SRCPIN_MISSING_DENY,
	.n_ports = 3,
	.ports = { 25, 465, 587 },
};
static const struct srcpin_rule pin_most_ports = {
	.source = SOURCE,
	.verdict = SRCPIN_PIN,
	.bound = SRCPIN_BOUND_REWRITE,
	.missing = SRCPIN_MISSING_DENY,
	.n_ports = SRCPIN_MAX_PORTS,
	.ports = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 65535 },
};
#define PIN4_WITH(bound_, missing_)                                                                       \
	{                                                                                                 \
		.source = SOURCE4, .verdict = SRCPIN_PIN, .bound = bound_, .missing = missing_, .line = 2 \
	}
#define DENY_WITH(bound_, missing_, ...)                                                             \
	{                                                                                            \
		.verdict = SRCPIN_DENY, .bound = bound_, .missing = missing_, .line = 0, __VA_ARGS__ \
	}
static const struct srcpin_rule pin4 = PIN4_WITH(SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_DENY);
static const struct srcpin_rule pin4_pass = PIN4_WITH(SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_PASS);
static const struct srcpin_rule pin4_deny = PIN4_WITH(SRCPIN_BOUND_DENY, SRCPIN_MISSING_DENY);
static const struct srcpin_rule pin4_leave = PIN4_WITH(SRCPIN_BOUND_LEAVE, SRCPIN_MISSING_DENY);
static const struct srcpin_rule denied = DENY_WITH(SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_DENY);
static const struct srcpin_rule denied_pass = DENY_WITH(SRCPIN_BOUND_LEAVE, SRCPIN_MISSING_PASS);
static const struct srcpin_rule denied_ports =
	DENY_WITH(SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_DENY, .n_ports = 2, .ports = { 25, 465 });
static const struct srcpin_rule own = { .verdict = SRCPIN_PIN, .flags = SRCPIN_RULE_OWN };
static const struct srcpin_rule builtin = { .verdict = SRCPIN_EXEMPT, .flags = SRCPIN_RULE_LOCAL };
static const struct srcpin_rule plain = { .verdict = SRCPIN_PIN };

static const struct socket {
	const char *address;
	unsigned int port;
	const struct srcpin_rule *rule; /* of the address, in the policy */
} else_no_port = { OTHER, 0, &plain }, server = { OTHER, 25, &plain }, fresh = { "::", 0, NULL },
  server_wild = { "::", 25, NULL }, unknown_no_port = { OTHER, 0, NULL }, loop_no_port = { "::1", 0, &builtin },
  exempted = { OTHER, 0, &exempt }, source_no_port = { S, 0, &own }, elsewhere = { OTHER, 7, &plain },
  source = { S, 7, &own }, wild = { "::", 7, NULL }, word1 = { "1::", 7, &plain }, word2 = { "0:0:1::", 7, &plain },
  word3 = { "::1:0:0:0", 7, &plain }, word4 = { "::1", 7, &plain }, differs1 = { "2002:db8:2:3:4:5:6:25", 7, &plain },
  differs2 = { "2001:db8:2:4:4:5:6:25", 7, &plain }, differs3 = { "2001:db8:2:3:4:6:6:25", 7, &plain },
  unknown = { OTHER, 7, NULL }, other = { OTHER, 7, &own }, other_no_port = { OTHER, 0, &own },
  loop = { "::1", 7, &builtin }, fresh4 = { ANY4, 0, NULL }, wild4 = { ANY4, 7, NULL }, source4 = { S4, 7, &own },
  source4_no_port = { S4, 0, &own }, elsewhere4 = { OTHER4, 7, &plain }, else4_no_port = { OTHER4, 0, &plain },
  other4 = { OTHER4, 7, &own }, server4 = { OTHER4, 25, &plain }, loop4_no_port = { "::ffff:127.0.0.1", 0, &builtin },
  near_any4 = { "::fffe:0.0.0.0", 7, &plain }, in_word1_any4 = { "1::ffff:0.0.0.0", 7, &plain },
  in_word2_any4 = { "0:0:1::ffff:0.0.0.0", 7, &plain }, last_bit = { "::ffff:0.0.0.1", 7, &plain },
  half_any4 = { "::ffff", 7, &plain };
static const struct peer {
	const char *address;
	unsigned int port;
} nobody = { "::", 0 }, smtp = { DEST, 25 }, dns = { DEST, 53 }, v4_smtp = { V4, 25 }, v4_dns = { V4, 53 },
  compatible = { "::192.0.2.1", 25 }, fffe = { "::fffe:192.0.2.1", 25 }, in_word1 = { "2001::ffff:192.0.2.1", 25 },
  in_word2 = { "0:0:0:1::ffff:192.0.2.1", 25 }, port_587 = { DEST, 587 }, port_80 = { DEST, 80 }, v4_465 = { V4, 465 },
  port_0 = { DEST, 0 }, port_65535 = { DEST, 65535 }, port_16 = { DEST, 16 };

static const struct row {
	const char *what;
	enum srcpin_hook hook;
	const struct socket *socket;
	const struct peer *peer;
	const struct srcpin_rule *rule; /* of the peer; bind: the default */
	/* FREED: to SRCPIN_FREE; CHOSEN: local, by the kernel; JUDGED: bound to :: by the program, and the guard is on
	 */
	enum { TCP = 1, GONE = 2, FREED = 4, CHOSEN = 8, JUDGED = 16 } how;
	enum srcpin_reason reason;
} rows[] = {
	/* bind */
	{ "bind: no policy", SRCPIN_BIND, &else_no_port, &nobody, NULL, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: default is no pin", SRCPIN_BIND, &else_no_port, &nobody, &exempt, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: bound = deny waits for connect", SRCPIN_BIND, &else_no_port, &nobody, &pin_deny, TCP,
	  SRCPIN_EXEMPT_BIND },
	{ "bind: bound = leave", SRCPIN_BIND, &else_no_port, &nobody, &pin_leave, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: a server's port", SRCPIN_BIND, &server, &nobody, &pin, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: stream on ::", SRCPIN_BIND, &fresh, &nobody, &pin, TCP, SRCPIN_PINNED_BIND },
	{ "bind: stream on ::, port", SRCPIN_BIND, &server_wild, &nobody, &pin, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: datagram on ::", SRCPIN_BIND, &fresh, &nobody, &pin, 0, SRCPIN_EXEMPT_BIND },
	{ "bind: datagram elsewhere", SRCPIN_BIND, &else_no_port, &nobody, &pin, 0, SRCPIN_PINNED_BIND },
	{ "bind: stream elsewhere", SRCPIN_BIND, &else_no_port, &nobody, &pin, TCP, SRCPIN_PINNED_BIND },
	{ "bind: elsewhere, address unknown to the policy", SRCPIN_BIND, &unknown_no_port, &nobody, &pin, TCP,
	  SRCPIN_PINNED_BIND },
	{ "bind: built-in exemption", SRCPIN_BIND, &loop_no_port, &nobody, &pin, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: user's exemption is no reason to leave it", SRCPIN_BIND, &exempted, &nobody, &pin, TCP,
	  SRCPIN_PINNED_BIND },
	{ "bind: a source of the policy", SRCPIN_BIND, &source_no_port, &nobody, &pin, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: default is a denial", SRCPIN_BIND, &else_no_port, &nobody, &denied, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: default is a denial, stream on ::", SRCPIN_BIND, &fresh, &nobody, &denied, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: stream on 0.0.0.0", SRCPIN_BIND, &fresh4, &nobody, &pin4, TCP, SRCPIN_PINNED_BIND },
	{ "bind: datagram on 0.0.0.0", SRCPIN_BIND, &fresh4, &nobody, &pin4, 0, SRCPIN_EXEMPT_BIND },
	{ "bind: stream on 0.0.0.0, port", SRCPIN_BIND, &wild4, &nobody, &pin4, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: elsewhere, IPv4", SRCPIN_BIND, &else4_no_port, &nobody, &pin4, 0, SRCPIN_PINNED_BIND },
	{ "bind: a server's port, IPv4", SRCPIN_BIND, &server4, &nobody, &pin4, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: a source of the policy, IPv4", SRCPIN_BIND, &source4_no_port, &nobody, &pin4, TCP,
	  SRCPIN_EXEMPT_BIND },
	{ "bind: 127.0.0.1", SRCPIN_BIND, &loop4_no_port, &nobody, &pin4, TCP, SRCPIN_EXEMPT_BIND },
	{ "bind: source gone", SRCPIN_BIND, &else_no_port, &nobody, &pin, TCP | GONE, SRCPIN_DENIED_MISSING },
	{ "bind: source gone, missing = pass", SRCPIN_BIND, &else_no_port, &nobody, &pin_pass, TCP | GONE,
	  SRCPIN_EXEMPT_MISSING },

	/* which rule */
	{ "connect: no policy", SRCPIN_CONNECT, &fresh, &smtp, NULL, TCP, SRCPIN_DENIED_NO_POLICY },
	{ "sendmsg: no policy", SRCPIN_SENDMSG, &fresh, &dns, NULL, 0, SRCPIN_DENIED_NO_POLICY },
	{ "connect: exempt", SRCPIN_CONNECT, &fresh, &smtp, &exempt, TCP, SRCPIN_EXEMPT_RULE },
	{ "connect: exempt, source gone", SRCPIN_CONNECT, &elsewhere, &smtp, &exempt, TCP | GONE, SRCPIN_EXEMPT_RULE },
	{ "sendmsg: exempt", SRCPIN_SENDMSG, &fresh, &dns, &exempt, 0, SRCPIN_EXEMPT_RULE },
	{ "connect: exempt, pinned before", SRCPIN_CONNECT, &source_no_port, &dns, &exempt, FREED, SRCPIN_EXEMPT_RULE },
	{ "connect: exempt, pinned to another before", SRCPIN_CONNECT, &other_no_port, &dns, &exempt, FREED,
	  SRCPIN_EXEMPT_RULE },
	{ "connect: exempt, pinned before, bound = leave", SRCPIN_CONNECT, &source_no_port, &dns, &exempt_leave, 0,
	  SRCPIN_EXEMPT_RULE },
	{ "connect: exempt port, pinned before", SRCPIN_CONNECT, &source_no_port, &port_80, &pin_ports, FREED,
	  SRCPIN_EXEMPT_PORT },
	{ "connect: exempt, at the source with a port", SRCPIN_CONNECT, &source, &dns, &exempt, 0, SRCPIN_EXEMPT_RULE },
	{ "connect: exempt, bound by the program", SRCPIN_CONNECT, &else_no_port, &dns, &exempt, 0,
	  SRCPIN_EXEMPT_RULE },
	{ "connect: exempt, stream at the source", SRCPIN_CONNECT, &source_no_port, &smtp, &exempt, TCP,
	  SRCPIN_EXEMPT_RULE },
	{ "sendmsg: exempt, at the source", SRCPIN_SENDMSG, &source_no_port, &dns, &exempt, 0, SRCPIN_EXEMPT_RULE },

	/* IPv4 from a socket that a pin made IPv6-only */
	{ "connect: IPv4 when pinned already", SRCPIN_CONNECT, &source, &v4_smtp, &exempt, TCP, SRCPIN_DENIED_FAMILY },
	{ "sendmsg: IPv4 when pinned already", SRCPIN_SENDMSG, &source, &v4_dns, &exempt, 0, SRCPIN_DENIED_FAMILY },
	{ "connect: IPv4, fresh socket", SRCPIN_CONNECT, &fresh, &v4_smtp, &exempt, TCP, SRCPIN_EXEMPT_RULE },
	{ "connect: IPv4, bound elsewhere", SRCPIN_CONNECT, &elsewhere, &v4_smtp, &exempt, TCP, SRCPIN_EXEMPT_RULE },
	{ "connect: IPv4-compatible is not mapped", SRCPIN_CONNECT, &source, &compatible, &exempt, TCP,
	  SRCPIN_EXEMPT_RULE },
	{ "connect: ::fffe: is not mapped", SRCPIN_CONNECT, &source, &fffe, &exempt, TCP, SRCPIN_EXEMPT_RULE },
	{ "connect: ffff in the middle of 1st word's address", SRCPIN_CONNECT, &source, &in_word1, &exempt, TCP,
	  SRCPIN_EXEMPT_RULE },
	{ "connect: ffff in the middle of 2nd word's address", SRCPIN_CONNECT, &source, &in_word2, &exempt, TCP,
	  SRCPIN_EXEMPT_RULE },

	{ "connect: IPv4 with a source of its own, when pinned already", SRCPIN_CONNECT, &source, &v4_smtp, &pin4, TCP,
	  SRCPIN_DENIED_FAMILY },
	{ "connect: IPv4 denied, when pinned already", SRCPIN_CONNECT, &source, &v4_smtp, &denied, TCP,
	  SRCPIN_DENIED_FAMILY },
	{ "connect: IPv4 when pinned before", SRCPIN_CONNECT, &source_no_port, &v4_dns, &exempt, 0,
	  SRCPIN_DENIED_FAMILY },
	{ "connect: exempt IPv4 from the IPv4 source", SRCPIN_CONNECT, &source4, &v4_smtp, &exempt, TCP,
	  SRCPIN_EXEMPT_RULE },
	{ "connect: exempt IPv4, pinned to the IPv4 source before", SRCPIN_CONNECT, &source4_no_port, &v4_dns, &exempt,
	  FREED, SRCPIN_EXEMPT_RULE },
	{ "sendmsg: exempt IPv4 from the IPv4 source", SRCPIN_SENDMSG, &source4, &v4_dns, &exempt, 0,
	  SRCPIN_EXEMPT_RULE },

	/* IPv4 with a source of its own */
	{ "IPv4: fresh", SRCPIN_CONNECT, &fresh4, &v4_smtp, &pin4, TCP, SRCPIN_PINNED_CONNECT },
	{ "IPv4: fresh IPv6 socket", SRCPIN_CONNECT, &fresh, &v4_smtp, &pin4, TCP, SRCPIN_PINNED_CONNECT },
	{ "IPv4: fresh datagram", SRCPIN_CONNECT, &fresh4, &v4_dns, &pin4, 0, SRCPIN_PINNED_CONNECT },
	{ "IPv4: fresh, source gone", SRCPIN_CONNECT, &fresh4, &v4_smtp, &pin4, TCP | GONE, SRCPIN_DENIED_MISSING },
	{ "IPv4: fresh, source gone, missing = pass", SRCPIN_CONNECT, &fresh4, &v4_smtp, &pin4_pass, TCP | GONE,
	  SRCPIN_EXEMPT_MISSING },
	{ "IPv4: 0.0.0.0 with a port", SRCPIN_CONNECT, &wild4, &v4_smtp, &pin4, TCP, SRCPIN_DENIED_WILDCARD },
	{ "IPv4: :: with a port", SRCPIN_CONNECT, &wild, &v4_smtp, &pin4, TCP, SRCPIN_DENIED_WILDCARD },
	{ "IPv4: sendmsg, fresh", SRCPIN_SENDMSG, &fresh4, &v4_dns, &pin4, 0, SRCPIN_PINNED_DATAGRAM },
	{ "IPv4: sendmsg, 0.0.0.0 with a port", SRCPIN_SENDMSG, &wild4, &v4_dns, &pin4, 0, SRCPIN_PINNED_DATAGRAM },
	{ "IPv4: at the source", SRCPIN_CONNECT, &source4, &v4_smtp, &pin4, TCP, SRCPIN_PINNED_ALREADY },
	{ "IPv4: sendmsg at the source", SRCPIN_SENDMSG, &source4, &v4_dns, &pin4, 0, SRCPIN_PINNED_DATAGRAM },
	{ "IPv4: elsewhere", SRCPIN_CONNECT, &elsewhere4, &v4_smtp, &pin4, TCP, SRCPIN_DENIED_BOUND },
	{ "IPv4: elsewhere without a port", SRCPIN_CONNECT, &else4_no_port, &v4_smtp, &pin4, TCP,
	  SRCPIN_PINNED_CONNECT },
	{ "IPv4: elsewhere without a port, bound = deny", SRCPIN_CONNECT, &else4_no_port, &v4_smtp, &pin4_deny, TCP,
	  SRCPIN_DENIED_BOUND },
	{ "IPv4: elsewhere, bound = leave", SRCPIN_CONNECT, &elsewhere4, &v4_smtp, &pin4_leave, TCP,
	  SRCPIN_EXEMPT_BOUND },
	{ "IPv4: elsewhere by the kernel, bound = leave", SRCPIN_CONNECT, &elsewhere4, &v4_dns, &pin4_leave, CHOSEN,
	  SRCPIN_DENIED_CONNECTED },
	{ "IPv4: other source", SRCPIN_CONNECT, &other4, &v4_smtp, &pin4, TCP, SRCPIN_DENIED_OTHER_SOURCE },
	{ "IPv6 from the IPv4 source", SRCPIN_CONNECT, &source4, &smtp, &pin, TCP, SRCPIN_DENIED_OTHER_SOURCE },
	{ "IPv6 when pinned to the IPv4 source before", SRCPIN_CONNECT, &source4_no_port, &dns, &pin, 0,
	  SRCPIN_PINNED_CONNECT },
	{ "IPv6 by a socket on ::ffff:0.0.0.0", SRCPIN_CONNECT, &fresh4, &smtp, &pin, TCP, SRCPIN_PINNED_CONNECT },
	{ "any: ::fffe:0.0.0.0 is not", SRCPIN_CONNECT, &near_any4, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: 1::ffff:0.0.0.0 is not", SRCPIN_CONNECT, &in_word1_any4, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: 0:0:1::ffff:0.0.0.0 is not", SRCPIN_CONNECT, &in_word2_any4, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: ::ffff:0.0.0.1 is not", SRCPIN_CONNECT, &last_bit, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: ::ffff is not", SRCPIN_CONNECT, &half_any4, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },

	/* no source for the family */
	{ "deny: fresh", SRCPIN_CONNECT, &fresh, &smtp, &denied, TCP, SRCPIN_DENIED_RULE },
	{ "deny: IPv4", SRCPIN_CONNECT, &fresh4, &v4_smtp, &denied, TCP, SRCPIN_DENIED_RULE },
	{ "deny: IPv4-mapped", SRCPIN_CONNECT, &fresh, &v4_smtp, &denied, TCP, SRCPIN_DENIED_RULE },
	{ "deny: sendmsg", SRCPIN_SENDMSG, &wild4, &v4_dns, &denied, 0, SRCPIN_DENIED_RULE },
	{ "deny: elsewhere, bound = leave, missing = pass", SRCPIN_CONNECT, &elsewhere, &smtp, &denied_pass, TCP | GONE,
	  SRCPIN_DENIED_RULE },
	{ "deny: fresh, missing = pass", SRCPIN_CONNECT, &fresh, &smtp, &denied_pass, TCP | GONE, SRCPIN_DENIED_RULE },
	{ "deny: at the source of the other family", SRCPIN_CONNECT, &source4, &smtp, &denied, TCP,
	  SRCPIN_DENIED_RULE },
	{ "deny: bound to :: alone is not the source", SRCPIN_CONNECT, &wild, &smtp, &denied, TCP, SRCPIN_DENIED_RULE },
	{ "deny: first port of the list", SRCPIN_CONNECT, &fresh4, &v4_smtp, &denied_ports, TCP, SRCPIN_DENIED_RULE },
	{ "deny: last port of the list", SRCPIN_CONNECT, &fresh, &v4_465, &denied_ports, TCP, SRCPIN_DENIED_RULE },
	{ "deny: another port", SRCPIN_SENDMSG, &fresh4, &v4_dns, &denied_ports, 0, SRCPIN_EXEMPT_PORT },
	{ "deny: another port, pinned before", SRCPIN_CONNECT, &source_no_port, &dns, &denied_ports, FREED,
	  SRCPIN_EXEMPT_PORT },

	/* ports */
	{ "port: first of the list", SRCPIN_CONNECT, &fresh, &smtp, &pin_ports, TCP, SRCPIN_PINNED_CONNECT },
	{ "port: last of the list", SRCPIN_CONNECT, &fresh, &port_587, &pin_ports, TCP, SRCPIN_PINNED_CONNECT },
	{ "port: not in the list", SRCPIN_CONNECT, &fresh, &port_80, &pin_ports, TCP, SRCPIN_EXEMPT_PORT },
	{ "port: 0 is no end of list", SRCPIN_SENDMSG, &fresh, &port_0, &pin_ports, 0, SRCPIN_EXEMPT_PORT },
	{ "port: last of the longest list", SRCPIN_CONNECT, &fresh, &port_65535, &pin_most_ports, TCP,
	  SRCPIN_PINNED_CONNECT },
	{ "port: not in the longest list", SRCPIN_CONNECT, &fresh, &port_16, &pin_most_ports, TCP, SRCPIN_EXEMPT_PORT },

	/* bound to nothing */
	{ "connect: fresh", SRCPIN_CONNECT, &fresh, &smtp, &pin, TCP, SRCPIN_PINNED_CONNECT },
	{ "connect: fresh datagram", SRCPIN_CONNECT, &fresh, &dns, &pin, 0, SRCPIN_PINNED_CONNECT },
	{ "connect: fresh, bound = deny", SRCPIN_CONNECT, &fresh, &smtp, &pin_deny, TCP, SRCPIN_PINNED_CONNECT },
	{ "connect: fresh, bound = leave", SRCPIN_CONNECT, &fresh, &smtp, &pin_leave, TCP, SRCPIN_PINNED_CONNECT },
	{ "connect: fresh, source gone", SRCPIN_CONNECT, &fresh, &smtp, &pin, TCP | GONE, SRCPIN_DENIED_MISSING },
	{ "connect: fresh, source gone, missing = pass", SRCPIN_CONNECT, &fresh, &smtp, &pin_pass, TCP | GONE,
	  SRCPIN_EXEMPT_MISSING },
	{ "connect: :: with a port", SRCPIN_CONNECT, &wild, &smtp, &pin, TCP, SRCPIN_DENIED_WILDCARD },
	{ "connect: :: with a port, source gone", SRCPIN_CONNECT, &wild, &smtp, &pin, TCP | GONE,
	  SRCPIN_DENIED_MISSING },
	{ "connect: datagram on :: with a port", SRCPIN_CONNECT, &wild, &dns, &pin, 0, SRCPIN_DENIED_WILDCARD },
	{ "connect: datagram on ::, judged", SRCPIN_CONNECT, &wild, &dns, &pin, JUDGED, SRCPIN_EXEMPT_WILDCARD },
	{ "connect: datagram on ::, judged, bound = deny", SRCPIN_CONNECT, &wild, &dns, &pin_deny, JUDGED,
	  SRCPIN_EXEMPT_WILDCARD },
	{ "connect: datagram on ::, judged, bound = leave", SRCPIN_CONNECT, &wild, &dns, &pin_leave, JUDGED,
	  SRCPIN_DENIED_WILDCARD },
	{ "connect: datagram on ::, judged, source gone", SRCPIN_CONNECT, &wild, &dns, &pin, JUDGED | GONE,
	  SRCPIN_DENIED_MISSING },
	{ "connect: datagram on ::, judged, source gone, missing = pass", SRCPIN_CONNECT, &wild, &dns, &pin_pass,
	  JUDGED | GONE, SRCPIN_EXEMPT_MISSING },
	{ "connect: datagram on ::, judged, denied", SRCPIN_CONNECT, &wild, &dns, &denied, JUDGED, SRCPIN_DENIED_RULE },
	{ "connect: IPv4 of a datagram on ::, judged", SRCPIN_CONNECT, &wild, &v4_dns, &pin4, JUDGED,
	  SRCPIN_EXEMPT_WILDCARD },
	{ "connect: datagram on 0.0.0.0, judged", SRCPIN_CONNECT, &wild4, &v4_dns, &pin4, JUDGED,
	  SRCPIN_EXEMPT_WILDCARD },
	{ "connect: again, to where the kernel chose the source", SRCPIN_CONNECT, &source, &dns, &pin, CHOSEN | JUDGED,
	  SRCPIN_PINNED_ALREADY },
	{ "connect: again, to where the kernel chose another", SRCPIN_CONNECT, &elsewhere, &dns, &pin, CHOSEN | JUDGED,
	  SRCPIN_DENIED_CONNECTED },
	{ "sendmsg: at another, by the kernel", SRCPIN_SENDMSG, &elsewhere, &dns, &pin, CHOSEN,
	  SRCPIN_DENIED_CONNECTED },
	{ "connect: at another source, by the kernel", SRCPIN_CONNECT, &other, &dns, &pin, CHOSEN,
	  SRCPIN_DENIED_OTHER_SOURCE },
	{ "sendmsg: fresh", SRCPIN_SENDMSG, &fresh, &dns, &pin, 0, SRCPIN_PINNED_DATAGRAM },
	{ "sendmsg: :: with a port", SRCPIN_SENDMSG, &wild, &dns, &pin, 0, SRCPIN_PINNED_DATAGRAM },
	{ "sendmsg: source gone", SRCPIN_SENDMSG, &wild, &dns, &pin, GONE, SRCPIN_DENIED_MISSING },
	{ "sendmsg: source gone, missing = pass", SRCPIN_SENDMSG, &wild, &dns, &pin_pass, GONE, SRCPIN_EXEMPT_MISSING },
	{ "any: only the 1st word is set", SRCPIN_CONNECT, &word1, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: only the 2nd word is set", SRCPIN_CONNECT, &word2, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: only the 3rd word is set", SRCPIN_CONNECT, &word3, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "any: only the 4th word is set", SRCPIN_CONNECT, &word4, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },

	/* bound to the source */
	{ "connect: at the source", SRCPIN_CONNECT, &source, &smtp, &pin, TCP, SRCPIN_PINNED_ALREADY },
	{ "connect: at the source, no port", SRCPIN_CONNECT, &source_no_port, &smtp, &pin, TCP, SRCPIN_PINNED_ALREADY },
	{ "connect: at the source, which is gone", SRCPIN_CONNECT, &source, &smtp, &pin, TCP | GONE,
	  SRCPIN_DENIED_MISSING },
	{ "connect: at the source, which is gone, missing = pass", SRCPIN_CONNECT, &source, &smtp, &pin_pass,
	  TCP | GONE, SRCPIN_DENIED_MISSING },
	{ "sendmsg: at the source, which is gone, missing = pass", SRCPIN_SENDMSG, &source, &dns, &pin_pass, GONE,
	  SRCPIN_DENIED_MISSING },
	{ "sendmsg: at the source", SRCPIN_SENDMSG, &source, &dns, &pin, 0, SRCPIN_PINNED_DATAGRAM },
	{ "sendmsg: at the source, which is gone", SRCPIN_SENDMSG, &source, &dns, &pin, GONE, SRCPIN_DENIED_MISSING },
	{ "source: 1st word differs", SRCPIN_CONNECT, &differs1, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "source: 2nd word differs", SRCPIN_CONNECT, &differs2, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "source: 3rd word differs", SRCPIN_CONNECT, &differs3, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "source: 4th word differs", SRCPIN_CONNECT, &elsewhere, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },

	/* bound elsewhere */
	{ "connect: elsewhere, bound = leave", SRCPIN_CONNECT, &elsewhere, &smtp, &pin_leave, TCP,
	  SRCPIN_EXEMPT_BOUND },
	{ "connect: elsewhere, bound = leave, source gone", SRCPIN_CONNECT, &elsewhere, &smtp, &pin_leave, TCP | GONE,
	  SRCPIN_EXEMPT_BOUND },
	{ "connect: elsewhere and unknown, bound = leave", SRCPIN_CONNECT, &unknown, &smtp, &pin_leave, TCP,
	  SRCPIN_EXEMPT_BOUND },
	{ "connect: other source, bound = leave", SRCPIN_CONNECT, &other, &smtp, &pin_leave, TCP,
	  SRCPIN_DENIED_OTHER_SOURCE },
	{ "connect: other source without a port, bound = leave", SRCPIN_CONNECT, &other_no_port, &smtp, &pin_leave, TCP,
	  SRCPIN_PINNED_CONNECT },
	{ "connect: other source without a port, bound = deny", SRCPIN_CONNECT, &other_no_port, &smtp, &pin_deny, TCP,
	  SRCPIN_PINNED_CONNECT },
	{ "connect: elsewhere by the kernel, bound = leave", SRCPIN_CONNECT, &elsewhere, &dns, &pin_leave, CHOSEN,
	  SRCPIN_DENIED_CONNECTED },
	{ "sendmsg: elsewhere by the kernel, bound = leave", SRCPIN_SENDMSG, &elsewhere, &dns, &pin_leave, CHOSEN,
	  SRCPIN_DENIED_CONNECTED },
	{ "connect: elsewhere, source gone", SRCPIN_CONNECT, &elsewhere, &smtp, &pin, TCP | GONE,
	  SRCPIN_DENIED_MISSING },
	{ "connect: elsewhere, source gone, missing = pass", SRCPIN_CONNECT, &elsewhere, &smtp, &pin_pass, TCP | GONE,
	  SRCPIN_EXEMPT_MISSING },
	{ "connect: elsewhere without a port", SRCPIN_CONNECT, &else_no_port, &smtp, &pin, TCP, SRCPIN_PINNED_CONNECT },
	{ "connect: other source without a port", SRCPIN_CONNECT, &other_no_port, &smtp, &pin, TCP,
	  SRCPIN_PINNED_CONNECT },
	{ "connect: elsewhere without a port, bound = deny", SRCPIN_CONNECT, &else_no_port, &smtp, &pin_deny, TCP,
	  SRCPIN_DENIED_BOUND },
	{ "connect: elsewhere", SRCPIN_CONNECT, &elsewhere, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "connect: built-in exemption, then out", SRCPIN_CONNECT, &loop, &smtp, &pin, TCP, SRCPIN_DENIED_BOUND },
	{ "connect: other source", SRCPIN_CONNECT, &other, &smtp, &pin, TCP, SRCPIN_DENIED_OTHER_SOURCE },
	{ "sendmsg: elsewhere without a port", SRCPIN_SENDMSG, &else_no_port, &dns, &pin, 0, SRCPIN_DENIED_BOUND },
	{ "sendmsg: elsewhere", SRCPIN_SENDMSG, &elsewhere, &dns, &pin, 0, SRCPIN_DENIED_BOUND },
	{ "sendmsg: elsewhere, bound = leave", SRCPIN_SENDMSG, &elsewhere, &dns, &pin_leave, 0, SRCPIN_EXEMPT_BOUND },
	{ "sendmsg: other source", SRCPIN_SENDMSG, &other, &dns, &pin, 0, SRCPIN_DENIED_OTHER_SOURCE },
};

/* What a reason stands for: the counters are read as this table says. */
static const enum srcpin_action action_of[SRCPIN_N_REASONS] = {
	[SRCPIN_PINNED_CONNECT] = SRCPIN_SET,      [SRCPIN_PINNED_BIND] = SRCPIN_SET,
	[SRCPIN_PINNED_DATAGRAM] = SRCPIN_SET,     [SRCPIN_PINNED_ALREADY] = SRCPIN_LEAVE,
	[SRCPIN_EXEMPT_RULE] = SRCPIN_LEAVE,       [SRCPIN_EXEMPT_PORT] = SRCPIN_LEAVE,
	[SRCPIN_EXEMPT_BIND] = SRCPIN_LEAVE,       [SRCPIN_EXEMPT_BOUND] = SRCPIN_LEAVE,
	[SRCPIN_EXEMPT_WILDCARD] = SRCPIN_LEAVE,   [SRCPIN_DENIED_CONNECTED] = SRCPIN_REFUSE,
	[SRCPIN_EXEMPT_MISSING] = SRCPIN_LEAVE,    [SRCPIN_DENIED_MISSING] = SRCPIN_REFUSE,
	[SRCPIN_DENIED_BOUND] = SRCPIN_REFUSE,     [SRCPIN_DENIED_OTHER_SOURCE] = SRCPIN_REFUSE,
	[SRCPIN_DENIED_WILDCARD] = SRCPIN_REFUSE,  [SRCPIN_DENIED_FAMILY] = SRCPIN_REFUSE,
	[SRCPIN_DENIED_NO_POLICY] = SRCPIN_REFUSE, [SRCPIN_DENIED_RULE] = SRCPIN_REFUSE,
};

/* What the programs themselves say; and all behind the last of the calls' is the guard's. */
static bool is_of_the_decision(int reason)
{
	return reason != SRCPIN_EXEMPT_NESTED && reason != SRCPIN_DENIED_BIND_FAILED && reason < SRCPIN_PASSED_TCP;
}

static void decides(void **state)
{
	const struct row *row = *state;
	struct srcpin_call call = {
		.rule = row->rule,
		.local_flags = row->socket->rule ? row->socket->rule->flags : 0,
		.hook = row->hook,
		.ends.local_port = row->socket->port,
		.ends.port = row->peer->port,
		.stream = !!(row->how & TCP),
		.usable = !(row->how & GONE),
		.connected = !!(row->how & CHOSEN),
		.guarded = !!(row->how & JUDGED),
	};
	struct srcpin_decision decision;

	assert_int_equal(inet_pton(AF_INET6, row->socket->address, call.ends.local), 1);
	assert_int_equal(inet_pton(AF_INET6, row->peer->address, call.ends.dest), 1);
	decision = srcpin_decide(srcpin_facts(&call));
	assert_int_equal(decision.reason, row->reason);
	assert_int_equal(decision.action, row->how & FREED ? SRCPIN_FREE : action_of[row->reason]);
}

/* The list is not searched port by port: so for every port there is, what a search would find. */
static void finds_ports(void **state)
{
	static const struct srcpin_rule lists[] = {
		{ .n_ports = 0 },
		{ .n_ports = 1, .ports = { 1 } },
		{ .n_ports = 1, .ports = { 25 } },
		{ .n_ports = 1, .ports = { 65535 } },
		{ .n_ports = 2, .ports = { 32767, 32768 } },
		{ .n_ports = 2, .ports = { 1, 32769 } },
		{ .n_ports = 3, .ports = { 24, 25, 26 } },
		{ .n_ports = 4, .ports = { 256, 257, 512, 65280 } },
		{ .n_ports = 15, .ports = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384 } },
		{ .n_ports = 16, .ports = { 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 65534 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (unsigned int port = 0; port <= 65535; port++) {
			bool listed = !lists[i].n_ports;

			for (size_t j = 0; j < lists[i].n_ports; j++)
				listed |= lists[i].ports[j] == port;
			if (srcpin_port_pinned(&lists[i], port) != listed)
				fail_msg("list %zu: port %u is %slisted", i, port, listed ? "" : "not ");
		}
}

static void every_reason_is_reached(void **state)
{
	bool reached[SRCPIN_N_REASONS] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		reached[rows[i].reason] = true;
	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		if (reached[r] != is_of_the_decision(r))
			fail_msg("reason %d is %sreached", r, reached[r] ? "" : "not ");
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 2] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		tests[i].name = rows[i].what;
		tests[i].test_func = decides;
		tests[i].initial_state = (void *)&rows[i];
	}
	tests[ARRAY_SIZE(rows)] = (struct CMUnitTest)cmocka_unit_test(every_reason_is_reached);
	tests[ARRAY_SIZE(rows) + 1] = (struct CMUnitTest)cmocka_unit_test(finds_ports);
	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
