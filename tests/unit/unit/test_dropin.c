// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Drop-ins: their text to the letter, which paths of ours are refused, and what is found, written and removed in an
 * /etc of the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where this program is, in the place of readlink(2); NULL: nobody knows. */
static const char *program = "/usr/sbin/srcpin";

static ssize_t fake_readlink(const char *path, char *ret, size_t size)
{
	size_t n;

	(void)path;
	errno = ENOENT;
	if (!program)
		return -1;
	n = strlen(program) < size ? strlen(program) : size;
	memcpy(ret, program, n);
	return (ssize_t)n;
}
#define readlink fake_readlink
#include "unit/dropin.c" /* as it is, but for that */
#undef readlink

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h> /* has a macro fail(): after ours */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define JOE 4711
#define FOLDER UNITS "/exim4.service.d"
#define FILE_ FOLDER "/50-srcpin.conf"
#define MODE 07777

static void text_of_a_unit(void **state)
{
	struct failure f = { "" };
	struct dropin d;

	(void)state;
	assert_int_equal(dropin_describe("exim4.service", false, 30, &d, &f), 0);
	assert_string_equal(d.binary, "/usr/sbin/srcpin");
	assert_string_equal(d.folder, "/etc/systemd/system/exim4.service.d");
	assert_string_equal(d.path, "/etc/systemd/system/exim4.service.d/50-srcpin.conf");
	assert_string_equal(d.text, "# Written by srcpin install --unit exim4.service. To take it away: srcpin "
				    "uninstall --unit exim4.service\n"
				    "[Unit]\n"
				    "AssertFileIsExecutable=/usr/sbin/srcpin\n"
				    "\n"
				    "[Service]\n"
				    "# before any ExecStartPre=; only with 255 it makes the start fail\n"
				    "ExecCondition=+/usr/sbin/srcpin load --cgroup self --wait 30 --exec-condition\n"
				    "ExecReload=+/usr/sbin/srcpin reload --cgroup self\n"
				    "ExecStopPost=-+/usr/sbin/srcpin unload --cgroup self --if-empty\n");
}

static void text_of_an_umbrella(void **state)
{
	struct failure f = { "" };
	struct dropin d;

	(void)state;
	assert_int_equal(dropin_describe("postfix.service", true, 0, &d, &f), 0);
	assert_string_equal(d.path, "/etc/systemd/system/postfix.service.d/50-srcpin.conf");
	assert_string_equal(d.text, "# Written by srcpin install --unit postfix.service. To take it away: srcpin "
				    "uninstall --unit postfix.service\n"
				    "# It has no process of its own: this is for the day that it has.\n"
				    "[Unit]\n"
				    "AssertFileIsExecutable=/usr/sbin/srcpin\n"
				    "\n"
				    "[Service]\n"
				    "# before any ExecStartPre=; only with 255 it makes the start fail\n"
				    "ExecCondition=+/usr/sbin/srcpin load --cgroup self --wait 0 --exec-condition\n"
				    "# until there is a process, nothing stays loaded\n"
				    "ExecStartPost=-+/usr/sbin/srcpin unload --cgroup self --if-empty\n"
				    "ExecReload=+/usr/sbin/srcpin load --cgroup self\n"
				    "ExecReload=-+/usr/sbin/srcpin unload --cgroup self --if-empty\n"
				    "ExecStopPost=-+/usr/sbin/srcpin unload --cgroup self --if-empty\n");
}

/* In the commands to type as a word of a shell, in the path as it is */
static void quotes_the_unit(void **state)
{
	struct failure f = { "" };
	struct dropin d;

	(void)state;
	assert_int_equal(dropin_describe("postfix@in\\x2dner.service", false, 0, &d, &f), 0);
	assert_string_equal(d.path, "/etc/systemd/system/postfix@in\\x2dner.service.d/50-srcpin.conf");
	assert_non_null(strstr(d.text, "install --unit 'postfix@in\\x2dner.service'. "));
	assert_non_null(strstr(d.text, "uninstall --unit 'postfix@in\\x2dner.service'\n"));
}

