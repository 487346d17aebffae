// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/memory.h"
#include "doctor/doctor_nat.h"

/* What comes of a packet that was rewritten? */
static const char *rewritten(const struct nat_exam *e, enum nat_kind kind)
{
	if (e->outside)
		return "the guard is in another network namespace: what is rewritten leaves from another address, and "
		       "counts as pinned";
	if (kind == NAT_EGRESS)
		return "the guard comes before it: what is rewritten leaves from another address, and counts as pinned";
	if (e->p->guard && e->p->observe)
		return "it leaves from another address, as mode = observe changes nothing; without that, the guard "
		       "drops it, and a connect ends in a timeout";
	if (e->p->guard)
		return "the guard drops what is rewritten, and a connect ends in a timeout";
	return "it leaves from another address, though it counts as pinned, since guard = off: no counter tells";
}

enum { PRIORITY_OF_CONNTRACK = -200 }; /* NF_IP_PRI_CONNTRACK, of a header that does not go with netinet/in.h */

static bool has_remedy(const struct nat_found *found)
{
	return found->kind == NAT_TRANSLATION && found->rule.priority - 1 > PRIORITY_OF_CONNTRACK;
}

/*
 * A SNAT to the source itself in an earlier chain of a table of its own: no
 * NAT after it changes the packet, and no tool that owns or flushes its own
 * tables undoes it. The kernel has no chain of NAT before conntrack. A chain
 * keeps its priority, so each priority has a chain of its own. It can be
 * pasted as it stands.
 */
static char *remedy(const struct nat_exam *e, const struct nat_found *found)
{
	const char *source = e->d->source, *family = address_is_ipv4(e->source) ? "ip" : "ip6";
	bool is_private = e->p->guard && doctor_is_private(e->source);
	int priority = (int)found->rule.priority - 1;
	char enter[sizeof("nsenter --net=/proc/-9223372036854775808/ns/net ")] = "";

	if (!has_remedy(found))
		return xasprintf("have that rule leave %s alone", source);
	if (e->d->process && !e->outside)
		snprintf(enter, sizeof(enter), "nsenter --net=/proc/%ld/ns/net ", e->d->process);
	return xasprintf("%s%snft 'table %s srcpin { chain %c%d { type nat hook postrouting priority %d; "
			 "%s saddr %s snat to %s; }; }'",
			 is_private ? "guard = off in srcpin.conf, if that NAT is to make it public; or else: " : "",
			 enter, family, priority < 0 ? 'm' : 'p', abs(priority), priority, family, source, source);
}

static void advise(const struct nat_exam *e, const struct nat_found *found)
{
	_cleanup_free_ char *text = remedy(e, found);
	_cleanup_free_ char *why = xasprintf(
		"%s%s%s", found->answer == NAT_PERHAPS ? "if it does, " : "", rewritten(e, found->kind),
		has_remedy(found) ? ". The remedy is for now: put it where the rules are made at boot, too" : "");
	const long process = e->d->process;

	if (has_remedy(found) || e->outside)
		e->d->process = 0; /* it says so itself, or is for the caller's network namespace */
	doctor_advise(e->d, why, "%s", text);
	e->d->process = process;
}

static bool was_said(struct nat_exam *e, const struct nat_rule *r)
{
	for (size_t i = 0; i < e->n_said; i++)
		if (e->said[i].handle == r->handle && !strcmp(e->said[i].table, r->table) &&
		    !strcmp(e->said[i].family, r->family))
			return true;
	if (e->n_said == NAT_MAX_SAID)
		return true;
	e->said[e->n_said++] = *r;
	return false;
}

static char *print_rule(const struct nat_rule *r)
{
	if (r->handle)
		return xasprintf("rule %d of table %s %s", (int)r->handle, r->family, r->table);
	return xasprintf("table %s %s has more rules than were followed", r->family, r->table);
}

