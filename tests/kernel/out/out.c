// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * out [N]
 *
 * Runs the table of out.h: before load, with the policy in force, and with
 * each one of its hooks taken away. N: how many lines of TAP came before.
 * ROWS_ONLY=1 in the environment: takes no hook away, in two ninths of the
 * time.
 *
 * out --page
 *
 * Prints the table for WAYS-OUT.md.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/tap.h"
#include "lib/wire.h"
#include "out/out.h"
#include "ways/peer.h"

/* Without one of these, something has to change. */
static struct hook {
	const char *name;
	unsigned int changed, leaked;
	char first[1024], first_leak[1024];
} hook[] = {
	{ .name = "connect6" }, { .name = "bind6" },    { .name = "sendmsg6" }, { .name = "connect4" },
	{ .name = "bind4" },    { .name = "sendmsg4" }, { .name = "guard" },
};
#define N_HOOKS (sizeof(hook) / sizeof(hook[0]))

struct result {
	struct seen before;
	char outcome[512];
};

static const struct out_group *current;
static struct hook *without; /* what is taken away; NULL: nothing */

static void load(void)
{
	char command[256];

	srcpin_load(current->config);
	forget_dropped();
	if (!without)
		return;
	/* a policy for one family may do without the other's hooks */
	snprintf(command, sizeof(command),
		 "link=/sys/fs/bpf/srcpin/services/$(stat -c %%i \"$WORLD_CGROUP\")/%s; [ ! -e $link ] || bpftool link "
		 "detach pinned $link",
		 without->name);
	shell(command);
}

static void nothing(void)
{
}

static bool has_family(const struct out_row *r, int family)
{
	return family == AF_INET6 ? r->family != V4_ONLY : r->family != V6_ONLY;
}

static const char *name(const struct out_row *r, int family)
{
	static char text[256];

	snprintf(text, sizeof(text), "%s: %s: %s, %s%s%s", current->what, r->way, r->what, r->over ? r->over : "",
		 r->over ? ", " : "", family == AF_INET6 ? "IPv6" : "IPv4");
	return text;
}

/* Each row of the current group, in each of its families */
static void each(struct result *results, void (*visit)(const struct out_row *r, int family, struct result *result))
{
	size_t i;

	for (i = 0; i < current->part->n; i++) {
		const struct out_row *r = &current->part->row[i];

		if (has_family(r, AF_INET6))
			visit(r, AF_INET6, &results[2 * i]);
		if (has_family(r, AF_INET))
			visit(r, AF_INET, &results[2 * i + 1]);
	}
}

static void look_before(const struct out_row *r, int family, struct result *result)
{
	run_row(r, family, nothing, &result->before);
}

static void test_row(const struct out_row *r, int family, struct result *result)
{
	const char *want_before = row_before(r, family), *want = row_outcome_here(r), *before;
	struct seen now;

	if (result->before.error == NOT_HERE) {
		tap_diag("this kernel has none, not tried: %s", name(r, family));
		return;
	}
	run_row(r, family, load, &now);
	before = seen_before(&result->before);
	snprintf(result->outcome, sizeof(result->outcome), "%s", seen_outcome(r, family, &result->before, &now));
	if (tap_ok(!strcmp(before, want_before) && !strcmp(result->outcome, want), "%s: %s", name(r, family), want))
		return;
	tap_diag("before load: %s (wanted %s)", before, want_before);
	tap_diag("in force:    %s (wanted %s)", result->outcome, want);
}

/* Where the guard stands behind each of the other hooks: it sees no TCP but what opens a connection. */
static bool guard_suffices(const struct out_row *r)
{
	return !strstr(current->config, "guard = off") && !strstr(current->config, "bound = leave") &&
	       !strstr(current->config, "missing = pass") && !r->each_packet;
}

static void test_without(const struct out_row *r, int family, struct result *result)
{
	const char *outcome;
	struct seen now;

	if (result->before.error == NOT_HERE || r->slow)
		return;
	run_row(r, family, load, &now);
	outcome = seen_outcome(r, family, &result->before, &now);
	if (!strcmp(outcome, result->outcome))
		return;
	if (!without->changed++)
		snprintf(without->first, sizeof(without->first), "%s: %s", name(r, family), outcome);
	if (seen_leak(r, family, &now) && guard_suffices(r) && !without->leaked++)
		snprintf(without->first_leak, sizeof(without->first_leak), "%s: %s", name(r, family), outcome);
}

static void test_group(const struct out_group *g)
{
	struct result *results = calloc(2 * g->part->n, sizeof(*results));
	size_t i;

	if (!results)
		bail_out("no memory");
	current = g;
	if (g->set_up)
		shell(g->set_up);
	each(results, look_before);
	load();
	each(results, test_row);
	for (i = 0; i < N_HOOKS && !getenv("ROWS_ONLY"); i++) {
		without = &hook[i];
		load();
		each(results, test_without);
	}
	without = NULL;
	srcpin_unload();
	if (g->undo)
		shell(g->undo);
	free(results);
}

static void report(const struct hook *h)
{
	tap_ok(h->changed, "without %s %u rows change, the first is %s", h->name, h->changed, h->first);
	if (!strcmp(h->name, "guard"))
		return;
	if (!tap_ok(!h->leaked, "without %s the guard lets none of them out", h->name))
		tap_diag("%u, the first is %s", h->leaked, h->first_leak);
}

int main(int argc, char *argv[])
{
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "--page")) {
		print_page();
		return EXIT_SUCCESS;
	}
	if (argc > 1)
		tap_n = (unsigned int)atoi(argv[1]);
	signal(SIGPIPE, SIG_IGN);
	peer_open();
	wire_open();
	for (i = 0; i < out_groups.n; i++)
		test_group(&out_groups.group[i]);
	for (i = 0; i < N_HOOKS && !getenv("ROWS_ONLY"); i++)
		report(&hook[i]);
	return tap_done();
}
