// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stand_in.h"

void stand_in_begin(sigset_t *was)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, was);
}

/* What else would be busy as long as we are: pipes, files, a mount */
static void let_go(void)
{
	close_range(0, ~0U, 0);
	for (int fd = 0; fd >= 0 && fd < STDERR_FILENO;)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (chdir("/"))
		return; /* then it is where it is */
}

/* A signal that is ignored would not come. */
static void listen_to_all(void)
{
	for (int i = 1; i <= SIGRTMAX; i++)
		signal(i, SIG_DFL);
}

static void end_by(int number)
{
	const struct rlimit none = { 0, 0 };
	sigset_t one;

	setrlimit(RLIMIT_CORE, &none); /* the child has left one, if it was to */
	sigemptyset(&one);
	sigaddset(&one, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	_exit(128 + number);
}

static void look_at(pid_t child)
{
	int status;

	while (waitpid(child, &status, WNOHANG | WUNTRACED) > 0) {
		if (WIFSTOPPED(status))
			raise(SIGSTOP);
		else if (WIFSIGNALED(status))
			end_by(WTERMSIG(status));
		else
			_exit(WEXITSTATUS(status));
	}
}

void stand_in(pid_t child)
{
	siginfo_t what;
	sigset_t all;

	let_go();
	listen_to_all();
	sigfillset(&all);
	look_at(child);
	for (;;) {
		if (sigwaitinfo(&all, &what) < 0)
			continue;
		if (what.si_signo == SIGCHLD)
			look_at(child);
		/* those of the terminal come to the whole process group, and so does what the child sends to it */
		else if (what.si_code <= 0 && what.si_pid != child)
			kill(child, what.si_signo);
	}
}
