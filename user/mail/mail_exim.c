// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Exim: the transports that send, as exim -bP shows them. */
#include <stdio.h>
#include <string.h>

#include "mail/mail_settings.h"

struct transport {
	const char *name, *driver, *interface, *helo; /* NULL: not set */
};

/* Colons separate the items of a list, or the X of a leading "<X". A doubled separator stands for itself, as in an
 * IPv6 address. Exim uses the first item of each family.
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
	/* taken for $primary_hostname if it has a variable */
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

void settings_read_exim(struct settings *s, char *transports, char *primary_hostname)
{
	const char *name;

	primary_hostname[strcspn(primary_hostname, "\n")] = '\0';
	name = value_of(primary_hostname, "primary_hostname");
	snprintf(s->helo, sizeof(s->helo), "%s", name ? name : "");
	read_transports(s, transports);
}
