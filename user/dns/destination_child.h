/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As destinations_find(), but a child without rights reads what the DNS says. */
#ifndef SRCPIN_DESTINATION_CHILD_H
#define SRCPIN_DESTINATION_CHILD_H

#include "dns/destination.h"

int destinations_ask(char *const *text, size_t n, bool mx, const char *servers, struct destinations *ret,
		     struct failure *f);

#endif
