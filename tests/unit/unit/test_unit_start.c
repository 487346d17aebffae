// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is advised for a cgroup that is made anew: never an install that would be refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "unit/systemctl.h"
#include "unit/unit_start.h"

#include <cmocka.h> /* has a macro fail(): after ours */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static bool answers;

bool systemctl_answers(void)
{
	return answers;
}

/* It knows mail.service, and nothing else. */
int systemctl(const char *const *arguments, char **ret, struct failure *f)
{
	const char *name = "";

	(void)f;
	for (size_t i = 0; arguments[i]; i++)
		name = arguments[i];
	*ret = xasprintf("Id=%s\nLoadState=%s\nType=simple\n", name,
			 strcmp(name, "mail.service") == 0 ? "loaded" : "not-found");
	return 0;
}

static const struct row {
	const char *name, *cgroup, *advice;
} rows[] = {
	{ "a service", "/system.slice/mail.service", "srcpin install --unit mail.service" },
	{ "one that systemd does not know", "/system.slice/other.service",
	  "srcpin load --cgroup /system.slice/other.service, by what starts it" },
	{ "a user's service, of a name that the system has, too",
	  "/user.slice/user-1.slice/user@1.service/app.slice/mail.service",
	  "srcpin load --cgroup /user.slice/user-1.slice/user@1.service/app.slice/mail.service, by what starts it" },
	{ "a container", "/system.slice/docker-1111.scope",
	  "start it in a slice of its own, which stays (docker run --cgroup-parent NAME.slice), and pin that: a "
	  "section "
	  "[NAME.slice], and srcpin install --unit NAME.slice" },
	{ "a container in a slice of its own", "/mail.slice/docker-1111.scope",
	  "pin the cgroup above it, which stays, with all that runs in there: a section [mail.slice], and srcpin "
	  "install --unit mail.slice" },
	{ "a container, without systemd", "/docker/1111", "srcpin load --cgroup /docker/1111, by what starts it" },
	{ "a slice", "/mail.slice", "srcpin install --unit mail.slice" },
	{ "the slice that the loader is in", "/system.slice", "srcpin load --cgroup /system.slice, by what starts it" },
	{ "a slice in a user's manager", "/user.slice/user-1.slice/user@1.service/mail.slice",
	  "srcpin load --cgroup /user.slice/user-1.slice/user@1.service/mail.slice, by what starts it" },
};

static void advises(void **state)
{
	const struct row *row = *state;
	char *said;

	answers = true;
	said = unit_start_advice(row->cgroup);
	assert_string_equal(said, row->advice);
	free(said);
}

/* Without systemd the name decides. */
static void goes_by_the_name(void **state)
{
	(void)state;
	answers = false;
	assert_true(unit_start_installs("/system.slice/other.service"));
	assert_false(unit_start_installs("/system.slice/docker-1.scope"));
	assert_false(unit_start_installs("/system.slice/many@.service"));
	assert_false(unit_start_installs("/system.slice/$(x).service"));
	assert_true(unit_start_installs("/mail.slice"));
	assert_false(unit_start_installs("/mail"));
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 1] = { cmocka_unit_test(goes_by_the_name) };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i + 1] = (struct CMUnitTest){ rows[i].name, advises, NULL, NULL, (void *)&rows[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
