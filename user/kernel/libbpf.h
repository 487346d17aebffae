/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* libbpf itself: which one it is, and what it says. Part of the loader. */
#ifndef SRCPIN_LIBBPF_H
#define SRCPIN_LIBBPF_H

#include <stdbool.h>

/* "1.1", of the library in use */
const char *library_version(void);

/* Turns its own messages, and the verifier's, on or off. */
void library_set_verbose(bool verbose);

#endif
