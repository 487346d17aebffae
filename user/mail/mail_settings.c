// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "mail/mail_settings.h"
#include "policy/sources.h"

/* The first pin of ADDRESS's family. NULL: there is none, or the address is a source. */
static const struct srcpin_rule *fought_pin(const struct policy *p, const char *address)
{
	const struct srcpin_rule *pin = NULL;
	uint8_t bytes[16];

	if (address_parse(address, (int)strlen(address), bytes) == AF_UNSPEC)
		return NULL;
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_rule *r = &p->entry[i].rule;

		if (r->verdict != SRCPIN_PIN || address_is_ipv4(r->source) != address_is_ipv4(bytes))
			continue;
		if (policy_rule_has(p, r, bytes))
			return NULL;
		pin = pin ? pin : r;
	}
	return pin;
}

/* Is a bind to it left alone, as it is private? */
static bool is_left(const struct policy *p, const char *address)
{
	uint8_t bytes[16];

	return address_parse(address, (int)strlen(address), bytes) != AF_UNSPEC &&
	       policy_match(p, bytes)->flags & SRCPIN_RULE_LOCAL;
}

bool settings_fight(const struct settings *s, const char *address)
{
	return fought_pin(s->policy, address);
}

bool settings_bind(struct settings *s, const char *where, const char *address, const char *remedy)
{
	static const char *const why[] = {
		[SRCPIN_BOUND_REWRITE] =
			"srcpin binds it to the source all the same, but the day that it is not loaded "
			"mail leaves from there",
		[SRCPIN_BOUND_DENY] = "with bound = deny what is bound elsewhere is refused: no mail leaves",
		[SRCPIN_BOUND_LEAVE] = "with bound = leave mail leaves from there",
	};
	const struct srcpin_rule *pin = fought_pin(s->policy, address);
	bool left = pin && pin->bound == SRCPIN_BOUND_REWRITE && is_left(s->policy, address);
	char source[INET6_ADDRSTRLEN];

	if (!pin)
		return false;
	doctor_finding(s->d, s->id, "%s binds to %s, which is not the source", where, address);
	doctor_advise(
		s->d,
		left ? "srcpin leaves a bind to such an address alone, and refuses what it then sends to the internet"
		     : why[pin->bound],
		remedy, address_print(pin->source, source));
	s->fights = true;
	return true;
}

void settings_unknown(struct settings *s, const char *what, const char *value)
{
	doctor_unknown(s->d, s->id, "%s is '%s', which only the mail server can make an address of", what, value);
	s->fights = true;
}
