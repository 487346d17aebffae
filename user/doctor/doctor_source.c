// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A source: is it here to stay, and what would the kernel choose instead? */
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "host/address.h"
#include "host/dhclient.h"
#include "host/other_address.h"
#include "host/route.h"
#include "policy/sources.h"
#include "report/source_remedy.h"

bool doctor_is_private(const uint8_t address[16])
{
	static const struct prefix private[] = {
		{ 7, { 0xfc } },                          /* RFC 4193 */
		{ 104, { [10] = 0xff, 0xff, 10 } },       /* RFC 1918 */
		{ 108, { [10] = 0xff, 0xff, 172, 16 } },  /* RFC 1918 */
		{ 112, { [10] = 0xff, 0xff, 192, 168 } }, /* RFC 1918 */
		{ 106, { [10] = 0xff, 0xff, 100, 64 } },  /* behind a provider's NAT: RFC 6598 */
	};

	for (size_t i = 0; i < sizeof(private) / sizeof(*private); i++)
		if (prefix_covers(&private[i], address))
			return true;
	return false;
}

const uint8_t *doctor_far_from(const uint8_t source[16])
{
	return address_is_ipv4(source) ? route_far_ipv4 : route_far_ipv6;
}

bool doctor_would_choose(const uint8_t source[16], uint8_t ret[16])
{
	struct failure ignored = { "" };
	struct route r;

	if (route_to(doctor_far_from(source), NULL, &r, &ignored) || r.error || !r.has_source ||
	    !memcmp(r.source, source, 16))
		return false;
	memcpy(ret, r.source, 16);
	return true;
}

static bool is_usable(const struct srcpin_source *source)
{
	const struct prefix prefix = source_prefix(source);
	struct failure ignored = { "" };
	struct address_state s;

	return !source_state(&prefix, &s, &ignored) && s.usable;
}

/* SOURCE NULL: from what the kernel chooses */
static bool leads_out(bool ipv4, const uint8_t *source)
{
	struct failure ignored = { "" };
	struct route r;

	return !route_to(ipv4 ? route_far_ipv4 : route_far_ipv6, source, &r, &ignored) && !r.error;
}

/* A mail server goes on to the next address of a destination if it cannot reach one: so to the other family. */
static const char *refused(const struct policy *p, bool ipv4)
{
	const struct prefix *other = ipv4 ? &policy_ipv6 : &policy_ipv4;
	const struct srcpin_rule *rule = policy_source(p, other);
	const struct srcpin_list l = rule ? policy_sources(p, rule) : (struct srcpin_list){ 0 };

	if (policy_leaves(p, other) && leads_out(!ipv4, NULL))
		return ipv4 ? "what is pinned to it is refused, and a mail server sends by IPv6 instead, unpinned"
			    : "what is pinned to it is refused, and a mail server sends by IPv4 instead, unpinned";
	for (__u32 i = 0; i < l.n; i++)
		if (is_usable(&l.source[i]) && leads_out(!ipv4, l.source[i].addr))
			return ipv4 ? "what is pinned to it is refused; mail goes on by IPv6, which is pinned, and is "
				      "deferred "
				      "for what has IPv4 alone"
				    : "what is pinned to it is refused; mail goes on by IPv4, which is pinned, and is "
				      "deferred "
				      "for what has IPv6 alone";
	if (policy_leaves(p, other))
		return ipv4 ? "what is pinned to it is refused; mail is deferred, unless IPv6 has a route to where it "
			      "goes: "
			      "by that it leaves unpinned"
			    : "what is pinned to it is refused; mail is deferred, unless IPv4 has a route to where it "
			      "goes: "
			      "by that it leaves unpinned";
	return "what is pinned to it is refused, and mail is deferred";
}

/* What happens to a call that is pinned to a source which is not usable? */
static const char *without_it(const struct policy *p, const struct health_source *source, const struct address_state *s)
{
	if (p->observe)
		return "what is pinned to it would be refused, were it enforced";
	if (s->nonlocal)
		return "with net.ipv4.ip_nonlocal_bind = 1 what is pinned to it fails with ENETUNREACH, and missing = "
		       "pass does not pass";
	for (size_t i = 0; i < p->n_entries; i++)
		if (policy_rule_has(p, &p->entry[i].rule, source->address) &&
		    p->entry[i].rule.missing == SRCPIN_MISSING_PASS)
			return "with missing = pass what is pinned to it leaves unpinned";
	if (source->spared)
		return "the others of its list are taken instead";
	return refused(p, address_is_ipv4(source->address));
}

static void examine_address(struct doctor *d, const struct prefix *source, const struct address_state *s,
			    const char *why)
{
	_cleanup_free_ char *remedy = NULL;

	if (s->usable) {
		doctor_ok(d, CHECK_ADDRESS, "on %s, usable", s->device);
		return;
	}
	remedy = source_remedy(source, s);
	doctor_finding(d, CHECK_ADDRESS, "the source is %s", s->why);
	doctor_advise(d, why, "%s", remedy);
}

static void examine_lifetime(struct doctor *d, const uint8_t source[16], const struct address_state *s)
{
	long dhclient = address_is_ipv4(source) || s->valid != UINT32_MAX ? 0 : dhclient_on(s->device);

	if (s->temporary) {
		doctor_finding(d, CHECK_LIFETIME, "the source is a temporary address (RFC 8981), valid for %u s more",
			       s->valid);
		doctor_advise(d, "the kernel replaces it by another one, and then the source is gone",
			      "configure a static address as the source");
	} else if (s->valid != UINT32_MAX) {
		doctor_note(d, CHECK_LIFETIME, "valid for %u s more, unless who gave it (a router, DHCP) renews it",
			    s->valid);
	} else if (dhclient) {
		doctor_note(
			d, CHECK_LIFETIME,
			"static; but dhclient -6 (process %ld) removes such addresses of %s when it starts: add the "
			"source after that, or to lo",
			dhclient, s->device);
	} else {
		doctor_ok(d, CHECK_LIFETIME, "static");
	}
}

