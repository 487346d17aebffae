// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/inherited.h"
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
	       "degraded; of doctor: 4 findings; of run: the command's, or 125 to 127 if it did not run.\n");
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
	const char *other = options_not_in(o, c->synopsis), *what = NULL, *verb = "needs";
	bool runs = c->run == cmd_run;

	if (o->n_words > 1 && !c->destinations && !runs) {
		log_error("%s does not take '%s' (usage: srcpin %s %s)", c->name, o->word[1], c->name, c->synopsis);
		return false;
	}
	if (other) {
		verb = "does not take";
		what = other;
	} else if (runs && (o->n_before != 1 || o->n_words == 1)) {
		what = "-- and then a COMMAND"; /* else options of the command would be taken for ours */
	} else if (c->destinations && !o->cgroup) {
		what = "--cgroup NAME";
	} else if (c->destinations && o->n_words == 1) {
		what = "a DEST";
	} else if (o->cgroup && !*o->cgroup) {
		log_error("--cgroup needs a name (usage: srcpin %s %s)", c->name, c->synopsis);
		return false;
	}
	if (what)
		log_error("%s %s %s (usage: srcpin %s %s)", c->name, verb, what, c->name, c->synopsis);
	return !what;
}

static int run(const struct options *o)
{
	const struct command *command;

	if (o->help)
		return help();
	if (o->version)
		return version();
	library_set_verbose(o->verbose);
	if (!o->n_words) {
		log_error("no command given (srcpin --help lists them)");
		return EXIT_USAGE;
	}
	command = find_command(o->word[0]);
	if (!command) {
		log_error("there is no command '%s' (srcpin --help lists them)", o->word[0]);
		return EXIT_USAGE;
	}
	return takes(command, o) ? command->run(o) : EXIT_USAGE;
}

/*
 * Also when another option is wrong, as in a drop-in edited by hand: otherwise
 * the start would be skipped and look fine.
 */
static bool is_exec_condition(char *const *argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, "--exec-condition") == 0)
			return true;
	return false;
}

/* The statuses of the command that srcpin runs must not be taken for ours. */
static bool is_run(const struct options *o)
{
	return o->n_words && strcmp(o->word[0], "run") == 0 && !o->help && !o->version;
}

int main(int argc, char **argv)
{
	bool is_condition = is_exec_condition(argv);
	struct options o;
	int status;

	inherited_replace();
	library_set_verbose(false);
	status = options_read(argc, argv, &o) ? run(&o) : EXIT_USAGE;
	if (is_run(&o) && status < EXIT_NOT_RUN)
		return EXIT_NOT_RUN;
	return status && is_condition ? EXIT_CONDITION : status;
}
