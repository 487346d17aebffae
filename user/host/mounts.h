/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Are this process's mounts the host's? `ip netns exec` and `unshare --mount`
 * make a mount namespace of their own. What is mounted there ends with it.
 *
 * The host is whatever PID 1 is in: in a container that has PIDs of its own it
 * is the container. Where that cannot be read, the mounts count as the host's.
 */
#ifndef SRCPIN_MOUNTS_H
#define SRCPIN_MOUNTS_H

#include <stdbool.h>

/* What to do in a mount namespace of its own, where a mount would be no remedy */
#define MOUNTS_REMEDY "leave it; in place of ip netns exec: nsenter --net=/run/netns/NAME srcpin ..."

/* Is this another mount namespace than the host's? */
bool mounts_are_apart(void);

/* And does the host have another file system on PATH, or none? */
bool mounts_have_alone(const char *path);

#endif
