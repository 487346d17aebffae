// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any bytes as a config file. Besides not crashing, what the rest
 * of the program relies on must hold.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void require_rule(const struct srcpin_rule *r)
{
	static const struct srcpin_rule none;

	if (r->verdict == SRCPIN_PIN) {
		REQUIRE(memcmp(r->source, none.source, sizeof(none.source)));
		REQUIRE(r->line && r->bound && r->missing);
		REQUIRE(r->n_ports <= SRCPIN_MAX_PORTS);
	} else {
		REQUIRE(r->verdict == SRCPIN_EXEMPT);
		REQUIRE(!memcmp(r->source, none.source, sizeof(none.source)));
		REQUIRE(r->bound && !r->missing && !r->n_ports);
	}
	REQUIRE(!memcmp(r->ports + r->n_ports, none.ports, (SRCPIN_MAX_PORTS - r->n_ports) * sizeof(*r->ports)));
}

static void require_policy(const struct policy *p)
{
	static const struct prefix everything;

	REQUIRE(p->n_entries && p->n_entries <= SRCPIN_MAX_RULES);
	REQUIRE(!order(&p->entry[0].prefix, &everything));
	REQUIRE(p->entry[0].rule.verdict == SRCPIN_PIN);
	for (size_t i = 0; i < p->n_entries; i++) {
		REQUIRE(!i || order(&p->entry[i - 1].prefix, &p->entry[i].prefix) < 0);
		require_no_host_bits(&p->entry[i].prefix);
		require_rule(&p->entry[i].rule);
	}
	REQUIRE(policy_equal(p, p));
}

static void build_sections(const struct config *c, bool checked, struct diagnostics *d)
{
	for (size_t i = 0; i < c->n_sections; i++) {
		size_t n_before = d->n;
		struct policy p;
		bool built = policy_build(&c->section[i], &p, d);

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
