/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Our folder in bpffs. It holds what outlives a command. */
#ifndef SRCPIN_HOME_H
#define SRCPIN_HOME_H

#define BPFFS_MOUNT "/sys/fs/bpf"
#define BPFFS_HOME BPFFS_MOUNT "/srcpin"

#endif
