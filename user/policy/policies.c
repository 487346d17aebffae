// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "policy/compile.h"
#include "policy/doctor_keys.h"
#include "policy/policies.h"

static void compile_section(const struct config_section *s, struct policy *ret, struct diagnostics *d)
{
	struct doctor_keys keys;

	if (config_is_doctor(s)) {
		doctor_keys_read(s, &keys, d);
		doctor_keys_free(&keys);
	} else {
		policy_compile(s, ret, d);
	}
}

bool policies_compile(struct policies *p, struct diagnostics *d)
{
	const struct config *c = &p->config;
	size_t n_before = d->n;

	p->of = xcalloc(c->n_sections + 1, sizeof(*p->of));
	for (size_t i = 0; i < c->n_sections; i++) {
		const struct config_section *s = &c->section[i], *first = c->section;

		while (first < s && strcmp(first->name, s->name) != 0)
			first++;
		if (!*s->name)
			diagnose(d, s->line, s->col, "the section has no name");
		else if (first < s)
			diagnose(d, s->line, s->col, "there is a section [%s] already, on line %u", s->name,
				 first->line);
		compile_section(s, &p->of[i], d);
	}
	return d->n == n_before;
}

int policies_read(const char *path, struct policies *ret, struct diagnostics *d, struct failure *f)
{
	int err;

	*ret = (struct policies){ 0 };
	err = config_read(path, &ret->config, d, f);
	if (err)
		return err;
	policies_compile(ret, d);
	diagnostics_sort(d);
	return 0;
}

const struct policy *policies_find(const struct policies *p, const char *name)
{
	const struct config_section *s = config_find(&p->config, name);

	return s ? &p->of[s - p->config.section] : NULL;
}

void policies_free(struct policies *p)
{
	for (size_t i = 0; p->of && i < p->config.n_sections; i++)
		policy_free(&p->of[i]);
	free(p->of);
	config_free(&p->config);
	*p = (struct policies){ 0 };
}
