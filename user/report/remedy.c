// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <string.h>

#include "report/remedy.h"

#define BIT(reason) (UINT64_C(1) << SRCPIN_##reason)
#define WILDCARD (BIT(DENIED_WILDCARD) | BIT(DROPPED_CONNECTED))
#define BOUND BIT(DENIED_BOUND)
#define FAMILY BIT(DENIED_FAMILY)
#define RAW BIT(DROPPED_SOURCE)

#define NAMED_SOURCE "query-source-v6 address SOURCE, query-source address SOURCE4"
#define SPAM_RESOLVER "in srcpin.conf exempt = RESOLVER, or ports = 25, 465, 587: its DNS then leaves unpinned"

/* PROGRAMS in srcpin(8) has them all (tests/docs.t). */
/* clang-format off */
static const struct remedy remedies[] = {
	/* threads of pdns_recursor have names of their own, and those of all programs of BIND have the same ones */
	{ "unbound", "unbound", ROLE_RESOLVER, WILDCARD, "udp-connect: no, or outgoing-interface: SOURCE" },
	{ "unbound", "unbound", ROLE_RESOLVER, BOUND, "outgoing-interface: SOURCE" },
	{ "named", "named", ROLE_RESOLVER, WILDCARD | BOUND, NAMED_SOURCE "; it does not start while they are missing" },
	{ "isc-*", "named", ROLE_PLAIN, WILDCARD | BOUND,
	  NAMED_SOURCE "; dig: -b SOURCE, or +tcp; host: -T; nslookup: -vc; nsupdate: -v; delv: -b SOURCE" },
	{ "pdns_recursor", "pdns_recursor", ROLE_RESOLVER, WILDCARD | BOUND, "query-local-address=SOURCE" },
	{ "rec/*", "pdns_recursor", ROLE_PLAIN, WILDCARD | BOUND, "query-local-address=SOURCE" },

	{ "opendkim", "OpenDKIM", ROLE_FILTER, WILDCARD, "ResolverConfiguration FILE, with server: udp-connect: no in FILE" },
	{ "spamd*", "SpamAssassin", ROLE_FILTER, WILDCARD, SPAM_RESOLVER },
	{ "spamassassin", "SpamAssassin", ROLE_FILTER, WILDCARD, SPAM_RESOLVER },
	{ "rspamd*", "rspamd", ROLE_DOES_WITHOUT, WILDCARD, "nothing to do, as the query has left before" },

	{ "courieresmtp", "Courier", ROLE_PLAIN, FAMILY | WILDCARD,
	  "SOURCE in ip6out and SOURCE4 in ipout, with Courier 1.0 SOURCE_ADDRESS_IPV6=SOURCE and "
	  "SOURCE_ADDRESS=SOURCE4 in courierd, and source4 in srcpin.conf" },
	{ "vsftpd", "vsftpd", ROLE_PLAIN, BOUND, "connect_from_port_20=NO" },
	{ "openvpn", "openvpn", ROLE_PLAIN, WILDCARD | BOUND, "nobind, or local SOURCE" },
	{ "chronyd", "chronyd", ROLE_PLAIN, BOUND, "bindacqaddress SOURCE" },
	{ "syslog-ng", "syslog-ng", ROLE_PLAIN, WILDCARD, "localip(SOURCE)" },

	{ "dig", "dig", ROLE_PLAIN, WILDCARD, "-b SOURCE, or +tcp" },
	{ "host", "host", ROLE_PLAIN, WILDCARD, "-T" },
	{ "nslookup", "nslookup", ROLE_PLAIN, WILDCARD, "-vc" },
	{ "delv", "delv", ROLE_PLAIN, WILDCARD, "-b SOURCE" },
	{ "nsupdate", "nsupdate", ROLE_PLAIN, WILDCARD, "-v" },
	{ "ping", "ping", ROLE_PLAIN, RAW, "-I SOURCE" },
	{ "fping", "fping", ROLE_PLAIN, RAW, "-S SOURCE" },
	{ "traceroute", "traceroute", ROLE_PLAIN, WILDCARD | RAW, "-s SOURCE" },
	{ "nmap", "nmap", ROLE_PLAIN, RAW, "-S SOURCE" },
	{ "hping3", "hping3", ROLE_PLAIN, RAW, "-a SOURCE" },
	{ "curl", "curl", ROLE_PLAIN, WILDCARD | BOUND, "--interface SOURCE, or no --local-port" },
	{ "nc", "nc", ROLE_PLAIN, WILDCARD | BOUND, "-s SOURCE, or no -p" },
	{ "socat", "socat", ROLE_PLAIN, WILDCARD | BOUND, "bind=SOURCE, or no sourceport" },
};
/* clang-format on */

static bool is_named(const struct remedy *r, const char *comm)
{
	size_t n = strlen(r->comm) - 1;

	return r->comm[n] == '*' ? !strncmp(comm, r->comm, n) : !strcmp(comm, r->comm);
}

const struct remedy *remedy_find(const char *comm, enum srcpin_reason reason)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (remedies[i].reasons & UINT64_C(1) << reason && is_named(&remedies[i], comm))
			return &remedies[i];
	return NULL;
}
