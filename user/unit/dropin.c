// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/trust.h"
#include "host/cgroup.h"
#include "unit/dropin.h"

#define UNITS "/etc/systemd/system"
#define NAME "50-srcpin.conf"
#define PART ".part"
#define MARK "# Written by srcpin install"

/*
 * Uses ExecCondition=, not ExecStartPre=. A drop-in's lines come after the
 * unit's own, and the unit's ExecStartPre= commands must be pinned, too. Also,
 * systemd could take our exit status for success there: SuccessExitStatus=
 * counts for all commands of a unit, and may have 1 or 2. But ExecCondition=
 * has a trap: after any failure other than 255 the unit just does not start,
 * and systemctl start succeeds. That would also happen if srcpin were removed,
 * hence the assertion.
 *
 * An umbrella must not stay loaded, or status would show a service without a
 * process. But a process that is there is pinned like any other.
 */
static void write_text(const char *unit, bool umbrella, unsigned int wait, struct dropin *d)
{
	_cleanup_free_ char *word = quote_word(unit);
	const char *srcpin = d->binary;
	char between[4 * PATH_MAX];

	if (umbrella)
		snprintf(between, sizeof(between),
			 "# until there is a process, nothing stays loaded\n"
			 "ExecStartPost=-+%s unload --cgroup self --if-empty\n"
			 "ExecReload=+%s load --cgroup self\n"
			 "ExecReload=-+%s unload --cgroup self --if-empty\n",
			 srcpin, srcpin, srcpin);
	else
		snprintf(between, sizeof(between), "ExecReload=+%s reload --cgroup self\n", srcpin);
	snprintf(d->text, sizeof(d->text),
		 MARK " --unit %s. To take it away: srcpin uninstall --unit %s\n"
		      "%s"
		      "[Unit]\n"
		      "AssertFileIsExecutable=%s\n"
		      "\n"
		      "[Service]\n"
		      "# before any ExecStartPre=; only with 255 it makes the start fail\n"
		      "ExecCondition=+%s load --cgroup self --wait %u --exec-condition\n"
		      "%s"
		      "ExecStopPost=-+%s unload --cgroup self --if-empty\n",
		 word, word, umbrella ? "# It has no process of its own: this is for the day that it has.\n" : "",
		 srcpin, srcpin, wait, between, srcpin);
}

/* characters that mean something to systemd (systemd.service(5)); also " (deleted)" */
static bool is_plain(const char *path)
{
	return !path[strcspn(path, " \t\n\"'\\%$;")];
}

static int find_binary(struct dropin *ret, struct failure *f)
{
	ssize_t n = readlink("/proc/self/exe", ret->binary, sizeof(ret->binary) - 1);

	if (n < 0)
		return fail(f, -errno, "cannot find out the path of this program: %s", strerror(errno));
	ret->binary[n] = '\0';
	if (!is_plain(ret->binary))
		return fail(f, -EINVAL, "cannot name %s in a unit: install srcpin under a plain path", ret->binary);
	return 0;
}

static void name_dropin(const char *unit, struct dropin *ret)
{
	snprintf(ret->folder, sizeof(ret->folder), UNITS "/%s.d", unit);
	snprintf(ret->path, sizeof(ret->path), UNITS "/%s.d/" NAME, unit);
	snprintf(ret->name, sizeof(ret->name), "%s", NAME);
}

int dropin_describe(const char *unit, bool umbrella, unsigned int wait, struct dropin *ret, struct failure *f)
{
	int err = find_binary(ret, f);

	if (err)
		return err;
	name_dropin(unit, ret);
	write_text(unit, umbrella, wait, ret);
	return 0;
}

char *dropin_loader(const char *slice)
{
	return xasprintf("srcpin-%s.service", slice);
}

