// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/options.h"

enum kind {
	FLAG,
	TEXT,
	SECONDS,
	PORT,
};

static const struct entry {
	const char *name, *value, *help;
	size_t at; /* in struct options */
	enum kind kind;
	char letter; /* the option as one letter; 0: it only has its name */
	bool all;    /* every command takes it */
} table[] = {
#define AT(member) offsetof(struct options, member)
#define OPTION(letter, name, value, kind, member, help)            \
	{                                                          \
		name, value, help, AT(member), kind, letter, false \
	}
#define OF_ALL(letter, name, member, help)                     \
	{                                                      \
		name, "", help, AT(member), FLAG, letter, true \
	}
	OPTION(0, "cgroup", "NAME", TEXT, cgroup,
	       "a systemd unit, a path below the cgroup2 mount, or self: the caller's own"),
	OPTION(0, "unit", "NAME", TEXT, unit, "a systemd service"),
	OPTION('c', "config", "FILE", TEXT, config, "instead of " DEFAULT_CONFIG),
	OPTION('n', "dry-run", "", FLAG, dry_run, "show the rules, or the drop-in, and change nothing"),
	OPTION(0, "wait", "SECONDS", SECONDS, wait, "then wait until the sources are usable, no longer than this"),
	OPTION(0, "close-stale", "", FLAG, close_stale, "end older connections that leave from other addresses"),
	OPTION(0, "exec-condition", "", FLAG, exec_condition,
	       "exit with 255 where it would with 1 or 2: in ExecCondition= only that is a failure"),
	OPTION(0, "if-empty", "", FLAG, if_empty, "but not while processes of the service are left"),
	OPTION(0, "all", "", FLAG, all, "all services"),
	OPTION(0, "port", "PORT", PORT, port, "of the destination, instead of 25"),
	OPTION(0, "mx", "", FLAG, mx, "of a name the addresses of its MX hosts, as for mail"),
	OPTION(0, "dns", "SERVERS", TEXT, dns, "ask these, instead of /etc/hosts and those of /etc/resolv.conf"),
	OPTION(0, "json", "", FLAG, json, "one JSON document; explain, probe and watch: one object a line"),
	OPTION(0, "prometheus", "", FLAG, prometheus, "metrics in the text exposition format"),
	OPTION(0, "reset", "", FLAG, reset, "set the counters to zero, and forget the last refusal"),
	OPTION(0, "online", "", FLAG, online, "ask the DNS, by the servers of /etc/resolv.conf"),
	OPTION(0, "domain", "DOMAIN", TEXT, domain, "whose SPF is to cover the sources"),
	OPTION(0, "only", "VERDICT", TEXT, only, "only what is denied, pinned or exempt"),
	OPTION(0, "to", "PREFIX", TEXT, to, "only what goes to there"),
	OPTION(0, "source", "ADDRESS", TEXT, source, "the source of the command's IPv6"),
	OPTION(0, "source4", "ADDRESS", TEXT, source4, "the source of the command's IPv4"),
	OPTION(0, "section", "NAME", TEXT, section, "of the config, whatever the command's cgroup is called"),
	OPTION(0, "user", "USER", TEXT, user, "who runs the command, instead of sudo's caller, or else the caller"),
	OF_ALL('v', "verbose", verbose, "show also what this kernel lacks, and what libbpf and its verifier say"),
	OF_ALL('h', "help", help, "this text"),
	OF_ALL('V', "version", version, "versions of srcpin, of its ABI and of libbpf"),
};

#define N_OPTIONS (sizeof(table) / sizeof(*table))
#define A_WORD 1
#define FIRST_VALUE 256 /* getopt's number for the first entry; larger than any letter */

/* strtol() would also take blanks, a sign, and text after the number. */
static bool read_number(const char *name, const char *what, int min, int max, int *ret)
{
	size_t n = strspn(optarg, "0123456789");

	if (n && n <= 5 && !optarg[n] && atoi(optarg) >= min && atoi(optarg) <= max) {
		*ret = atoi(optarg);
		return true;
	}
	log_error("--%s needs a number%s from %d to %d, not '%s'", name, what, min, max, optarg);
	return false;
}

