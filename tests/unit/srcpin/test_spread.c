// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How the sources of a list are chosen: evenly, and the same for a destination. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "srcpin/spread.h"

#define MANY 10000

static struct srcpin_list list(enum srcpin_spread spread, __u32 n)
{
	struct srcpin_list l = { .n = n, .spread = spread };

	for (__u32 i = 0; i < n; i++) {
		assert_int_equal(inet_pton(AF_INET6, "2001:db8:2::", l.source[i].addr), 1);
		l.source[i].addr[15] = (__u8)(0x25 + i);
		memset(l.source[i].mask, 0xff, sizeof(l.source[i].mask));
	}
	return l;
}

/* The Nth destination of a kind: hosts of one network, networks, hosts of IPv4 */
static struct srcpin_draw draw(int kind, __u32 n)
{
	static const char *const base[] = { "2001:db8:9::", "2001:db8::1", "::ffff:198.51.0.0" };
	static const int at[] = { 14, 4, 14 };
	__u8 dest[16];
	__u64 half[2];

	assert_int_equal(inet_pton(AF_INET6, base[kind], dest), 1);
	dest[at[kind]] = (__u8)(n >> 8);
	dest[at[kind] + 1] = (__u8)n;
	memcpy(half, dest, sizeof(half));
	return (struct srcpin_draw){ .dest = srcpin_hash(half), .chance = srcpin_mix(n), .turn = n };
}

static void is_even(const __u32 *count, __u32 n, __u32 of)
{
	for (__u32 i = 0; i < n; i++) {
		assert_true(count[i] * n * 100 >= of * 95 && count[i] * n * 100 <= of * 105);
	}
}

static void spreads_evenly(void **state)
{
	static const enum srcpin_spread spreads[] = { SRCPIN_SPREAD_HASH, SRCPIN_SPREAD_RANDOM,
						      SRCPIN_SPREAD_ROUND_ROBIN };

	(void)state;
	for (size_t s = 0; s < sizeof(spreads) / sizeof(*spreads); s++)
		for (int kind = 0; kind < 3; kind++)
			for (__u32 n = 1; n <= 4; n++) {
				struct srcpin_list l = list(spreads[s], n);
				__u32 count[SRCPIN_MAX_SOURCES] = { 0 };

				for (__u32 i = 0; i < MANY; i++) {
					struct srcpin_draw d = draw(kind, i);
					__u32 got = srcpin_best(&l, &d, 0);

					assert_in_range(got, 0, n - 1);
					count[got]++;
				}
				is_even(count, n, MANY);
			}
}

/* One of four goes: the others keep their destinations, and share its own evenly. It comes again: all is as before. */
static void moves_only_what_is_lost(void **state)
{
	struct srcpin_list l = list(SRCPIN_SPREAD_HASH, 4);

	(void)state;
	for (__u32 lost = 0; lost < 4; lost++) {
		__u32 moved = 0, to[4] = { 0 };

		for (__u32 i = 0; i < MANY; i++) {
			struct srcpin_draw d = draw(1, i);
			__u32 before = srcpin_best(&l, &d, 0), after = srcpin_best(&l, &d, 1U << lost);

			assert_int_not_equal(after, lost);
			if (before != lost) {
				assert_int_equal(after, before);
				continue;
			}
			moved++;
			to[after]++;
		}
		assert_in_range(moved, MANY / 4 * 95 / 100, MANY / 4 * 105 / 100);
		for (__u32 i = 0; i < 4; i++)
			if (i != lost)
				assert_in_range(to[i], moved / 3 * 90 / 100, moved / 3 * 110 / 100 + 1);
	}
}

/* The order of the list does not matter to `hash`, nor what else is in it. */
static void goes_by_the_address(void **state)
{
	struct srcpin_list l = list(SRCPIN_SPREAD_HASH, 4), turned = l;

	(void)state;
	for (__u32 i = 0; i < 4; i++)
		turned.source[i] = l.source[3 - i];
	for (__u32 i = 0; i < MANY; i++) {
		struct srcpin_draw d = draw(0, i);

		assert_int_equal(srcpin_best(&turned, &d, 0), 3 - srcpin_best(&l, &d, 0));
	}
}

static void first_is_the_first(void **state)
{
	struct srcpin_list l = list(SRCPIN_SPREAD_FIRST, SRCPIN_MAX_SOURCES);
	struct srcpin_draw d = draw(0, 7);

	(void)state;
	for (__u32 i = 0; i <= SRCPIN_MAX_SOURCES; i++)
		assert_int_equal(srcpin_best(&l, &d, (1U << i) - 1), i);
	for (__u32 i = 0; i < SRCPIN_MAX_SOURCES; i++) {
		l.n = i + 1;
		assert_int_equal(srcpin_best(&l, &d, (1U << i) - 1), i);
		assert_int_equal(srcpin_best(&l, &d, (2U << i) - 1), SRCPIN_MAX_SOURCES);
	}
}