/* Doubles each backslash: systemd takes one in a command for an escape. */
static char *escape(const char *text)
{
	char *ret = xcalloc(2 * strlen(text) + 1, 1), *to = ret;

	for (; *text; text++) {
		if (*text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	return ret;
}

/*
 * systemd makes the cgroup of a slice for the first that starts in it, and
 * takes the one that is there already. So the pin is on it before anything
 * runs in it: the unit is outside of the slice, which requires it. As part of
 * the slice it ends with it, and is started anew with the next cgroup.
 */
static void write_loader(const char *slice, const char *cgroup, const char *mount, const char *outer, unsigned int wait,
			 struct dropin *d)
{
	_cleanup_free_ char *path = escape(cgroup), *word = quote_word(slice);

	snprintf(d->text, sizeof(d->text),
		 MARK " --unit %s. To take it away: srcpin uninstall --unit %s\n"
		      "[Unit]\n"
		      "Description=The pin of %s\n"
		      "AssertFileIsExecutable=%s\n"
		      "DefaultDependencies=no\n"
		      "Before=%s\n"
		      "PartOf=%s\n"
		      "%s%s%s%s%s%s"
		      "StartLimitIntervalSec=0\n"
		      "\n"
		      "[Service]\n"
		      "Type=oneshot\n"
		      "RemainAfterExit=yes\n"
		      "# systemd takes the cgroup that is there\n"
		      "ExecStartPre=/bin/mkdir -p %s%s\n"
		      "ExecStart=%s load --cgroup %s --wait %u\n"
		      "ExecReload=%s load --cgroup %s\n"
		      "ExecStop=-%s unload --cgroup %s --if-empty\n",
		 word, word, slice, d->binary, slice, slice, outer ? "Requires=" : "", outer ? outer : "",
		 outer ? "\n" : "", outer ? "After=" : "", outer ? outer : "", outer ? "\n" : "", mount, path,
		 d->binary, path, wait, d->binary, path, d->binary, path);
}

int dropin_describe_slice(const char *slice, const char *cgroup, const char *outer, unsigned int wait,
			  struct dropin ret[2], struct failure *f)
{
	_cleanup_free_ char *loader = dropin_loader(slice), *word = quote_word(slice);
	char mount[PATH_MAX];
	int err = find_binary(&ret[0], f);

	if (!err)
		err = cgroup_mount_point(mount, f);
	if (err)
		return err;
	if (!is_plain(mount))
		return fail(f, -EINVAL, "cannot name %s in a unit: mount the cgroup2 hierarchy on a plain path", mount);
	if (strlen(loader) > NAME_MAX - strlen(PART))
		return fail(f, -EINVAL, "cannot install for %s: its name is too long", slice);
	snprintf(ret[0].folder, sizeof(ret[0].folder), UNITS);
	snprintf(ret[0].name, sizeof(ret[0].name), "%s", loader);
	snprintf(ret[0].path, sizeof(ret[0].path), UNITS "/%s", loader);
	write_loader(slice, cgroup, mount, outer, wait, &ret[0]);
	memcpy(ret[1].binary, ret[0].binary, sizeof(ret[1].binary));
	name_dropin(slice, &ret[1]);
	snprintf(ret[1].text, sizeof(ret[1].text),
		 MARK " --unit %s. To take it away: srcpin uninstall --unit %s\n"
		      "[Unit]\n"
		      "Requires=%s\n"
		      "After=%s\n",
		 word, word, loader, loader);
	return 0;
}

int dropin_check_program(const struct dropin *d, struct failure *f)
{
	_cleanup_close_ int fd = trust_open(d->binary, O_RDONLY, f);

	return fd < 0 ? fd : 0;
}

static int not_ours(const struct dropin *d, struct failure *f)
{
	return fail(f, -EEXIST,
		    "refusing %s: srcpin did not write it, as its first line does not say so (remove it by hand)",
		    d->path);
}

/* Who can put another folder there decides what systemd runs as root. */
static int open_folder(const char *path, struct failure *f)
{
	return trust_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, f);
}

int dropin_examine(const struct dropin *d, enum dropin_state *ret, struct failure *f)
{
	_cleanup_close_ int folder = open_folder(d->folder, f), fd = -1;
	char text[sizeof(d->text)] = "";
	struct stat st;
	ssize_t n;

	*ret = DROPIN_ABSENT;
	if (folder < 0)
		return folder == -ENOENT || folder == -ENOTDIR ? 0 : folder;
	fd = openat(folder, d->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ELOOP)
		return not_ours(d, f);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(f, -errno, "cannot open %s: %s", d->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return not_ours(d, f);
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return fail(f, -errno, "cannot read %s: %s", d->path, strerror(errno));
	if (strncmp(text, MARK, strlen(MARK)) != 0)
		return not_ours(d, f);
	/* if others may write the file, it is written anew, whatever it says */
	*ret = strcmp(text, d->text) == 0 && !st.st_uid && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? DROPIN_SAME
											       : DROPIN_OTHER;
	return 0;
}

/* Is it a unit, and no drop-in? */
static bool is_unit(const struct dropin *d)
{
	return strcmp(d->folder, UNITS) == 0;
}

static int make_folder(const struct dropin *d, struct failure *f)
{
	_cleanup_close_ int units = trust_open(UNITS, O_RDONLY | O_DIRECTORY, f), folder = -1;
	const char *name = strrchr(d->folder, '/') + 1;
	bool made;

	if (units < 0 || is_unit(d))
		return steal_fd(&units);
	made = mkdirat(units, name, 0755) == 0;
	if (!made && errno != EEXIST)
		return fail(f, -errno, "cannot make %s: %s", d->folder, strerror(errno));
	folder = open_folder(d->folder, f);
	if (folder >= 0 && made)
		fchmod(folder, 0755); /* whatever the umask: anybody may read what systemctl cat shows */
	return steal_fd(&folder);
}

/* Writes under a name that systemd does not read, until the file is whole. */
static int write_in(int folder, const char *name, const char *text)
{
	_cleanup_free_ char *part = xasprintf("%s" PART, name);
	size_t length = strlen(text);
	ssize_t n = -1;
	int fd, err;

	unlinkat(folder, part, 0); /* left by one that was killed */
	fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0)
		n = write(fd, text, length);
	err = n < 0 ? -errno : (size_t)n < length ? -ENOSPC : 0;
	if (!err && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (!err && (renameat(folder, part, folder, name) < 0 || fsync(folder) < 0))
		err = -errno;
	if (err)
		unlinkat(folder, part, 0);
	return err;
}

int dropin_write(const struct dropin *d, struct failure *f)
{
	_cleanup_close_ int folder = make_folder(d, f);
	int err;

	if (folder < 0)
		return folder;
	err = write_in(folder, d->name, d->text);
	return err ? fail(f, err, "cannot write %s: %s", d->path, strerror(-err)) : 0;
}

int dropin_remove(const struct dropin *d, struct failure *f)
{
	_cleanup_close_ int units = trust_open(UNITS, O_RDONLY | O_DIRECTORY, f), folder = -1;
	_cleanup_free_ char *part = xasprintf("%s" PART, d->name);

	folder = units < 0 ? units : open_folder(d->folder, f);
	if (folder < 0)
		return folder;
	if (unlinkat(folder, d->name, 0) < 0)
		return fail(f, -errno, "cannot remove %s: %s", d->path, strerror(errno));
	unlinkat(folder, part, 0); /* left by an install that was killed */
	if (!is_unit(d))
		unlinkat(units, strrchr(d->folder, '/') + 1, AT_REMOVEDIR); /* fails if there are others */
	return 0;
}
