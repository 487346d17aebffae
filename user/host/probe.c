// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/cgroup_join.h"
#include "host/cgroup_procs.h"
#include "host/probe.h"
#include "policy/policy.h"

#define PATIENCE_MS 10000

/* What the child leaves, in memory shared with it. */
struct shared {
	int err; /* the errno that belongs to F */
	struct failure f;
	bool done;
	struct probe probe[];
};

static bool is_ipv4(const uint8_t address[16])
{
	return IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)address);
}

static socklen_t to_sockaddr(const struct probe *p, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(p->port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(p->port) };

	if (is_ipv4(p->address)) {
		memcpy(&in.sin_addr, p->address + 12, sizeof(in.sin_addr));
		memcpy(ret, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, p->address, sizeof(in6.sin6_addr));
	in6.sin6_scope_id = *p->scope ? if_nametoindex(p->scope) : 0;
	memcpy(ret, &in6, sizeof(in6));
	return sizeof(in6);
}

static void read_source(int fd, struct probe_outcome *ret)
{
	struct sockaddr_storage from = { 0 };
	socklen_t length = sizeof(from);

	if (getsockname(fd, (struct sockaddr *)&from, &length)) {
		ret->error = errno;
	} else if (from.ss_family == AF_INET) {
		memcpy(ret->source, policy_ipv4.addr, sizeof(ret->source));
		memcpy(ret->source + 12, &((const struct sockaddr_in *)&from)->sin_addr, 4);
	} else {
		memcpy(ret->source, &((const struct sockaddr_in6 *)&from)->sin6_addr, sizeof(ret->source));
	}
}

static void try(const struct probe *p, struct probe_outcome *ret)
{
	struct sockaddr_storage to = { 0 };
	socklen_t length = to_sockaddr(p, &to);
	_cleanup_close_ int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*ret = (struct probe_outcome){ 0 };
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, length))
		ret->error = errno;
	else
		read_source(fd, ret);
}

/* In the child: finds out everything, then the child ends. */
static int run_child(const struct cgroup *c, int root, int network, struct shared *s, size_t n)
{
	struct failure ignored = { "" };
	int err;

	if (network >= 0 && setns(network, CLONE_NEWNET))
		return fail(&s->f, -errno, "cannot enter the network namespace of cgroup %s: %s", c->path,
			    strerror(errno));
	cgroup_join(root); /* its own cgroup may be pinned; a container's root may refuse it: then it stays */
	for (size_t i = 0; i < n; i++) {
		struct probe *p = &s->probe[i];

		try(p, &p->outside);
		p->state_known = p->has_source && !address_state(p->source, &p->state, &ignored);
	}
	err = cgroup_join(c->fd);
	if (err)
		return cgroup_cannot_join(c, err, &s->f);
	for (size_t i = 0; i < n; i++)
		try(&s->probe[i], &s->probe[i].inside);
	s->done = true;
	return 0;
}

/* Waits until the child has ended: that closes the other end of PIPE. */
static int wait_for(pid_t child, int pipe, const struct cgroup *c, struct failure *f)
{
	struct pollfd end = { .fd = pipe, .events = POLLIN };
	bool late = poll(&end, 1, PATIENCE_MS) == 0;

	if (late)
		kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (!late)
		return 0;
	return fail(f, -ETIMEDOUT, "the process that was put into cgroup %s does not run (is it frozen? cgroup.freeze)",
		    c->path);
}

static int fork_and_wait(const struct cgroup *c, int root, int network, struct shared *s, size_t n, struct failure *f)
{
	pid_t parent = getpid(), child;
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC))
		return fail(f, -errno, "cannot start the process that probes: %s", strerror(errno));
	child = fork();
	if (!child) {
		/* if its parent dies, the child ends too, and leaves the cgroup */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			s->err = run_child(c, root, network, s, n);
		_exit(0);
	}
	err = child < 0 ? -errno : 0;
	close(ends[1]);
	err = err ? fail(f, err, "cannot start the process that probes: %s", strerror(-err))
		  : wait_for(child, ends[0], c, f);
	close(ends[0]);
	if (err)
		return err;
	if (s->err)
		return fail(f, s->err, "%s", s->f.text);
	if (!s->done)
		return fail(f, -ECHILD, "the process that was put into cgroup %s was killed", c->path);
	return 0;
}

int probe_run(const struct cgroup *c, struct probe *p, size_t n, bool *own_network, struct failure *f)
{
	_cleanup_close_ int network = -1, root = cgroup_open_root(f);
	size_t size = sizeof(struct shared) + n * sizeof(*p);
	struct shared *s;
	int err;

	err = root < 0 ? root : cgroup_open_other_network(c->id, &network);
	if (err == -EPERM)
		fail(f, err,
		     "cannot probe cgroup %s: its processes are in a network namespace that a user has made, where any "
		     "address can be (probe from inside of it)",
		     c->path);
	if (err)
		return err;
	s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return fail(f, -errno, "cannot start the process that probes: %s", strerror(errno));
	memcpy(s->probe, p, n * sizeof(*p));
	err = fork_and_wait(c, root, network, s, n, f);
	memcpy(p, s->probe, n * sizeof(*p));
	munmap(s, size);
	*own_network = network >= 0;
	return err;
}
