// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Names of units, and what is made of what systemd says of them, which this file says in the place of
 * user/unit/systemctl.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/systemctl.h"
#include "unit/unit.h"

#include <cmocka.h> /* has a macro fail(): after ours */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define X247 X50 X50 X50 X50 X10 X10 X10 X10 "xxxxxxx"
#define UMBRELLA "Type=oneshot\nRemainAfterExit=yes\n"

/* What systemctl prints, by its first argument and its last one. */
static const struct said {
	const char *command, *operand, *text;
} says[] = {
	{ "show", "exim4.service", "Id=exim4.service\nLoadState=loaded\nType=simple\n" },
	{ "show", "alias", "Id=exim4.service\nLoadState=loaded\nType=simple\n" },
	{ "show", "postfix",
	  "Id=postfix.service\nLoadState=loaded\n" UMBRELLA "ConsistsOf=postfix-up.path postfix@-.service\n" },
	{ "show", "postfix@-.service",
	  "Id=postfix@-.service\nLoadState=loaded\nType=forking\nPartOf=mail.target other.service postfix.service\n" },
	{ "show", "other.service", "Id=other.service\nLoadState=loaded\nType=simple\n" },
	{ "show", "postfix.service", "Id=postfix.service\nLoadState=loaded\n" UMBRELLA },
	{ "show", "several.service",
	  "Id=several.service\nLoadState=loaded\n" UMBRELLA "ConsistsOf=a.service b\\x20c.service\n" },
	{ "show", "alone.service", "Id=alone.service\nLoadState=loaded\n" UMBRELLA "ConsistsOf=\n" },
	{ "show", "simple.service", "Id=simple.service\nLoadState=loaded\nType=simple\nConsistsOf=exim4.service\n" },
	{ "show", "ends.service",
	  "Id=ends.service\nLoadState=loaded\nType=oneshot\nRemainAfterExit=no\nConsistsOf=exim4.service\n" },
	{ "show", "leads.service", "Id=leads.service\nLoadState=loaded\n" UMBRELLA "ConsistsOf=masked.service\n" },
	{ "show", "x.socket", "Id=x.socket\nLoadState=loaded\n" },
	{ "show", "masked.service", "Id=masked.service\nLoadState=masked\n" },
	{ "show", "broken.service", "Id=broken.service\nLoadState=bad-setting\n" },
	{ "show", "in\\x2dner.service", "Id=in\\x2dner.service\nLoadState=masked\n" },
	{ "show", "exi.service", "Id=exi.service\nLoadState=not-found\n" },
	{ "show", "zzz@1.service", "Id=zzz@1.service\nLoadState=not-found\n" },
	{ "show", "many.service",
	  "\nId=many.service\nnonsense\nExecReload={ path=/bin/a }\nExec=no\nExecReload={ path=/bin/b ; argv[]=/bin/b "
	  "x=y }\n"
	  "ExecReloadEx=no\nControlGroup=\n" },
	{ "list-units", "postfix@*.service",
	  "postfix@-.service   loaded active running Postfix\npostfix@x.service loaded inactive dead Postfix\n" },
	{ "list-unit-files", "exi*.service", "exim4.service enabled enabled\nexim@.service disabled enabled\n" },
};

int systemctl(const char *const *arguments, char **ret, struct failure *f)
{
	const char *const *last = arguments;

	while (last[1])
		last++;
	for (size_t i = 0; i < ARRAY_SIZE(says); i++) {
		if (strcmp(says[i].command, arguments[0]) != 0 || strcmp(says[i].operand, *last) != 0)
			continue;
		assert_string_equal(last[-1], "--");
		*ret = strdup(says[i].text);
		return 0;
	}
	return (fail)(f, -EIO, "nothing is known of %s", *last);
}

static const char *const names[] = {
	"exim4", "exim4.service", "postfix@-.service", "a:b-c_d.e@f.service", "in\\x2dner.service", "@.service",
	"0",     "AZaz09",        X247 ".service",
};

static const char *const no_names[] = {
	X247 "x.service",
	"",
	"-all",
	"-.mount",
	".",
	"..",
	".service",
	"a/b.service",
	"/a.service",
	"../a.service",
	"a*",
	"a?.service",
	"a[b].service",
	"a b.service",
	"a\nb.service",
	"a\tb",
	"a%i.service",
	"a+b",
	"a~b",
	"a,b",
	"a$b",
	"a'b",
	"a;b",
	"gr\xc3\xbcn.service",
};

static void tells_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!unit_name_is_valid(names[i]))
			fail_msg("'%s' is a name", names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no_names); i++)
		if (unit_name_is_valid(no_names[i]))
			fail_msg("'%s' is no name", no_names[i]);
}

