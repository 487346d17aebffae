// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * throughput ROUNDS bulk MEGABYTES
 * throughput ROUNDS packets | large | segments NUMBER
 *
 * What gets through. Each line of stdin is a variant: KEY NAME CGROUP NETNS
 * DESTINATION SEEN, as in connect.c. bulk: a new TCP connection in
 * each turn, over which MEGABYTES go that the peer throws away; packets: a
 * connected UDP socket, on which NUMBER datagrams of 64 bytes are sent, one call each; large: of 8000 bytes, which
 * become fragments; segments: calls with 8000 bytes, of which the kernel makes datagrams of 1000 bytes late
 * (UDP_SEGMENT, udp(7)). Prints a line for each variant: what it is, KEY, NAME, MEGABYTES or NUMBER, then of each batch
 * the bytes or packets in a second.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "turns.h"

#define MAX_VARIANTS 32
#define MEGABYTE 1000000UL
#define CHUNK 131072
#define DATAGRAM 64
#define LARGE 8000
#define SEGMENT 1000

struct variant {
	char key[64], name[64], cgroup[64], netns[64], seen[64];
	union address dest;
	struct worker worker;
};

static struct variant variants[MAX_VARIANTS];
static unsigned int n_variants, size;
static int type, segment;
static size_t datagram_size = DATAGRAM;

/* A new one for each batch: buffers and windows grow as chance has it, and then stay so as long as a connection lives.
 */
static int open_socket(const struct variant *v)
{
	int fd = socket(v->dest.sa.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &v->dest.sa, address_length(&v->dest)))
		bail_out("%s: cannot connect to %s", v->name, text_of(&v->dest));
	if (segment && setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		bail_out("cannot set UDP_SEGMENT");
	return fd;
}

/* Until the peer has said that all is there: none is to be counted that goes through in the next one's turn. */
static double send_bulk(int fd)
{
	static char chunk[CHUNK];
	double begin = now_ns();
	size_t left = size * MEGABYTE;
	char answer;

	while (left) {
		ssize_t n = send(fd, chunk, left < sizeof(chunk) ? left : sizeof(chunk), 0);

		if (n < 0)
			bail_out("cannot send");
		left -= (size_t)n;
	}
	if (recv(fd, &answer, 1, 0) != 1)
		bail_out("the peer does not answer");
	return (double)size * MEGABYTE / ((now_ns() - begin) / 1e9);
}

static double send_packets(int fd)
{
	static const char datagram[LARGE];
	double begin = now_ns();
	unsigned int i;

	for (i = 0; i < size; i++)
		if (send(fd, datagram, datagram_size, 0) != (ssize_t)datagram_size)
			bail_out("cannot send");
	return size / ((now_ns() - begin) / 1e9);
}

static double batch(const void *what, int probe)
{
	int fd = open_socket(what);
	double sample = 0;

	if (!probe)
		sample = type == SOCK_STREAM ? send_bulk(fd) : send_packets(fd);
	else if (send(fd, "x", 1, 0) != 1)
		bail_out("cannot send");
	close(fd);
	return sample;
}

/* Throws away unread what comes on a connection, and says a word when all of the batch is there. */
static void sink(void)
{
	size_t batch_bytes = size * MEGABYTE, got;
	union address from;

	for (;;) {
		int fd = peer_accept(&from);
		ssize_t n = 1;

		for (got = 0; got < batch_bytes && n > 0; got += (size_t)n)
			n = recv(fd, NULL, batch_bytes, MSG_TRUNC);
		if (n <= 0 || send(fd, "x", 1, 0) != 1)
			bail_out("the peer cannot receive");
		close(fd);
	}
}

/* Is it what it says? */
static void probe(struct variant *v)
{
	union address from;

	worker_turn(&v->worker, 1);
	if (type == SOCK_STREAM)
		close(peer_accept(&from));
	else
		peer_receive(&from);
	errno = EINVAL;
	if (strcmp(text_of(&from), v->seen) != 0)
		bail_out("%s %s: the peer saw %s, not %s", v->key, v->name, text_of(&from), v->seen);
}

static int read_variant(struct variant *v)
{
	char line[512], dest[64];

	if (!fgets(line, sizeof(line), stdin))
		return 0;
	errno = EINVAL;
	if (sscanf(line, "%63s %63s %63s %63s %63s %63s", v->key, v->name, v->cgroup, v->netns, dest, v->seen) != 6)
		bail_out("not a variant: %s", line);
	v->dest = address_of(dest, PEER_PORT);
	return 1;
}

static void round_of_turns(void)
{
	unsigned int i, order[MAX_VARIANTS];

	for (i = 0; i < n_variants; i++)
		order[i] = i;
	shuffle(order, n_variants);
	for (i = 0; i < n_variants; i++) {
		worker_measure(&variants[order[i]].worker);
		if (type == SOCK_DGRAM)
			peer_take_all();
	}
}

int main(int argc, char *argv[])
{
	unsigned int rounds, i;
	pid_t sinking = -1;

	if (argc != 4)
		bail_out("usage: throughput ROUNDS bulk MEGABYTES | packets|large|segments NUMBER");
	rounds = (unsigned int)atoi(argv[1]);
	type = strcmp(argv[2], "bulk") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	size = (unsigned int)atoi(argv[3]);
	if (strcmp(argv[2], "packets") != 0)
		datagram_size = LARGE;
	if (strcmp(argv[2], "segments") == 0)
		segment = SEGMENT;
	while (n_variants < MAX_VARIANTS && read_variant(&variants[n_variants]))
		n_variants++;
	peer_open();
	stay_here();
	for (i = 0; i < n_variants; i++) {
		struct variant *v = &variants[i];

		v->worker = worker_start(v->cgroup, v->netns, rounds, batch, v);
		probe(v);
	}
	if (type == SOCK_STREAM)
		sinking = process_start();
	if (!sinking)
		sink();
	for (i = 0; i < rounds; i++)
		round_of_turns();
	if (sinking > 0) { /* first: it has the other ends of the workers open */
		kill(sinking, SIGKILL);
		waitpid(sinking, NULL, 0);
	}
	for (i = 0; i < n_variants; i++) {
		printf("%s %s %s %s", argv[2], variants[i].key, variants[i].name, argv[3]);
		worker_print(&variants[i].worker);
		worker_end(&variants[i].worker);
	}
	return EXIT_SUCCESS;
}
