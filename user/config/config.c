// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The lines of the config file. Does not use libinih: it cuts section names at
 * 49 bytes and lines at 200, drops sections without keys, and silently accepts
 * text after a header. It also tells only of the first bad line, and has no
 * columns. A reader around it would have to do all the work itself.
 */

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/trust.h"
#include "config/config.h"

#define MAX_BYTES (1 << 20)
#define BLANKS " \t"
#define BOM "\xef\xbb\xbf"

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* Makes room for one more element after N; doubles at each power of two. */
static void *grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return xreallocarray(array, n ? 2 * n : 1, size);
}

void diagnose(struct diagnostics *d, unsigned int line, unsigned int col, const char *format, ...)
{
	struct diagnostic new = { .line = line, .col = col };
	va_list args;

	va_start(args, format);
	new.message = xvasprintf(format, args);
	va_end(args);
	d->item = grow(d->item, d->n, sizeof(*d->item));
	d->item[d->n++] = new;
}

static int by_position(const void *left, const void *right)
{
	const struct diagnostic *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	return strcmp(a->message, b->message);
}

void diagnostics_sort(struct diagnostics *d)
{
	if (d->n)
		qsort(d->item, d->n, sizeof(*d->item), by_position);
}

void diagnostics_free(struct diagnostics *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->item[i].message);
	free(d->item);
	*d = (struct diagnostics){ 0 };
}

struct reader {
	char *next, *end; /* what is not read yet */
	unsigned int line;
	enum {
		NO_KEY, /* an indented line has nothing to continue */
		KEPT,   /* the last value of the last section */
		DROPPED /* diagnosed already: lines that continue it are no further errors */
	} previous;
	struct config *config;
	struct diagnostics *d;
};

static unsigned int column(const char *line, const char *at)
{
	return (unsigned int)(at - line) + 1;
}

static void add_value(struct reader *r, const char *key, const char *text, unsigned int key_col, unsigned int col)
{
	struct config_section *s = &r->config->section[r->config->n_sections - 1];
	struct config_value new = {
		.key = xstrdup(key),
		.text = xstrdup(text),
		.line = r->line,
		.key_col = key_col,
		.col = col,
	};

	s->value = grow(s->value, s->n_values, sizeof(*s->value));
	s->value[s->n_values++] = new;
	r->previous = KEPT;
}

/* Finds the bracket that ends a section's name. Brackets of a glob's [abc], []abc] and [!]abc] belong to the name. */
static char *closing_bracket(char *p)
{
	for (; *p && *p != ']'; p++) {
		if (*p != '[')
			continue;
		p++;
		if (*p == '!' || *p == '^')
			p++;
		if (*p == ']')
			p++;
		p = strchrnul(p, ']');
		if (!*p)
			break;
	}
	return p;
}

/* A bad header still opens its section, so that errors in its keys are found too. */
static void open_section(struct reader *r, const char *line, char *bracket)
{
	struct config_section new = { .line = r->line, .col = column(line, bracket) };
	char *name = bracket + 1 + strspn(bracket + 1, BLANKS);
	char *end = closing_bracket(name);

	if (*end) {
		char *rest = end + 1 + strspn(end + 1, BLANKS);

		if (*rest)
			diagnose(r->d, r->line, column(line, rest), "unexpected text after the section's name");
	} else {
		diagnose(r->d, r->line, new.col, "the section's name has no closing ']'");
	}
	while (end > name && strchr(BLANKS, end[-1]))
		end--;
	new.name = xstrndup(name, (size_t)(end - name));
	r->config->section = grow(r->config->section, r->config->n_sections, sizeof(new));
	r->config->section[r->config->n_sections++] = new;
	r->previous = NO_KEY;
}

static void continue_value(struct reader *r, const char *line, const char *text)
{
	const struct config_section *s;

	if (r->previous != KEPT)
		return;
	s = &r->config->section[r->config->n_sections - 1];
	add_value(r, s->value[s->n_values - 1].key, text, column(line, text), column(line, text));
}

static void split_value(struct reader *r, char *line, char *key, char *equals)
{
	char *end = equals;
	char *text = equals + 1 + strspn(equals + 1, BLANKS);

	r->previous = DROPPED;
	if (!r->config->n_sections) {
		diagnose(r->d, r->line, column(line, key), "there is no section above this line");
	} else if (key == equals) {
		diagnose(r->d, r->line, column(line, key), "there is no key before '='");
	} else {
		while (strchr(BLANKS, end[-1]))
			end--;
		*end = '\0';
		add_value(r, key, text, column(line, key), column(line, text));
	}
}

/* A text file has no control bytes; a message that quotes one could play tricks on a terminal. */
static void replace_control_bytes(struct reader *r, char *line, size_t len)
{
	bool diagnosed = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c >= ' ' && c != 0x7f) || c == '\t')
			continue;
		if (!diagnosed)
			diagnose(r->d, r->line, column(line, &line[i]), "unexpected byte 0x%02x", c);
		diagnosed = true;
		line[i] = '?';
	}
}

