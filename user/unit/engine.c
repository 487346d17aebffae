// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/run.h"
#include "host/processes.h"
#include "unit/engine.h"

#define DOCKER "docker:"
#define PODMAN "podman:"
#define SECONDS 30
#define ID_LENGTH 64
#define SHORTEST 12 /* of an id that users write */

struct container {
	long pid; /* its first process; 0: it does not run */
	char id[ID_LENGTH + 1];
};

bool engine_names(const char *name)
{
	return strncmp(name, DOCKER, strlen(DOCKER)) == 0 || strncmp(name, PODMAN, strlen(PODMAN)) == 0;
}

/* What engines take for a name or an id, and never for an option. */
static bool is_name(const char *name)
{
	return *name && *name != '-' && *name != '.' &&
	       !name[strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-")];
}

/* Before its error, docker prints what it has found: nothing. */
static const char *last_line(char *said)
{
	size_t n = strlen(said);
	const char *start;

	while (n && said[n - 1] == '\n')
		said[--n] = '\0';
	start = strrchr(said, '\n');
	start = start ? start + 1 : said;
	return *start ? start : "docker does not say why";
}

static int ask_docker(const char *name, struct container *ret, struct failure *f)
{
	static const char *const paths[] = { "/usr/bin/docker", "/usr/local/bin/docker", NULL };
	const char *const argv[] = {
		"container", "inspect", "--format", "{{.State.Pid}} {{.Id}}", "--", name + strlen(DOCKER), NULL,
	};
	const struct program p = { .paths = paths, .argv = argv, .seconds = SECONDS, .errors = true };
	_cleanup_free_ char *said = NULL;
	int status;

	if (run_program(&p, &said, &status, f))
		return -EIO;
	if (status)
		return fail(f, -ENOENT, "cannot find container %s: %s", name, last_line(said));
	if (sscanf(said, "%ld %64s", &ret->pid, ret->id) != 2 || strlen(ret->id) != ID_LENGTH)
		return fail(f, -EIO, "cannot use %s: docker says something else than a process and an id", name);
	return 0;
}

static bool is_meant(long conmon, const char *id, const char *container)
{
	_cleanup_free_ char *name = process_option(conmon, "-n");
	size_t n = strlen(container);

	return (name && strcmp(name, container) == 0) || (n >= SHORTEST && strncmp(id, container, n) == 0);
}

/* podman has no daemon: each container has a conmon, which says whose it is, and whose child it is. */
static int find_podmans(const char *name, struct container *ret, struct failure *f)
{
	_cleanup_(processes_free) struct processes all = { 0 };

	processes_list(&all);
	for (size_t i = 0; i < all.n; i++) {
		const struct process *p = &all.item[i], *conmon = processes_find(&all, p->parent);
		_cleanup_free_ char *id = NULL;

		if (!p->lives || !conmon || strcmp(conmon->comm, "conmon") != 0 || !process_is_roots(conmon->pid))
			continue;
		id = process_option(conmon->pid, "-c");
		if (!id || strlen(id) != ID_LENGTH || !is_meant(conmon->pid, id, name + strlen(PODMAN)))
			continue;
		ret->pid = p->pid;
		memcpy(ret->id, id, sizeof(ret->id));
		return 0;
	}
	return fail(f, -ENOENT, "cannot find container %s: root runs none of that name (podman ps)", name);
}

/*
 * The innermost that is named by the id: below it crun has one for the first
 * process, and the container may make more.
 */
static bool cut_at_id(char *path, const char *id)
{
	char *last = NULL, *at = path;

	while ((at = strstr(at, id)))
		last = at++;
	if (!last)
		return false;
	last[strcspn(last, "/")] = '\0';
	return true;
}

int engine_cgroup(const char *name, char **ret, struct failure *f)
{
	bool docker = strncmp(name, DOCKER, strlen(DOCKER)) == 0;
	struct container c = { 0 };
	char path[PATH_MAX];
	int err;

	*ret = NULL;
	if (!is_name(strchr(name, ':') + 1))
		return fail(f, -EINVAL, "cannot use %s: it is not a container's name", name);
	err = docker ? ask_docker(name, &c, f) : find_podmans(name, &c, f);
	if (err)
		return err;
	if (!c.pid)
		return fail(f, -ENOENT, "cannot use %s: it does not run (start it)", name);
	process_cgroup(c.pid, path);
	if (!cut_at_id(path, c.id))
		return fail(f, -EINVAL, "cannot use %s: it has no cgroup of its own, as its process %ld is in %s", name,
			    c.pid, *path ? path : "none");
	*ret = xstrdup(path);
	return 0;
}
