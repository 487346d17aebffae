// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What status prints: the table to the letter, the JSON by its fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "report.h"

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
	{ SOURCE, { .usable = true, .device = "eth0" } },
	{ { 0x20, 0x01, 0x0d, 0xb8, 0, 3, [15] = 1 }, { .why = "not an address of this host" } },
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

static int plain_table(const struct report *r, FILE *out)
{
	return report_table(r, false, out);
}

static int colourful_table(const struct report *r, FILE *out)
{
	return report_table(r, true, out);
}

static int plain_details(const struct report *r, FILE *out)
{
	return report_details(r, false, out);
}

static char *print_services(int (*print)(const struct report *, FILE *), struct loaded *l, const struct health *h,
			    size_t n)
{
	struct loaded_list list = { l, n };
	struct report r;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_make(&list, h, &r);
	assert_int_equal(print(&r, out), 0);
	report_free(&r);
	fclose(out);
	return text;
}

static char *print_service(int (*print)(const struct report *, FILE *), struct loaded *l, const struct health *h)
{
	return print_services(print, l, h, l ? 1 : 0);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in\n%s", part, text);
}

/* The details of L: how they begin, what is counted, and at the end the hooks. */
static void has_lines(struct loaded *l, const struct health *h, const char *first, const char *counts,
		      const char *hooks)
{
	char *text = print_service(plain_details, l, h);

	assert_memory_equal(text, first, strlen(first));
	has(text, counts);
	has(text, hooks);
	free(text);
}

static void details_are_as_documented(void **state)
{
	char *text = print_service(plain_details, &service, &well);

	(void)state;
	assert_string_equal(text, "postfix.service: in force\n"
				  "  source   2001:db8:2::25  usable, on eth0\n"
				  "  older    2 TCP, 1 UDP leave from other addresses (load --close-stale ends them)\n"
				  "  calls    pinned           9  pinned_connect 7, pinned_bind 2\n"
				  "           exempt           3  exempt_rule 3\n"
				  "           denied           5  denied_rule 4, denied_missing 1\n"
				  "  packets  passed  5000000006  passed_tcp 5000000000, passed_source 6\n"
				  "           dropped         17  dropped_source 8, dropped_strange 9\n"
				  "  cgroup   /system.slice/postfix.service (id 4711)\n"
				  "  config   /etc/srcpin.conf\n"
				  "  loaded   by srcpin " SRCPIN_VERSION " and 0.0.1 and 0.0.2; the next load or "
				  "reload puts " SRCPIN_VERSION " in its place\n"
				  "  hooks    bind6 sendmsg6 MISSING:connect6 guard\n");
	free(text);
}

static void details_leave_out_what_is_not_wanted(void **state)
{
	struct loaded l = service;

	(void)state;
	l.policy.guard = false;
	l.hook[HOOK_CONNECT6].attached = true;
	l.hook[HOOK_GUARD] = (struct loaded_hook){ .name = "srcpin_guard" };
	l.counters.enforced = (struct srcpin_reasons){ .denied_rule = 1 };
	has_lines(&l, &well, "postfix.service: in force\n",
		  "(load --close-stale ends them)\n"
		  "  calls    pinned  0\n"
		  "           exempt  0\n"
		  "           denied  1  denied_rule 1\n"
		  "  cgroup ",
		  "  hooks    bind6 sendmsg6 connect6\n");
}

static void details_say_who_loaded_it(void **state)
{
	struct loaded l = service;
	char *text;

	(void)state;
	strcpy(l.hook[HOOK_CONNECT6].version, SRCPIN_VERSION);
	strcpy(l.hook[HOOK_GUARD].version, "");
	text = print_service(plain_details, &l, &well);
	assert_non_null(strstr(text, "\n  loaded   by srcpin " SRCPIN_VERSION "\n"));
	free(text);
	for (int i = 0; i < N_HOOKS; i++)
		l.hook[i].version[0] = '\0';
	text = print_service(plain_details, &l, &well);
	assert_null(strstr(text, "\n  loaded "));
	free(text);
}

