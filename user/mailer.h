/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which mail server runs in a cgroup, and with which configuration: as its processes tell, whatever its unit is called.
 */
#ifndef SRCPIN_MAILER_H
#define SRCPIN_MAILER_H

#include <limits.h>
#include <stdbool.h>

enum mailer_kind { MAILER_NONE, MAILER_POSTFIX, MAILER_EXIM, MAILER_OPENSMTPD };

struct mailer {
	enum mailer_kind kind;
	bool apart;             /* it has another root folder: its files are not found under our names */
	char program[PATH_MAX]; /* the binary */
	char config[PATH_MAX];  /* Postfix: the folder, else the file; "": the one that is built in */
};

/* CGROUP: path below the mount; those below it count too. MAILER_NONE also where that cannot be known. */
void mailer_find(const char *cgroup, struct mailer *ret);

#endif
