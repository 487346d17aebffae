/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What install refuses or warns of, since the processes would not be where the pin is, or send what no pin holds. */
#ifndef SRCPIN_INSTALL_CHECKS_H
#define SRCPIN_INSTALL_CHECKS_H

#include "base/failure.h"
#include "unit/unit.h"

/* 0, or -EINVAL with the sentence in F. */
int install_check_place(const struct unit *u, struct failure *f);

void install_warn(const struct unit *u);

#endif
