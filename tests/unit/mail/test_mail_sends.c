// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which processes of a mail server may send mail, by their arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/mailer.h"

#include <cmocka.h>

/* The strings end with a zero, and "" comes last. */
#define SENDS(kind, arguments) assert_true(mailer_sends((kind), arguments "\0"))
#define DOES_NOT(kind, arguments) assert_false(mailer_sends((kind), arguments "\0"))

static void test_exim(void **state)
{
	(void)state;
	SENDS(MAILER_EXIM, "/usr/sbin/exim4\0-bd\0-q30m\0");
	SENDS(MAILER_EXIM, "/usr/sbin/exim4\0-bdf\0");
	SENDS(MAILER_EXIM, "exim4\0-qff\0");
	SENDS(MAILER_EXIM, "/usr/sbin/exim4\0-Mc\0001vABCD-000000-AB\0");
	SENDS(MAILER_EXIM, "exim4\0-MCP\0");
	SENDS(MAILER_EXIM, "exim4\0-M\0001vABCD-000000-AB\0");
	SENDS(MAILER_EXIM, "/usr/sbin/sendmail\0-t\0-i\0");
	SENDS(MAILER_EXIM, "sendmail\0bob@example.org\0");
	SENDS(MAILER_EXIM, "exim4\0-bs\0");
	SENDS(MAILER_EXIM, "");
	DOES_NOT(MAILER_EXIM, "mailq\0");
	DOES_NOT(MAILER_EXIM, "/usr/bin/mailq\0");
	DOES_NOT(MAILER_EXIM, "newaliases\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-bp\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-bpc\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-C\0/etc/other\0-bP\0transports\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-bV\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-bt\0bob@example.org\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-bh\000192.0.2.1\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-Mvh\0001vABCD-000000-AB\0");
	DOES_NOT(MAILER_EXIM, "exim4\0-Mrm\0001vABCD-000000-AB\0");
}

static void test_others(void **state)
{
	(void)state;
	SENDS(MAILER_POSTFIX, "/usr/lib/postfix/sbin/master\0-w\0");
	DOES_NOT(MAILER_POSTFIX, "/usr/lib/postfix/sbin/master\0-t\0");
	SENDS(MAILER_OPENSMTPD, "/usr/sbin/smtpd\0-f\0/etc/smtpd.conf\0");
	DOES_NOT(MAILER_OPENSMTPD, "/usr/sbin/smtpd\0-n\0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exim),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
