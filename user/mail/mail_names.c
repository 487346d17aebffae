// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the DNS says about a source: its name, the address of that name, the address of the greeting, SPF. */
#include <string.h>

#include "mail/mail.h"
#include "mail/spf.h"

#define MAX_NAMES 8 /* an address has no more; one is usual */

static const char *record_type(const uint8_t source[16])
{
	return address_is_ipv4(source) ? "A" : "AAAA";
}

static const struct dns_query *ask_address(struct dns *dns, const uint8_t source[16], const char *name)
{
	return dns_ask(dns, address_is_ipv4(source) ? DNS_A : DNS_AAAA, name);
}

static bool leads_to(const struct dns_query *q, const uint8_t source[16])
{
	for (size_t i = 0; i < q->n; i++)
		if (!memcmp(q->record[i].address, source, 16))
			return true;
	return false;
}

/* Receivers take any of several names: one that leads back is enough. */
static void examine_way_back(struct doctor *d, struct dns *dns, const struct dns_query *ptr, const uint8_t source[16])
{
	const struct dns_query *q[MAX_NAMES], *unknown = NULL;
	size_t n = ptr->n < MAX_NAMES ? ptr->n : MAX_NAMES;

	for (size_t i = 0; i < n; i++)
		q[i] = ask_address(dns, source, ptr->record[i].text);
	dns_wait(dns);
	for (size_t i = 0; i < n; i++) {
		if (leads_to(q[i], source)) {
			doctor_ok(d, CHECK_FCRDNS, "the %s of %s is the source", record_type(source), q[i]->name);
			return;
		}
		if (!dns_is_known(q[i]->status))
			unknown = q[i];
	}
	if (unknown) {
		doctor_unknown(d, CHECK_FCRDNS, "%s of %s: %s", record_type(source), unknown->name,
			       dns_status_text(unknown->status));
		return;
	}
	if (ptr->n > n) {
		doctor_unknown(d, CHECK_FCRDNS,
			       "the source has %zu names, of which the first %zu do not lead back to it", ptr->n, n);
		return;
	}
	doctor_finding(d, CHECK_FCRDNS, "the PTR of the source is %s, whose %s is not the source", ptr->record[0].text,
		       record_type(source));
	doctor_advise(d, "many mail servers refuse an address whose name does not lead back to it",
		      "add to the zone: %s %s %s, or set the PTR to a name that has it", ptr->record[0].text,
		      record_type(source), d->source);
}

static void examine_ptr(struct doctor *d, struct dns *dns, const struct dns_query *ptr, const uint8_t source[16])
{
	if (!dns_is_known(ptr->status)) {
		doctor_unknown(d, CHECK_PTR, "PTR of the source: %s", dns_status_text(ptr->status));
	} else if (ptr->status != DNS_FOUND) {
		doctor_finding(d, CHECK_PTR, "the source has no PTR");
		doctor_advise(d, "many mail servers refuse mail from an address without a name",
			      "have it set to the mail server's name, where the address was assigned (%s)", ptr->name);
	} else {
		doctor_ok(d, CHECK_PTR, "%s", ptr->record[0].text);
		examine_way_back(d, dns, ptr, source);
	}
}

static bool is_name_of(const struct dns_query *ptr, const char *name)
{
	for (size_t i = 0; i < ptr->n; i++)
		if (!strcasecmp(ptr->record[i].text, name))
			return true;
	return false;
}

static void examine_helo(struct doctor *d, const struct dns_query *helo, const struct dns_query *ptr,
			 const uint8_t source[16])
{
	if (!dns_is_known(helo->status) && helo->status != DNS_BAD_NAME) {
		doctor_unknown(d, CHECK_HELO, "%s of %s: %s", record_type(source), helo->name,
			       dns_status_text(helo->status));
	} else if (!leads_to(helo, source)) {
		doctor_finding(d, CHECK_HELO, "it greets as %s, whose %s is not the source", helo->name,
			       record_type(source));
		doctor_advise(d, "many mail servers refuse a greeting that does not fit the address",
			      "greet by the name that the PTR has, and give that name the %s %s", record_type(source),
			      d->source);
	} else if (ptr->status == DNS_FOUND && !is_name_of(ptr, helo->name)) {
		doctor_note(d, CHECK_HELO, "it greets as %s, which leads to the source; the PTR is another, %s",
			    helo->name, ptr->record[0].text);
	} else {
		doctor_ok(d, CHECK_HELO, "it greets as %s, which leads to the source", helo->name);
	}
}

void mail_examine_names(struct doctor *d, struct dns *dns, const uint8_t source[16], const char *helo)
{
	const struct dns_query *ptr, *greeting;

	if (doctor_is_private(source)) {
		doctor_note(d, CHECK_PTR, "a private address: others see the one that a NAT makes of it");
		return;
	}
	ptr = dns_ask_pointer(dns, source);
	greeting = helo ? ask_address(dns, source, helo) : NULL;
	dns_wait(dns);
	examine_ptr(d, dns, ptr, source);
	if (greeting)
		examine_helo(d, greeting, ptr, source);
}

static void advise_spf(struct doctor *d, enum spf_result result, const char *mechanism)
{
	if (result == SPF_PERMERROR)
		doctor_advise(d, "receivers take no notice of such a record",
			      "correct the record (a TXT of the domain)");
	else if (result == SPF_NONE)
		doctor_advise(d, "many mail servers refuse, or hold for spam, mail of a domain that names nobody",
			      "make a record (a TXT of the domain) that has %s:%s", mechanism, d->source);
	else
		doctor_advise(d, "mail of the domain that leaves from the source is taken for forged",
			      "add to the record (a TXT of the domain): %s:%s", mechanism, d->source);
}

void mail_examine_spf(struct doctor *d, struct dns *dns, const uint8_t source[16], const char *domain, const char *helo)
{
	struct spf s = { .dns = dns, .domain = domain, .helo = helo ? helo : domain };
	enum spf_result result;

	if (doctor_is_private(source))
		return;
	memcpy(s.address, source, sizeof(s.address));
	result = spf_check(&s);
	if (result == SPF_PASS) {
		doctor_ok(d, CHECK_SPF, "%s: pass, by %s", domain, s.why);
	} else if (result == SPF_TEMPERROR) {
		doctor_unknown(d, CHECK_SPF, "SPF of %s: %s", domain, s.why);
	} else {
		doctor_finding(d, CHECK_SPF, "SPF of %s does not cover the source: %s (%s)", domain,
			       spf_result_text(result), s.why);
		advise_spf(d, result, address_is_ipv4(source) ? "ip4" : "ip6");
	}
}