static void json_says_who_loaded_it(void **state)
{
	struct loaded l = service;
	const char *by[3], *program_by;
	json_t *all, *unknown;
	char *text;

	(void)state;
	memset(l.hook[HOOK_SENDMSG6].version, 0, sizeof(l.hook[HOOK_SENDMSG6].version));
	text = print_service(report_json, &l, &well);
	all = json_loads(text, 0, NULL);
	assert_non_null(all);
	assert_int_equal(json_unpack(all, "{s:[{s:[{}, {s:o}, {s:s}], s:[s, s, s!]}]}", "services", "programs",
				     "version", &unknown, "version", &program_by, "loaded_by", &by[0], &by[1], &by[2]),
			 0);
	assert_true(json_is_null(unknown));
	assert_string_equal(program_by, "0.0.1");
	assert_string_equal(by[0], SRCPIN_VERSION);
	assert_string_equal(by[1], "0.0.1");
	assert_string_equal(by[2], "0.0.2");
	json_decref(all);
	free(text);
}

static void details_say_what_was_observed(void **state)
{
	static const char hooks[] =
		"  hooks    bind6 bind4 sendmsg6 MISSING:sendmsg4 MISSING:connect6 connect4 guard\n";
	static const char observed[] = ""
				       "  observed pinned  0\n"
				       "           exempt  0\n"
				       "           denied  2  denied_bound 2\n"
				       "           passed  0\n"
				       "           dropped 3  dropped_missing 3\n"
				       "  cgroup ";
	static const char both[] = "  calls    pinned  1  pinned_connect 1\n"
				   "           exempt  0\n"
				   "           denied  0\n"
				   "  packets  passed  0\n"
				   "           dropped 0\n"
				   "  observed pinned  0\n";
	struct loaded l = service;
	char *text;

	(void)state;
	l.counters.enforced = (struct srcpin_reasons){ 0 };
	l.counters.observed = (struct srcpin_reasons){ .denied_bound = 2, .dropped_missing = 3 };
	l.hook[HOOK_BIND4] = (struct loaded_hook){ "srcpin_bind4", 504, 92, true, true, "" };
	l.hook[HOOK_SENDMSG4] = (struct loaded_hook){ "srcpin_sendmsg4", 505, 93, true, false, "" };
	l.hook[HOOK_CONNECT4] = (struct loaded_hook){ "srcpin_connect4", 506, 94, true, true, "" };
	l.policy.observe = true;
	has_lines(&l, &well, "postfix.service: observing only\n", observed, hooks);
	has_lines(&l, &ill, "postfix.service: DEGRADED\n", observed, hooks);
	text = print_service(plain_details, &l, &well);
	assert_null(strstr(text, "  calls"));
	free(text);
	l.counters.enforced.pinned_connect = 1; /* before the policy was replaced */
	text = print_service(plain_details, &l, &well);
	assert_non_null(strstr(text, both));
	free(text);
	l.policy.observe = false; /* or the other way round */
	text = print_service(plain_details, &l, &well);
	assert_non_null(strstr(text, both));
	free(text);
}

static void details_put_problems_first(void **state)
{
	char *text = print_service(plain_details, &service, &ill);

	(void)state;
	assert_memory_equal(text, "postfix.service: DEGRADED\n  problem  it says", 42);
	assert_non_null(strstr(text, "  source   2001:db8:2::25  usable, on eth0\n"
				     "  source   2001:db8:3::1   not an address of this host\n"
				     "  note     cannot list the UDP sockets\n  calls "));
	free(text);
}

#define HEAD "STATE           SERVICE          SOURCE             PINNED  EXEMPT  DENIED  DROPPED  OLDER  PROBLEMS\n"

/* What is wrong comes first, and again below, with what is to be done about it. */
static void table_is_as_documented(void **state)
{
	struct loaded all[] = { service, service, service };
	struct health health[] = { well, ill, well };
	char *text;

	(void)state;
	all[0].cgroup = (char *)"/system.slice/exim4.service";
	all[0].policy.observe = true;
	all[0].counters.observed =
		(struct srcpin_reasons){ .pinned_connect = 1, .denied_rule = 2, .dropped_source = 3 };
	for (int i = 0; i < N_HOOKS; i++)
		strcpy(all[0].hook[i].version, SRCPIN_VERSION);
	health[0].older_known = false;
	health[0].older = (struct stale_counts){ 0 };
	text = print_services(plain_table, all, health, 3);
	assert_string_equal(
		text,
		HEAD "DEGRADED        postfix.service  2001:db8:2::25 +1       9       3       5       17      -  "
		     "       1\n"
		     "observing only  exim4.service    2001:db8:2::25          1       0       2        3      -  "
		     "       0\n"
		     "in force        postfix.service  2001:db8:2::25          9       3       5       17      3  "
		     "       0\n"
		     "(with mode = observe: what would have been)\n"
		     "\n"
		     "postfix.service: DEGRADED\n"
		     "  problem  it says \"no\"??[31m ??? \xc3\xa9\n"
		     "  note     cannot list the UDP sockets\n"
		     "  loaded   by srcpin " SRCPIN_VERSION
		     " and 0.0.1 and 0.0.2; the next load or reload puts " SRCPIN_VERSION " in its place\n"
		     "\n"
		     "postfix.service: in force\n"
		     "  older    2 TCP, 1 UDP leave from other addresses (load --close-stale ends them)\n"
		     "  loaded   by srcpin " SRCPIN_VERSION
		     " and 0.0.1 and 0.0.2; the next load or reload puts " SRCPIN_VERSION " in its place\n");
	free(text);
}

