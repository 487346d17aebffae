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
#include "host/cgroup_find.h"
#include "host/cgroup_owner.h"

static bool is_cgroup2(int fd)
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

/*
 * The mount point of the unified hierarchy and an fd of it: /sys/fs/cgroup,
 * or /sys/fs/cgroup/unified on hybrid hosts, or anywhere. A mount of the whole
 * tree wins over one of a part; one that another mount hides does not count.
 */
static int find_mount(char mount[static PATH_MAX], int *ret_fd, struct failure *f)
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
		if (fd < 0 || !is_cgroup2(fd))
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
		return fail(f, -ENODEV,
			    "cannot find the cgroup2 hierarchy: it is not mounted "
			    "(mount -t cgroup2 cgroup2 /sys/fs/cgroup, or boot with systemd)");
	*ret_fd = steal_fd(&best);
	return 0;
}

/* All that kernfs puts into a handle is the id: kernfs_encode_fh(). */
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

	return find_mount(ret, &mount_fd, f);
}

int cgroup_check_mount(struct failure *f)
{
	char mount[PATH_MAX];

	return cgroup_mount_point(mount, f);
}

int cgroup_open_root(struct failure *f)
{
	char mount[PATH_MAX];
	int fd, err = find_mount(mount, &fd, f);

	return err ? err : fd;
}

