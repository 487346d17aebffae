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
	.counters = { .pinned_connect = 7, .pinned_bind = 2, .exempt_rule = 3, .denied_missing = 1 },
	.hook = { { "srcpin_bind6", 501, 89, true },
		  { "srcpin_sendmsg6", 502, 90, true },
		  { "srcpin_connect6", 503, 91, false } },
};

static struct health_source source[] = {
	{ SOURCE, { true, "eth0", "" } },
	{ { 0x20, 0x01, 0x0d, 0xb8, 0, 3, [15] = 1 }, { false, "", "not an address of this host" } },
};

static char *problem[] = { (char *)"it says \"no\"\n\x1b[31m \xff\xc2\x9b \xc3\xa9" };

static const struct health well = { HEALTH_IN_FORCE, NULL, 0, source, 1 };
static const struct health ill = { HEALTH_DEGRADED, problem, 1, source, 2 };

static char *print(int (*report)(const struct loaded_list *, const struct health *, FILE *), size_t n,
		   const struct health *h)
{
	struct loaded_list list = { &service, n };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(report(&list, h, out), 0);
	fclose(out);
	return text;
}

static void table_is_as_documented(void **state)
{
	char *text = print(report_table, 1, &well);

	(void)state;
	assert_string_equal(text,
			    "postfix.service: in force\n"
			    "  source   2001:db8:2::25  usable, on eth0\n"
			    "  cgroup   /system.slice/postfix.service (id 4711)\n"
			    "  config   /etc/srcpin.conf\n"
			    "  hooks    srcpin_bind6 attached  srcpin_sendmsg6 attached  srcpin_connect6 MISSING\n"
			    "  calls    pinned 9, exempt 3, denied 1\n"
			    "           pinned_connect       7\n"
			    "           pinned_bind          2\n"
			    "           exempt_rule          3\n"
			    "           denied_missing       1\n");
	free(text);
}

static void table_puts_problems_first(void **state)
{
	char *text = print(report_table, 1, &ill);

	(void)state;
	assert_memory_equal(text, "postfix.service: DEGRADED\n  problem  it says", 42);
	assert_non_null(strstr(text, "  source   2001:db8:3::1  not an address of this host\n"));
	free(text);
}

static void nothing_loaded_is_said(void **state)
{
	char *table = print(report_table, 0, &well), *json = print(report_json, 0, &well);
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
	json_int_t id, pinned, exempt, denied, observed, bind, program_id, link;
	int abi, usable, attached;
	char *text = print(report_json, 1, &ill), *version;
	json_t *all = json_loads(text, 0, NULL);

	(void)state;
	assert_non_null(all);
	assert_int_equal(json_unpack(all,
				     "{s:s, s:i, s:[{s:s, s:{s:s, s:I}, s:s, s:[s], s:s, s:s,"
				     " s:[{}, {s:s, s:b, s:s}], s:[{}, {}, {s:s, s:I, s:I, s:b}],"
				     " s:{s:I, s:I, s:I, s:I, s:{s:I}}}]}",
				     "srcpin", &version, "abi", &abi, "services", "name", &name, "cgroup", "path",
				     &path, "id", &id, "state", &what, "problems", &said, "config", &config, "mode",
				     &mode, "sources", "address", &address, "usable", &usable, "why", &why, "programs",
				     "name", &program, "id", &program_id, "link", &link, "attached", &attached,
				     "counters", "pinned", &pinned, "exempt", &exempt, "denied", &denied, "observed",
				     &observed, "reasons", "pinned_bind", &bind),
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
	assert_int_equal(denied, 1);
	assert_int_equal(observed, 0);
	assert_int_equal(bind, 2);
	json_decref(all);
	free(text);
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
		{ { 104, { [10] = 0xff, [11] = 0xff, [12] = 10 } },
		  { SOURCE, SRCPIN_PIN, SRCPIN_BOUND_LEAVE, SRCPIN_MISSING_PASS, .n_ports = 2, .ports = { 25, 465 },
		    .line = 7 } },
	};
	struct policy p = { entry, 3 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(report_policy(&p, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "::/0 "));
	assert_non_null(strstr(text, " from 2001:db8:2::25  (line 2)\n"));
	assert_non_null(strstr(text, " exempt  (built in)\n"));
	assert_non_null(strstr(text, "10.0.0.0/8 "));
	assert_non_null(strstr(text, " from 2001:db8:2::25 ports 25,465 missing pass bound leave  (line 7)\n"));
	free(text);
}

/* The name of each reason is that of the counter's field: they are read side by side in bpftool and in status. */
static void reasons_are_the_fields(void **state)
{
	static const struct {
		size_t offset;
		const char *name;
	} field[] = {
#define FIELD(name) { offsetof(struct srcpin_counters, name), #name }
		FIELD(pinned_connect),  FIELD(pinned_bind),    FIELD(pinned_datagram),  FIELD(pinned_already),
		FIELD(exempt_rule),     FIELD(exempt_port),    FIELD(exempt_bind),      FIELD(exempt_bound),
		FIELD(exempt_missing),  FIELD(denied_missing), FIELD(denied_bound),     FIELD(denied_other_source),
		FIELD(denied_wildcard), FIELD(denied_family),  FIELD(denied_no_policy), FIELD(denied_bind_failed),
	};

	(void)state;
	assert_int_equal(sizeof(field) / sizeof(*field), SRCPIN_N_REASONS);
	for (size_t i = 0; i < SRCPIN_N_REASONS; i++)
		assert_string_equal(report_reason((enum srcpin_reason)(field[i].offset / 8)), field[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_as_documented), cmocka_unit_test(table_puts_problems_first),
		cmocka_unit_test(nothing_loaded_is_said), cmocka_unit_test(json_has_the_documented_fields),
		cmocka_unit_test(full_disk_is_an_error),  cmocka_unit_test(rules_say_where_they_are_from),
		cmocka_unit_test(reasons_are_the_fields),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
