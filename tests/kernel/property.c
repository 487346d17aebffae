// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random policies and random destinations: what the kernel decides for a UDP
 * socket of the pinned cgroup (connect, getsockname) against reference.h.
 *
 * Where the policy does not say what the source is, the outcome must be that
 * of a socket which was made outside the cgroup. SEED=N plays one run again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "reference.h"
#include "tap.h"
#include "world.h"

#define POLICIES 250
#define DESTINATIONS 400 /* of each policy */
#define PRESENT 8        /* sources that the host has: 2001:db8:2::a0 and on */
#define SOURCES 12       /* and those that it has not */

static uint64_t state;

/* xorshift64*: the same run on every host */
static uint64_t any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(any() >> 33) % n;
}

static struct in6_addr address(const char *text)
{
	return address_of(text, 0).in6.sin6_addr;
}

static struct in6_addr nth_source(unsigned int i)
{
	struct in6_addr a = address("2001:db8:2::a0");

	a.s6_addr[15] = (uint8_t)(a.s6_addr[15] + i);
	return a;
}

static bool is_present(const struct in6_addr *source)
{
	return source->s6_addr[15] < 0xa0 + PRESENT;
}

static void set_bit(struct in6_addr *a, unsigned int i, unsigned int value)
{
	uint8_t mask = (uint8_t)(0x80 >> i % 8);

	a->s6_addr[i / 8] = (uint8_t)(value ? a->s6_addr[i / 8] | mask : a->s6_addr[i / 8] & ~mask);
}

/* The bits behind the first BITS become 0, 1, or random. */
static void fill(struct in6_addr *a, unsigned int bits, int with)
{
	unsigned int i;

	for (i = bits; i < 128; i++)
		set_bit(a, i, with < 0 ? below(2) : (unsigned int)with);
}

static void step(struct in6_addr *a, int by)
{
	int i;

	for (i = 15; i >= 0; i--) {
		a->s6_addr[i] = (uint8_t)(a->s6_addr[i] + by);
		if (a->s6_addr[i] != (by > 0 ? 0 : 0xff))
			break;
	}
}

/* Where rules and destinations come from; few, so that they meet. */
static struct in6_addr seedling(void)
{
	static const char *const seeds[] = {
		"2001:db8:9::1",
		"2001:db8:9::1",
		"2001:db8:77::",
		"2001:db8:77:1::2",
		"2001:db8::",
		"2a00::",
		"fd00:1::1",
		"fe80::1",
		"ff02::1",
		"::1",
		"::",
		"64:ff9b::",
	};
	struct in6_addr a = address(seeds[below(sizeof(seeds) / sizeof(seeds[0]))]);

	if (below(8) == 0)
		a = nth_source(below(SOURCES));
	if (below(3) == 0)
		set_bit(&a, below(128), below(2));
	return a;
}

static bool is_mapped(const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a);
}

static void add_rules(struct reference *r)
{
	unsigned int n = below(40);

	while (n--) {
		struct rule new = { .prefix = seedling(), .bits = 1 + below(128), .exempt = below(3) == 0 };

		if (below(3) == 0)
			new.bits = 128;
		if (new.exempt && below(8) == 0) { /* an exemption can be IPv4 */
			new.prefix = address("::ffff:192.0.2.1");
			new.bits = 96 + below(33);
		}
		fill(&new.prefix, new.bits, 0);
		if (!new.exempt) {
			new.source = nth_source(below(SOURCES));
			if (new.bits >= 96 && is_mapped(&new.prefix))
				continue;
		}
		if (!reference_has(r, &new.prefix, new.bits))
			r->rule[r->n++] = new;
	}
}

static void make_policy(struct reference *r)
{
	static const in_port_t ports[MAX_PORTS] = { 25, 465, 587, 24, 26, 1, 65535, 53 };
	size_t i;

	memset(r, 0, sizeof(*r));
	r->n = 1;
	r->rule[0].source = nth_source(below(SOURCES));
	r->pass = below(4) == 0;
	if (below(4) == 0)
		for (i = 0; i < MAX_PORTS; i++)
			if (below(2))
				r->ports[r->n_ports++] = ports[i];
	add_rules(r);
}

static const char *text(const struct in6_addr *a)
{
	static char buffer[4][INET6_ADDRSTRLEN];
	static unsigned int next;

	return inet_ntop(AF_INET6, a, buffer[next++ % 4], INET6_ADDRSTRLEN);
}

static void print_config(const struct reference *r, char *out, size_t size)
{
	size_t i, n;

	n = (size_t)snprintf(out, size, "source = %s\nmissing = %s\n", text(&r->rule[0].source),
			     r->pass ? "pass" : "deny");
	for (i = 0; i < r->n_ports; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%u%s", i ? ", " : "ports = ", r->ports[i],
				      i + 1 < r->n_ports ? "" : "\n");
	for (i = 1; i < r->n; i++) {
		const struct rule *x = &r->rule[i];

		if (x->exempt)
			n += (size_t)snprintf(out + n, size - n, "exempt = %s/%u\n", text(&x->prefix), x->bits);
		else
			n += (size_t)snprintf(out + n, size - n, "to = %s/%u %s\n", text(&x->prefix), x->bits,
					      text(&x->source));
	}
}

