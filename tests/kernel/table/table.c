// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs the table of rows.h: each row in a child process, outside the pinned cgroup and inside. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/reasons.h"
#include "lib/tap.h"
#include "lib/world.h"
#include "ways/peer.h"
#include "ways/rows.h"

struct answer {
	int error;
	bool not_here;
	char say[512];
};

struct run {
	bool not_here;
	char outcome[1024];
};

static in_port_t next_port = 20000;
static json_t *counters; /* when they were last read */

/* What was counted since it was last asked */
static void counted(char *ret, size_t size)
{
	json_t *now = reasons_now();

	reasons_grown(counters, now, ret, size);
	json_decref(counters);
	counters = now;
}

static struct call call_of(const struct row *r)
{
	struct call c = {
		.dest = r->dest ? r->dest : PEER,
		.port = r->port ? r->port : PORT,
		.first = r->first ? r->first : PEER,
		.first_port = r->first_port ? r->first_port : PORT,
		.local = r->local,
		.local_port = r->local_port == EXPLICIT ? next_port++ : r->local_port,
		.loses = r->loses,
		.options = r->options,
	};

	return c;
}

static void to_peers_device(int fd)
{
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "peer", sizeof("peer")))
		bail_out("cannot bind to the peer's device");
}

/* The child: what it makes before it joins the cgroup is not pinned. */
static void child(const struct row *r, struct call *c, bool in_cgroup, int out)
{
	struct answer a = { 0 };

	alarm(15);
	c->peer_tcp = world_peer_socket(AF_INET6, SOCK_STREAM, 0);
	c->peer_udp = world_peer_socket(AF_INET6, SOCK_DGRAM, 0);
	to_peers_device(c->peer_tcp);
	to_peers_device(c->peer_udp);
	c->outside_tcp = socket(AF_INET6, SOCK_STREAM, 0);
	c->outside_udp = socket(AF_INET6, SOCK_DGRAM, 0);
	if (in_cgroup)
		world_join(r->below ? r->below : "");
	a.error = r->how(c);
	memcpy(a.say, c->say, sizeof(a.say));
	if (write(out, &a, sizeof(a)) != sizeof(a))
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

static struct answer ask_child(const struct row *r, bool in_cgroup)
{
	struct call c = call_of(r);
	struct answer a = { 0 };
	int out[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe2(out, O_CLOEXEC) || (pid = fork()) < 0)
		bail_out("cannot start a child");
	if (!pid)
		child(r, &c, in_cgroup, out[1]);
	close(out[1]);
	if (read(out[0], &a, sizeof(a)) != sizeof(a)) {
		a.error = -1;
		snprintf(a.say, sizeof(a.say), "no answer");
	}
	close(out[0]);
	if (waitpid(pid, &status, 0) != pid)
		bail_out("the child is gone");
	a.not_here = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_HERE;
	if (WIFSIGNALED(status))
		snprintf(a.say, sizeof(a.say), "killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
	return a;
}

static void run_row(const struct row *r, bool in_cgroup, struct run *run)
{
	struct answer a;
	char saw[512];

	if (r->before)
		shell(r->before);
	a = ask_child(r, in_cgroup);
	peer_saw(saw, sizeof(saw));
	run->not_here = a.not_here;
	if (r->after)
		shell(r->after);

	if (a.error < 0)
		snprintf(run->outcome, sizeof(run->outcome), "%s", a.say);
	else if (!a.error)
		snprintf(run->outcome, sizeof(run->outcome), "%s", *a.say ? a.say : saw);
	else if (!strcmp(saw, "nothing"))
		snprintf(run->outcome, sizeof(run->outcome), "%s", errno_text(a.error));
	else
		snprintf(run->outcome, sizeof(run->outcome), "%s, but the peer saw %s", errno_text(a.error), saw);
}

/* What a hook refuses with an errno of ours. */
static const char *refusal(const struct row *r)
{
	if (r->counts && strstr(r->counts, "denied_missing") && !strcmp(r->inside, "EADDRNOTAVAIL"))
		return errno_text(world_refusal(EADDRNOTAVAIL));
	if (r->counts && strstr(r->counts, "denied_family") && !strcmp(r->inside, "EAFNOSUPPORT"))
		return errno_text(world_refusal(EAFNOSUPPORT));
	return r->inside;
}

static void test_row(const struct group *g, const struct row *r)
{
	const char *want_outside = r->outside ? r->outside : SHARED, *want_inside = r->inside ? refusal(r) : SOURCE;
	struct run outside = { 0 }, inside;
	char counts[256], counts_outside[256] = "none";
	bool good;

	if (r->only_inside)
		want_outside = "";
	else
		run_row(r, false, &outside);
	/* else what is counted outside would show as more than is wanted inside */
	if (!r->counts)
		counted(counts_outside, sizeof(counts_outside));
	run_row(r, true, &inside);
	counted(counts, sizeof(counts));
	if (inside.not_here) {
		tap_diag("this kernel has none, not tried: %s: %s", g->what, r->what);
		return;
	}
	if (r->same)
		want_inside = outside.outcome;
	good = !strcmp(outside.outcome, want_outside) && !strcmp(counts_outside, "none") &&
	       !strcmp(inside.outcome, want_inside) && (!r->counts || !strcmp(counts, r->counts));
	if (tap_ok(good, "%s: %s: %s", g->what, r->what, want_inside))
		return;
	tap_diag("outside: %s (wanted %s), counted %s", outside.outcome, want_outside, counts_outside);
	tap_diag("inside:  %s (wanted %s), counted %s (wanted %s)", inside.outcome, want_inside, counts,
		 r->counts ? r->counts : "anything");
}

static void test_groups(const struct groups *groups)
{
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		const struct group *g = &groups->group[i];

		if (g->before)
			shell(g->before);
		srcpin_load(g->config);
		json_decref(counters);
		counters = reasons_now();
		for (j = 0; j < g->n_rows; j++)
			test_row(g, &g->row[j]);
		if (g->after)
			shell(g->after);
	}
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	peer_open();
	test_groups(&pinned_groups);
	test_groups(&bound_groups);
	test_groups(&rule_groups);
	test_groups(&missing_groups);
	test_groups(&untouched_groups);
	test_groups(&listener_groups);
	return tap_done();
}
