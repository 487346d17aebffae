// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What status prints: the table to the letter, the JSON by its fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static char *print_service(int (*report)(const struct loaded_list *, const struct health *, FILE *), struct loaded *l,
			   const struct health *h)
{
	struct loaded_list list = { l, l ? 1 : 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(report(&list, h, out), 0);
	fclose(out);
	return text;
}

/* The table of L: how it begins, the hooks, and all from the calls on. */
static void has_lines(struct loaded *l, const struct health *h, const char *first, const char *hooks, const char *rest)
{
	char *text = print_service(report_table, l, h), *at = strstr(text, "  hooks"), *calls = strstr(text, "  calls");

	assert_memory_equal(text, first, strlen(first));
	assert_non_null(at);
	assert_memory_equal(at, hooks, strlen(hooks));
	assert_non_null(calls);
	assert_string_equal(calls, rest);
	free(text);
}

static void table_is_as_documented(void **state)
{
	char *text = print_service(report_table, &service, &well);

	(void)state;
	assert_string_equal(text, "postfix.service: in force\n"
				  "  source   2001:db8:2::25  usable, on eth0\n"
				  "  cgroup   /system.slice/postfix.service (id 4711)\n"
				  "  config   /etc/srcpin.conf\n"
				  "  loaded   by srcpin " SRCPIN_VERSION " and 0.0.1 and 0.0.2; the next load or "
				  "reload puts " SRCPIN_VERSION " in its place\n"
				  "  hooks    bind6 sendmsg6 MISSING:connect6 guard\n"
				  "  older    2 TCP, 1 UDP leave from other addresses (load --close-stale ends them)\n"
				  "  calls    pinned 9, exempt 3, denied 5\n"
				  "  packets  passed 5000000006, dropped 17\n"
				  "           pinned_connect       7\n"
				  "           pinned_bind          2\n"
				  "           exempt_rule          3\n"
				  "           denied_rule          4\n"
				  "           denied_missing       1\n"
				  "           passed_tcp           5000000000\n"
				  "           passed_source        6\n"
				  "           dropped_source       8\n"
				  "           dropped_strange      9\n");
	free(text);
}

static void table_leaves_out_what_is_not_wanted(void **state)
{
	struct loaded l = service;

	(void)state;
	l.policy.guard = false;
	l.hook[HOOK_CONNECT6].attached = true;
	l.hook[HOOK_GUARD] = (struct loaded_hook){ .name = "srcpin_guard" };
	l.counters.enforced = (struct srcpin_reasons){ .denied_rule = 1 };
	has_lines(&l, &well, "postfix.service: in force\n", "  hooks    bind6 sendmsg6 connect6\n",
		  "  calls    pinned 0, exempt 0, denied 1\n"
		  "           denied_rule          1\n");
}

static void table_says_who_loaded_it(void **state)
{
	struct loaded l = service;
	char *text;

	(void)state;
	strcpy(l.hook[HOOK_CONNECT6].version, SRCPIN_VERSION);
	strcpy(l.hook[HOOK_GUARD].version, "");
	text = print_service(report_table, &l, &well);
	assert_non_null(strstr(text, "\n  loaded   by srcpin " SRCPIN_VERSION "\n"));
	free(text);
	for (int i = 0; i < N_HOOKS; i++)
		l.hook[i].version[0] = '\0';
	text = print_service(report_table, &l, &well);
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

static void table_says_what_was_observed(void **state)
{
	static const char hooks[] =
		"  hooks    bind6 bind4 sendmsg6 MISSING:sendmsg4 MISSING:connect6 connect4 guard\n";
	static const char rest[] = "  calls    pinned 0, exempt 0, denied 0\n"
				   "  packets  passed 0, dropped 0\n"
				   "  observed pinned 0, exempt 0, denied 2, passed 0, dropped 3\n"
				   "           denied_bound         2\n"
				   "           dropped_missing      3\n";
	struct loaded l = service;

	(void)state;
	l.counters.enforced = (struct srcpin_reasons){ 0 };
	l.counters.observed = (struct srcpin_reasons){ .denied_bound = 2, .dropped_missing = 3 };
	l.hook[HOOK_BIND4] = (struct loaded_hook){ "srcpin_bind4", 504, 92, true, true, "" };
	l.hook[HOOK_SENDMSG4] = (struct loaded_hook){ "srcpin_sendmsg4", 505, 93, true, false, "" };
	l.hook[HOOK_CONNECT4] = (struct loaded_hook){ "srcpin_connect4", 506, 94, true, true, "" };
	l.policy.observe = true;
	has_lines(&l, &well, "postfix.service: observing only\n", hooks, rest);
	has_lines(&l, &ill, "postfix.service: DEGRADED\n", hooks, rest);
	l.policy.observe = false; /* counted before the policy was replaced */
	has_lines(&l, &well, "postfix.service: in force\n", hooks, rest);
}

static void table_puts_problems_first(void **state)
{
	char *text = print_service(report_table, &service, &ill);

	(void)state;
	assert_memory_equal(text, "postfix.service: DEGRADED\n  problem  it says", 42);
	assert_non_null(strstr(text, "  source   2001:db8:3::1  not an address of this host\n"));
	assert_non_null(strstr(text, "guard\n  note     cannot list the UDP sockets\n  calls "));
	free(text);
}

static void nothing_loaded_is_said(void **state)
{
	char *table = print_service(report_table, NULL, &well), *json = print_service(report_json, NULL, &well);
	json_t *all = json_loads(json, 0, NULL);

	(void)state;
	assert_string_equal(table, "nothing is loaded\n");
	assert_non_null(all);
	assert_int_equal(json_array_size(json_object_get(all, "services")), 0);
	json_decref(all);
	free(table);
	free(json);
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

static void full_disk_is_an_error(void **state)
{
	struct loaded_list list = { &service, 1 };
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	assert_true(report_table(&list, &well, out) < 0);
	fclose(out);
	out = fopen("/dev/full", "w");
	assert_true(report_json(&list, &well, out) < 0);
	fclose(out);
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
		cmocka_unit_test(table_is_as_documented),
		cmocka_unit_test(table_puts_problems_first),
		cmocka_unit_test(table_leaves_out_what_is_not_wanted),
		cmocka_unit_test(table_says_who_loaded_it),
		cmocka_unit_test(table_says_what_was_observed),
		cmocka_unit_test(json_says_who_loaded_it),
		cmocka_unit_test(nothing_loaded_is_said),
		cmocka_unit_test(json_has_the_documented_fields),
		cmocka_unit_test(json_tells_observed_from_enforced),
		cmocka_unit_test(json_is_complete),
		cmocka_unit_test(older_connections_are_counted_or_null),
		cmocka_unit_test(full_disk_is_an_error),
		cmocka_unit_test(rules_say_where_they_are_from),
		cmocka_unit_test(reasons_are_the_fields),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
