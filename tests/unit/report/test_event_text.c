// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What watch shows of one decision: as a line, as JSON, as an entry of the journal; and which reasons a verdict has. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/reason.h"
#include "report/event_text.h"

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define TIME 1764115200 /* 2025-11-26T00:00:00Z */
#define CGROUP "/system.slice/system-postfix.slice/postfix@-.service"

#define ADDRESS(last)                                       \
	{                                                   \
		0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = (last) \
	}

static const __u8 shared[16] = ADDRESS(5), source[16] = ADDRESS(0x25), peer[16] = ADDRESS(1), any[16],
		  peer4[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 };

static struct srcpin_event event_of(enum srcpin_hook hook, enum srcpin_reason reason, const __u8 dest[16],
				    const __u8 local[16], const __u8 other[16])
{
	struct srcpin_event e = { .when = 1234567890,
				  .cgroup_id = 4711,
				  .comm = "smtp",
				  .pid = 1234,
				  .line = 3,
				  .protocol = IPPROTO_TCP,
				  .hook = (__u8)hook,
				  .reason = (__u8)reason };

	memcpy(e.ends.dest, dest, sizeof(e.ends.dest));
	memcpy(e.ends.local, local, sizeof(e.ends.local));
	memcpy(e.other, other, sizeof(e.other));
	e.ends.port = hook == SRCPIN_BIND ? 0 : 25;
	return e;
}

static bool in_container;

/* WANT is what PRINT makes of E; how the columns are laid out is not looked at. */
static void prints(char *(*print)(const struct event_text *), const struct srcpin_event *e, const char *want)
{
	struct event_text d;
	char *text, *to;

	event_text_read(e, CGROUP, TIME * SECOND, in_container, &d);
	text = print(&d);
	to = text;
	for (const char *from = text; *from; from++)
		if (*from != ' ' || from[1] != ' ')
			*to++ = *from;
	*to = '\0';
	assert_string_equal(text, want);
	free(text);
}

static void a_pinned_connect(void **state)
{
	const struct srcpin_event e = event_of(SRCPIN_CONNECT, SRCPIN_PINNED_CONNECT, peer, source, any);

	(void)state;
	prints(event_text_line, &e,
	       "00:00:01.234567 smtp[1234] tcp connect [2001:db8:2::1]:25 :: -> 2001:db8:2::25 pinned pinned_connect "
	       "postfix@-.service\n");
	prints(event_text_json, &e,
	       "{\"time\":\"2025-11-26T00:00:01.234567Z\",\"service\":\"postfix@-.service\",\"cgroup\":4711,"
	       "\"process\":\"smtp\",\"pid\":1234,\"call\":\"connect\",\"protocol\":\"tcp\","
	       "\"destination\":\"2001:db8:2::1\",\"port\":25,\"before\":\"::\",\"before_port\":null,"
	       "\"after\":\"2001:db8:2::25\",\"verdict\":\"pinned\",\"reason\":\"pinned_connect\",\"observed\":false,"
	       "\"line\":3}\n");
	prints(event_text_fields, &e,
	       "MESSAGE=pinned_connect: smtp[1234] of postfix@-.service, tcp connect [2001:db8:2::1]:25 from ::\n"
	       "PRIORITY=6\nSYSLOG_IDENTIFIER=srcpin\nOBJECT_PID=1234\nSRCPIN_SERVICE=postfix@-.service\n"
	       "SRCPIN_PROCESS=smtp[1234]\nSRCPIN_CALL=connect\nSRCPIN_PROTOCOL=tcp\n"
	       "SRCPIN_DESTINATION=[2001:db8:2::1]:25\nSRCPIN_BEFORE=::\nSRCPIN_AFTER=2001:db8:2::25\n"
	       "SRCPIN_VERDICT=pinned\nSRCPIN_REASON=pinned_connect\nSRCPIN_OBSERVED=0\n");
}

/* It has no source afterwards. */
static void a_refused_connect(void **state)
{
	struct srcpin_event e = event_of(SRCPIN_CONNECT, SRCPIN_DENIED_BOUND, peer4, shared, shared);

	(void)state;
	e.flags = SRCPIN_EVENT_REFUSED;
	e.ends.local_port = 4025;
	prints(event_text_line, &e,
	       "00:00:01.234567 smtp[1234] tcp connect 192.0.2.1:25 [2001:db8:2::5]:4025 denied denied_bound "
	       "postfix@-.service\n");
	prints(event_text_json, &e,
	       "{\"time\":\"2025-11-26T00:00:01.234567Z\",\"service\":\"postfix@-.service\",\"cgroup\":4711,"
	       "\"process\":\"smtp\",\"pid\":1234,\"call\":\"connect\",\"protocol\":\"tcp\","
	       "\"destination\":\"192.0.2.1\",\"port\":25,\"before\":\"2001:db8:2::5\",\"before_port\":4025,"
	       "\"after\":null,\"verdict\":\"denied\",\"reason\":\"denied_bound\",\"observed\":false,\"line\":3}\n");
	prints(event_text_fields, &e,
	       "MESSAGE=denied_bound: smtp[1234] of postfix@-.service, tcp connect 192.0.2.1:25 from "
	       "[2001:db8:2::5]:4025\nPRIORITY=4\nSYSLOG_IDENTIFIER=srcpin\nOBJECT_PID=1234\n"
	       "SRCPIN_SERVICE=postfix@-.service\nSRCPIN_PROCESS=smtp[1234]\nSRCPIN_CALL=connect\n"
	       "SRCPIN_PROTOCOL=tcp\nSRCPIN_DESTINATION=192.0.2.1:25\nSRCPIN_BEFORE=[2001:db8:2::5]:4025\n"
	       "SRCPIN_AFTER=-\nSRCPIN_VERDICT=denied\nSRCPIN_REASON=denied_bound\nSRCPIN_OBSERVED=0\n");
}

