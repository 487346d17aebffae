// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>

#include "base/cleanup.h"
#include "policy/sources.h"
#include "report/report.h"

static void policy_ports(const struct srcpin_rule *rule, FILE *out)
{
	for (unsigned int i = 0; i < rule->n_ports; i++)
		fprintf(out, "%s%u", i ? "," : " ports ", rule->ports[i]);
}

static void policy_pin(const struct policy *p, const struct srcpin_rule *rule, FILE *out)
{
	_cleanup_free_ char *sources = policy_sources_print(p, rule);

	fprintf(out, "from %s", sources);
	policy_ports(rule, out);
	if (rule->missing == SRCPIN_MISSING_PASS)
		fputs(" missing pass", out);
	if (rule->bound != SRCPIN_BOUND_REWRITE)
		fputs(rule->bound == SRCPIN_BOUND_DENY ? " bound deny" : " bound leave", out);
}

int report_policy(const struct policy *p, FILE *out)
{
	fprintf(out, "mode %s, guard %s, late %s\n", p->observe ? "observe" : "enforce", p->guard ? "on" : "off",
		p->late_fails ? "fail" : "start");
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_rule *rule = &p->entry[i].rule;
		char to[PREFIX_STRLEN];

		fprintf(out, "%-44s ", prefix_print(&p->entry[i].prefix, to));
		if (rule->verdict == SRCPIN_PIN) {
			policy_pin(p, rule, out);
		} else {
			fputs(rule->verdict == SRCPIN_DENY ? "refused" : "exempt", out);
			policy_ports(rule, out);
		}
		if (rule->line)
			fprintf(out, "  (line %u)\n", rule->line);
		else
			fputs("  (built in)\n", out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
