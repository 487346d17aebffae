/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The section [doctor] of the config, which is for srcpin doctor and not for a service. No I/O. */
#ifndef SRCPIN_DOCTOR_KEYS_H
#define SRCPIN_DOCTOR_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

#define DOCTOR_MAX_LISTS 32

struct doctor_keys {
	char *dnsbl[DOCTOR_MAX_LISTS]; /* names of zones */
	size_t n_dnsbl;
};

/*
 * Reads the section; NULL: uses the defaults. False if it has errors: then all
 * of them are in D. RET is freed with doctor_keys_free() in both cases. Aborts
 * if memory is out.
 */
bool doctor_keys_read(const struct config_section *s, struct doctor_keys *ret, struct diagnostics *d);
void doctor_keys_free(struct doctor_keys *k);

#endif
