// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which program is meant by the name of a thread, for which reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "report/remedy.h"

#include <cmocka.h>

static void is_for(const char *comm, enum srcpin_reason reason, const char *program, const char *setting)
{
	const struct remedy *r = remedy_find(comm, reason);

	assert_non_null(r);
	assert_string_equal(r->program, program);
	assert_non_null(strstr(r->setting, setting));
}

static void a_program_is_found_by_its_threads(void **state)
{
	(void)state;
	is_for("unbound", SRCPIN_DENIED_WILDCARD, "unbound", "udp-connect: no");
	is_for("isc-net-0003", SRCPIN_DENIED_WILDCARD, "named", "dig: -b SOURCE");
	is_for("isc-loop-0000", SRCPIN_DENIED_BOUND, "named", "query-source-v6 address SOURCE");
	is_for("rec/worker", SRCPIN_DENIED_WILDCARD, "pdns_recursor", "query-local-address=SOURCE");
	is_for("spamd child", SRCPIN_DENIED_WILDCARD, "SpamAssassin", "exempt = RESOLVER");
	is_for("ping", SRCPIN_DROPPED_SOURCE, "ping", "-I SOURCE");
}

static void the_setting_depends_on_the_reason(void **state)
{
	(void)state;
	is_for("unbound", SRCPIN_DENIED_BOUND, "unbound", "outgoing-interface: SOURCE");
	assert_null(strstr(remedy_find("unbound", SRCPIN_DENIED_BOUND)->setting, "udp-connect"));
	assert_null(remedy_find("unbound", SRCPIN_DENIED_MISSING));
	assert_null(remedy_find("ping", SRCPIN_DENIED_WILDCARD));
}

static void others_are_not_known(void **state)
{
	(void)state;
	assert_null(remedy_find("", SRCPIN_DENIED_WILDCARD));
	assert_null(remedy_find("unbound2", SRCPIN_DENIED_WILDCARD));
	assert_null(remedy_find("unboun", SRCPIN_DENIED_WILDCARD));
	assert_null(remedy_find("rec", SRCPIN_DENIED_WILDCARD));
	assert_null(remedy_find("*", SRCPIN_DENIED_WILDCARD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_found_by_its_threads),
		cmocka_unit_test(the_setting_depends_on_the_reason),
		cmocka_unit_test(others_are_not_known),
	};

	return cmocka_run_group_tests_name("remedy", tests, NULL, NULL);
}
