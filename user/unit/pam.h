/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does a PAM service (pam.d(5)) open a session of logind's, whose cgroup the process is then moved to? */
#ifndef SRCPIN_PAM_H
#define SRCPIN_PAM_H

#include <stdbool.h>

/* By its files in DIRECTORIES, which NULL ends; those before win. systemd-user makes none: pam_systemd leaves it alone.
 */
bool pam_opens_session(const char *const *directories, const char *service);

/* /etc/pam.d and what comes with packages */
extern const char *const pam_directories[];

#endif
