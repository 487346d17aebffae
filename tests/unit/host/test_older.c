// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which sockets break a policy, which of them a listener of the service accepted, and what the kernel says to an end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "host/older.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h> /* has a macro fail(): after ours */

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t mapped[12] = { [10] = 0xff, 0xff };

static void address(uint8_t ret[16], const char *text)
{
	if (inet_pton(AF_INET6, text, ret) == 1)
		return;
	memcpy(ret, mapped, sizeof(mapped));
	assert_int_equal(inet_pton(AF_INET, text, ret + 12), 1);
}

static struct policy_entry pin(const char *prefix, __u32 length, const char *source)
{
	struct policy_entry e = { { .prefixlen = length }, { .verdict = SRCPIN_PIN, .bound = SRCPIN_BOUND_REWRITE } };

	address(e.prefix.addr, prefix);
	address(e.rule.source, source);
	return e;
}

static struct policy_entry exempt(const char *prefix, __u32 length)
{
	struct policy_entry e = { { .prefixlen = length }, { .verdict = SRCPIN_EXEMPT } };

	address(e.prefix.addr, prefix);
	return e;
}

static struct open_socket socket_of(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port)
{
	struct open_socket s = { .protocol = IPPROTO_TCP, .local_port = local_port, .remote_port = remote_port };

	address(s.local, local);
	address(s.remote, remote);
	return s;
}

static void breaks_the_longest_prefix(void **state)
{
	struct policy_entry entry[] = {
		pin("::", 0, "2001:db8::25"),
		exempt("::1", 128),
		pin("0.0.0.0", 96, "192.0.2.25"),
		exempt("10.0.0.0", 104),
		pin("10.9.0.0", 112, "192.0.2.26"),
		exempt("2001:db8:9::", 48),
		pin("2001:db8:9:1::", 64, "2001:db8::26"),
	};
	const struct policy p = { .entry = entry, .n_entries = N(entry) };
	static const struct {
		const char *local, *remote;
		int entry; /* that it breaks; -1: none */
	} row[] = {
		{ "2001:db8:1::5", "2001:db8:8::1", 0 },
		{ "2001:db8::25", "2001:db8:8::1", -1 },
		{ "2001:db8::26", "2001:db8:8::1", 0 },
		{ "2001:db8:1::5", "2001:db8:9::1", -1 },
		{ "2001:db8:1::5", "2001:db8:9:1::1", 6 },
		{ "2001:db8::25", "2001:db8:9:1::1", 6 },
		{ "2001:db8::26", "2001:db8:9:1::1", -1 },
		{ "::1", "::1", -1 },
		{ "198.51.100.5", "203.0.113.1", 2 },
		{ "192.0.2.25", "203.0.113.1", -1 },
		{ "192.0.2.25", "10.1.0.1", -1 },
		{ "192.0.2.25", "10.9.0.1", 4 },
		{ "192.0.2.26", "10.9.0.1", -1 },
		{ "::c000:219", "203.0.113.1", 2 }, /* not the mapped form of 192.0.2.25 */
	};

	(void)state;
	for (size_t i = 0; i < N(row); i++) {
		const struct open_socket s = socket_of(row[i].local, 40000, row[i].remote, 25);
		const struct srcpin_rule *rule = older_rule(&p, &s);

		if (rule != (row[i].entry < 0 ? NULL : &entry[row[i].entry].rule))
			fail_msg("row %zu: %s to %s", i, row[i].local, row[i].remote);
	}
	assert_null(older_rule(&(struct policy){ 0 }, &(struct open_socket){ 0 }));
}

static void ports_and_bound_count(void **state)
{
	const struct open_socket smtp = socket_of("2001:db8:1::5", 40000, "2001:db8:8::1", 25);
	const struct open_socket http = socket_of("2001:db8:1::5", 25, "2001:db8:8::1", 80);
	struct policy_entry all = pin("::", 0, "2001:db8::25");
	const struct policy p = { .entry = &all, .n_entries = 1 };

	(void)state;
	all.rule.n_ports = 2;
	all.rule.ports[0] = 25;
	all.rule.ports[1] = 465;
	assert_non_null(older_rule(&p, &smtp));
	assert_null(older_rule(&p, &http));
	all.rule.bound = SRCPIN_BOUND_DENY;
	assert_non_null(older_rule(&p, &smtp));
	all.rule.bound = SRCPIN_BOUND_LEAVE; /* its program may have bound it: older_count() tells them apart */
	assert_non_null(older_rule(&p, &smtp));
	/* refused: from anywhere */
	all.rule.verdict = SRCPIN_DENY;
	memset(all.rule.source, 0, sizeof(all.rule.source));
	assert_non_null(older_rule(&p, &smtp));
	assert_null(older_rule(&p, &http));
}

static void accepted_at_a_listener(void **state)
{
	static const struct {
		const char *listens, *local;
		uint16_t port, local_port;
		bool accepted;
	} row[] = {
		{ "::", "2001:db8:1::5", 25, 25, true },
		{ "::", "2001:db8:1::5", 25, 26, false },
		{ "::", "192.0.2.5", 25, 25, true },
		{ "0.0.0.0", "192.0.2.5", 25, 25, true },
		{ "0.0.0.0", "2001:db8:1::5", 25, 25, false },
		{ "2001:db8:1::5", "2001:db8:1::5", 25, 25, true },
		{ "2001:db8:1::5", "2001:db8:1::6", 25, 25, false },
		{ "192.0.2.5", "192.0.2.5", 25, 25, true },
		{ "192.0.2.5", "192.0.2.6", 25, 25, false },
		{ "192.0.2.5", "::c000:205", 25, 25, false },
	};

	(void)state;
	for (size_t i = 0; i < N(row); i++) {
		struct open_socket item[] = {
			socket_of("2001:db8:1::5", 40000, "2001:db8:8::1", 443),
			socket_of(row[i].local, row[i].local_port, "2001:db8:8::1", 40001),
			socket_of(row[i].listens, row[i].port, "::", 0),
		};
		const struct open_sockets list = { item, N(item) };

		/* as long as nobody listens */
		assert_false(older_was_accepted(&list, &item[1]));
		item[2].listening = true;
		if (older_was_accepted(&list, &item[1]) != row[i].accepted)
			fail_msg("row %zu: %s at %s", i, row[i].local, row[i].listens);
		assert_false(older_was_accepted(&list, &item[0]));
		item[1].protocol = IPPROTO_UDP;
		assert_false(older_was_accepted(&list, &item[1]));
	}
}

/* Needs no privilege: the kernel looks for the socket first. */
static void what_the_kernel_refuses_is_told(void **state)
{
	struct open_socket s = { .protocol = IPPROTO_TCP, .family = AF_INET6, .id = { .idiag_cookie = { 1, 1 } } };

	(void)state;
	assert_int_equal(socket_end(&s), -ENOENT);
	s.family = AF_UNIX; /* knows no such request */
	assert_true(socket_end(&s) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaks_the_longest_prefix),
		cmocka_unit_test(ports_and_bound_count),
		cmocka_unit_test(accepted_at_a_listener),
		cmocka_unit_test(what_the_kernel_refuses_is_told),
	};

	return cmocka_run_group_tests_name("stale", tests, NULL, NULL);
}
