// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/privilege.h"
#include "base/quote.h"
#include "base/trust.h"

#define MAX_LINKS 40 /* as the kernel's MAXSYMLINKS */

struct walk {
	const char *path; /* as it was given */
	int flags;
	char at[PATH_MAX];   /* the path of FD, without links; "" is the root */
	char rest[PATH_MAX]; /* the rest of the way */
	int fd;              /* O_PATH */
	struct stat st;      /* of FD */
	bool is_folder;      /* a slash comes after its name */
	unsigned int n_links;
};

static int cannot_open(const struct walk *w, int err, struct failure *f)
{
	return fail(f, -err, "cannot open %s: %s", w->path, strerror(err));
}

static bool is_written_by_others(const struct stat *st)
{
	return st->st_mode & (S_IWGRP | S_IWOTH);
}

static int check_folder(const struct walk *w, struct failure *f)
{
	const char *folder = *w->at ? w->at : "/";
	_cleanup_free_ char *word = quote_word(folder);
	char why[PRIVILEGE_STRLEN];

	if (!S_ISDIR(w->st.st_mode))
		return cannot_open(w, ENOTDIR, f);
	if (w->st.st_uid && *privilege_missing(0, why)) /* here all uids from outside may look the same */
		return fail(f, -EPERM, "refusing %s: it cannot be known whose the folder %s is%s", w->path, folder,
			    why);
	if (w->st.st_uid)
		return fail(f, -EPERM,
			    "refusing %s: the folder %s belongs to uid %u, who can exchange what is in it (move it to "
			    "a folder that is root's alone, as /etc is)",
			    w->path, folder, w->st.st_uid);
	if (is_written_by_others(&w->st) && w->st.st_mode & S_ISVTX)
		return fail(f, -EPERM,
			    "refusing %s: the folder %s is for others to write, too (move it to a folder that is "
			    "root's alone, as /etc is)",
			    w->path, folder);
	if (is_written_by_others(&w->st))
		return fail(f, -EPERM,
			    "refusing %s: others than root may write the folder %s, mode %04o, and exchange what is in "
			    "it (chmod go-w %s)",
			    w->path, folder, w->st.st_mode & 07777, word);
	return 0;
}

/* Checks what the path leads to in the end. */
static int check_last(const struct walk *w, struct failure *f)
{
	const char *last = *w->at ? w->at : "/", *what = strcmp(last, w->path) == 0 ? "it" : last;
	_cleanup_free_ char *word = quote_word(last);

	if ((w->flags & O_DIRECTORY || w->is_folder) && !S_ISDIR(w->st.st_mode))
		return cannot_open(w, ENOTDIR, f);
	if (!(w->flags & O_DIRECTORY) && !S_ISREG(w->st.st_mode))
		return fail(f, -EPERM, "refusing %s: not a regular file", w->path);
	if (w->st.st_uid)
		return fail(f, -EPERM, "refusing %s: %s belongs to uid %u, not to root (chown root %s)", w->path, what,
			    w->st.st_uid, word);
	if (is_written_by_others(&w->st))
		return fail(f, -EPERM, "refusing %s: others than its owner may write %s, mode %04o (chmod go-w %s)",
			    w->path, what, w->st.st_mode & 07777, word);
	return 0;
}

/* Takes FD. */
static int stand_on(struct walk *w, int fd, struct failure *f)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
	if (fd < 0 || fstat(fd, &w->st))
		return cannot_open(w, errno, f);
	return 0;
}

static int go_to_root(struct walk *w, struct failure *f)
{
	w->at[0] = '\0';
	return stand_on(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), f);
}

static int start(struct walk *w, struct failure *f)
{
	char here[PATH_MAX] = "";
	int n;

	if (w->path[0] != '/' && !getcwd(here, sizeof(here)))
		return cannot_open(w, errno, f);
	if (!*w->path || (*here && *here != '/')) /* getcwd(3) may say "(unreachable)/..." */
		return cannot_open(w, ENOENT, f);
	n = snprintf(w->rest, sizeof(w->rest), "%s/%s", here, w->path);
	if ((size_t)n >= sizeof(w->rest))
		return cannot_open(w, ENAMETOOLONG, f);
	return go_to_root(w, f);
}

/* FD is of the link NAME in W's folder. */
static int follow(struct walk *w, int fd, const char *name, const struct stat *st, struct failure *f)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n;

	if (st->st_uid) {
		_cleanup_free_ char *link = NULL, *word = NULL;

		link = xasprintf("%s/%s", w->at, name);
		word = quote_word(link);
		return fail(f, -EPERM,
			    "refusing %s: the symbolic link %s belongs to uid %u, not to root (chown -h root %s)",
			    w->path, link, st->st_uid, word);
	}
	if (w->flags & O_NOFOLLOW && !w->rest[strspn(w->rest, "/")])
		return fail(f, -ELOOP, "refusing %s: it is a symbolic link (put there what it leads to)", w->path);
	if (++w->n_links > MAX_LINKS)
		return cannot_open(w, ELOOP, f);
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return cannot_open(w, errno, f);
	if (snprintf(rest, sizeof(rest), "%.*s%s", (int)n, target, w->rest) >= PATH_MAX)
		return cannot_open(w, ENAMETOOLONG, f);
	memcpy(w->rest, rest, sizeof(rest));
	return *rest == '/' ? go_to_root(w, f) : 0;
}

/* Takes the next name of the way from W. False: there is none. */
static bool next_name(struct walk *w, char name[static PATH_MAX])
{
	size_t from = strspn(w->rest, "/"), n = strcspn(w->rest + from, "/");

	if (!n)
		return false;
	memcpy(name, w->rest + from, n);
	name[n] = '\0';
	memmove(w->rest, w->rest + from + n, strlen(w->rest + from + n) + 1);
	w->is_folder = *w->rest == '/';
	return true;
}

static int step(struct walk *w, const char *name, struct failure *f)
{
	_cleanup_close_ int fd = -1;
	size_t n = strlen(w->at);
	struct stat st;
	int err = check_folder(w, f);

	if (err)
		return err;
	fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return cannot_open(w, errno, f);
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, name, &st, f);
	if (strcmp(name, "..") == 0) {
		if (n)
			*strrchr(w->at, '/') = '\0';
	} else if (strcmp(name, ".") != 0) {
		if (snprintf(w->at + n, sizeof(w->at) - n, "/%s", name) >= (int)(sizeof(w->at) - n))
			return cannot_open(w, ENAMETOOLONG, f);
	}
	return stand_on(w, steal_fd(&fd), f);
}

/* Opens what was found by its descriptor: the path may lead elsewhere by now. */
static int open_found(const struct walk *w, struct failure *f)
{
	char found[64];
	int fd;

	snprintf(found, sizeof(found), "/proc/self/fd/%d", w->fd);
	fd = open(found, (w->flags & ~O_NOFOLLOW) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? cannot_open(w, errno, f) : fd;
}

int trust_open(const char *path, int flags, struct failure *f)
{
	struct walk w = { .path = path, .flags = flags, .fd = -1 };
	char name[PATH_MAX];
	int err = start(&w, f);

	while (!err && next_name(&w, name))
		err = step(&w, name, f);
	if (!err)
		err = check_last(&w, f);
	if (!err)
		err = open_found(&w, f);
	if (w.fd >= 0)
		close(w.fd);
	return err;
}
