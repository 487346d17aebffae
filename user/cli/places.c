// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/text.h"
#include "cli/places.h"
#include "host/cgroup.h"
#include "host/processes.h"
#include "mail/mail_places.h"
#include "policy/policies.h"
#include "report/stray_remedy.h"
#include "unit/unit_main.h"
#include "unit/unit_start.h"

static void examine_processes(const struct loaded_list *l, const struct cgroup_ids *pinned, struct health *health)
{
	_cleanup_(processes_free) struct processes all = { 0 };
	_cleanup_free_ const char **path = xcalloc(l->n + 1, sizeof(*path));
	_cleanup_free_ long *main = xcalloc(l->n + 1, sizeof(*main));
	struct failure f = { "" };
	bool known;

	for (size_t i = 0; i < l->n; i++)
		path[i] = l->item[i].cgroup;
	known = !unit_main_pids(path, l->n, main, &f);
	processes_list(&all);
	for (size_t i = 0; i < l->n; i++) {
		if (!known)
			health_add_note(&health[i], f.text);
		health_examine_places(&l->item[i], main[i], pinned, &all, &health[i]);
	}
}

static void examine_mailers(const struct loaded_list *l, const struct mailers *unpinned, struct health *health)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct loaded *of = &l->item[i];
		const struct mailer *m = of->gone || of->idle ? NULL : mail_find_elsewhere(unpinned, of->cgroup);
		_cleanup_free_ char *remedy = m ? mail_elsewhere_remedy(m, of->cgroup) : NULL;
		char cgroup[PATH_MAX];

		if (!m)
			continue;
		process_cgroup(m->pid, cgroup);
		health_add_problem(&health[i], HEALTH_DEGRADED,
				   "process %d (%s), the same mail server, is in cgroup %s, which is not "
				   "pinned: " STRAY_HARM " (%s)",
				   m->pid, m->program, cgroup, remedy);
	}
}

static bool is_listed(const struct loaded_list *l, const struct not_pinned_list *n, const char *cgroup)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->item[i].cgroup, cgroup) == 0)
			return true;
	for (size_t i = 0; i < n->n; i++)
		if (strcmp(n->item[i].cgroup, cgroup) == 0)
			return true;
	return false;
}

static void add(const struct mailer *m, const char *cgroup, const char *config, struct not_pinned_list *ret)
{
	_cleanup_free_ char *advice = unit_start_advice(cgroup), *word = quote_word(cgroup);
	_cleanup_(health_free) struct health h = { 0 };
	struct not_pinned one = { .pid = m->pid, .cgroup = text_clean_copy(cgroup) };

	health_add_problem(&h, HEALTH_DEGRADED,
			   "process %d (%s) is in cgroup %s, which has a section in %s and is not pinned: " STRAY_HARM
			   " (srcpin load --cgroup %s; for each start: %s)",
			   m->pid, m->program, cgroup, config, word, advice);
	one.name = cgroup_name(one.cgroup);
	one.program = text_clean_copy(m->program);
	one.problem = text_clean_copy(h.problem[0]);
	ADD_ELEMENT(ret->item, ret->n, one);
}

/* By the files that something loaded is from. */
static void find_sections(const struct loaded_list *l, const struct mailers *unpinned, struct not_pinned_list *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		_cleanup_(policies_free) struct policies config = { 0 };
		struct diagnostics errors = { 0 };
		struct failure ignored = { "" };

		if (i && strcmp(l->item[i].config, l->item[i - 1].config) == 0)
			continue;
		if (policies_read(l->item[i].config, &config, &errors, &ignored))
			continue;
		diagnostics_free(&errors);
		for (size_t k = 0; k < unpinned->n; k++) {
			const struct mailer *m = &unpinned->item[k];
			char cgroup[PATH_MAX];

			process_cgroup(m->pid, cgroup);
			if (*cgroup && config_find(&config.config, cgroup_name(cgroup)) && !is_listed(l, ret, cgroup))
				add(m, cgroup, l->item[i].config, ret);
		}
	}
}

void places_examine(const struct options *o, const struct loaded_list *l, const struct cgroup_ids *pinned,
		    struct health *health, struct not_pinned_list *ret)
{
	_cleanup_(loaded_list_free) struct loaded_list all = { 0 };
	_cleanup_free_ struct mailers *unpinned = NULL;
	struct failure f = { "" };

	*ret = (struct not_pinned_list){ 0 };
	if (!l->n)
		return;
	examine_processes(l, pinned, health);
	if ((o->cgroup && loaded_read(NULL, &all, &f)) || mail_find_unpinned(o->cgroup ? &all : l, &unpinned, &f))
		for (size_t i = 0; i < l->n; i++)
			health_add_note(&health[i], f.text);
	if (!unpinned)
		return;
	examine_mailers(l, unpinned, health);
	if (!o->cgroup)
		find_sections(l, unpinned, ret);
}

void places_free(struct not_pinned_list *n)
{
	for (size_t i = 0; i < n->n; i++) {
		free(n->item[i].cgroup);
		free(n->item[i].program);
		free(n->item[i].problem);
	}
	free(n->item);
	*n = (struct not_pinned_list){ 0 };
}
