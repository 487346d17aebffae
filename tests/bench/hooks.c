// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hooks [-d] ADDRESSES ROUNDS BATCH CGROUP NETNS [DESTINATION SOURCE]... -- [PROGRAM ID]...
 *
 * What one run of each program takes, by the kernel's own statistics, while a
 * process of the pinned cgroup connects, binds and sends to each DESTINATION;
 * with -d, while it only sends 20 datagrams over a connected UDP socket.
 * The kernel keeps them as long as this program holds them open
 * (BPF_ENABLE_STATS), so that there is nothing to be put back.
 *
 * "nothing" is a program that does nothing: what it takes is the cost of
 * measuring. Where no PROGRAM is named, programs that do nothing but bind the
 * socket to SOURCE ("bpf_bind_ipv6", "bpf_bind_ipv4"), which none that pins a
 * connect can do without, are measured instead. Prints for each program: hooks, its name, ADDRESSES
 * (what the host has: said only), runs in a batch, then of each batch the nanoseconds of one run.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
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

static bool only_datagrams;

static void datagrams(const union address *dest)
{
	int fd = open_socket(dest->sa.sa_family, SOCK_DGRAM), i;

	if (connect(fd, &dest->sa, address_length(dest)))
		bail_out("cannot connect to %s", text_of(dest));
	for (i = 0; i < 20; i++)
		if (send(fd, "x", 1, 0) != 1)
			bail_out("cannot send to %s", text_of(dest));
	close(fd);
}

static double batch(const void *what, int probe)
{
	const struct mix *mix = what;
	unsigned int i, d;

	for (i = 0; i < (probe ? 1 : mix->batch); i++)
		for (d = 0; d < mix->n; d++)
			if (only_datagrams)
				datagrams(&mix->dest[d]);
			else
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
static int attach(const char *cgroup, const char *name, enum bpf_attach_type type, const struct bpf_insn *insns,
		  unsigned int n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	char path[4096];
	int dir, prog;

	snprintf(path, sizeof(path), "%s/%s", world_name("WORLD_CGROUP"), cgroup);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	prog = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, name, "GPL", insns, n, &opts);
	if (dir < 0 || prog < 0 || bpf_link_create(prog, dir, type, NULL) < 0)
		bail_out("cannot attach the program %s to %s", name, path);
	close(dir);
	return prog;
}

#define INSN(op, dst, src, offset, imm32)                                                         \
	{                                                                                         \
		.code = (op), .dst_reg = (dst), .src_reg = (src), .off = (offset), .imm = (imm32) \
	}
#define GO_ON INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int attach_nothing(const char *cgroup)
{
	const struct bpf_insn insns[] = { GO_ON };

	return attach(cgroup, "nothing", BPF_CGROUP_INET6_CONNECT, insns, sizeof(insns) / sizeof(*insns));
}

/* What no program that pins a connect can do without: bpf_bind() to SOURCE, port 0. */
static struct program attach_bind(const char *cgroup, const union address *source)
{
	struct bpf_insn insns[2 * sizeof(struct sockaddr_in6) / sizeof(__u32) + 6];
	__u32 word[sizeof(struct sockaddr_in6) / sizeof(__u32)];
	__s32 length = (__s32)address_length(source);
	bool ipv6 = source->sa.sa_family == AF_INET6;
	struct program p = { .name = ipv6 ? "bpf_bind_ipv6" : "bpf_bind_ipv4" };
	unsigned int n = 0, i;

	memcpy(word, source, sizeof(word));
	for (i = 0; i < (unsigned int)length / sizeof(*word); i++)
		insns[n++] = (struct bpf_insn)INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, (__s16)(4 * (int)i - 32),
						   (__s32)word[i]);
	insns[n++] = (struct bpf_insn)INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	insns[n++] = (struct bpf_insn)INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -32);
	insns[n++] = (struct bpf_insn)INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, length);
	insns[n++] = (struct bpf_insn)INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_bind);
	memcpy(&insns[n], (const struct bpf_insn[]){ GO_ON }, 2 * sizeof(*insns));
	p.fd = attach(cgroup, p.name, ipv6 ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT, insns, n + 2);
	return p;
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
	struct program programs[MAX_PROGRAMS] = { 0 };
	unsigned int rounds, i, n = 0;
	struct mix mix = { 0 };
	struct worker worker;
	bool alone;
	char **ids;

	only_datagrams = argc > 1 && strcmp(argv[1], "-d") == 0;
	argc -= only_datagrams;
	argv += only_datagrams;
	if (argc < 7)
		bail_out("usage: hooks [-d] ADDRESSES ROUNDS BATCH CGROUP NETNS [DESTINATION SOURCE]... -- [PROGRAM "
			 "ID]...");
	rounds = (unsigned int)atoi(argv[2]);
	mix.batch = (unsigned int)atoi(argv[3]);
	ids = argv + 6 + read_mix(&mix, argv + 6) + 1;
	alone = !ids[0];
	if (!alone)
		programs[n++] = (struct program){ .name = "nothing", .fd = attach_nothing(argv[4]) };
	for (; ids[0] && ids[1] && n < MAX_PROGRAMS; ids += 2) {
		programs[n].name = ids[0];
		programs[n].fd = bpf_prog_get_fd_by_id((__u32)atoi(ids[1]));
		if (programs[n++].fd < 0)
			bail_out("cannot open %s", ids[0]);
	}
	for (i = 0; alone && i < mix.n; i++)
		programs[n++] = attach_bind(argv[4], &mix.source[i]);
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
