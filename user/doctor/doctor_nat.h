/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What doctor says of a rule of NAT that it found. */
#ifndef SRCPIN_DOCTOR_NAT_H
#define SRCPIN_DOCTOR_NAT_H

#include "doctor/doctor.h"
#include "host/nat.h"

enum { NAT_MAX_SAID = 64, NAT_MAX_ELSEWHERE = 4 };

struct nat_exam {
	struct doctor *d;
	const struct policy *p;
	const uint8_t *source;
	const struct nat_seen *seen;
	bool outside; /* of the source's network namespace: what this one forwards */
	struct nat_rules rules;
	struct nat_rule said[NAT_MAX_SAID]; /* each rule is told of once, for the first way that it is found on */
	size_t n_said;
	unsigned int elsewhere; /* rules that were found on other ways than the policy's */
};

/* What was found on a way */
struct nat_found {
	enum nat_answer answer;
	enum nat_kind kind;
	struct nat_rule rule;
	const char *where; /* " to 192.0.2.0/24", " by eth1"; "": to the internet */
	bool elsewhere;    /* the policy does not send it this way, as far as is known */
};

/* Nothing if there is none, or if it was told of before. */
void doctor_say_nat(struct nat_exam *e, const struct nat_found *found);

/* It rewrites the destination WHAT, of the policy's that it is exempt if so. */
void doctor_say_destination(struct nat_exam *e, const struct nat_found *found, bool exempt);

#endif
