// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define CARES_NO_DEPRECATED /* what 1.34 calls so is all that 1.18 has */
#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dns.h"
#include "text.h"

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

/* c-ares passes over some of what it cannot read. */
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
	 * Without NOCHECKRESP, SERVFAIL and REFUSED would be as if no server
	 * could be reached. EDNS: less is cut off, and asked again by TCP.
	 */
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS,
		.timeout = DNS_TRY_MS,
		.tries = DNS_TRIES,
		.ednspsz = 1232,
	};
	struct dns *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		abort();
	err = ares_library_init(ARES_LIB_INIT_ALL);
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

static struct dns_record *add_record(struct dns_query *q)
{
	q->record = reallocarray(q->record, q->n + 1, sizeof(*q->record));
	if (!q->record)
		abort();
	q->record[q->n] = (struct dns_record){ 0 };
	return &q->record[q->n++];
}

static void add_address(struct dns_query *q, int family, const void *address)
{
	struct dns_record *r = add_record(q);

	if (family == AF_INET6) {
		memcpy(r->address, address, 16);
	} else {
		r->address[10] = r->address[11] = 0xff;
		memcpy(r->address + 12, address, 4);
	}
}

/* BYTES are not terminated, and may be any. */
static void add_text(struct dns_record *r, const void *bytes, size_t n)
{
	size_t before = r->text ? strlen(r->text) : 0;

	r->text = realloc(r->text, before + n + 1);
	if (!r->text)
		abort();
	memcpy(r->text + before, bytes, n);
	for (char *p = r->text + before; p < r->text + before + n; p++)
		if (!*p)
			*p = '?';
	r->text[before + n] = '\0';
}

static void add_name(struct dns_query *q, const char *name, unsigned int preference)
{
	struct dns_record *r = add_record(q);

	r->preference = preference;
	add_text(r, name, strlen(name));
	text_clean(r->text);
}

static void add_hosts(struct dns_query *q, const struct hostent *h)
{
	for (char **a = h->h_addr_list; *a; a++)
		add_address(q, h->h_addrtype, *a);
}

static int read_addresses(struct dns_query *q, const unsigned char *answer, int length)
{
	struct hostent *h = NULL;
	int err = q->type == DNS_A ? ares_parse_a_reply(answer, length, &h, NULL, NULL)
				   : ares_parse_aaaa_reply(answer, length, &h, NULL, NULL);

	if (!err)
		add_hosts(q, h);
	ares_free_hostent(h);
	return err;
}

static int by_preference(const void *left, const void *right)
{
	const struct dns_record *a = left, *b = right;

	if (a->preference != b->preference)
		return (a->preference > b->preference) - (a->preference < b->preference);
	return strcmp(a->text, b->text);
}

static int read_mx(struct dns_query *q, const unsigned char *answer, int length)
{
	struct ares_mx_reply *all = NULL;
	int err = ares_parse_mx_reply(answer, length, &all);

	for (const struct ares_mx_reply *mx = all; mx; mx = mx->next)
		add_name(q, mx->host, mx->priority);
	ares_free_data(all);
	if (q->n)
		qsort(q->record, q->n, sizeof(*q->record), by_preference);
	return err;
}

static int read_pointers(struct dns_query *q, const unsigned char *answer, int length)
{
	const struct in6_addr unused = { 0 };
	struct hostent *h = NULL;
	int err = ares_parse_ptr_reply(answer, length, &unused, sizeof(unused), AF_INET6, &h);

	for (char **name = err ? NULL : h->h_aliases; name && *name; name++)
		add_name(q, *name, 0);
	ares_free_hostent(h);
	return err;
}

static int read_texts(struct dns_query *q, const unsigned char *answer, int length)
{
	struct ares_txt_ext *all = NULL;
	int err = ares_parse_txt_reply_ext(answer, length, &all);

	for (const struct ares_txt_ext *t = all; t; t = t->next)
		add_text(t->record_start || !q->n ? add_record(q) : &q->record[q->n - 1], t->txt, t->length);
	ares_free_data(all);
	for (size_t i = 0; i < q->n; i++)
		text_clean(q->record[i].text);
	return err;
}

static int read_answer(struct dns_query *q, const unsigned char *answer, int length)
{
	switch (q->type) {
	case DNS_A:
	case DNS_AAAA:
		return read_addresses(q, answer, length);
	case DNS_MX:
		return read_mx(q, answer, length);
	case DNS_PTR:
		return read_pointers(q, answer, length);
	case DNS_TXT:
		return read_texts(q, answer, length);
	}
	return ARES_EBADRESP;
}

static enum dns_status status_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return DNS_FOUND;
	case ARES_ENOTFOUND:
		return DNS_NXDOMAIN;
	case ARES_ENODATA:
		return DNS_NODATA;
	case ARES_ESERVFAIL:
		return DNS_SERVFAIL;
	case ARES_EREFUSED:
		return DNS_REFUSED;
	case ARES_ETIMEOUT:
	case ARES_ECANCELLED:
		return DNS_TIMEOUT;
	case ARES_ECONNREFUSED:
		return DNS_UNREACHABLE;
	case ARES_EBADNAME:
	case ARES_EBADQUERY:
		return DNS_BAD_NAME;
	case ARES_ENOMEM:
		abort();
	default:
		return DNS_BAD_ANSWER;
	}
}