static void examine_deprecated(struct doctor *d, const struct address_state *s, bool others)
{
	if (s->by_route)
		doctor_ok(d, CHECK_DEPRECATED, "it is on no device: the kernel chooses it for nobody");
	else if (!others)
		doctor_note(d, CHECK_DEPRECATED, "%s: but the host has no other address, so all services use it",
			    s->deprecated ? "yes" : "no");
	else if (s->deprecated)
		doctor_ok(d, CHECK_DEPRECATED, "yes: the kernel chooses it for nobody else");
	else
		doctor_note(d, CHECK_DEPRECATED,
			    "no: the kernel may choose it for other services too (preferred_lft 0 would prevent that)");
}

/* An address that the host has for ever was given to it on purpose, so the /64 may well be its own. */
static bool is_static(const uint8_t address[16])
{
	struct failure ignored = { "" };
	struct address_state s;

	return !address_state(address, &s, &ignored) && s.usable && s.permanent;
}

/* Blocklists list IPv6 by /64, but no private address. */
static bool has_listed_64(const uint8_t source[16])
{
	return !address_is_ipv4(source) && !doctor_is_private(source);
}

static void find_same_64(struct doctor *d, const struct address_state *s, const char *without)
{
	doctor_finding(d, CHECK_WITHOUT, "without srcpin the kernel would choose %s, of the same /64", without);
	doctor_advise(d,
		      "blocklists list IPv6 by /64: if the neighbours in it are strangers, their spam is held "
		      "against the source",
		      s->on_link.prefixlen == 128 ? "ask the provider for a /64 of the host's own, and name a source "
						    "in that: a /128 shares its /64"
						  : "name a source in a /64 that nobody else has addresses in");
}

/* fe80::/10: what else is there may still come. */
static bool is_link_local(const uint8_t address[16])
{
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

static void examine_without(struct doctor *d, const uint8_t source[16], const struct address_state *s,
			    const struct route *r, bool others)
{
	char without[INET6_ADDRSTRLEN];

	if (r->error || !r->has_source || is_link_local(r->source)) {
		doctor_note(d, CHECK_WITHOUT, "without srcpin the kernel would have no address to choose");
		return;
	}
	address_print(r->source, without);
	if (!memcmp(r->source, source, 16) && !others) {
		doctor_note(d, CHECK_WITHOUT,
			    "the source is the only %s address of this host: a pin changes nothing until it has "
			    "another one%s",
			    address_is_ipv4(source) ? "IPv4" : "IPv6",
			    has_listed_64(source) ? "; a blocklist that lists its /64 lists it, too" : "");
	} else if (!memcmp(r->source, source, 16)) {
		doctor_note(d, CHECK_WITHOUT, "without srcpin the kernel would choose the source itself today");
	} else if (!has_listed_64(source) || memcmp(r->source, source, 8) != 0) {
		doctor_ok(d, CHECK_WITHOUT, "without srcpin the kernel would choose %s%s", without,
			  has_listed_64(source) ? ", of another /64" : "");
	} else if (is_static(r->source)) {
		doctor_note(
			d, CHECK_WITHOUT,
			"without srcpin the kernel would choose %s, static and of the same /64: blocklists take them "
			"for one host, so this /64 should be the host's alone",
			without);
	} else {
		find_same_64(d, s, without);
	}
}

void doctor_examine_source(struct doctor *d, const struct policy *p, const struct health_source *of,
			   const struct doctor_users *users)
{
	const uint8_t *source = of->address;
	struct failure f = { "" };
	struct address_state s;
	struct route without;
	bool others;

	if (source_state(&of->prefix, &s, &f)) {
		doctor_unknown(d, CHECK_ADDRESS, "%s", f.text);
		return;
	}
	others = address_has_others(source);
	examine_address(d, &of->prefix, &s, without_it(p, of, &s));
	if (s.usable) {
		examine_lifetime(d, source, &s);
		if (!address_is_ipv4(source))
			examine_deprecated(d, &s, others);
		doctor_examine_route(d, p, source, &s, users);
	}
	if (route_to(doctor_far_from(source), NULL, &without, &f))
		doctor_unknown(d, CHECK_WITHOUT, "%s", f.text);
	else
		examine_without(d, source, &s, &without, others);
}

/* A mail server goes on to the next address of a destination if it cannot reach one: so to IPv4 if IPv6 is refused. */
void doctor_examine_left(struct doctor *d, const struct health *h)
{
	bool missing = false;

	for (size_t i = 0; i < h->n_sources; i++)
		missing |= !h->source[i].state.usable && !h->source[i].spared;
	for (size_t i = 0; i < h->n_left; i++) {
		const struct health_left *l = &h->left[i];

		const char *from = l->unknown ? "an address of a network namespace that a user has made" : l->from;

		if (!*from) {
			doctor_note(d, CHECK_FAMILY,
				    "%s is not pinned; there is no default route today, and by another route it leaves "
				    "from where the "
				    "kernel chooses",
				    l->family);
		} else if (!missing || l->meant) {
			doctor_note(d, CHECK_FAMILY, "%s is not pinned, and leaves from %s%s", l->family, from,
				    l->meant ? ", as the config says" : "");
		} else {
			doctor_finding(d, CHECK_FAMILY, "%s is not pinned, and leaves from %s", l->family, from);
			doctor_advise(d, "while a source is missing, mail leaves that way at once",
				      "add source4 = ADDRESS, or ipv4 = deny; ipv4 = leave says that it is meant");
		}
	}
}
