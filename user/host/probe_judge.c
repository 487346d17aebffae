// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "host/probe.h"

bool probe_same_outcome(const struct probe_outcome *a, const struct probe_outcome *b)
{
	return a->error == b->error && (a->error || !memcmp(a->source, b->source, sizeof(a->source)));
}

static enum probe_result failed(int error)
{
	return error == ENETUNREACH || error == EHOSTUNREACH ? PROBE_NO_ROUTE : PROBE_FAILED;
}

enum probe_result probe_judge(const struct probe *p, const struct srcpin_decision *d, bool observed)
{
	bool same = probe_same_outcome(&p->inside, &p->outside);
	int error = p->inside.error;

	if (!d && !observed)
		return PROBE_UNPINNED;
	if (!d || d->action == SRCPIN_LEAVE) {
		if (!same)
			return PROBE_WRONG;
		return error ? failed(error) : d ? PROBE_EXEMPT : PROBE_OBSERVED;
	}
	if (d->action == SRCPIN_REFUSE) /* before Linux 5.18 hooks have no errno but EPERM */
		return error == EPERM || error == srcpin_errno(d->reason) ? PROBE_DENIED : PROBE_WRONG;
	if (!error)
		return memcmp(p->inside.source, p->source, sizeof(p->source)) ? PROBE_WRONG : PROBE_PINNED;
	/* a pin makes no route where there is none; and there may be none from the source, but one from elsewhere */
	return same || failed(error) == PROBE_NO_ROUTE ? failed(error) : PROBE_WRONG;
}

const char *probe_result_name(enum probe_result v)
{
	static const char *const name[] = {
		[PROBE_PINNED] = "pinned",     [PROBE_EXEMPT] = "exempt",     [PROBE_DENIED] = "denied",
		[PROBE_OBSERVED] = "observed", [PROBE_NO_ROUTE] = "no-route", [PROBE_FAILED] = "failed",
		[PROBE_UNPINNED] = "unpinned", [PROBE_WRONG] = "wrong",
	};

	return name[v];
}
