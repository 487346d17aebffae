// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hammer [-a "CALL ERRNO"]... SOURCE...
 *
 * 16 processes of the pinned cgroup connect to the peer as fast as they can
 * until stdin ends, half of them with TCP and half with UDP. If one of the
 * sources is IPv4, four of them use IPv4. Says "ready" once each has been
 * through. Then, for each line from stdin, says how many connections there
 * were. At the end says how often each SOURCE was seen here (getsockname), and
 * how many packets from it came to the peer. Fails if a connect or a send
 * failed, or if any other address was seen here or by the peer.
 *
 * With -a, that errno of that call ("UDP send EPERM") is no failure, nor is a
 * TCP connect without an answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/capture.h"
#include "lib/world.h"

#define WORKERS 16
#define SOURCES 4
#define ERRNOS 134
#define DESTINATIONS 200 /* of each worker, so that the ports towards each of them last */
#define PORT 25

enum call { TCP_CONNECT, UDP_CONNECT, UDP_SEND, UDP_SENDTO, CALLS };

static const char *const call_name[] = { "TCP connect", "UDP connect", "UDP send", "UDP sendto" };

/* Each worker has its own, so that they do not wait for one another. */
struct counts {
	_Alignas(64) atomic_ulong connects;
	unsigned long result[CALLS][ERRNOS]; /* by errno, 0 among them */
	unsigned long here[SOURCES];
};

struct shared {
	atomic_bool stop;
	atomic_bool closing; /* of the peer, when the workers are through */
	atomic_bool open;
	struct counts worker[WORKERS];
	atomic_ulong failed;
	atomic_ulong strange;
	char first_bad[256];
	struct capture capture;
};

static struct shared *shared;
static char **sources;
static int n_sources;
static bool allowed[CALLS][ERRNOS];
static bool may_fail, with_ipv4;

static void bad(atomic_ulong *count, const char *what, const char *which)
{
	if (!atomic_fetch_add(count, 1))
		snprintf(shared->first_bad, sizeof(shared->first_bad), "%s %s", what, which);
}

static int source_of_text(const char *text)
{
	int i;

	for (i = 0; i < n_sources; i++)
		if (!strcmp(sources[i], text))
			return i;
	return -1;
}

static void saw_here(struct counts *counts, int fd)
{
	union address from = { 0 };
	socklen_t length = sizeof(from);
	int i;

	if (getsockname(fd, &from.sa, &length))
		bail_out("cannot read a socket's name");
	i = source_of_text(text_of(&from));
	if (i < 0)
		bad(&shared->strange, "a socket had", text_of(&from));
	else
		counts->here[i]++;
}

/* Returns whether the call did what it was to do. */
static bool result(struct counts *counts, enum call call, bool good)
{
	int error = good ? 0 : errno;

	counts->result[call][error]++;
	if (error && !allowed[call][error])
		bad(&shared->failed, call_name[call], errno_text(error));
	return good;
}

static union address destination(int worker, unsigned long n)
{
	bool ipv4 = with_ipv4 && worker % 8 >= 6;
	union address to = address_of(ipv4 ? "198.51.100.0" : worker % 4 < 2 ? PEER_OTHER : PEER_THIRD, PORT);

	if (ipv4) {
		to.in.sin_addr.s_addr |= htonl((unsigned int)(n % DESTINATIONS + 1));
	} else {
		to.in6.sin6_addr.s6_addr[13] = (unsigned char)worker;
		to.in6.sin6_addr.s6_addr[14] = (unsigned char)(n % DESTINATIONS);
	}
	return to;
}

static int new_socket(const union address *to, int type)
{
	const struct linger at_once = { .l_onoff = 1 }; /* no TIME_WAIT: the ports must last */
	/* a SYN that is dropped each time is to be seen, not to be waited for */
	const struct timeval patience = { .tv_sec = may_fail ? 0 : 10, .tv_usec = 200000 };
	int fd = socket(to->sa.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		bail_out("cannot make a socket");
	if (type == SOCK_STREAM && (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) ||
				    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience))))
		bail_out("cannot prepare a socket");
	return fd;
}

static void tcp_once(struct counts *counts, const union address *to)
{
	int fd = new_socket(to, SOCK_STREAM);

	/* what got no answer in time has a source all the same */
	if (result(counts, TCP_CONNECT, !connect(fd, &to->sa, address_length(to))) || errno == EINPROGRESS)
		saw_here(counts, fd);
	close(fd);
}

static void udp_once(struct counts *counts, const union address *to)
{
	int fd = new_socket(to, SOCK_DGRAM);

	if (result(counts, UDP_CONNECT, !connect(fd, &to->sa, address_length(to)))) {
		saw_here(counts, fd);
		result(counts, UDP_SEND, send(fd, "x", 1, MSG_NOSIGNAL) == 1);
	}
	close(fd);
}

static void sendto_once(struct counts *counts, const union address *to)
{
	int fd = new_socket(to, SOCK_DGRAM);

	result(counts, UDP_SENDTO, sendto(fd, "x", 1, MSG_NOSIGNAL, &to->sa, address_length(to)) == 1);
	close(fd);
}

static void work(int i)
{
	struct counts *counts = &shared->worker[i];
	unsigned long n;

	world_join("");
	for (n = 0; !atomic_load(&shared->stop); n++) {
		const union address to = destination(i, n);

		if (i % 2)
			udp_once(counts, &to);
		else
			tcp_once(counts, &to);
		if (i % 2 && n % 4 == 0)
			sendto_once(counts, &to);
		atomic_fetch_add(&counts->connects, 1);
	}
}

