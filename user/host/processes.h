/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of this host (of its pid namespace), and where they live. */
#ifndef SRCPIN_PROCESSES_H
#define SRCPIN_PROCESSES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "host/cgroup_ids.h"

struct process {
	long pid, parent;
	bool lives; /* it is no zombie: those are in no cgroup */
	char comm[16];
};

struct processes {
	struct process *item;
	size_t n;
};

/* Each is as it was at some moment of the call. Aborts if memory is out. */
void processes_list(struct processes *ret);
void processes_free(struct processes *p);

/* NULL: it was not there. */
const struct process *processes_find(const struct processes *p, long pid);

/* How process PID is now. False: it is gone. */
bool process_read(long pid, struct process *ret);

/* Reads up to SIZE - 1 bytes of a file of the process, and adds a zero. The number of bytes; 0: it cannot be read. */
size_t process_file(long pid, const char *file, char *ret, size_t size);

/* The path of its cgroup; "": not known. */
void process_cgroup(long pid, char ret[static PATH_MAX]);

/* The last part of its program's path, without " (deleted)"; "": not known. */
void process_program(long pid, char ret[static NAME_MAX + 1]);

/* Has it this word among its arguments? */
bool process_has_argument(long pid, const char *word);

/* The argument after OPTION, "-n NAME"; to be freed. NULL: there is none. */
char *process_option(long pid, const char *option);

/*
 * Its user ids. The owner of /proc/PID does not tell: of a process that may
 * not be dumped that is root. False: it is gone.
 */
struct process_uids {
	unsigned int real, effective, saved;
};
bool process_uids(long pid, struct process_uids *ret);

/* Do all of its user ids say root? */
bool process_is_roots(long pid);

/* The processes in these cgroups. Aborts if memory is out. */
struct pids {
	long *item;
	size_t n;
};

/* In all cgroups of OF; not in those below them. */
void pids_in(const struct cgroup_ids *of, struct pids *ret);
/* In the cgroup with this id, and below it. */
void pids_below(uint64_t cgroup, struct pids *ret);
bool pids_have(const struct pids *p, long pid);
void pids_free(struct pids *p);

#endif
