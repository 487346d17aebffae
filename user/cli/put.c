// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/quote.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/put.h"
#include "cli/wait.h"
#include "host/mounts.h"
#include "host/older.h"
#include "kernel/home.h"
#include "kernel/load.h"
#include "kernel/loaded.h"
#include "policy/sources.h"
#include "report/health.h"

/* Else nobody would be told when the namespace ends, and with it the pin. */
static void warn_of_mounts(const char *shown)
{
	if (mounts_have_alone(BPFFS_MOUNT))
		log_warning("%s: the pin ends with this mount namespace, as the bpffs on " BPFFS_MOUNT
			    " is not the host's (" MOUNTS_REMEDY ")",
			    shown);
}

/* The policy is in force anyway: what it pins fails closed until the address is there. */
static void warn_of_missing_sources(const struct policy *p, const struct networks *n)
{
	struct health h = { 0 };

	health_examine_sources(p, n, &h);
	for (size_t i = 0; i < h.n_problems; i++)
		log_warning("%s", h.problem[i]);
	health_free(&h);
}

static void print_source(const char *key, const struct policy *p, const struct prefix *family)
{
	const struct srcpin_rule *rule = policy_source(p, family);
	_cleanup_free_ char *text = rule ? policy_sources_print(p, rule) : NULL;

	if (text)
		printf(", %s %s", key, text);
}

static bool is_unmeant(const struct policy *p, const struct prefix *family)
{
	const struct srcpin_rule *rule = policy_leaves(p, family);

	return rule && !rule->line;
}

/* Unless a line of the config says that it is meant. */
static void say_what_is_left(const char *shown, const struct policy *p, const struct networks *n)
{
	_cleanup_(health_free) struct health h = { 0 };

	if (!is_unmeant(p, &policy_ipv4) && !is_unmeant(p, &policy_ipv6))
		return;
	health_examine_left(p, n, &h);
	for (size_t i = 0; i < h.n_left; i++)
		if (!h.left[i].meant)
			printf("%s: %s is not pinned%s%s (source4 pins it, ipv4 = deny refuses it, ipv4 = leave says "
			       "that "
			       "it is meant)\n",
			       shown, h.left[i].family, *h.left[i].from ? ", and leaves from " : "", h.left[i].from);
}

static unsigned int total(const struct older_counts *c)
{
	return c->tcp + c->udp;
}

static const char *plural(unsigned int n)
{
	return n == 1 ? "" : "s";
}

/* The policy is in force, so new connections are pinned. Older ones are counted, or ended. */
static int look_after_older(const struct cgroup *cgroup, const char *config, const struct policy *p, bool close_stale,
			    const char *shown)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids pinned = { 0 };
	const struct older_query q = { cgroup->id, &pinned, p };
	struct older_counts older;
	struct failure f = { "" };
	int err;

	if (p->observe) {
		if (close_stale)
			log_warning("%s: older connections are left alone, as mode = observe changes nothing", shown);
		return EXIT_OK;
	}
	err = loaded_ids(&pinned, &f);
	if (!err)
		err = close_stale ? older_close(&q, &older, &f) : older_count(&q, &older, &f);
	if (err && close_stale) {
		log_error("%s; the policy of %s is in force all the same", f.text, cgroup->path);
		return EXIT_SYSTEM;
	}
	if (close_stale) {
		printf("%s: closed %u older connection%s (%u TCP, %u UDP)\n", shown, total(&older),
		       plural(total(&older)), older.tcp, older.udp);
		command_end_output(); /* it prints an error itself; the connections are closed anyway */
		return EXIT_OK;
	}
	if (err)
		log_warning("%s: it is not known whether older connections leave from other addresses", f.text);
	else if (total(&older)) {
		_cleanup_free_ char *word = quote_word(cgroup->path), *file = quote_word(config);

		log_warning(
			"%s: %u older connection%s (%u TCP, %u UDP) from other addresses, and new mail may leave by "
			"them; srcpin load --cgroup %s -c %s --close-stale ends them",
			shown, total(&older), plural(total(&older)), older.tcp, older.udp, word, file);
	}
	if (!err && older.unknown)
		log_warning(
			"%s: %u connection%s from other addresses, as bound = leave or missing = pass lets them, or "
			"older than the load: then new mail may leave by them; a restart of the service ends them",
			shown, older.unknown, plural(older.unknown));
	return EXIT_OK;
}

int put_in_force(const struct cgroup *cgroup, const char *config, const struct policy *p,
		 const struct put_options *options)
{
	_cleanup_free_ char *copy = strdup(cgroup_name(cgroup->path));
	_cleanup_(networks_free) struct networks networks = { 0 };
	const char *shown = copy ? text_clean(copy) : "";
	struct failure f = { "" };
	int status;

	if (load_policy(cgroup, config, p, options->reload, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	warn_of_mounts(shown);
	networks_find(cgroup->id, &networks);
	if (options->wait < 0)
		warn_of_missing_sources(p, &networks);
	printf("%s: %s", shown, p->observe ? "observing only" : "in force");
	print_source("source", p, &policy_ipv6);
	print_source("source4", p, &policy_ipv4);
	putchar('\n');
	say_what_is_left(shown, p, &networks);
	if (command_end_output())
		log_warning("the policy of %s is in force all the same", cgroup->path);
	status = look_after_older(cgroup, config, p, options->close_stale, shown);
	if (status || options->wait < 0)
		return status;
	return wait_for_sources(cgroup, p, (unsigned int)options->wait, shown);
}
