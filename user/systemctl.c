// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "systemctl.h"

#define MAX_ARGUMENTS 16

/* Our environment could change what it does and prints: $SYSTEMD_OFFLINE, $SYSTEMD_COLORS, $LANG. */
static char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C", NULL };

static int start(char *const argv[], int out, pid_t *ret)
{
	posix_spawn_file_actions_t to_pipe;
	int err = posix_spawn_file_actions_init(&to_pipe);

	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&to_pipe, out, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&to_pipe, out, STDERR_FILENO);
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
	if (getdelim(ret, &size, '\0', in) >= 0 || !ferror(in))
		return *ret || (*ret = strdup("")) ? 0 : -ENOMEM;
	return -errno;
}

int systemctl(const char *const *arguments, char **ret, struct failure *f)
{
	const char *argv[MAX_ARGUMENTS + 2] = { "systemctl" };
	_cleanup_free_ char *said = NULL;
	int fds[2], status = -1, err;
	pid_t pid = -1;

	for (size_t i = 0; i < MAX_ARGUMENTS && arguments[i]; i++)
		argv[i + 1] = arguments[i];
	if (access("/run/systemd/system", F_OK) < 0) /* sd_booted(3) */
		return fail(f, -EIO, "cannot ask systemd: it does not run this host");
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(f, -errno, "cannot run systemctl: %s", strerror(errno));
	err = start((char *const *)argv, fds[1], &pid);
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return fail(f, -EIO, "cannot run systemctl: %s", strerror(-err));
	}
	err = read_all(fds[0], &said);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (err)
		return fail(f, err, "cannot read what systemctl says: %s", strerror(-err));
	if (status) {
		said[strcspn(said, "\n")] = '\0';
		return fail(f, -EIO, "systemctl %s failed: %s", arguments[0], *said ? said : "it does not say why");
	}
	*ret = steal_string(&said);
	return 0;
}
