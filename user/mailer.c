// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "cleanup.h"
#include "mailer.h"

/* The file with arguments or variables, each ended by a zero: "" behind the last one. */
static void read_strings(pid_t pid, const char *file, char *ret, size_t size)
{
	char path[64];
	FILE *in;
	size_t n;

	memset(ret, 0, size);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	in = fopen(path, "re");
	if (!in)
		return;
	n = fread(ret, 1, size - 2, in);
	ret[n] = ret[n + 1] = '\0';
	fclose(in);
}

/* Behind the option LETTER, "-c DIR" or "-cDIR" */
static void take_option(const char *arguments, char letter, char ret[PATH_MAX])
{
	for (const char *a = arguments; *a; a += strlen(a) + 1) {
		const char *value = a + 2;

		if (a[0] != '-' || a[1] != letter)
			continue;
		if (!*value)
			value = a + strlen(a) + 1;
		snprintf(ret, PATH_MAX, "%s", value);
		return;
	}
}

static void take_variable(const char *variables, const char *name, char ret[PATH_MAX])
{
	size_t n = strlen(name);

	for (const char *v = variables; *v; v += strlen(v) + 1)
		if (!strncmp(v, name, n) && v[n] == '=')
			snprintf(ret, PATH_MAX, "%s", v + n + 1);
}

static enum mailer_kind kind_of(const char *program)
{
	const char *name = strrchr(program, '/');
	bool postfix = strstr(program, "/postfix/"); /* which has an smtpd of its own */

	if (!name)
		return MAILER_NONE;
	name++;
	if (postfix)
		return !strcmp(name, "master") ? MAILER_POSTFIX : MAILER_NONE;
	if (!strncmp(name, "exim", 4))
		return MAILER_EXIM;
	return !strcmp(name, "smtpd") ? MAILER_OPENSMTPD : MAILER_NONE;
}

static bool has_other_root(pid_t pid)
{
	struct stat ours, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	return !stat("/", &ours) && !stat(path, &its) && (ours.st_dev != its.st_dev || ours.st_ino != its.st_ino);
}

static void look_at(pid_t pid, struct mailer *ret)
{
	char link[64], program[PATH_MAX] = "", *deleted;
	static char text[65536];
	enum mailer_kind kind;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	if (readlink(link, program, sizeof(program) - 1) < 0)
		return;
	deleted = strstr(program, " (deleted)"); /* an upgrade has put another in its place */
	if (deleted)
		*deleted = '\0';
	kind = kind_of(program);
	if (kind == MAILER_NONE || (ret->kind && *ret->config))
		return;
	ret->kind = kind;
	ret->apart |= has_other_root(pid) && kind != MAILER_OPENSMTPD; /* whose children are in a chroot */
	memcpy(ret->program, program, sizeof(program));
	read_strings(pid, "cmdline", text, sizeof(text));
	take_option(text, kind == MAILER_POSTFIX ? 'c' : kind == MAILER_EXIM ? 'C' : 'f', ret->config);
	if (kind != MAILER_POSTFIX || *ret->config)
		return;
	read_strings(pid, "environ", text, sizeof(text));
	take_variable(text, "MAIL_CONFIG", ret->config);
}

void mailer_find(const char *cgroup, struct mailer *ret)
{
	char root[2 * PATH_MAX], mount[PATH_MAX], *const roots[] = { root, NULL };
	struct failure ignored = { "" };
	FTSENT *e;
	FTS *tree;

	*ret = (struct mailer){ .kind = MAILER_NONE };
	if (cgroup_mount_point(mount, &ignored))
		return;
	snprintf(root, sizeof(root), "%s%s", mount, cgroup);
	tree = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT | FTS_NOCHDIR, NULL);
	while (tree && (e = fts_read(tree))) {
		_cleanup_fclose_ FILE *in = NULL;
		char path[2 * PATH_MAX];
		int pid;

		if (e->fts_info != FTS_D)
			continue;
		snprintf(path, sizeof(path), "%s/cgroup.procs", e->fts_path);
		in = fopen(path, "re");
		while (in && fscanf(in, "%d", &pid) == 1)
			look_at(pid, ret);
	}
	if (tree)
		fts_close(tree);
}
