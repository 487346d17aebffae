/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What systemd says and does, by systemctl(1). It is wherever systemd is, in
 * each version, and needs neither a library of systemd's nor D-Bus.
 */
#ifndef SRCPIN_SYSTEMCTL_H
#define SRCPIN_SYSTEMCTL_H

#include <stdbool.h>

#include "base/failure.h"

/* Is systemd the first process here (sd_booted(3))? */
bool systemctl_answers(void);

/*
 * Runs systemctl with ARGUMENTS; NULL ends them. It has no capability, unless
 * it is to do something. RET, to be freed, is what it prints. 0, or -EIO:
 * there is no systemctl, systemd does not run, it takes too long, or it failed
 * (then the sentence has its words).
 */
int systemctl(const char *const *arguments, char **ret, struct failure *f);

#endif
