// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random policies and random destinations: what the kernel decides for a UDP
 * socket of the pinned cgroup (connect, getsockname) against reference.h.
 *
 * Where the policy does not say what the source is, the outcome must be that
 * of a socket which was made outside the cgroup. Every other socket was used
 * before, for other destinations. SEED=N plays one run again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policies.h"
#include "reference.h"
#include "tap.h"
#include "world.h"

#define POLICIES 250
#define DESTINATIONS 400 /* of each policy */

/* An IPv4 destination can be asked for in three ways. */
static const struct how {
	const char *what;
	int socket, address;
} hows[] = {
	{ "IPv6", AF_INET6, AF_INET6 },
	{ "IPv4-mapped", AF_INET6, AF_INET6 },
	{ "IPv4", AF_INET, AF_INET },
	{ "an IPv6 socket, IPv4", AF_INET6, AF_INET },
};

#define N_HOWS (sizeof(hows) / sizeof(hows[0]))

static int make_udp(const struct how *how)
{
	int fd = socket(how->socket, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		bail_out("cannot make a socket");
	return fd;
}

static union address make_address(const struct how *how, const struct in6_addr *a, in_port_t port)
{
	union address to = { 0 };

	if (how->address == AF_INET) {
		to.in.sin_family = AF_INET;
		to.in.sin_port = htons(port);
		memcpy(&to.in.sin_addr, &a->s6_addr[12], sizeof(to.in.sin_addr));
	} else {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = htons(port);
		to.in6.sin6_addr = *a;
	}
	return to;
}

/* The source, or the errno; FD may have been connected before */
static void try(int fd, const union address *to, char *outcome, size_t size)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	union address from = { 0 };
	socklen_t length = sizeof(from);

	if (connect(fd, &none, sizeof(none)))
		bail_out("cannot disconnect a socket");
	if (connect(fd, &to->sa, address_length(to)))
		snprintf(outcome, size, "%s", errno_text(errno));
	else if (getsockname(fd, &from.sa, &length))
		bail_out("cannot read a socket's name");
	else
		snprintf(outcome, size, "%s", text_of(&from));
}

enum expected { AS_OUTSIDE, AT_SOURCE, IS_MISSING, IS_DENIED, IS_OBSERVED, N_EXPECTED };

static enum expected expect(const struct reference *r, const struct in6_addr *to, in_port_t port, const char *outside,
			    const char **outcome)
{
	union address source = { .in6.sin6_family = AF_INET6 };
	enum verdict verdict = reference_verdict(r, to, port, &source.in6.sin6_addr);

	*outcome = outside;
	if (verdict == EXEMPT)
		return AS_OUTSIDE;
	if (r->observe)
		return IS_OBSERVED;
	if (verdict == DENIED) {
		*outcome = "EPERM";
		return IS_DENIED;
	}
	if (!is_present(&source.in6.sin6_addr)) {
		*outcome = r->pass ? outside : "EADDRNOTAVAIL";
		return r->pass ? AS_OUTSIDE : IS_MISSING;
	}
	if (*outside == 'E')
		return AS_OUTSIDE; /* a pin makes no way where there is none */
	*outcome = text_of(&source);
	return AT_SOURCE;
}

static unsigned long n_decided[N_HOWS][N_EXPECTED], n_failed;

static void diag_lines(const char *lines)
{
	while (*lines) {
		int n = (int)strcspn(lines, "\n");

		tap_diag("  %.*s", n, lines);
		lines += n + (lines[n] == '\n');
	}
}

static void compare(const struct reference *r, const int outside_fd[N_HOWS], const char *config)
{
	static const in_port_t ports[] = { 25, 465, 24, 26, 2525, 65535 };
	int used_fd[N_HOWS];
	unsigned int i;

	for (i = 0; i < N_HOWS; i++)
		used_fd[i] = make_udp(&hows[i]);
	for (i = 0; i < DESTINATIONS && n_failed < 5; i++) {
		struct in6_addr dest = make_destination(r);
		in_port_t port = ports[below(sizeof(ports) / sizeof(ports[0]))];
		unsigned int how = is_ipv4(&dest, 128) ? 1 + below(3) : 0;
		union address to = make_address(&hows[how], &dest, port);
		bool used = below(2);
		int fd = used ? used_fd[how] : make_udp(&hows[how]);
		char outside[64], inside[64];
		enum expected expected;
		const char *want;

		try(outside_fd[how], &to, outside, sizeof(outside));
		try(fd, &to, inside, sizeof(inside));
		if (!used)
			close(fd);
		expected = expect(r, &dest, port, outside, &want);
		n_decided[how][expected]++;
		if (!strcmp(want, inside))
			continue;
		/* once pinned, a socket is never quite as before (SOCK_BINDADDR_LOCK) to exempt destinations */
		if (used && expected == AS_OUTSIDE && !r->observe)
			continue;
		n_failed++;
		tap_diag("%s%s, to %s port %u: wanted %s, got %s; outside the cgroup %s; policy:", hows[how].what,
			 used ? ", with a used socket" : "", text_of(&to), port, want, inside, outside);
		diag_lines(config);
	}
	for (i = 0; i < N_HOWS; i++)
		close(used_fd[i]);
}

/* The host has the first sources of both families, and a way to any IPv4 address. */
static void make_sources(void)
{
	unsigned int i;

	for (i = 0; i < 2 * PRESENT; i++) {
		const union address source = { .in6 = { .sin6_family = AF_INET6,
							.sin6_addr = nth_source(i / 2, i % 2) } };
		char command[128];

		snprintf(command, sizeof(command), "ip addr add %s dev vps %s", text_of(&source),
			 i % 2 ? "" : "nodad preferred_lft 0");
		shell(command);
	}
	shell("ip route add default via " PEER_V4);
}

/* Each kind of outcome, in each way, often enough to tell something. */
static bool all_were_met(void)
{
	bool all = true;
	size_t i, j;

	for (i = 0; i < N_HOWS; i++) {
		const unsigned long *n = n_decided[i];

		tap_diag("%s: %lu pinned, %lu missing, %lu denied, %lu observed, %lu left to the kernel", hows[i].what,
			 n[AT_SOURCE], n[IS_MISSING], n[IS_DENIED], n[IS_OBSERVED], n[AS_OUTSIDE]);
		for (j = 0; j < N_EXPECTED; j++)
			all &= n[j] > 100;
	}
	return all;
}

int main(void)
{
	const char *seed_text = getenv("SEED");
	struct timespec now;
	uint64_t seed;
	int outside[N_HOWS];
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = seed_text ? strtoull(seed_text, NULL, 0) : (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
	random_seed(seed);
	tap_diag("SEED=%llu", (unsigned long long)seed);
	make_sources();
	for (i = 0; i < N_HOWS; i++)
		outside[i] = make_udp(&hows[i]);
	world_join("");
	for (i = 0; i < POLICIES && n_failed < 5; i++) {
		static struct reference r;
		static char config[16384];

		make_policy(&r);
		print_config(&r, config, sizeof(config));
		reference_add_implied(&r);
		srcpin_load(config);
		compare(&r, outside, config);
	}
	tap_ok(all_were_met() && !n_failed,
	       "%d policies, %d destinations each: the kernel decides as the reference does", POLICIES, DESTINATIONS);
	return tap_done();
}
