// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A record in; its terms out (RFC 7208, 4.6.1, 5, 6 and 12), each in brackets:
 *	RESULT KIND [:SPEC] [ADDRESS] [/CIDR4] [//CIDR6]
 * with the lengths only where they are not 32 and 128; "! TERM" is one that is wrong, at which reading ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "mail/spf.h"
#include "mail/spf_record.h"

#include <cmocka.h> /* has a macro fail(): after ours */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static const struct row {
	const char *record; /* behind "v=spf1 " */
	const char *terms;
} rows[] = {
	/* how terms stand in a record */
	{ "", "" },
	{ "  ", "" },
	{ "a", "[pass a]" },
	{ "  mx   -all  ", "[pass mx][fail all]" },
	{ "a foo all", "[pass a][! foo]" },
	{ "v=spf1", "[pass other :spf1]" },

	/* qualifiers, and names in any case */
	{ "+all -all ~all ?all", "[pass all][fail all][softfail all][neutral all]" },
	{ "ALL -Mx ~IP4:192.0.2.1", "[pass all][fail mx][softfail ip4 192.0.2.1]" },
	{ "--all", "[! --all]" },
	{ "-", "[! -]" },
	{ "!all", "[! !all]" },

	/* mechanisms that there are not */
	{ "foo", "[! foo]" },
	{ "al", "[! al]" },
	{ "alle", "[! alle]" },
	{ "ip5:192.0.2.1", "[! ip5:192.0.2.1]" },
	{ "mail.test", "[! mail.test]" },
	{ ":a.test", "[! :a.test]" },

	/* those that take no domain, and no length */
	{ "all:a.test", "[! all:a.test]" },
	{ "all/24", "[! all/24]" },
	{ "all:", "[! all:]" },

	/* those that want a domain */
	{ "include:a.test", "[pass include :a.test]" },
	{ "include", "[! include]" },
	{ "include:", "[! include:]" },
	{ "include/24", "[! include/24]" },
	{ "include:a.test/24", "[! include:a.test/24]" },
	{ "exists:%{ir}.%{v}.a.test", "[pass exists :%{ir}.%{v}.a.test]" },
	{ "exists:x=y.test", "[pass exists :x=y.test]" },
	{ "exists", "[! exists]" },

	/* those that may have one */
	{ "ptr", "[pass ptr]" },
	{ "ptr:a.test", "[pass ptr :a.test]" },
	{ "ptr:", "[! ptr:]" },
	{ "ptr/24", "[! ptr/24]" },
	{ "a:a.test", "[pass a :a.test]" },
	{ "a:", "[! a:]" },
	{ "mx:a.test", "[pass mx :a.test]" },

	/* lengths of both families */
	{ "a/24", "[pass a /24]" },
	{ "a//64", "[pass a //64]" },
	{ "a/24//64", "[pass a /24 //64]" },
	{ "a:a.test/24//64", "[pass a :a.test /24 //64]" },
	{ "mx:a.test//64", "[pass mx :a.test //64]" },
	{ "mx/0//0", "[pass mx /0 //0]" },
	{ "mx/32//128", "[pass mx]" },
	{ "a:%{d}/24", "[pass a :%{d} /24]" },
	{ "a/33", "[! a/33]" },
	{ "a//129", "[! a//129]" },
	{ "a/", "[! a/]" },
	{ "a//", "[! a//]" },
	{ "a/24//", "[! a/24//]" },
	{ "a/24/64", "[! a/24/64]" },
	{ "a/024", "[! a/024]" },
	{ "a/00", "[! a/00]" },
	{ "a//064", "[! a//064]" },
	{ "a/+24", "[! a/+24]" },
	{ "a/24x", "[! a/24x]" },
	{ "a:/24", "[! a:/24]" },
	{ "a/24:a.test", "[! a/24:a.test]" },
	{ "a/4294967320", "[! a/4294967320]" },

	/* networks */
	{ "ip4:192.0.2.1", "[pass ip4 192.0.2.1]" },
	{ "ip4:192.0.2.0/24", "[pass ip4 192.0.2.0 /24]" },
	{ "ip4:0.0.0.0/0", "[pass ip4 0.0.0.0 /0]" },
	{ "ip4", "[! ip4]" },
	{ "ip4:", "[! ip4:]" },
	{ "ip4:192.0.2", "[! ip4:192.0.2]" },
	{ "ip4:192.0.2.256", "[! ip4:192.0.2.256]" },
	{ "ip4:192.0.2.0/33", "[! ip4:192.0.2.0/33]" },
	{ "ip4:192.0.2.0/", "[! ip4:192.0.2.0/]" },
	{ "ip4:192.0.2.0//24", "[! ip4:192.0.2.0//24]" },
	{ "ip4:192.0.2.0/08", "[! ip4:192.0.2.0/08]" },
	{ "ip4:2001:db8::1", "[! ip4:2001:db8::1]" },
	{ "ip4:%{i}", "[! ip4:%{i}]" },
	{ "ip6:2001:db8::25", "[pass ip6 2001:db8::25]" },
	{ "ip6:2001:db8::/32", "[pass ip6 2001:db8:: //32]" },
	{ "ip6:::/0", "[pass ip6 :: //0]" },
	{ "ip6:2001:db8::/129", "[! ip6:2001:db8::/129]" },
	{ "ip6:2001:db8::/064", "[! ip6:2001:db8::/064]" },
	{ "ip6:2001:db8::g", "[! ip6:2001:db8::g]" },
	{ "ip6:192.0.2.1", "[! ip6:192.0.2.1]" },
	{ "ip6:2001:0db8:0000:0000:0000:0000:0000:0000:0000:00001",
	  "[! ip6:2001:0db8:0000:0000:0000:0000:0000:0000:0000:00001]" },

	/* where a domain-spec ends: a macro, or a top-level label, which is not a number */
	{ "include:a.test.", "[pass include :a.test.]" },
	{ "include:%{d}", "[pass include :%{d}]" },
	{ "include:a%%", "[pass include :a%%]" },
	{ "include:a.t3st", "[pass include :a.t3st]" },
	{ "include:a.xn--p1ai", "[pass include :a.xn--p1ai]" },
	{ "include:_a.b_c.test", "[pass include :_a.b_c.test]" },
	{ "include:test", "[! include:test]" },
	{ "include:a.123", "[! include:a.123]" },
	{ "include:a.-b", "[! include:a.-b]" },
	{ "include:a.b-", "[! include:a.b-]" },
	{ "include:a.b_c", "[! include:a.b_c]" },
	{ "include:a..", "[! include:a..]" },
	{ "include:.", "[! include:.]" },
	{ "include:a\tb.test", "[! include:a\tb.test]" },
	{ "include:gr\xc3\xbcn.test", "[! include:gr\xc3\xbcn.test]" },

	/* modifiers: of those that are not known anything is taken */
	{ "redirect=a.test", "[pass redirect :a.test]" },
	{ "Redirect=%{d}", "[pass redirect :%{d}]" },
	{ "exp=a.test", "[pass other :a.test]" },
	{ "x-y_z.1=", "[pass other :]" },
	{ "foo=bar:1/2=3", "[pass other :bar:1/2=3]" },
	{ "redirect=", "[! redirect=]" },
	{ "redirect=test", "[! redirect=test]" },
	{ "redirect:a.test", "[! redirect:a.test]" },
	{ "-redirect=a.test", "[! -redirect=a.test]" },
	{ "exp=", "[! exp=]" },
	{ "1x=y", "[! 1x=y]" },
	{ "=y", "[! =y]" },
};

