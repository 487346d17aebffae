// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/identity.h"
#include "base/memory.h"
#include "base/rights.h"

/* A uid or gid in decimal. (uid_t)-1 is none: it means "no change" to the kernel. */
static bool read_id(const char *text, unsigned int *ret)
{
	size_t n = text ? strspn(text, "0123456789") : 0;
	unsigned long id;

	if (!n || n > 10 || text[n])
		return false;
	id = strtoul(text, NULL, 10);
	*ret = (unsigned int)id;
	return id < (unsigned int)-1;
}

static void fill(const struct passwd *p, struct identity *ret)
{
	ret->name = xstrdup(p->pw_name);
	ret->home = xstrdup(p->pw_dir);
	ret->shell = xstrdup(*p->pw_shell ? p->pw_shell : "/bin/sh");
}

/* The database's groups; what a process has inherited may be more. */
static int find_groups(struct identity *i, struct failure *f)
{
	int room = 64;

	if (!i->name) {
		i->n_groups = 1;
		i->group = xcalloc(1, sizeof(*i->group));
		*i->group = i->gid;
		return 0;
	}
	do {
		i->n_groups = room *= 2;
		i->group = xreallocarray(i->group, (size_t)room, sizeof(*i->group));
		if (getgrouplist(i->name, i->gid, i->group, &i->n_groups) >= 0)
			return 0;
	} while (room < 1 << 16);
	return fail(f, -E2BIG, "cannot run as %s: it is in too many groups", i->name);
}

static int find_named(const char *user, struct identity *ret, struct failure *f)
{
	const struct passwd *p;
	unsigned int uid;

	if (getuid())
		return fail(f, -EPERM, "cannot run as %s: only root can choose another user", user);
	errno = 0;
	p = getpwnam(user);
	if (!p && read_id(user, &uid))
		p = getpwuid(uid);
	if (!p)
		return errno && errno != ENOENT && errno != ESRCH
			       ? fail(f, -errno, "cannot look up the user %s: %s", user, strerror(errno))
			       : fail(f, -ENOENT, "there is no user %s", user);
	ret->uid = p->pw_uid;
	ret->gid = p->pw_gid;
	fill(p, ret);
	return 0;
}

/* Anybody can set these variables. But who calls us as root may run anything as any user. */
static int find_caller(struct identity *ret, struct failure *f)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	const struct passwd *p;

	ret->uid = getuid();
	ret->gid = getgid();
	if (!ret->uid && (uid || gid) && (!read_id(uid, &ret->uid) || !read_id(gid, &ret->gid)))
		return fail(f, -EINVAL,
			    "cannot tell who called sudo: SUDO_UID and SUDO_GID are not two numbers (name the user: "
			    "--user NAME)");
	p = getpwuid(ret->uid);
	if (p)
		fill(p, ret);
	return 0;
}

int identity_find(const char *user, struct identity *ret, struct failure *f)
{
	int err;

	*ret = (struct identity){ 0 };
	err = user ? find_named(user, ret, f) : find_caller(ret, f);
	if (err)
		return err;
	ret->other = ret->uid != getuid();
	return find_groups(ret, f);
}

static void set_environment(const struct identity *i)
{
	if (!i->other || !i->name)
		return;
	if (setenv("HOME", i->home, 1) || setenv("USER", i->name, 1) || setenv("LOGNAME", i->name, 1) ||
	    setenv("SHELL", i->shell, 1))
		abort();
}

int identity_take(const struct identity *i, struct failure *f)
{
	int err = 0;

	/* without CAP_SETGID the groups stay: they are the caller's, as its uid is */
	if (setgroups((size_t)i->n_groups, i->group) && (!geteuid() || errno != EPERM))
		err = -errno;
	if (!err && (setresgid(i->gid, i->gid, i->gid) || setresuid(i->uid, i->uid, i->uid)))
		err = -errno;
	if (!err)
		err = rights_keep_only(i->uid ? 0 : ALL_CAPABILITIES);
	if (err)
		return fail(f, err, "cannot become the user with the uid %u: %s", i->uid, strerror(-err));
	set_environment(i);
	return 0;
}

void identity_free(struct identity *i)
{
	free(i->group);
	free(i->name);
	free(i->home);
	free(i->shell);
	*i = (struct identity){ 0 };
}
