/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What receivers think of mail from a source: the settings of the mail server,
 * names, SPF and blocklists. Not a part of pinning: outside this room only
 * cmd_doctor.c includes it.
 */
#ifndef SRCPIN_MAIL_H
#define SRCPIN_MAIL_H

#include "dns/dns.h"
#include "doctor/doctor.h"
#include "policy/doctor_keys.h"

/* What a service's mail servers say about their settings. */
struct mail;

/* As root: asks them. NULL: nothing runs, or it has no policy. */
struct mail *mail_ask(const struct patient *p);

/* Without rights: says what the answers mean. HELO: the name that the server greets with, or "". */
void mail_examine_settings(struct doctor *d, const struct patient *p, const struct mail *m, char helo[256]);
void mail_free(struct mail *m); /* Takes NULL. */

/* What the DNS says about a source. HELO: the name that the service greets with, or NULL. */
void mail_examine_names(struct doctor *d, struct dns *dns, const uint8_t source[16], const char *helo);
void mail_examine_spf(struct doctor *d, struct dns *dns, const uint8_t source[16], const char *domain,
		      const char *helo);
/* WITHOUT: the address that the kernel would choose instead, or NULL. */
void mail_examine_lists(struct doctor *d, struct dns *dns, const struct doctor_keys *k, const uint8_t source[16],
			const uint8_t *without);

#endif
