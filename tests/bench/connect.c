// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * connect ROUNDS
 *
 * What a socket costs that connects and is closed again. Each line of stdin is
 * a variant: KEY NAME BATCH CGROUP NETNS tcp|udp DESTINATION SEEN HOW [SOURCE],
 * where lines of one KEY are to be compared, BATCH is the calls of a turn, SEEN is the source that the peer must
 * see, or a glob for it, and HOW is "plain", or what the program does before it connects: "bind"
 * to SOURCE, or "bind-no-port", the same with IP_BIND_ADDRESS_NO_PORT.
 *
 * In each round all variants take a turn, those of one key next to each other
 * and in an order of chance. Prints a line for each variant: connect, KEY,
 * NAME, calls in a batch, then of each batch the nanoseconds of one call.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "turns.h"

#define MAX_VARIANTS 256
#define WARM_UP 8 /* a part of the batch; its first calls find cold caches */

struct variant {
	char key[64], name[64], cgroup[64], netns[64], proto[8], seen[64], how[32];
	union address dest, source;
	int type;
	unsigned int batch;
	struct worker worker;
};

static struct variant variants[MAX_VARIANTS];
static unsigned int n_variants;

static int connected(const struct variant *v)
{
	const struct linger at_once = { .l_onoff = 1 }; /* a reset, so no TIME_WAIT: the ports must last */
	const int on = 1;
	int fd = socket(v->dest.sa.sa_family, v->type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		bail_out("%s: cannot make a socket", v->name);
	if (v->type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		bail_out("%s: cannot set SO_LINGER", v->name);
	if (v->how[0] == 'b') {
		if (v->how[4] && setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)))
			bail_out("%s: cannot set IP_BIND_ADDRESS_NO_PORT", v->name);
		if (bind(fd, &v->source.sa, address_length(&v->source)))
			bail_out("%s: cannot bind to %s", v->name, text_of(&v->source));
	}
	if (connect(fd, &v->dest.sa, address_length(&v->dest)))
		bail_out("%s %s: cannot connect to %s", v->key, v->name, text_of(&v->dest));
	return fd;
}

static double batch(const void *what, int probe)
{
	const struct variant *v = what;
	unsigned int i;
	double begin;

	if (probe) {
		int fd = connected(v);

		if (v->type == SOCK_DGRAM && send(fd, "x", 1, 0) != 1)
			bail_out("%s %s: cannot send", v->key, v->name);
		close(fd);
		return 0;
	}
	for (i = 0; i < v->batch / WARM_UP; i++)
		close(connected(v));
	begin = now_ns();
	for (i = 0; i < v->batch; i++)
		close(connected(v));
	return (now_ns() - begin) / v->batch;
}

/* Is it what it says? */
static void probe(struct variant *v)
{
	union address from;

	worker_turn(&v->worker, 1);
	if (v->type == SOCK_STREAM)
		close(peer_accept(&from));
	else
		peer_receive(&from);
	errno = EINVAL;
	if (fnmatch(v->seen, text_of(&from), 0) != 0)
		bail_out("%s %s: the peer saw %s, not %s", v->key, v->name, text_of(&from), v->seen);
}

static int read_variant(struct variant *v)
{
	char line[512], dest[64], source[64];
	int n;

	if (!fgets(line, sizeof(line), stdin))
		return 0;
	n = sscanf(line, "%63s %63s %u %63s %63s %7s %63s %63s %31s %63s", v->key, v->name, &v->batch, v->cgroup,
		   v->netns, v->proto, dest, v->seen, v->how, source);
	errno = EINVAL;
	if (n < 9 || (v->how[0] == 'b' && n < 10))
		bail_out("not a variant: %s", line);
	v->dest = address_of(dest, PEER_PORT);
	if (n == 10)
		v->source = address_of(source, 0);
	v->type = strcmp(v->proto, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	return 1;
}

static void round_of_turns(void)
{
	unsigned int first, last, i, order[MAX_VARIANTS];

	for (first = 0; first < n_variants; first = last) {
		for (last = first; last < n_variants && !strcmp(variants[last].key, variants[first].key); last++)
			order[last] = last;
		shuffle(order + first, last - first);
		for (i = first; i < last; i++) {
			worker_measure(&variants[order[i]].worker);
			peer_take_all();
		}
	}
}

int main(int argc, char *argv[])
{
	unsigned int rounds, i;

	if (argc != 2)
		bail_out("usage: connect ROUNDS");
	rounds = (unsigned int)atoi(argv[1]);
	while (n_variants < MAX_VARIANTS && read_variant(&variants[n_variants]))
		n_variants++;
	peer_open();
	stay_here();
	for (i = 0; i < n_variants; i++) {
		struct variant *v = &variants[i];

		v->worker = worker_start(v->cgroup, v->netns, rounds, batch, v);
		probe(v);
	}
	for (i = 0; i < rounds; i++)
		round_of_turns();
	for (i = 0; i < n_variants; i++) {
		printf("connect %s %s %u", variants[i].key, variants[i].name, variants[i].batch);
		worker_print(&variants[i].worker);
		worker_end(&variants[i].worker);
	}
	return EXIT_SUCCESS;
}
