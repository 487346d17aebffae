// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/parse.h"
#include "policy/doctor_keys.h"

#define LIST " \t,"

/* A name has 253 bytes. An IPv6 address before the zone takes 64 of them, nibble by nibble (RFC 5782, 2.4). */
#define MAX_ZONE (253 - 64)

/*
 * Used if no key names any. Most mail servers ask these, and they list IPv6 or
 * IPv4 addresses for what they did themselves.
 */
static const char *const without[] = { "zen.spamhaus.org", "bl.spamcop.net", "dnsbl.dronebl.org" };

static void add(struct doctor_keys *k, const char *name, size_t length)
{
	char *copy = xstrndup(name, length);

	k->dnsbl[k->n_dnsbl++] = copy;
}

/* RFC 1123, 2.1; also the underscore, which real names have */
static bool is_zone(const struct word *w)
{
	int label = 0;

	for (int i = 0; i < w->len; i++) {
		char c = w->text[i];

		if (c == '.' ? !label : !strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_", c))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label && w->len <= MAX_ZONE;
}

static bool has(const struct doctor_keys *k, const struct word *w)
{
	for (size_t i = 0; i < k->n_dnsbl; i++)
		if (strlen(k->dnsbl[i]) == (size_t)w->len && !strncasecmp(k->dnsbl[i], w->text, (size_t)w->len))
			return true;
	return false;
}

static void on_dnsbl(struct doctor_keys *k, const struct config_value *v, struct diagnostics *d)
{
	struct word w = { 0 };

	if (!strcmp(v->text, "none"))
		return;
	if (!word_next(&w, v, LIST))
		diagnose(d, v->line, v->col, "'%s' has no value", v->key);
	for (w = (struct word){ 0 }; word_next(&w, v, LIST);) {
		if (!is_zone(&w)) {
			diagnose(d, w.line, w.col, "'%.*s' is not the name of a blocklist", w.len, w.text);
		} else if (has(k, &w)) {
			diagnose(d, w.line, w.col, "'%.*s' is already in the list", w.len, w.text);
		} else if (k->n_dnsbl == DOCTOR_MAX_LISTS) {
			diagnose(d, w.line, w.col, "too many blocklists; at most %d are possible", DOCTOR_MAX_LISTS);
			return;
		} else {
			add(k, w.text, (size_t)w.len);
		}
	}
}

bool doctor_keys_read(const struct config_section *s, struct doctor_keys *ret, struct diagnostics *d)
{
	size_t n_before = d->n;

	*ret = (struct doctor_keys){ 0 };
	for (size_t i = 0; s && i < s->n_values; i++) {
		const struct config_value *v = &s->value[i];

		if (!strcmp(v->key, "dnsbl"))
			on_dnsbl(ret, v, d);
		else
			diagnose(d, v->line, v->key_col,
				 "[doctor] has no key '%s': it is for srcpin doctor (for a cgroup named doctor write "
				 "[docto[r]])",
				 v->key);
	}
	if (!s || !config_first(s, "dnsbl"))
		for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
			add(ret, without[i], strlen(without[i]));
	return d->n == n_before;
}

void doctor_keys_free(struct doctor_keys *k)
{
	for (size_t i = 0; i < k->n_dnsbl; i++)
		free(k->dnsbl[i]);
	*k = (struct doctor_keys){ 0 };
}
