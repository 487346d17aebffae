// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/text.h"
#include "report/source_remedy.h"

/* No device has it. */
static char *give(const uint8_t source[16], const struct lack *l)
{
	char text[INET6_ADDRSTRLEN];

	address_print(source, text);
	if (address_is_ipv4(source))
		return xasprintf("give it to the host: ip addr add %s/LENGTH dev DEVICE", text);
	return xasprintf("give it to the host: ip addr add %s/64 dev DEVICE preferred_lft 0 (/128, if only this "
			 "address is the host's)%s",
			 text, l->no_ipv6 ? "; this host has no IPv6: without it, name only a source4" : "");
}

/* A setting of a device, to be freed. sysctl(8) wants a dot of its name as a slash; a user may have chosen the name. */
static char *setting_of(const char *device, const char *setting)
{
	_cleanup_free_ char *name = xasprintf("net.ipv6.conf.%s.%s", device, setting), *word = quote_word(device);

	for (size_t i = 0; device[i]; i++)
		if (device[i] == '.')
			name[strlen("net.ipv6.conf.") + i] = '/';
	return strcmp(word, device) ? quote_word(name) : xstrdup(name);
}

/* The kernel has forgotten the addresses and routes of the device, and takes no address. */
static char *switch_on(const uint8_t source[16], const struct lack *l)
{
	_cleanup_free_ char *setting = setting_of(l->disabled, "disable_ipv6=0");
	char text[INET6_ADDRSTRLEN];

	return xasprintf("sysctl %s, and ip addr add %s/64 dev DEVICE preferred_lft 0, and "
			 "add its routes again; or name only a source4",
			 setting, address_print(source, text));
}

/*
 * The kernel makes the local route of an IPv6 address only when it is given
 * the address. To take an IPv4 address away could take others along, and
 * routes; but there the route can be made as the kernel would.
 */
static char *route_again(const uint8_t source[16], const struct address_state *s, const char *word)
{
	unsigned int length = s->on_link.prefixlen;
	char text[INET6_ADDRSTRLEN];

	address_print(source, text);
	if (address_is_ipv4(source))
		return xasprintf("ip route add local %s dev %s table local proto kernel scope host src %s", text, word,
				 text);
	return xasprintf("ip addr del %s/%u dev %s, and ip addr add %s/%u dev %s%s", text, length, word, text, length,
			 word, s->deprecated ? " preferred_lft 0" : "");
}

/* All of a prefix becomes local by a route ("AnyIP"). */
static char *take_up(const struct prefix *source)
{
	const char *ip = prefix_is_ipv4(source) ? "ip" : "ip -6";
	char text[PREFIX_STRLEN];

	return xasprintf("%s route add local %s dev lo, where the routes are made at boot", ip,
			 prefix_print(source, text));
}

static char *remedy_of_address(const uint8_t source[16], const struct address_state *s)
{
	_cleanup_free_ char *word = quote_word(s->device), *vrf = quote_word(s->lack.vrf);
	_cleanup_free_ char *forwarding = setting_of(s->device, "forwarding");

	if (s->duplicate)
		return xstrdup("find the other host (ip -6 neigh), then ip addr del and ip addr add");
	if (s->lack.down)
		return xasprintf("ip link set %s up, and add its routes again", word);
	if (*s->lack.disabled)
		return switch_on(source, &s->lack);
	if (s->tentative)
		return xasprintf("wait a second; if it stays so, see whether %s has a carrier (ip link show dev %s)",
				 s->device, word);
	if (s->anycast)
		return xasprintf("name another address of its prefix; or add it while %s is 0", forwarding);
	if (*s->lack.vrf)
		return xasprintf("name an address of a device that is in no VRF; or take %s out of %s (ip link set %s "
				 "nomaster)",
				 word, vrf, word);
	return s->lack.unrouted ? route_again(source, s, word) : give(source, &s->lack);
}

char *source_remedy(const struct prefix *source, const struct address_state *s)
{
	if (s->needs_nonlocal)
		return xstrdup("sysctl net.ipv6.ip_nonlocal_bind=1, and in /etc/sysctl.d/");
	return source->prefixlen < 128 ? take_up(source) : remedy_of_address(source->addr, s);
}
