// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel.h"

/* Not libbpf_probe_bpf_prog_type(), for which what is not permitted is not there. */
static int has_program(enum bpf_prog_type type, enum bpf_attach_type attach)
{
	const struct bpf_insn pass[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
					 { .code = BPF_JMP | BPF_EXIT } };
	const struct bpf_prog_load_opts opts = { .sz = sizeof(opts), .expected_attach_type = attach };
	int fd = bpf_prog_load(type, NULL, "GPL", pass, sizeof(pass) / sizeof(*pass), &opts);

	if (fd < 0)
		return fd == -EINVAL ? 0 : fd;
	close(fd);
	return 1;
}

int kernel_has_hooks(void)
{
	int sockets = has_program(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT);

	return sockets > 0 ? has_program(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS) : sockets;
}

int kernel_has_set_retval(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_FUNC_set_retval, NULL);
}

bool kernel_has_loop(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_FUNC_loop, NULL) == 1;
}

bool kernel_has_process(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SKB, BPF_FUNC_get_current_pid_tgid, NULL) == 1;
}

void kernel_lift_memory_limit(void)
{
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
}
