// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

void *at_the_edge(const void *data, size_t size, size_t alignment)
{
	size_t room = (size + alignment - 1) / alignment * alignment;
	static char *edge;

	REQUIRE(size <= EDGE_SIZE);
	if (!edge) {
		edge = mmap(NULL, 2 * EDGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(edge != MAP_FAILED);
		edge += EDGE_SIZE;
		REQUIRE(!mprotect(edge, EDGE_SIZE, PROT_NONE));
	}
	memset(edge - room, 0xa5, room);
	if (size)
		memcpy(edge - room, data, size);
	return edge - room;
}

char *take_line(const char **text, size_t *size)
{
	const char *end = *size ? memchr(*text, '\n', *size) : NULL;
	size_t n = end ? (size_t)(end - *text) : *size;
	char *line;

	if (!*size)
		return NULL;
	line = malloc(n + 1);
	REQUIRE(line);
	for (size_t i = 0; i < n; i++)
		line[i] = (*text)[i] ? (*text)[i] : '?';
	line[n] = '\0';
	n += end != NULL;
	*text += n;
	*size -= n;
	return line;
}

bool has_no_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return false;
	return true;
}

bool is_clean(const char *text)
{
	json_t *utf8 = json_string(text); /* NULL of what is not */

	json_decref(utf8);
	return utf8 && has_no_control(text);
}

bool is_zero(const void *data, size_t size)
{
	const char *p = data;

	while (size && !*p) {
		p++;
		size--;
	}
	return !size;
}

/* Said here once more, not asked of the program. */
bool is_mapped(const uint8_t address[16])
{
	return is_zero(address, 10) && address[10] == 0xff && address[11] == 0xff;
}
