// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What status --json prints, by its fields. */
#include <jansson.h>

#include "host/older.h"
#include "kernel/hooks.h"
#include "kernel/loaded.h"
#include "report/health.h"
#include "report/report.h"
#include "srcpin/abi.h"

#include "reported.h"

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
	none.older = (struct older_counts){ 0 };
	json_older(&well, "{\"tcp\":2,\"udp\":1,\"unknown\":0}", "null");
	json_older(&none, "{\"tcp\":0,\"udp\":0,\"unknown\":0}", "null");
	json_older(&ill, "null", "\"cannot list the UDP sockets\"");
}

static void json_has_the_last_refusal(void **state)
{
	struct loaded l = refused_before(3600, SRCPIN_BIND, SRCPIN_DENIED_BOUND, 25);
	const char *when, *process, *hook, *destination, *reason, *remedy;
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
	assert_true(timegm(&tm) >= time(NULL) - 3603 && timegm(&tm) <= time(NULL) - 3598);
	assert_int_equal(
		json_unpack(all, "{s:[{s:{s:n, s:s}}]}", "services", "last_refusal", "program", "remedy", &remedy), 0);
	assert_string_equal(remedy, "have the program bind no address, or the source");
	json_decref(all);
	free(text);
	text = print_service(report_json, &service, &well);
	all = json_loads(text, 0, NULL);
	assert_int_equal(json_unpack(all, "{s:[{s:o}]}", "services", "last_refusal", &none), 0);
	assert_true(json_is_null(none));
	json_decref(all);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_says_who_loaded_it),
		cmocka_unit_test(json_has_the_documented_fields),
		cmocka_unit_test(json_tells_observed_from_enforced),
		cmocka_unit_test(json_is_complete),
		cmocka_unit_test(older_connections_are_counted_or_null),
		cmocka_unit_test(json_has_the_last_refusal),
	};

	return cmocka_run_group_tests_name("report_json", tests, NULL, NULL);
}
