/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the mail server of a pinned service is set to, beside what its policy says. No I/O. */
#ifndef SRCPIN_DOCTOR_SETTINGS_H
#define SRCPIN_DOCTOR_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/doctor.h"

#define HELO_STRLEN 256

/* The settings of one mail server, while they are read. */
struct settings {
	struct doctor *d;
	enum check_id id;
	const struct policy *policy;
	bool fights; /* something was found, or could not be known */
	char helo[HELO_STRLEN];
};

/* Does this address, as text, fight the policy: of a family that is pinned, and none of its sources? */
bool settings_fight(const struct settings *s, const char *address);

/*
 * It binds to ADDRESS, by what WHERE says: a finding if that fights the
 * policy. REMEDY takes one %s, the source. True: it does.
 */
bool settings_bind(struct settings *s, const char *where, const char *address, const char *remedy);

/* What cannot be told from the outside. */
void settings_unknown(struct settings *s, const char *what, const char *value);

/* Of what the server says of itself; these cut it up. PATH: where its configuration is. */
void settings_read_postfix(struct settings *s, char *main_cf, char *master_cf);
void settings_read_exim(struct settings *s, char *transports, char *primary_hostname);
void settings_read_opensmtpd(struct settings *s, const char *path, const char *smtpd_conf, const char *mailname);

#endif
