// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"

void bail_out(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	printf(": %s\n", strerror(error));
	va_end(args);
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

const char *world_name(const char *variable)
{
	const char *value = getenv(variable);

	errno = EINVAL;
	if (!value || !*value)
		bail_out("%s is not set: run the .t file", variable);
	return value;
}

bool world_has(int type, int protocol)
{
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int world_refusal(int error)
{
	static int says = -1;

	if (says < 0)
		says = libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_FUNC_set_retval, NULL);
	return says ? error : EPERM;
}

int world_peer_socket(int family, int type, int protocol)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = open(world_name("WORLD_PEER"), O_RDONLY | O_CLOEXEC);
	int fd;

	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET))
		bail_out("cannot enter the peer's network namespace");
	fd = socket(family, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		bail_out("cannot make a socket in the peer's network namespace");
	if (setns(here, CLONE_NEWNET))
		bail_out("cannot come back from the peer's network namespace");
	close(here);
	close(there);
	return fd;
}

int world_cgroup(const char *below)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", world_name("WORLD_CGROUP"), below);
	if (*below && mkdir(path, 0755) && errno != EEXIST)
		bail_out("cannot make the cgroup %s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		bail_out("cannot open %s", path);
	return fd;
}

static void join(int cgroup)
{
	int procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (procs < 0 || write(procs, "0", 1) != 1)
		bail_out("cannot join a cgroup");
	close(procs);
	close(cgroup);
}

void world_join_at(const char *cgroup)
{
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		bail_out("cannot open %s", cgroup);
	join(fd);
}

void world_join(const char *below)
{
	join(world_cgroup(below));
}

void world_leave(void)
{
	join(open(world_name("WORLD_MOUNT"), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

union address address_of(const char *text, in_port_t port)
{
	union address a = { 0 };

	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		a.in.sin_port = htons(port);
		return a;
	}
	errno = EINVAL;
	if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) != 1)
		bail_out("not an address: %s", text);
	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_port = htons(port);
	if (IN6_IS_ADDR_LINKLOCAL(&a.in6.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&a.in6.sin6_addr))
		a.in6.sin6_scope_id = if_nametoindex("vps");
	return a;
}

socklen_t address_length(const union address *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

const char *text_of(const union address *a)
{
	static char buffer[8][INET6_ADDRSTRLEN];
	static unsigned int next;
	char *text = buffer[next++ % 8];

	if (a->sa.sa_family == AF_INET)
		return inet_ntop(AF_INET, &a->in.sin_addr, text, INET6_ADDRSTRLEN);
	if (a->sa.sa_family != AF_INET6)
		return "(no address)";
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return inet_ntop(AF_INET, &a->in6.sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, &a->in6.sin6_addr, text, INET6_ADDRSTRLEN);
}

in_port_t port_of(const union address *a)
{
	return ntohs(a->sa.sa_family == AF_INET ? a->in.sin_port : a->in6.sin6_port);
}

const char *errno_text(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "?";
}

const char *world_config(const char *body)
{
	static char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/srcpin.conf", world_name("WORLD_DIR"));
	f = fopen(path, "we");
	if (!f || fprintf(f, "[%s]\n%s", world_name("WORLD_SECTION"), body) < 0 || fclose(f))
		bail_out("cannot write %s", path);
	return path;
}

static char *read_all(int fd)
{
	size_t n = 0, room = 4096;
	char *text = malloc(room + 1);

	while (text) {
		ssize_t got = read(fd, text + n, room - n);

		if (got <= 0)
			break;
		n += (size_t)got;
		if (n == room)
			text = realloc(text, (room *= 2) + 1);
	}
	if (!text)
		bail_out("no memory");
	text[n] = '\0';
	return text;
}

int output_of(const char *command, char **ret)
{
	FILE *f;
	int status;

	fflush(stdout);
	f = popen(command, "re");
	if (!f)
		bail_out("cannot run %s", command);
	*ret = read_all(fileno(f));
	status = pclose(f);
	if (!WIFEXITED(status))
		bail_out("did not exit: %s", command);
	return WEXITSTATUS(status);
}

void srcpin_load(const char *body)
{
	char command[8192], *said;
	int status;

	snprintf(command, sizeof(command), "\"$SRCPIN\" load --cgroup \"$WORLD_CGROUP\" -c '%s' 2>&1",
		 world_config(body));
	status = output_of(command, &said);
	errno = 0;
	if (status)
		bail_out("srcpin load exits with %d, config:\n%s%s", status, body, said);
	free(said);
}

void shell(const char *command)
{
	fflush(stdout);
	errno = 0;
	if (system(command))
		bail_out("failed: %s", command);
}

void srcpin_unload(void)
{
	shell("[ ! -e /sys/fs/bpf/srcpin/services/$(stat -c %i \"$WORLD_CGROUP\") ] || "
	      "\"$SRCPIN\" unload --cgroup \"$WORLD_CGROUP\" >/dev/null");
}

ssize_t sends_again(int fd)
{
	struct tcp_info info;
	socklen_t length;

	do {
		usleep(10000);
		length = sizeof(info);
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
			bail_out("cannot ask TCP");
	} while (!info.tcpi_retransmits);
	return 0;
}
