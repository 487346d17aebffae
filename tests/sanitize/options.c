// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Linked into the srcpin that SANITIZE=1 tests/run runs: what its sanitizers
 * are to do, whatever the environment that a test gives it. A report ends it
 * with 99, which no test expects.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* The names are the sanitizers' (sanitizer/asan_interface.h, lsan_interface.h), which call these. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
int __lsan_is_turned_off(void);

const char *__asan_default_options(void)
{
	return "exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1";
}

const char *__ubsan_default_options(void)
{
	return "exitcode=99:print_stacktrace=1";
}

/* Also where that cannot be known, as strace may be there to make every open fail. */
static bool is_traced(void)
{
	FILE *in = fopen("/proc/self/status", "re");
	int tracer = in ? 0 : 1;
	char line[128];

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (in)
		fclose(in);
	return tracer > 0;
}

/* Leaks are looked for at the end, by ptrace(2), of which strace leaves nothing, and which a process that gave up root
 * may not. */
int __lsan_is_turned_off(void)
{
	return is_traced() || prctl(PR_GET_DUMPABLE) != 1;
}
