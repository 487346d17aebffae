// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of cgroups: what matches a path, and the search for a unit below a tree (of plain directories here). */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "cgroup_find.h"
#include "cleanup.h"

#include <cmocka.h> /* has a macro fail(): after ours */

static const char *const tree[] = {
	"system.slice",
	"system.slice/postfix.service",
	"system.slice/system-postfix.slice",
	"system.slice/system-postfix.slice/postfix@-.service",
	"system.slice/system-postfix.slice/postfix@-.service/child",
	"user.slice",
	"user.slice/dbus.service",
	"system.slice/dbus.service",
	"system.slice/opendkim.service",
	"system.slice/.control",
	"system.slice/@x",
};

static char root[] = "/tmp/srcpin-test-cgroup.XXXXXX";

static int make_tree(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < sizeof(tree) / sizeof(*tree); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, tree[i]);
		if (mkdir(path, 0700))
			return -1;
	}
	/* what looks like a cgroup but is not: a link, and a file as every cgroup has them */
	snprintf(path, sizeof(path), "%s/linked.service", root);
	if (symlink("system.slice", path))
		return -1;
	snprintf(path, sizeof(path), "%s/system.slice/cgroup.procs", root);
	return close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_tree(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void finds_names(void **state)
{
	static const struct {
		const char *name;
		int err;
		const char *path; /* found */
		const char *said; /* in the message */
	} row[] = {
		{ "postfix.service", 0, "/system.slice/postfix.service", NULL },
		{ "postfix@-.service", 0, "/system.slice/system-postfix.slice/postfix@-.service", NULL },
		{ "child", 0, "/system.slice/system-postfix.slice/postfix@-.service/child", NULL },
		{ "system.slice", 0, "/system.slice", NULL },
		{ "dbus.service", -ENOTUNIQ, NULL, "there are 2" },
		{ "dbus.service", -ENOTUNIQ, NULL, "/user.slice/dbus.service" },
		{ "dbus.service", -ENOTUNIQ, NULL, "/system.slice/dbus.service" },
		{ "postfix@x.service", -ENOENT, NULL, "did you mean: " },
		{ "postfix@x.service", -ENOENT, NULL, "/system.slice/system-postfix.slice/postfix@-.service" },
		{ "postfix", -ENOENT, NULL, "/system.slice/postfix.service" },
		{ "opendkim", -ENOENT, NULL, "did you mean: /system.slice/opendkim.service" },
		{ "exim4.service", -ENOENT, NULL,
		  "cannot find a cgroup named exim4.service: nothing of the service runs (start it; or srcpin install "
		  "--unit exim4.service" },
		{ "exim4", -ENOENT, NULL, "cannot find a cgroup named exim4 (is the service running?)" },
		{ "cgroup.procs", -ENOENT, NULL, "cannot find" },
		{ "linked.service", -ENOENT, NULL, "cannot find" },
		{ ".", -ENOENT, NULL, "cannot find" },
		{ "..", -ENOENT, NULL, "cannot find" },
		{ ".control", 0, "/system.slice/.control", NULL },
		{ "@x", 0, "/system.slice/@x", NULL },
		{ "@y", -ENOENT, NULL, "cannot find a cgroup named @y (is the service running?)" },
	};
	_cleanup_close_ int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		_cleanup_free_ char *path = NULL;
		struct failure f = { "" };

		assert_int_equal(cgroup_find(fd, row[i].name, &path, &f), row[i].err);
		if (row[i].path)
			assert_string_equal(path, row[i].path);
		else
			assert_null(path);
		if (row[i].said && !strstr(f.text, row[i].said))
			fail_msg("'%s' says '%s', not '%s'", row[i].name, f.text, row[i].said);
	}
}

static void matches_paths(void **state)
{
	static const struct {
		const char *path, *name;
		bool is;
	} row[] = {
		{ "/system.slice/postfix.service", "postfix.service", true },
		{ "/system.slice/postfix.service", "/system.slice/postfix.service", true },
		{ "/system.slice/postfix.service", "/else/system.slice/postfix.service", false },
		{ "/system.slice/postfix.service", "fix.service", false },
		{ "/system.slice/postfix.service", "postfix", false },
		{ "/system.slice/postfix.service", "/postfix.service", false },
		{ "/system.slice/postfix.service", "system.slice", false },
		{ "/postfix.service", "postfix.service", true },
		{ "/postfix.service", "/postfix.service", true },
		{ "/postfix.service", "/", false },
		{ "", "/postfix.service", false },
		{ "", "postfix.service", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (cgroup_is(row[i].path, row[i].name) != row[i].is)
			fail_msg("%s is %s%s", row[i].path, row[i].is ? "" : "not ", row[i].name);
	assert_string_equal(cgroup_name("/system.slice/postfix@-.service"), "postfix@-.service");
	assert_string_equal(cgroup_name("/a"), "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_names),
		cmocka_unit_test(matches_paths),
	};

	return cmocka_run_group_tests_name("cgroup", tests, make_tree, remove_tree);
}
