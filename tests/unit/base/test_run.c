// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a program that is run inherits of us. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h> /* has a macro fail(): after ours */

/* main() ignores them, so that no command ends half-way; a program that writes to a pipe counts on them. */
static void gives_it_signals_as_usual(void **state)
{
	const struct program grep = {
		.paths = (const char *const[]){ "/usr/bin/grep", "/bin/grep", NULL },
		.argv = (const char *const[]){ "SigIgn", "/proc/self/status", NULL },
		.keep = ALL_CAPABILITIES,
		.seconds = 60,
	};
	struct failure f = { "" };
	unsigned long ignored;
	char *said = NULL;
	int status;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(run_program(&grep, &said, &status, &f), 0);
	assert_int_equal(sscanf(said, "SigIgn: %lx", &ignored), 1);
	assert_int_equal(ignored & (1UL << (SIGPIPE - 1) | 1UL << (SIGXFSZ - 1)), 0);
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_it_signals_as_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
