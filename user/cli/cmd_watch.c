// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/output.h"
#include "base/privilege.h"
#include "cli/command.h"
#include "config/parse.h"
#include "host/pids.h"
#include "kernel/events.h"
#include "kernel/features.h"
#include "policy/reason.h"
#include "report/event_text.h"
#include "unit/journal.h"
#include "unit/unit_cgroup.h"

enum { TURN = 50 }; /* milliseconds from one look for decisions to the next */

struct watch {
	const struct options *options;
	struct events *events;
	struct output output;
	int journal; /* -1: decisions go to the output */
	int64_t clock_offset;
	bool host_pids; /* pids.h */
	uint64_t lost;  /* as far as the user was told */
	int status;     /* if not EXIT_OK: end */
};

static void set_prefix(struct srcpin_filter *f, const struct prefix *p)
{
	__u8 mask[16] = { 0 };

	for (unsigned int bit = 0; bit < p->prefixlen; bit++)
		mask[bit / 8] |= (__u8)(0x80 >> bit % 8);
	memcpy(f->dest, p->addr, sizeof(f->dest));
	memcpy(f->mask, mask, sizeof(f->mask));
}

/* Reads the verdict for --only and the prefix for --to. EXIT_OK, or the exit status to end with. */
static int read_filter(const struct options *o, struct srcpin_filter *ret)
{
	struct diagnostics d = { 0 };
	struct prefix p;
	bool ok = true;

	*ret = (struct srcpin_filter){ .reasons = o->only ? verdict_reasons(o->only) : UINT64_MAX };
	if (!ret->reasons) {
		log_error("--only needs denied, pinned or exempt, not '%s'", o->only);
		return EXIT_USAGE;
	}
	if (o->to) {
		ok = parse_prefix(&(struct word){ .text = o->to, .len = (int)strlen(o->to) }, &p, &d);
		if (ok)
			set_prefix(ret, &p);
		else
			log_error("--to: %s", d.item[0].message);
	}
	diagnostics_free(&d);
	return ok ? EXIT_OK : EXIT_USAGE;
}

/* Asked again and again: somebody may set the clock while we watch. */
static int64_t clock_offset(void)
{
	struct timespec real, monotonic;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	return (real.tv_sec - monotonic.tv_sec) * INT64_C(1000000000) + real.tv_nsec - monotonic.tv_nsec;
}

static void add(struct watch *w, const char *text)
{
	output_add(&w->output, text, strlen(text));
}

static int on_event(const struct srcpin_event *event, void *data)
{
	struct watch *w = data;
	_cleanup_free_ char *text = NULL;
	struct failure f = { "" };
	struct event_text d;

	event_text_read(event, events_cgroup(w->events, event->cgroup_id), w->clock_offset, w->host_pids, &d);
	if (w->journal >= 0) {
		text = event_text_fields(&d);
		if (!journal_send(w->journal, text, &f))
			return 0;
		log_error("%s", f.text);
		w->status = EXIT_SYSTEM;
		return -1;
	}
	text = w->options->json ? event_text_json(&d) : event_text_line(&d);
	add(w, text);
	return output_is_full(&w->output) ? -1 : 0;
}

static void say_lost(struct watch *w)
{
	uint64_t lost = events_lost(w->events), n = lost - w->lost;
	char text[64];

	if (!n)
		return;
	w->lost = lost;
	if (w->options->json) {
		snprintf(text, sizeof(text), "{\"lost\":%" PRIu64 "}\n", n);
		add(w, text);
	} else {
		log_warning("%" PRIu64 " decision%s lost: they came faster than they were read", n, n == 1 ? "" : "s");
	}
}

/* 1: there is more to read than can be written now */
static int read_events(struct watch *w)
{
	int r;

	w->clock_offset = clock_offset();
	r = events_read(w->events, on_event, w);
	say_lost(w);
	return r != 0;
}

/* Says when there begins to be something to watch, and when there is nothing any more. */
static void say_services(const struct watch *w, size_t before, size_t now, bool first)
{
	if (now && (first || !before))
		log_info("watching %zu service%s", now, now == 1 ? "" : "s");
	else if (!now && (first || before) && w->options->cgroup)
		log_info("%s is not loaded: waiting until it is", w->options->cgroup);
	else if (!now && (first || before))
		log_info("nothing is loaded: waiting until something is");
}

static void watch(struct watch *w)
{
	size_t before = 0, now;
	struct failure f;
	int r = 1;

	for (bool first = true; r == 1 && w->status == EXIT_OK; first = false) {
		bool more = false;

		if (events_follow(w->events, &now, &f)) {
			log_error("%s", f.text);
			w->status = EXIT_SYSTEM;
			return;
		}
		say_services(w, before, now, first);
		before = now;
		if (!output_is_full(&w->output))
			more = read_events(w);
		r = output_wait(&w->output, events_fd(w->events), TURN, more);
	}
	if (!r) {
		read_events(w); /* decisions up to now */
		r = output_finish(&w->output);
	}
	if (r < 0) {
		log_error("cannot write to the standard output: %s", strerror(-r));
		w->status = EXIT_SYSTEM;
	}
}

static int open_watch(const struct options *o, struct watch *w)
{
	_cleanup_free_ char *name = NULL, *header = NULL;
	struct srcpin_filter filter;
	struct failure f = { "" };
	int status = read_filter(o, &filter), err;
	char why[PRIVILEGE_STRLEN];

	if (status)
		return status;
	if (!kernel_may_watch()) { /* asked now, as something may be loaded only much later */
		log_error("cannot watch: it is not permitted%s", privilege_missing(CAPABILITY(CAP_PERFMON), why));
		return EXIT_SYSTEM;
	}
	err = o->cgroup ? unit_cgroup_recorded(o->cgroup, &name, &f) : 0;
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	w->events = events_new(&filter, name);
	err = output_open(STDOUT_FILENO, &w->output, &f);
	if (!err && !o->json && log_is_journal(STDOUT_FILENO))
		err = journal_open(&w->journal, &f);
	if (err) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	if (!o->json && isatty(STDOUT_FILENO)) {
		header = event_text_header();
		add(w, header);
	}
	return EXIT_OK;
}

int cmd_watch(const struct options *o)
{
	struct watch w = { .options = o, .output = OUTPUT_NONE, .journal = -1, .host_pids = !pids_are_ours() };

	w.status = open_watch(o, &w);
	if (w.status == EXIT_OK)
		watch(&w);
	events_free(w.events);
	output_close(&w.output);
	cleanup_close(&w.journal);
	return w.status;
}