static int open_at_peer(int type, int queue)
{
	const int one = 1, none = 1;
	union address any = address_of("::", PORT);
	int fd = world_peer_socket(AF_INET6, type | SOCK_NONBLOCK, 0);

	/* connections of an earlier run may still be there */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &any.sa, address_length(&any)) || (type == SOCK_STREAM && listen(fd, queue)))
		bail_out("the peer cannot listen");
	/* nobody reads the datagrams; the socket is there so that none is answered with an error */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &none, sizeof(none));
	return fd;
}

static void serve(void)
{
	struct pollfd p = { .events = POLLIN };
	int fd;

	p.fd = open_at_peer(SOCK_STREAM, 4096);
	open_at_peer(SOCK_DGRAM, 0);
	atomic_store(&shared->open, true);
	while (!atomic_load(&shared->closing)) {
		if (poll(&p, 1, 100) <= 0)
			continue;
		while ((fd = accept(p.fd, NULL, NULL)) >= 0)
			close(fd);
	}
}

static pid_t start(int worker)
{
	pid_t pid = fork();

	if (pid < 0)
		bail_out("cannot fork");
	if (pid)
		return pid;
	if (worker == -1)
		serve();
	else if (worker == -2)
		capture_read(&shared->capture);
	else
		work(worker);
	_exit(EXIT_SUCCESS);
}

static void check_alive(void)
{
	errno = ECHILD;
	if (waitpid(-1, NULL, WNOHANG) > 0)
		bail_out("a process is gone");
	usleep(1000);
}

static unsigned long connects(void)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i < WORKERS; i++)
		n += atomic_load(&shared->worker[i].connects);
	return n;
}

static unsigned long result_of(enum call call, int error)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i < WORKERS; i++)
		n += shared->worker[i].result[call][error];
	return n;
}

static unsigned long packets_from(const char *source)
{
	const struct capture *c = &shared->capture;
	unsigned int i;

	for (i = 0; i < c->n_sources; i++)
		if (!strcmp(source, capture_text(&c->source[i])))
			return capture_of(&c->source[i]);
	return 0;
}

static void judge_capture(void)
{
	const struct capture *c = &shared->capture;
	unsigned int i;

	for (i = 0; i < c->n_sources; i++)
		if (source_of_text(capture_text(&c->source[i])) < 0)
			bad(&shared->strange, "the peer saw", capture_text(&c->source[i]));
	if (c->more)
		bad(&shared->strange, "the peer saw", "more addresses than there is room for");
}

static void report(void)
{
	int call, error, i, w;

	for (i = 0; i < n_sources; i++) {
		unsigned long here = 0;

		for (w = 0; w < WORKERS; w++)
			here += shared->worker[w].here[i];
		printf("%s here %lu there %lu, ", sources[i], here, packets_from(sources[i]));
	}
	for (call = 0; call < CALLS; call++)
		for (error = 0; error < ERRNOS; error++)
			if (result_of(call, error))
				printf("%s %s %lu, ", call_name[call], error ? errno_text(error) : "good",
				       result_of(call, error));
	printf("failed %lu, strange %lu, lost by the capture %lu%s%s\n", shared->failed, shared->strange,
	       shared->capture.lost, *shared->first_bad ? ": " : "", shared->first_bad);
}

static void allow(const char *what)
{
	char name[64];
	int call, error;

	may_fail = allowed[TCP_CONNECT][EINPROGRESS] = true;
	for (call = 0; call < CALLS; call++)
		for (error = 1; error < ERRNOS; error++) {
			snprintf(name, sizeof(name), "%s %s", call_name[call], errno_text(error));
			if (!strcmp(what, name)) {
				allowed[call][error] = true;
				return;
			}
		}
	errno = EINVAL;
	bail_out("nothing is called %s", what);
}

static void parse(int argc, char *argv[])
{
	int i;

	while ((i = getopt(argc, argv, "a:")) == 'a')
		allow(optarg);
	sources = argv + optind;
	n_sources = argc - optind < SOURCES ? argc - optind : SOURCES;
	for (i = 0; i < n_sources; i++)
		with_ipv4 = with_ipv4 || strchr(sources[i], '.');
}

int main(int argc, char *argv[])
{
	pid_t worker[WORKERS], peer, capture;
	char byte;
	int i;

	parse(argc, argv);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		bail_out("no memory");
	capture_open(&shared->capture);
	peer = start(-1);
	while (!atomic_load(&shared->open))
		check_alive();
	capture = start(-2);
	for (i = 0; i < WORKERS; i++)
		worker[i] = start(i);
	for (i = 0; i < WORKERS; i++)
		while (!atomic_load(&shared->worker[i].connects))
			check_alive();
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) {
		if (byte != '\n')
			continue;
		printf("%lu\n", connects());
		fflush(stdout);
	}
	atomic_store(&shared->stop, true);
	for (i = 0; i < WORKERS; i++)
		waitpid(worker[i], NULL, 0);
	atomic_store(&shared->closing, true);
	waitpid(peer, NULL, 0);
	capture_fence(&shared->capture);
	waitpid(capture, NULL, 0);
	judge_capture();
	report();
	return shared->failed || shared->strange || shared->capture.lost ? EXIT_FAILURE : EXIT_SUCCESS;
}
