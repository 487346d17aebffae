// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which process has the socket, and where that process is. */
#include <errno.h>
#include <libgen.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/ways_out.h"

#define NOBODY 65534

static int use(struct call *c, int type, int fd)
{
	union address a = address_of(c->dest, c->port);

	if (type == SOCK_STREAM)
		return connect_to(fd, c->dest, c->port, c->options);
	return sendto(fd, "x", 1, MSG_NOSIGNAL, &a.sa, address_length(&a)) == 1 ? 0 : errno;
}

static int moved_out_old(struct call *c, int type)
{
	int fd = make_socket(c, type);

	world_leave();
	return use(c, type, fd);
}

static int moved_out_new(struct call *c, int type)
{
	world_leave();
	return use(c, type, make_socket(c, type));
}

/* In and out is no way for one that was born here: out and in again */
static int moved_in_old(struct call *c, int type)
{
	int fd;

	world_leave();
	fd = make_socket(c, type);
	world_join("");
	return use(c, type, fd);
}

static int moved_in_new(struct call *c, int type)
{
	world_leave();
	world_join("");
	return use(c, type, make_socket(c, type));
}

static void pass(int to, int fd)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };
	union {
		char room[CMSG_SPACE(sizeof(fd))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&m);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(to, &m, 0) != 1)
		bail_out("cannot pass a socket");
}

static int take(int from)
{
	char byte;
	struct iovec part = { &byte, 1 };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)
	};
	int fd;

	if (recvmsg(from, &m, 0) != 1 || !CMSG_FIRSTHDR(&m))
		bail_out("no socket came");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static pid_t fork_or_end(void)
{
	pid_t pid = fork();

	if (pid < 0)
		bail_out("cannot fork");
	return pid;
}

/* The errno that a child of ours exits with */
static int error_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		bail_out("a helper died");
	return WEXITSTATUS(status);
}

/* One of the two processes is outside: the one that MAKES the socket, or the one that uses it. */
static int passed(struct call *c, int type, bool outside_makes)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		bail_out("socketpair");
	pid = fork_or_end();
	if (!pid) {
		world_leave();
		if (outside_makes)
			pass(ends[1], make_socket(c, type));
		_exit(outside_makes ? 0 : use(c, type, take(ends[1])));
	}
	if (!outside_makes)
		pass(ends[0], make_socket(c, type));
	else if (error_of(pid))
		bail_out("a helper failed");
	return outside_makes ? use(c, type, take(ends[0])) : error_of(pid);
}

/* dial.c tells what the arguments mean. LATER: who the program is to run as; 0: as we */
static int run(struct call *c, const char *path, const char *what, uid_t later, const char *more)
{
	char port[8];
	pid_t pid;

	snprintf(port, sizeof(port), "%u", c->port);
	pid = fork_or_end();
	if (pid)
		return error_of(pid);
	if (later && setuid(later))
		_exit(errno);
	execl(path, path, what, c->dest, port, more, NULL);
	_exit(errno);
}

/* Ours stand beside this program. */
static int helper(struct call *c, const char *name, const char *what)
{
	char self[4096] = "", path[4096 + 32];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		bail_out("cannot find this program");
	snprintf(path, sizeof(path), "%s/%s", dirname(self), name);
	return run(c, path, what, 0, NULL);
}

static int run_setuid(struct call *c, const char *what)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/setuid", world_name("WORLD_DIR"));
	return run(c, path, what, NOBODY, "secure");
}

int chroot_tcp(struct call *c)
{
	if (chroot(world_name("WORLD_DIR")) || chdir("/"))
		bail_out("cannot chroot");
	return tcp(c);
}

/* The names of links at the peer have to differ: the kernel removes one some time after its namespace is gone. */
#define OWN_LINKS                                                                                                 \
	"name=own$$ && ip link set lo up && ip link add own type veth peer name $name address 02:00:00:00:00:02 " \
	"netns $(echo $WORLD_PEER | cut -d/ -f3) && nsenter --net=$WORLD_PEER ip link set $name up && "           \
	"ip link set own addrgenmode none && ip link set own up && ip addr add " SHARED "/64 dev own nodad && "   \
	"ip addr add " OWN_V4 "/24 dev own && ip -6 route add default dev own && "                                \
	"ip neigh add " PEER " lladdr 02:00:00:00:00:02 dev own && ip neigh add " PEER_V4                         \
	" lladdr 02:00:00:00:00:02 dev own && " UNTIL_USABLE(SHARED)
#define OWN_SOURCE                                                                          \
	"ip addr add " SOURCE "/64 dev own nodad preferred_lft 0 && ip addr add " SOURCE_V4 \
	"/32 dev own && " UNTIL_USABLE(SOURCE)

static void enter_netns(bool with_source)
{
	if (unshare(CLONE_NEWNET))
		bail_out("cannot make a network namespace");
	shell(OWN_LINKS);
	if (with_source)
		shell(OWN_SOURCE);
}

static int in_netns(struct call *c, int type, bool with_source)
{
	enter_netns(with_source);
	return use(c, type, make_socket(c, type));
}

#define BOTH_TYPES(name, tcp_way, udp_way) \
	int name##_tcp(struct call *c)     \
	{                                  \
		return tcp_way;            \
	}                                  \
	int name##_udp(struct call *c)     \
	{                                  \
		return udp_way;            \
	}

BOTH_TYPES(moved_out_old, moved_out_old(c, SOCK_STREAM), moved_out_old(c, SOCK_DGRAM))
BOTH_TYPES(moved_out_new, moved_out_new(c, SOCK_STREAM), moved_out_new(c, SOCK_DGRAM))
BOTH_TYPES(moved_in_old, moved_in_old(c, SOCK_STREAM), moved_in_old(c, SOCK_DGRAM))
BOTH_TYPES(moved_in_new, moved_in_new(c, SOCK_STREAM), moved_in_new(c, SOCK_DGRAM))
BOTH_TYPES(passed_out, passed(c, SOCK_STREAM, false), passed(c, SOCK_DGRAM, false))
BOTH_TYPES(passed_in, passed(c, SOCK_STREAM, true), passed(c, SOCK_DGRAM, true))
BOTH_TYPES(program, helper(c, "dial", "tcp"), helper(c, "dial", "udp"))
BOTH_TYPES(static, helper(c, "dial-static", "tcp"), helper(c, "dial-static", "udp"))
BOTH_TYPES(go, helper(c, "dial-go", "tcp"), helper(c, "dial-go", "udp"))
BOTH_TYPES(setuid, run_setuid(c, "tcp"), run_setuid(c, "udp"))
BOTH_TYPES(netns, in_netns(c, SOCK_STREAM, true), in_netns(c, SOCK_DGRAM, true))
BOTH_TYPES(netns_without, in_netns(c, SOCK_STREAM, false), in_netns(c, SOCK_DGRAM, false))