static void takes_plain_paths_alone(void **state)
{
	static const char *const plain[] = { "/usr/sbin/srcpin", "/opt/x-1_2.3/srcpin", "/opt/a:b,c+d@e=f~/srcpin" };
	static const char *const others[] = { "/opt/my srcpin",   "/opt/a\tb",         "/opt/a\nb",
					      "/opt/%i/srcpin",   "/opt/$HOME/srcpin", "/opt/a\"b",
					      "/opt/a'b/srcpin",  "/opt/a\\x2db",      "/opt/a;b",
					      "/srcpin (deleted)" };
	struct failure f = { "" };
	struct dropin d;
	char said[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		program = plain[i];
		assert_int_equal(dropin_describe("exim4.service", false, 0, &d, &f), 0);
		assert_string_equal(d.binary, plain[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		program = others[i];
		assert_int_equal(dropin_describe("exim4.service", false, 0, &d, &f), -EINVAL);
		snprintf(said, sizeof(said), "cannot name %s in a unit: install srcpin under a plain path", others[i]);
		assert_string_equal(f.text, said);
	}
	program = NULL;
	assert_int_equal(dropin_describe("exim4.service", false, 0, &d, &f), -ENOENT);
	assert_string_equal(f.text, "cannot find out the path of this program: No such file or directory");
}

/* The longest one that there can be, in each line that has it */
static void has_room_for_the_path(void **state)
{
	static char path[PATH_MAX] = "/";
	struct failure f = { "" };
	struct dropin d;
	size_t n = 0;

	(void)state;
	memset(path + 1, 'x', sizeof(path) - 2);
	program = path;
	assert_int_equal(dropin_describe("postfix.service", true, 0, &d, &f), 0);
	for (const char *p = d.text; (p = strstr(p, path)); p += strlen(path))
		n++;
	assert_int_equal(n, 6);
	assert_string_equal(d.text + strlen(d.text) - strlen(" unload --cgroup self --if-empty\n"),
			    " unload --cgroup self --if-empty\n");
}

static bool apart; /* /etc is ours */

static int make_etc(void **state)
{
	(void)state;
	apart = !geteuid() && !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		!mount("test", "/etc", "tmpfs", 0, "mode=755") && !mkdir("/etc/systemd", 0755) && !mkdir(UNITS, 0755);
	return 0;
}

/* A drop-in for exim4.service, of which nothing is there yet */
static void describe(struct dropin *ret)
{
	struct failure f = { "" };

	if (!apart) {
		print_message("not root: cannot have an /etc of its own\n");
		skip();
	}
	unlink(FILE_);
	unlink(FOLDER "/50-srcpin.conf.part");
	rmdir(FILE_);
	rmdir(FOLDER);
	unlink(FOLDER);
	chmod(UNITS, 0755);
	program = "/usr/sbin/srcpin";
	assert_int_equal(dropin_describe("exim4.service", false, 30, ret, &f), 0);
}

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void has_text(const char *path, const char *text)
{
	char is[9 * PATH_MAX] = "";
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_int_equal(fread(is, 1, sizeof(is) - 1, in), strlen(text));
	assert_int_equal(fclose(in), 0);
	assert_string_equal(is, text);
}

static void has_mode(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & MODE, mode);
}

static void is_found(const struct dropin *d, enum dropin_state state)
{
	enum dropin_state is = (enum dropin_state)4711;
	struct failure f = { "" };

	assert_int_equal(dropin_examine(d, &is, &f), 0);
	assert_int_equal(is, state);
}

static void is_not_ours(const struct dropin *d)
{
	enum dropin_state is;
	struct failure f = { "" };

	assert_int_equal(dropin_examine(d, &is, &f), -EEXIST);
	assert_string_equal(f.text, "refusing " FILE_ ": srcpin did not write it, as its first line does not say so "
				    "(remove it by hand)");
}

static void finds_what_is_ours(void **state)
{
	struct dropin d;

	(void)state;
	describe(&d);
	is_found(&d, DROPIN_ABSENT);
	put(FOLDER, "", 0644); /* a file, in the place of the folder */
	is_found(&d, DROPIN_ABSENT);
	assert_int_equal(unlink(FOLDER), 0);
	assert_int_equal(mkdir(FOLDER, 0755), 0);
	is_found(&d, DROPIN_ABSENT);
	put(FILE_, d.text, 0644);
	is_found(&d, DROPIN_SAME);
	put(FILE_, d.text, 0600);
	is_found(&d, DROPIN_SAME);

	put(FILE_, "# Written by srcpin install --unit exim4.service.\n", 0644);
	is_found(&d, DROPIN_OTHER);
	put(FILE_, d.text, 0644);
	d.text[strlen(d.text) - 1] = '\0';
	is_found(&d, DROPIN_OTHER);
}

/* Whoever may write it may have written something else by now. */
static void finds_what_others_may_write(void **state)
{
	struct dropin d;

	(void)state;
	describe(&d);
	assert_int_equal(mkdir(FOLDER, 0755), 0);
	put(FILE_, d.text, 0664);
	is_found(&d, DROPIN_OTHER);
	put(FILE_, d.text, 0646);
	is_found(&d, DROPIN_OTHER);
	put(FILE_, d.text, 0644);
	is_found(&d, DROPIN_SAME);
	assert_int_equal(chown(FILE_, JOE, (gid_t)-1), 0);
	is_found(&d, DROPIN_OTHER);
}

static void refuses_what_is_not_ours(void **state)
{
	struct dropin d;

	(void)state;
	describe(&d);
	assert_int_equal(mkdir(FOLDER, 0755), 0);
	put(FILE_, "", 0644);
	is_not_ours(&d);
	put(FILE_, "[Service]\n# Written by srcpin install\n", 0644);
	is_not_ours(&d);
	assert_int_equal(unlink(FILE_), 0);
	assert_int_equal(symlink("/dev/null", FILE_), 0);
	is_not_ours(&d);
	assert_int_equal(unlink(FILE_), 0);
	assert_int_equal(symlink("nothing", FILE_), 0);
	is_not_ours(&d);
	assert_int_equal(unlink(FILE_), 0);
	assert_int_equal(mkfifo(FILE_, 0644), 0); /* nor is a writer waited for */
	is_not_ours(&d);
	assert_int_equal(unlink(FILE_), 0);
	assert_int_equal(mkdir(FILE_, 0755), 0);
	is_not_ours(&d);
}

static void refuse_all(const struct dropin *d, int code, const char *said)
{
	enum dropin_state is;
	struct failure f = { "" };

	assert_int_equal(dropin_examine(d, &is, &f), code);
	assert_string_equal(f.text, said);
	f.text[0] = '\0';
	assert_int_equal(dropin_write(d, &f), code);
	assert_string_equal(f.text, said);
	f.text[0] = '\0';
	assert_int_equal(dropin_remove(d, &f), code);
	assert_string_equal(f.text, said);
}

static void refuses_folders_of_others(void **state)
{
	struct dropin d;

	(void)state;
	describe(&d);
	assert_int_equal(mkdir(FOLDER, 0755), 0);
	put(FILE_, d.text, 0644);
	assert_int_equal(chown(FOLDER, JOE, (gid_t)-1), 0);
	refuse_all(&d, -EPERM, "refusing " FOLDER ": it belongs to uid 4711, not to root (chown root " FOLDER ")");
	assert_int_equal(chown(FOLDER, 0, (gid_t)-1), 0);
	assert_int_equal(chmod(FOLDER, 0775), 0);
	refuse_all(&d, -EPERM,
		   "refusing " FOLDER ": others than its owner may write it, mode 0775 (chmod go-w " FOLDER ")");
	assert_int_equal(chmod(FOLDER, 0755), 0);
	has_text(FILE_, d.text);

	/* nor by a link, be it to root's own */
	assert_int_equal(rename(FOLDER, UNITS "/elsewhere"), 0);
	assert_int_equal(symlink("elsewhere", FOLDER), 0);
	refuse_all(&d, -ELOOP, "refusing " FOLDER ": it is a symbolic link (put there what it leads to)");
	has_text(UNITS "/elsewhere/50-srcpin.conf", d.text);
	assert_int_equal(unlink(UNITS "/elsewhere/50-srcpin.conf"), 0);
	assert_int_equal(rmdir(UNITS "/elsewhere"), 0);
}

/* As anybody may read it, whatever the umask; nothing else is left there, of one that was killed neither. */
static void writes(void **state)
{
	mode_t mask = umask(077);
	struct failure f = { "" };
	struct dropin d;

	(void)state;
	describe(&d);
	for (int i = 0; i < 2; i++) { /* the second time over another one */
		assert_int_equal(dropin_write(&d, &f), 0);
		has_text(FILE_, d.text);
		has_mode(FILE_, 0644);
		has_mode(FOLDER, 0755);
		is_found(&d, DROPIN_SAME);
		assert_int_equal(access(FOLDER "/50-srcpin.conf.part", F_OK), -1);
		put(FILE_, "# Written by srcpin install, which was another one, and is longer than this one is\n",
		    0666);
		put(FOLDER "/50-srcpin.conf.part", "half of", 0600);
	}
	umask(mask);
}

static void removes(void **state)
{
	struct failure f = { "" };
	struct dropin d;

	(void)state;
	describe(&d);
	assert_int_equal(dropin_write(&d, &f), 0);
	put(FOLDER "/50-srcpin.conf.part", "half of", 0600);
	assert_int_equal(dropin_remove(&d, &f), 0);
	assert_int_equal(access(FOLDER, F_OK), -1);

	assert_int_equal(dropin_write(&d, &f), 0);
	put(FOLDER "/override.conf", "[Service]\n", 0644);
	assert_int_equal(dropin_remove(&d, &f), 0);
	assert_int_equal(access(FILE_, F_OK), -1);
	has_text(FOLDER "/override.conf", "[Service]\n");
	assert_int_equal(dropin_remove(&d, &f), -ENOENT);
	assert_string_equal(f.text, "cannot remove " FILE_ ": No such file or directory");
	assert_int_equal(unlink(FOLDER "/override.conf"), 0);
}

static void checks_the_program(void **state)
{
	struct failure f = { "" };
	struct dropin d;

	(void)state;
	describe(&d);
	snprintf(d.binary, sizeof(d.binary), "/etc/srcpin");
	assert_int_equal(dropin_check_program(&d, &f), -ENOENT);
	put(d.binary, "", 0755);
	assert_int_equal(dropin_check_program(&d, &f), 0);
	assert_int_equal(chmod(d.binary, 0775), 0);
	assert_int_equal(dropin_check_program(&d, &f), -EPERM);
	assert_string_equal(
		f.text, "refusing /etc/srcpin: others than its owner may write it, mode 0775 (chmod go-w /etc/srcpin)");
	assert_int_equal(unlink(d.binary), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_a_unit),
		cmocka_unit_test(text_of_an_umbrella),
		cmocka_unit_test(quotes_the_unit),
		cmocka_unit_test(takes_plain_paths_alone),
		cmocka_unit_test(has_room_for_the_path),
		cmocka_unit_test(finds_what_is_ours),
		cmocka_unit_test(finds_what_others_may_write),
		cmocka_unit_test(refuses_what_is_not_ours),
		cmocka_unit_test(refuses_folders_of_others),
		cmocka_unit_test(writes),
		cmocka_unit_test(removes),
		cmocka_unit_test(checks_the_program),
	};

	return cmocka_run_group_tests(tests, make_etc, NULL);
}
