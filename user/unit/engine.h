/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The cgroup of a container that runs, as its engine knows it: "docker:NAME", "podman:NAME". */
#ifndef SRCPIN_ENGINE_H
#define SRCPIN_ENGINE_H

#include <stdbool.h>

#include "base/failure.h"

/* Does NAME name a container? */
bool engine_names(const char *name);

/*
 * Asks the engine. RET, to be freed: the path of the container's cgroup, which
 * all its processes are in or below. 0, or with the sentence in F: -EINVAL (no
 * name), -ENOENT (it does not run), -EIO (the engine does not answer).
 */
int engine_cgroup(const char *name, char **ret, struct failure *f);

#endif