/* The first source of each family; the path where the name is not enough. */
static void table_tells_services_apart(void **state)
{
	struct health_source both[] = { source[0],
					{ { [10] = 0xff, [11] = 0xff, 192, 0, 2, 25 },
					  { .usable = true, .device = "eth0" } },
					source[1] };
	struct loaded all[] = { service, service };
	struct health health[] = { well, well };
	char *text;

	(void)state;
	all[1].cgroup = (char *)"/machine.slice/postfix.service";
	health[0].source = both;
	health[0].n_sources = 3;
	health[1].n_sources = 0;
	text = print_services(plain_table, all, health, 2);
	assert_non_null(strstr(text, "\nin force  /system.slice/postfix.service   2001:db8:2::25 192.0.2.25 +1  "));
	assert_non_null(strstr(text, "\nin force  /machine.slice/postfix.service  -                             "));
	free(text);
}

/* Whatever has a colour: without its escapes the text is the plain one. */
static void colour_adds_nothing_else(void **state)
{
	struct loaded all[] = { service, service };
	const struct health health[] = { well, ill };
	char *plain = print_services(plain_table, all, health, 2),
	     *colour = print_services(colourful_table, all, health, 2), *to = colour;

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(colour, "\033[32min force\033[0m"));
	assert_non_null(strstr(colour, "\033[1;31mDEGRADED\033[0m"));
	for (const char *p = colour; *p; p++)
		if (*p == '\033')
			p = strchr(p, 'm');
		else
			*to++ = *p;
	*to = '\0';
	assert_string_equal(colour, plain);
	free(plain);
	free(colour);
}

static void nothing_loaded_is_said(void **state)
{
	char *table = print_service(plain_table, NULL, &well), *json = print_service(report_json, NULL, &well);
	char *details = print_service(plain_details, NULL, &well),
	     *metrics = print_service(report_prometheus, NULL, &well);
	json_t *all = json_loads(json, 0, NULL);

	(void)state;
	assert_string_equal(table, "nothing is loaded\n");
	assert_string_equal(details, "nothing is loaded\n");
	assert_non_null(strstr(metrics, "\nsrcpin_services 0\n"));
	assert_null(strstr(metrics, "srcpin_service_"));
	assert_non_null(all);
	assert_int_equal(json_array_size(json_object_get(all, "services")), 0);
	json_decref(all);
	free(table);
	free(details);
	free(json);
	free(metrics);
}

