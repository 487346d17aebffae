/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the mail server of a pinned service is set to, beside what its policy says. */
#ifndef SRCPIN_DOCTOR_MAIL_H
#define SRCPIN_DOCTOR_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor.h"
#include "mailer.h"

#define HELO_STRLEN 256

/* The settings of one mail server, while they are read. */
struct settings {
	struct doctor *d;
	enum check_id id;
	const struct policy *policy;
	const struct mailer *mailer;
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

void settings_read_postfix(struct settings *s);
void settings_read_exim(struct settings *s);
void settings_read_opensmtpd(struct settings *s);

#endif
