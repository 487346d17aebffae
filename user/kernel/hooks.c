// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "kernel/hooks.h"

const struct hook_entry hook_table[N_HOOKS] = {
#define X(NAME, name, type) { #name, "srcpin_" #name, type },
	HOOKS(X)
#undef X
};
