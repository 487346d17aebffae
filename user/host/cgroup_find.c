// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "host/cgroup_find.h"
#include "host/cgroup_owner.h"
#include "host/cgroup_procs.h"

#define SHOWN 8 /* candidates named in a message */

struct search {
	const char *name;
	size_t stem; /* length of the name up to its first '@' or '.' */
	unsigned int n_equal, n_alike;
	char equal[SHOWN][PATH_MAX];
	char alike[SHOWN][PATH_MAX];
	char foreign[PATH_MAX]; /* where others than root choose names; one called NAME itself is preferred */
	char why[64];           /* why it is foreign */
};

static void note(char list[SHOWN][PATH_MAX], unsigned int *n, const char *path)
{
	if (*n < SHOWN)
		snprintf(list[*n], PATH_MAX, "%s", path);
	++*n;
}

static void note_foreign(struct search *s, const char *path, const char *name, const char *why)
{
	if (*s->foreign && strcmp(name, s->name) != 0)
		return;
	snprintf(s->foreign, sizeof(s->foreign), "%s", path);
	snprintf(s->why, sizeof(s->why), "%s", why);
}

/* Depth first. Skips cgroups that go away meanwhile, and those in which others than root choose names. Takes DIR_FD. */
static void walk(struct search *s, int dir_fd, char path[static PATH_MAX], size_t len)
{
	_cleanup_closedir_ DIR *dir = fdopendir(dir_fd);
	const struct dirent *e;

	if (!dir) {
		close(dir_fd);
		return;
	}
	while ((e = readdir(dir))) {
		size_t n = strlen(e->d_name);
		char why[64] = "";
		int fd;

		if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    len + 1 + n >= PATH_MAX)
			continue;
		path[len] = '/';
		memcpy(path + len + 1, e->d_name, n + 1);
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && cgroup_is_roots(fd, why)) {
			if (strcmp(e->d_name, s->name) == 0)
				note(s->equal, &s->n_equal, path);
			else if (s->stem && strncmp(e->d_name, s->name, s->stem) == 0)
				note(s->alike, &s->n_alike, path);
			if (!cgroup_is_delegated(fd, why))
				walk(s, steal_fd(&fd), path, len + 1 + n);
		}
		if (*why)
			note_foreign(s, path, e->d_name, why);
		cleanup_close(&fd);
		path[len] = '\0';
	}
}

static char *list(char from[SHOWN][PATH_MAX], unsigned int n)
{
	char *all = NULL, *some;

	for (unsigned int i = 0; i < n && i < SHOWN; i++)
		quote_append(&all, from[i]);
	if (n <= SHOWN)
		return all;
	some = all;
	all = xasprintf("%s and %u more", some, n - SHOWN);
	free(some);
	return all;
}

static int not_unique(struct search *s, struct failure *f)
{
	_cleanup_free_ char *candidates = list(s->equal, s->n_equal);

	return fail(f, -ENOTUNIQ, "cannot choose cgroup %s: there are %u, name one by its path: %s", s->name,
		    s->n_equal, candidates);
}

static char *what_was_not_looked_at(const struct search *s)
{
	_cleanup_free_ char *word = quote_word(s->foreign);
	char *text;

	if (!*s->foreign)
		return strdup("");
	if (asprintf(&text, "; not looked at: %s, which %s (name it by its path)", word, s->why) < 0)
		abort();
	return text;
}

static int not_found(struct search *s, struct failure *f)
{
	size_t n = strlen(s->name), suffix = strlen(".service");
	bool service = n > suffix && strcmp(s->name + n - suffix, ".service") == 0;
	_cleanup_free_ char *candidates = list(s->alike, s->n_alike), *foreign = what_was_not_looked_at(s);
	_cleanup_free_ char *word = quote_word(s->name);

	if (candidates)
		return fail(f, -ENOENT, "cannot find a cgroup named %s (is the service running?), did you mean: %s%s",
			    s->name, candidates, foreign);
	if (!service)
		return fail(f, -ENOENT, "cannot find a cgroup named %s (is the service running?)%s", s->name, foreign);
	return fail(f, -ENOENT,
		    "cannot find a cgroup named %s: nothing of the service runs (start it; or srcpin install --unit "
		    "%s, to have it pinned at each start)%s",
		    s->name, word, foreign);
}

/*
 * Is a process in the cgroup? A unit that only stands for others, such as
 * Debian 12's postfix.service, has none: a policy would pin nothing.
 */
static int check_in_use(int root_fd, struct search *s, struct failure *f)
{
	_cleanup_close_ int fd = openat(root_fd, s->equal[0] + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *candidates = list(s->alike, s->n_alike), *word = quote_word(s->equal[0]);

	if (fd < 0 || cgroup_has_processes(fd))
		return 0;
	if (candidates)
		return fail(f, -ENOENT, "cannot use cgroup %s: no process is in it, did you mean: %s", s->name,
			    candidates);
	return fail(f, -ENOENT,
		    "cannot use cgroup %s: no process is in it (start the service, or name it by its path: %s)",
		    s->name, word);
}

int cgroup_find(int root_fd, const char *name, char **ret_path, struct failure *f)
{
	struct search s = { .name = name, .stem = strcspn(name, "@.") };
	char path[PATH_MAX] = "";
	int fd, err;

	fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(f, -errno, "cannot search for cgroup %s: %s", name, strerror(errno));
	walk(&s, fd, path, 0);
	err = s.n_equal > 1 ? not_unique(&s, f) : !s.n_equal ? not_found(&s, f) : check_in_use(root_fd, &s, f);
	if (err)
		return err;
	*ret_path = strdup(s.equal[0]);
	if (!*ret_path)
		return fail(f, -ENOMEM, "cannot search for cgroup %s: out of memory", name);
	return 0;
}
