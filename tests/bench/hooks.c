// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hooks ADDRESSES ROUNDS BATCH CGROUP NETNS [DESTINATION SOURCE]... -- [PROGRAM ID]...
 *
 * What one run of each program takes, by the kernel's own statistics, while a
 * process of the pinned cgroup connects, binds and sends to each DESTINATION.
 * The kernel keeps them as long as this program holds them open
 * (BPF_ENABLE_STATS), so that there is nothing to be put back.
 *
 * "nothing" is a program that does nothing: what it takes is the cost of
 * measuring. Prints for each program: hooks, its name, ADDRESSES (what
 * the host has: said only), runs in a batch, then
 * of each batch the nanoseconds of one run.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "turns.h"

#define MAX_PROGRAMS 16
#define MAX_DESTS 4

struct mix {
	unsigned int batch, n;
	union address dest[MAX_DESTS], source[MAX_DESTS];
};

struct program {
	const char *name;
	int fd;
	unsigned long long ns, runs; /* before the batch */
	unsigned int n;
	double *samples, runs_of_batch;
};

static int open_socket(int family, int type)
{
	const struct linger at_once = { .l_onoff = 1 };
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		bail_out("cannot make a socket");
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		bail_out("cannot set SO_LINGER");
	return fd;
}

static void each_way_once(const union address *dest, const union address *source)
{
	int fd = open_socket(dest->sa.sa_family, SOCK_STREAM);

	if (connect(fd, &dest->sa, address_length(dest)))
		bail_out("cannot connect to %s", text_of(dest));
	close(fd);
	fd = open_socket(dest->sa.sa_family, SOCK_DGRAM);
	if (connect(fd, &dest->sa, address_length(dest)) || send(fd, "x", 1, 0) != 1)
		bail_out("cannot connect and send to %s", text_of(dest));
	close(fd);
	fd = open_socket(dest->sa.sa_family, SOCK_DGRAM);
	if (sendto(fd, "x", 1, 0, &dest->sa, address_length(dest)) != 1)
		bail_out("cannot send to %s", text_of(dest));
	close(fd);
	fd = open_socket(dest->sa.sa_family, SOCK_STREAM);
	if (bind(fd, &source->sa, address_length(source)))
		bail_out("cannot bind to %s", text_of(source));
	close(fd);
}

static double batch(const void *what, int probe)
{
	const struct mix *mix = what;
	unsigned int i, d;

	for (i = 0; i < (probe ? 1 : mix->batch); i++)
		for (d = 0; d < mix->n; d++)
			each_way_once(&mix->dest[d], &mix->source[d]);
	return 0;
}

static void read_stats(const struct program *p, unsigned long long *ns, unsigned long long *runs)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(p->fd, &info, &size))
		bail_out("cannot read the statistics of %s", p->name);
	*ns = info.run_time_ns;
	*runs = info.run_cnt;
}

static void take_sample(struct program *p)
{
	unsigned long long ns, runs;

	read_stats(p, &ns, &runs);
	p->runs_of_batch = (double)(runs - p->runs);
	if (runs > p->runs)
		p->samples[p->n++] = (double)(ns - p->ns) / p->runs_of_batch;
}

/* Attached beside the others for as long as this process holds the link. */
static int attach_nothing(const char *cgroup)
{
	const struct bpf_insn go_on[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_CGROUP_INET6_CONNECT);
	char path[4096];
	int dir, prog;

	snprintf(path, sizeof(path), "%s/%s", world_name("WORLD_CGROUP"), cgroup);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	prog = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "nothing", "GPL", go_on, 2, &opts);
	if (dir < 0 || prog < 0 || bpf_link_create(prog, dir, BPF_CGROUP_INET6_CONNECT, NULL) < 0)
		bail_out("cannot attach a program that does nothing to %s", path);
	close(dir);
	return prog;
}

static int read_mix(struct mix *mix, char *argv[])
{
	int i;

	for (i = 0; argv[i] && argv[i + 1] && strcmp(argv[i], "--") != 0; i += 2) {
		errno = E2BIG;
		if (mix->n == MAX_DESTS)
			bail_out("too many destinations");
		mix->dest[mix->n] = address_of(argv[i], PEER_PORT);
		mix->source[mix->n++] = address_of(argv[i + 1], 0);
	}
	return i;
}

int main(int argc, char *argv[])
{
	struct program programs[MAX_PROGRAMS] = { { .name = "nothing" } };
	unsigned int rounds, i, n = 1;
	struct mix mix = { 0 };
	struct worker worker;
	char **ids;

	if (argc < 7)
		bail_out("usage: hooks ADDRESSES ROUNDS BATCH CGROUP NETNS [DESTINATION SOURCE]... -- [PROGRAM ID]...");
	rounds = (unsigned int)atoi(argv[2]);
	mix.batch = (unsigned int)atoi(argv[3]);
	programs[0].fd = attach_nothing(argv[4]);
	for (ids = argv + 6 + read_mix(&mix, argv + 6) + 1; ids[0] && ids[1] && n < MAX_PROGRAMS; ids += 2) {
		programs[n].name = ids[0];
		programs[n].fd = bpf_prog_get_fd_by_id((__u32)atoi(ids[1]));
		if (programs[n++].fd < 0)
			bail_out("cannot open %s", ids[0]);
	}
	for (i = 0; i < n; i++)
		programs[i].samples = calloc(rounds, sizeof(double));
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		bail_out("cannot enable the statistics");
	peer_open();
	stay_here();
	worker = worker_start(argv[4], argv[5], rounds, batch, &mix);
	worker_turn(&worker, 1);
	for (; rounds; rounds--) {
		for (i = 0; i < n; i++)
			read_stats(&programs[i], &programs[i].ns, &programs[i].runs);
		worker_measure(&worker);
		for (i = 0; i < n; i++)
			take_sample(&programs[i]);
		peer_take_all();
	}
	worker_end(&worker);
	for (i = 0; i < n; i++) {
		struct worker kept = { .samples = programs[i].samples, .n = programs[i].n };

		printf("hooks %s %s %.0f", programs[i].name, argv[1], programs[i].runs_of_batch);
		worker_print(&kept);
	}
	return EXIT_SUCCESS;
}
