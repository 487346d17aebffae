// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which files are root's alone, by each part of their paths. */
#include "base/trust.h" /* before cmocka.h, which has a macro fail() */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define JOE 4711
#define MOVE " (move it to a folder that is root's alone, as /etc is)"

static char top[] = "/var/lib/srcpin-trust-XXXXXX"; /* not /tmp, which is everybody's */

/* In the order in which they are made. @ is the top. */
static const struct entry {
	const char *path;
	const char *target; /* of a symbolic link */
	mode_t mode;        /* with its type */
	uid_t owner;
} tree[] = {
	{ "mine", NULL, S_IFDIR | 0755, 0 },           { "mine/conf", NULL, S_IFREG | 0644, 0 },
	{ "mine/joes", NULL, S_IFREG | 0644, JOE },    { "mine/all", NULL, S_IFREG | 0646, 0 },
	{ "mine/fifo", NULL, S_IFIFO | 0644, 0 },      { "mine/link", "conf", S_IFLNK, 0 },
	{ "mine/whole", "@/mine/conf", S_IFLNK, 0 },   { "mine/links", "../mine/./link", S_IFLNK, 0 },
	{ "mine/joeslink", "conf", S_IFLNK, JOE },     { "mine/tojoes", "joes", S_IFLNK, 0 },
	{ "mine/loop", "loop", S_IFLNK, 0 },           { "mine/slash", "conf/", S_IFLNK, 0 },
	{ "mine/it's", NULL, S_IFREG | 0664, 0 },      { "joes", NULL, S_IFDIR | 0755, JOE },
	{ "joes/conf", NULL, S_IFREG | 0644, 0 },      { "joes/link", "../mine/conf", S_IFLNK, 0 },
	{ "joes/below", NULL, S_IFDIR | 0755, 0 },     { "joes/below/conf", NULL, S_IFREG | 0644, 0 },
	{ "mine/tojoe", "../joes/below", S_IFLNK, 0 }, { "group", NULL, S_IFDIR | 0775, 0 },
	{ "group/conf", NULL, S_IFREG | 0644, 0 },     { "sticky", NULL, S_IFDIR | 01777, 0 },
	{ "sticky/conf", NULL, S_IFREG | 0644, 0 },
};

static const struct row {
	const char *path; /* below the top */
	int flags;
	int code;
	const char *said; /* % is the path, @ the top */
} rows[] = {
	{ "mine/conf", 0, 0, "" },
	{ "mine/link", 0, 0, "" },
	{ "mine/whole", 0, 0, "" },
	{ "mine/links", 0, 0, "" },
	{ "mine/../mine//./conf", 0, 0, "" },
	{ "mine", O_DIRECTORY, 0, "" },
	{ "mine/", O_DIRECTORY, 0, "" },
	{ "mine/.", O_DIRECTORY, 0, "" },
	{ "mine/nothing", 0, -ENOENT, "cannot open %: No such file or directory" },
	{ "nothing/conf", 0, -ENOENT, "cannot open %: No such file or directory" },
	{ "mine/conf/", 0, -ENOTDIR, "cannot open %: Not a directory" },
	{ "mine/slash", 0, -ENOTDIR, "cannot open %: Not a directory" },
	{ "mine/conf/conf", 0, -ENOTDIR, "cannot open %: Not a directory" },
	{ "mine/conf", O_DIRECTORY, -ENOTDIR, "cannot open %: Not a directory" },
	{ "mine/loop", 0, -ELOOP, "cannot open %: Too many levels of symbolic links" },
	{ "mine", 0, -EPERM, "refusing %: not a regular file" },
	{ "mine/fifo", 0, -EPERM, "refusing %: not a regular file" },
	{ "mine/joes", 0, -EPERM, "refusing %: it belongs to uid 4711, not to root (chown root %)" },
	{ "mine/tojoes", 0, -EPERM,
	  "refusing %: @/mine/joes belongs to uid 4711, not to root (chown root @/mine/joes)" },
	{ "mine/all", 0, -EPERM, "refusing %: others than its owner may write it, mode 0646 (chmod go-w %)" },
	{ "mine/it's", 0, -EPERM,
	  "refusing %: others than its owner may write it, mode 0664 (chmod go-w '@/mine/it'\\''s')" },
	{ "mine/joeslink", 0, -EPERM,
	  "refusing %: the symbolic link % belongs to uid 4711, not to root (chown -h root %)" },
	{ "joes/conf", 0, -EPERM,
	  "refusing %: the folder @/joes belongs to uid 4711, who can exchange what is in it" MOVE },
	{ "joes/below/conf", 0, -EPERM,
	  "refusing %: the folder @/joes belongs to uid 4711, who can exchange what is in it" MOVE },
	{ "joes/link", 0, -EPERM,
	  "refusing %: the folder @/joes belongs to uid 4711, who can exchange what is in it" MOVE },
	{ "joes/../mine/conf", 0, -EPERM,
	  "refusing %: the folder @/joes belongs to uid 4711, who can exchange what is in it" MOVE },
	{ "mine/tojoe/conf", 0, -EPERM,
	  "refusing %: the folder @/joes belongs to uid 4711, who can exchange what is in it" MOVE },
	{ "joes", O_DIRECTORY, -EPERM, "refusing %: it belongs to uid 4711, not to root (chown root %)" },
	{ "group/conf", 0, -EPERM,
	  "refusing %: others than root may write the folder @/group, mode 0775, and exchange what is in it (chmod "
	  "go-w "
	  "@/group)" },
	{ "sticky/conf", 0, -EPERM, "refusing %: the folder @/sticky is for others to write, too" MOVE },
	{ "sticky", O_DIRECTORY, -EPERM, "refusing %: others than its owner may write it, mode 1777 (chmod go-w %)" },
};