static void json_has_the_documented_fields(void **state)
{
	const char *name, *path, *what, *config, *mode, *address, *why, *said, *program;
	json_int_t id, pinned, exempt, denied, passed, dropped, observed, bind, tcp, observed_bind, program_id, link;
	int abi, usable, attached;
	char *text = print_service(report_json, &service, &ill), *version;
	json_t *all = json_loads(text, 0, NULL);

	(void)state;
	assert_non_null(all);
	assert_int_equal(json_unpack(all,
				     "{s:s, s:i, s:[{s:s, s:{s:s, s:I}, s:s, s:[s], s:s, s:s,"
				     " s:[{}, {s:s, s:b, s:s}], s:[{}, {}, {s:s, s:I, s:I, s:b}],"
				     " s:{s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I}, s:{s:I}}}]}",
				     "srcpin", &version, "abi", &abi, "services", "name", &name, "cgroup", "path",
				     &path, "id", &id, "state", &what, "problems", &said, "config", &config, "mode",
				     &mode, "sources", "address", &address, "usable", &usable, "why", &why, "programs",
				     "name", &program, "id", &program_id, "link", &link, "attached", &attached,
				     "counters", "pinned", &pinned, "exempt", &exempt, "denied", &denied, "passed",
				     &passed, "dropped", &dropped, "observed", &observed, "reasons", "pinned_bind",
				     &bind, "passed_tcp", &tcp, "observed_reasons", "pinned_bind", &observed_bind),
			 0);
	assert_string_equal(version, SRCPIN_VERSION);
	assert_int_equal(abi, SRCPIN_ABI);
	assert_string_equal(name, "postfix.service");
	assert_string_equal(path, "/system.slice/postfix.service");
	assert_int_equal(id, 4711);
	assert_string_equal(what, "degraded");
	assert_string_equal(said, "it says \"no\"??[31m ??? \xc3\xa9");
	assert_string_equal(config, "/etc/srcpin.conf");
	assert_string_equal(mode, "enforce");
	assert_string_equal(address, "2001:db8:3::1");
	assert_false(usable);
	assert_string_equal(why, "not an address of this host");
	assert_string_equal(program, "srcpin_connect6");
	assert_int_equal(program_id, 503);
	assert_int_equal(link, 91);
	assert_false(attached);
	assert_int_equal(pinned, 9);
	assert_int_equal(exempt, 3);
	assert_int_equal(denied, 5);
	assert_int_equal(passed, 5000000006);
	assert_int_equal(dropped, 17);
	assert_int_equal(observed, 0);
	assert_int_equal(bind, 2);
	assert_int_equal(tcp, 5000000000);
	assert_int_equal(observed_bind, 0);
	json_decref(all);
	free(text);
}

static void json_tells_observed_from_enforced(void **state)
{
	struct loaded l = service;
	const char *mode;
	json_int_t pinned, dropped, observed, connect, observed_connect, observed_dropped;
	json_t *all;
	char *text;

	(void)state;
	l.policy.observe = true;
	l.counters.observed = (struct srcpin_reasons){ .pinned_connect = 10, .dropped_no_policy = 20 };
	text = print_service(report_json, &l, &well);
	all = json_loads(text, 0, NULL);
	assert_non_null(all);
	assert_int_equal(json_unpack(all, "{s:[{s:s, s:{s:I, s:I, s:I, s:{s:I}, s:{s:I, s:I}}}]}", "services", "mode",
				     &mode, "counters", "pinned", &pinned, "dropped", &dropped, "observed", &observed,
				     "reasons", "pinned_connect", &connect, "observed_reasons", "pinned_connect",
				     &observed_connect, "dropped_no_policy", &observed_dropped),
			 0);
	assert_string_equal(mode, "observe");
	assert_int_equal(pinned, 9);
	assert_int_equal(dropped, 17);
	assert_int_equal(observed, 10); /* calls, not packets */
	assert_int_equal(connect, 7);
	assert_int_equal(observed_connect, 10);
	assert_int_equal(observed_dropped, 20);
	json_decref(all);
	free(text);
}

/* The reasons as one object each, all of them, also those at zero; and no program that is not wanted. */
static void json_is_complete(void **state)
{
	char *text = print_service(report_json, &service, &well);
	json_t *all = json_loads(text, 0, NULL), *one, *counters;

	(void)state;
	assert_non_null(all);
	one = json_array_get(json_object_get(all, "services"), 0);
	counters = json_object_get(one, "counters");
	assert_int_equal(json_object_size(json_object_get(counters, "reasons")), SRCPIN_N_REASONS);
	assert_int_equal(json_object_size(json_object_get(counters, "observed_reasons")), SRCPIN_N_REASONS);
	assert_int_equal(json_array_size(json_object_get(one, "programs")), 4);
	json_decref(all);
	free(text);
}

static void json_older(const struct health *h, const char *older, const char *note)
{
	char *text = print_service(report_json, &service, h), *got;
	json_t *all = json_loads(text, 0, NULL), *one = json_array_get(json_object_get(all, "services"), 0);

	got = json_dumps(json_object_get(one, "older_connections"), JSON_ENCODE_ANY | JSON_COMPACT);
	assert_string_equal(got, older);
	free(got);
	got = json_dumps(json_object_get(one, "note"), JSON_ENCODE_ANY);
	assert_string_equal(got, note);
	free(got);
	json_decref(all);
	free(text);
}

