// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A program that stands for a mail server's, under the name that it is copied
 * to: as a daemon (without -bP and -x) it lives until it is killed. Asked for
 * its settings, it first leaves the file "touched" in its own folder, if it can,
 * and then does what the file "mode" there says:
 *
 *   print    prints without end
 *   sleep    says nothing, and lives on
 *   hold     ends, but a child of it, in a session of its own, lives on with its output
 *   else     it is Exim with a transport whose interface tells what rights it has
 *
 * Asked to "show", as systemctl is, it tells them, and fails.
 */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/world.h"

static void enter_own_folder(void)
{
	char path[4096] = "";

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0 || chdir(dirname(path)))
		bail_out("cannot find this program");
}

static void live(void)
{
	for (;;)
		pause();
}

static void print_without_end(void)
{
	for (;;)
		puts("smtp_bind_address6 = 2001:db8:1::5");
}

static void print_status(void)
{
	static const char *const wanted[] = { "Uid",    "Gid",    "Groups", "CapInh",    "CapPrm",
					      "CapEff", "CapBnd", "CapAmb", "NoNewPrivs" };
	FILE *in = fopen("/proc/self/status", "r");
	char line[4096];

	while (in && fgets(line, sizeof(line), in)) {
		size_t n = strcspn(line, ":");

		for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
			if (strlen(wanted[i]) != n || memcmp(line, wanted[i], n) != 0)
				continue;
			for (char *p = line; *p; p++)
				*p = *p == '\t' ? ' ' : *p;
			printf("%.*s;", (int)strcspn(line, "\n"), line);
		}
	}
	if (in)
		fclose(in);
}

static void print_descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	struct dirent *e;

	printf("fds:");
	while (all && (e = readdir(all)))
		if (*e->d_name != '.' && atoi(e->d_name) != dirfd(all))
			printf(" %s", e->d_name);
	putchar(';');
}

static void print_rights(void)
{
	char folder[4096] = "", null[64] = "";

	if (!getcwd(folder, sizeof(folder)) || readlink("/proc/self/fd/0", null, sizeof(null) - 1) < 0)
		bail_out("cannot look at this process");
	print_status();
	print_descriptors();
	printf("in %s;stdin %s;session %s;", folder, null, getsid(0) == getpid() ? "own" : "another's");
}

static void answer_as_exim(void)
{
	printf("rights transport:\ndriver = smtp\ninterface = ");
	print_rights();
	puts("$");
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	char mode[16] = "";
	bool asked = false;
	int touched, fd;

	if (argc > 1 && !strcmp(argv[1], "show")) {
		print_rights();
		return 1;
	}
	for (int i = 1; i < argc; i++)
		asked |= !strcmp(argv[i], "-bP") || !strcmp(argv[i], "-x");
	if (!asked)
		live();
	if (argc > 2 && !strcmp(argv[argc - 1], "primary_hostname"))
		return 0;
	answer_as_exim();
	enter_own_folder();
	touched = open("touched", O_WRONLY | O_CREAT, 0666);
	if (touched >= 0)
		close(touched);
	fd = open("mode", O_RDONLY);
	if (fd >= 0 && read(fd, mode, sizeof(mode) - 1) < 0)
		bail_out("cannot read the mode");
	if (!strncmp(mode, "print", 5))
		print_without_end();
	if (!strncmp(mode, "sleep", 5))
		live();
	if (!strncmp(mode, "hold", 4) && !fork() && setsid() > 0)
		live();
	return 0;
}
