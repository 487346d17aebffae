// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Uses the system calls themselves: that is a page of code. libcap would be another library in a process of root's. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "base/rights.h"

/* Above the uids that systemd, shadow and SSSD give out, and below those that programs take for negative */
#define SPARE 2147480025
#define NOBODY 65534

static int look_up(const char *name, struct account *ret)
{
	struct passwd entry, *found = NULL;
	size_t size = 1024;
	int err;

	do {
		_cleanup_free_ char *text = malloc(size *= 2);

		if (!text)
			return -ENOMEM;
		err = getpwnam_r(name, &entry, text, size, &found);
	} while (err == ERANGE && size < 1 << 20);
	if (!found)
		return err ? -err : -ENOENT;
	if (!entry.pw_uid)
		return -ENOENT;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->uid = entry.pw_uid;
	ret->gid = entry.pw_gid;
	return 0;
}

int account_find(const char *const *names, struct account *ret, struct failure *f)
{
	for (const char *const *name = names; *name; name++) {
		int err = look_up(*name, ret);

		if (err != -ENOENT && err)
			return fail(f, err, "cannot look up the user %s: %s", *name, strerror(-err));
		if (!err)
			return 0;
	}
	return fail(f, -ENOENT, "there is no user %s", names[0]);
}

/* MAP: uid_map or gid_map, user_namespaces(7) */
static bool is_mapped(const char *map, unsigned int id)
{
	_cleanup_fclose_ FILE *in = fopen(map, "re");
	unsigned int first, outside, n;

	while (in && fscanf(in, "%u %u %u", &first, &outside, &n) == 3)
		if (id >= first && id - first < n)
			return true;
	return false;
}

struct account account_spare(void)
{
	struct account a = { .uid = geteuid(), .gid = getegid() };

	if (!a.uid) {
		a.uid = is_mapped("/proc/self/uid_map", SPARE) && is_mapped("/proc/self/gid_map", SPARE) ? SPARE
													 : NOBODY;
		a.gid = a.uid;
	}
	snprintf(a.name, sizeof(a.name), "%u", a.uid);
	return a;
}

static int become(const struct account *a)
{
	uid_t uid = a ? a->uid : geteuid();
	gid_t gid = a ? a->gid : getegid();

	/* a process that may not leave its groups, and keeps its uid, has them from elsewhere */
	if (setgroups(0, NULL) && ((a && geteuid() == 0) || errno != EPERM))
		return -errno;
	return setresgid(gid, gid, gid) || setresuid(uid, uid, uid) ? -errno : 0;
}

int rights_keep_only(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct set[2];

	if (syscall(SYS_capget, &header, set))
		return -errno;
	for (int i = 0; i < 2; i++) {
		set[i].permitted &= (uint32_t)(keep >> 32 * i);
		set[i].effective = set[i].permitted;
		set[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, set) || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	return 0;
}

/* Without CAP_SETPCAP (EPERM) the bounding set stays; with no_new_privs nothing is gained from it. */
static int lower_bounds(uint64_t keep)
{
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (!(keep & CAPABILITY(i)) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) && errno != EPERM)
			return -errno;
	return 0;
}

int rights_give_up(const struct account *as, uint64_t keep, struct failure *f)
{
	char why[PRIVILEGE_STRLEN];
	int err = lower_bounds(keep);

	if (!err)
		err = become(as);
	if (!err)
		err = rights_keep_only(keep);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	if (err)
		return fail(f, err, "cannot give up all rights%s%s: %s%s", as ? " as user " : "", as ? as->name : "",
			    strerror(-err), err == -EPERM ? privilege_missing(0, why) : "");
	return 0;
}
