// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "host/cgroup.h"
#include "host/processes.h"
#include "mail/mail_places.h"

int mail_find_unpinned(const struct loaded_list *l, struct mailers **ret, struct failure *f)
{
	_cleanup_free_ const char **pinned = xcalloc(l->n + 1, sizeof(*pinned));
	_cleanup_free_ struct mailers *found = xcalloc(1, sizeof(*found));
	size_t n = 0;
	int err;

	*ret = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (!l->item[i].gone && !l->item[i].idle)
			pinned[n++] = l->item[i].cgroup;
	err = mailers_find_outside(pinned, n, found, f);
	if (!err && found->n) {
		*ret = found;
		found = NULL;
	}
	return err;
}

static bool is_same(const struct mailer *a, const struct mailer *b)
{
	return a->kind == b->kind && b->trust == MAILER_TRUSTED && strcmp(a->program, b->program) == 0 &&
	       strcmp(a->config, b->config) == 0;
}

const struct mailer *mail_find_elsewhere(const struct mailers *unpinned, const char *cgroup)
{
	_cleanup_free_ struct mailers *in = xcalloc(1, sizeof(*in));
	struct failure ignored = { "" };

	if (mailers_find(cgroup, in, &ignored))
		return NULL;
	for (size_t i = 0; i < unpinned->n; i++)
		for (size_t k = 0; k < in->n; k++)
			if (is_same(&unpinned->item[i], &in->item[k]))
				return &unpinned->item[i];
	return NULL;
}

char *mail_elsewhere_remedy(const struct mailer *m, const char *cgroup)
{
	_cleanup_free_ char *word = quote_word(cgroup_name(cgroup));

	return xasprintf("leave the sending to the service%s; or run it by srcpin run --cgroup %s -- COMMAND",
			 m->kind == MAILER_EXIM ? ", with queue_only = true" : "", word);
}
