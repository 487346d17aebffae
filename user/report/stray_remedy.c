// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "report/stray_remedy.h"

#define DOCKER "docker run --cgroup-parent=NAME.slice, and srcpin install --unit NAME.slice"
#define PODMAN "podman run --cgroups=split"
#define SYSTEMD_DRIVER                                                                                          \
	"Docker's cgroupfs driver does so with --cgroup-parent=NAME.slice: set native.cgroupdriver=systemd in " \
	"daemon.json"
#define SESSION "User= without such a PAMName=, or runuser -u USER -- COMMAND"

/* What has moved it there, by its name, that of its parent, or where it is. */
const char *stray_remedy(const struct stray *s)
{
	if (s->kind == STRAY_NAMESAKE)
		return SYSTEMD_DRIVER;
	if (strcmp(s->parent_comm, "conmon") == 0 || (s->kind == STRAY_CLIENT && strcmp(s->comm, "podman") == 0) ||
	    strstr(s->cgroup, "/libpod-"))
		return PODMAN;
	if (strncmp(s->parent_comm, "containerd-shim", 15) == 0 || s->kind == STRAY_CLIENT ||
	    strstr(s->cgroup, "/docker-"))
		return DOCKER;
	if (strncmp(s->cgroup, "/user.slice/", 12) == 0)
		return "su, runuser -l or PAMName= has moved it to a session: " SESSION;
	return "have it stay in the service's cgroup, or pin that one, too";
}
