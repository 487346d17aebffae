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
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "host/cgroup.h"
#include "host/cgroup_find.h"

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
	/* not root's alone: see foreign[] */
	"user.slice/joes",
	"user.slice/joes/opendkim.service",
	"user.slice/joes/mine.service",
	"user.slice/exim4.service",
	"user.slice/all.service",
	"user.slice/procs.service",
	"user.slice/marked.service",
	"user.slice/marked.service/child.service",
	"user.slice/marked.service/only.service",
	"user.slice/postfix@z.service",
	"user.slice/system.slice",
};

static const struct foreign {
	const char *path;
	uid_t owner;
	mode_t mode;
	bool procs; /* not the folder itself, but cgroup.procs in it */
	const char *mark;
} foreign[] = {
	{ "user.slice/joes", 1000, 0755, false, NULL },
	{ "user.slice/exim4.service", 1000, 0755, false, NULL },
	{ "user.slice/all.service", 0, 0777, false, NULL },
	{ "user.slice/procs.service", 1000, 0644, true, NULL },
	{ "user.slice/marked.service", 0, 0755, false, "trusted.delegate" },
	{ "user.slice/postfix@z.service", 1000, 0755, false, NULL },
	{ "user.slice/system.slice", 0, 0775, false, NULL },
};

static char root[] = "/tmp/srcpin-test-cgroup.XXXXXX";

static int make_foreign(const struct foreign *g)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s%s", root, g->path, g->procs ? "/cgroup.procs" : "");
	if (g->procs && close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
		return -1;
	return chown(path, g->owner, (gid_t)-1) || chmod(path, g->mode) ||
	       (g->mark && setxattr(path, g->mark, "1", 1, 0));
}

static int make_tree(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (geteuid())
		return 0;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < sizeof(tree) / sizeof(*tree); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, tree[i]);
		if (mkdir(path, 0700))
			return -1;
	}
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (make_foreign(&foreign[i]))
			return -1;
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
	return geteuid() ? 0 : nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
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
		/* what others than root may have named so */
		{ "opendkim.service", 0, "/system.slice/opendkim.service", NULL },
		{ "mine.service", -ENOENT, NULL, "; not looked at: /user.slice/" },
		{ "exim4.service", -ENOENT, NULL,
		  "; not looked at: /user.slice/exim4.service, which belongs to uid 1000 (name it by its path)" },
		{ "all.service", -ENOENT, NULL,
		  "; not looked at: /user.slice/all.service, which is for others than root to write (name it by its "
		  "path)" },
		{ "procs.service", -ENOENT, NULL, "/user.slice/procs.service, which belongs to uid 1000" },
		{ "marked.service", 0, "/user.slice/marked.service", NULL },
		{ "only.service", -ENOENT, NULL, "; not looked at: /user.slice/" },
		{ "postfix@z.service", -ENOENT, NULL, "/user.slice/postfix@z.service, which belongs to uid 1000" },
	};
	_cleanup_close_ int fd = -1;

	(void)state;
	if (geteuid()) {
		print_message("not root: cannot make folders that are root's\n");
		skip();
	}
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
	/* as systemd escapes them */
	assert_string_equal(cgroup_name("/system.slice/_memory.service"), "memory.service");
	assert_string_equal(cgroup_name("/system.slice/__own.service"), "_own.service");
	assert_string_equal(cgroup_name("/mail/_own"), "_own");
	assert_string_equal(cgroup_escape("memory.service"), "_");
	assert_string_equal(cgroup_escape("_own.service"), "_");
	assert_string_equal(cgroup_escape("memory-x.service"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_names),
		cmocka_unit_test(matches_paths),
	};

	return cmocka_run_group_tests_name("cgroup", tests, make_tree, remove_tree);
}
