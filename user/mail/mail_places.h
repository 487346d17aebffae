/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Mail servers that run where nothing is pinned. */
#ifndef SRCPIN_MAIL_PLACES_H
#define SRCPIN_MAIL_PLACES_H

#include "kernel/loaded.h"
#include "mail/mailer.h"

/*
 * Those that are in none of the cgroups L, which are all that are loaded. RET,
 * to be freed; NULL: there is none. 0, or as mailers_find().
 */
int mail_find_unpinned(const struct loaded_list *l, struct mailers **ret, struct failure *f);

/*
 * One of UNPINNED that is the same mail server as one in the cgroup with this
 * path: the same program, with the same configuration. NULL: none is, or that
 * cgroup is gone.
 */
const struct mailer *mail_find_elsewhere(const struct mailers *unpinned, const char *cgroup);

/* What to do, if it should be in the service with this cgroup; to be freed. */
char *mail_elsewhere_remedy(const struct mailer *m, const char *cgroup);

#endif
