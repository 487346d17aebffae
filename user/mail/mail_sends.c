// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A mail server's program also lists queues and checks settings: by its arguments, may this process send mail? */
#include <string.h>

#include "mail/mailer.h"

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* exim(8): of -b those that take mail, and of -M those that deliver it; the others only show or change something. */
static bool is_without_mail(const char *option)
{
	if (strncmp(option, "-b", 2) == 0)
		return !strchr("dmsS", option[2]) || !option[2];
	return strncmp(option, "-M", 2) == 0 && !strchr("cC", option[2]);
}

static bool exim_sends(const char *arguments)
{
	const char *name = last_part(arguments);

	if (strcmp(name, "mailq") == 0 || strcmp(name, "newaliases") == 0)
		return false;
	for (const char *a = arguments + strlen(arguments) + 1; *a; a += strlen(a) + 1)
		if (is_without_mail(a))
			return false;
	return true;
}

bool mailer_sends(enum mailer_kind kind, const char *arguments)
{
	static const char *const checks[N_MAILER_KINDS] = {
		[MAILER_POSTFIX] = "-t",   /* master(8): is one running? */
		[MAILER_OPENSMTPD] = "-n", /* smtpd(8): checks its settings */
	};

	if (!*arguments)
		return true;
	if (kind == MAILER_EXIM)
		return exim_sends(arguments);
	for (const char *a = arguments + strlen(arguments) + 1; *a; a += strlen(a) + 1)
		if (checks[kind] && strcmp(a, checks[kind]) == 0)
			return false;
	return true;
}
