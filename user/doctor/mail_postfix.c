// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Postfix: main.cf and what master.cf sets besides, as postconf(1) shows both. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "doctor/doctor_settings.h"

#define MAX_SERVICES 64

/* A service of master.cf, or main.cf itself, by what it sets. */
struct scope {
	const char *name;                                       /* "smtp/unix" */
	const char *bind, *bind6, *interfaces, *enforce, *helo; /* NULL: not set here */
	bool renamed;                                           /* myhostname is, of which helo may be made */
};

/* The value of the parameter that LINE is about, "NAME = VALUE"; cuts the line in two. */
static const char *split(char *line)
{
	char *equals = strstr(line, " =");

	if (!equals)
		return NULL;
	*equals = '\0';
	return equals + 2 + strspn(equals + 2, " ");
}

static void note(struct scope *s, const char *parameter, const char *value)
{
	if (!strcmp(parameter, "smtp_bind_address"))
		s->bind = value;
	else if (!strcmp(parameter, "smtp_bind_address6"))
		s->bind6 = value;
	else if (!strcmp(parameter, "inet_interfaces"))
		s->interfaces = value;
	else if (!strcmp(parameter, "smtp_bind_address_enforce"))
		s->enforce = value;
	else if (!strcmp(parameter, "smtp_helo_name"))
		s->helo = value;
	else if (!strcmp(parameter, "myhostname"))
		s->renamed = true;
}

