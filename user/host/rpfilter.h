/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reverse path filter by nftables: Linux has rp_filter for IPv4 only, and firewalld has this for IPv6. */
#ifndef SRCPIN_RPFILTER_H
#define SRCPIN_RPFILTER_H

#include <stdbool.h>

/*
 * Does a rule of this network namespace drop what comes in by another device
 * than the answer would leave by (nft: fib saddr . iif oif missing drop)? As
 * root: asks nft. False also if there is no nft. Which packets come to that
 * rule is not looked at.
 */
bool rpfilter_ipv6_is_strict(void);

#endif
