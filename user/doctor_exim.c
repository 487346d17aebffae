// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Exim: the transports that send, as exim -bP shows them. */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "doctor_mail.h"
#include "run.h"

struct transport {
	const char *name, *driver, *interface, *helo; /* NULL: not set */
};

static char *ask_exim(struct settings *s, const char *what)
{
	const char *config = s->mailer->config;
	const char *const plain[] = { s->mailer->program, "-bP", what, NULL };
	const char *const with[] = { s->mailer->program, "-C", config, "-bP", what, NULL };
	struct failure f = { "" };
	char *said = NULL;
	int status;

	if (run_program(*config ? with : plain, false, &said, &status, &f)) {
		doctor_unknown(s->d, s->id, "%s", f.text);
	} else if (status) {
		doctor_unknown(s->d, s->id, "%s -bP %s fails", s->mailer->program, what);
		free(said);
		said = NULL;
	}
	s->fights |= !said;
	return said;
}

/* A list has colons between, or what "<X" in front says; an IPv6 address in one with colons has each of them twice.
 * The first of a family is taken.
 */
static void examine_list(struct settings *s, const char *where, const char *list)
{
	char separator = ':', item[256];
	bool taken[2] = { false, false };

	if (*list == '<' && list[1]) {
		separator = list[1];
		list += 2;
	}
	while (*list) {
		bool ipv6;
		size_t n = 0;

		list += strspn(list, " ");
		while (*list && (*list != separator || list[1] == separator)) {
			list += *list == separator;
			if (n < sizeof(item) - 1 && *list != ' ')
				item[n++] = *list;
			list++;
		}
		item[n] = '\0';
		list += *list == separator;
		ipv6 = strchr(item, ':');
		if (!taken[ipv6] &&
		    settings_bind(s, where, item,
				  "take interface out of the transport, or set it to %s, then reload Exim"))
			return;
		taken[ipv6] |= n > 0;
	}
}

static void examine_transport(struct settings *s, const struct transport *t)
{
	char where[256];

	if (!t->driver || strcmp(t->driver, "smtp") != 0)
		return;
	snprintf(where, sizeof(where), "interface of the transport %s", t->name);
	if (t->interface && strpbrk(t->interface, "$\\"))
		settings_unknown(s, where, t->interface);
	else if (t->interface)
		examine_list(s, where, t->interface);
	/* a variable here is $primary_hostname, unless somebody knows better */
	if (t->helo && *t->helo && !strchr(t->helo, '$'))
		snprintf(s->helo, sizeof(s->helo), "%s", t->helo);
}

static const char *value_of(const char *line, const char *option)
{
	size_t n = strlen(option);

	return !strncmp(line, option, n) && !strncmp(line + n, " = ", 3) ? line + n + 3 : NULL;
}

static void read_transports(struct settings *s, char *said)
{
	struct transport t = { .name = NULL };
	char *next, *line;

	for (line = strtok_r(said, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		char *end = strstr(line, " transport:");
		const char *value;

		if (end && !end[strlen(" transport:")]) {
			examine_transport(s, &t);
			*end = '\0';
			t = (struct transport){ .name = line };
		} else if ((value = value_of(line, "driver"))) {
			t.driver = value;
		} else if ((value = value_of(line, "interface"))) {
			t.interface = value;
		} else if ((value = value_of(line, "helo_data"))) {
			t.helo = value;
		}
	}
	examine_transport(s, &t);
}

void settings_read_exim(struct settings *s)
{
	_cleanup_free_ char *transports = ask_exim(s, "transports");
	_cleanup_free_ char *host = transports ? ask_exim(s, "primary_hostname") : NULL;
	const char *name;

	if (!host)
		return;
	host[strcspn(host, "\n")] = '\0';
	name = value_of(host, "primary_hostname");
	snprintf(s->helo, sizeof(s->helo), "%s", name ? name : "");
	read_transports(s, transports);
}
