/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What to do about a process of a service that lives elsewhere. */
#ifndef SRCPIN_STRAY_REMEDY_H
#define SRCPIN_STRAY_REMEDY_H

#include "host/stray.h"

#define STRAY_HARM "what it sends leaves from where the kernel chooses"

const char *stray_remedy(const struct stray *s);

#endif
