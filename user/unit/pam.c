// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/pam.h"

#define BLANKS " \t\n"
#define DEEPEST 16 /* of files that include each other */

const char *const pam_directories[] = { "/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d", NULL };

static FILE *open_service(const char *const *directories, const char *service)
{
	FILE *in = NULL;

	if (!*service || strchr(service, '/'))
		return NULL;
	for (; *directories && !in; directories++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", *directories, service);
		in = fopen(path, "re");
	}
	return in;
}

static bool is_module(const char *word, const char *name)
{
	const char *slash = strrchr(word, '/');

	return strcmp(slash ? slash + 1 : word, name) == 0;
}

/* "[success=ok default=ignore]" is one word. */
static char *next_word(char **rest)
{
	char *at = *rest + strspn(*rest, BLANKS), *end = *at == '[' ? strchr(at, ']') : NULL;
	size_t n = end ? (size_t)(end + 1 - at) : strcspn(at, BLANKS);

	*rest = at + n + (at[n] != '\0');
	at[n] = '\0';
	return at;
}

static bool reaches(const char *const *directories, const char *service, int depth)
{
	_cleanup_fclose_ FILE *in = open_service(directories, service);
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!in || depth > DEEPEST)
		return false;
	while (getline(&line, &size, in) > 0) {
		char *rest = line;
		const char *type, *control, *module;

		line[strcspn(line, "#\n")] = '\0';
		type = next_word(&rest);
		if (strcmp(type, "@include") == 0) {
			if (reaches(directories, next_word(&rest), depth + 1))
				return true;
			continue;
		}
		control = next_word(&rest);
		module = next_word(&rest);
		if (strcmp(type + (*type == '-'), "session") != 0)
			continue;
		if (strcmp(control, "include") == 0 || strcmp(control, "substack") == 0
			    ? reaches(directories, module, depth + 1)
			    : is_module(module, "pam_systemd.so"))
			return true;
	}
	return false;
}

bool pam_opens_session(const char *const *directories, const char *service)
{
	return strcmp(service, "systemd-user") != 0 && reaches(directories, service, 0);
}