static void print(FILE *out, const struct spf_term *t)
{
	static const char *const kind[] = {
		[SPF_ALL] = "all",           [SPF_INCLUDE] = "include", [SPF_A] = "a",     [SPF_MX] = "mx",
		[SPF_PTR] = "ptr",           [SPF_IP4] = "ip4",         [SPF_IP6] = "ip6", [SPF_EXISTS] = "exists",
		[SPF_REDIRECT] = "redirect", [SPF_OTHER] = "other"
	};
	char address[INET6_ADDRSTRLEN];

	fprintf(out, "[%s %s", spf_result_text(t->result), kind[t->kind]);
	if (t->spec)
		fprintf(out, " :%.*s", (int)t->spec_length, t->spec);
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		fprintf(out, " %s", address_print(t->address, address));
	if (t->cidr4 != 32)
		fprintf(out, " /%u", t->cidr4);
	if (t->cidr6 != 128)
		fprintf(out, " //%u", t->cidr6);
	fputc(']', out);
}

static void reads(void **state)
{
	const struct row *row = *state;
	char record[512], *said = NULL;
	const char *next = record;
	struct spf_term t;
	size_t size;
	FILE *out = open_memstream(&said, &size);
	int more;

	assert_non_null(out);
	snprintf(record, sizeof(record), "v=spf1 %s", row->record);
	while ((more = spf_next_term(&next, &t)) > 0)
		print(out, &t);
	if (more) {
		assert_int_equal(more, -EINVAL);
		fprintf(out, "[! %.*s]", (int)t.length, t.text);
	} else {
		assert_string_equal(next, "");
	}
	assert_int_equal(fclose(out), 0);
	assert_string_equal(said, row->terms);
	free(said);
}

static void tells_records(void **state)
{
	static const char *const records[] = { "v=spf1", "v=spf1 ", "v=spf1 -all", "V=SPF1 -all", "v=spf1  foo" };
	static const char *const others[] = { "",        "v=spf",       "v=spf10 -all",    "v=spf1\t-all", "v=spf1-all",
					      " v=spf1", "v=spf2 -all", "spf2.0/pra -all", "\"v=spf1\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		assert_true(spf_is_record(records[i]));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(spf_is_record(others[i]));
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 1] = { cmocka_unit_test(tells_records) };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i + 1] = (struct CMUnitTest){ rows[i].record, reads, NULL, NULL, (void *)&rows[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
