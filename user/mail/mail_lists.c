// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Blocklists in the DNS (RFC 5782), for the source and for the address that
 * the kernel would choose without srcpin. Asks a list for the address itself,
 * and for the first address of its /64. Nobody sends from that one, as it is
 * the routers' (RFC 4291, 2.6.1). So if it is listed, the whole /64 is.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "mail/mail.h"

/* ::ffff:127.0.0.1. No list may have it (RFC 5782, 5), but a list that lists everything does. */
#define NEVER_LISTED "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
#define NEVER_LISTED4 "1.0.0.127"

enum listing { NOT_LISTED, LISTED, NOT_KNOWN };

struct answers {
	const struct dns_query *address, *network; /* NETWORK: NULL for IPv4 */
	const struct dns_query *reason, *never, *zone;
};

struct subject {
	uint8_t address[16];
	bool without; /* it is what the kernel would choose without srcpin */
	struct answers of[DOCTOR_MAX_LISTS];
};

static const struct dns_query *ask_for(struct dns *dns, const uint8_t address[16], enum dns_type type, const char *zone)
{
	char name[DNS_REVERSED_STRLEN];

	return dns_ask(dns, type, dns_reversed(address, zone, name));
}

static void ask(struct subject *s, struct dns *dns, const struct doctor_keys *k)
{
	uint8_t network[16] = { 0 };

	memcpy(network, s->address, 8);
	for (size_t i = 0; i < k->n_dnsbl; i++) {
		struct answers *a = &s->of[i];

		a->zone = dns_ask(dns, DNS_A, k->dnsbl[i]);
		a->address = ask_for(dns, s->address, DNS_A, k->dnsbl[i]);
		if (!address_is_ipv4(s->address))
			a->network = ask_for(dns, network, DNS_A, k->dnsbl[i]);
	}
}

/* What the answer means. WHY: the reason, if NOT_KNOWN. */
static enum listing judge(const struct dns_query *q, char why[256])
{
	char text[INET6_ADDRSTRLEN];

	if (!dns_is_known(q->status)) {
		snprintf(why, 256, "%s", dns_status_text(q->status));
		return NOT_KNOWN;
	}
	for (size_t i = 0; i < q->n; i++) {
		const uint8_t *code = q->record[i].address + 12;

		address_print(q->record[i].address, text);
		if (code[0] != 127 || !memcmp(code, (uint8_t[]){ 127, 0, 0, 1 }, 4))
			snprintf(why, 256, "it answers %s, which no blocklist does: somebody else answers for it",
				 text);
		else if (code[1] != 255 || code[2] != 255)
			continue;
		else /* Spamhaus began it, others do the same */
			snprintf(why, 256, "it refuses to tell: %s (%s)", text,
				 code[3] == 252   ? "no such list there"
				 : code[3] == 254 ? "asked through a public resolver"
				 : code[3] == 255 ? "asked too often"
						  : "an error");
		return NOT_KNOWN;
	}
	return q->status == DNS_FOUND ? LISTED : NOT_LISTED;
}

/* If the address or its /64 is listed, asks for the reason, and whether the list has everything. */
static void ask_further(struct subject *s, struct dns *dns, const struct doctor_keys *k)
{
	char name[DNS_REVERSED_STRLEN], ignored[256];

	for (size_t i = 0; i < k->n_dnsbl; i++) {
		struct answers *a = &s->of[i];
		const struct dns_query *listed = judge(a->address, ignored) == LISTED ? a->address : a->network;

		if (!listed || judge(listed, ignored) != LISTED)
			continue;
		a->reason = dns_ask(dns, DNS_TXT, listed->name);
		snprintf(name, sizeof(name), "%s.%s", address_is_ipv4(s->address) ? NEVER_LISTED4 : NEVER_LISTED,
			 k->dnsbl[i]);
		a->never = dns_ask(dns, DNS_A, name);
	}
}

static void print_codes(const struct dns_query *q, char ret[128])
{
	char text[INET6_ADDRSTRLEN];
	size_t n = 0;

	for (size_t i = 0; i < q->n && n < 100; i++)
		n += (size_t)snprintf(ret + n, 128 - n, "%s%s", i ? ", " : "",
				      address_print(q->record[i].address, text));
}

