// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "host/mounts.h"
#include "kernel/bpffs.h"
#include "kernel/lock.h"

static int check_mount(struct failure *f)
{
	struct statfs fs;

	if (!statfs(BPFFS_MOUNT, &fs) && fs.f_type == BPF_FS_MAGIC)
		return 0;
	if (mounts_are_apart()) /* what is held would end with the namespace */
		return fail(f, -ENODEV,
			    "cannot use " BPFFS_MOUNT
			    ": no bpffs is mounted there in this mount namespace, which is not the host's "
			    "(" MOUNTS_REMEDY ")");
	return fail(f, -ENODEV,
		    "cannot use " BPFFS_MOUNT ": no bpffs is mounted there (mount -t bpf -o mode=700 bpf " BPFFS_MOUNT
		    ")");
}

/* Does the folder that was locked still have the name? The last unload removes it. */
static bool still_there(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(BPFFS_HOME, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* If everybody may write to the bpffs (mount's default), somebody could have been here first. */
static int check_owner(int fd, struct failure *f)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return fail(f, -errno, "cannot read about " BPFFS_HOME ": %s", strerror(errno));
	if (fs.f_type != BPF_FS_MAGIC)
		return fail(f, -ENODEV,
			    "cannot use " BPFFS_HOME ": it is not in a bpffs (unmount what is mounted there)");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return fail(f, -EPERM, "cannot trust " BPFFS_HOME ": it belongs to the user %u (rm -r it)", st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail(f, -EPERM, "cannot trust " BPFFS_HOME ": others may write to it (rm -r it)");
	return 0;
}

/* Returns an fd of the folder. -ENOENT: there is none; F is not set. */
static int open_home(struct failure *f)
{
	_cleanup_close_ int fd = open(BPFFS_HOME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return fail(f, -errno, "cannot trust " BPFFS_HOME ": it is not a folder (remove it)");
	if (fd < 0)
		return fail(f, -errno, "cannot open " BPFFS_HOME ": %s%s", strerror(errno),
			    errno == EACCES ? privilege_as_root() : "");
	err = check_owner(fd, f);
	return err ? err : steal_fd(&fd);
}

int bpffs_look(struct failure *f)
{
	int err = check_mount(f);
	_cleanup_close_ int fd = err ? err : open_home(f);

	return fd < 0 ? fd : 0;
}

/* -EAGAIN: it was removed meanwhile. */
static int open_locked(int *ret, struct failure *f)
{
	_cleanup_close_ int fd = open_home(f);
	int err = fd < 0 ? fd : lock_take(fd, f);

	if (err)
		return err == -ENOENT ? -EAGAIN : err;
	if (!still_there(fd))
		return -EAGAIN;
	*ret = steal_fd(&fd);
	return 0;
}

int bpffs_lock(int *ret, struct failure *f)
{
	bool made = false;
	int err = check_mount(f);

	if (err)
		return err;
	do {
		if (!mkdir(BPFFS_HOME, 0700))
			made = true;
		else if (errno != EEXIST)
			return fail(f, -errno, "cannot make " BPFFS_HOME ": %s%s", strerror(errno),
				    errno == EACCES || errno == EPERM ? privilege_as_root() : "");
		err = open_locked(ret, f);
	} while (err == -EAGAIN);
	if (err && err != -ETIMEDOUT && made) /* after a timeout the folder is the holder's */
		rmdir(BPFFS_HOME);            /* nothing is in it yet */
	return err;
}

int bpffs_mkdir(const char *path, struct failure *f)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail(f, -errno, "cannot make %s: %s", path, strerror(errno));
	return 0;
}

int bpffs_readlink(const char *path, char ret[static PATH_MAX], struct failure *f)
{
	ssize_t n = readlink(path, ret, PATH_MAX - 1);

	ret[n < 0 ? 0 : n] = '\0';
	return n < 0 && errno != ENOENT ? fail(f, -errno, "cannot read %s: %s", path, strerror(errno)) : 0;
}

int bpffs_symlink(const char *path, const char *target, struct failure *f)
{
	char now[PATH_MAX];

	int err = bpffs_readlink(path, now, f);

	if (err || strcmp(now, target) == 0)
		return err;
	/* bpffs renames nothing over an existing entry: for a moment there is none */
	if ((unlink(path) < 0 && errno != ENOENT) || symlink(target, path) < 0)
		return fail(f, -errno, "cannot write %s: %s", path, strerror(errno));
	return 0;
}

int bpffs_remove(const char *path, struct failure *f)
{
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *e;

	if (fd < 0 && errno == ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return fail(f, -errno, "cannot open %s: %s", path, strerror(errno));
	steal_fd(&fd);
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), e->d_name, 0) < 0 && errno != ENOENT)
			return fail(f, -errno, "cannot remove %s/%s: %s", path, e->d_name, strerror(errno));
	}
	if (rmdir(path) < 0 && errno != ENOENT)
		return fail(f, -errno, "cannot remove %s: %s", path, strerror(errno));
	return 0;
}
