// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "unit/journal.h"

#define JOURNAL "/run/systemd/journal/socket"

int journal_open(int *ret, struct failure *f)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL };
	const struct timeval patience = { .tv_sec = 5 };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		return fail(f, -errno, "cannot open the journal, " JOURNAL ": %s", strerror(errno));
	*ret = steal_fd(&fd);
	return 0;
}

int journal_send(int fd, const char *fields, struct failure *f)
{
	if (send(fd, fields, strlen(fields), MSG_NOSIGNAL) >= 0)
		return 0;
	return fail(f, -errno, "cannot write to the journal: %s", strerror(errno));
}
