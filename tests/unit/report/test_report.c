// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What status prints for people: the table and the details, to the letter. */
#include <jansson.h>

#include "host/older.h"
#include "kernel/hooks.h"
#include "kernel/loaded.h"
#include "policy/policy.h"
#include "policy/reason.h"
#include "report/health.h"
#include "report/report.h"
#include "srcpin/abi.h"

#include "reported.h"

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
	health[0].older = (struct older_counts){ 0 };
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
					{ .address = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 25 },
					  .text = "192.0.2.25",
					  .state = { .usable = true, .device = "eth0" },
					  .key = "source4" },
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

static void last_refusal_is_shown(void **state)
{
	struct loaded l = refused_before(5, SRCPIN_CONNECT, SRCPIN_DENIED_MISSING, 25);
	char *text = print_service(plain_details, &l, &well);

	(void)state;
	has(text, "postfix.service: in force\n  refused  last 2");
	has(text, ": smtp (pid 4711), connect to 2001:db8:2::25 port 25: denied_missing (the source was not on this "
		  "host)\n  remedy   give the address to the host\n");
	free(text);
	text = print_service(plain_table, &l, &well);
	has(text, "\n\npostfix.service: in force\n  refused  last 2");
	free(text);
	in_container = true;
	text = print_service(plain_details, &l, &well);
	in_container = false;
	has(text, ": smtp (pid 4711 of the host), connect to ");
	free(text);
	l = refused_before(5, SRCPIN_PACKET, SRCPIN_DROPPED_SOURCE, 0);
	l.counters.last.pid = 0;
	text = print_service(plain_details, &l, &well);
	has(text, ": packet to 2001:db8:2::25: dropped_source (from another address than the source)\n");
	free(text);
	l = refused_before(5, SRCPIN_CONNECT, SRCPIN_DENIED_WILDCARD, 53);
	strcpy(l.counters.last.comm, "unbound");
	text = print_service(plain_details, &l, &well);
	has(text, "\n  remedy   unbound: udp-connect: no, or outgoing-interface: SOURCE\n");
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
		enum srcpin_verdict v = reason_verdict(r);
		struct loaded l = refused_before(5, SRCPIN_SENDMSG, r, 25);
		char *text = print_service(plain_details, &l, &well);

		if (v == SRCPIN_DENY || v == SRCPIN_DROP)
			assert_null(strstr(text, "(?)"));
		free(text);
	}
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
		FIELD(pinned_connect),   FIELD(pinned_bind),        FIELD(pinned_datagram),
		FIELD(pinned_already),   FIELD(exempt_rule),        FIELD(exempt_port),
		FIELD(exempt_bind),      FIELD(exempt_wildcard),    FIELD(exempt_bound),
		FIELD(exempt_missing),   FIELD(exempt_nested),      FIELD(denied_rule),
		FIELD(denied_missing),   FIELD(denied_bound),       FIELD(denied_other_source),
		FIELD(denied_wildcard),  FIELD(denied_connected),   FIELD(denied_family),
		FIELD(denied_no_policy), FIELD(denied_bind_failed), FIELD(passed_tcp),
		FIELD(passed_exempt),    FIELD(passed_source),      FIELD(passed_bound),
		FIELD(passed_missing),   FIELD(passed_previous),    FIELD(passed_nested),
		FIELD(dropped_source),   FIELD(dropped_connected),  FIELD(dropped_translated),
		FIELD(dropped_missing),  FIELD(dropped_strange),    FIELD(dropped_no_policy),
	};

	(void)state;
	assert_int_equal(sizeof(field) / sizeof(*field), SRCPIN_N_REASONS);
	for (size_t i = 0; i < SRCPIN_N_REASONS; i++)
		assert_string_equal(reason_name((enum srcpin_reason)(field[i].offset / 8)), field[i].name);
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
		cmocka_unit_test(nothing_loaded_is_said),
		cmocka_unit_test(last_refusal_is_shown),
		cmocka_unit_test(each_refusal_has_words),
		cmocka_unit_test(full_disk_is_an_error),
		cmocka_unit_test(rules_say_where_they_are_from),
		cmocka_unit_test(reasons_are_the_fields),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
