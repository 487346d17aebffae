// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/reasons.h"
#include "lib/wire.h"
#include "lib/world.h"
#include "out/out.h"
#include "ways/peer.h"
#include "ways/rows.h"

#define PATIENCE 30 /* ms for a connection; a SYN that leaves is on the wire within connect() */

static in_port_t next_port = 20000;
static long long dropped; /* by the guard, up to now */

void forget_dropped(void)
{
	dropped = dropped_now();
}

const char *in_family(const char *address, int family)
{
	static const struct {
		const char *v6;
		const char *v4;
	} role[] = {
		{ SHARED, OWN_V4 },
		{ SOURCE, SOURCE_V4 },
		{ SECOND, SECOND_V4 },
		{ PEER, PEER_V4 },
		{ PEER_OTHER, PEER_OTHER_V4 },
		{ PEER_ULA, PEER_PRIVATE },
		{ OWN_ULA, OWN_PRIVATE },
		{ ABSENT, ABSENT_V4 },
		{ "::", "0.0.0.0" },
		{ "::1", "127.0.0.1" },
		{ SOURCE " " SECOND, SOURCE_V4 " " SECOND_V4 },
	};
	size_t i;

	for (i = 0; address && family == AF_INET && i < sizeof(role) / sizeof(role[0]); i++)
		if (!strcmp(address, role[i].v6))
			return role[i].v4;
	return address;
}

static struct call call_of(const struct out_row *r, int family)
{
	struct call c = {
		.dest = in_family(r->dest ? r->dest : PEER, family),
		.port = r->port ? r->port : PORT,
		.first = in_family(r->first ? r->first : PEER, family),
		.first_port = r->first_port ? r->first_port : PORT,
		.local = in_family(r->local, family),
		.local_port = r->local_port == EXPLICIT ? next_port++ : r->local_port,
		.via = in_family(r->via, family),
		.from = in_family(r->from ? r->from : SHARED, family),
		.options = r->options,
		.patience = PATIENCE,
	};

	return c;
}

static int peer_socket(int family, int type, int protocol)
{
	int fd = world_peer_socket(family, type, protocol);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "peer", sizeof("peer")))
		bail_out("cannot bind to the peer's device");
	return fd;
}

/* By this process, and thus not of the pinned cgroup */
static void make_sockets(struct call *c, int family)
{
	c->peer_tcp = peer_socket(family, SOCK_STREAM, 0);
	c->peer_udp = peer_socket(family, SOCK_DGRAM, 0);
	c->peer_mptcp = -1;
	if (world_has(SOCK_STREAM, IPPROTO_MPTCP))
		c->peer_mptcp = peer_socket(family, SOCK_STREAM, IPPROTO_MPTCP);
	c->outside_tcp = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->outside_udp = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static void close_sockets(const struct call *c)
{
	close(c->peer_tcp);
	close(c->peer_udp);
	if (c->peer_mptcp >= 0)
		close(c->peer_mptcp);
	close(c->outside_tcp);
	close(c->outside_udp);
}

static void child(const struct out_row *r, struct call *c, int runner)
{
	int error;

	alarm(15);
	c->runner = runner;
	error = r->how(c);
	_exit(write(runner, &error, sizeof(error)) == sizeof(error) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* The shell commands of a row name the pinned source by these. */
static void tell_shell(int family)
{
	bool v6 = family == AF_INET6;

	setenv("ROW_SOURCE", v6 ? SOURCE "/64" : SOURCE_V4 "/32", 1);
	setenv("ROW_FLAGS", v6 ? "nodad preferred_lft 0" : "", 1);
}

static void meanwhile(const struct out_row *r, void (*load)(void), in_port_t our_port, int to)
{
	char nobody_cares[256];

	wire_saw(our_port, nobody_cares, sizeof(nobody_cares));
	if (r->meanwhile && !strcmp(r->meanwhile, LOADS))
		load();
	else if (r->meanwhile)
		shell(r->meanwhile);
	if (write(to, "", 1) != 1)
		bail_out("the child is gone");
}

/* Born there: to move a process takes the kernel an RCU grace period. */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (unsigned int)cgroup };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int ask_child(const struct out_row *r, struct call *c, in_port_t our_port, void (*load)(void))
{
	int cgroup = world_cgroup(r->below ? r->below : "");
	int ends[2], status, error;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) || (pid = fork_into(cgroup)) < 0)
		bail_out("cannot start a child");
	if (!pid) {
		close(ends[0]);
		child(r, c, ends[1]);
	}
	close(cgroup);
	close(ends[1]);
	while ((n = read(ends[0], &error, sizeof(error))) == 1)
		meanwhile(r, load, our_port, ends[0]);
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid)
		bail_out("the child is gone");
	if (n == sizeof(error))
		return error;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_HERE)
		return NOT_HERE;
	errno = 0;
	bail_out("%s: %s: no answer, status %x", r->way, r->what, (unsigned int)status);
}