/* At, in and beside the edges of a rule. */
static struct in6_addr make_destination(const struct reference *r)
{
	const struct rule *rule = &r->rule[below((unsigned int)r->n)];
	struct in6_addr a = below(8) ? rule->prefix : seedling();
	unsigned int bits = rule->bits;

	switch (below(6)) {
	case 0:
		fill(&a, bits, 0);
		break;
	case 1:
		fill(&a, bits, 1);
		break;
	case 2:
		fill(&a, bits, 0);
		step(&a, -1);
		break;
	case 3:
		fill(&a, bits, 1);
		step(&a, 1);
		break;
	case 4:
		set_bit(&a, below(128), below(2));
		break;
	default:
		fill(&a, bits, -1);
	}
	return a;
}

/* The source, or the errno; FD may have been connected before */
static void try(int fd, const struct sockaddr_in6 *to, char *outcome, size_t size)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	union address from = { 0 };
	socklen_t length = sizeof(from);

	if (fd < 0 || connect(fd, &none, sizeof(none)))
		bail_out("cannot use a socket");
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		snprintf(outcome, size, "%s", errno_text(errno));
	else if (getsockname(fd, &from.sa, &length))
		bail_out("cannot read a socket's name");
	else
		snprintf(outcome, size, "%s", text(&from.in6.sin6_addr));
}

static const char *expected(const struct reference *r, const struct sockaddr_in6 *to, const char *outside)
{
	const struct in6_addr *source = reference_source(r, &to->sin6_addr, ntohs(to->sin6_port));

	if (!source)
		return outside;
	if (!is_present(source))
		return r->pass ? outside : "EADDRNOTAVAIL";
	return *outside == 'E' ? outside : text(source); /* a pin makes no way where there is none */
}

static unsigned long n_pinned, n_missing, n_left, n_failed;

static void count(const char *want, const char *outside)
{
	if (!strcmp(want, outside))
		n_left++;
	else if (*want == 'E')
		n_missing++;
	else
		n_pinned++;
}

static void diag_lines(const char *lines)
{
	while (*lines) {
		int n = (int)strcspn(lines, "\n");

		tap_diag("  %.*s", n, lines);
		lines += n + (lines[n] == '\n');
	}
}

static void compare(const struct reference *r, int outside_fd, const char *config)
{
	unsigned int i;

	for (i = 0; i < DESTINATIONS && n_failed < 5; i++) {
		struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = make_destination(r) };
		static const in_port_t ports[] = { 25, 465, 24, 26, 2525, 65535 };
		char outside[64], inside[64];
		const char *want;
		int fd;

		to.sin6_port = htons(ports[below(sizeof(ports) / sizeof(ports[0]))]);
		try(outside_fd, &to, outside, sizeof(outside));
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		try(fd, &to, inside, sizeof(inside));
		close(fd);
		want = expected(r, &to, outside);
		count(want, outside);
		if (!strcmp(want, inside))
			continue;
		n_failed++;
		tap_diag("to %s port %u: wanted %s, got %s; outside the cgroup %s; policy:", text(&to.sin6_addr),
			 ntohs(to.sin6_port), want, inside, outside);
		diag_lines(config);
	}
}

int main(void)
{
	const char *seed = getenv("SEED");
	struct timespec now;
	int i, outside;

	clock_gettime(CLOCK_REALTIME, &now);
	state = seed ? strtoull(seed, NULL, 0) : (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
	state = state ? state : 1;
	tap_diag("SEED=%llu", (unsigned long long)state);
	for (i = 0; i < PRESENT; i++) {
		struct in6_addr source = nth_source((unsigned int)i);
		char command[128];

		snprintf(command, sizeof(command), "ip addr add %s/64 dev vps nodad preferred_lft 0", text(&source));
		shell(command);
	}
	outside = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	world_join("");
	for (i = 0; i < POLICIES && n_failed < 5; i++) {
		static struct reference r;
		static char config[16384];

		make_policy(&r);
		print_config(&r, config, sizeof(config));
		reference_add_builtin(&r);
		srcpin_load(config);
		compare(&r, outside, config);
	}
	tap_diag("%lu decisions: %lu pinned, %lu refused, %lu left to the kernel", n_pinned + n_missing + n_left,
		 n_pinned, n_missing, n_left);
	tap_ok(!n_failed && n_pinned > 1000 && n_missing > 1000 && n_left > 1000,
	       "%d policies, %d destinations each: the kernel decides as the reference does", POLICIES, DESTINATIONS);
	return tap_done();
}