/* Has no destination. */
static void a_bind(void **state)
{
	const struct srcpin_event e = event_of(SRCPIN_BIND, SRCPIN_PINNED_BIND, any, source, shared);

	(void)state;
	prints(event_text_line, &e,
	       "00:00:01.234567 smtp[1234] tcp bind - 2001:db8:2::5 -> 2001:db8:2::25 pinned pinned_bind "
	       "postfix@-.service\n");
}

/* The source is the datagram's, not the socket's. */
static void a_datagram(void **state)
{
	struct srcpin_event e = event_of(SRCPIN_SENDMSG, SRCPIN_PINNED_DATAGRAM, peer, any, source);

	(void)state;
	e.protocol = IPPROTO_UDP;
	e.flags = SRCPIN_EVENT_OBSERVED;
	prints(event_text_line, &e,
	       "00:00:01.234567 smtp[1234] udp sendmsg [2001:db8:2::1]:25 :: -> 2001:db8:2::25 pinned "
	       "pinned_datagram postfix@-.service (observed)\n");
}

/* Of whom is not always known, nor of which protocol; and a process may call itself anything. */
static void what_is_not_known(void **state)
{
	struct srcpin_event e = event_of(SRCPIN_PACKET, SRCPIN_DROPPED_SOURCE, peer, shared, any);
	struct event_text d;

	(void)state;
	e.flags = SRCPIN_EVENT_REFUSED;
	e.pid = e.protocol = e.ends.port = 0;
	e.comm[0] = '\0';
	prints(event_text_line, &e,
	       "00:00:01.234567 - - packet 2001:db8:2::1 2001:db8:2::5 dropped dropped_source postfix@-.service\n");
	memcpy(e.comm, "a\nb\x1b[31m567890123", sizeof(e.comm)); /* no 0 at the end */
	event_text_read(&e, "", 0, false, &d);
	assert_string_equal(d.process, "a?b?[31m56789012");
	assert_string_equal(d.service, "cgroup 4711");
}

/* The kernel has the host's numbers only: they are told as such, and journald is not led to a process of ours. */
static void in_a_container(void **state)
{
	const struct srcpin_event e = event_of(SRCPIN_CONNECT, SRCPIN_PINNED_CONNECT, peer, source, any);
	struct event_text d;
	char *text;

	(void)state;
	in_container = true;
	prints(event_text_line, &e,
	       "00:00:01.234567 smtp[host 1234] tcp connect [2001:db8:2::1]:25 :: -> 2001:db8:2::25 pinned "
	       "pinned_connect postfix@-.service\n");
	in_container = false;
	event_text_read(&e, CGROUP, 0, true, &d);
	text = event_text_json(&d);
	assert_non_null(strstr(text, "\"process\":\"smtp\",\"pid\":null,"));
	assert_non_null(strstr(text, ",\"line\":3,\"host_pid\":1234}\n"));
	free(text);
	text = event_text_fields(&d);
	assert_null(strstr(text, "OBJECT_PID"));
	assert_non_null(strstr(text, "\nSRCPIN_PROCESS=smtp[host 1234]\n"));
	free(text);
}

static void a_verdict_has_its_reasons(void **state)
{
	const uint64_t pinned = verdict_reasons("pinned"), exempt = verdict_reasons("exempt"),
		       denied = verdict_reasons("denied");

	(void)state;
	assert_true(pinned & 1ULL << SRCPIN_PINNED_CONNECT);
	assert_true(exempt & 1ULL << SRCPIN_EXEMPT_BIND);
	assert_true(denied & 1ULL << SRCPIN_DENIED_RULE);
	assert_true(denied & 1ULL << SRCPIN_DROPPED_STRANGE);
	assert_false(denied & 1ULL << SRCPIN_PASSED_TCP);
	assert_false((pinned & exempt) | (pinned & denied) | (exempt & denied));
	assert_false(verdict_reasons("") | verdict_reasons("pin") | verdict_reasons("pinned_connect"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pinned_connect),
		cmocka_unit_test(a_refused_connect),
		cmocka_unit_test(a_bind),
		cmocka_unit_test(a_datagram),
		cmocka_unit_test(what_is_not_known),
		cmocka_unit_test(in_a_container),
		cmocka_unit_test(a_verdict_has_its_reasons),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("decision", tests, NULL, NULL);
}