static bool set(const struct entry *e, struct options *o)
{
	void *to = (char *)o + e->at;

	switch (e->kind) {
	case FLAG:
		*(bool *)to = true;
		return true;
	case TEXT:
		*(const char **)to = optarg;
		return true;
	case SECONDS:
		return read_number(e->name, " of seconds", 0, 24 * 60 * 60, to);
	case PORT:
		return read_number(e->name, "", 1, 65535, to);
	}
	return false;
}

static bool takes_no_value(int letter)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (letter == FIRST_VALUE + (int)i || (letter && letter == table[i].letter))
			return true;
	return false;
}

static void complain(int returned, char *const *argv)
{
	const char *said = argv[optind - 1];

	if (returned == ':')
		log_error("%s needs a value (srcpin --help lists the options)", said);
	else if (takes_no_value(optopt))
		log_error("%s takes no value (srcpin --help lists the options)", said);
	else if (optopt && optopt < 128 && said[1] != '-')
		log_error("there is no option -%c (srcpin --help lists them)", optopt);
	else
		log_error("there is no option %s, or it is not spelt out (srcpin --help lists them)", said);
}

static const struct entry *find(int returned)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (returned == FIRST_VALUE + (int)i || returned == table[i].letter)
			return &table[i];
	return NULL;
}

bool options_read(int argc, char **argv, struct options *ret)
{
	struct option by_name[N_OPTIONS + 1] = { 0 };
	char by_letter[3 * N_OPTIONS] = "-:", *end = by_letter + 2; /* "-": words are returned, too, in their place */
	int returned;

	*ret = (struct options){ .config = DEFAULT_CONFIG, .wait = -1, .port = DEFAULT_PORT, .word = argv + 1 };
	for (size_t i = 0; i < N_OPTIONS; i++) {
		by_name[i] = (struct option){ table[i].name, table[i].kind != FLAG, NULL, FIRST_VALUE + (int)i };
		if (table[i].letter)
			end += sprintf(end, "%c%s", table[i].letter, table[i].kind != FLAG ? ":" : "");
	}
	while ((returned = getopt_long(argc, argv, by_letter, by_name, NULL)) != -1) {
		const struct entry *e = find(returned);

		if (returned == A_WORD) {
			ret->word[ret->n_words++] = optarg;
			continue;
		}
		if (!e) {
			complain(returned, argv);
			return false;
		}
		if (!set(e, ret))
			return false;
		ret->used |= e->all ? 0 : 1UL << (e - table);
		if (ret->help || ret->version)
			break; /* the rest does not matter */
	}
	ret->n_before = ret->n_words;
	while (optind < argc)
		ret->word[ret->n_words++] = argv[optind++];
	ret->word[ret->n_words] = NULL;
	return true;
}

/* Does SYNOPSIS name the option, by its name or its letter, as a word of its own? */
static bool is_named(const struct entry *e, const char *synopsis)
{
	char name[32], letter[3] = { '-', e->letter };
	const char *words[] = { name, letter };

	snprintf(name, sizeof(name), "--%s", e->name);
	for (int i = 0; i < (e->letter ? 2 : 1); i++) {
		size_t n = strlen(words[i]);

		for (const char *s = synopsis; (s = strstr(s, words[i])); s += n)
			if ((s == synopsis || strchr(" [", s[-1])) && strchr(" ]", s[n]))
				return true;
	}
	return false;
}

const char *options_not_in(const struct options *o, const char *synopsis)
{
	static char name[32];

	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (!(o->used & 1UL << i) || is_named(&table[i], synopsis))
			continue;
		snprintf(name, sizeof(name), "--%s", table[i].name);
		return name;
	}
	return NULL;
}

void options_print(void)
{
	for (const struct entry *e = table; e < table + N_OPTIONS; e++) {
		char letter[] = { '-', e->letter, ',', ' ', '\0' }, left[32];

		snprintf(left, sizeof(left), "%s--%s%s%s", e->letter ? letter : "", e->name, *e->value ? " " : "",
			 e->value);
		printf("  %-18s %s\n", left, e->help);
	}
}
