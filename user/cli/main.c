// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "kernel/libbpf.h"
#include "srcpin/abi.h"

_Static_assert(sizeof(void *) == 8, "srcpin needs a system of 64 bits: its programs read pointers of the kernel");

static int help(void)
{
	printf("Usage: srcpin COMMAND [OPTION]...\n"
	       "Makes every outgoing socket of one service use one source address, or not leave at all.\n\n");
	for (const struct command *c = command_table; c->name; c++)
		printf("  %-9s %s\n            %s\n", c->name, c->synopsis, c->summary);
	putchar('\n');
	options_print();
	printf("\n"
	       "Exit status: 0 done, 1 usage or config, 2 the system refused; of status: 3 nothing is loaded, 4 "
	       "degraded; of doctor: 4 findings.\n");
	return command_end_output();
}

static int version(void)
{
	printf("srcpin %s (ABI %d, libbpf %s)\n", SRCPIN_VERSION, SRCPIN_ABI, library_version());
	return command_end_output();
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = command_table; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* Does C take what was typed? If not, prints the message. */
static bool takes(const struct command *c, const struct options *o)
{
	const char *other = options_not_in(o, c->synopsis), *what = NULL, *verb = "does not take";

	if (o->n_words > 1 && !c->destinations) {
		log_error("%s does not take '%s' (usage: srcpin %s %s)", c->name, o->word[1], c->name, c->synopsis);
		return false;
	}
	if (other) {
		what = other;
	} else if (c->destinations && !o->cgroup) {
		verb = "needs";
		what = "--cgroup NAME";
	} else if (c->destinations && o->n_words == 1) {
		verb = "needs";
		what = "a DEST";
	} else if (o->cgroup && !*o->cgroup) {
		log_error("--cgroup needs a name (usage: srcpin %s %s)", c->name, c->synopsis);
		return false;
	}
	if (what)
		log_error("%s %s %s (usage: srcpin %s %s)", c->name, verb, what, c->name, c->synopsis);
	return !what;
}

static int run(int argc, char **argv)
{
	const struct command *command;
	struct options o;

	library_set_verbose(false);
	if (!options_read(argc, argv, &o))
		return EXIT_USAGE;
	if (o.help)
		return help();
	if (o.version)
		return version();
	library_set_verbose(o.verbose);
	if (!o.n_words) {
		log_error("no command given (srcpin --help lists them)");
		return EXIT_USAGE;
	}
	command = find_command(o.word[0]);
	if (!command) {
		log_error("there is no command '%s' (srcpin --help lists them)", o.word[0]);
		return EXIT_USAGE;
	}
	return takes(command, &o) ? command->run(&o) : EXIT_USAGE;
}

/*
 * Also when another option is wrong, as in a drop-in edited by hand: otherwise
 * the start would be skipped and look fine.
 */
static bool is_exec_condition(char *const *argv)
{
	while (*argv)
		if (strcmp(*argv++, "--exec-condition") == 0)
			return true;
	return false;
}

/* A user's cgroups may nest so deep that the usual 1024 descriptors are too few to walk them. */
static void allow_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv)
{
	int status;

	/* if nobody reads our output, or a file may not grow, that must be an error, not kill us */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	umask(077); /* a unit's own could lock out whom the file mode must let in, as in srcpin-watch.service */
	allow_files();
	status = run(argc, argv);

	return status && is_exec_condition(argv) ? EXIT_CONDITION : status;
}