static void gives_the_full_name(void **state)
{
	static const char *const rows[][2] = {
		{ "exim4", "exim4.service" },
		{ "exim4.service", "exim4.service" },
		{ "postfix@-", "postfix@-.service" },
		{ "x.socket", "x.socket.service" },
		{ "service", "service.service" },
		{ "exim4.services", "exim4.services.service" },
		{ ".service", ".service" },
		{ "a.service.b", "a.service.b.service" },
		{ "", ".service" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *full = unit_full_name(rows[i][0]);

		assert_string_equal(full, rows[i][1]);
		free(full);
	}
}

/* unit_find(): the unit that is found, and its umbrella; or the sentence. */
static const struct find_row {
	const char *name;
	int code;
	const char *found, *umbrella;
} find_rows[] = {
	{ "exim4.service", 0, "exim4.service", NULL },
	{ "alias", 0, "exim4.service", NULL },
	{ "postfix", 0, "postfix@-.service", "postfix.service" },
	{ "postfix@-.service", 0, "postfix@-.service", NULL },
	{ "alone.service", 0, "alone.service", NULL },
	{ "simple.service", 0, "simple.service", NULL },
	{ "ends.service", 0, "ends.service", NULL },
	{ "several.service", -ENOTUNIQ,
	  "cannot choose for several.service, which has no process of its own: name one of a.service, "
	  "'b\\x20c.service'",
	  NULL },
	{ "leads.service", -EINVAL,
	  "cannot use masked.service: it is masked, and cannot start (systemctl unmask masked.service)", NULL },
	{ "a/b", -EINVAL, "cannot use a/b: it is not a unit's name", NULL },
	{ "", -EINVAL, "cannot use : it is not a unit's name", NULL },
	{ "postfix@", -EINVAL,
	  "cannot use postfix@: it is a template (name an instance: postfix@-.service, postfix@x.service)", NULL },
	{ "postfix@.service", -EINVAL,
	  "cannot use postfix@.service: it is a template (name an instance: postfix@-.service, postfix@x.service)",
	  NULL },
	{ "other@.service", -EINVAL, "cannot use other@.service: it is a template (name an instance)", NULL },
	{ "x.socket", -EINVAL, "cannot use x.socket: it is not a service", NULL },
	{ "masked.service", -EINVAL,
	  "cannot use masked.service: it is masked, and cannot start (systemctl unmask masked.service)", NULL },
	{ "in\\x2dner.service", -EINVAL,
	  "cannot use in\\x2dner.service: it is masked, and cannot start (systemctl unmask 'in\\x2dner.service')",
	  NULL },
	{ "broken.service", -EINVAL,
	  "cannot use broken.service: systemd could not load it (systemctl status broken.service)", NULL },
	{ "exi.service", -ENOENT, "cannot find unit exi.service, did you mean: exim4.service, exim@.service", NULL },
	{ "zzz@1.service", -ENOENT, "cannot find unit zzz@1.service (systemctl list-unit-files shows what there is)",
	  NULL },
	{ "unknown.service", -EIO, "nothing is known of unknown.service", NULL },
};

static void finds(void **state)
{
	const struct find_row *row = *state;
	struct failure f = { "" };
	struct unit u;

	assert_int_equal(unit_find(row->name, &u, &f), row->code);
	if (row->code) {
		assert_string_equal(f.text, row->found);
	} else {
		assert_string_equal(u.is[UNIT_ID], row->found);
		assert_string_equal(u.umbrella ? u.umbrella : "none", row->umbrella ? row->umbrella : "none");
	}
	unit_free(&u);
}

static void finds_the_umbrella(void **state)
{
	struct failure f = { "" };
	struct unit u, umbrella;

	(void)state;
	assert_int_equal(unit_show("postfix@-.service", &u, &f), 0);
	assert_int_equal(unit_find_umbrella(&u, &umbrella, &f), 0);
	assert_string_equal(umbrella.is[UNIT_ID], "postfix.service");
	unit_free(&umbrella);
	unit_free(&u);

	assert_int_equal(unit_show("exim4.service", &u, &f), 0);
	assert_int_equal(unit_find_umbrella(&u, &umbrella, &f), 0);
	assert_null(umbrella.is[UNIT_ID]);
	unit_free(&u);
}

/* Those that are services, in systemd's order */
static void lists_services(void **state)
{
	char *list, *last;
	struct failure f = { "" };
	struct unit u;

	(void)state;
	assert_int_equal(unit_show("several.service", &u, &f), 0);
	assert_int_equal(unit_services(&u, &list, &last), 2);
	assert_string_equal(list, "a.service, 'b\\x20c.service'");
	assert_string_equal(last, "b\\x20c.service");
	free(list);
	free(last);
	unit_free(&u);

	assert_int_equal(unit_show("alone.service", &u, &f), 0);
	assert_int_equal(unit_services(&u, &list, &last), 0);
	assert_string_equal(list, "");
	assert_null(last);
	free(list);
	unit_free(&u);
}

/* A property may have several lines, and signs of equality; others begin alike; what is not said is "". */
static void reads_properties(void **state)
{
	struct failure f = { "" };
	struct unit u;

	(void)state;
	assert_int_equal(unit_show("many.service", &u, &f), 0);
	assert_string_equal(u.is[UNIT_ID], "many.service");
	assert_string_equal(u.is[UNIT_EXEC_RELOAD], "{ path=/bin/a }\n{ path=/bin/b ; argv[]=/bin/b x=y }");
	assert_string_equal(u.is[UNIT_CONTROL_GROUP], "");
	assert_string_equal(u.is[UNIT_SLICE], "");
	assert_null(u.umbrella);
	unit_free(&u);
	assert_int_equal(unit_show("unknown.service", &u, &f), -EIO);
	unit_free(&u);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(find_rows) + 5] = {
		cmocka_unit_test(tells_names),        cmocka_unit_test(gives_the_full_name),
		cmocka_unit_test(finds_the_umbrella), cmocka_unit_test(lists_services),
		cmocka_unit_test(reads_properties),
	};

	for (size_t i = 0; i < ARRAY_SIZE(find_rows); i++)
		tests[i + 5] = (struct CMUnitTest){ find_rows[i].name, finds, NULL, NULL, (void *)&find_rows[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
