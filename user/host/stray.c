// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/cgroup.h"
#include "host/stray.h"

#define FIRST 1 /* the host's first process: what it starts is nobody else's */

/* Programs that ask a daemon for a container, or that are one; and what the first process of such a container is a
 * child of. */
static const struct engine {
	const char *program;
	const char *monitor; /* its name, or, as the kernel cuts names, what it begins with */
	bool is_daemon;      /* it may run without any container */
} engines[] = {
	{ "docker", "containerd-shim", false },  { "docker-compose", "containerd-shim", false },
	{ "nerdctl", "containerd-shim", false }, { "dockerd", "containerd-shim", true },
	{ "podman", "conmon", false },
};

/* Of a client: the commands that run something, and wait for it. */
static const char *const runs[] = { "run", "start", "restart", "exec", "attach", "up", "wait" };

/*
 * Is it below the service, or in a pinned cgroup? Looks anew: it may have been
 * forked since the service's processes were listed. The path tells of threaded
 * cgroups, whose processes are listed further up.
 */
static bool is_pinned(const struct stray_query *q, long pid)
{
	size_t n = strlen(q->path);
	char path[PATH_MAX];

	process_cgroup(pid, path);
	if (strncmp(path, q->path, n) == 0 && (path[n] == '/' || !path[n]))
		return true;
	for (size_t i = 0; i <= q->pinned->n; i++) {
		_cleanup_(pids_free) struct pids in = { 0 };

		pids_below(i < q->pinned->n ? q->pinned->id[i] : q->cgroup, &in);
		if (pids_have(&in, pid))
			return true;
	}
	return false;
}

/* Zombies are in no cgroup, and what has just ended is nowhere: so it is asked last whether the process lives. */
static bool is_stray(const struct stray_query *q, long pid, long parent, struct stray *ret)
{
	struct process now;

	if (is_pinned(q, pid) || !process_read(pid, &now) || !now.lives || (parent && now.parent != parent))
		return false;
	ret->pid = pid;
	ret->parent = parent;
	snprintf(ret->comm, sizeof(ret->comm), "%s", now.comm);
	process_cgroup(pid, ret->cgroup);
	return *ret->cgroup;
}

static bool find_child(const struct stray_query *q, const struct pids *in, struct stray *ret)
{
	for (size_t i = 0; i < q->all->n; i++) {
		const struct process *p = &q->all->item[i], *parent;

		if (p->parent <= FIRST || !p->lives || !pids_have(in, p->parent) || pids_have(in, p->pid) ||
		    !is_stray(q, p->pid, p->parent, ret))
			continue;
		parent = processes_find(q->all, p->parent);
		snprintf(ret->parent_comm, sizeof(ret->parent_comm), "%s", parent ? parent->comm : "?");
		ret->kind = STRAY_CHILD;
		return true;
	}
	return false;
}

static bool is_monitor(const struct processes *all, long pid, const struct engine *e)
{
	const struct process *p = processes_find(all, pid);

	return p && strncmp(p->comm, e->monitor, strlen(e->monitor)) == 0;
}

/* Does a container of that engine run which is not pinned? Without any to be seen, that of a client is elsewhere. */
static bool runs_elsewhere(const struct stray_query *q, const struct engine *e)
{
	bool seen = false;

	for (size_t i = 0; i < q->all->n; i++) {
		const struct process *p = &q->all->item[i];
		struct stray ignored;

		if (!p->lives || !is_monitor(q->all, p->parent, e))
			continue;
		if (is_stray(q, p->pid, p->parent, &ignored))
			return true;
		seen = true;
	}
	return !seen && !e->is_daemon;
}

static const struct engine *find_engine(long pid)
{
	char program[NAME_MAX + 1];

	process_program(pid, program);
	for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++) {
		if (strcmp(program, engines[i].program) != 0)
			continue;
		for (size_t k = 0; k < sizeof(runs) / sizeof(*runs); k++)
			if (engines[i].is_daemon || process_has_argument(pid, runs[k]))
				return &engines[i];
	}
	return NULL;
}

/* With its monitor in the service, a container's processes are found as children of that, if they are elsewhere. */
static bool find_client(const struct stray_query *q, const struct pids *in, struct stray *ret)
{
	for (size_t i = 0; i < in->n; i++) {
		const struct engine *e = find_engine(in->item[i]);
		bool has_monitor = false;

		for (size_t k = 0; e && k < in->n; k++)
			has_monitor |= is_monitor(q->all, in->item[k], e);
		if (!e || has_monitor || !runs_elsewhere(q, e))
			continue;
		*ret = (struct stray){ .kind = STRAY_CLIENT, .pid = in->item[i] };
		snprintf(ret->comm, sizeof(ret->comm), "%s", e->program);
		return true;
	}
	return false;
}

/*
 * Is it in a cgroup called NAME? Not if that is below a service or a scope:
 * there a user, or a container, may choose any name.
 */
static bool is_below_name(long pid, const char *name)
{
	char in[PATH_MAX], path[PATH_MAX + 1], of_name[NAME_MAX + 3], *at;

	process_cgroup(pid, in);
	snprintf(path, sizeof(path), "%s/", in);
	snprintf(of_name, sizeof(of_name), "/%s/", name);
	at = strstr(path, of_name);
	if (!at)
		return false;
	at[1] = '\0';
	return !strstr(path, ".service/") && !strstr(path, ".scope/");
}

/* Of "--cgroup-parent=mail.slice" engines without the systemd driver make a cgroup beside their own. */
static bool find_namesake(const struct stray_query *q, struct stray *ret)
{
	const char *name = cgroup_name(q->path), *suffix = strrchr(name, '.');

	if (!suffix || strcmp(suffix, ".slice") != 0)
		return false;
	for (size_t i = 0; i < q->all->n; i++) {
		long pid = q->all->item[i].pid;

		if (!is_below_name(pid, name) || !is_stray(q, pid, 0, ret))
			continue;
		ret->kind = STRAY_NAMESAKE;
		return true;
	}
	return false;
}

static void describe(struct stray *s)
{
	if (s->kind == STRAY_MAIN)
		snprintf(s->why, sizeof(s->why), "its main process %ld (%s) is in cgroup %s, which is not pinned",
			 s->pid, s->comm, s->cgroup);
	else if (s->kind == STRAY_CHILD)
		snprintf(s->why, sizeof(s->why),
			 "process %ld (%s), a child of process %ld (%s), is in cgroup %s, which is not pinned", s->pid,
			 s->comm, s->parent, s->parent_comm, s->cgroup);
	else if (s->kind == STRAY_NAMESAKE)
		snprintf(s->why, sizeof(s->why),
			 "process %ld (%s) is in cgroup %s, which is not this slice, only of its name, and is not "
			 "pinned",
			 s->pid, s->comm, s->cgroup);
	else
		snprintf(s->why, sizeof(s->why),
			 "process %ld (%s) only asks for a container, whose processes are in a cgroup of their own",
			 s->pid, s->comm);
}

bool stray_find(const struct stray_query *q, struct stray *ret)
{
	_cleanup_(pids_free) struct pids in = { 0 };
	bool found;

	*ret = (struct stray){ .kind = STRAY_MAIN };
	pids_below(q->cgroup, &in);
	found = q->main && !pids_have(&in, q->main) && is_stray(q, q->main, 0, ret);
	found = found || find_child(q, &in, ret) || find_client(q, &in, ret) || find_namesake(q, ret);
	if (found)
		describe(ret);
	return found;
}
