/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Do the settings of a mail server fit the policy of its service? No I/O. */
#ifndef SRCPIN_MAIL_SETTINGS_H
#define SRCPIN_MAIL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/doctor.h"

#define HELO_STRLEN 256

/* The settings of one mail server, while they are read. */
struct settings {
	struct doctor *d;
	enum check_id id;
	const struct policy *policy;
	bool fights; /* there is a finding, or something is unknown */
	char helo[HELO_STRLEN];
};

/* Does ADDRESS, a text, fight the policy? Its family is pinned, and it is none of the sources. */
bool settings_fight(const struct settings *s, const char *address);

/*
 * WHERE says to bind to ADDRESS. If that fights the policy, adds a finding,
 * and returns true. REMEDY has one %s, for the source.
 */
bool settings_bind(struct settings *s, const char *where, const char *address, const char *remedy);

/* Only the mail server understands the VALUE of the setting WHAT. */
void settings_unknown(struct settings *s, const char *what, const char *value);

/* Read what the server says about itself, and cut it up. PATH: of its configuration. */
void settings_read_postfix(struct settings *s, char *main_cf, char *master_cf);
void settings_read_exim(struct settings *s, char *transports, char *primary_hostname);
void settings_read_opensmtpd(struct settings *s, const char *path, const char *smtpd_conf, const char *mailname);

#endif