static void goes_round(void **state)
{
	struct srcpin_list l = list(SRCPIN_SPREAD_ROUND_ROBIN, 3);

	(void)state;
	for (__u32 turn = 0; turn < 9; turn++) {
		struct srcpin_draw d = { .turn = turn };

		assert_int_equal(srcpin_best(&l, &d, 0), turn % 3);
		assert_int_equal(srcpin_best(&l, &d, 1U << turn % 3), (turn + 1) % 3);
	}
}

static const struct has_row {
	const char *what, *addr;
	__u32 bits;
	const char *asked;
	bool has;
} has_rows[] = {
	{ "an address", "2001:db8::1", 128, "2001:db8::1", true },
	{ "an address: the last bit differs", "2001:db8::1", 128, "2001:db8::", false },
	{ "/127", "2001:db8::2", 127, "2001:db8::3", true },
	{ "/127, beside", "2001:db8::2", 127, "2001:db8::4", false },
	{ "/80", "2001:db8:2:1::", 80, "2001:db8:2:1:0:ffff:ffff:ffff", true },
	{ "/80, beside", "2001:db8:2:1::", 80, "2001:db8:2:1:1::", false },
	{ "/65", "2001:db8:2:1::", 65, "2001:db8:2:1:7fff::", true },
	{ "/65, beside", "2001:db8:2:1::", 65, "2001:db8:2:1:8000::", false },
	{ "/64", "2001:db8:2:1::", 64, "2001:db8:2:1:ffff::1", true },
	{ "/64, beside", "2001:db8:2:1::", 64, "2001:db8:2:0:ffff::1", false },
	{ "/63", "2001:db8:2:2::", 63, "2001:db8:2:3::1", true },
	{ "/63, beside", "2001:db8:2:2::", 63, "2001:db8:2:4::1", false },
	{ "/1", "8000::", 1, "ffff::", true },
	{ "/1, beside", "8000::", 1, "7fff::", false },
	{ "IPv4 /28", "::ffff:203.0.113.16", 124, "::ffff:203.0.113.31", true },
	{ "IPv4 /28, beside", "::ffff:203.0.113.16", 124, "::ffff:203.0.113.32", false },
};

static void has(void **state)
{
	const struct has_row *row = *state;
	struct srcpin_list l = { .n = 1, .spread = SRCPIN_SPREAD_HASH };
	__u8 asked[16];
	__u64 half[2];

	assert_int_equal(inet_pton(AF_INET6, row->addr, l.source[0].addr), 1);
	assert_int_equal(inet_pton(AF_INET6, row->asked, asked), 1);
	for (__u32 i = 0; i < row->bits; i++)
		l.source[0].mask[i / 8] |= (__u8)(0x80 >> i % 8);
	memcpy(half, asked, sizeof(half));
	assert_int_equal(srcpin_list_has(&l, half), row->has);
	/* and what it gives is always one that it has; with a long rest, another one for each destination */
	for (__u32 i = 0; i < 100; i++) {
		struct srcpin_draw d = draw(0, i), next = draw(0, i + 1);
		__u64 first[2], second[2];

		srcpin_address_of(&l.source[0], srcpin_drawn(srcpin_key_of(&l, &d), 0), first);
		assert_true(srcpin_list_has(&l, first));
		srcpin_address_of(&l.source[0], srcpin_drawn(srcpin_key_of(&l, &d), SRCPIN_MAX_SOURCES - 1), second);
		assert_memory_equal(first, second, sizeof(first)); /* wherever in the list it is */
		srcpin_address_of(&l.source[0], srcpin_drawn(srcpin_key_of(&l, &next), 0), second);
		if (row->bits <= 80)
			assert_memory_not_equal(first, second, sizeof(first));
	}
}

int main(void)
{
	enum { N_ROWS = sizeof(has_rows) / sizeof(*has_rows) };
	struct CMUnitTest tests[N_ROWS + 5] = {
		cmocka_unit_test(spreads_evenly),      cmocka_unit_test(moves_only_what_is_lost),
		cmocka_unit_test(goes_by_the_address), cmocka_unit_test(first_is_the_first),
		cmocka_unit_test(goes_round),
	};

	for (size_t i = 0; i < N_ROWS; i++)
		tests[i + 5] = (struct CMUnitTest){ .name = has_rows[i].what,
						    .test_func = has,
						    .initial_state = (void *)&has_rows[i] };
	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
