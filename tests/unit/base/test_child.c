// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A child: what it says and how it ends, its limits, and that no right is left to it, whoever runs this. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h> /* has a macro fail(): after ours */

/* It is (fail)() here: the child's own sentence, and not cmocka's macro. */
static int says_why(const void *data, struct failure *f)
{
	(void)data;
	return (fail)(f, -ENOTUNIQ, "there are %d of\n them", 2);
}

static int says(const void *data, struct failure *f)
{
	return child_say(data, strlen(data), f);
}

static int says_zeros(const void *data, struct failure *f)
{
	static const char zeros[64 << 10];
	const size_t *n = data;

	for (size_t left = *n, piece; left; left -= piece) {
		int err;

		piece = left < sizeof(zeros) ? left : sizeof(zeros);
		err = child_say(zeros, piece, f);
		if (err)
			return err;
	}
	return 0;
}

static int sleeps(const void *data, struct failure *f)
{
	(void)data;
	(void)f;
	for (;;)
		pause();
	return 0;
}

static int closes_and_sleeps(const void *data, struct failure *f)
{
	close(STDOUT_FILENO);
	return sleeps(data, f);
}

static int leaves_a_child(const void *data, struct failure *f)
{
	return fork() ? 0 : sleeps(data, f);
}

static int is_killed(const void *data, struct failure *f)
{
	(void)data;
	(void)f;
	raise(SIGKILL);
	return 0;
}

static int shows_rights(const void *data, struct failure *f)
{
	char text[256];

	(void)data;
	snprintf(text, sizeof(text), "%d %d %d %d %d %d", geteuid() == 0, getgroups(0, NULL) > 0 && geteuid() == 0,
		 prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), getsid(0) == getpid(), fcntl(3, F_GETFD) >= 0,
		 setuid(0) == 0 && geteuid() == 0);
	return child_say(text, strlen(text), f);
}

static struct account spare;

static struct child child(int (*run)(const void *data, struct failure *f), const void *data, unsigned int seconds)
{
	return (struct child){
		.what = "cannot test", .as = &spare, .seconds = seconds, .fd = -1, .run = run, .data = data
	};
}

static int run(struct child c, char **said, size_t *n, int *status, struct failure *f)
{
	*said = NULL;
	*f = (struct failure){ "" };
	spare = account_spare();
	return child_run(&c, said, n, status, f);
}

static void hears_it(void **state)
{
	struct failure f;
	char *said;
	size_t n;
	int status;

	(void)state;
	assert_int_equal(run(child(says, "as it is\n", 60), &said, &n, &status, &f), 0);
	assert_int_equal(status, 0);
	assert_int_equal(n, 9);
	assert_string_equal(said, "as it is\n");
	free(said);
	signal(SIGCHLD, SIG_IGN); /* as a caller may have left it */
	assert_int_equal(run(child(says, "", 60), &said, &n, &status, &f), 0);
	assert_int_equal(status, 0);
	assert_int_equal(n, 0);
	assert_string_equal(said, "");
	free(said);
}

static void takes_its_sentence_for_data(void **state)
{
	struct failure f;
	char *said;
	size_t n;
	int status;

	(void)state;
	assert_int_equal(run(child(says_why, NULL, 60), &said, &n, &status, &f), -ENOTUNIQ);
	assert_string_equal(f.text, "there are 2 of? them");
	assert_null(said);
}

static void limits_what_it_says(void **state)
{
	const size_t most = CHILD_BYTES, more = CHILD_BYTES + 1, endless = SIZE_MAX;
	struct failure f;
	char *said;
	size_t n;
	int status;

	(void)state;
	assert_int_equal(run(child(says_zeros, &most, 60), &said, &n, &status, &f), 0);
	assert_int_equal(n, most);
	free(said);
	assert_int_equal(run(child(says_zeros, &more, 60), &said, &n, &status, &f), -EFBIG);
	assert_int_equal(run(child(says_zeros, &endless, 60), &said, &n, &status, &f), -EFBIG);
	assert_string_equal(f.text, "cannot test: it says more than 1024 KiB, and was killed");
	assert_null(said);
}

static void limits_its_time(void **state)
{
	int (*const late[])(const void *data, struct failure *f) = { sleeps, closes_and_sleeps, leaves_a_child };
	struct failure f;
	char *said;
	size_t n;
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(late) / sizeof(*late); i++) {
		time_t begin = time(NULL);

		assert_int_equal(run(child(late[i], NULL, 1), &said, &n, &status, &f), -ETIMEDOUT);
		assert_string_equal(f.text, "cannot test: it did not end within 1 s, and was killed");
		assert_true(time(NULL) - begin < 30);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nor is there one that nobody waits for */
		assert_null(said);
	}
}

static void tells_how_it_ended(void **state)
{
	struct failure f;
	char *said;
	size_t n;
	int status;

	(void)state;
	assert_int_equal(run(child(is_killed, NULL, 60), &said, &n, &status, &f), 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	free(said);
}

static void leaves_it_no_rights(void **state)
{
	int inherited = open("/dev/null", O_RDONLY); /* not to be closed by exec alone */
	struct failure f;
	char *said;
	size_t n;
	int status;

	(void)state;
	assert_true(inherited >= 0);
	assert_int_equal(run(child(shows_rights, NULL, 60), &said, &n, &status, &f), 0);
	assert_string_equal(said, "0 0 1 1 0 0");
	free(said);
	close(inherited);
}

static void knows_no_account_of_roots(void **state)
{
	struct failure f = { "" };
	struct account a;

	(void)state;
	assert_int_equal(account_find((const char *const[]){ "root", NULL }, &a, &f), -ENOENT);
	assert_string_equal(f.text, "there is no user root");
	assert_int_equal(account_find((const char *const[]){ "no such user", "root", "daemon", NULL }, &a, &f), 0);
	assert_string_equal(a.name, "daemon");
	assert_true(a.uid != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hears_it),
		cmocka_unit_test(takes_its_sentence_for_data),
		cmocka_unit_test(limits_what_it_says),
		cmocka_unit_test(limits_its_time),
		cmocka_unit_test(tells_how_it_ended),
		cmocka_unit_test(leaves_it_no_rights),
		cmocka_unit_test(knows_no_account_of_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
