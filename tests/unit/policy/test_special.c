// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * IANA's special-purpose address registries, entry by entry, as of 2026-11,
 * and what becomes of a connect there without a line about it. Exempt is what
 * never leads to the internet, so that no source of the internet helps:
 * the host itself, its links, private networks. Pinned is what a router may
 * carry further, and what nobody has: from there no answer comes anyway.
 */
#include <sys/socket.h>

#include "parse_text.h"
#include "policy/compile.h"

static const struct {
	const char *address;
	bool exempt;
	const char *registered; /* and why */
} special[] = {
	{ "0.0.0.1", false, "0.0.0.0/8, this network (RFC 791): no destination; the kernel sends it on" },
	{ "0.0.0.0", true, "0.0.0.0/32, this host on this network (RFC 1122): the kernel takes it for loopback" },
	{ "10.0.0.1", true, "10.0.0.0/8, private (RFC 1918)" },
	{ "100.64.0.0", true,
	  "100.64.0.0/10, shared address space (RFC 6598): carriers, overlays, resolvers of clouds" },
	{ "100.127.255.255", true, "its last address" },
	{ "100.63.255.255", false, "the address before it" },
	{ "100.128.0.0", false, "the address after it" },
	{ "127.0.0.1", true, "127.0.0.0/8, loopback (RFC 1122)" },
	{ "169.254.0.1", true, "169.254.0.0/16, link-local (RFC 3927)" },
	{ "172.16.0.1", true, "172.16.0.0/12, private (RFC 1918)" },
	{ "192.0.0.1", false, "192.0.0.0/24, IETF protocol assignments (RFC 6890): some go by a provider's router" },
	{ "192.0.0.1", false, "192.0.0.0/29, IPv4 service continuity (RFC 7335): a translator in the host" },
	{ "192.0.0.8", false, "192.0.0.8/32, dummy address (RFC 7600): a source only" },
	{ "192.0.0.9", false, "192.0.0.9/32, port control protocol anycast (RFC 7723): in the internet" },
	{ "192.0.0.10", false, "192.0.0.10/32, TURN anycast (RFC 8155): in the internet" },
	{ "192.0.0.170", false, "192.0.0.170/32 and .171, NAT64 discovery (RFC 8880): only in answers of the DNS" },
	{ "192.0.2.1", false, "192.0.2.0/24, documentation (RFC 5737): nobody's" },
	{ "192.31.196.1", false, "192.31.196.0/24, AS112-v4 (RFC 7535): in the internet" },
	{ "192.52.193.1", false, "192.52.193.0/24, AMT (RFC 7450): in the internet" },
	{ "192.88.99.2", false,
	  "192.88.99.2/32, 6a44 relay anycast (RFC 6751), in the deprecated 192.88.99.0/24 (RFC 7526)" },
	{ "192.168.0.1", true, "192.168.0.0/16, private (RFC 1918)" },
	{ "192.175.48.1", false, "192.175.48.0/24, AS112 (RFC 7534): in the internet" },
	{ "198.18.0.1", false, "198.18.0.0/15, benchmarking (RFC 2544): a router carries it further" },
	{ "198.51.100.1", false, "198.51.100.0/24, documentation (RFC 5737): nobody's" },
	{ "203.0.113.1", false, "203.0.113.0/24, documentation (RFC 5737): nobody's" },
	{ "224.0.0.1", true, "224.0.0.0/4, multicast (RFC 5771), a registry of its own: no mail goes there" },
	{ "240.0.0.1", false, "240.0.0.0/4, reserved (RFC 1112): Linux sends there, and some clouds use it" },
	{ "255.255.255.255", true, "255.255.255.255/32, limited broadcast (RFC 919)" },
	{ "::1", true, "::1/128, loopback (RFC 4291)" },
	{ "::", true, "::/128, unspecified (RFC 4291): the kernel takes it for loopback" },
	{ "64:ff9b::1", false, "64:ff9b::/96, NAT64 (RFC 6052): in the internet" },
	{ "64:ff9b:1::1", false, "64:ff9b:1::/48, local NAT64 (RFC 8215): the translator leads to the internet" },
	{ "100::1", false, "100::/64, discard-only (RFC 6666): nobody answers" },
	{ "100:0:0:1::1", false, "100:0:0:1::/64, dummy prefix (RFC 9780): nobody answers" },
	{ "2001::1", false, "2001::/23, IETF protocol assignments (RFC 2928), and 2001::/32, Teredo (RFC 4380)" },
	{ "2001:1::1", false, "2001:1::1/128 to ::3/128, PCP, TURN and DNS-SD anycast (RFC 7723, 8155, 9665)" },
	{ "2001:2::1", false, "2001:2::/48, benchmarking (RFC 5180)" },
	{ "2001:3::1", false, "2001:3::/32, AMT (RFC 7450): in the internet" },
	{ "2001:4:112::1", false, "2001:4:112::/48, AS112-v6 (RFC 7535): in the internet" },
	{ "2001:20::1", false, "2001:20::/28, ORCHIDv2 (RFC 7343): no route leads there" },
	{ "2001:30::1", false, "2001:30::/28, drone remote ID (RFC 9374): no route leads there" },
	{ "2001:db8:ffff::1", false, "2001:db8::/32, documentation (RFC 3849): nobody's" },
	{ "2002::1", false, "2002::/16, 6to4 (RFC 3056): in the internet" },
	{ "2620:4f:8000::1", false, "2620:4f:8000::/48, AS112 (RFC 7534): in the internet" },
	{ "3fff::1", false, "3fff::/20, documentation (RFC 9637): nobody's" },
	{ "5f00::1", false, "5f00::/16, segment routing SIDs (RFC 9602): a router carries it further" },
	{ "fc00::1", true, "fc00::/7, unique-local (RFC 4193)" },
	{ "fe80::1", true, "fe80::/10, link-local (RFC 4291)" },
	{ "ff02::1", true, "ff00::/8, multicast (RFC 4291), a registry of its own: no mail goes there" },
};

static void exempts_what_is_special(void **state)
{
	struct diagnostics d = { 0 };
	struct policy p;
	struct config c;

	(void)state;
	parse(S "source4 = 203.0.113.25\n", &c);
	assert_true(policy_compile(&c.section[0], &p, &d));
	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		const char *text = special[i].address;
		uint8_t address[16];

		assert_int_not_equal(address_parse(text, (int)strlen(text), address), AF_UNSPEC);
		if ((policy_match(&p, address)->verdict == SRCPIN_EXEMPT) != special[i].exempt)
			fail_msg("%s, of %s", text, special[i].registered);
	}
	policy_free(&p);
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(exempts_what_is_special) };

	return cmocka_run_group_tests_name("special", tests, NULL, NULL);
}