static void report_listed(struct doctor *d, const struct subject *s, const struct answers *a, const char *list)
{
	char address[INET6_ADDRSTRLEN], codes[128], ignored[256];
	bool network = a->network && judge(a->network, ignored) == LISTED;
	const char *reason = a->reason && a->reason->n ? a->reason->record[0].text : "no reason given";

	address_print(s->address, address);
	print_codes(network ? a->network : a->address, codes);
	if (s->without) {
		doctor_note(d, CHECK_DNSBL, "without srcpin: %s%s is in %s: %s (%.200s)", network ? "the /64 of " : "",
			    address, list, codes, reason);
		return;
	}
	doctor_finding(d, CHECK_DNSBL, "%s%s is in %s: %s (%.200s)", network ? "the /64 of " : "", address, list, codes,
		       reason);
	doctor_advise(d, "mail servers that ask the list refuse or mark what leaves from the source",
		      network ? "find out what the /64 has sent, then have it removed by the rules of %s; a /64 that "
				"strangers share: take another source"
			      : "find out what the source has sent, then have it removed by the rules of %s",
		      list);
}

static const char *whose(const struct subject *s)
{
	return s->without ? "without srcpin: " : "";
}

/* True: it is not listed. */
static bool report(struct doctor *d, const struct subject *s, const struct answers *a, const char *list)
{
	char address[INET6_ADDRSTRLEN], why[256];
	enum listing is = judge(a->address, why), never = NOT_LISTED;

	address_print(s->address, address);
	if (is == NOT_LISTED && a->network)
		is = judge(a->network, why);
	if (is == LISTED)
		never = judge(a->never, why);
	if (never == NOT_KNOWN)
		doctor_unknown(d, CHECK_DNSBL, "%s%s in %s: listed, unless it lists everything, which is not known: %s",
			       whose(s), address, list, why);
	else if (never == LISTED)
		doctor_unknown(d, CHECK_DNSBL, "%s%s in %s: it lists even what no list may (RFC 5782, 5)", whose(s),
			       address, list);
	else if (is == LISTED)
		report_listed(d, s, a, list);
	else if (is == NOT_KNOWN)
		doctor_unknown(d, CHECK_DNSBL, "%s%s in %s: %s", whose(s), address, list, why);
	else if (a->zone->status == DNS_NXDOMAIN)
		doctor_unknown(d, CHECK_DNSBL, "%s%s in %s: there is no such list any more", whose(s), address, list);
	return is == NOT_LISTED && a->zone->status != DNS_NXDOMAIN;
}

static void report_subject(struct doctor *d, const struct subject *s, const struct doctor_keys *k)
{
	char address[INET6_ADDRSTRLEN], lists[1024] = "";

	for (size_t i = 0; i < k->n_dnsbl; i++) {
		size_t n = strlen(lists);

		if (report(d, s, &s->of[i], k->dnsbl[i]))
			snprintf(lists + n, sizeof(lists) - n, "%s%s", n ? ", " : "", k->dnsbl[i]);
	}
	if (*lists)
		doctor_ok(d, CHECK_DNSBL, "%s%s%s not in %s", whose(s), address_print(s->address, address),
			  address_is_ipv4(s->address) ? " is" : " and its /64 are", lists);
}

void mail_examine_lists(struct doctor *d, struct dns *dns, const struct doctor_keys *k, const uint8_t source[16],
			const uint8_t *without)
{
	struct subject s[2] = { 0 };
	size_t n = 0;

	if (!doctor_is_private(source))
		memcpy(s[n++].address, source, 16);
	if (without && !doctor_is_private(without)) {
		memcpy(s[n].address, without, 16);
		s[n++].without = true;
	}
	for (size_t i = 0; i < n; i++)
		ask(&s[i], dns, k);
	dns_wait(dns);
	for (size_t i = 0; i < n; i++)
		ask_further(&s[i], dns, k);
	dns_wait(dns);
	for (size_t i = 0; i < n; i++)
		report_subject(d, &s[i], k);
}
