// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/colour.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/places.h"
#include "host/cgroup.h"
#include "kernel/counters.h"
#include "kernel/unheld.h"
#include "report/health.h"
#include "report/report.h"

static int print(const struct options *o, const struct report *r)
{
	bool colour = colour_wanted(STDOUT_FILENO);

	if (o->json)
		return report_json(r, stdout);
	if (o->prometheus)
		return report_prometheus(r, stdout);
	return o->cgroup ? report_details(r, colour, stdout) : report_table(r, colour, stdout);
}

static int show(const struct options *o, const struct loaded_list *l)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids pinned = { 0 };
	_cleanup_(places_free) struct not_pinned_list not_pinned = { 0 };
	_cleanup_(unheld_free) struct unheld unheld = { 0 };
	struct failure f = { "" };
	struct health *health;
	struct report report;
	int status, err;

	if (loaded_ids(&pinned, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	if (!l->n)
		command_find_unheld(o, &unheld);
	status = unheld.n ? EXIT_DEGRADED : l->n ? EXIT_OK : EXIT_NOTHING;
	health = xcalloc(l->n + 1, sizeof(*health));
	for (size_t i = 0; i < l->n; i++) {
		health_examine(&l->item[i], &health[i]);
		health_examine_older(&l->item[i], &pinned, &health[i]);
	}
	places_examine(o, l, &pinned, health, &not_pinned);
	for (size_t i = 0; i < l->n; i++)
		if (health[i].state != HEALTH_IN_FORCE)
			status = EXIT_DEGRADED;
	status = not_pinned.n ? EXIT_DEGRADED : status;
	report_make(l, health, &report);
	report.unheld = unheld;
	report.not_pinned = not_pinned;
	err = print(o, &report);
	report_free(&report);
	for (size_t i = 0; i < l->n; i++)
		health_free(&health[i]);
	free(health);
	return err ? command_end_output() : status;
}

/* Prints what they were, since nobody else knows it any more. */
static int reset(const struct options *o, const struct loaded_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct srcpin_counters was;
		char shown[NAME_MAX + 1];
		struct failure f = { "" };

		if (counters_reset(l->item[i].cgroup_id, &was, &f)) {
			log_error("%s", f.text);
			return EXIT_SYSTEM;
		}
		snprintf(shown, sizeof(shown), "%s", cgroup_name(l->item[i].cgroup));
		printf("%s: counters are zero; they were ", text_clean(shown));
		report_totals(&was, stdout);
	}
	if (!l->n && command_say_unheld(o))
		return EXIT_SYSTEM;
	if (!l->n)
		puts("nothing is loaded");
	if (!command_end_output())
		return l->n ? EXIT_OK : EXIT_NOTHING;
	if (l->n)
		log_warning("the counters are zero all the same");
	return EXIT_SYSTEM;
}

int cmd_status(const struct options *o)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	int status;

	if (o->json + o->prometheus + o->reset > 1) {
		log_error("status takes only one of --json, --prometheus and --reset");
		return EXIT_USAGE;
	}
	status = command_list_loaded(o, &l);
	if (status)
		return status;
	return o->reset ? reset(o, &l) : show(o, &l);
}