static void older_connections_are_counted_or_null(void **state)
{
	struct health none = well;

	(void)state;
	none.older = (struct stale_counts){ 0 };
	json_older(&well, "{\"tcp\":2,\"udp\":1}", "null");
	json_older(&none, "{\"tcp\":0,\"udp\":0}", "null");
	json_older(&ill, "null", "\"cannot list the UDP sockets\"");
}

static struct loaded refused_before(unsigned int seconds, uint8_t hook, enum srcpin_reason reason, uint16_t port)
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

static void last_refusal_is_shown(void **state)
{
	struct loaded l = refused_before(5, SRCPIN_CONNECT, SRCPIN_DENIED_MISSING, 25);
	char *text = print_service(plain_details, &l, &well);

	(void)state;
	has(text, "postfix.service: in force\n  refused  last 2");
	has(text, ": smtp (pid 4711), connect to 2001:db8:2::25 port 25: denied_missing (the source was not on this "
		  "host)\n");
	free(text);
	text = print_service(plain_table, &l, &well);
	has(text, "\n\npostfix.service: in force\n  refused  last 2");
	free(text);
	l = refused_before(5, SRCPIN_PACKET, SRCPIN_DROPPED_SOURCE, 0);
	l.counters.last.pid = 0;
	text = print_service(plain_details, &l, &well);
	has(text, ": packet to 2001:db8:2::25: dropped_source (from another address than the source)\n");
	free(text);
	text = print_service(plain_details, &service, &well);
	assert_null(strstr(text, "refused"));
	free(text);
}

/* Each in words: what the words are is read above, and by people. */
static void each_refusal_has_words(void **state)
{
	(void)state;
	for (enum srcpin_reason r = 0; r < SRCPIN_N_REASONS; r++) {
		enum report_verdict v = report_verdict_of(r);
		struct loaded l = refused_before(5, SRCPIN_SENDMSG, r, 25);
		char *text = print_service(plain_details, &l, &well);

		if (v == REPORT_DENIED || v == REPORT_DROPPED)
			assert_null(strstr(text, "(?)"));
		free(text);
	}
}

static void json_has_the_last_refusal(void **state)
{
	struct loaded l = refused_before(3600, SRCPIN_BIND, SRCPIN_DENIED_BOUND, 25);
	const char *when, *process, *hook, *destination, *reason;
	char *text = print_service(report_json, &l, &well);
	json_t *all = json_loads(text, 0, NULL), *none;
	json_int_t pid, port;
	struct tm tm = { 0 };

	(void)state;
	assert_non_null(all);
	assert_int_equal(json_unpack(all, "{s:[{s:{s:s, s:s, s:I, s:s, s:s, s:I, s:s}}]}", "services", "last_refusal",
				     "when", &when, "process", &process, "pid", &pid, "hook", &hook, "destination",
				     &destination, "port", &port, "reason", &reason),
			 0);
	assert_string_equal(process, "smtp");
	assert_int_equal(pid, 4711);
	assert_string_equal(hook, "bind");
	assert_string_equal(destination, "2001:db8:2::25");
	assert_int_equal(port, 25);
	assert_string_equal(reason, "denied_bound");
	assert_int_equal(strlen(when), strlen("2026-11-25T22:14:03.123Z"));
	assert_non_null(strptime(when, "%Y-%m-%dT%T", &tm));
	assert_in_range(timegm(&tm), time(NULL) - 3603, time(NULL) - 3598);
	json_decref(all);
	free(text);
	text = print_service(report_json, &service, &well);
	all = json_loads(text, 0, NULL);
	assert_int_equal(json_unpack(all, "{s:[{s:o}]}", "services", "last_refusal", &none), 0);
	assert_true(json_is_null(none));
	json_decref(all);
	free(text);
}

static void full_disk_is_an_error(void **state)
{
	int (*const print[])(const struct report *, FILE *) = { plain_table, plain_details, report_json,
								report_prometheus };
	struct loaded_list list = { &service, 1 };
	struct report r;

	(void)state;
	report_make(&list, &well, &r);
	for (size_t i = 0; i < sizeof(print) / sizeof(*print); i++) {
		FILE *out = fopen("/dev/full", "w");

		assert_true(print[i](&r, out) < 0);
		fclose(out);
	}
	report_free(&r);
}

static void has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("no line %s in\n%s", line, text);
}

