// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * OpenSMTPD. Reads smtpd.conf(5), as smtpd shows no settings. Understands only
 * `src` and `helo` of actions, with the macros and tables of the same file.
 * Other tables and included files are not read.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "mail/mail_settings.h"

#define MAX_WORDS 256
#define MAX_LINE 8192

struct line {
	char text[MAX_LINE];
	char *word[MAX_WORDS];
	size_t n;
};

/* Cuts the line into words. Blanks, commas and braces separate them; quotes keep them together; "=" is a word. */
static void split(struct line *l)
{
	char *p = l->text;

	l->n = 0;
	while (*p && l->n < MAX_WORDS) {
		char *end;

		p += strspn(p, " \t,{}");
		if (!*p || *p == '#')
			return;
		if (*p == '"') {
			end = strchrnul(++p, '"');
		} else {
			end = p + strcspn(p, " \t,{}=#");
			if (end == p)
				end++; /* the equals sign of a macro */
		}
		l->word[l->n++] = p;
		if (*end == '=' && end > p) {
			*end = '\0';
			if (l->n < MAX_WORDS)
				l->word[l->n++] = (char *)"=";
			p = end + 1;
			continue;
		}
		p = *end ? end + 1 : end;
		*end = '\0';
	}
}

/* Takes the next line off CONF, with the lines that a backslash at its end joins to it. */
static bool next_line(const char **conf, struct line *l)
{
	size_t n = 0;

	if (!**conf)
		return false;
	while (**conf && n < sizeof(l->text) - 1) {
		char c = *(*conf)++;

		if (c != '\n')
			l->text[n++] = c;
		else if (n && l->text[n - 1] == '\\')
			n--;
		else
			break;
	}
	l->text[n] = '\0';
	split(l);
	return true;
}

/* RET is what WORD stands for: itself, the value of a macro, or the items of a table. "": the file does not say. */
static void value_of(const char *conf, const char *word, char ret[256])
{
	bool macro = *word == '$';
	char name[256];
	struct line l;
	size_t n = 0;

	snprintf(ret, 256, "%s", macro || *word == '<' ? "" : word);
	if (*ret)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(strcspn(word, macro ? "" : ">") - 1), word + 1);
	while (next_line(&conf, &l)) {
		if (l.n < 3 || strcmp(l.word[0], macro ? name : "table") != 0 ||
		    strcmp(l.word[1], macro ? "=" : name) != 0)
			continue;
		for (size_t i = 2; i < (macro ? 3 : l.n) && n < 256; i++)
			n += (size_t)snprintf(ret + n, 256 - n, "%s%s", i > 2 ? " " : "", l.word[i]);
		return;
	}
}

struct reading {
	struct settings *s;
	const char *path, *conf;
};

static bool is_address(const char *word)
{
	unsigned char ignored[16];

	return inet_pton(AF_INET, word, ignored) == 1 || inet_pton(AF_INET6, word, ignored) == 1;
}

/* False: something was found, so the next words are not looked at. */
static bool examine_src(struct reading *r, const char *action, const char *word)
{
	char items[256], where[256], *next, *item;

	snprintf(where, sizeof(where), "src of the action %s", action);
	value_of(r->conf, word, items);
	if (!*items) {
		settings_unknown(r->s, where, word);
		return false;
	}
	for (item = strtok_r(items, " ", &next); item; item = strtok_r(NULL, " ", &next)) {
		if (!is_address(item)) {
			settings_unknown(r->s, where, item);
			return false;
		}
		if (settings_bind(r->s, where, item, "take src out of the action, or set it to %s, then restart smtpd"))
			return false;
	}
	return true;
}

/* "ADDRESS", "<TABLE>", or "{ ADDRESS, ... }"; the braces are gone already. */
static void examine_sources(struct reading *r, const char *action, char *const *word, size_t n)
{
	size_t i = 0;

	while (i < n && (!i || is_address(word[i])) && examine_src(r, action, word[i]))
		i++;
}

static void examine_line(struct reading *r, const struct line *l)
{
	bool relays = false, mapped = false;

	if (l->n > 1 && !strcmp(l->word[0], "include")) {
		doctor_unknown(r->s->d, r->s->id, "%s includes %s, which is not looked at", r->path, l->word[1]);
		r->s->fights = true;
	}
	if (!l->n || strcmp(l->word[0], "action") != 0)
		return;
	for (size_t i = 2; i < l->n; i++) {
		relays |= !strcmp(l->word[i], "relay");
		if (!relays || i + 1 == l->n)
			continue;
		if (!strcmp(l->word[i], "src"))
			examine_sources(r, l->word[1], &l->word[i + 1], l->n - i - 1);
		else if (!strcmp(l->word[i], "helo"))
			value_of(r->conf, l->word[i + 1], r->s->helo);
		else if (!strcmp(l->word[i], "helo-src")) /* a name for each source */
			mapped = true;
	}
	if (mapped)
		r->s->helo[0] = '\0';
}

void settings_read_opensmtpd(struct settings *s, const char *path, const char *smtpd_conf, const char *mailname)
{
	struct reading r = { s, path, smtpd_conf };
	struct line l;

	/* smtpd greets with this name unless an action says another */
	if (mailname)
		snprintf(s->helo, sizeof(s->helo), "%.*s", (int)strcspn(mailname, " \t\n"), mailname);
	while (next_line(&smtpd_conf, &l))
		examine_line(&r, &l);
}
