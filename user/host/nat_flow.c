// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kinds of packets that a way has: one for each port that rules may go by */
#include <string.h>

#include "host/nat_match.h"

/* Of mail and of DNS: for these NAT counts, whatever else there is. What comes last is all the rest. */
static const struct nat_flow mail[] = {
	{ "tcp", 25 }, { "tcp", 465 }, { "tcp", 587 }, { "udp", 53 }, { "tcp", 53 }, { "", 0 },
};

bool nat_flow_has_own(uint16_t port)
{
	for (size_t i = 0; i < sizeof(mail) / sizeof(*mail); i++)
		if (mail[i].port && mail[i].port == port)
			return true;
	return false;
}

/* Mail goes by TCP alone. */
static bool is_of_mail(uint16_t port)
{
	return port == 25 || port == 465 || port == 587;
}

size_t nat_flows(const struct nat_way *way, struct nat_flow ret[NAT_MAX_FLOWS])
{
	size_t n = 0;

	if (!way->n_ports) {
		memcpy(ret, mail, sizeof(mail));
		return sizeof(mail) / sizeof(*mail);
	}
	for (size_t i = 0; i < way->n_ports && n + 2 <= NAT_MAX_FLOWS; i++) {
		ret[n++] = (struct nat_flow){ "tcp", way->ports[i] };
		if (!is_of_mail(way->ports[i]))
			ret[n++] = (struct nat_flow){ "udp", way->ports[i] };
	}
	return n;
}