int cgroup_open_id(uint64_t id)
{
	_cleanup_close_ int mount_fd = -1;
	struct failure ignored = { "" };
	struct id_handle handle;
	char mount[PATH_MAX];
	int err, fd;

	err = find_mount(mount, &mount_fd, &ignored);
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

/* SHOWN is what the user knows the cgroup by. Takes DIR. */
static int describe(int dir, const char *mount, const char *shown, struct cgroup *ret, struct failure *f)
{
	_cleanup_close_ int fd = dir;
	char link[64], path[PATH_MAX];
	size_t n = strlen(mount);
	uint64_t id = 0;
	ssize_t len;
	int err;

	if (!is_cgroup2(fd))
		return fail(f, -EINVAL,
			    "cannot use %s: it is not a cgroup of the cgroup2 hierarchy, which is mounted on %s", shown,
			    mount);
	err = cgroup_read_id(fd, &id);
	if (err)
		return fail(f, err, "cannot read the id of cgroup %s: %s", shown, strerror(-err));
	/* the kernel's own name of what was opened: no links, no "..", no doubled slashes */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return fail(f, -errno, "cannot read the path of cgroup %s: %s", shown, strerror(errno));
	path[len] = '\0';
	if (strncmp(path, mount, n) != 0 || (path[n] && path[n] != '/'))
		return fail(f, -EINVAL, "cannot use %s: it is not below %s", shown, mount);
	if (!path[n] || strcmp(path + n, "/") == 0)
		return fail(f, -EINVAL, "cannot use the root cgroup: every process of the host is in it");
	ret->path = strdup(path + n);
	if (!ret->path)
		return fail(f, -ENOMEM, "cannot use cgroup %s: out of memory", shown);
	ret->id = id;
	ret->fd = steal_fd(&fd);
	return 0;
}

/* What stands behind the mount point in PATH, if that is in front; always with one leading slash, never a trailing one.
 */
static char *below_mount(const char *path, const char *mount)
{
	size_t n = strlen(mount), len;
	char *below;

	if (strncmp(path, mount, n) == 0 && (path[n] == '/' || !path[n]))
		path += n;
	path += strspn(path, "/");
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	return asprintf(&below, "/%.*s", (int)len, path) < 0 ? NULL : below;
}

static int open_path(const char *path, const char *mount, int mount_fd, struct cgroup *ret, struct failure *f)
{
	_cleanup_free_ char *below = below_mount(path, mount);
	int fd, err;

	if (!below)
		return fail(f, -ENOMEM, "cannot use cgroup %s: out of memory", path);
	fd = openat(mount_fd, below[1] ? below + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* an absolute path that is no cgroup below the mount may still be a directory elsewhere: say so */
	if (fd < 0 && path[0] == '/')
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = errno;
	if (fd >= 0)
		return describe(fd, mount, path, ret, f);
	if (err == ENOENT)
		return fail(f, -ENOENT, "cannot find cgroup %s below %s (is the service running?)", path, mount);
	if (err == ENOTDIR || err == ENAMETOOLONG || err == ELOOP)
		return fail(f, -EINVAL, "cannot use %s as a cgroup: %s", path, strerror(err));
	return fail(f, -err, "cannot open cgroup %s: %s", path, strerror(err));
}

/*
 * Whom a cgroup is delegated to may move each process in it to anywhere below,
 * root's too: what is surely the caller's own is the delegated one itself.
 */
static void leave_delegated(int mount_fd, char *path)
{
	for (char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		_cleanup_close_ int fd = -1;
		char ignored[64];

		*end = '\0';
		fd = openat(mount_fd, path + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && (!cgroup_is_roots(fd, ignored) || cgroup_is_delegated(fd, ignored)))
			return;
		*end = '/';
	}
}

/* In a unit with Delegate= systemd runs ExecCondition= and the like in a cgroup below the unit's own. */
static void leave_control(char *path)
{
	size_t n = strlen(path), last = strlen("/.control");

	if (n > last && strcmp(path + n - last, "/.control") == 0)
		path[n - last] = '\0';
}

static int open_self(const char *mount, int mount_fd, struct cgroup *ret, struct failure *f)
{
	_cleanup_fclose_ FILE *in = fopen("/proc/self/cgroup", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!in)
		return fail(f, -errno, "cannot read /proc/self/cgroup: %s", strerror(errno));
	while (getline(&line, &size, in) > 0) {
		if (strncmp(line, "0::", 3) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line + 3, "/..", 3) == 0)
			return fail(f, -ENOENT,
				    "cannot use self: this process's cgroup lies outside its cgroup namespace (%s)",
				    line + 3);
		if (strcmp(line + 3, "/") == 0)
			return fail(f, -EINVAL,
				    "cannot use self: this process is in the root cgroup (self is for the commands of "
				    "a unit)");
		leave_delegated(mount_fd, line + 3);
		leave_control(line + 3);
		return open_path(line + 3, mount, mount_fd, ret, f);
	}
	return fail(f, -ENOENT, "cannot use self: this process is in no cgroup of the cgroup2 hierarchy");
}

int cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f)
{
	_cleanup_close_ int mount_fd = -1;
	_cleanup_free_ char *path = NULL;
	char mount[PATH_MAX];
	int err;

	err = find_mount(mount, &mount_fd, f);
	if (err)
		return err;
	if (strcmp(name, "self") == 0)
		return open_self(mount, mount_fd, ret, f);
	if (strchr(name, '/'))
		return open_path(name, mount, mount_fd, ret, f);
	err = cgroup_find(mount_fd, name, &path, f);
	if (err)
		return err;
	return open_path(path, mount, mount_fd, ret, f);
}

/* Names that could be those of files in cgroupfs, or are escaped: systemd puts a '_' before (cg_needs_escape()). */
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

int cgroup_recorded_name(const char *name, char **ret, struct failure *f)
{
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	_cleanup_close_ int mount_fd = -1;
	struct failure ignored = { "" };
	char mount[PATH_MAX];
	int err = 0;

	*ret = NULL;
	if (strcmp(name, "self") == 0) {
		err = cgroup_resolve(name, &c, f);
	} else if (strchr(name, '/')) {
		err = find_mount(mount, &mount_fd, f);
		if (!err && open_path(name, mount, mount_fd, &c, &ignored))
			c.path = below_mount(name, mount); /* what is gone has no other name */
	} else {
		c.path = strdup(name);
	}
	if (err)
		return err;
	if (!c.path)
		return fail(f, -ENOMEM, "cannot use cgroup %s: out of memory", name);
	*ret = steal_string(&c.path);
	return 0;
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
