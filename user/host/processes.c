// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/cgroup_procs.h"
#include "host/processes.h"

#define DELETED " (deleted)" /* the kernel adds this to the name of a removed file (d_path) */

size_t process_file(long pid, const char *file, char *ret, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, ret, size - 1);
	n = n < 0 ? 0 : n;
	ret[n] = '\0';
	return (size_t)n;
}

/* "12 (name) S 1 ...": the name may have any characters, also parentheses (proc_pid_stat(5)) */
bool process_read(long pid, struct process *ret)
{
	char text[512], *open, *close, state;

	*ret = (struct process){ .pid = pid };
	process_file(pid, "stat", text, sizeof(text));
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close < open || sscanf(close + 1, " %c %ld", &state, &ret->parent) != 2)
		return false;
	ret->lives = state != 'Z' && state != 'X';
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)(close - open - 1), open + 1);
	return true;
}

void processes_list(struct processes *ret)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	const struct dirent *e;
	struct process one;

	*ret = (struct processes){ 0 };
	while (proc && (e = readdir(proc)))
		if (isdigit((unsigned char)*e->d_name) && process_read(strtol(e->d_name, NULL, 10), &one))
			ADD_ELEMENT(ret->item, ret->n, one);
}

void processes_free(struct processes *p)
{
	free(p->item);
	*p = (struct processes){ 0 };
}

const struct process *processes_find(const struct processes *p, long pid)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i].pid == pid)
			return &p->item[i];
	return NULL;
}

void process_cgroup(long pid, char ret[static PATH_MAX])
{
	char text[2 * PATH_MAX], *line;

	*ret = '\0';
	process_file(pid, "cgroup", text, sizeof(text));
	line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (!line)
		return;
	line += strcspn(line, "/");
	line[strcspn(line, "\n")] = '\0';
	snprintf(ret, PATH_MAX, "%s", line);
}

void process_program(long pid, char ret[static NAME_MAX + 1])
{
	char link[64], path[PATH_MAX];
	const char *name;
	size_t length;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%ld/exe", pid);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	length = strlen(name);
	if (length > strlen(DELETED) && strcmp(name + length - strlen(DELETED), DELETED) == 0)
		length -= strlen(DELETED);
	snprintf(ret, NAME_MAX + 1, "%.*s", (int)length, name);
}

/* N bytes of strings: where the first that is WORD begins, but for the program's name; N: there is none. */
static size_t find_argument(const char *text, size_t n, const char *word)
{
	size_t at = strlen(text) + 1;

	while (at < n && strcmp(text + at, word) != 0)
		at += strlen(text + at) + 1;
	return at < n ? at : n;
}

bool process_has_argument(long pid, const char *word)
{
	char text[4096];
	size_t n = process_file(pid, "cmdline", text, sizeof(text));

	return find_argument(text, n, word) < n;
}

char *process_option(long pid, const char *option)
{
	char text[8192];
	size_t n = process_file(pid, "cmdline", text, sizeof(text)), at = find_argument(text, n, option);

	at += strlen(option) + 1;
	return at < n ? xstrdup(text + at) : NULL;
}

bool process_uids(long pid, struct process_uids *ret)
{
	char text[2048];
	const char *line;

	process_file(pid, "status", text, sizeof(text));
	line = strstr(text, "\nUid:");
	return line && sscanf(line, " Uid: %u %u %u", &ret->real, &ret->effective, &ret->saved) == 3;
}

bool process_is_roots(long pid)
{
	struct process_uids u;

	return process_uids(pid, &u) && !u.real && !u.effective && !u.saved;
}

/* A process that no pid namespace of ours has is listed as 0. */
void pids_in(const struct cgroup_ids *of, struct pids *ret)
{
	*ret = (struct pids){ 0 };
	for (size_t i = 0; i < of->n; i++) {
		_cleanup_fclose_ FILE *in = cgroup_procs_open(of->id[i]);
		long pid;

		while (in && fscanf(in, "%ld", &pid) == 1)
			if (pid)
				ADD_ELEMENT(ret->item, ret->n, pid);
	}
}

void pids_below(uint64_t cgroup, struct pids *ret)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	const struct cgroup_ids none = { 0 };
	struct failure ignored = { "" };

	*ret = (struct pids){ 0 };
	if (!cgroup_ids_below(cgroup, &none, &of, &ignored))
		pids_in(&of, ret);
}

bool pids_have(const struct pids *p, long pid)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i] == pid)
			return true;
	return false;
}

void pids_free(struct pids *p)
{
	free(p->item);
	*p = (struct pids){ 0 };
}
