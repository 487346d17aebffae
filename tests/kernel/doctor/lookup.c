// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lookup SERVERS TYPE:NAME...: asks everything at once by srcpin's own
 * resolver (user/dns/dns.h), and prints a line for each: "a.test: found
 * 192.0.2.1". TYPE is A, AAAA, MX, TXT, PTR (of an address), or hosts-A and
 * hosts-AAAA for what /etc/hosts says. The last line is how long it took, in
 * milliseconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dns/dns.h"
#include "config/parse.h"

static const struct {
	const char *name;
	enum dns_type type;
	bool hosts;
} types[] = {
	{ "A:", DNS_A, false },
	{ "AAAA:", DNS_AAAA, false },
	{ "MX:", DNS_MX, false },
	{ "TXT:", DNS_TXT, false },
	{ "PTR:", DNS_PTR, false },
	{ "hosts-A:", DNS_A, true },
	{ "hosts-AAAA:", DNS_AAAA, true },
};

static const struct dns_query *pointer(struct dns *d, const char *text)
{
	uint8_t address[16] = { [10] = 0xff, 0xff };

	if (inet_pton(AF_INET6, text, address) != 1 && inet_pton(AF_INET, text, address + 12) != 1)
		return NULL;
	return dns_ask_pointer(d, address);
}

static const struct dns_query *ask(struct dns *d, const char *what)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i].name);

		if (strncmp(what, types[i].name, n) != 0)
			continue;
		if (types[i].hosts)
			return dns_read_hosts(d, types[i].type, what + n);
		return types[i].type == DNS_PTR ? pointer(d, what + n) : dns_ask(d, types[i].type, what + n);
	}
	return NULL;
}

static void show(const struct dns_query *q)
{
	char text[INET6_ADDRSTRLEN];

	printf("%s: %s", q->name, dns_status_text(q->status));
	for (size_t i = 0; i < q->n; i++) {
		const struct dns_record *r = &q->record[i];

		if (q->type == DNS_MX)
			printf(" %u", r->preference);
		printf(" %s", r->text ? r->text : address_print(r->address, text));
	}
	putchar('\n');
}

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	const struct dns_query *asked[64];
	struct failure f = { "" };
	struct dns *d;
	int64_t begin;

	if (argc < 2 || argc > 64 || dns_open(*argv[1] ? argv[1] : NULL, &d, &f)) {
		fprintf(stderr, "%s\n", argc < 2 ? "usage: lookup SERVERS TYPE:NAME..." : f.text);
		return EXIT_FAILURE;
	}
	begin = milliseconds();
	for (int i = 2; i < argc; i++) {
		asked[i] = ask(d, argv[i]);
		if (!asked[i]) {
			fprintf(stderr, "cannot ask for %s\n", argv[i]);
			return EXIT_FAILURE;
		}
	}
	dns_wait(d);
	for (int i = 2; i < argc; i++)
		show(asked[i]);
	printf("%" PRId64 "\n", milliseconds() - begin);
	dns_close(d);
	return EXIT_SUCCESS;
}
