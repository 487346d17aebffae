// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The host: what srcpin needs of its kernel, and where it is mounted. */
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/privilege.h"
#include "doctor/doctor.h"
#include "host/cgroup.h"
#include "host/mounts.h"
#include "kernel/features.h"
#include "kernel/home.h"

#define BTF "/sys/kernel/btf/vmlinux"

static bool examine_kernel(struct doctor *d)
{
	struct utsname name;
	int has = kernel_has_hooks(), chooses = kernel_has_set_retval();
	char why[PRIVILEGE_STRLEN] = "";

	uname(&name);
	if (has > 0) {
		doctor_ok(d, CHECK_KERNEL, "%s %s, srcpin %s", name.sysname, name.release, SRCPIN_VERSION);
	} else if (!has) {
		doctor_finding(d, CHECK_KERNEL, "%s %s has no BPF programs for the sockets and packets of a cgroup",
			       name.sysname, name.release);
		doctor_advise(d, "nothing can be pinned",
			      "a kernel from Linux 5.10 on, with CONFIG_CGROUP_BPF and CONFIG_INET");
	} else {
		privilege_forbidden(-has, CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN), why);
		doctor_unknown(d, CHECK_KERNEL, "%s %s: the kernel does not say what BPF programs it has: %s%s",
			       name.sysname, name.release, strerror(-has), why);
	}
	if (!chooses)
		doctor_note(
			d, CHECK_ERRNO,
			"no bpf_set_retval (Linux 5.18): what a hook refuses fails with EPERM, whatever the reason");
	return has;
}

static void examine_btf(struct doctor *d)
{
	if (!access(BTF, R_OK)) {
		doctor_ok(d, CHECK_BTF, BTF);
		return;
	}
	doctor_finding(d, CHECK_BTF, "cannot read " BTF ": %s", strerror(errno));
	doctor_advise(d, "the programs cannot be loaded without the kernel's types",
		      "mount /sys, or boot a kernel with CONFIG_DEBUG_INFO_BTF");
}

/* In place of a mount, which would end with the namespace */
#define LEAVE "this mount namespace is not the host's: " MOUNTS_REMEDY

static bool examine_cgroup2(struct doctor *d)
{
	struct failure f = { "" };
	char mount[PATH_MAX];

	if (!cgroup_mount_point(mount, &f)) {
		doctor_ok(d, CHECK_CGROUP2, "%s", mount);
		return true;
	}
	doctor_finding(d, CHECK_CGROUP2, "no cgroup2 hierarchy is mounted");
	doctor_advise(d, "a service is pinned by its cgroup, and only cgroup v2 has the hooks",
		      mounts_are_apart() ? LEAVE : "mount -t cgroup2 cgroup2 /sys/fs/cgroup, or boot with systemd");
	return false;
}

static bool examine_bpffs(struct doctor *d)
{
	struct statfs fs;
	int err = statfs(BPFFS_MOUNT, &fs) ? errno : 0;
	bool apart = mounts_are_apart();

	if (!err && fs.f_type != BPF_FS_MAGIC) {
		doctor_finding(d, CHECK_BPFFS, "no BPF file system is mounted on " BPFFS_MOUNT);
		doctor_advise(d, "what is in force is held there",
			      apart ? LEAVE : "mount -t bpf -o mode=700 bpf " BPFFS_MOUNT);
	} else if (err || access(BPFFS_MOUNT, W_OK)) {
		doctor_finding(d, CHECK_BPFFS, "cannot write to the BPF file system on " BPFFS_MOUNT ": %s",
			       strerror(err ? err : errno));
		doctor_advise(d, "what is in force cannot be changed",
			      apart ? LEAVE : "mount -o remount,rw " BPFFS_MOUNT);
	} else if (mounts_have_alone(BPFFS_MOUNT)) {
		doctor_finding(d, CHECK_BPFFS,
			       "the BPF file system on " BPFFS_MOUNT " is mounted in this mount namespace only");
		doctor_advise(d, "what is in force ends with this mount namespace, without a word", LEAVE);
	} else {
		doctor_ok(d, CHECK_BPFFS, BPFFS_MOUNT);
	}
	return !err && fs.f_type == BPF_FS_MAGIC;
}

bool doctor_examine_host(struct doctor *d)
{
	bool able = examine_kernel(d);

	examine_btf(d);
	able &= examine_cgroup2(d);
	able &= examine_bpffs(d);
	return able;
}
