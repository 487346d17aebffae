/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What systemd says and does, by systemctl(1): it is where systemd is, in each
 * version, and asks neither for a library of systemd's nor for D-Bus.
 */
#ifndef SRCPIN_SYSTEMCTL_H
#define SRCPIN_SYSTEMCTL_H

#include <stdbool.h>

#include "base/failure.h"

/* Is systemd the first process here (sd_booted(3))? */
bool systemctl_answers(void);

/*
 * Runs systemctl with ARGUMENTS, of which NULL is the last: without any
 * capability, unless it is daemon-reload. RET, to be freed, is what it prints. 0,
 * or -EIO: there is no systemctl, systemd does not run, or it failed (the
 * sentence has its words), or takes too long.
 */
int systemctl(const char *const *arguments, char **ret, struct failure *f);

#endif