/* A connection that does not come about is nothing that the program is told. */
static bool is_silence(int error)
{
	return error == ETIMEDOUT || error == EINPROGRESS;
}

void run_row(const struct out_row *r, int family, void (*load)(void), struct seen *ret)
{
	struct call c = call_of(r, family);
	in_port_t our_port = r->each_packet ? c.local_port : 0;
	bool is_older = r->meanwhile && !strcmp(r->meanwhile, LOADS);
	long long now;

	tell_shell(family);
	if (r->set_up)
		shell(r->set_up);
	if (is_older)
		srcpin_unload();
	make_sockets(&c, family);
	ret->error = ask_child(r, &c, our_port, load);
	close_sockets(&c);
	wire_saw(our_port, ret->sources, sizeof(ret->sources));
	peer_forget();
	now = dropped_now();
	ret->dropped = now != dropped;
	dropped = now;
	if (r->undo)
		shell(r->undo);
	if (is_silence(ret->error))
		ret->error = 0;
}

static const char *with_error(const char *text, int error)
{
	static char buffer[4][128];
	static unsigned int next;
	char *room = buffer[next++ % 4];

	if (!error)
		return text;
	snprintf(room, sizeof(buffer[0]), "%s (%s)", text, errno_text(error));
	return room;
}

static const char *name_of(enum outcome outcome)
{
	static const char *const name[] = {
		[PINNED] = "pinned", [REFUSED] = "refused",     [GUARDED] = "dropped by the guard",
		[EXEMPT] = "exempt", [UNTOUCHED] = "untouched", [OUTSIDE] = "outside, documented",
	};

	return name[outcome];
}

const char *row_outcome(const struct out_row *r)
{
	return with_error(name_of(r->outcome), r->error);
}

const char *row_outcome_here(const struct out_row *r)
{
	bool ours = r->error == EADDRNOTAVAIL || r->error == EAFNOSUPPORT;

	return with_error(name_of(r->outcome), r->outcome == REFUSED && ours ? world_refusal(r->error) : r->error);
}

const char *seen_before(const struct seen *before)
{
	static char text[512];

	if (!before->error || !*before->sources)
		return before->error ? errno_text(before->error) : before->sources;
	snprintf(text, sizeof(text), "%s, %s", before->sources, errno_text(before->error));
	return text;
}

const char *row_before(const struct out_row *r, int family)
{
	return in_family(r->before ? r->before : SHARED, family);
}

static const char *pinned_source(const struct out_row *r, int family)
{
	return in_family(r->source ? r->source : SOURCE, family);
}

/* Is each of the sources on the wire one that the policy names? */
static bool all_pinned(const char *sources, const char *pinned)
{
	char left[256], list[256], word[256], *rest = left, *source;

	snprintf(left, sizeof(left), "%s", sources);
	snprintf(list, sizeof(list), " %s ", pinned);
	while ((source = strsep(&rest, " "))) {
		snprintf(word, sizeof(word), " %s ", source);
		if (!strstr(list, word))
			return false;
	}
	return true;
}

bool seen_leak(const struct out_row *r, int family, const struct seen *now)
{
	return r->outcome < EXEMPT && *now->sources && !all_pinned(now->sources, pinned_source(r, family));
}

const char *seen_outcome(const struct out_row *r, int family, const struct seen *before, const struct seen *now)
{
	static char text[512];
	bool as_before = !strcmp(now->sources, before->sources) && now->error == before->error && !now->dropped;

	if (!*now->sources && now->dropped)
		return with_error(name_of(GUARDED), now->error);
	if (r->outcome >= EXEMPT && as_before)
		return name_of(r->outcome);
	if (!*now->sources && now->error)
		return with_error(name_of(REFUSED), now->error);
	if (all_pinned(now->sources, pinned_source(r, family)) && !now->error && !now->dropped)
		return name_of(PINNED);
	snprintf(text, sizeof(text), "%s%s%s%s%s", *now->sources ? "left from " : "nothing on the wire", now->sources,
		 now->error ? ", " : "", now->error ? errno_text(now->error) : "",
		 now->dropped ? ", and the guard dropped some" : "");
	return text;
}
