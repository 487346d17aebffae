// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/features.h"

/* Not by libbpf_probe_bpf_prog_type(): it takes what is not permitted for what is not there. */
static int has_program(enum bpf_prog_type type, enum bpf_attach_type attach)
{
	const struct bpf_insn pass[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
					 { .code = BPF_JMP | BPF_EXIT } };
	/* not const: libbpf 1.1 would take it so, 1.5 does not */
	struct bpf_prog_load_opts opts = { .sz = sizeof(opts), .expected_attach_type = attach };
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

bool kernel_is_forbidden(void)
{
	_cleanup_close_ int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(__u32), sizeof(__u32), 1, NULL);

	return map == -EACCES || kernel_has_hooks() == -EACCES;
}

int kernel_has_set_retval(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_FUNC_set_retval, NULL);
}

bool kernel_has_loop(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_FUNC_loop, NULL) == 1;
}

/* Loads a program instead of asking libbpf: before 1.5, libbpf misreads the answer of a kernel since 6.12 as a yes. */
bool kernel_has_process(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = -16 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 16 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_comm },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	_cleanup_close_ int fd = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SKB, "srcpin_probe", "Dual BSD/GPL", insns,
					       sizeof(insns) / sizeof(*insns), NULL);

	return fd >= 0;
}

/* Loads a program: the function may exist, but only for programs of other kinds. */
bool kernel_has_icmp_send(uint32_t number)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 1 },
		{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = (int32_t)number },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_prog_load_opts opts = { .sz = sizeof(opts), .expected_attach_type = BPF_CGROUP_INET_EGRESS };
	_cleanup_close_ int fd = number ? bpf_prog_load(BPF_PROG_TYPE_CGROUP_SKB, "srcpin_probe", "Dual BSD/GPL", insns,
							sizeof(insns) / sizeof(*insns), &opts)
					: -1;

	return fd >= 0;
}

bool kernel_may_watch(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &header, has) == 0 &&
	       ((has[CAP_TO_INDEX(CAP_PERFMON)].effective & CAP_TO_MASK(CAP_PERFMON)) ||
		(has[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN)));
}

void kernel_lift_memory_limit(void)
{
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
}
