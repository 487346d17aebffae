/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a process gets from its caller, and srcpin wants otherwise for itself. */
#ifndef SRCPIN_INHERITED_H
#define SRCPIN_INHERITED_H

/* Sets signals, file mode and the limit of descriptors as our own code wants them. */
void inherited_replace(void);

/* Sets them as they were, for another program that runs in our place. */
void inherited_restore(void);

#endif
