// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mail servers of a service: which there are, whether they are trusted, and what their settings mean. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "mail/mail.h"
#include "mail/mail_settings.h"
#include "mail/mailer.h"

/* What was gathered with root's rights. */
struct mail {
	struct mailers found;
	struct failure look; /* "": they were found */
	struct {
		char *said[N_ANSWERS];
		struct failure why; /* it said nothing */
	} of[MAX_MAILERS];
};

struct mail *mail_ask(const struct patient *p)
{
	struct mail *m;

	if (!p->cgroup || !patient_policy(p))
		return NULL;
	m = xcalloc(1, sizeof(*m));
	if (mailers_find(p->cgroup, &m->found, &m->look))
		m->found.n = 0;
	for (size_t i = 0; i < m->found.n; i++)
		if (m->found.item[i].trust == MAILER_TRUSTED)
			mailer_ask(&m->found.item[i], m->of[i].said, &m->of[i].why);
	return m;
}

static void report_untrusted(struct doctor *d, enum check_id id, const struct mailer *m)
{
	switch (m->trust) {
	case MAILER_TRUSTED:
		break;
	case MAILER_APART:
		doctor_unknown(d, id, "%s runs with another root folder: its settings are not looked at", m->program);
		break;
	case MAILER_REPLACED:
		doctor_unknown(d, id,
			       "%s, which process %d runs, was replaced or removed since: its settings are not looked "
			       "at (restart the service)",
			       m->program, m->pid);
		break;
	case MAILER_STRANGER:
		doctor_unknown(d, id, "process %d, %s, is run by uid %u: it is not believed to be the mail server",
			       m->pid, m->program, m->uid);
		break;
	case MAILER_FOREIGN:
		doctor_unknown(d, id,
			       "process %d, %s, is run by uid %u, and is not the program of a package (%s): it is "
			       "neither run nor believed",
			       m->pid, m->program, m->uid, mailer_facts[m->kind].daemon[0]);
		break;
	}
}

static void read_settings(struct settings *s, const struct mailer *m, char *const said[N_ANSWERS])
{
	if (m->kind == MAILER_POSTFIX)
		settings_read_postfix(s, said[0], said[1]);
	else if (m->kind == MAILER_EXIM)
		settings_read_exim(s, said[0], said[1]);
	else
		settings_read_opensmtpd(s, *m->config ? m->config : SMTPD_CONF, said[0], said[1]);
	if (!s->fights)
		doctor_ok(s->d, s->id, "%s%s%s leaves the source to srcpin", m->program, *m->config ? ", with " : "",
			  m->config);
}

void mail_examine_settings(struct doctor *d, const struct patient *p, const struct mail *m, char helo[256])
{
	static const enum check_id ids[] = {
		[MAILER_POSTFIX] = CHECK_POSTFIX, [MAILER_EXIM] = CHECK_EXIM, [MAILER_OPENSMTPD] = CHECK_OPENSMTPD
	};

	helo[0] = '\0';
	if (!m)
		return;
	if (*m->look.text)
		doctor_unknown(d, CHECK_MAIL, "%s", m->look.text);
	for (size_t i = 0; i < m->found.n; i++) {
		const struct mailer *mailer = &m->found.item[i];
		struct settings s = { .d = d, .id = ids[mailer->kind], .policy = patient_policy(p) };

		if (mailer->trust != MAILER_TRUSTED)
			report_untrusted(d, s.id, mailer);
		else if (*m->of[i].why.text)
			doctor_unknown(d, s.id, "%s", m->of[i].why.text);
		else
			read_settings(&s, mailer, m->of[i].said);
		if (!*helo)
			snprintf(helo, 256, "%s", s.helo);
	}
	if (m->found.n_more)
		doctor_unknown(d, CHECK_MAIL, "there are %zu more processes that look like a mail server's and are not",
			       m->found.n_more);
}

void mail_free(struct mail *m)
{
	for (size_t i = 0; m && i < m->found.n; i++)
		for (size_t k = 0; k < N_ANSWERS; k++)
			free(m->of[i].said[k]);
	free(m);
}
