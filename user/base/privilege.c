// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/privilege.h"

#define INITIAL_USER_NAMESPACE 0xEFFFFFFDU /* its inode in every kernel: PROC_USER_INIT_INO */

static const struct {
	const char *name;
	unsigned int number;
	bool in_sys_admin; /* CAP_SYS_ADMIN is enough, too (the kernel's capability.h: bpf_capable() and others) */
} known[] = {
	{ "CAP_BPF", CAP_BPF, true },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN, false },
	{ "CAP_PERFMON", CAP_PERFMON, true },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, false },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK, false },
};

#define ONLY_INSIDE " (this is root only inside a user namespace: run srcpin on the host, outside of it)"

static bool is_in_user_namespace(void)
{
	int before = errno;
	struct stat st;
	bool is = stat("/proc/self/ns/user", &st) == 0 && st.st_ino != INITIAL_USER_NAMESPACE;

	errno = before;
	return is;
}

const char *privilege_as_root(void)
{
	return is_in_user_namespace() ? ONLY_INSIDE : " (run srcpin as root)";
}

/* The effective capabilities. All, if they cannot be read: then none is said to be missing. */
static uint64_t own(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data) < 0)
		return UINT64_MAX;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

const char *privilege_missing(uint64_t needed, char ret[static PRIVILEGE_STRLEN])
{
	const char *missing[sizeof(known) / sizeof(*known)];
	uint64_t have = own();
	size_t n = 0, length;

	if (is_in_user_namespace()) {
		snprintf(ret, PRIVILEGE_STRLEN, ONLY_INSIDE);
		return ret;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if ((needed & CAPABILITY(known[i].number)) && !(have & CAPABILITY(known[i].number)) &&
		    !(known[i].in_sys_admin && (have & CAPABILITY(CAP_SYS_ADMIN))))
			missing[n++] = known[i].name;
	*ret = '\0';
	if (!n)
		return ret;
	snprintf(ret, PRIVILEGE_STRLEN, " (");
	for (size_t i = 0; i < n; i++) {
		length = strlen(ret);
		snprintf(ret + length, PRIVILEGE_STRLEN - length, "%s%s",
			 i == 0      ? ""
			 : i + 1 < n ? ", "
				     : " and ",
			 missing[i]);
	}
	length = strlen(ret);
	snprintf(ret + length, PRIVILEGE_STRLEN - length, " %s missing; run srcpin as root)", n == 1 ? "is" : "are");
	return ret;
}

const char *privilege_forbidden(int err, uint64_t needed, char ret[static PRIVILEGE_STRLEN])
{
	*ret = '\0';
	if (err != EPERM && err != EACCES)
		return ret;
	if (!*privilege_missing(needed, ret) && err == EACCES)
		snprintf(
			ret, PRIVILEGE_STRLEN,
			" (no capability is missing: an LSM or a seccomp filter forbids it; ausearch -m avc shows what "
			"SELinux denied)");
	return ret;
}