void doctor_say_nat(struct nat_exam *e, const struct nat_found *found)
{
	const char *what = found->kind == NAT_TRANSLATION ? "NAT of this host" : "a rule that is no NAT";
	const char *may = found->answer == NAT_PERHAPS ? "may rewrite" : "rewrites";
	const char *leaves = e->outside ? "this host forwards" : "leaves";
	_cleanup_free_ char *rule = NULL;

	if (!found->answer || was_said(e, &found->rule))
		return;
	e->elsewhere += found->elsewhere;
	if (e->elsewhere > NAT_MAX_ELSEWHERE)
		return;
	if (!e->outside && e->d->process && found->kind == NAT_TRANSLATION)
		what = "NAT of its network namespace";
	rule = print_rule(&found->rule);
	if (found->kind == NAT_TRANSLATION && e->outside && doctor_is_private(e->source)) {
		doctor_note(e->d, CHECK_NAT, "NAT of this host %s the private source%s: %s", may, found->where, rule);
		return;
	}
	if (found->kind == NAT_TRANSLATION && !e->p->guard && doctor_is_private(e->source)) {
		doctor_note(e->d, CHECK_NAT, "%s %s the private source, and guard = off lets it%s: %s", what, may,
			    found->where, rule);
		return;
	}
	if (found->answer == NAT_PERHAPS || found->elsewhere)
		doctor_note(e->d, CHECK_NAT, "%s %s what %s from the source%s: %s", what, may, leaves, found->where,
			    rule);
	else
		doctor_finding(e->d, CHECK_NAT, "%s %s what %s from the source%s: %s", what, may, leaves, found->where,
			       rule);
	advise(e, found);
}

static void find_exempt(struct nat_exam *e, const struct nat_found *found, const uint8_t to[16], const char *rule)
{
	const char *turns = found->answer == NAT_PERHAPS ? "may turn" : "turns";
	struct prefix all = { .prefixlen = 128 };
	char text[PREFIX_STRLEN];

	memcpy(all.addr, to, sizeof(all.addr));
	doctor_finding(e->d, CHECK_NAT, "NAT %s the exempt destination%s into one that is pinned: %s", turns,
		       found->where, rule);
	doctor_advise(e->d,
		      e->p->guard ? "the call is exempt, and the guard drops its packets"
				  : "what goes there leaves from what the kernel chooses",
		      "exempt = %s in srcpin.conf as well; then load it", prefix_print(&all, text));
}

/* It is this host, or an address that ends on it. */
static bool is_here(const struct nat_rule *r, const uint8_t *to)
{
	static const struct prefix loopback = { 104, { [10] = 0xff, 0xff, 127 } };
	static const uint8_t one[16] = { [15] = 1 };

	return r->to_host || (to && (prefix_covers(&loopback, to) || !memcmp(to, one, sizeof(one))));
}

void doctor_say_destination(struct nat_exam *e, const struct nat_found *found, bool exempt)
{
	const char *may = found->answer == NAT_PERHAPS ? "may send" : "sends";
	const struct srcpin_rule *pins = NULL;
	_cleanup_free_ char *rule = NULL;
	const char *text = found->rule.to;
	uint8_t to[16];
	bool known;

	if (!found->answer)
		return;
	known = text && address_parse(text, (int)strlen(text), to) != AF_UNSPEC;
	if (known)
		pins = policy_match(e->p, to);
	if (exempt ? !pins || pins->verdict != SRCPIN_PIN
		   : pins && pins->verdict == SRCPIN_PIN && !memcmp(pins->source, e->source, 16))
		return; /* it is as exempt, or as pinned, as before */
	if (was_said(e, &found->rule))
		return;
	rule = print_rule(&found->rule);
	if (exempt) {
		find_exempt(e, found, to, rule);
		return;
	}
	if (is_here(&found->rule, known ? to : NULL))
		text = "this host";
	doctor_note(e->d, CHECK_NAT, "NAT %s what goes from the source%s to %s instead: %s", may, found->where,
		    text ? text : "another destination", rule);
	doctor_advise(e->d, "what a proxy there sends on leaves from the proxy's own address, and nobody counts it",
		      "pin the proxy's service as well, or have that rule leave %s alone", e->d->source);
}
