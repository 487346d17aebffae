// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/run.h"
#include "base/trust.h"

#define MAX_ARGUMENTS 20
#define MEMORY ((rlim_t)1 << 30)
#define FILES 64

/* Our own could change what it does and prints: $SYSTEMD_OFFLINE, $SYSTEMD_COLORS, $MAIL_CONFIG, $LANG. */
static char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C", NULL };

/* In the child. The descriptor is of the file that was checked. fexecve() closes it, so a script could not be read. */
static int execute(const void *data, struct failure *f)
{
	const struct rlimit memory = { MEMORY, MEMORY }, files = { FILES, FILES };
	const char *const *argv = data;

	if (setrlimit(RLIMIT_AS, &memory) || setrlimit(RLIMIT_NOFILE, &files))
		return fail(f, -errno, "cannot run %s: cannot set limits: %s", argv[0], strerror(errno));
	signal(SIGPIPE, SIG_DFL); /* we ignore it */
	signal(SIGXFSZ, SIG_DFL);
	fexecve(CHILD_FD, (char *const *)argv, environment);
	return fail(f, -errno, "cannot run %s: %s", argv[0], strerror(errno));
}

static int find(const char *const *paths, const char **ret, struct failure *f)
{
	for (;; paths++) {
		int fd = trust_open(*paths, O_RDONLY, f);

		*ret = *paths;
		if ((fd != -ENOENT && fd != -ENOTDIR) || !paths[1])
			return fd;
	}
}

int run_program(const struct program *p, char **ret, int *status, struct failure *f)
{
	const char *argv[MAX_ARGUMENTS + 2] = { NULL };
	_cleanup_close_ int fd = find(p->paths, &argv[0], f);
	char what[PATH_MAX];
	size_t n;

	if (fd < 0)
		return fd;
	for (size_t i = 0; i < MAX_ARGUMENTS && p->argv[i]; i++)
		argv[i + 1] = p->argv[i];
	snprintf(what, sizeof(what), "cannot run %s", argv[0]);
	return child_run(&(const struct child){ .what = what,
						.as = p->as,
						.keep = p->keep,
						.seconds = p->seconds,
						.errors = p->errors,
						.fd = fd,
						.run = execute,
						.data = argv },
			 ret, &n, status, f);
}
