// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/bpffs_watch.h"
#include "kernel/home.h"

int bpffs_watch_open(void)
{
	_cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0 || inotify_add_watch(fd, BPFFS_MOUNT, IN_CREATE | IN_ONLYDIR) < 0)
		return -1;
	return steal_fd(&fd);
}

bool bpffs_watch_drain(int fd)
{
	union {
		struct inotify_event event;
		char room[4096];
	} b;
	bool ours = false;
	ssize_t n;

	while ((n = read(fd, &b, sizeof(b))) > 0) {
		const struct inotify_event *event;

		for (const char *p = b.room; p < b.room + n; p += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)(const void *)p;
			ours |= event->len && strcmp(event->name, strrchr(BPFFS_HOME, '/') + 1) == 0;
		}
	}
	return ours;
}
