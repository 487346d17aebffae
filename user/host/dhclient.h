/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dhclient -6 of ISC's DHCP. When it starts, its script removes the static
 * IPv6 addresses of its device (PREINIT6).
 */
#ifndef SRCPIN_DHCLIENT_H
#define SRCPIN_DHCLIENT_H

/*
 * The pid of one that root runs in the caller's network namespace on this
 * device, by its command line; 0: none is seen.
 */
long dhclient_on(const char *device);

#endif