static void read_main(char *said, struct scope *ret)
{
	char *next, *line;

	*ret = (struct scope){ .name = "main.cf" };
	for (line = strtok_r(said, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		const char *value = split(line);

		if (value)
			note(ret, line, value);
	}
}

/* Lines "NAME/TYPE/PARAMETER = VALUE" */
static size_t read_master(char *said, struct scope ret[MAX_SERVICES])
{
	char *next, *line;
	size_t n = 0;

	for (line = strtok_r(said, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		const char *value = split(line);
		char *slash = value ? strrchr(line, '/') : NULL;

		if (!slash)
			continue;
		*slash = '\0';
		if (!n || strcmp(ret[n - 1].name, line) != 0) {
			if (n == MAX_SERVICES)
				break;
			ret[n++] = (struct scope){ .name = line };
		}
		note(&ret[n - 1], slash + 1, value);
	}
	return n;
}

/* "[::1]" is how one may write it. */
static void strip_brackets(const char *value, char ret[INET6_ADDRSTRLEN])
{
	size_t n = strlen(value);

	if (n > 1 && value[0] == '[' && value[n - 1] == ']')
		snprintf(ret, INET6_ADDRSTRLEN, "%.*s", (int)(n - 2 < 45 ? n - 2 : 45), value + 1);
	else
		snprintf(ret, INET6_ADDRSTRLEN, "%s", value);
}

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

/*
 * The one address of FAMILY in the list, to which Postfix's client binds then
 * by itself, unless it is of the loopback; "": none, or several. False: the list has a name in it. Of localhost,
 * which is 127.0.0.1, only /etc/hosts tells whether it is ::1 too: then RET is the one if it is not.
 */
static bool only_interface(const char *list, int family, char ret[INET6_ADDRSTRLEN])
{
	_cleanup_free_ char *copy = strdup(list);
	char *next, *word, address[INET6_ADDRSTRLEN];
	struct in6_addr ignored;
	bool localhost = false;
	unsigned int n = 0;

	ret[0] = '\0';
	if (!strcasecmp(list, "all") || !strcasecmp(list, "loopback-only"))
		return true;
	for (word = copy ? strtok_r(copy, ", \t", &next) : NULL; word; word = strtok_r(NULL, ", \t", &next)) {
		strip_brackets(word, address);
		if (inet_pton(family, address, &ignored) == 1) {
			snprintf(ret, INET6_ADDRSTRLEN, "%s", address);
			n++;
		} else if (!strcasecmp(address, "localhost")) {
			localhost = true;
		} else if (inet_pton(family == AF_INET ? AF_INET6 : AF_INET, address, &ignored) != 1) {
			ret[0] = '\0';
			return false;
		}
	}
	if (n != 1 || is_loopback(ret) || (localhost && family == AF_INET))
		ret[0] = '\0';
	return !*ret || !localhost;
}

/* Postfix gives up a bind that fails, and goes on from elsewhere, unless this is set (3.7). */
static void examine_enforce(struct settings *s, const struct scope *scope)
{
	if (!scope->enforce || strcasecmp(scope->enforce, "yes") != 0)
		return;
	doctor_finding(s->d, s->id, "smtp_bind_address_enforce of %s is yes, for an address that is not the source",
		       scope->name);
	doctor_advise(s->d, "Postfix insists on that address: mail is deferred whenever the bind fails",
		      "smtp_bind_address_enforce = no, or bind to the source");
}

static bool examine_bind(struct settings *s, const struct scope *scope, const char *parameter, const char *value)
{
	char where[256], remedy[256], address[INET6_ADDRSTRLEN];

	strip_brackets(value, address);
	snprintf(where, sizeof(where), "%s of %s", parameter, scope->name);
	snprintf(remedy, sizeof(remedy), "take %s out there, or set it to %%s, then postfix reload", parameter);
	return settings_bind(s, where, address, remedy);
}

static bool examine_interfaces(struct settings *s, const struct scope *scope, int family)
{
	char address[INET6_ADDRSTRLEN], where[256];
	bool literal = only_interface(scope->interfaces, family, address);

	if (literal ? !*address : *address && !settings_fight(s, address))
		return false;
	snprintf(where, sizeof(where), "inet_interfaces of %s%s", scope->name,
		 literal ? ", the only one: Postfix" : "");
	if (literal)
		return settings_bind(s, where, address,
				     family == AF_INET6 ? "set smtp_bind_address6 to %s, then postfix reload"
							: "set smtp_bind_address to %s, then postfix reload");
	if (family == AF_INET6) /* once is enough */
		settings_unknown(s, where, scope->interfaces);
	return false;
}

/* What is not set in SCOPE is as in MAIN. */
static void examine_scope(struct settings *s, const struct scope *scope, const struct scope *main)
{
	struct scope all = *scope;
	bool bound = false;

	all.bind = all.bind ? all.bind : main->bind;
	all.bind6 = all.bind6 ? all.bind6 : main->bind6;
	all.enforce = all.enforce ? all.enforce : main->enforce;
	all.interfaces = all.interfaces ? all.interfaces : main->interfaces;
	if (all.bind && *all.bind)
		bound |= examine_bind(s, &all, "smtp_bind_address", all.bind);
	else if (all.interfaces)
		bound |= examine_interfaces(s, &all, AF_INET);
	if (all.bind6 && *all.bind6)
		bound |= examine_bind(s, &all, "smtp_bind_address6", all.bind6);
	else if (all.interfaces)
		bound |= examine_interfaces(s, &all, AF_INET6);
	if (bound)
		examine_enforce(s, &all);
}

void settings_read_postfix(struct settings *s, char *main_cf, char *master_cf)
{
	struct scope main, service[MAX_SERVICES];
	size_t n;

	read_main(main_cf, &main);
	snprintf(s->helo, sizeof(s->helo), "%s", main.helo ? main.helo : "");
	examine_scope(s, &main, &main);
	n = read_master(master_cf, service);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(service[i].name, "smtp/unix") && (service[i].helo || service[i].renamed))
			snprintf(s->helo, sizeof(s->helo), "%s", service[i].helo ? service[i].helo : "");
	for (size_t i = 0; i < n; i++)
		if (service[i].bind || service[i].bind6 || service[i].interfaces || service[i].enforce)
			examine_scope(s, &service[i], &main);
}
