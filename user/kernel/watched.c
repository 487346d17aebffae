// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host/cgroup.h"
#include "kernel/bpffs.h"
#include "kernel/store.h"
#include "kernel/watched.h"

enum { FORGET = 60000 }; /* milliseconds; what a service did last is still read after it is gone */

static int by_id(const void *a, const void *b)
{
	const struct watched_service *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static struct watched_service *find(const struct watched *w, uint64_t id)
{
	const struct watched_service key = { .id = id };

	return w->n ? bsearch(&key, w->item, w->n, sizeof(*w->item), by_id) : NULL;
}

/* Aborts if memory is out. */
static const struct watched_service *note(struct watched *w, uint64_t id, const char *cgroup)
{
	struct watched_service *known = find(w, id);
	char *copy;

	if (known) {
		known->seen = w->now;
		return known;
	}
	copy = strdup(!w->name || cgroup_is(cgroup, w->name) ? cgroup : "");
	w->item = reallocarray(w->item, w->n + 1, sizeof(*w->item));
	if (!copy || !w->item)
		abort();
	w->item[w->n++] = (struct watched_service){ id, copy, w->now };
	qsort(w->item, w->n, sizeof(*w->item), by_id);
	return find(w, id);
}

struct look {
	struct watched *watched;
	struct failure *f;
};

static int look_at(uint64_t id, void *data)
{
	const struct look *look = data;
	char path[PATH_MAX];
	int r = service_cgroup_path(id, path, look->f);

	if (!r && *path)
		r = cgroup_exists(id, look->f);
	if (r > 0 && *note(look->watched, id, path)->cgroup)
		look->watched->n_now++;
	return r < 0 ? r : 0;
}

static void forget(struct watched *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->now - w->item[i].seen <= FORGET)
			w->item[kept++] = w->item[i];
		else
			free(w->item[i].cgroup);
	w->n = kept;
}

int watched_look(struct watched *w, int64_t now, struct failure *f)
{
	struct look look = { w, f };
	int err;

	w->now = now;
	w->n_now = 0;
	err = bpffs_look(f);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = cgroup_check_mount(f);
	if (!err)
		err = service_each(look_at, &look, f);
	forget(w);
	return err;
}

/* A service that was loaded since the last look is not known yet. */
const char *watched_cgroup(struct watched *w, uint64_t id)
{
	const struct watched_service *known = find(w, id);
	struct failure ignored = { "" };
	char path[PATH_MAX];

	if (!known && !service_cgroup_path(id, path, &ignored) && *path)
		known = note(w, id, path);
	return known ? known->cgroup : "";
}

void watched_free(struct watched *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->item[i].cgroup);
	free(w->item);
	*w = (struct watched){ 0 };
}
