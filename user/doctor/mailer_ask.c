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
#include "doctor/mailer_ask.h"

#define SECONDS 10
#define MAILNAME "/etc/mailname" /* as on Debian */

static const char *const postconf[] = { "/usr/sbin/postconf", "/usr/bin/postconf", NULL };

/* A configuration can have code run: none that others than root can write is handed to anybody. */
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

static int check_folder(const struct mailer *m, struct failure *f)
{
	static const char *const files[] = { "main.cf", "master.cf" };
	char path[PATH_MAX + 16];
	int err = 0;

	for (size_t i = 0; i < 2 && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", m->config, files[i]);
		err = check(m, path, f);
	}
	return err;
}

static int ask(const char *const *paths, const char *const *argv, const struct account *as, char **ret,
	       struct failure *f)
{
	const struct program p = { .paths = paths, .argv = argv, .as = as, .seconds = SECONDS };
	int status, err = run_program(&p, ret, &status, f);

	if (!err && status)
		return fail(f, -EIO, "%s cannot read the settings, as user %s", paths[0], as->name);
	return err;
}

static int ask_postfix(const struct mailer *m, const struct account *as, struct mailer_answers *ret, struct failure *f)
{
	const char *option = *m->config ? "-c" : "-x", *value = *m->config ? m->config : "-x";
	const char *const main_cf[] = { option,
					value,
					"-x",
					"smtp_bind_address",
					"smtp_bind_address6",
					"inet_interfaces",
					"smtp_bind_address_enforce",
					"smtp_helo_name",
					NULL };
	const char *const master_cf[] = { option, value, "-x", "-P", NULL };
	int err = *m->config ? check_folder(m, f) : 0;

	if (!err)
		err = ask(postconf, main_cf, as, &ret->said[0], f);
	return err ? err : ask(postconf, master_cf, as, &ret->said[1], f);
}

static int ask_exim(const struct mailer *m, const struct account *as, struct mailer_answers *ret, struct failure *f)
{
	static const char *const what[] = { "transports", "primary_hostname" };
	int err = *m->config ? check(m, m->config, f) : 0;

	for (size_t i = 0; i < 2 && !err; i++) {
		const char *const plain[] = { "-bP", what[i], NULL };
		const char *const with[] = { "-C", m->config, "-bP", what[i], NULL };

		err = ask(mailer_facts[MAILER_EXIM].daemon, *m->config ? with : plain, as, &ret->said[i], f);
	}
	return err;
}

/* In the child: it is looked at again what is opened, though nobody but root could exchange it. */
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
	/* what it has said until then is not the whole file */
	return err || !status ? err : fail(f, -EIO, "%s: its child has died", what);
}

static int ask_opensmtpd(const struct mailer *m, const struct account *as, struct mailer_answers *ret,
			 struct failure *f)
{
	const char *path = *m->config ? m->config : SMTPD_CONF;
	struct failure ignored = { "" };
	int err = check(m, path, f);

	if (!err)
		err = read_file(path, as, &ret->said[0], f);
	if (!err && !check(m, MAILNAME, &ignored) && read_file(MAILNAME, as, &ret->said[1], &ignored))
		ret->said[1] = NULL;
	return err;
}

int mailer_ask(const struct mailer *m, struct mailer_answers *ret, struct failure *f)
{
	struct account as;
	int err = account_find(mailer_facts[m->kind].users, &as, f);

	*ret = (struct mailer_answers){ 0 };
	if (err)
		return err;
	if (m->kind == MAILER_POSTFIX)
		err = ask_postfix(m, &as, ret, f);
	else if (m->kind == MAILER_EXIM)
		err = ask_exim(m, &as, ret, f);
	else
		err = ask_opensmtpd(m, &as, ret, f);
	if (err)
		mailer_answers_free(ret);
	return err;
}

void mailer_answers_free(struct mailer_answers *a)
{
	free(a->said[0]);
	free(a->said[1]);
	*a = (struct mailer_answers){ 0 };
}
