// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Postfix: main.cf and the parameters that master.cf sets, as postconf(1) shows them. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "mail/mail_settings.h"

#define MAX_SCOPES 65

enum parameter { BIND, BIND6, INTERFACES, ENFORCE, HELO, HOSTNAME, N_PARAMETERS };

static const char *const parameter_name[N_PARAMETERS] = {
	[BIND] = "smtp_bind_address",     [BIND6] = "smtp_bind_address6",
	[INTERFACES] = "inet_interfaces", [ENFORCE] = "smtp_bind_address_enforce",
	[HELO] = "smtp_helo_name",        [HOSTNAME] = "myhostname", /* smtp_helo_name may use it */
};

/* What main.cf or a service of master.cf sets. */
struct scope {
	const char *name;                /* "smtp/unix" */
	const char *value[N_PARAMETERS]; /* NULL: not set here */
};

/* Cuts "NAME = VALUE" in two, and returns the value. */
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
	for (int i = 0; i < N_PARAMETERS; i++)
		if (!strcmp(parameter, parameter_name[i]))
			s->value[i] = value;
}

/* Lines of main.cf, "PARAMETER = VALUE", go to the first of N scopes. Those of master.cf, "NAME/TYPE/PARAMETER =
 * VALUE", make more. Returns how many scopes there are then.
 */
static size_t read_scopes(char *said, bool master, struct scope *ret, size_t n)
{
	char *next, *line;

	for (line = strtok_r(said, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		const char *value = split(line);
		char *slash = strrchr(line, '/'), *parameter = slash ? slash + 1 : line;

		if (!value || !slash == master)
			continue;
		if (slash)
			*slash = '\0';
		if (slash && strcmp(ret[n - 1].name, line) != 0) {
			if (n == MAX_SCOPES)
				break;
			ret[n++] = (struct scope){ .name = line };
		}
		note(&ret[n - 1], parameter, value);
	}
	return n;
}

/* Postfix also takes "[::1]". */
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
 * Postfix's client binds to the only address of FAMILY in inet_interfaces, if
 * there is one and it is not loopback. RET is that address, or "". False: a
 * name in the list could change that. localhost is 127.0.0.1, and may also be
 * ::1. Then RET is the address that would be the only one.
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

/* When a bind fails, Postfix sends from another address, unless this is set (since 3.7). */
static void examine_enforce(struct settings *s, const struct scope *scope)
{
	if (!scope->value[ENFORCE] || strcasecmp(scope->value[ENFORCE], "yes") != 0)
		return;
	doctor_finding(s->d, s->id, "smtp_bind_address_enforce of %s is yes, for an address that is not the source",
		       scope->name);
	doctor_advise(s->d, "Postfix insists on that address: mail is deferred whenever the bind fails",
		      "smtp_bind_address_enforce = no, or bind to the source");
}

static bool examine_bind(struct settings *s, const struct scope *scope, enum parameter bind)
{
	const char *parameter = parameter_name[bind];
	char where[256], remedy[256], address[INET6_ADDRSTRLEN];

	strip_brackets(scope->value[bind], address);
	snprintf(where, sizeof(where), "%s of %s", parameter, scope->name);
	snprintf(remedy, sizeof(remedy), "take %s out there, or set it to %%s, then postfix reload", parameter);
	return settings_bind(s, where, address, remedy);
}

static bool examine_interfaces(struct settings *s, const struct scope *scope, int family)
{
	char address[INET6_ADDRSTRLEN], where[256];
	bool literal = only_interface(scope->value[INTERFACES], family, address);

	if (literal ? !*address : *address && !settings_fight(s, address))
		return false;
	snprintf(where, sizeof(where), "inet_interfaces of %s%s", scope->name,
		 literal ? ", the only one: Postfix" : "");
	if (literal)
		return settings_bind(s, where, address,
				     family == AF_INET6 ? "set smtp_bind_address6 to %s, then postfix reload"
							: "set smtp_bind_address to %s, then postfix reload");
	if (family == AF_INET6) /* say it once, not for each family */
		settings_unknown(s, where, scope->value[INTERFACES]);
	return false;
}

/* Takes from MAIN what is not set in SCOPE. */
static void examine_scope(struct settings *s, const struct scope *scope, const struct scope *main)
{
	struct scope all = *scope;
	bool bound = false;

	for (int i = 0; i < N_PARAMETERS; i++)
		all.value[i] = scope->value[i] ? scope->value[i] : main->value[i];
	for (enum parameter bind = BIND; bind <= BIND6; bind++) {
		if (all.value[bind] && *all.value[bind])
			bound |= examine_bind(s, &all, bind);
		else if (all.value[INTERFACES])
			bound |= examine_interfaces(s, &all, bind == BIND ? AF_INET : AF_INET6);
	}
	if (bound)
		examine_enforce(s, &all);
}

static bool says_where(const struct scope *scope)
{
	return scope->value[BIND] || scope->value[BIND6] || scope->value[INTERFACES] || scope->value[ENFORCE];
}

void settings_read_postfix(struct settings *s, char *main_cf, char *master_cf)
{
	struct scope scope[MAX_SCOPES] = { { .name = "main.cf" } };
	const char *helo;
	size_t n;

	read_scopes(main_cf, false, scope, 1);
	helo = scope->value[HELO];
	n = read_scopes(master_cf, true, scope, 1);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(scope[i].name, "smtp/unix") && (scope[i].value[HELO] || scope[i].value[HOSTNAME]))
			helo = scope[i].value[HELO];
		if (says_where(&scope[i]))
			examine_scope(s, &scope[i], scope);
	}
	snprintf(s->helo, sizeof(s->helo), "%s", helo ? helo : "");
}
