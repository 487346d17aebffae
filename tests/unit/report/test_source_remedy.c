// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The commands of a remedy, with names of devices that a user may have chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/address.h"
#include "report/source_remedy.h"

#include <cmocka.h>

static const struct prefix source = { 128, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 } };

static void is(const struct address_state *s, const char *want)
{
	char *remedy = source_remedy(&source, s);

	assert_string_equal(remedy, want);
	free(remedy);
}

static void names_are_quoted(void **state)
{
	(void)state;
	is(&(struct address_state){ .device = "$(id)", .lack.disabled = "$(id)" },
	   "sysctl 'net.ipv6.conf.$(id).disable_ipv6=0', and ip addr add 2001:db8::25/64 dev DEVICE preferred_lft 0, "
	   "and "
	   "add its routes again; or name only a source4");
	is(&(struct address_state){ .device = "$(id)", .anycast = true },
	   "name another address of its prefix; or add it while 'net.ipv6.conf.$(id).forwarding' is 0");
	is(&(struct address_state){ .device = "a;id", .lack.down = true },
	   "ip link set 'a;id' up, and add its routes again");
	is(&(struct address_state){ .device = "a;id", .on_link.prefixlen = 64, .lack.unrouted = true },
	   "ip addr del 2001:db8::25/64 dev 'a;id', and ip addr add 2001:db8::25/64 dev 'a;id'");
}

/* sysctl(8) takes a dot for a slash, and a slash for a dot. */
static void a_dot_in_a_name_is_no_separator(void **state)
{
	(void)state;
	is(&(struct address_state){ .device = "eth0.5", .anycast = true },
	   "name another address of its prefix; or add it while net.ipv6.conf.eth0/5.forwarding is 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(a_dot_in_a_name_is_no_separator),
	};

	return cmocka_run_group_tests_name("source_remedy", tests, NULL, NULL);
}
