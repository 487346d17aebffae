// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define CARES_NO_DEPRECATED /* Debian 12 has c-ares 1.18, which has nothing else */
#include <ares.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

#include "base/ip.h"
#include "base/memory.h"
#include "dns/dns.h"

struct question {
	struct dns_query query;
	struct dns *dns;
	struct question *next;
};

struct dns {
	ares_channel channel;
	struct question *first;
	size_t n_waiting;
	int64_t deadline; /* of now() */
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool dns_is_name(const char *text)
{
	size_t n = strlen(text);
	bool has_letter = false;

	if (!n || n > 253)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '.' ? !i || text[i - 1] == '.' : !isalnum(c) && c != '-' && c != '_')
			return false;
		if (c == '.' && text[i + 1])
			has_letter = false;
		else if (c != '.' && !isdigit(c))
			has_letter = true;
	}
	return has_letter;
}

/* c-ares leaves out what it cannot read: all must be there. */
static bool set_servers(ares_channel channel, const char *servers)
{
	struct ares_addr_port_node *set = NULL;
	size_t n_wanted = 1, n = 0;

	for (const char *p = servers; *p; p++)
		n_wanted += *p == ',';
	if (ares_set_servers_ports_csv(channel, servers) || ares_get_servers_ports(channel, &set))
		return false;
	for (const struct ares_addr_port_node *s = set; s; s = s->next)
		n++;
	ares_free_data(set);
	return n == n_wanted;
}

int dns_open(const char *servers, struct dns **ret, struct failure *f)
{
	/*
	 * NOCHECKRESP: otherwise SERVFAIL and REFUSED look as if no server could
	 * be reached. EDNS: fewer answers are cut off and asked for again by TCP.
	 */
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS,
		.timeout = DNS_TRY_MS,
		.tries = DNS_TRIES,
		.ednspsz = 1232,
	};
	struct dns *d = xcalloc(1, sizeof(*d));
	int err = ares_library_init(ARES_LIB_INIT_ALL);
	if (!err)
		err = ares_init_options(&d->channel, &options,
					ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
	if (err) {
		ares_library_cleanup();
		free(d);
		return fail(f, -EIO, "cannot prepare to ask the DNS: %s", ares_strerror(err));
	}
	if (servers && !set_servers(d->channel, servers)) {
		dns_close(d);
		return fail(f, -EINVAL, "'%s' is no DNS server (an address, or ADDRESS:PORT with IPv6 in brackets)",
			    servers);
	}
	d->deadline = now() + DNS_TOTAL_MS;
	*ret = d;
	return 0;
}

static void on_answer(void *data, int status, int timeouts, unsigned char *answer, int length)
{
	struct question *asked = data;

	(void)timeouts;
	asked->dns->n_waiting--;
	dns_answer_read(&asked->query, status, answer, length);
}

static struct question *add_question(struct dns *d, enum dns_type type, const char *name)
{
	struct question *asked = xcalloc(1, sizeof(*asked));

	*asked = (struct question){ .query = { .type = type, .name = xstrdup(name) }, .dns = d, .next = d->first };
	d->first = asked;
	return asked;
}

const struct dns_query *dns_ask(struct dns *d, enum dns_type type, const char *name)
{
	static const int types[] = {
		[DNS_A] = ns_t_a, [DNS_AAAA] = ns_t_aaaa, [DNS_MX] = ns_t_mx, [DNS_PTR] = ns_t_ptr, [DNS_TXT] = ns_t_txt
	};
	struct question *asked = add_question(d, type, name);

	d->n_waiting++;
	ares_query(d->channel, name, ns_c_in, types[type], on_answer, asked);
	return &asked->query;
}

const char *dns_reversed(const uint8_t addr[16], const char *zone, char text[DNS_REVERSED_STRLEN])
{
	size_t n = 0;

	if (address_is_ipv4(addr)) {
		snprintf(text, DNS_REVERSED_STRLEN, "%u.%u.%u.%u.%s", addr[15], addr[14], addr[13], addr[12], zone);
		return text;
	}
	for (int i = 15; i >= 0; i--)
		n += (size_t)snprintf(text + n, DNS_REVERSED_STRLEN - n, "%x.%x.", addr[i] & 15, addr[i] >> 4);
	snprintf(text + n, DNS_REVERSED_STRLEN - n, "%s", zone);
	return text;
}

const struct dns_query *dns_ask_pointer(struct dns *d, const uint8_t addr[16])
{
	char name[DNS_REVERSED_STRLEN];

	return dns_ask(d, DNS_PTR, dns_reversed(addr, address_is_ipv4(addr) ? "in-addr.arpa" : "ip6.arpa", name));
}

const struct dns_query *dns_read_hosts(struct dns *d, enum dns_type type, const char *name)
{
	struct dns_query *q = &add_question(d, type, name)->query;
	const struct hostent *h;

	/* Not by c-ares: from 1.20 to 1.34 it mixes the addresses of names that share one. */
	__nss_configure_lookup("hosts", "files");
	h = gethostbyname2(name, type == DNS_A ? AF_INET : AF_INET6);
	if (h)
		dns_answer_add_hosts(q, h);
	q->status = q->n ? DNS_FOUND : DNS_NXDOMAIN;
	return q;
}

/* One round: until something can be read, sent, or given up. */
static void process(struct dns *d, int64_t left)
{
	struct timeval limit = { left / 1000, left % 1000 * 1000 }, next;
	fd_set readable, writable;
	int n;

	FD_ZERO(&readable);
	FD_ZERO(&writable);
	n = ares_fds(d->channel, &readable, &writable);
	if (select(n, &readable, &writable, NULL, ares_timeout(d->channel, &limit, &next)) < 0) {
		FD_ZERO(&readable);
		FD_ZERO(&writable);
	}
	ares_process(d->channel, &readable, &writable);
}

void dns_wait(struct dns *d)
{
	while (d->n_waiting) {
		int64_t left = d->deadline - now();

		if (left > 0)
			process(d, left);
		else
			ares_cancel(d->channel);
	}
}

void dns_close(struct dns *d)
{
	if (!d)
		return;
	ares_destroy(d->channel); /* first: it still writes into open questions */
	while (d->first) {
		struct question *asked = d->first;

		d->first = asked->next;
		dns_answer_free(&asked->query);
		free(asked->query.name);
		free(asked);
	}
	free(d);
	ares_library_cleanup();
}
