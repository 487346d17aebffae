// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A pin is only as good as the cgroup that it is on: do the service's processes live there? */
#include "host/stray.h"
#include "report/health.h"
#include "report/stray_remedy.h"

void health_examine_places(const struct loaded *l, long main, const struct cgroup_ids *pinned,
			   const struct processes *all, struct health *h)
{
	const struct stray_query q = { l->cgroup_id, l->cgroup, main, pinned, all };
	struct stray s;

	if (!l->gone && !l->idle && stray_find(&q, &s))
		health_add_problem(h, HEALTH_DEGRADED, "%s: " STRAY_HARM " (%s)", s.why, stray_remedy(&s));
}
