/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a mail server says of its settings, as bytes, which nobody has looked
 * at: to be gathered as root, and read without its rights. The server's own
 * program, or its file, is asked as the server's own user.
 */
#ifndef SRCPIN_MAILER_ASK_H
#define SRCPIN_MAILER_ASK_H

#include "base/failure.h"
#include "doctor/mailer.h"

#define SMTPD_CONF "/etc/smtpd.conf" /* that is built into OpenSMTPD */

/*
 * Postfix: main.cf, and what master.cf sets besides, as postconf(1) shows both.
 * Exim: its transports, and its name, as exim -bP shows both. OpenSMTPD: its
 * smtpd.conf, and /etc/mailname if there is one.
 */
struct mailer_answers {
	char *said[2]; /* to be freed; NULL: there is none */
};

/* M is one that is trusted. 0, or a negative errno with the sentence, in which no part of an answer is. */
int mailer_ask(const struct mailer *m, struct mailer_answers *ret, struct failure *f);
void mailer_answers_free(struct mailer_answers *a);

#endif
