// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "policy/reason.h"

static const struct {
	enum srcpin_verdict verdict;
	const char *name, *why, *remedy;
} reasons[] = {
#define X(verdict, name, field, errno_, why, remedy) { SRCPIN_##verdict, #field, why, remedy },
	SRCPIN_REASONS(X)
#undef X
};

static const char *const verdicts[] = {
#define X(name, word) [SRCPIN_##name] = #word,
	SRCPIN_VERDICTS(X)
#undef X
};

const char *reason_name(enum srcpin_reason reason)
{
	return reasons[reason].name;
}

enum srcpin_verdict reason_verdict(enum srcpin_reason reason)
{
	return reasons[reason].verdict;
}

const char *reason_why(enum srcpin_reason reason)
{
	return reasons[reason].why;
}

const char *reason_remedy(enum srcpin_reason reason)
{
	return reasons[reason].remedy;
}

const char *verdict_name(enum srcpin_verdict verdict)
{
	return verdicts[verdict];
}

uint64_t verdict_reasons(const char *name)
{
	uint64_t bits = 0;

	for (enum srcpin_reason r = 0; r < SRCPIN_N_REASONS; r++) {
		enum srcpin_verdict v = reasons[r].verdict;

		if (!strcmp(name, verdicts[v == SRCPIN_DROP ? SRCPIN_DENY : v]))
			bits |= UINT64_C(1) << r;
	}
	return bits;
}