/* Whether Prometheus reads it is asked of promtool, in the kernel tests. */
static void metrics_are_as_documented(void **state)
{
	struct loaded l = service;
	char *text;

	(void)state;
	l.cgroup = (char *)"/a\\x2d\"b\".service";
	l.counters.observed.exempt_port = 11;
	text = print_service(report_prometheus, &l, &ill);
#define LABELS "{service=\"a\\\\x2d\\\"b\\\".service\",cgroup=\"/a\\\\x2d\\\"b\\\".service\""
	has(text, "\nsrcpin_info{version=\"" SRCPIN_VERSION "\",abi=\"");
	has_line(text, "# TYPE srcpin_services gauge");
	has_line(text, "srcpin_services 1");
	has_line(text, "srcpin_service_in_force" LABELS "} 0");
	has_line(text, "srcpin_service_state" LABELS ",state=\"in-force\"} 0");
	has_line(text, "srcpin_service_state" LABELS ",state=\"degraded\"} 1");
	has_line(text, "srcpin_service_state" LABELS ",state=\"stale\"} 0");
	has_line(text, "srcpin_service_enforcing" LABELS "} 1");
	has_line(text, "srcpin_service_problems" LABELS "} 1");
	has_line(text, "srcpin_service_config_changed" LABELS "} 0");
	has_line(text, "srcpin_service_info" LABELS ",config=\"/etc/srcpin.conf\",loaded_by=\"" SRCPIN_VERSION "\"} 1");
	has_line(text, "srcpin_service_hook_attached" LABELS ",hook=\"bind6\"} 1");
	has_line(text, "srcpin_service_hook_attached" LABELS ",hook=\"connect6\"} 0");
	has_line(text, "srcpin_service_source_usable" LABELS ",source=\"2001:db8:2::25\"} 1");
	has_line(text, "srcpin_service_source_usable" LABELS ",source=\"2001:db8:3::1\"} 0");
	has_line(text, "# TYPE srcpin_service_calls_total counter");
	has_line(text, "srcpin_service_calls_total" LABELS ",verdict=\"denied\",reason=\"denied_missing\"} 1");
	has_line(text, "srcpin_service_calls_total" LABELS ",verdict=\"denied\",reason=\"denied_bound\"} 0");
	has_line(text, "srcpin_service_packets_total" LABELS ",verdict=\"passed\",reason=\"passed_tcp\"} 5000000000");
	has_line(text, "srcpin_service_observed_calls_total" LABELS ",verdict=\"exempt\",reason=\"exempt_port\"} 11");
	has_line(text, "srcpin_service_observed_packets_total" LABELS ",verdict=\"passed\",reason=\"passed_tcp\"} 0");
	has(text, "\nsrcpin_service_last_refusal_timestamp_seconds" LABELS "} 0.000\n");
	assert_null(strstr(text, "srcpin_service_older_connections{")); /* not known */
	assert_null(strstr(text, "hook=\"bind4\""));                    /* not wanted */
	free(text);
	text = print_service(report_prometheus, &service, &well);
	assert_non_null(strstr(text, ",protocol=\"tcp\"} 2\n"));
	assert_non_null(strstr(text, ",protocol=\"udp\"} 1\n"));
	free(text);
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Two samples of the same labels would make the collector drop the whole file. */
static void metrics_are_of_one_cgroup_of_a_path(void **state)
{
	struct loaded all[] = { service, service, service };
	const struct health health[] = { well, ill, ill };
	char *text;

	(void)state;
	all[1].gone = all[2].gone = true;
	text = print_services(report_prometheus, all, health, 3);
	assert_int_equal(count_of(text, "\nsrcpin_service_in_force{"), 1);
	assert_int_equal(count_of(text, "\nsrcpin_service_in_force{service=\"postfix.service\",cgroup=\"/system.slice/"
					"postfix.service\"} 1\n"),
			 1);
	has_line(text, "srcpin_services 1");
	free(text);
	text = print_services(report_prometheus, all + 1, health + 1, 2);
	assert_int_equal(count_of(text, "\nsrcpin_service_in_force{"), 1);
	free(text);
}

static void rules_say_where_they_are_from(void **state)
{
	struct policy_entry entry[] = {
		{ { 0, { 0 } }, { SOURCE, SRCPIN_PIN, SRCPIN_BOUND_REWRITE, SRCPIN_MISSING_DENY, .line = 2 } },
		{ { 128, { [15] = 1 } }, { { 0 }, SRCPIN_EXEMPT, .flags = SRCPIN_RULE_LOCAL } },
		{ { 96, { [10] = 0xff, [11] = 0xff } },
		  { { 0 }, SRCPIN_DENY, SRCPIN_BOUND_LEAVE, SRCPIN_MISSING_PASS, .n_ports = 1, .ports = { 25 } } },
		{ { 112, { [10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51 } },
		  { { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 25 },
		    SRCPIN_PIN,
		    SRCPIN_BOUND_DENY,
		    SRCPIN_MISSING_DENY,
		    .line = 4 } },
		{ { 104, { [10] = 0xff, [11] = 0xff, [12] = 10 } },
		  { SOURCE, SRCPIN_PIN, SRCPIN_BOUND_LEAVE, SRCPIN_MISSING_PASS, .n_ports = 2, .ports = { 25, 465 },
		    .line = 7 } },
	};
	struct policy p = { .entry = entry, .n_entries = sizeof(entry) / sizeof(*entry) };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(report_policy(&p, out), 0);
	fclose(out);
	assert_string_equal(text, "mode enforce, guard off, late start\n"
				  "::/0                                         from 2001:db8:2::25  (line 2)\n"
				  "::1/128                                      exempt  (built in)\n"
				  "0.0.0.0/0                                    refused ports 25  (built in)\n"
				  "198.51.0.0/16                                from 192.0.2.25 bound deny  (line 4)\n"
				  "10.0.0.0/8                                   from 2001:db8:2::25 ports 25,465 "
				  "missing pass bound leave  (line 7)\n");
	free(text);
}

/* The name of each reason is that of the counter's field: they are read side by side in bpftool and in status. */
static void reasons_are_the_fields(void **state)
{
	static const struct {
		size_t offset;
		const char *name;
	} field[] = {
#define FIELD(name) { offsetof(struct srcpin_reasons, name), #name }
		FIELD(pinned_connect),    FIELD(pinned_bind),         FIELD(pinned_datagram), FIELD(pinned_already),
		FIELD(exempt_rule),       FIELD(exempt_port),         FIELD(exempt_bind),     FIELD(exempt_bound),
		FIELD(exempt_missing),    FIELD(exempt_nested),       FIELD(denied_rule),     FIELD(denied_missing),
		FIELD(denied_bound),      FIELD(denied_other_source), FIELD(denied_wildcard), FIELD(denied_family),
		FIELD(denied_no_policy),  FIELD(denied_bind_failed),  FIELD(passed_tcp),      FIELD(passed_exempt),
		FIELD(passed_source),     FIELD(passed_bound),        FIELD(passed_missing),  FIELD(passed_previous),
		FIELD(passed_nested),     FIELD(dropped_source),      FIELD(dropped_missing), FIELD(dropped_strange),
		FIELD(dropped_no_policy),
	};

	(void)state;
	assert_int_equal(sizeof(field) / sizeof(*field), SRCPIN_N_REASONS);
	for (size_t i = 0; i < SRCPIN_N_REASONS; i++)
		assert_string_equal(report_reason((enum srcpin_reason)(field[i].offset / 8)), field[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(details_are_as_documented),
		cmocka_unit_test(details_put_problems_first),
		cmocka_unit_test(details_leave_out_what_is_not_wanted),
		cmocka_unit_test(details_say_who_loaded_it),
		cmocka_unit_test(details_say_what_was_observed),
		cmocka_unit_test(table_is_as_documented),
		cmocka_unit_test(table_tells_services_apart),
		cmocka_unit_test(colour_adds_nothing_else),
		cmocka_unit_test(metrics_are_as_documented),
		cmocka_unit_test(metrics_are_of_one_cgroup_of_a_path),
		cmocka_unit_test(json_says_who_loaded_it),
		cmocka_unit_test(nothing_loaded_is_said),
		cmocka_unit_test(json_has_the_documented_fields),
		cmocka_unit_test(json_tells_observed_from_enforced),
		cmocka_unit_test(json_is_complete),
		cmocka_unit_test(older_connections_are_counted_or_null),
		cmocka_unit_test(last_refusal_is_shown),
		cmocka_unit_test(each_refusal_has_words),
		cmocka_unit_test(json_has_the_last_refusal),
		cmocka_unit_test(full_disk_is_an_error),
		cmocka_unit_test(rules_say_where_they_are_from),
		cmocka_unit_test(reasons_are_the_fields),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
