// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * held CGROUP
 *
 * Prints what of srcpin lives on, a line each: everything in
 * /sys/fs/bpf/srcpin, with the ids of the objects, and what is attached to
 * CGROUP and below.
 *
 * Once no process of ours runs, there can be nothing else: the kernel frees
 * what neither bpffs nor a cgroup nor such an object holds. Other services on
 * this host, and other tests, do not show.
 */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/world.h"
#include "srcpin/abi.h"

#define HOME "/sys/fs/bpf/srcpin"

static void show_map(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 length = sizeof(info);
	struct srcpin_key key, *before = NULL;
	unsigned long rules = 0;

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		bail_out("cannot read about a map");
	printf(" map %s %u", info.name, info.id);
	if (info.type != BPF_MAP_TYPE_LPM_TRIE)
		return;
	/* each load makes the other generation: only how many there are */
	for (; !bpf_map_get_next_key(fd, before, &key); before = &key)
		rules++;
	printf(" has %lu rules", rules);
}

static void show_prog(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		bail_out("cannot read about a program");
	printf(" prog %s %u", info.name, info.id);
}

static void show_link(int fd)
{
	struct bpf_link_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		bail_out("cannot read about a link");
	printf(" link %u prog %u cgroup %llu", info.id, info.prog_id, (unsigned long long)info.cgroup.cgroup_id);
}

static void show_object(const char *path)
{
	char name[64], what[64] = "";
	int fd = bpf_obj_get(path);

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (fd < 0 || readlink(name, what, sizeof(what) - 1) < 0)
		bail_out("cannot open %s", path);
	if (strstr(what, "map"))
		show_map(fd);
	else if (strstr(what, "link"))
		show_link(fd);
	else
		show_prog(fd);
	close(fd);
}

static int show_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *config = strstr(path, "/config");
	char target[4096] = "";

	(void)at;
	/* where the config is may change from load to load, and of which generation it is */
	printf("%.*s %o", config ? (int)(config - path) + 7 : (int)strlen(path), path, st->st_mode);
	if (type == FTW_SL || type == FTW_SLN) {
		if (readlink(path, target, sizeof(target) - 1) < 0)
			bail_out("cannot read %s", path);
		printf(" %s", config ? "to a config" : target);
	} else if (type == FTW_F) {
		show_object(path);
	}
	putchar('\n');
	return 0;
}

static int show_attached(const char *path, const struct stat *st, int type, struct FTW *at)
{
	static const enum bpf_attach_type hook[] = { BPF_CGROUP_INET6_BIND,    BPF_CGROUP_UDP6_SENDMSG,
						     BPF_CGROUP_INET6_CONNECT, BPF_CGROUP_INET4_BIND,
						     BPF_CGROUP_UDP4_SENDMSG,  BPF_CGROUP_INET4_CONNECT,
						     BPF_CGROUP_INET_EGRESS };
	size_t i;

	(void)st;
	(void)at;
	for (i = 0; type == FTW_D && i < sizeof(hook) / sizeof(hook[0]); i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		__u32 ids[64], n = sizeof(ids) / sizeof(ids[0]), j;

		if (fd < 0 || bpf_prog_query(fd, hook[i], 0, NULL, ids, &n))
			bail_out("cannot ask %s", path);
		for (j = 0; j < n; j++)
			printf("%s hook %zu prog %u\n", path, i, ids[j]);
		close(fd);
	}
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		return EXIT_FAILURE;
	if (!access(HOME, F_OK) && nftw(HOME, show_entry, 16, FTW_PHYS))
		bail_out("cannot walk " HOME);
	if (nftw(argv[1], show_attached, 16, FTW_PHYS))
		bail_out("cannot walk %s", argv[1]);
	return EXIT_SUCCESS;
}
