// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random policies and random destinations. Compares what the kernel decides
 * for a UDP socket of the pinned cgroup (connect, getsockname) with
 * reference.h.
 *
 * If the policy does not say what the source is, the outcome must be that of a
 * socket which was made outside the cgroup. Every other socket was used
 * before, for other destinations. `srcpin explain` must say about the same
 * destinations what the kernel did. SEED=N plays one run again.
 *
 * Of several sources, which one it is to be is known of `first`, and of a
 * socket that is at one of them. Else it is one of those that are there; and
 * with `hash` another socket to the same destination gets the same.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/tap.h"
#include "lib/world.h"
#include "property/policies.h"
#include "property/reference.h"

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

/* False: it is no address, but an errno */
static bool read_address(const char *text, struct in6_addr *ret)
{
	char mapped[INET6_ADDRSTRLEN + sizeof("::ffff:")];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	return inet_pton(AF_INET6, mapped, ret) == 1;
}

static struct in6_addr local_of(int fd)
{
	union address at = { 0 };
	socklen_t length = sizeof(at);
	struct in6_addr a;

	if (getsockname(fd, &at.sa, &length) || !read_address(text_of(&at), &a))
		bail_out("cannot read a socket's name");
	return a;
}

/* The source, or the errno; FD may have been connected before. BEFORE: where it was, or any */
static void try(int fd, const union address *to, struct in6_addr *before, char *outcome, size_t size)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	union address from = { 0 };
	socklen_t length = sizeof(from);

	if (connect(fd, &none, sizeof(none)))
		bail_out("cannot disconnect a socket");
	*before = local_of(fd);
	if (connect(fd, &to->sa, address_length(to)))
		snprintf(outcome, size, "%s", errno_text(errno));
	else if (getsockname(fd, &from.sa, &length))
		bail_out("cannot read a socket's name");
	else
		snprintf(outcome, size, "%s", text_of(&from));
}

enum expected { AS_OUTSIDE, AT_SOURCE, IS_MISSING, IS_DENIED, IS_OBSERVED, N_EXPECTED };

static const struct source *first_present(const struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (is_present(&pool->source[i]))
			return &pool->source[i];
	return NULL;
}

/* OUTCOME: NULL if it is AT_SOURCE, one of the POOL */
static enum expected expect(const struct reference *r, const struct in6_addr *to, in_port_t port, const char *outside,
			    const char **outcome, const struct pool **pool)
{
	enum verdict verdict = reference_verdict(r, to, port, pool);

	*outcome = outside;
	if (verdict == EXEMPT)
		return AS_OUTSIDE;
	if (r->observe)
		return IS_OBSERVED;
	if (verdict == DENIED) {
		*outcome = "EPERM";
		return IS_DENIED;
	}
	if (!first_present(*pool)) {
		*outcome = r->pass ? outside : "EADDRNOTAVAIL";
		return r->pass ? AS_OUTSIDE : IS_MISSING;
	}
	if (*outside == 'E')
		return AS_OUTSIDE; /* a pin makes no way where there is none */
	*outcome = NULL;
	return AT_SOURCE;
}

/* Is INSIDE a source that a socket may get which was at BEFORE? AGAIN: what another one got, to the same destination */
static bool is_chosen(const struct reference *r, const struct pool *pool, const char *inside,
		      const struct in6_addr *before, const char *again)
{
	const struct source *source;
	struct in6_addr got;

	if (!read_address(inside, &got))
		return false;
	source = pool_find(pool, before);
	if (source && is_present(source))
		return same_prefix(&got, before, 128);
	source = pool_find(pool, &got);
	if (!source || !is_present(source))
		return false;
	if (r->spread == FIRST)
		return same_prefix(&got, &first_present(pool)->address, 128);
	return r->spread != HASH || !strcmp(inside, again);
}

static unsigned long n_decided[N_HOWS][N_EXPECTED], n_pooled, n_failed;

static void diag_lines(const char *lines)
{
	while (*lines) {
		int n = (int)strcspn(lines, "\n");

		tap_diag("  %.*s", n, lines);
		lines += n + (lines[n] == '\n');
	}
}

/* A destination, and what became of it. */
struct tried {
	struct in6_addr dest;
	in_port_t port;
	bool used, excused; /* a used socket; once pinned, it is never quite as before (SOCK_BINDADDR_LOCK) */
	char outside[64], inside[64], again[64];
	struct in6_addr before; /* where the used socket was */
};

static struct tried tried[DESTINATIONS];
static const in_port_t ports[] = { 25, 465, 24, 26, 2525, 65535 };

