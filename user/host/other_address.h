/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What else this host (the caller's network namespace) has beside an address, by rtnetlink(7). */
#ifndef SRCPIN_OTHER_ADDRESS_H
#define SRCPIN_OTHER_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Has this host another address of ADDR's family, and of global scope? True also if it cannot be known. */
bool address_has_others(const uint8_t addr[16]);

/* Has DEVICE not ADDR itself, but another address on whose link ADDR is? Then neighbours there may ask for ADDR. */
bool address_is_beside(const uint8_t addr[16], const char *device);

#endif
