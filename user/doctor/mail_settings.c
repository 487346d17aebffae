// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "doctor/doctor_settings.h"

static bool read_address(const char *text, uint8_t ret[16])
{
	return address_parse(text, (int)strlen(text), ret) != AF_UNSPEC;
}

/* The pin of the family, which the default pin's is, or else any; NULL: it is not pinned. */
static const struct srcpin_rule *pin_of(const struct policy *p, bool ipv4)
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (p->entry[i].rule.verdict == SRCPIN_PIN && address_is_ipv4(p->entry[i].rule.source) == ipv4)
			return &p->entry[i].rule;
	return NULL;
}

static bool is_source(const struct policy *p, const uint8_t address[16])
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (p->entry[i].rule.verdict == SRCPIN_PIN && !memcmp(p->entry[i].rule.source, address, 16))
			return true;
	return false;
}

bool settings_fight(const struct settings *s, const char *address)
{
	uint8_t bytes[16];

	return read_address(address, bytes) && pin_of(s->policy, address_is_ipv4(bytes)) &&
	       !is_source(s->policy, bytes);
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
	const struct srcpin_rule *pin;
	char source[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	if (!settings_fight(s, address) || !read_address(address, bytes))
		return false;
	pin = pin_of(s->policy, address_is_ipv4(bytes));
	if (!pin)
		return false;
	doctor_finding(s->d, s->id, "%s binds to %s, which is not the source", where, address);
	doctor_advise(s->d, why[pin->bound], remedy, address_print(pin->source, source));
	s->fights = true;
	return true;
}

void settings_unknown(struct settings *s, const char *what, const char *value)
{
	doctor_unknown(s->d, s->id, "%s is '%s', which only the mail server can make an address of", what, value);
	s->fights = true;
}
