/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the targets of libFuzzer share. */
#ifndef SRCPIN_FUZZ_H
#define SRCPIN_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What has to hold; that it does not is a finding, as a crash is. */
#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* Where libFuzzer comes in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EDGE_SIZE 65536

/*
 * A copy of the bytes, to be read until the next call. After its end, rounded
 * up to ALIGNMENT, there is no memory: who reads on there crashes, be it a
 * library that no sanitizer watches. SIZE is at most EDGE_SIZE.
 */
void *at_the_edge(const void *data, size_t size, size_t alignment);

/* The next of the lines of TEXT, and the rest is TEXT then; NULL: there is none. A zero in it has become '?'. To be
 * freed. */
char *take_line(const char **text, size_t *size);

/* Is it fit for a terminal, the journal, and JSON: UTF-8 without a control character? Said once more, not asked of
 * text.c. */
bool is_clean(const char *text);

/* The same of a text that may have been cut off in the middle of a character */
bool has_no_control(const char *text);

/* Nothing but zeros? */
bool is_zero(const void *data, size_t size);

/* In ::ffff:0:0/96? */
bool is_mapped(const uint8_t address[16]);

#endif
