// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/run.h"
#include "base/trust.h"
#include "mail/mailer.h"

#define SECONDS 10
#define MAILNAME "/etc/mailname" /* as on Debian */
#define MAX_ARGUMENTS 6

static const char *const postconf[] = { "/usr/sbin/postconf", "/usr/bin/postconf", NULL };

/* The questions: arguments after the option that names the configuration. */
static const char *const question[N_MAILER_KINDS][N_ANSWERS][MAX_ARGUMENTS] = {
	[MAILER_POSTFIX] = { { "-x", "smtp_bind_address", "smtp_bind_address6", "inet_interfaces",
			       "smtp_bind_address_enforce", "smtp_helo_name" },
			     { "-x", "-P" } },
	[MAILER_EXIM] = { { "-bP", "transports" }, { "-bP", "primary_hostname" } },
};

/* A configuration can run code. So no program gets one that others than root can write. */
static int check(const struct mailer *m, const char *path, struct failure *f)
{
	_cleanup_close_ int fd = -1;
	struct failure why = { "" };

	if (path[0] != '/')
		return fail(f, -EINVAL, "%s was started with a configuration that has no absolute path, %s", m->program,
			    path);
	fd = trust_open(path, O_PATH, &why);
	return fd < 0 ? fail(f, fd, "the configuration that %s was started with is not looked at: %s", m->program,
			     why.text)
		      : 0;
}

static int check_config(const struct mailer *m, struct failure *f)
{
	static const char *const files[] = { "main.cf", "master.cf" };
	char path[PATH_MAX + 16];
	int err = 0;

	if (!*m->config)
		return 0;
	if (m->kind != MAILER_POSTFIX)
		return check(m, m->config, f);
	for (size_t i = 0; i < 2 && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", m->config, files[i]);
		err = check(m, path, f);
	}
	return err;
}

static int ask_program(const struct mailer *m, const struct account *as, size_t which, char **ret, struct failure *f)
{
	const char option[] = { '-', mailer_facts[m->kind].option, '\0' };
	const char *argv[2 + MAX_ARGUMENTS + 1] = { *m->config ? option : NULL, m->config };
	const struct program p = {
		.paths = m->kind == MAILER_POSTFIX ? postconf : mailer_facts[m->kind].daemon,
		.argv = argv,
		.as = as,
		.seconds = SECONDS,
	};
	int status, err;

	memcpy(&argv[*m->config ? 2 : 0], question[m->kind][which], MAX_ARGUMENTS * sizeof(*argv));
	err = run_program(&p, ret, &status, f);
	if (!err && status)
		return fail(f, -EIO, "%s cannot read the settings, as user %s", p.paths[0], as->name);
	return err;
}

/* In the child. Only root could have exchanged the file since check(); its type is checked again all the same. */
static int print_file(const void *data, struct failure *f)
{
	const char *path = data;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char bytes[4096];
	struct stat st;
	ssize_t n;
	int err = 0;

	if (fd < 0 || fstat(fd, &st))
		return fail(f, -errno, "cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(f, -EINVAL, "cannot read %s: it is not a regular file", path);
	while (!err && (n = read(fd, bytes, sizeof(bytes))) > 0)
		err = child_say(bytes, (size_t)n, f);
	if (!err && n < 0)
		err = fail(f, -errno, "cannot read %s: %s", path, strerror(errno));
	return err;
}

static int read_file(const char *path, const struct account *as, char **ret, struct failure *f)
{
	char what[PATH_MAX + 16];
	int status, err;
	size_t n;

	snprintf(what, sizeof(what), "cannot read %s", path);
	err = child_run(
		&(const struct child){
			.what = what, .as = as, .seconds = SECONDS, .fd = -1, .run = print_file, .data = path },
		ret, &n, &status, f);
	/* a child that died has not said the whole file */
	return err || !status ? err : fail(f, -EIO, "%s: its child has died", what);
}

static int read_opensmtpd(const struct mailer *m, const struct account *as, char *ret[N_ANSWERS], struct failure *f)
{
	const char *path = *m->config ? m->config : SMTPD_CONF;
	struct failure ignored = { "" };
	int err = check(m, path, f);

	if (!err)
		err = read_file(path, as, &ret[0], f);
	if (!err && !check(m, MAILNAME, &ignored) && read_file(MAILNAME, as, &ret[1], &ignored))
		ret[1] = NULL;
	return err;
}

int mailer_ask(const struct mailer *m, char *ret[N_ANSWERS], struct failure *f)
{
	struct account as;
	int err = account_find(mailer_facts[m->kind].users, &as, f);

	if (!err && m->kind == MAILER_OPENSMTPD)
		return read_opensmtpd(m, &as, ret, f);
	if (!err)
		err = check_config(m, f);
	for (size_t i = 0; i < N_ANSWERS && !err; i++)
		err = ask_program(m, &as, i, &ret[i], f);
	return err;
}