static void cut_comment_and_blanks(char *line)
{
	char *p = line;

	while (*p && !(strchr("#;", *p) && (p == line || strchr(BLANKS, p[-1]))))
		p++;
	while (p > line && strchr(BLANKS, p[-1]))
		p--;
	*p = '\0';
}

static char *take_line(struct reader *r)
{
	char *line = r->next;
	size_t len = (size_t)((char *)memchr(line, '\n', (size_t)(r->end - line) + 1) - line);

	r->next = line + len + 1;
	r->line++;
	if (len && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	replace_control_bytes(r, line, len);
	cut_comment_and_blanks(line);
	return line;
}

static void read_line(struct reader *r)
{
	char *line = take_line(r);
	char *text = line + strspn(line, BLANKS);
	/* in a line that continues a value, a colon that comes first belongs to an address */
	char *separator = strpbrk(text, "=:");

	if (!*text)
		return;
	if (*text == '[') {
		open_section(r, line, text);
	} else if (separator && *separator == '=') {
		split_value(r, line, text, separator);
	} else if (text > line && r->previous != NO_KEY) {
		continue_value(r, line, text);
	} else {
		diagnose(r->d, r->line, column(line, text), "expected '[SECTION]' or 'KEY = VALUE'");
		r->previous = DROPPED;
	}
}

int config_parse(FILE *in, struct config *ret, struct diagnostics *d)
{
	char *text = need(malloc(MAX_BYTES + 2));
	size_t n = fread(text, 1, MAX_BYTES + 1, in);
	struct reader r = { .next = text, .end = text + n, .config = ret, .d = d };
	int code = 0;

	*ret = (struct config){ 0 };
	if (ferror(in)) {
		code = errno ? -errno : -EIO;
	} else if (n > MAX_BYTES) {
		code = -EFBIG;
	} else {
		*r.end = '\n'; /* now the last line ends with a newline, too */
		if (n >= strlen(BOM) && !memcmp(text, BOM, strlen(BOM)))
			r.next += strlen(BOM);
		while (r.next < r.end)
			read_line(&r);
	}
	free(text);
	return code;
}

int config_read(const char *path, struct config *ret, struct diagnostics *d, struct failure *f)
{
	int fd = trust_open(path, O_RDONLY, f), code;
	FILE *in;

	*ret = (struct config){ 0 };
	if (fd < 0)
		return fd;
	in = need(fdopen(fd, "r"));
	code = config_parse(in, ret, d);
	fclose(in);
	if (code == -EFBIG)
		return fail(f, code, "refusing %s: it is larger than %d bytes", path, MAX_BYTES);
	if (code)
		return fail(f, code, "cannot read %s: %s", path, strerror(-code));
	return 0;
}

bool config_is_doctor(const struct config_section *s)
{
	return !strcmp(s->name, "doctor");
}

const struct config_section *config_doctor(const struct config *c)
{
	for (size_t i = 0; i < c->n_sections; i++)
		if (config_is_doctor(&c->section[i]))
			return &c->section[i];
	return NULL;
}

const struct config_section *config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_sections; i++)
		if (!strcmp(c->section[i].name, name) && !config_is_doctor(&c->section[i]))
			return &c->section[i];
	/* systemd's names have backslashes of their own (\x2d), so a backslash escapes nothing here */
	for (size_t i = 0; i < c->n_sections; i++)
		if (!fnmatch(c->section[i].name, name, FNM_NOESCAPE) && !config_is_doctor(&c->section[i]))
			return &c->section[i];
	return NULL;
}

/* Only for a pattern with no other wildcard than '*': its literal characters stand for nothing else in a name. */
static bool has_all_names_of(const char *pattern, const char *of)
{
	return !strpbrk(pattern, "?[]") && !fnmatch(pattern, of, FNM_NOESCAPE);
}

const struct config_section *config_hiding(const struct config *c, const struct config_section *s)
{
	if (!strpbrk(s->name, "*?["))
		return NULL;
	for (const struct config_section *before = c->section; before < s; before++)
		if (!config_is_doctor(before) && has_all_names_of(before->name, s->name))
			return before;
	return NULL;
}

const struct config_value *config_first(const struct config_section *s, const char *key)
{
	for (size_t i = 0; i < s->n_values; i++)
		if (!strcmp(s->value[i].key, key))
			return &s->value[i];
	return NULL;
}

void config_free(struct config *c)
{
	for (size_t i = 0; i < c->n_sections; i++) {
		struct config_section *s = &c->section[i];

		for (size_t j = 0; j < s->n_values; j++) {
			free(s->value[j].key);
			free(s->value[j].text);
		}
		free(s->value);
		free(s->name);
	}
	free(c->section);
	*c = (struct config){ 0 };
}
