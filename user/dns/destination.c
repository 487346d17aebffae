// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/memory.h"
#include "dns/destination.h"
#include "dns/dns.h"

/* The addresses of a host. */
struct host {
	const char *name; /* belongs to the question that named it */
	unsigned int preference;
	const struct dns_query *ipv6, *ipv4;
};

struct lookup {
	const char *text; /* NULL: an address */
	struct destination address;
	const struct dns_query *mx;
	struct host *host;
	size_t n_hosts;
};

static void problem(struct destinations *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void problem(struct destinations *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ADD_ELEMENT(d->problem, d->n_problems, xvasprintf(format, args));
	va_end(args);
}

static bool read_address(const char *text, struct destination *ret)
{
	size_t n = strlen(text);
	const char *scope;
	int family;

	*ret = (struct destination){ 0 };
	if (n && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	scope = memchr(text, '%', n);
	family = address_parse(text, (int)(scope ? (size_t)(scope - text) : n), ret->address);
	if (!scope || family != AF_INET6)
		return !scope && family != AF_UNSPEC;
	n -= (size_t)(++scope - text);
	if (!n || n >= sizeof(ret->scope))
		return false;
	memcpy(ret->scope, scope, n);
	return true;
}

static void add_host(struct lookup *l, struct dns *dns, const char *name, unsigned int preference)
{
	ADD_ELEMENT(l->host, l->n_hosts,
		    (struct host){
			    .name = name,
			    .preference = preference,
			    .ipv6 = dns_ask(dns, DNS_AAAA, name),
			    .ipv4 = dns_ask(dns, DNS_A, name),
		    });
}

/* True: /etc/hosts has the name, so the DNS is not asked. */
static bool in_hosts_file(struct lookup *l, struct dns *dns)
{
	const struct host h = {
		.name = l->text,
		.ipv6 = dns_read_hosts(dns, DNS_AAAA, l->text),
		.ipv4 = dns_read_hosts(dns, DNS_A, l->text),
	};

	if (!h.ipv6->n && !h.ipv4->n)
		return false;
	ADD_ELEMENT(l->host, l->n_hosts, h);
	return true;
}

static void ask(struct lookup *l, struct dns *dns, bool mx, bool hosts_file)
{
	if (!l->text)
		return;
	if (mx)
		l->mx = dns_ask(dns, DNS_MX, l->text);
	else if (!hosts_file || !in_hosts_file(l, dns))
		add_host(l, dns, l->text, 0);
}

static void ask_for_exchangers(struct lookup *l, struct dns *dns, struct destinations *ret)
{
	if (!l->mx)
		return;
	if (!dns_is_known(l->mx->status)) {
		problem(ret, "cannot find out the MX of %s: %s", l->text, dns_status_text(l->mx->status));
		ret->unknown |= l->mx->status != DNS_BAD_NAME;
		return;
	}
	if (l->mx->n == 1 && !*l->mx->record[0].text) {
		problem(ret, "%s accepts no mail: its MX is the root (RFC 7505)", l->text);
		return;
	}
	for (size_t i = 0; i < l->mx->n; i++)
		if (*l->mx->record[i].text)
			add_host(l, dns, l->mx->record[i].text, l->mx->record[i].preference);
	/* also if the name does not exist: asking for its addresses will tell */
	if (!l->mx->n)
		add_host(l, dns, l->text, 0);
}

static void add_addresses(const struct lookup *l, const struct host *h, const struct dns_query *q,
			  struct destinations *ret)
{
	for (size_t i = 0; i < q->n; i++) {
		struct destination d = { .name = xstrdup(l->text), .preference = h->preference };

		memcpy(d.address, q->record[i].address, sizeof(d.address));
		d.exchanger = h->name != l->text ? xstrdup(h->name) : NULL;
		ADD_ELEMENT(ret->item, ret->n, d);
	}
	if (dns_is_known(q->status))
		return;
	problem(ret, "cannot find out the %s of %s: %s", q->type == DNS_AAAA ? "IPv6 addresses" : "IPv4 addresses",
		h->name, dns_status_text(q->status));
	ret->unknown |= q->status != DNS_BAD_NAME;
}

static void gather(const struct lookup *l, struct destinations *ret)
{
	if (!l->text)
		ADD_ELEMENT(ret->item, ret->n, l->address);
	for (size_t i = 0; i < l->n_hosts; i++) {
		const struct host *h = &l->host[i];

		add_addresses(l, h, h->ipv6, ret);
		add_addresses(l, h, h->ipv4, ret);
		if (!h->ipv6->n && !h->ipv4->n && dns_is_known(h->ipv6->status) && dns_is_known(h->ipv4->status))
			problem(ret, "%s has no address: %s", h->name, dns_status_text(h->ipv6->status));
	}
}

static int find(struct lookup *l, size_t n, bool mx, const char *servers, struct destinations *ret, struct failure *f)
{
	_cleanup_(dns_cleanup) struct dns *dns = NULL;
	int err = dns_open(servers, &dns, f);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		ask(&l[i], dns, mx, !servers);
	dns_wait(dns);
	for (size_t i = 0; i < n; i++)
		ask_for_exchangers(&l[i], dns, ret);
	dns_wait(dns);
	for (size_t i = 0; i < n; i++)
		gather(&l[i], ret);
	return 0;
}

int destinations_find(char *const *text, size_t n, bool mx, const char *servers, struct destinations *ret,
		      struct failure *f)
{
	struct lookup *l = xcalloc(n, sizeof(*l));
	int err = 0;

	*ret = (struct destinations){ 0 };
	for (size_t i = 0; i < n && !err; i++) {
		if (read_address(text[i], &l[i].address))
			continue;
		l[i].text = text[i];
		if (!dns_is_name(text[i]))
			err = fail(f, -EINVAL, "'%s' is neither an address nor a name", text[i]);
	}
	if (!err)
		err = find(l, n, mx, servers, ret, f);
	for (size_t i = 0; i < n; i++)
		free(l[i].host);
	free(l);
	return err;
}

const char *destination_print(const struct destination *d, unsigned int port, char text[DESTINATION_STRLEN])
{
	char address[INET6_ADDRSTRLEN];
	size_t len;

	address_print(d->address, address);
	len = (size_t)snprintf(text, DESTINATION_STRLEN, "%s%s%s%s%s:%u", strchr(address, ':') ? "[" : "", address,
			       *d->scope ? "%" : "", d->scope, strchr(address, ':') ? "]" : "", port);
	if (d->exchanger)
		snprintf(text + len, DESTINATION_STRLEN - len, " %s (MX %u)", d->exchanger, d->preference);
	else if (d->name)
		snprintf(text + len, DESTINATION_STRLEN - len, " %s", d->name);
	return text;
}

int destinations_width(const struct destinations *d, unsigned int port)
{
	size_t width = 0;

	for (size_t i = 0; i < d->n; i++) {
		char text[DESTINATION_STRLEN];
		size_t n = strlen(destination_print(&d->item[i], port, text));

		if (n > width)
			width = n;
	}
	return (int)width;
}

json_t *destination_json(const struct destination *d, unsigned int port)
{
	char address[INET6_ADDRSTRLEN];

	return json_pack("{s:s, s:s?, s:i, s:s?, s:s?, s:o?}", "destination", address_print(d->address, address),
			 "scope", *d->scope ? d->scope : NULL, "port", port, "name", d->name, "mx", d->exchanger,
			 "preference", d->exchanger ? json_integer(d->preference) : NULL);
}

void destinations_free(struct destinations *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->item[i].name);
		free(d->item[i].exchanger);
	}
	for (size_t i = 0; i < d->n_problems; i++)
		free(d->problem[i]);
	free(d->item);
	free(d->problem);
	*d = (struct destinations){ 0 };
}
