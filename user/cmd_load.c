// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cgroup.h"
#include "cleanup.h"
#include "command.h"
#include "loader.h"
#include "log.h"
#include "report.h"

/* In force all the same: what the policy pins fails closed until the address is there. */
static void warn_of_missing_source(const struct policy *p)
{
	uint8_t seen[16] = { 0 };

	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_rule *rule = &p->entry[i].rule;
		char text[INET6_ADDRSTRLEN];
		struct address_state state;
		struct failure f = { "" };

		if (rule->verdict != SRCPIN_PIN || memcmp(rule->source, seen, sizeof(seen)) == 0)
			continue;
		memcpy(seen, rule->source, sizeof(seen));
		inet_ntop(AF_INET6, rule->source, text, sizeof(text));
		if (address_state(rule->source, &state, &f))
			log_warning("%s", f.text);
		else if (!state.usable)
			log_warning("source %s is %s: until it is usable, what is pinned to it %s", text, state.why,
				    rule->missing == SRCPIN_MISSING_PASS ? "leaves unpinned (missing = pass)"
									 : "is refused with EADDRNOTAVAIL");
	}
}

static int put(const struct config *c, const struct options *o, const struct cgroup *cgroup, struct policy *p)
{
	const char *name = cgroup_name(cgroup->path);
	const struct config_section *section = config_find(c, name);
	_cleanup_free_ char *config = realpath(o->config, NULL);
	char source[INET6_ADDRSTRLEN];
	struct diagnostics none = { 0 };
	struct failure f = { "" };

	if (!section) {
		log_error("cannot load %s: %s has no section for it (add [%s])", name, o->config, name);
		return EXIT_USAGE;
	}
	policy_build(section, p, &none); /* was checked with the whole file: there are no errors */
	if (o->dry_run)
		return report_policy(p, stdout) ? EXIT_SYSTEM : EXIT_OK;
	if (loader_put(cgroup, config ? config : o->config, p, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	warn_of_missing_source(p);
	inet_ntop(AF_INET6, p->entry[0].rule.source, source, sizeof(source)); /* sorted: ::/0 is first */
	printf("%s: in force, leaves from %s or not at all\n", name, source);
	return fflush(stdout) ? EXIT_SYSTEM : EXIT_OK;
}

int cmd_load(const struct options *o)
{
	_cleanup_(cgroup_close) struct cgroup cgroup = CGROUP_NONE;
	_cleanup_(policy_free) struct policy p = { 0 };
	_cleanup_(config_free) struct config c = { 0 };
	struct failure f = { "" };
	int status, err;

	if (!o->cgroup) {
		log_error("load needs --cgroup NAME");
		return EXIT_USAGE;
	}
	status = command_read_config(o->config, &c);
	if (status)
		return status;
	err = cgroup_resolve(o->cgroup, &cgroup, &f);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	return put(&c, o, &cgroup, &p);
}
