// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any text as what a mail server says of its settings. The first
 * byte is whose: P, E or O; the two answers are parted by a zero.
 */
#include <string.h>

#include "doctor_settings.h"
#include "fuzz.h"

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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct policy policy = { .entry = entry, .n_entries = 2 };
	struct doctor d = { 0 };
	struct settings s = { .d = &d, .id = CHECK_EXIM, .policy = &policy };
	const uint8_t *zero;
	char *first, *second;

	if (!size)
		return 0;
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
