// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "run.h"

/* Ours could change what it does and prints: $SYSTEMD_OFFLINE, $SYSTEMD_COLORS, $MAIL_CONFIG, $LANG. */
static char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C", NULL };

static int start(char *const argv[], int out, bool errors, pid_t *ret)
{
	posix_spawn_file_actions_t to_pipe;
	int err = posix_spawn_file_actions_init(&to_pipe);

	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&to_pipe, out, STDOUT_FILENO);
	if (!err)
		err = errors ? posix_spawn_file_actions_adddup2(&to_pipe, out, STDERR_FILENO)
			     : posix_spawn_file_actions_addopen(&to_pipe, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(ret, argv[0], &to_pipe, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&to_pipe);
	return -err;
}

static int read_all(int fd, char **ret)
{
	_cleanup_fclose_ FILE *in = fdopen(fd, "r");
	size_t size = 0;

	if (!in) {
		close(fd);
		return -ENOMEM;
	}
	*ret = NULL;
	errno = 0;
	if (getdelim(ret, &size, '\0', in) >= 0)
		return 0;
	free(*ret); /* nothing was written to what it may have allocated */
	*ret = ferror(in) ? NULL : strdup("");
	return *ret ? 0 : -errno;
}

int run_program(const char *const *argv, bool errors, char **ret, int *status, struct failure *f)
{
	_cleanup_free_ char *said = NULL;
	int fds[2], err;
	pid_t pid = -1;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(f, -errno, "cannot run %s: %s", argv[0], strerror(errno));
	err = start((char *const *)argv, fds[1], errors, &pid);
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return fail(f, -EIO, "cannot run %s: %s", argv[0], strerror(-err));
	}
	err = read_all(fds[0], &said);
	*status = -1;
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (err)
		return fail(f, err, "cannot read what %s says: %s", argv[0], strerror(-err));
	*ret = steal_string(&said);
	return 0;
}
