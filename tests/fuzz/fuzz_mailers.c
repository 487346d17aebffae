// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any text as what a mail server says of its settings. The first
 * byte is whose: P, E or O; the two answers are parted by a zero. S: any bytes
 * as the strings of a process, which stand in /proc.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "mail/mail_settings.h"
#include "fuzz.h"
#include "mail/mailer.h"

/* Two sources, one of each family */
static struct policy_entry entry[] = {
	{ .rule = { .verdict = SRCPIN_PIN,
		    .bound = SRCPIN_BOUND_REWRITE,
		    .source = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 } } },
	{ .rule = { .verdict = SRCPIN_PIN,
		    .bound = SRCPIN_BOUND_REWRITE,
		    .source = { [10] = 0xff, 0xff, 192, 0, 2, 25 } } },
};

static char *copy_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	REQUIRE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void read_settings(struct settings *s, char whose, char *first, char *second)
{
	if (whose == 'P')
		settings_read_postfix(s, first, second);
	else if (whose == 'E')
		settings_read_exim(s, first, second);
	else
		settings_read_opensmtpd(s, "/etc/smtpd.conf", first, *second ? second : NULL);
}

static void require_json(const struct doctor *d)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);
	json_t *all;

	REQUIRE(out && !doctor_json(d, out) && !doctor_table(d, out) && !fclose(out));
	all = json_loads(text, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, NULL);
	REQUIRE(all && json_array_size(json_object_get(all, "checks")) == d->n);
	json_decref(all);
	free(text);
}

static void examine(const struct doctor *d, const struct settings *s)
{
	REQUIRE(strlen(s->helo) < sizeof(s->helo));
	for (size_t i = 0; i < d->n; i++) {
		const struct check *c = &d->check[i];

		REQUIRE(is_clean(c->seen) && (!c->remedy || is_clean(c->remedy)));
		REQUIRE(c->level == CHECK_FINDING || c->level == CHECK_UNKNOWN);
		REQUIRE((c->level == CHECK_FINDING) == !!c->why);
	}
	/* what is found is not called well */
	REQUIRE(!d->n || s->fights);
	require_json(d);
}

/* There is a zero more than the last string's, as there is where they are read. */
static void read_strings(const uint8_t *data, size_t size)
{
	char option[PATH_MAX] = "", variable[PATH_MAX] = "", *strings = calloc(1, size + 2);

	REQUIRE(strings);
	memcpy(strings, data, size);
	mailer_take_option(strings, 'c', option);
	REQUIRE(memmem(strings, size + 1, option, strnlen(option, PATH_MAX - 1)));
	mailer_take_variable(strings, "MAIL_CONFIG", variable);
	REQUIRE(memmem(strings, size + 1, variable, strnlen(variable, PATH_MAX - 1)));
	free(strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct policy policy = { .entry = entry, .n_entries = 2 };
	struct doctor d = { 0 };
	struct settings s = { .d = &d, .id = CHECK_EXIM, .policy = &policy };
	const uint8_t *zero;
	char *first, *second;

	if (!size)
		return -1;
	if (data[0] == 'S') {
		read_strings(data + 1, size - 1);
		return 0;
	}
	zero = memchr(data + 1, '\0', size - 1);
	zero = zero ? zero : data + size;
	first = copy_of(data + 1, (size_t)(zero - data - 1));
	second = zero < data + size ? copy_of(zero + 1, (size_t)(data + size - zero - 1)) : copy_of(zero, 0);
	read_settings(&s, (char)data[0], first, second);
	examine(&d, &s);
	doctor_free(&d);
	free(first);
	free(second);
	return 0;
}
