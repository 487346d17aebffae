// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

#include "kernel/libbpf.h"

const char *library_version(void)
{
	return libbpf_version_string() + 1; /* without the "v" */
}

static int print_all(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vfprintf(stderr, format, args);
}

void library_set_verbose(bool verbose)
{
	libbpf_set_print(verbose ? print_all : NULL);
}
