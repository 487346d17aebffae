/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A service to report on, well and ill, for the tests of what status prints */
#ifndef SRCPIN_TESTS_REPORTED_H
#define SRCPIN_TESTS_REPORTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/report.h"

#include <cmocka.h> /* has a macro fail(): after ours */

#define SOURCE                                            \
	{                                                 \
		0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 0x25 \
	}

static struct loaded service = {
	.cgroup_id = 4711,
	.cgroup = (char *)"/system.slice/postfix.service",
	.config = (char *)"/etc/srcpin.conf",
	.has_policy = true,
	.policy = { .guard = true },
	.counters.enforced = { .pinned_connect = 7,
			       .pinned_bind = 2,
			       .exempt_rule = 3,
			       .denied_rule = 4,
			       .denied_missing = 1,
			       .passed_tcp = 5000000000,
			       .passed_source = 6,
			       .dropped_source = 8,
			       .dropped_strange = 9 },
	.hook = { [HOOK_BIND6] = { "srcpin_bind6", 501, 89, true, true, SRCPIN_VERSION },
		  [HOOK_BIND4] = { "srcpin_bind4", 0, 0, false, false, "" },
		  [HOOK_SENDMSG6] = { "srcpin_sendmsg6", 502, 90, true, true, SRCPIN_VERSION },
		  [HOOK_SENDMSG4] = { "srcpin_sendmsg4", 0, 0, false, false, "" },
		  [HOOK_CONNECT6] = { "srcpin_connect6", 503, 91, true, false, "0.0.1" },
		  [HOOK_CONNECT4] = { "srcpin_connect4", 0, 0, false, false, "" },
		  [HOOK_GUARD] = { "srcpin_guard", 507, 95, true, true, "0.0.2" } },
};

static struct health_source source[] = {
	{ .address = SOURCE, .text = "2001:db8:2::25", .state = { .usable = true, .device = "eth0" }, .key = "source" },
	{ .address = { 0x20, 0x01, 0x0d, 0xb8, 0, 3, [15] = 1 },
	  .text = "2001:db8:3::1",
	  .state = { .why = "not an address of this host" },
	  .key = "to" },
};

static char *problem[] = { (char *)"it says \"no\"\n\x1b[31m \xff\xc2\x9b \xc3\xa9" };

static const struct health well = {
	.state = HEALTH_IN_FORCE,
	.source = source,
	.n_sources = 1,
	.older_known = true,
	.older = { 2, 1 },
};
static const struct health ill = {
	.state = HEALTH_DEGRADED,
	.problem = problem,
	.n_problems = 1,
	.source = source,
	.n_sources = 2,
	.note = (char *)"cannot list the UDP sockets",
};

static bool in_container; /* else on the host, wherever this runs */

static inline char *print_services(int (*print)(const struct report *, FILE *), struct loaded *l,
				   const struct health *h, size_t n)
{
	struct loaded_list list = { l, n };
	struct report r;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_make(&list, h, &r);
	for (size_t i = 0; i < r.n; i++)
		r.service[i].last.host_pid = in_container;
	assert_int_equal(print(&r, out), 0);
	report_free(&r);
	fclose(out);
	return text;
}

static inline char *print_service(int (*print)(const struct report *, FILE *), struct loaded *l, const struct health *h)
{
	return print_services(print, l, h, l ? 1 : 0);
}

static inline void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in\n%s", part, text);
}

static inline struct loaded refused_before(unsigned int seconds, uint8_t hook, enum srcpin_reason reason, uint16_t port)
{
	struct loaded l = service;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	l.counters.last = (struct srcpin_refusal){ .when = ((__u64)now.tv_sec - seconds) * 1000000000,
						   .dest = SOURCE,
						   .pid = 4711,
						   .port = port,
						   .hook = hook,
						   .reason = (__u8)reason,
						   .comm = "smtp" };
	return l;
}

#endif
