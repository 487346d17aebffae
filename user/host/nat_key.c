// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a rule looks at in a packet */
#include <string.h>

#include "host/nat_match.h"

static struct nat_key key_of_port(const char *protocol)
{
	return (struct nat_key){ KEY_PORT, protocol };
}

static struct nat_key key_of_payload(const struct nat_way *w, const json_t *payload)
{
	const char *protocol = nat_text(payload, "protocol"), *field = nat_text(payload, "field");
	bool ipv4 = address_is_ipv4(w->source);

	if (!strcmp(field, "dport"))
		return key_of_port(protocol);
	if (!strcmp(protocol, "ether") && !strcmp(field, "type"))
		return (struct nat_key){ KEY_ETHERTYPE, ipv4 ? "ip" : "ip6" };
	if (strcmp(protocol, "ip") != 0 && strcmp(protocol, "ip6") != 0)
		return (struct nat_key){ .kind = KEY_UNKNOWN };
	if (ipv4 != !strcmp(protocol, "ip"))
		return (struct nat_key){ .kind = KEY_OTHER_FAMILY };
	if (!strcmp(field, "saddr") || !strcmp(field, "daddr"))
		return (struct nat_key){ .kind = *field == 's' ? KEY_SOURCE : KEY_DEST };
	return (struct nat_key){ .kind = !strcmp(field, "protocol") || !strcmp(field, "nexthdr") ? KEY_PROTOCOL
												 : KEY_UNKNOWN };
}

static struct nat_key key_of_meta(const struct nat_way *w, const char *key)
{
	bool ipv4 = address_is_ipv4(w->source);

	if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		return (struct nat_key){ .kind = KEY_DEVICE };
	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		return (struct nat_key){ KEY_NAME, w->in }; /* what a process sends came in by no device */
	if (!strcmp(key, "nfproto"))
		return (struct nat_key){ KEY_NAME, ipv4 ? "ipv4" : "ipv6" };
	if (!strcmp(key, "protocol"))
		return (struct nat_key){ KEY_ETHERTYPE, ipv4 ? "ip" : "ip6" };
	return (struct nat_key){ .kind = !strcmp(key, "l4proto") ? KEY_PROTOCOL : KEY_UNKNOWN };
}

/* NAT decides on the first packet of a connection. */
static struct nat_key key_of_conntrack(const char *key)
{
	if (!strcmp(key, "state"))
		return (struct nat_key){ KEY_NAME, "new" };
	if (!strcmp(key, "direction"))
		return (struct nat_key){ KEY_NAME, "original" };
	return (struct nat_key){ .kind = KEY_UNKNOWN };
}

/* Of which type is the source, or the destination, as such? Not on a device. */
static struct nat_key key_of_fib(const struct nat_way *w, const json_t *fib)
{
	const json_t *flags = json_object_get(fib, "flags");
	const char *flag = json_string_value(json_is_array(flags) ? json_array_get(flags, 0) : flags);

	if (strcmp(nat_text(fib, "result"), "type") != 0 || !flag || json_array_size(flags) > 1)
		return (struct nat_key){ .kind = KEY_UNKNOWN };
	return (struct nat_key){ KEY_NAME, !strcmp(flag, "saddr") && !*w->in ? "local" : "unicast" };
}

struct nat_key nat_key_of(const struct nat_way *w, const json_t *left)
{
	if (json_object_get(left, "payload"))
		return key_of_payload(w, json_object_get(left, "payload"));
	if (json_object_get(left, "meta"))
		return key_of_meta(w, nat_text(json_object_get(left, "meta"), "key"));
	if (json_object_get(left, "ct"))
		return key_of_conntrack(nat_text(json_object_get(left, "ct"), "key"));
	if (json_object_get(left, "fib"))
		return key_of_fib(w, json_object_get(left, "fib"));
	return (struct nat_key){ .kind = KEY_UNKNOWN };
}
