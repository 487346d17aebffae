// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/trust.h"
#include "host/cgroup.h"
#include "host/processes.h"
#include "mail/mailer.h"

#define SECONDS 10
#define DELETED " (deleted)" /* the kernel adds this to the name of a removed file (d_path) */
#define MAX_BYTES 8192       /* to read of a file in /proc */
#define PROC_STRLEN 64

/* Debian's names first, then those of Fedora and Arch */
const struct mailer_facts mailer_facts[N_MAILER_KINDS] = {
	[MAILER_POSTFIX] = { { "/usr/lib/postfix/sbin/master", "/usr/libexec/postfix/master",
			       "/usr/lib/postfix/bin/master" },
			     { "postfix" },
			     'c' },
	[MAILER_EXIM] = { { "/usr/sbin/exim4", "/usr/sbin/exim", "/usr/bin/exim" }, { "Debian-exim", "exim" }, 'C' },
	[MAILER_OPENSMTPD] = { { "/usr/sbin/smtpd", "/usr/bin/smtpd" }, { "opensmtpd", "smtpd", "_smtpd" }, 'f' },
};

/* What the child gets. */
struct search {
	char folder[2 * PATH_MAX]; /* of the cgroup */
	struct account user[N_MAILER_KINDS];
	const char *const *without; /* cgroups that are left out, by their paths */
	size_t n_without;
	size_t n_mount; /* so long is the mount's path, which `folder` begins with */
	bool senders;   /* only trusted ones that may send mail */
	struct mailers *found;
};

static const char *proc_path(pid_t pid, const char *file, char ret[PROC_STRLEN])
{
	snprintf(ret, PROC_STRLEN, "/proc/%d/%s", pid, file);
	return ret;
}

/* RET: the file's bytes, then two zeros. A list of strings that end with a zero so ends with "". */
static void read_file(pid_t pid, const char *file, char ret[MAX_BYTES])
{
	ret[process_file(pid, file, ret, MAX_BYTES - 1) + 1] = '\0';
}

void mailer_take_option(const char *arguments, char letter, char ret[PATH_MAX])
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

void mailer_take_variable(const char *variables, const char *name, char ret[PATH_MAX])
{
	size_t n = strlen(name);

	for (const char *v = variables; *v; v += strlen(v) + 1)
		if (!strncmp(v, name, n) && v[n] == '=')
			snprintf(ret, PATH_MAX, "%s", v + n + 1);
}

static void read_config(struct mailer *m)
{
	char text[MAX_BYTES];

	read_file(m->pid, "cmdline", text);
	mailer_take_option(text, mailer_facts[m->kind].option, m->config);
	if (m->kind != MAILER_POSTFIX || *m->config)
		return;
	read_file(m->pid, "environ", text);
	mailer_take_variable(text, "MAIL_CONFIG", m->config);
}

static enum mailer_kind kind_of(const char *program, size_t n)
{
	const char *name = memrchr(program, '/', n);
	bool postfix = memmem(program, n, "/postfix/", strlen("/postfix/")); /* Postfix has an smtpd, too */

	if (!name)
		return MAILER_NONE;
	n -= (size_t)(++name - program);
	if (postfix)
		return n == strlen("master") && !memcmp(name, "master", n) ? MAILER_POSTFIX : MAILER_NONE;
	if (n >= 4 && !memcmp(name, "exim", 4))
		return MAILER_EXIM;
	return n == strlen("smtpd") && !memcmp(name, "smtpd", n) ? MAILER_OPENSMTPD : MAILER_NONE;
}

/* Which file is PATH? Does not ask a file system that hangs. */
static bool identify(int fd, const char *path, struct statx *ret)
{
	return !statx(fd, path, AT_STATX_DONT_SYNC | (*path ? 0 : AT_EMPTY_PATH), STATX_INO, ret);
}

static bool is_same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static bool has_other_root(pid_t pid)
{
	struct statx ours, its;
	char path[PROC_STRLEN];

	return identify(AT_FDCWD, "/", &ours) && identify(AT_FDCWD, proc_path(pid, "root", path), &its) &&
	       !is_same(&ours, &its);
}

static bool runs_the_daemon(const struct mailer *m)
{
	struct statx its, installed;
	char path[PROC_STRLEN];

	if (!identify(AT_FDCWD, proc_path(m->pid, "exe", path), &its))
		return false;
	for (const char *const *daemon = mailer_facts[m->kind].daemon; *daemon; daemon++) {
		struct failure ignored = { "" };
		_cleanup_close_ int fd = trust_open(*daemon, O_PATH, &ignored);

		if (fd >= 0 && identify(fd, "", &installed) && is_same(&its, &installed))
			return true;
	}
	return false;
}

static bool was_replaced(const struct mailer *m)
{
	for (const char *const *daemon = mailer_facts[m->kind].daemon; *daemon; daemon++)
		if (!strncmp(m->program, *daemon, strlen(*daemon)) && !strcmp(m->program + strlen(*daemon), DELETED))
			return true;
	return false;
}

/* -1: the process is gone. */
static int is_run_by(struct mailer *m, const struct account *user)
{
	struct process_uids is;

	if (!process_uids(m->pid, &is))
		return -1;
	m->uid = is.real; /* the real uid, as Exim becomes root whoever runs it */
	return (!is.real || is.real == user->uid) && (!is.effective || is.effective == user->uid) &&
	       (!is.saved || is.saved == user->uid);
}

static enum mailer_trust judge(const struct mailer *m, bool theirs)
{
	if (has_other_root(m->pid))
		return MAILER_APART;
	if (!runs_the_daemon(m))
		return was_replaced(m) ? MAILER_REPLACED : MAILER_FOREIGN;
	return theirs ? MAILER_TRUSTED : MAILER_STRANGER;
}

