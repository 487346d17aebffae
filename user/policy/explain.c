// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "policy/explain.h"
#include "policy/reason.h"
#include "policy/sources.h"

static struct srcpin_decision decide(const struct srcpin_rule *rule, const uint8_t dest[16], uint16_t port, bool usable)
{
	struct srcpin_call call = {
		.rule = rule, .hook = SRCPIN_CONNECT, .ends.port = port, .stream = true, .usable = usable
	};

	memcpy(call.ends.dest, dest, sizeof(call.ends.dest));
	return srcpin_decide(srcpin_facts(&call));
}

static bool says_the_same(const struct srcpin_rule *a, const struct srcpin_rule *b)
{
	return a->line == b->line && a->verdict == b->verdict && a->list == b->list &&
	       !memcmp(a->source, b->source, sizeof(a->source));
}

/* Each source of a policy has an entry of its own, which repeats the rule that covers it. Finds that rule instead. */
static const struct policy_entry *find_said(const struct policy *p, const uint8_t dest[16])
{
	const struct policy_entry *found = policy_find(p, dest), *said = found;

	if (!found || !(found->rule.flags & SRCPIN_RULE_OWN))
		return found;
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];

		if (e == found || !prefix_covers(&e->prefix, dest))
			continue;
		if (said == found || e->prefix.prefixlen > said->prefix.prefixlen)
			said = e;
	}
	return says_the_same(&said->rule, &found->rule) ? said : found;
}

static const char *key_of(const struct config_section *s, uint32_t line)
{
	for (size_t i = 0; s && line && i < s->n_values; i++)
		if (s->value[i].line == line)
			return s->value[i].key;
	return NULL;
}

struct explanation explain(const struct policy *p, const struct config_section *s, const uint8_t dest[16],
			   uint16_t port)
{
	const struct policy_entry *e = find_said(p, dest);

	return (struct explanation){
		.policy = p,
		.entry = e,
		.key = e ? key_of(s, e->rule.line) : NULL,
		.port = port,
		.decision = decide(e ? &e->rule : NULL, dest, port, true),
		.missing = decide(e ? &e->rule : NULL, dest, port, false),
	};
}

/* Says why there is a rule without a line: see add_what_is_implied() in compile.c. */
static void print_built_in(const struct policy_entry *e, FILE *out)
{
	char prefix[PREFIX_STRLEN];

	if (!memcmp(&e->prefix, &policy_ipv6, sizeof(e->prefix)))
		fputs("no source for IPv6", out);
	else if (!memcmp(&e->prefix, &policy_ipv4, sizeof(e->prefix)))
		fputs("built in: ipv4 = leave", out);
	else
		fprintf(out, "built in: %s", prefix_print(&e->prefix, prefix));
}

static void print_key(const struct explanation *e, FILE *out)
{
	char prefix[PREFIX_STRLEN];

	if (e->key && !strcmp(e->key, "ipv4"))
		fprintf(out, "ipv4 = %s", e->entry->rule.verdict == SRCPIN_DENY ? "deny" : "leave");
	else if (e->key && !strncmp(e->key, "source", strlen("source")))
		fputs(e->key, out);
	else
		fprintf(out, "%s%s%s", e->key ? e->key : "", e->key ? " " : "",
			prefix_print(&e->entry->prefix, prefix));
}

const char *explain_rule(const struct explanation *e, const char *config, char text[EXPLAIN_STRLEN])
{
	FILE *out = fmemopen(text, EXPLAIN_STRLEN, "w");

	if (!out)
		abort();
	if (e->decision.reason == SRCPIN_EXEMPT_PORT) {
		fprintf(out, "port %u is none of", e->port);
		for (unsigned int i = 0; i < e->entry->rule.n_ports; i++)
			fprintf(out, "%s%u", i ? ", " : " ", e->entry->rule.ports[i]);
		fputs("; ", out);
	}
	if (!e->entry) {
		fputs("there is no policy", out);
	} else if (e->entry->rule.line) {
		fprintf(out, "%s:%u: ", config, e->entry->rule.line);
		print_key(e, out);
	} else {
		print_built_in(e->entry, out);
	}
	fclose(out);
	text[EXPLAIN_STRLEN - 1] = '\0';
	return text_clean(text);
}

char *explain_outcome(const struct explanation *e, struct srcpin_decision d)
{
	_cleanup_free_ char *sources = NULL;

	if (d.action == SRCPIN_REFUSE)
		return xasprintf("refused with %s", strerrorname_np(srcpin_errno(d.reason)));
	if (d.action != SRCPIN_SET)
		return xstrdup("left to the kernel");
	sources = policy_sources_print(e->policy, &e->entry->rule);
	return xasprintf("from %s", sources);
}

/* A string if it is one address, as it was before there were lists; else all of the list */
static json_t *sources_json(const struct explanation *e)
{
	const struct srcpin_list l = policy_sources(e->policy, &e->entry->rule);
	json_t *all = json_array();
	char text[PREFIX_STRLEN];
	int err = 0;

	if (!e->entry->rule.list) {
		json_decref(all);
		return json_string(source_print(&l.source[0], text));
	}
	for (__u32 i = 0; i < l.n; i++)
		err |= json_array_append_new(all, json_string(source_print(&l.source[i], text)));
	if (!err)
		return all;
	json_decref(all);
	return NULL;
}

json_t *explain_decision_json(const struct explanation *e, struct srcpin_decision d)
{
	return json_pack("{s:s, s:o?, s:s?, s:s}", "verdict", verdict_name(reason_verdict(d.reason)), "source",
			 d.action == SRCPIN_SET ? sources_json(e) : NULL, "errno",
			 d.action == SRCPIN_REFUSE ? strerrorname_np(srcpin_errno(d.reason)) : NULL, "reason",
			 reason_name(d.reason));
}

json_t *explain_rule_json(const struct explanation *e)
{
	const struct srcpin_rule *rule = e->entry ? &e->entry->rule : NULL;
	char prefix[PREFIX_STRLEN];
	json_t *ports = json_array();
	int err = 0;

	for (unsigned int i = 0; rule && i < rule->n_ports; i++)
		err |= json_array_append_new(ports, json_integer(rule->ports[i]));
	if (err || !rule) {
		json_decref(ports);
		return err ? NULL : json_null();
	}
	return json_pack("{s:s, s:s?, s:o?, s:o}", "prefix", prefix_print(&e->entry->prefix, prefix), "key", e->key,
			 "line", rule->line ? json_integer(rule->line) : NULL, "ports", ports);
}