/* An empty answer, not of its own and by a server that does not ask others (glibc goes on to the next one, too) */
static bool is_referral(const unsigned char *answer, int length)
{
	return length >= NS_HFIXEDSZ && !(answer[2] & 0x04) && !(answer[3] & 0x80);
}

static void on_answer(void *data, int status, int timeouts, unsigned char *answer, int length)
{
	struct question *asked = data;
	struct dns_query *q = &asked->query;

	(void)timeouts;
	asked->dns->n_waiting--;
	if (status == ARES_SUCCESS)
		status = read_answer(q, answer, length);
	/* an alias that leads to nothing */
	if (status == ARES_SUCCESS && !q->n)
		status = ARES_ENODATA;
	q->status = status_of(status);
	if (q->status == DNS_NODATA && is_referral(answer, length))
		q->status = DNS_REFERRED;
}

static struct question *add_question(struct dns *d, enum dns_type type, const char *name)
{
	struct question *asked = calloc(1, sizeof(*asked));

	if (!asked)
		abort();
	*asked = (struct question){ .query = { .type = type, .name = strdup(name) }, .dns = d, .next = d->first };
	if (!asked->query.name)
		abort();
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

static bool is_ipv4(const uint8_t addr[16])
{
	return IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)addr);
}

const char *dns_reversed(const uint8_t addr[16], const char *zone, char text[DNS_REVERSED_STRLEN])
{
	size_t n = 0;

	if (is_ipv4(addr)) {
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

	return dns_ask(d, DNS_PTR, dns_reversed(addr, is_ipv4(addr) ? "in-addr.arpa" : "ip6.arpa", name));
}

const struct dns_query *dns_read_hosts(struct dns *d, enum dns_type type, const char *name)
{
	struct dns_query *q = &add_question(d, type, name)->query;
	struct hostent *h = NULL;

	if (!ares_gethostbyname_file(d->channel, name, type == DNS_A ? AF_INET : AF_INET6, &h))
		add_hosts(q, h);
	ares_free_hostent(h);
	q->status = q->n ? DNS_FOUND : DNS_NXDOMAIN;
	return q;
}

/* One round: until something can be read, sent, or given up. */
static void process(struct dns *d, int64_t left)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct timeval limit = { left / 1000, left % 1000 * 1000 }, next;
	const struct timeval *wait;
	struct pollfd fds[ARES_GETSOCK_MAXNUM];
	unsigned int mask = (unsigned int)ares_getsock(d->channel, sockets, ARES_GETSOCK_MAXNUM);
	nfds_t n = 0;
	int ready;

	/* two halves of a word; ares.h looks at them by shifts into the sign */
	for (unsigned int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = 0;

		if (mask & 1U << i)
			events |= POLLIN;
		if (mask & 1U << (i + ARES_GETSOCK_MAXNUM))
			events |= POLLOUT;
		if (events)
			fds[n++] = (struct pollfd){ .fd = sockets[i], .events = events };
	}
	wait = ares_timeout(d->channel, &limit, &next); /* the sooner of the two */
	/* rounded up, else the last millisecond would be spent in turns of no time */
	ready = poll(fds, n, (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000));
	for (nfds_t i = 0; ready > 0 && i < n; i++)
		if (fds[i].revents)
			ares_process_fd(d->channel, fds[i].events & POLLIN ? fds[i].fd : ARES_SOCKET_BAD,
					fds[i].events & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
	ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
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

bool dns_is_known(enum dns_status s)
{
	return s == DNS_FOUND || s == DNS_NXDOMAIN || s == DNS_NODATA;
}

const char *dns_status_text(enum dns_status s)
{
	static const char *const text[] = {
		[DNS_WAITING] = "not asked",
		[DNS_FOUND] = "found",
		[DNS_NXDOMAIN] = "no such name (NXDOMAIN)",
		[DNS_NODATA] = "no such record",
		[DNS_SERVFAIL] = "the DNS server failed (SERVFAIL)",
		[DNS_REFERRED] = "the DNS server does not look up names of others",
		[DNS_REFUSED] = "the DNS server refused to answer (REFUSED)",
		[DNS_TIMEOUT] = "the DNS did not answer in time",
		[DNS_UNREACHABLE] = "no DNS server can be reached",
		[DNS_BAD_ANSWER] = "the DNS server's answer makes no sense",
		[DNS_BAD_NAME] = "not a name that can be asked for",
	};

	return text[s];
}

void dns_close(struct dns *d)
{
	if (!d)
		return;
	ares_destroy(d->channel); /* ends what is not answered: the questions have to be there still */
	while (d->first) {
		struct question *asked = d->first;

		d->first = asked->next;
		for (size_t i = 0; i < asked->query.n; i++)
			free(asked->query.record[i].text);
		free(asked->query.record);
		free(asked->query.name);
		free(asked);
	}
	free(d);
	ares_library_cleanup();
}
