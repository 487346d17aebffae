// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a packet meets in rules that are listed. Those that iptables-nft makes are here, as nft -j (1.0.6) lists them:
 * nft itself cannot make them. The others are in tests/kernel/out/nat.t. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "host/nat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h> /* has a macro fail(): after ours */

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t source[16] = { 0x20, 0x01, 0x0d, 0xb8, [5] = 2, [15] = 0x25 };
static const struct prefix everywhere = { 0 };

#define XT(type, name) "{\"xt\": {\"type\": \"" type "\", \"name\": \"" name "\"}}"
#define BY_VPS "{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"oifname\"}}, \"right\": \"vps\"}}"
#define MASQUERADE XT("target", "MASQUERADE")
#define RETURN "{\"return\": null}"
#define AND ", "
#define RULE(chain, statements)                                                      \
	", {\"rule\": {\"family\": \"ip6\", \"table\": \"nat\", \"chain\": \"" chain \
	"\", \"handle\": 7, \"expr\": [" statements "]}}"

static const struct {
	const char *rules;
	enum nat_answer want;
} rows[] = {
	{ RULE("POSTROUTING", BY_VPS AND MASQUERADE), NAT_ALL },
	{ RULE("POSTROUTING", BY_VPS AND XT("match", "comment") AND MASQUERADE), NAT_ALL },
	{ RULE("POSTROUTING", BY_VPS AND XT("match", "policy") AND MASQUERADE), NAT_PERHAPS },
	{ RULE("POSTROUTING", XT("match", "conntrack") AND MASQUERADE), NAT_PERHAPS },
	{ RULE("POSTROUTING", XT("match", "addrtype") AND MASQUERADE), NAT_PERHAPS },
	{ RULE("POSTROUTING", BY_VPS AND XT("target", "SNAT")), NAT_PERHAPS }, /* it may be to the source itself */
	{ RULE("POSTROUTING", BY_VPS AND XT("target", "SNAT")) RULE("POSTROUTING", MASQUERADE), NAT_PERHAPS },
	{ RULE("POSTROUTING", XT("target", "NETMAP")), NAT_PERHAPS },
	{ RULE("POSTROUTING", XT("match", "comment") AND "{\"accept\": null}") RULE("POSTROUTING", MASQUERADE),
	  NAT_NONE },
	/* kube-proxy: only what is marked goes on */
	{ RULE("POSTROUTING", "{\"jump\": {\"target\": \"KP\"}}") RULE("KP", XT("match", "mark") AND RETURN)
		  RULE("KP", MASQUERADE),
	  NAT_PERHAPS },
	{ RULE("POSTROUTING", "{\"jump\": {\"target\": \"KP\"}}") RULE("KP", XT("match", "mark") AND RETURN)
		  RULE("POSTROUTING", MASQUERADE),
	  NAT_ALL },
	{ RULE("POSTROUTING", "{\"jump\": {\"target\": \"KP\"}}")
		  RULE("KP", XT("match", "mark") AND "{\"accept\": null}") RULE("POSTROUTING", MASQUERADE),
	  NAT_PERHAPS },
	{ RULE("POSTROUTING", "{\"goto\": {\"target\": \"KP\"}}") RULE("POSTROUTING", MASQUERADE), NAT_NONE },
};

static enum nat_answer answer_of(const char *rules, const char *chain, enum nat_kind kind, struct nat_rule *rule)
{
	const struct nat_way way = { .source = source, .to = &everywhere, .device = "vps", .in = "" };
	struct nat_rules r = { .listing = NULL };
	enum nat_answer answer;
	char text[4096];
	json_t *listing;

	assert_true(snprintf(text, sizeof(text), "{\"nftables\": [{\"chain\": %s}%s]}", chain, rules) <
		    (int)sizeof(text));
	listing = json_loads(text, 0, NULL);
	assert_non_null(listing);
	r.listing = listing;
	answer = nat_of(&r, &way, kind, rule);
	json_decref(listing);
	return answer;
}

static void rules_of_iptables_are_followed(void **state)
{
	static const char chain[] =
		"{\"family\": \"ip6\", \"table\": \"nat\", \"name\": \"POSTROUTING\", \"type\": \"nat\", "
		"\"hook\": \"postrouting\", \"prio\": 100}";
	struct nat_rule rule;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		enum nat_answer answer = answer_of(rows[i].rules, chain, NAT_TRANSLATION, &rule);

		if (answer != rows[i].want)
			print_message("%s\n", rows[i].rules);
		assert_int_equal(answer, rows[i].want);
		if (answer)
			assert_int_equal(rule.handle, 7);
	}
}

static void a_prefix_that_is_rewritten_without_nat_is_seen(void **state)
{
	static const char chain[] = "{\"family\": \"ip6\", \"table\": \"nat\", \"name\": \"POSTROUTING\", "
				    "\"type\": \"filter\", \"hook\": \"postrouting\", \"prio\": -150}";
	struct nat_rule rule;

	(void)state;
	assert_int_equal(answer_of(RULE("POSTROUTING", XT("target", "SNPT")), chain, NAT_STATELESS, &rule),
			 NAT_PERHAPS);
	assert_int_equal(answer_of(RULE("POSTROUTING", XT("target", "SNPT")), chain, NAT_TRANSLATION, &rule), NAT_NONE);
}

/* A device that nft names (from 1.0.7 on), and none */
static void a_chain_at_a_device_is_seen(void **state)
{
	static const char rule[] = ", {\"rule\": {\"family\": \"netdev\", \"table\": \"nat\", \"chain\": \"c\", "
				   "\"handle\": 7, \"expr\": [{\"mangle\": "
				   "{\"key\": {\"payload\": {\"protocol\": \"ip6\", \"field\": \"saddr\"}}, \"value\": "
				   "\"2001:db8:1::5\"}}]}}";
	static const struct {
		const char *device;
		enum nat_answer want;
	} devices[] = { { "", NAT_PERHAPS },
			{ ", \"dev\": \"vps\"", NAT_ALL },
			{ ", \"dev\": [\"lo\", \"vps\"]", NAT_ALL },
			{ ", \"dev\": \"eth1\"", NAT_NONE } };
	struct nat_rule found;
	char chain[256];

	(void)state;
	for (size_t i = 0; i < N(devices); i++) {
		snprintf(chain, sizeof(chain),
			 "{\"family\": \"netdev\", \"table\": \"nat\", \"name\": \"c\", \"type\": \"filter\", "
			 "\"hook\": \"egress\", \"prio\": 0%s}",
			 devices[i].device);
		assert_int_equal(answer_of(rule, chain, NAT_EGRESS, &found), devices[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_iptables_are_followed),
		cmocka_unit_test(a_prefix_that_is_rewritten_without_nat_is_seen),
		cmocka_unit_test(a_chain_at_a_device_is_seen),
	};

	return cmocka_run_group_tests_name("nat", tests, NULL, NULL);
}
