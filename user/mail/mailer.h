/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which mail servers run in a cgroup, with which configuration, and what they
 * say about their settings. Goes by the processes, not by the unit's name.
 * Anybody may have a process there that says anything. So only one is trusted
 * that root or the server's own user runs, from the file that the package
 * installed.
 */
#ifndef SRCPIN_MAILER_H
#define SRCPIN_MAILER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/failure.h"

enum mailer_kind { MAILER_NONE, MAILER_POSTFIX, MAILER_EXIM, MAILER_OPENSMTPD, N_MAILER_KINDS };

/* What is known about a kind. The lists end with NULL. */
struct mailer_facts {
	const char *daemon[4]; /* its paths in distributions */
	const char *users[4];  /* the user that it becomes */
	char option;           /* -c DIR, -C FILE, -f FILE */
};

extern const struct mailer_facts mailer_facts[N_MAILER_KINDS];

enum mailer_trust {
	MAILER_TRUSTED,
	MAILER_APART,    /* it has another root folder: our paths are not its paths */
	MAILER_REPLACED, /* its program has been removed or replaced since it was started */
	MAILER_STRANGER, /* it is run by neither root nor the server's user */
	MAILER_FOREIGN,  /* its program is not one of `daemon` */
};

struct mailer {
	enum mailer_kind kind;
	enum mailer_trust trust;
	pid_t pid;
	uid_t uid;
	char program[PATH_MAX]; /* the binary, as the process names it */
	char config[PATH_MAX];  /* if trusted: Postfix's folder, or the others' file; "": the built-in one */
};

/* Room for all that can be trusted, and for some that are not. */
#define MAX_MAILERS 12
#define MAX_UNTRUSTED 4

struct mailers {
	struct mailer item[MAX_MAILERS]; /* processes with the same program and configuration are one */
	size_t n;
	size_t n_more; /* untrusted ones that had no room */
};

/*
 * Looks in CGROUP, a path below the mount, and in the cgroups below it. If one
 * of a kind is trusted, leaves out others of that kind, except MAILER_FOREIGN.
 * Call it as root: a child (child.h) looks. RET is too large for the stack. 0,
 * or a negative errno.
 */
int mailers_find(const char *cgroup, struct mailers *ret, struct failure *f);

/*
 * The same, of the whole host but for the N cgroups WITHOUT and what is below
 * them; and only processes that may send mail, with the root folder of this
 * process.
 */
int mailers_find_outside(const char *const *without, size_t n, struct mailers *ret, struct failure *f);

/* By its arguments, the strings of /proc/PID/cmdline, which begin with its name: may it send mail? */
bool mailer_sends(enum mailer_kind kind, const char *arguments);

#define SMTPD_CONF "/etc/smtpd.conf" /* the one built into OpenSMTPD */
#define N_ANSWERS 2

/*
 * Asks M, which is trusted, for its settings, by its own program or file, as
 * its own user. Nobody has looked at the answers: read them without rights.
 *
 * RET must hold NULL. The caller frees what it holds afterwards, on failure
 * too. Postfix: main.cf, and what master.cf sets, as postconf(1) shows them.
 * Exim: its transports, and its name, as exim -bP shows them. OpenSMTPD: its
 * smtpd.conf, and /etc/mailname if there is one.
 *
 * 0, or a negative errno; its sentence has no part of an answer.
 */
int mailer_ask(const struct mailer *m, char *ret[N_ANSWERS], struct failure *f);

/*
 * The value of the option LETTER ("-c DIR" or "-cDIR"), or of the variable
 * NAME. RET stays as it is if there is none. The strings are those of
 * /proc/PID/cmdline and environ: each ends with a zero, and "" comes last.
 */
void mailer_take_option(const char *arguments, char letter, char ret[PATH_MAX]);
void mailer_take_variable(const char *variables, const char *name, char ret[PATH_MAX]);

#endif
