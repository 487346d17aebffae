/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where what outlives a command is held: our folder in bpffs. */
#ifndef SRCPIN_HOME_H
#define SRCPIN_HOME_H

#define BPFFS_MOUNT "/sys/fs/bpf"
#define BPFFS_HOME BPFFS_MOUNT "/srcpin"

#endif
