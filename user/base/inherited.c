// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/inherited.h"

static struct {
	int number;
	void (*ours)(int);
	struct sigaction was;
} dispositions[] = {
	/* if nobody reads our output, or a file may not grow, that must be an error, not kill us */
	{ .number = SIGPIPE, .ours = SIG_IGN },
	{ .number = SIGXFSZ, .ours = SIG_IGN },
	/* if the caller ignores it, there would be no child to wait for */
	{ .number = SIGCHLD, .ours = SIG_DFL },
};
#define N_DISPOSITIONS (sizeof(dispositions) / sizeof(*dispositions))

static mode_t mask;
static struct rlimit files;
static bool files_known;

/* A user's cgroups may nest so deep that the usual 1024 descriptors are too few to walk them. */
static void allow_files(void)
{
	struct rlimit all;

	files_known = !getrlimit(RLIMIT_NOFILE, &files);
	if (!files_known)
		return;
	all = files;
	all.rlim_cur = all.rlim_max;
	setrlimit(RLIMIT_NOFILE, &all);
}

void inherited_replace(void)
{
	for (size_t i = 0; i < N_DISPOSITIONS; i++)
		sigaction(dispositions[i].number, &(struct sigaction){ .sa_handler = dispositions[i].ours },
			  &dispositions[i].was);
	mask = umask(077); /* a unit's own could lock out whom the file mode must let in, as in srcpin-watch.service */
	allow_files();
}

void inherited_restore(void)
{
	for (size_t i = 0; i < N_DISPOSITIONS; i++)
		sigaction(dispositions[i].number, &dispositions[i].was, NULL);
	umask(mask);
	if (files_known)
		setrlimit(RLIMIT_NOFILE, &files);
}
