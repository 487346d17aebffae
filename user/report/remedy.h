/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What to set in a program whose calls or packets are refused. Each setting
 * was tried in a pinned cgroup. SOURCE stands for the service's `source`, and
 * SOURCE4 for its `source4`.
 */
#ifndef SRCPIN_REMEDY_H
#define SRCPIN_REMEDY_H

#include <stdint.h>

#include "srcpin/abi.h"

enum remedy_role {
	ROLE_PLAIN,
	ROLE_RESOLVER,     /* it asks the DNS for others */
	ROLE_FILTER,       /* it asks the DNS about mail, and lets the mail pass if it gets no answer */
	ROLE_DOES_WITHOUT, /* it ignores the refusal, and loses nothing */
};

struct remedy {
	const char *comm;    /* of its threads (/proc/PID/comm); with a * at the end: what these begin with */
	const char *program; /* its name for people */
	enum remedy_role role;
	uint64_t reasons; /* a bit for each */
	const char *setting;
};

/* For the thread or process named COMM. NULL: none is known. */
const struct remedy *remedy_find(const char *comm, enum srcpin_reason reason);

#endif
