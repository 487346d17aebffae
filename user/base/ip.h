/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses and prefixes: 16 bytes in network byte order, IPv4 as v4-mapped (RFC 4291, 2.5.5.2). */
#ifndef SRCPIN_IP_H
#define SRCPIN_IP_H

#include <arpa/inet.h>
#include <linux/types.h>
#include <stdbool.h>

#define MAPPED_BITS 96 /* length of the prefix that all IPv4 addresses share: ::ffff:0:0/96 */
#define PREFIX_STRLEN (INET6_ADDRSTRLEN + sizeof("/4294967295"))

/* ADDR in network byte order, without host bits. */
struct prefix {
	__u32 prefixlen; /* 0..128 */
	__u8 addr[16];
};

bool address_is_ipv4(const __u8 addr[16]);

/* Is all of it within ::ffff:0:0/96? */
bool prefix_is_ipv4(const struct prefix *p);

/* Does it match the first P->prefixlen bits of ADDR? */
bool prefix_covers(const struct prefix *p, const __u8 addr[16]);

/* AF_INET6, AF_INET (RET is v4-mapped), or AF_UNSPEC: the LEN bytes of TEXT are no address. */
int address_parse(const char *text, int len, __u8 ret[16]);

/* As a user would write it, IPv4 as IPv4. Returns TEXT. */
const char *address_print(const __u8 addr[16], char text[INET6_ADDRSTRLEN]);

/* As a user would write it: 2001:db8::/32, 10.0.0.0/8. Returns TEXT. */
const char *prefix_print(const struct prefix *p, char text[PREFIX_STRLEN]);

#endif
