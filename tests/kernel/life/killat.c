// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * killat N COMMAND [ARGUMENT]...
 *
 * Runs COMMAND and kills it as it enters its Nth system call. Counts from its
 * first flock(2) on: that takes the lock, and nothing is changed before. After
 * a call that only reads, or makes what goes with the process, everything is
 * still the same: so the next call does not count, unless KILL_AT_ALL is set.
 * With N from 1 on, each instant that makes a difference is tried. Exit
 * status: 0: it was killed; 3: it had ended before.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"

enum { ENDED_BEFORE = 3 };

/* glibc's header and the kernel's, which has the struct, do not go together. */
static long trace_call(long request, pid_t pid, unsigned long address, void *data)
{
	return syscall(SYS_ptrace, request, pid, address, data);
}

static void trace(char **argv)
{
	if (trace_call(PTRACE_TRACEME, 0, 0, NULL) || raise(SIGSTOP))
		bail_out("cannot be traced");
	execvp(argv[0], argv);
	bail_out("cannot run %s", argv[0]);
}

/* What PID is about to enter; false: it is about to return. */
static bool entered(pid_t pid, struct ptrace_syscall_info *ret)
{
	if (trace_call(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*ret), ret) <= 0)
		bail_out("cannot read a system call");
	return ret->op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* An object that is not pinned yet goes with its process. */
static bool bpf_leaves_all(unsigned long long command)
{
	return command == BPF_PROG_LOAD || command == BPF_BTF_LOAD || command == BPF_MAP_CREATE ||
	       command == BPF_MAP_LOOKUP_ELEM || command == BPF_MAP_GET_NEXT_KEY || command == BPF_OBJ_GET ||
	       command == BPF_OBJ_GET_INFO_BY_FD || command == BPF_PROG_GET_FD_BY_ID ||
	       command == BPF_MAP_GET_FD_BY_ID || command == BPF_LINK_GET_FD_BY_ID || command == BPF_PROG_QUERY;
}

static bool takes_name(unsigned long long call)
{
#ifdef SYS_unlink
	if (call == SYS_unlink || call == SYS_rename)
		return true;
#endif
	return call == SYS_unlinkat || call == SYS_renameat || call == SYS_renameat2;
}

/* Of the calls that leave all but the process itself as it is, those that come often, or take long */
static bool leaves_all(const struct ptrace_syscall_info *call)
{
	static bool holds_last; /* it may hold a link that is not pinned (any more), and that ends as it is closed */
	static const long readers[] = {
		SYS_brk,       SYS_mmap,    SYS_munmap,     SYS_mprotect,          SYS_read,
		SYS_lseek,     SYS_fstat,   SYS_newfstatat, SYS_getdents64,        SYS_readlinkat,
		SYS_statfs,    SYS_fstatfs, SYS_openat,     SYS_name_to_handle_at, SYS_open_by_handle_at,
		SYS_faccessat, SYS_socket,  SYS_bind,       SYS_connect,           SYS_getsockname,
		SYS_recvmsg,   SYS_fcntl,
#ifdef SYS_readlink
		SYS_readlink,  SYS_access,
#endif
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if ((long)call->entry.nr == readers[i])
			return true;
	if (call->entry.nr == SYS_close)
		return !holds_last;
	if (call->entry.nr == SYS_bpf && bpf_leaves_all(call->entry.args[0]))
		return true;
	holds_last |= call->entry.nr == SYS_bpf ? call->entry.args[0] == BPF_LINK_CREATE : takes_name(call->entry.nr);
	return false;
}

/* False: it has ended. */
static bool next_stop(pid_t pid, int *status)
{
	if (trace_call(PTRACE_SYSCALL, pid, 0, NULL) && errno != ESRCH)
		bail_out("cannot go on");
	if (waitpid(pid, status, 0) != pid)
		bail_out("cannot wait");
	return WIFSTOPPED(*status);
}

int main(int argc, char *argv[])
{
	const bool all = getenv("KILL_AT_ALL");
	long n = argc > 2 ? atol(argv[1]) : 0, seen = 0;
	pid_t pid = n > 0 ? fork() : -1;
	bool same = false; /* as at the call before */
	int status;

	if (pid < 0)
		bail_out("usage: killat N COMMAND...");
	if (!pid)
		trace(argv + 2);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    trace_call(PTRACE_SETOPTIONS, pid, 0, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)))
		bail_out("cannot trace");
	while (next_stop(pid, &status)) {
		struct ptrace_syscall_info call;

		if (WSTOPSIG(status) != (SIGTRAP | 0x80) || !entered(pid, &call) ||
		    (!seen && call.entry.nr != SYS_flock))
			continue;
		if (!same && ++seen == n) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return EXIT_SUCCESS;
		}
		same = !all && leaves_all(&call);
	}
	return ENDED_BEFORE;
}