/* TEXT with the top in the place of @, and PATH in that of %. */
static const char *fill(const char *text, const char *path, char ret[static 1024])
{
	size_t n = 0;

	for (; *text; text++) {
		const char *with = *text == '@' ? top : *text == '%' ? path : NULL;

		n += (size_t)(with ? snprintf(ret + n, 1024 - n, "%s", with)
				   : snprintf(ret + n, 1024 - n, "%c", *text));
	}
	ret[n] = '\0';
	return ret;
}

static int make_tree(void **state)
{
	char target[1024];
	int dir;

	(void)state;
	if (geteuid())
		return 0;
	if (!mkdtemp(top) || chmod(top, 0755) || (dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++) {
		const struct entry *e = &tree[i];
		mode_t mode = e->mode & 07777;
		int err = S_ISLNK(e->mode)   ? symlinkat(fill(e->target, "", target), dir, e->path)
			  : S_ISDIR(e->mode) ? mkdirat(dir, e->path, mode)
					     : mknodat(dir, e->path, e->mode, 0);

		if (err || fchownat(dir, e->path, e->owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) ||
		    (!S_ISLNK(e->mode) && fchmodat(dir, e->path, mode, 0)))
			return -1;
	}
	return close(dir);
}

static int remove_tree(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (geteuid())
		return 0;
	for (size_t i = ARRAY_SIZE(tree); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", top, tree[i].path);
		if (remove(path))
			return -1;
	}
	return rmdir(top);
}

static void need_root(void)
{
	if (geteuid()) {
		print_message("not root: cannot make files of other owners\n");
		skip();
	}
}

static void is_opened(const char *path, const struct row *row, const char *said)
{
	struct failure f = { "" };
	int fd = trust_open(path, O_RDONLY | row->flags, &f);

	assert_string_equal(f.text, said);
	assert_int_equal(fd < 0 ? fd : 0, row->code);
	if (fd < 0)
		return;
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void opens(void **state)
{
	const struct row *row = *state;
	char path[PATH_MAX], said[1024];

	need_root();
	snprintf(path, sizeof(path), "%s/%s", top, row->path);
	is_opened(path, row, fill(row->said, path, said));
}

/* What is at fault is named by its whole path then, too. */
static void opens_below_the_current_folder(void **state)
{
	int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	struct failure f = { "" };
	char said[1024];

	(void)state;
	need_root();
	assert_int_equal(chdir(top), 0);
	fd = trust_open("mine/../mine/links", O_RDONLY, &f);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(trust_open("mine/joes", O_RDONLY, &f), -EPERM);
	assert_string_equal(
		f.text,
		fill("refusing mine/joes: @/mine/joes belongs to uid 4711, not to root (chown root @/mine/joes)", "",
		     said));
	assert_int_equal(trust_open("", O_RDONLY, &f), -ENOENT);
	assert_int_equal(fchdir(before), 0);
	close(before);
}

static void names_too_long(void **state)
{
	static char path[2 * PATH_MAX];
	struct failure f = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? '.' : '/';
	assert_int_equal(trust_open(path, O_RDONLY, &f), -ENAMETOOLONG);
	memset(path, 'x', NAME_MAX + 2);
	path[0] = '/';
	path[NAME_MAX + 2] = '\0';
	assert_int_equal(trust_open(path, O_RDONLY, &f), -ENAMETOOLONG);
}

static bool enough;

/* Between root's file and another's */
static void *exchange(void *unused)
{
	char at[PATH_MAX], new[PATH_MAX];

	snprintf(at, sizeof(at), "%s/mine/swap", top);
	snprintf(new, sizeof(new), "%s/mine/new", top);
	for (int i = 0; !__atomic_load_n(&enough, __ATOMIC_RELAXED); i++)
		if (symlink(i % 2 ? "joes" : "conf", new) || rename(new, at))
			return NULL;
	remove(at);
	return unused;
}

static void opens_what_it_checked(void **state)
{
	unsigned int opened = 0, refused = 0;
	char path[PATH_MAX];
	pthread_t other;

	(void)state;
	need_root();
	snprintf(path, sizeof(path), "%s/mine/swap", top);
	assert_int_equal(pthread_create(&other, NULL, exchange, NULL), 0);
	while (opened < 2000 || refused < 2000) {
		struct failure f = { "" };
		int fd = trust_open(path, O_RDONLY, &f);
		struct stat st;

		if (fd == -EPERM)
			refused++;
		if (fd < 0)
			continue;
		opened++;
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_uid, 0);
		close(fd);
	}
	__atomic_store_n(&enough, true, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(other, (void *[]){ NULL }), 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 3] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[n++] = (struct CMUnitTest){ rows[i].path, opens, NULL, NULL, (void *)&rows[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(opens_below_the_current_folder);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(names_too_long);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(opens_what_it_checked);
	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
