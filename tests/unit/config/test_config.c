// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text in; sections, values and diagnostics out, each with its position. A
 * config is written as
 *	[NAME] LINE:COL
 *	KEY|TEXT| LINE:KEY_COL:COL
 *	! LINE:COL: MESSAGE
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h" /* before cmocka.h, which has a macro fail() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT(s) s, sizeof(s) - 1
#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define X190 X50 X50 X50 X10 X10 X10 X10

static const struct parse_row {
	const char *what;
	const char *text;
	size_t size;
	const char *expected;
} parse_rows[] = {
	{ "empty file", TEXT(""), "" },
	{ "blanks and comments only", TEXT("\n  \t\n# c\n ; c\n;\n#"), "" },
	{ "one value", TEXT("[a]\nk = v\n"), "[a] 1:1\nk|v| 2:1:5\n" },
	{ "no newline at the end", TEXT("[a]\nk = v"), "[a] 1:1\nk|v| 2:1:5\n" },
	{ "no blanks", TEXT("[a]\nk=v\n"), "[a] 1:1\nk|v| 2:1:3\n" },
	{ "many blanks", TEXT("[a]\n\tk\t =  v w \t\n"), "[a] 1:1\nk|v w| 2:2:8\n" },
	{ "indented keys are keys", TEXT("[a]\n  k = v\n  l = w\n"), "[a] 1:1\nk|v| 2:3:7\nl|w| 3:3:7\n" },
	{ "no value", TEXT("[a]\nk =\nl = # c\n"), "[a] 1:1\nk|| 2:1:4\nl|| 3:1:4\n" },
	{ "'=' in a value", TEXT("[a]\nk = v = w\n"), "[a] 1:1\nk|v = w| 2:1:5\n" },
	{ "':' in a value", TEXT("[a]\nk = ::1\n"), "[a] 1:1\nk|::1| 2:1:5\n" },
	{ "a key twice", TEXT("[a]\nk = v\nk = w\n"), "[a] 1:1\nk|v| 2:1:5\nk|w| 3:1:5\n" },
	{ "a long key", TEXT("[a]\n" X50 X10 " = v\n"), "[a] 1:1\n" X50 X10 "|v| 2:1:64\n" },

	{ "comment behind a value", TEXT("[a]\nk = v # c\nl = w\t; c = d\n"), "[a] 1:1\nk|v| 2:1:5\nl|w| 3:1:5\n" },
	{ "no blank, no comment", TEXT("[a]\nk = v#c;d\nl =#c\n"), "[a] 1:1\nk|v#c;d| 2:1:5\nl|#c| 3:1:4\n" },
	{ "comment behind a section", TEXT("[a] # c\n[b] ; ]\n"), "[a] 1:1\n[b] 2:1\n" },
	{ "comment between key and '='", TEXT("[a]\nk # = v\n"),
	  "[a] 1:1\n! 2:1: expected '[SECTION]' or 'KEY = VALUE'\n" },

	{ "sections, some empty", TEXT("[a]\n[b]\nk = v\n [c]\n"), "[a] 1:1\n[b] 2:1\nk|v| 3:1:5\n[c] 4:2\n" },
	{ "the same section twice", TEXT("[a]\nk = v\n[a]\nk = w\n"), "[a] 1:1\nk|v| 2:1:5\n[a] 3:1\nk|w| 4:1:5\n" },
	{ "a long section", TEXT("[" X50 X10 "]\nk = v\n"), "[" X50 X10 "] 1:1\nk|v| 2:1:5\n" },
	{ "a longer section", TEXT("[" X190 X50 "]\nk = v\n"), "[" X190 X50 "] 1:1\nk|v| 2:1:5\n" },
	{ "blanks in the brackets", TEXT("[ a b\t]\n"), "[a b] 1:1\n" },
	{ "no name", TEXT("[]\n[ ]\n"), "[] 1:1\n[] 2:1\n" },
	{ "globs", TEXT("[a*]\n[x@[a-c].y]\n[x[]]]\n[x[!]]]\n[x[^]a]?]\n"),
	  "[a*] 1:1\n[x@[a-c].y] 2:1\n[x[]]] 3:1\n[x[!]]] 4:1\n[x[^]a]?] 5:1\n" },
	{ "no closing bracket", TEXT("[a\nk = v\n[\n[b[c]\n[[!\n[[]\n"),
	  "[a] 1:1\nk|v| 2:1:5\n[] 3:1\n[b[c]] 4:1\n[[!] 5:1\n[[]] 6:1\n"
	  "! 1:1: the section's name has no closing ']'\n! 3:1: the section's name has no closing ']'\n"
	  "! 4:1: the section's name has no closing ']'\n! 5:1: the section's name has no closing ']'\n"
	  "! 6:1: the section's name has no closing ']'\n" },
	{ "text behind the bracket", TEXT("[a] b\n[c]]\nk = v\n"),
	  "[a] 1:1\n[c] 2:1\nk|v| 3:1:5\n! 1:5: unexpected text after the section's name\n"
	  "! 2:4: unexpected text after the section's name\n" },

	{ "continued value", TEXT("[a]\nk = v,\n  w x\n\n# c\n\ty # c\n"),
	  "[a] 1:1\nk|v,| 2:1:5\nk|w x| 3:3:3\nk|y| 6:2:2\n" },
	{ "continued with an address", TEXT("[a]\nk =\n ::1/128\n"), "[a] 1:1\nk|| 2:1:4\nk|::1/128| 3:2:2\n" },
	{ "continued key longer than 49 bytes", TEXT("[a]\n" X50 X10 " = v\n w\n"),
	  "[a] 1:1\n" X50 X10 "|v| 2:1:64\n" X50 X10 "|w| 3:2:2\n" },
	{ "continued on a long line", TEXT("[a]\nk = v\n " X190 X50 "\n"),
	  "[a] 1:1\nk|v| 2:1:5\nk|" X190 X50 "| 3:2:2\n" },
	{ "a section ends what can be continued", TEXT("[a]\nk = v\n[b]\n w\n"),
	  "[a] 1:1\nk|v| 2:1:5\n[b] 3:1\n! 4:2: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "no further errors from what continues one", TEXT("k = v\n w\n[a]\nfoo\n w\n= v\n w\n"),
	  "[a] 3:1\n! 1:1: there is no section above this line\n"
	  "! 4:1: expected '[SECTION]' or 'KEY = VALUE'\n! 6:1: there is no key before '='\n" },

	{ "garbage", TEXT("[a]\nfoo\nk = v\nbar baz\n"),
	  "[a] 1:1\nk|v| 3:1:5\n! 2:1: expected '[SECTION]' or 'KEY = VALUE'\n"
	  "! 4:1: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "garbage first", TEXT(" foo\n w\n"), "! 1:2: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "':' is not '='", TEXT("[a]\nk : v\nl: w = x\n2001:db8::1\n"),
	  "[a] 1:1\n! 2:1: expected '[SECTION]' or 'KEY = VALUE'\n"
	  "! 3:1: expected '[SECTION]' or 'KEY = VALUE'\n! 4:1: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "keys before any section", TEXT("k = v\n l = w\n[a]\n"),
	  "[a] 3:1\n! 1:1: there is no section above this line\n! 2:2: there is no section above this line\n" },
	{ "no key", TEXT("[a]\n  = v\n"), "[a] 1:1\n! 2:3: there is no key before '='\n" },
	{ "a long line", TEXT("[a]\nk = " X190 "yyy # c\n"), "[a] 1:1\nk|" X190 "yyy| 2:1:5\n" },
	{ "a byte order mark inside the file", TEXT("[a]\n\xef\xbb\xbf[b\n"),
	  "[a] 1:1\n! 2:1: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "long comments", TEXT("# " X190 X190 "\n[a]\nk = v # " X190 X190 "\n"), "[a] 2:1\nk|v| 3:1:5\n" },

	{ "BOM", TEXT("\xef\xbb\xbf[a]\nk = v\n"), "[a] 1:1\nk|v| 2:1:5\n" },
	{ "BOM only", TEXT("\xef\xbb\xbf"), "" },
	{ "BOM elsewhere", TEXT("[a]\n\xef\xbb\xbfk\n"), "[a] 1:1\n! 2:1: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "half a BOM", TEXT("\xef\xbb"), "! 1:1: expected '[SECTION]' or 'KEY = VALUE'\n" },
	{ "CRLF", TEXT("[a]\r\nk = v\r\n\r\n w\r\n"), "[a] 1:1\nk|v| 2:1:5\nk|w| 4:2:2\n" },
	{ "CR alone", TEXT("[a]\rk = v\n"),
	  "[a] 1:1\n! 1:4: unexpected byte 0x0d\n! 1:4: unexpected text after the section's name\n" },
	{ "NUL", TEXT("[a]\nk = v\0w\0\n\0\n"),
	  "[a] 1:1\nk|v?w?| 2:1:5\n! 2:6: unexpected byte 0x00\n! 3:1: expected '[SECTION]' or 'KEY = VALUE'\n"
	  "! 3:1: unexpected byte 0x00\n" },
	{ "NUL in a comment", TEXT("# \0\n[a]\n"), "[a] 2:1\n! 1:3: unexpected byte 0x00\n" },
	{ "escape sequences", TEXT("[\x1b[7m]\n# \x7f\n"),
	  "[?[7m]] 1:1\n! 1:1: the section's name has no closing ']'\n! 1:2: unexpected byte 0x1b\n"
	  "! 2:3: unexpected byte 0x7f\n" },
	{ "UTF-8", TEXT("[\xc3\xa4]\n\xc3\xb6 = \xc3\xbc # \xe2\x82\xac\n"),
	  "[\xc3\xa4] 1:1\n\xc3\xb6|\xc3\xbc| 2:1:6\n" },
};

static char *print_config(const struct config *c, const struct diagnostics *d)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (size_t i = 0; i < c->n_sections; i++) {
		const struct config_section *s = &c->section[i];

		fprintf(out, "[%s] %u:%u\n", s->name, s->line, s->col);
		for (size_t j = 0; j < s->n_values; j++)
			fprintf(out, "%s|%s| %u:%u:%u\n", s->value[j].key, s->value[j].text, s->value[j].line,
				s->value[j].key_col, s->value[j].col);
	}
	for (size_t i = 0; i < d->n; i++)
		fprintf(out, "! %u:%u: %s\n", d->item[i].line, d->item[i].col, d->item[i].message);
	fclose(out);
	return text;
}

static void parses(void **state)
{
	const struct parse_row *row = *state;
	FILE *in = row->size ? fmemopen((void *)row->text, row->size, "r") : fopen("/dev/null", "r");
	struct diagnostics d = { 0 };
	struct config c;
	char *text;

	assert_non_null(in);
	assert_int_equal(config_parse(in, &c, &d), 0);
	fclose(in);
	diagnostics_sort(&d);
	text = print_config(&c, &d);
	assert_string_equal(text, row->expected);
	free(text);
	config_free(&c);
	diagnostics_free(&d);
	assert_null(c.section);
	assert_null(d.item);
}

static void read_error(void **state)
{
	FILE *in = fopen("/", "r");
	struct diagnostics d = { 0 };
	struct config c;

	(void)state;
	assert_non_null(in);
	assert_int_equal(config_parse(in, &c, &d), -EISDIR);
	fclose(in);
	assert_int_equal(c.n_sections, 0);
	assert_int_equal(d.n, 0);
}

static const struct find_row {
	const char *what;
	const char *text;
	const char *name;
	unsigned int line; /* of the section that is found; 0: none */
} find_rows[] = {
	{ "find: nothing in an empty file", "", "a", 0 },
	{ "find: equal", "[a]\n[b]\n", "b", 2 },
	{ "find: equal before an earlier glob", "[*]\n[b]\n", "b", 2 },
	{ "find: the first glob", "[x*]\n[b?]\n[b*]\n", "bc", 2 },
	{ "find: class", "[x@[a-c].y]\n", "x@b.y", 1 },
	{ "find: not in the class", "[x@[a-c].y]\n", "x@d.y", 0 },
	{ "find: none", "[a]\n[b*]\n", "c", 0 },
	{ "find: a part is not the name", "[a]\n", "ab", 0 },
	{ "find: a backslash is a backslash", "[a\\x2d*]\n", "a\\x2db", 1 },
	{ "find: case counts", "[A]\n", "a", 0 },
};

static void finds(void **state)
{
	const struct find_row *row = *state;
	FILE *in = *row->text ? fmemopen((void *)row->text, strlen(row->text), "r") : fopen("/dev/null", "r");
	const struct config_section *found;
	struct diagnostics d = { 0 };
	struct config c;

	assert_non_null(in);
	assert_int_equal(config_parse(in, &c, &d), 0);
	fclose(in);
	assert_int_equal(d.n, 0);
	found = config_find(&c, row->name);
	assert_int_equal(found ? found->line : 0, row->line);
	config_free(&c);
}

/* The last section of each: the line of the one that hides it, or 0 */
static void knows_what_is_hidden(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
	} row[] = {
		{ "[*]\n[post*]\n", 1 },     { "[post*]\n[*]\n", 0 },     { "[x]\n[post*]\n[post*@[a-c]*]\n", 2 },
		{ "[post?]\n[post*]\n", 0 }, { "[*]\n[postfix]\n", 0 }, /* an equal name comes before any pattern */
		{ "[*x]\n[?x]\n", 1 },       { "[doctor]\n[doc*]\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		FILE *in = fmemopen((void *)row[i].text, strlen(row[i].text), "r");
		const struct config_section *hiding;
		struct diagnostics d = { 0 };
		struct config c;

		assert_non_null(in);
		assert_int_equal(config_parse(in, &c, &d), 0);
		fclose(in);
		hiding = config_hiding(&c, &c.section[c.n_sections - 1]);
		if ((hiding ? hiding->line : 0) != row[i].line)
			fail_msg("row %zu: line %u", i, hiding ? hiding->line : 0);
		config_free(&c);
	}
}

#define MiB (1 << 20)

static const struct read_row {
	const char *what;
	enum { ABSENT, FILE_OF, SYMLINK, DIRECTORY, FIFO, LOOP } kind;
	off_t size;
	uid_t owner;
	mode_t mode;
	int code;
	const char *sentence; /* %s is the path */
} read_rows[] = {
	{ "read: usual", FILE_OF, 4, 0, 0644, 0, "" },
	{ "read: secret", FILE_OF, 4, 0, 0600, 0, "" },
	{ "read: group of its own", FILE_OF, 4, 0, 0640, 0, "" },
	{ "read: empty", FILE_OF, 0, 0, 0644, 0, "" },
	{ "read: symlink", SYMLINK, 4, 0, 0644, 0, "" },
	{ "read: absent", ABSENT, 0, 0, 0, -ENOENT, "cannot open %s: No such file or directory" },
	{ "read: symlink loop", LOOP, 0, 0, 0, -ELOOP, "cannot open %s: Too many levels of symbolic links" },
	{ "read: directory", DIRECTORY, 0, 0, 0755, -EPERM, "refusing %s: not a regular file" },
	{ "read: FIFO", FIFO, 0, 0, 0644, -EPERM, "refusing %s: not a regular file" },
	{ "read: another's", FILE_OF, 4, 4711, 0644, -EPERM,
	  "refusing %s: it belongs to uid 4711, not to root (chown root %s)" },
	{ "read: writable by the group", FILE_OF, 4, 0, 0664, -EPERM,
	  "refusing %s: others than its owner may write it, mode 0664 (chmod go-w %s)" },
	{ "read: writable by all", FILE_OF, 4, 0, 0606, -EPERM,
	  "refusing %s: others than its owner may write it, mode 0606 (chmod go-w %s)" },
	{ "read: as large as may be", FILE_OF, MiB, 0, 0644, 0, "" },
	{ "read: too large", FILE_OF, MiB + 1, 0, 0644, -EFBIG, "refusing %s: it is larger than 1048576 bytes" },
};

static void make_file(const char *path, const struct read_row *row)
{
	static char text[MiB + 1];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (off_t done = 0; done < row->size; done++)
		text[done] = "[a]\n"[done % 4];
	assert_int_equal(write(fd, text, (size_t)row->size), row->size);
	close(fd);
	assert_int_equal(chown(path, row->owner, (gid_t)-1), 0);
	assert_int_equal(chmod(path, row->mode), 0);
}

static void reads(void **state)
{
	const struct read_row *row = *state;
	char dir[] = "/var/lib/srcpin-config-XXXXXX", path[64], target[64], expected[1024];
	struct diagnostics d = { 0 };
	struct failure f = { "" };
	struct config c;

	if (geteuid()) {
		print_message("not root: cannot make files of other owners\n");
		skip();
	}
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/conf", dir);
	snprintf(target, sizeof(target), "%s/target", dir);
	if (row->kind == SYMLINK || row->kind == LOOP)
		assert_int_equal(symlink(row->kind == LOOP ? path : target, path), 0);
	if (row->kind == FILE_OF || row->kind == SYMLINK)
		make_file(row->kind == SYMLINK ? target : path, row);
	if (row->kind == DIRECTORY)
		assert_int_equal(mkdir(path, row->mode), 0);
	if (row->kind == FIFO)
		assert_int_equal(mkfifo(path, row->mode), 0);

	assert_int_equal(config_read(path, &c, &d, &f), row->code);
	snprintf(expected, sizeof(expected), row->sentence, path, path);
	assert_string_equal(f.text, expected);
	assert_int_equal(c.n_sections, row->code ? 0 : row->size / 4);
	assert_int_equal(d.n, 0);

	config_free(&c);
	remove(path);
	remove(target);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(parse_rows) + ARRAY_SIZE(find_rows) + ARRAY_SIZE(read_rows) + 2] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parse_rows); i++)
		tests[n++] = (struct CMUnitTest){ parse_rows[i].what, parses, NULL, NULL, (void *)&parse_rows[i] };
	for (size_t i = 0; i < ARRAY_SIZE(find_rows); i++)
		tests[n++] = (struct CMUnitTest){ find_rows[i].what, finds, NULL, NULL, (void *)&find_rows[i] };
	for (size_t i = 0; i < ARRAY_SIZE(read_rows); i++)
		tests[n++] = (struct CMUnitTest){ read_rows[i].what, reads, NULL, NULL, (void *)&read_rows[i] };
	tests[n++] = (struct CMUnitTest){ "hidden sections", knows_what_is_hidden, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "read error", read_error, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
