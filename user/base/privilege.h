/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this process lacks, if the kernel does not permit what root may do. */
#ifndef SRCPIN_PRIVILEGE_H
#define SRCPIN_PRIVILEGE_H

#include <linux/capability.h>
#include <stdint.h>

#define CAPABILITY(n) (UINT64_C(1) << (n))
#define ALL_CAPABILITIES UINT64_MAX

enum { PRIVILEGE_STRLEN = 160 };

/*
 * The end of a sentence about EPERM or EACCES, with the remedy in parentheses.
 * It says that this is root only inside a user namespace, or which capability
 * of NEEDED is missing. "" if none is. Returns RET. Leaves errno alone.
 */
const char *privilege_missing(uint64_t needed, char ret[static PRIVILEGE_STRLEN]);

/*
 * The same, for a bpf(2) that failed with ERR, a positive errno. EACCES without
 * a missing capability is said to come from a security module. "" for other errors.
 */
const char *privilege_forbidden(int err, uint64_t needed, char ret[static PRIVILEGE_STRLEN]);

/* The same, for files of root's. */
const char *privilege_as_root(void);

#endif
