/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* libbpf itself: its version and its messages. Part of the loader. */
#ifndef SRCPIN_LIBBPF_H
#define SRCPIN_LIBBPF_H

#include <stdbool.h>

/* The version of the library in use, as "1.1" */
const char *library_version(void);

/* Turns its own messages, and the verifier's, on or off. */
void library_set_verbose(bool verbose);

#endif
