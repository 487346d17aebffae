// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any bytes as a config file. Besides not crashing, what the rest
 * of the program relies on must hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "policy/compile.h"
#include "policy/policies.h"
#include "policy/policy.h"
#include "policy/sources.h"

/* Is the whole config right? */
static bool policy_check(const struct config *c, struct diagnostics *d)
{
	struct policies p = { .config = *c };
	bool is_right = policies_compile(&p, d);

	for (size_t i = 0; i < c->n_sections; i++)
		policy_free(&p.of[i]);
	free(p.of);
	return is_right;
}

static int order(const struct prefix *a, const struct prefix *b)
{
	int addresses = memcmp(a->addr, b->addr, sizeof(a->addr));

	return addresses ? addresses : (int)a->prefixlen - (int)b->prefixlen;
}

static void require_no_host_bits(const struct prefix *p)
{
	REQUIRE(p->prefixlen <= 128);
	for (unsigned int bit = p->prefixlen; bit < 128; bit++)
		REQUIRE(!(p->addr[bit / 8] & 0x80 >> bit % 8));
}

static void require_source(const struct policy_entry *e)
{
	const __u8 *source = e->rule.source;

	REQUIRE(!is_zero(source, 16));
	REQUIRE(is_mapped(source) == (e->prefix.prefixlen >= 96 && is_mapped(e->prefix.addr)));
	if (is_mapped(source)) {
		REQUIRE(source[12] && source[12] != 127 && source[12] < 224);
		REQUIRE(source[12] != 169 || source[13] != 254);
	} else {
		REQUIRE(!is_zero(source, 12)); /* IPv4-compatible, ::, ::1 */
		REQUIRE(source[0] != 0xff && (source[0] != 0xfe || (source[1] & 0xc0) != 0x80));
	}
}

static void require_rule(const struct policy_entry *e)
{
	const struct srcpin_rule *r = &e->rule;

	REQUIRE(r->bound);
	switch (r->verdict) {
	case SRCPIN_PIN:
		require_source(e);
		REQUIRE(r->line && r->missing);
		break;
	case SRCPIN_DENY: /* only a family as a whole, and what an own address takes over from it */
		REQUIRE(!e->prefix.prefixlen || e->prefix.prefixlen == 96 || r->flags & SRCPIN_RULE_OWN);
		REQUIRE(is_zero(r->source, sizeof(r->source)));
		REQUIRE(r->missing);
		break;
	default:
		REQUIRE(r->verdict == SRCPIN_EXEMPT);
		REQUIRE(is_zero(r->source, sizeof(r->source)));
		REQUIRE(!r->missing && !r->n_ports);
	}
	REQUIRE(r->n_ports <= SRCPIN_MAX_PORTS);
	REQUIRE(is_zero(r->ports + r->n_ports, (SRCPIN_MAX_PORTS - r->n_ports) * sizeof(*r->ports)));
}

/* The entry of exactly this prefix. */
static const struct policy_entry *entry_of(const struct policy *p, unsigned int prefixlen, const __u8 address[16])
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (p->entry[i].prefix.prefixlen == prefixlen && !memcmp(p->entry[i].prefix.addr, address, 16))
			return &p->entry[i];
	return NULL;
}

/* What the kernel side looks up: each family as a whole, every source whole, and a rule for every address. */
static void require_lookups(const struct policy *p)
{
	static const __u8 ipv4[16] = { [10] = 0xff, [11] = 0xff };
	bool touches_ipv4 = false;

	REQUIRE(!p->entry[0].prefix.prefixlen);
	REQUIRE(entry_of(p, 96, ipv4));
	REQUIRE(entry_of(p, 128, ipv4));
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i], *own;

		REQUIRE(policy_match(p, e->prefix.addr));
		if (e->prefix.prefixlen == 128)
			REQUIRE(policy_match(p, e->prefix.addr) == &e->rule);
		if (e->rule.verdict == SRCPIN_PIN) {
			const struct srcpin_list l = policy_sources(p, &e->rule);

			REQUIRE(l.n && l.n <= SRCPIN_MAX_SOURCES && e->rule.list <= p->n_lists);
			for (__u32 k = 0; k < l.n; k++) {
				own = entry_of(p, source_prefix(&l.source[k]).prefixlen, l.source[k].addr);
				REQUIRE(own && (own->rule.flags & SRCPIN_RULE_OWN));
				REQUIRE(policy_rule_has(p, &e->rule, l.source[k].addr));
			}
		}
		touches_ipv4 |=
			e->prefix.prefixlen >= 96 && is_mapped(e->prefix.addr) && e->rule.verdict != SRCPIN_EXEMPT;
	}
	REQUIRE(policy_touches_ipv4(p) == touches_ipv4);
}

static void require_policy(const struct policy *p)
{
	struct policy other = *p;

	REQUIRE(p->n_entries && p->n_entries <= SRCPIN_MAX_RULES);
	for (size_t i = 0; i < p->n_entries; i++) {
		REQUIRE(!i || order(&p->entry[i - 1].prefix, &p->entry[i].prefix) < 0);
		require_no_host_bits(&p->entry[i].prefix);
		require_rule(&p->entry[i]);
	}
	require_lookups(p);
	REQUIRE(policy_equal(p, p));
	other.guard = !p->guard;
	REQUIRE(!policy_equal(p, &other));
	other = *p;
	other.observe = !p->observe;
	REQUIRE(!policy_equal(p, &other));
}

static void build_sections(const struct config *c, bool checked, struct diagnostics *d)
{
	for (size_t i = 0; i < c->n_sections; i++) {
		size_t n_before = d->n;
		struct policy p;
		bool built;

		if (config_is_doctor(&c->section[i])) {
			REQUIRE(config_doctor(c) && config_is_doctor(config_doctor(c)));
			REQUIRE(config_find(c, c->section[i].name) != &c->section[i]);
			continue;
		}
		built = policy_compile(&c->section[i], &p, d);
		REQUIRE(built == (d->n == n_before));
		REQUIRE(built || !checked);
		REQUIRE(built || (!p.entry && !p.n_entries));
		if (built)
			require_policy(&p);
		policy_free(&p);
		REQUIRE(config_find(c, c->section[i].name));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fopen("/dev/null", "r");
	struct diagnostics d = { 0 };
	struct config c;

	REQUIRE(in);
	REQUIRE(!config_parse(in, &c, &d));
	fclose(in);
	build_sections(&c, policy_check(&c, &d), &d);
	diagnostics_sort(&d);
	for (size_t i = 0; i < d.n; i++) {
		REQUIRE(d.item[i].line && d.item[i].col && *d.item[i].message);
		for (const char *p = d.item[i].message; *p; p++)
			REQUIRE((unsigned char)*p >= ' ' || *p == '\t');
	}
	diagnostics_free(&d);
	config_free(&c);
	return 0;
}
