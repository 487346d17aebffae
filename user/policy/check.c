// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "policy/check.h"
#include "policy/compile.h"
#include "policy/doctor_keys.h"

static void check_section(const struct config_section *s, struct diagnostics *d)
{
	struct doctor_keys keys;
	struct policy policy;

	if (config_is_doctor(s)) {
		doctor_keys_read(s, &keys, d);
		doctor_keys_free(&keys);
	} else {
		policy_compile(s, &policy, d);
		policy_free(&policy);
	}
}

bool policy_check(const struct config *c, struct diagnostics *d)
{
	size_t n_before = d->n;

	for (size_t i = 0; i < c->n_sections; i++) {
		const struct config_section *s = &c->section[i], *first = c->section;

		while (first < s && strcmp(first->name, s->name) != 0)
			first++;
		if (!*s->name)
			diagnose(d, s->line, s->col, "the section has no name");
		else if (first < s)
			diagnose(d, s->line, s->col, "there is a section [%s] already, on line %u", s->name,
				 first->line);
		check_section(s, d);
	}
	return d->n == n_before;
}