static void add(struct mailers *all, const struct mailer *m)
{
	size_t n_untrusted = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct mailer *other = &all->item[i];

		n_untrusted += other->trust != MAILER_TRUSTED;
		if (other->kind == m->kind && other->trust == m->trust && !strcmp(other->program, m->program) &&
		    !strcmp(other->config, m->config))
			return;
	}
	if (all->n < MAX_MAILERS && (m->trust == MAILER_TRUSTED || n_untrusted < MAX_UNTRUSTED))
		all->item[all->n++] = *m;
	else
		all->n_more++;
}

static bool is_sender(const struct mailer *m)
{
	char text[MAX_BYTES];

	read_file(m->pid, "cmdline", text);
	return mailer_sends(m->kind, text);
}

static void look_at(pid_t pid, const struct search *s)
{
	struct mailer m = { .pid = pid };
	char path[PROC_STRLEN];
	ssize_t n = readlink(proc_path(pid, "exe", path), m.program, sizeof(m.program) - 1);
	int theirs;

	if (n <= 0)
		return;
	if (n > (ssize_t)strlen(DELETED) && !strcmp(m.program + n - strlen(DELETED), DELETED))
		n -= (ssize_t)strlen(DELETED);
	m.kind = kind_of(m.program, (size_t)n);
	theirs = m.kind == MAILER_NONE ? -1 : is_run_by(&m, &s->user[m.kind]);
	if (theirs < 0)
		return;
	m.trust = judge(&m, theirs);
	if (s->senders && (m.trust != MAILER_TRUSTED || !is_sender(&m)))
		return;
	if (m.trust == MAILER_TRUSTED)
		read_config(&m);
	add(s->found, &m);
}

static bool is_left_out(const struct search *s, const char *folder)
{
	for (size_t i = 0; i < s->n_without; i++)
		if (strcmp(folder + s->n_mount, s->without[i]) == 0)
			return true;
	return false;
}

/* In the child */
static int look(const void *data, struct failure *f)
{
	const struct search *s = data;
	char folder[sizeof(s->folder)], *const roots[] = { folder, NULL };
	FTSENT *e;
	FTS *tree;

	memcpy(folder, s->folder, sizeof(folder));
	tree = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT | FTS_NOCHDIR, NULL);
	while (tree && (e = fts_read(tree))) {
		_cleanup_fclose_ FILE *in = NULL;
		char path[2 * sizeof(folder)];
		int pid;

		if (e->fts_info != FTS_D)
			continue;
		if (is_left_out(s, e->fts_path)) {
			fts_set(tree, e, FTS_SKIP);
			continue;
		}
		snprintf(path, sizeof(path), "%s/cgroup.procs", e->fts_path);
		in = fopen(path, "re");
		while (in && fscanf(in, "%d", &pid) == 1)
			look_at(pid, s);
	}
	if (tree)
		fts_close(tree);
	return child_say(s->found, sizeof(*s->found), f);
}

static bool is_eclipsed(const struct mailers *all, const struct mailer *m)
{
	if (m->trust == MAILER_TRUSTED || m->trust == MAILER_FOREIGN)
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (all->item[i].kind == m->kind && all->item[i].trust == MAILER_TRUSTED)
			return true;
	return false;
}

/* The child is not trusted: what it says is checked. */
static void take(const struct mailers *said, struct mailers *ret)
{
	ret->n_more = said->n_more;
	for (size_t i = 0; i < said->n; i++) {
		const struct mailer *from = &said->item[i];
		struct mailer *m = &ret->item[ret->n];

		if (from->kind <= MAILER_NONE || from->kind >= N_MAILER_KINDS || from->trust > MAILER_FOREIGN ||
		    is_eclipsed(said, from))
			continue;
		*m = *from;
		m->program[sizeof(m->program) - 1] = m->config[sizeof(m->config) - 1] = '\0';
		ret->n++;
	}
}

/* If there is no such account, only root counts as one. */
static void find_users(struct account user[N_MAILER_KINDS])
{
	struct failure ignored = { "" };

	for (int kind = MAILER_POSTFIX; kind < N_MAILER_KINDS; kind++)
		if (account_find(mailer_facts[kind].users, &user[kind], &ignored))
			user[kind] = (struct account){ 0 };
}

static int find(struct search *s, const char *cgroup, struct mailers *ret, struct failure *f)
{
	const struct child c = {
		.what = "cannot look for mail servers",
		.keep = CAPABILITY(CAP_SYS_PTRACE), /* for links and environments of others in /proc */
		.seconds = SECONDS,
		.fd = -1,
		.run = look,
		.data = s,
	};
	_cleanup_free_ char *said = NULL;
	char mount[PATH_MAX];
	int err, status;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	err = cgroup_mount_point(mount, f);
	if (err)
		return err;
	s->found = ret;
	s->n_mount = strlen(mount);
	snprintf(s->folder, sizeof(s->folder), "%s%s", mount, cgroup);
	find_users(s->user);
	err = child_run(&c, &said, &n, &status, f);
	if (err)
		return err;
	if (status || n != sizeof(*ret) || ((const struct mailers *)(void *)said)->n > MAX_MAILERS)
		return fail(f, -EIO, "%s: its child has died", c.what);
	take((const struct mailers *)(void *)said, ret);
	return 0;
}

int mailers_find(const char *cgroup, struct mailers *ret, struct failure *f)
{
	struct search s = { 0 };

	return find(&s, cgroup, ret, f);
}

int mailers_find_outside(const char *const *without, size_t n, struct mailers *ret, struct failure *f)
{
	struct search s = { .without = without, .n_without = n, .senders = true };

	return find(&s, "", ret, f);
}
