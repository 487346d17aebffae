// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/bpffs.h"
#include "kernel/store.h"

void service_path(char ret[static SERVICE_PATH_SIZE], uint64_t id, const char *entry)
{
	snprintf(ret, SERVICE_PATH_SIZE, SERVICES "/%" PRIu64 "%s%s", id, entry ? "/" : "", entry ? entry : "");
}

int service_cgroup_path(uint64_t id, char ret[static PATH_MAX], struct failure *f)
{
	char path[SERVICE_PATH_SIZE];

	service_path(path, id, "cgroup");
	return bpffs_readlink(path, ret, f);
}

const char *service_config_entry(uint32_t generation)
{
	return generation && generation % 2 == 0 ? "config2" : "config1";
}

int service_config_path(uint64_t id, uint32_t generation, char ret[static PATH_MAX], struct failure *f)
{
	char path[SERVICE_PATH_SIZE];
	int err;

	service_path(path, id, service_config_entry(generation));
	err = bpffs_readlink(path, ret, f);
	if (err || *ret || generation)
		return err;
	service_path(path, id, service_config_entry(2));
	return bpffs_readlink(path, ret, f);
}

int service_each(int (*fn)(uint64_t id, void *data), void *data, struct failure *f)
{
	_cleanup_closedir_ DIR *dir = opendir(SERVICES);
	const struct dirent *e;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : fail(f, -errno, "cannot list " SERVICES ": %s", strerror(errno));
	while (!r && (errno = 0, e = readdir(dir))) {
		char *end;
		uint64_t id = strtoull(e->d_name, &end, 10);

		/* only ids as we write them: no sign, no blank, no leading zero */
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && !*end)
			r = fn(id, data);
	}
	return !r && errno ? fail(f, -errno, "cannot list " SERVICES ": %s", strerror(errno)) : r;
}

static int seen(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	return 1;
}

int service_any(struct failure *f)
{
	return service_each(seen, NULL, f);
}

int service_link(uint64_t id, enum hook h, struct bpf_link_info *info)
{
	char path[SERVICE_PATH_SIZE];
	__u32 len = sizeof(*info);
	int fd, err;

	service_path(path, id, hook_table[h].name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	if (!info)
		return fd;
	memset(info, 0, sizeof(*info));
	if (bpf_obj_get_info_by_fd(fd, info, &len)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int service_storage(const struct objects *o, uint64_t id, struct srcpin_service *ret, struct failure *f)
{
	*ret = (struct srcpin_service){ 0 };
	if (!bpf_map_lookup_elem(o->map[MAP_SERVICE], &id, ret) || errno == ENOENT)
		return 0;
	return fail(f, -errno, "cannot read the storage of the cgroup with the id %" PRIu64 ": %s", id,
		    strerror(errno));
}

bool service_is_in_force(const struct srcpin_service *s)
{
	return s->cgroup_id && !(s->flags & SRCPIN_SERVICE_IDLE);
}

bool service_has_link(uint64_t id)
{
	for (enum hook i = 0; i < N_HOOKS; i++) {
		_cleanup_close_ int fd = service_link(id, i, NULL);

		if (fd >= 0)
			return true;
	}
	return false;
}

int service_write(const struct objects *o, const char *cgroup, const struct srcpin_service *s, struct failure *f)
{
	if (!bpf_map_update_elem(o->map[MAP_SERVICE], &s->cgroup_id, s, BPF_ANY))
		return 0;
	return fail(f, -errno, "cannot write the storage of cgroup %s: %s", cgroup, strerror(errno));
}
