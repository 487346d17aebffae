// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cli/command.h"
#include "kernel/libbpf.h"
#include "srcpin/abi.h"

_Static_assert(sizeof(void *) == 8, "srcpin needs a system of 64 bits: its programs read pointers of the kernel");

/* The letter that stands for an option in command.accepts; -c, -n, -h, -v and -V can be typed as such. */
static const struct option long_options[] = {
	{ "cgroup", required_argument, NULL, 'g' },
	{ "unit", required_argument, NULL, 'u' },
	{ "config", required_argument, NULL, 'c' },
	{ "all", no_argument, NULL, 'a' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "close-stale", no_argument, NULL, 's' },
	{ "exec-condition", no_argument, NULL, 'x' },
	{ "if-empty", no_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "prometheus", no_argument, NULL, 'P' },
	{ "reset", no_argument, NULL, 'Z' },
	{ "wait", required_argument, NULL, 'w' },
	{ "port", required_argument, NULL, 'p' },
	{ "mx", no_argument, NULL, 'm' },
	{ "dns", required_argument, NULL, 'd' },
	{ "online", no_argument, NULL, 'o' },
	{ "domain", required_argument, NULL, 'D' },
	{ "only", required_argument, NULL, 'O' },
	{ "to", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static const char *option_name(char letter)
{
	static char name[32];

	for (const struct option *l = long_options; l->name; l++)
		if (l->val == letter)
			snprintf(name, sizeof(name), "--%s", l->name);
	return name;
}

/* strtol() would take blanks, a sign and what stands behind. */
static bool read_number(const char *text, int max, int *ret)
{
	size_t n = strspn(text, "0123456789");

	if (!n || n > 5 || text[n])
		return false;
	*ret = atoi(text);
	return *ret <= max;
}

static int help(void)
{
	printf("Usage: srcpin COMMAND [OPTION]...\n"
	       "Makes every outgoing socket of one service use one source address, or not leave at all.\n\n");
	for (const struct command *c = command_table; c->name; c++)
		printf("  %-9s %s\n            %s\n", c->name, c->synopsis, c->summary);
	printf("\n"
	       "  --cgroup NAME      a systemd unit, a path below the cgroup2 mount, or self: the caller's own\n"
	       "  --unit NAME        a systemd service\n"
	       "  -c, --config FILE  instead of " DEFAULT_CONFIG "\n"
	       "  -n, --dry-run      show the rules, or the drop-in, and change nothing\n"
	       "  --wait SECONDS     then wait until the sources are usable, no longer than this\n"
	       "  --close-stale      end older connections that leave from other addresses\n"
	       "  --exec-condition   exit with 255 where it would with 1 or 2: in ExecCondition= only that is a "
	       "failure\n"
	       "  --if-empty         but not while processes of the service are left\n"
	       "  --all              all services\n"
	       "  --port PORT        of the destination, instead of 25\n"
	       "  --mx               of a name the addresses of its MX hosts, as for mail\n"
	       "  --dns SERVERS      ask these, instead of /etc/hosts and those of /etc/resolv.conf\n"
	       "  --json             one JSON document; explain, probe and watch: one object a line\n"
	       "  --prometheus       metrics in the text exposition format\n"
	       "  --reset            set the counters to zero, and forget the last refusal\n"
	       "  --online           ask the DNS, by the servers of /etc/resolv.conf\n"
	       "  --domain DOMAIN    whose SPF is to cover the sources\n"
	       "  --only VERDICT     only what is denied, pinned or exempt\n"
	       "  --to PREFIX        only what goes to there\n"
	       "  -v, --verbose      show also what this kernel lacks, and what libbpf and its verifier say\n"
	       "  -h, --help         this text\n"
	       "  -V, --version      versions of srcpin, of its ABI and of libbpf\n\n"
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

static int run(int argc, char **argv)
{
	struct options o = { .config = DEFAULT_CONFIG, .wait = -1, .port = DEFAULT_PORT };
	const struct command *command;
	char used[32] = "";
	size_t n_used = 0;
	int letter;

	library_set_verbose(false);
	while ((letter = getopt_long(argc, argv, ":c:nhvV", long_options, NULL)) != -1) {
		switch (letter) {
		case 'h':
			return help();
		case 'V':
			return version();
		case 'v':
			library_set_verbose(true);
			o.verbose = true;
			continue;
		case 'g':
			o.cgroup = optarg;
			break;
		case 'u':
			o.unit = optarg;
			break;
		case 'c':
			o.config = optarg;
			break;
		case 'a':
			o.all = true;
			break;
		case 'n':
			o.dry_run = true;
			break;
		case 's':
			o.close_stale = true;
			break;
		case 'x': /* is_exec_condition() */
			break;
		case 'i':
			o.if_empty = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'P':
			o.prometheus = true;
			break;
		case 'Z':
			o.reset = true;
			break;
		case 'o':
			o.online = true;
			break;
		case 'D':
			o.domain = optarg;
			break;
		case 'O':
			o.only = optarg;
			break;
		case 't':
			o.to = optarg;
			break;
		case 'w':
			if (read_number(optarg, 86400, &o.wait)) /* a day */
				break;
			log_error("--wait needs a number of seconds from 0 to 86400, not '%s'", optarg);
			return EXIT_USAGE;
		case 'p':
			if (read_number(optarg, 65535, &o.port) && o.port)
				break;
			log_error("--port needs a number from 1 to 65535, not '%s'", optarg);
			return EXIT_USAGE;
		case 'm':
			o.mx = true;
			break;
		case 'd':
			o.dns = optarg;
			break;
		case ':':
			log_error("%s needs a value (srcpin --help lists the options)", argv[optind - 1]);
			return EXIT_USAGE;
		default:
			if (optopt && strchr("cnhvV", optopt))
				log_error("%s takes no value (srcpin --help lists the options)", argv[optind - 1]);
			else if (optopt && optopt < 128 && argv[optind - 1][1] != '-')
				log_error("there is no option -%c (srcpin --help lists them)", optopt);
			else
				log_error("there is no option %s, or it is not spelt out (srcpin --help lists them)",
					  argv[optind - 1]);
			return EXIT_USAGE;
		}
		if (n_used < sizeof(used) - 1 && !strchr(used, letter))
			used[n_used++] = (char)letter;
	}
	if (optind == argc) {
		log_error("no command given (srcpin --help lists them)");
		return EXIT_USAGE;
	}
	command = find_command(argv[optind]);
	if (!command) {
		log_error("there is no command '%s' (srcpin --help lists them)", argv[optind]);
		return EXIT_USAGE;
	}
	o.destination = &argv[optind + 1];
	o.n_destinations = (size_t)(argc - optind - 1);
	if (o.n_destinations && !command->destinations) {
		log_error("%s does not take '%s' (usage: srcpin %s %s)", command->name, argv[optind + 1], command->name,
			  command->synopsis);
		return EXIT_USAGE;
	}
	if (used[strspn(used, command->accepts)]) {
		log_error("%s does not take %s (usage: srcpin %s %s)", command->name,
			  option_name(used[strspn(used, command->accepts)]), command->name, command->synopsis);
		return EXIT_USAGE;
	}
	if (command->destinations && (!o.cgroup || !o.n_destinations)) {
		log_error("%s needs %s (usage: srcpin %s %s)", command->name, o.cgroup ? "a DEST" : "--cgroup NAME",
			  command->name, command->synopsis);
		return EXIT_USAGE;
	}
	if (o.cgroup && !*o.cgroup) {
		log_error("--cgroup needs a name (usage: srcpin %s %s)", command->name, command->synopsis);
		return EXIT_USAGE;
	}
	return command->run(&o);
}

/* Also where another option is wrong, as in a drop-in edited by hand: a start that is skipped looks well. */
static bool is_exec_condition(char *const *argv)
{
	while (*argv)
		if (strcmp(*argv++, "--exec-condition") == 0)
			return true;
	return false;
}

/* A user may nest cgroups in his own so deep that the usual 1024 do not do to walk them. */
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

	/* where nobody reads what we say, or a file may not grow: that is an error, and no end half-way */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	umask(077); /* a unit's own could lock out who has to be let in by the mode, as srcpin-watch.service has */
	allow_files();
	status = run(argc, argv);

	return status && is_exec_condition(argv) ? EXIT_CONDITION : status;
}
