/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random policies and destinations, of both families. The same seed gives the same ones. */
#ifndef POLICIES_H
#define POLICIES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "property/reference.h"

#define PRESENT 8          /* of each family, the addresses that the host has: the first ones */
#define PRESENT_PREFIXES 2 /* the same of the prefixes */

void random_seed(uint64_t seed);

/* From 0 to N - 1. */
unsigned int below(unsigned int n);

/* 2001:db8:2::a0 and on, 192.0.2.160 and on */
struct in6_addr nth_source(unsigned int i, bool ipv4);
/* 2001:db8:5:0::/64 and on, 203.0.113.0/28 and on */
struct source nth_prefix(unsigned int i, bool ipv4);
bool is_present(const struct source *source);

/* What the config says; the rules that are implied are not in it yet. */
void make_policy(struct reference *r);
void print_config(const struct reference *r, char *out, size_t size);

/* At, in and beside the edges of a rule. */
struct in6_addr make_destination(const struct reference *r);

#endif
