// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "kernel/build.h"

#define MAP_NAME ".rodata.build" /* libbpf names it so, by the section in bpf/maps.h */

/* More than a program of ours has. */
enum { MAX_MAPS = 32 };

int build_read(int map, struct srcpin_build *ret)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), zero = 0;

	if (bpf_obj_get_info_by_fd(map, &info, &len))
		return -errno;
	if (info.value_size != sizeof(*ret))
		return -EPROTO;
	if (bpf_map_lookup_elem(map, &zero, ret))
		return -errno;
	ret->version[sizeof(ret->version) - 1] = '\0';
	text_clean(ret->version);
	return 0;
}

int build_of_program(uint32_t id, struct srcpin_build *ret)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);
	__u32 maps[MAX_MAPS];
	struct bpf_prog_info info = { .nr_map_ids = MAX_MAPS, .map_ids = (uintptr_t)maps };
	__u32 len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	for (__u32 i = 0; i < info.nr_map_ids && i < MAX_MAPS; i++) {
		_cleanup_close_ int map = bpf_map_get_fd_by_id(maps[i]);
		struct bpf_map_info map_info = { 0 };

		len = sizeof(map_info);
		if (map < 0 || bpf_obj_get_info_by_fd(map, &map_info, &len))
			return -errno;
		if (strcmp(map_info.name, MAP_NAME) == 0)
			return build_read(map, ret);
	}
	return -ENOENT;
}

void build_this(const void *object, size_t size, struct srcpin_build *ret)
{
	const unsigned char *byte = object;

	*ret = (struct srcpin_build){ .abi = SRCPIN_ABI, .object = 14695981039346656037ULL };
	while (size--)
		ret->object = (ret->object ^ *byte++) * 1099511628211ULL; /* FNV-1a */
	snprintf(ret->version, sizeof(ret->version), "%s", SRCPIN_VERSION);
}

bool build_same(const struct srcpin_build *a, const struct srcpin_build *b)
{
	return a->object == b->object && strcmp(a->version, b->version) == 0;
}