static void compare(const struct reference *r, const int outside_fd[N_HOWS], const char *config)
{
	int used_fd[N_HOWS];
	unsigned int i;

	for (i = 0; i < N_HOWS; i++)
		used_fd[i] = make_udp(&hows[i]);
	for (i = 0; i < DESTINATIONS && n_failed < 5; i++) {
		struct tried *t = &tried[i];
		const struct pool *pool;
		struct in6_addr ignored;
		enum expected expected;
		union address to;
		unsigned int how;
		const char *want;
		int fd;

		*t = (struct tried){ .dest = make_destination(r) };
		t->port = ports[below(sizeof(ports) / sizeof(ports[0]))];
		how = is_ipv4(&t->dest, 128) ? 1 + below(3) : 0;
		to = make_address(&hows[how], &t->dest, t->port);
		t->used = below(2);
		fd = t->used ? used_fd[how] : make_udp(&hows[how]);
		try(outside_fd[how], &to, &ignored, t->outside, sizeof(t->outside));
		try(fd, &to, &t->before, t->inside, sizeof(t->inside));
		if (!t->used)
			close(fd);
		fd = make_udp(&hows[how]);
		try(fd, &to, &ignored, t->again, sizeof(t->again));
		close(fd);
		expected = expect(r, &t->dest, t->port, t->outside, &want, &pool);
		n_decided[how][expected]++;
		n_pooled += !want && (pool->n > 1 || pool->source[0].bits < 128);
		t->excused = t->used && expected == AS_OUTSIDE && !r->observe;
		if (t->excused ||
		    (want ? !strcmp(want, t->inside) : is_chosen(r, pool, t->inside, &t->before, t->again)))
			continue;
		n_failed++;
		tap_diag("%s%s, to %s port %u: wanted %s, got %s, another socket %s; outside the cgroup %s; policy:",
			 hows[how].what, t->used ? ", with a used socket" : "", text_of(&to), t->port,
			 want ? want : "one of the pool", t->inside, t->again, t->outside);
		diag_lines(config);
	}
	for (i = 0; i < N_HOWS; i++)
		close(used_fd[i]);
}

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* Is an address of the list, or the only one, as explain has it in "source"? */
static bool is_among(const json_t *sources, const char *text)
{
	struct pool pool = { .n = 1, .source[0].bits = 128 };
	struct in6_addr a;
	json_t *one;
	size_t i;

	if (!json_is_array(sources))
		return !strcmp(json_string_value(sources), text);
	json_array_foreach(sources, i, one)
	{
		char address[64];
		unsigned int bits = 128;

		snprintf(address, sizeof(address), "%s", json_string_value(one));
		if (strchr(address, '/')) {
			bits = (unsigned int)atoi(strchr(address, '/') + 1) + (strchr(address, ':') ? 0 : 96);
			*strchr(address, '/') = '\0';
		}
		pool.source[0].bits = bits;
		if (read_address(address, &pool.source[0].address) && read_address(text, &a) && pool_find(&pool, &a))
			return true;
	}
	return false;
}

/* Did a socket meet what the answer says? ANSWER is an object of explain --json. */
static bool is_as_said(const json_t *answer, const struct tried *t)
{
	const json_t *decision = answer;

	if (!strcmp(member(answer, "mode"), "observe"))
		return !strcmp(t->outside, t->inside);
	/* the source is not on this host: explain says what is done without */
	if (json_is_false(json_object_get(answer, "usable")))
		decision = json_object_get(answer, "missing");
	if (!strcmp(member(decision, "verdict"), "denied"))
		return !strcmp(member(decision, "errno"), t->inside);
	if (strcmp(member(decision, "verdict"), "pinned") != 0 || *t->outside == 'E')
		return !strcmp(t->outside, t->inside);
	return is_among(json_object_get(decision, "source"), t->inside);
}

static unsigned long n_explained;

static void check_explained(struct tried *t, const json_t *answer, const char *config)
{
	const union address to = { .in6 = { .sin6_family = AF_INET6, .sin6_addr = t->dest } };

	n_explained++;
	if (!strcmp(member(answer, "destination"), text_of(&to)) && (t->excused || is_as_said(answer, t)))
		return;
	n_failed++;
	tap_diag("explain says of %s port %u: %s %s; got %s; outside the cgroup %s; policy:", text_of(&to), t->port,
		 member(answer, "destination"), member(answer, "verdict"), t->inside, t->outside);
	diag_lines(config);
}

/* All destinations of one port, in one call. */
static void explain_port(in_port_t port, const char *config)
{
	static char command[DESTINATIONS * INET6_ADDRSTRLEN + 4096];
	char *said, *next;
	size_t i;

	snprintf(command, sizeof(command),
		 "\"$SRCPIN\" explain --json --cgroup \"$WORLD_SECTION\" -c '%s/srcpin.conf' --port %u",
		 world_name("WORLD_DIR"), port);
	for (i = 0; i < DESTINATIONS; i++) {
		const union address to = { .in6 = { .sin6_family = AF_INET6, .sin6_addr = tried[i].dest } };

		if (tried[i].port == port)
			sprintf(command + strlen(command), " %s", text_of(&to));
	}
	if (output_of(command, &said))
		bail_out("explain failed: %s", command);
	for (i = 0, next = said; i < DESTINATIONS && n_failed < 5; i++) {
		json_t *answer;

		if (tried[i].port != port)
			continue;
		answer = json_loads(next, JSON_DISABLE_EOF_CHECK, NULL);
		next = strchrnul(next, '\n');
		next += *next == '\n';
		check_explained(&tried[i], answer, config);
		json_decref(answer);
	}
	free(said);
}

/* The host has the first sources and prefixes of both families, and a way to any IPv4 address. */
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
	for (i = 0; i < 2 * PRESENT_PREFIXES; i++) {
		const struct source s = nth_prefix(i / 2, i % 2);
		const union address base = { .in6 = { .sin6_family = AF_INET6, .sin6_addr = s.address } };
		char command[128];

		snprintf(command, sizeof(command), "ip route add local %s/%u dev lo", text_of(&base),
			 s.bits - (i % 2 ? 96 : 0));
		shell(command);
	}
	shell("sysctl -qw net.ipv6.ip_nonlocal_bind=1");
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
	size_t i, j;

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
		for (j = 0; j < sizeof(ports) / sizeof(ports[0]) && n_failed < 5; j++)
			explain_port(ports[j], config);
	}
	tap_diag("one of several: %lu", n_pooled);
	tap_ok(all_were_met() && n_pooled > 100 && !n_failed,
	       "%d policies, %d destinations each: the kernel decides as the reference does", POLICIES, DESTINATIONS);
	tap_ok(n_explained == POLICIES * DESTINATIONS && !n_failed, "and as srcpin explain says of each of the %lu",
	       n_explained);
	return tap_done();
}
