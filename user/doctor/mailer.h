/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which mail servers run in a cgroup, with which configuration, and what they
 * say of their settings. Its processes tell, whatever its unit is called.
 * Anybody may have a process there that says anything: only one is trusted that
 * root or the server's own user runs, from the file that the package installed.
 */
#ifndef SRCPIN_MAILER_H
#define SRCPIN_MAILER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/failure.h"

enum mailer_kind { MAILER_NONE, MAILER_POSTFIX, MAILER_EXIM, MAILER_OPENSMTPD, N_MAILER_KINDS };

/* What is known of a kind. The lists end with NULL. */
struct mailer_facts {
	const char *const *daemon; /* its file, where distributions put it */
	const char *const *users;  /* whom it becomes, by their names for that */
	char option;               /* -c DIR, -C FILE, -f FILE */
};

extern const struct mailer_facts mailer_facts[N_MAILER_KINDS];

enum mailer_trust {
	MAILER_TRUSTED,
	MAILER_APART,    /* it has another root folder: its files are not found under our names */
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
	char config[PATH_MAX];  /* if trusted: of Postfix the folder, else the file; "": the one that is built in */
};

/* There is room for those that are trusted, however many others there are. */
#define MAX_MAILERS 12
#define MAX_UNTRUSTED 4

struct mailers {
	struct mailer item[MAX_MAILERS]; /* of those that are trusted, one for each configuration */
	size_t n;
	size_t n_more; /* that are not trusted, and for which there was no room */
};

/*
 * CGROUP: path below the mount; those below it count too. Where one of a kind
 * is trusted, others of that kind are left out, but for MAILER_FOREIGN. To be
 * called as root: a child of child.h looks. RET is too large for the stack. 0, or a negative errno.
 */
int mailers_find(const char *cgroup, struct mailers *ret, struct failure *f);

#define SMTPD_CONF "/etc/smtpd.conf" /* that is built into OpenSMTPD */
#define N_ANSWERS 2

/*
 * What the settings of M are, which is one that is trusted: bytes that nobody
 * has looked at, to be read without rights. The server's own program, or its
 * file, is asked as the server's own user.
 *
 * RET is NULL at first, and what it is set to is to be freed, on failure too.
 * Postfix: main.cf, and what master.cf sets besides, as postconf(1) shows both.
 * Exim: its transports, and its name, as exim -bP shows both. OpenSMTPD: its
 * smtpd.conf, and /etc/mailname if there is one.
 *
 * 0, or a negative errno with the sentence, in which no part of an answer is.
 */
int mailer_ask(const struct mailer *m, char *ret[N_ANSWERS], struct failure *f);

/*
 * RET, if it is there: what is after the option LETTER, "-c DIR" or "-cDIR"; the value of the variable NAME. Of strings
 * that each end with a zero, "" after the last one, as they are in /proc/PID/cmdline and environ.
 */
void mailer_take_option(const char *arguments, char letter, char ret[PATH_MAX]);
void mailer_take_variable(const char *variables, const char *name, char ret[PATH_MAX]);

#endif
