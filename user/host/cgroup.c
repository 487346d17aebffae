// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "host/cgroup.h"
#include "host/mounts.h"

bool cgroup_is_v2(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* mountinfo writes blanks, backslashes and newlines as \ooo (proc(5)). */
static void unescape_octal(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static int not_mounted(struct failure *f)
{
	if (mounts_are_apart())
		return fail(
			f, -ENODEV,
			"cannot find the cgroup2 hierarchy: it is not mounted in this mount namespace, which is not "
			"the host's (" MOUNTS_REMEDY ")");
	return fail(f, -ENODEV,
		    "cannot find the cgroup2 hierarchy: it is not mounted "
		    "(mount -t cgroup2 cgroup2 /sys/fs/cgroup, or boot with systemd)");
}

int cgroup_find_mount(char mount[static PATH_MAX], int *ret_fd, struct failure *f)
{
	_cleanup_fclose_ FILE *in = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	_cleanup_close_ int best = -1;
	size_t size = 0;

	if (!in)
		return fail(f, -errno, "cannot read /proc/self/mountinfo: %s (is /proc mounted?)", strerror(errno));
	while (getline(&line, &size, in) > 0) {
		char root[PATH_MAX], at[PATH_MAX], type[64];
		const char *rest = strstr(line, " - ");
		_cleanup_close_ int fd = -1;

		if (!rest || sscanf(rest, " - %63s", type) != 1 || strcmp(type, "cgroup2") != 0)
			continue;
		if (sscanf(line, "%*s %*s %*s %4095s %4095s", root, at) != 2)
			continue;
		unescape_octal(at);
		fd = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || !cgroup_is_v2(fd))
			continue;
		if (best < 0 || strcmp(root, "/") == 0) {
			snprintf(mount, PATH_MAX, "%s", at);
			cleanup_close(&best);
			best = steal_fd(&fd);
		}
		if (strcmp(root, "/") == 0)
			break;
	}
	if (best < 0)
		return not_mounted(f);
	*ret_fd = steal_fd(&best);
	return 0;
}

/* kernfs puts nothing but the id into a handle: kernfs_encode_fh(). */
struct id_handle {
	struct file_handle head;
	uint64_t id;
};

static int get_handle(int fd, struct id_handle *ret)
{
	int mount_id;

	*ret = (struct id_handle){ .head.handle_bytes = sizeof(ret->id) };
	return name_to_handle_at(fd, "", &ret->head, &mount_id, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int cgroup_read_id(int fd, uint64_t *ret)
{
	struct id_handle handle;
	int err = get_handle(fd, &handle);

	*ret = handle.id;
	return err;
}

int cgroup_mount_point(char ret[static PATH_MAX], struct failure *f)
{
	_cleanup_close_ int mount_fd = -1;

	return cgroup_find_mount(ret, &mount_fd, f);
}

int cgroup_check_mount(struct failure *f)
{
	char mount[PATH_MAX];

	return cgroup_mount_point(mount, f);
}

int cgroup_open_root(struct failure *f)
{
	char mount[PATH_MAX];
	int fd, err = cgroup_find_mount(mount, &fd, f);

	return err ? err : fd;
}

int cgroup_open_id(uint64_t id)
{
	_cleanup_close_ int mount_fd = -1;
	struct failure ignored = { "" };
	struct id_handle handle;
	char mount[PATH_MAX];
	int err, fd;

	err = cgroup_find_mount(mount, &mount_fd, &ignored);
	if (!err)
		err = get_handle(mount_fd, &handle);
	if (err)
		return err;
	handle.id = id;
	fd = open_by_handle_at(mount_fd, &handle.head, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_exists(uint64_t id, struct failure *f)
{
	_cleanup_close_ int fd = cgroup_open_id(id);
	char why[PRIVILEGE_STRLEN];

	if (fd >= 0)
		return 1;
	if (fd == -ESTALE || fd == -ENOENT)
		return 0;
	return fail(f, fd, "cannot look for the cgroup with the id %" PRIu64 ": %s%s", id, strerror(-fd),
		    fd == -EPERM ? privilege_missing(CAPABILITY(CAP_DAC_READ_SEARCH), why) : "");
}

/*
 * Could the name be that of a file in cgroupfs, or is it escaped? Then systemd
 * puts a '_' before it (cg_needs_escape()).
 */
static bool needs_escape(const char *name)
{
	static const char *const begin[] = {
		"_",
		".",
		"cgroup.",
		"cpu.",
		"cpuacct.",
		"cpuset.",
		"io.",
		"blkio.",
		"memory.",
		"devices.",
		"pids.",
		"bpf-firewall.",
		"bpf-devices.",
		"bpf-foreign.",
		"bpf-socket-bind.",
	};

	for (size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
		if (strncmp(name, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

const char *cgroup_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return *name == '_' && needs_escape(name + 1) ? name + 1 : name;
}

const char *cgroup_escape(const char *name)
{
	return needs_escape(name) ? "_" : "";
}

bool cgroup_is(const char *path, const char *name)
{
	return strcmp(strchr(name, '/') ? path : cgroup_name(path), name) == 0;
}

void cgroup_close(struct cgroup *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->path);
	*c = CGROUP_NONE;
}
