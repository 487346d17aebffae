// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/wait.h"
#include "host/address_watch.h"
#include "kernel/loaded.h"
#include "report/health.h"

struct wait {
	const struct cgroup *cgroup;
	const char *shown;
	unsigned int seconds;
	bool late_fails, observe;
	int64_t begin; /* milliseconds */
	int addresses, signals;
	sigset_t before;   /* which signals were blocked */
	struct health now; /* the sources only */
};

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool was_duplicate(const struct health *h, const uint8_t address[16])
{
	for (size_t i = 0; i < h->n_sources; i++)
		if (!memcmp(h->source[i].address, address, sizeof(h->source[i].address)))
			return h->source[i].state.duplicate;
	return false;
}

/* Only an administrator can end this, so it is said at once. */
static void warn_of_duplicates(const struct wait *w, const struct health *before)
{
	for (size_t i = 0; i < w->now.n_sources; i++) {
		const struct health_source *s = &w->now.source[i];

		if (s->state.duplicate && !was_duplicate(before, s->address))
			log_warning("%s: source %s is %s", w->shown, s->text, s->state.why);
	}
}

static void look(struct wait *w, const struct policy *p)
{
	struct health before = w->now;

	w->now = (struct health){ 0 };
	health_examine_sources_of(p, w->cgroup->id, &w->now);
	warn_of_duplicates(w, &before);
	health_free(&before);
}

/* Looks at what is in force now: it may have been reloaded or unloaded. */
static int look_again(struct wait *w, struct failure *f)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	int err = loaded_read(w->cgroup->path, &l, f);
	const struct loaded *mine = NULL;

	for (size_t i = 0; i < l.n; i++)
		if (l.item[i].cgroup_id == w->cgroup->id)
			mine = &l.item[i];
	if (err)
		return err;
	/* Linux 5.10 still finds a removed cgroup while somebody has it open, as we do */
	if (!mine || mine->gone || !mine->has_policy)
		return fail(f, -ESTALE, "%s: it was unloaded, or its cgroup removed, while it waited for its sources",
			    w->shown);
	look(w, &mine->policy);
	w->observe = mine->policy.observe;
	return 0;
}

/* If it only observes, nothing is refused meanwhile. */
static bool goes_on(const struct wait *w)
{
	return w->now.n_problems && !w->observe;
}

static void say_waiting(const struct wait *w)
{
	for (size_t i = 0; i < w->now.n_sources; i++)
		if (!w->now.source[i].state.usable && !w->now.source[i].spared)
			printf("%s: waiting up to %u s for source %s, which is %s\n", w->shown, w->seconds,
			       w->now.source[i].text, w->now.source[i].state.why);
	command_end_output(); /* it prints an error itself; the wait matters more */
}

/* Ends the way that the sender of the signal expects. */
static void die_of_signal(struct wait *w)
{
	struct signalfd_siginfo info;

	if (read(w->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	log_error("%s: no longer waiting for its sources: %s; the policy is in force all the same", w->shown,
		  strsignal((int)info.ssi_signo));
	signal((int)info.ssi_signo, SIG_DFL);
	sigprocmask(SIG_SETMASK, &w->before, NULL);
	raise((int)info.ssi_signo);
}

/* Sleeps until something may have changed: an address or, within a second, what is loaded. */
static void sleep_on(struct wait *w, int64_t left)
{
	struct pollfd fds[] = { { .fd = w->addresses, .events = POLLIN }, { .fd = w->signals, .events = POLLIN } };

	poll(fds, 2, left < 1000 ? (int)left : 1000);
	address_watch_drain(w->addresses);
	if (fds[1].revents)
		die_of_signal(w);
}

static int give_up(const struct wait *w)
{
	for (size_t i = 0; i < w->now.n_problems; i++) {
		if (w->late_fails)
			log_error("%s: waited %u s in vain: %s; late = fail, so the load has failed, with the policy "
				  "in force",
				  w->shown, w->seconds, w->now.problem[i]);
		else
			log_warning("%s: waited %u s in vain: %s", w->shown, w->seconds, w->now.problem[i]);
	}
	return w->late_fails ? EXIT_SYSTEM : EXIT_OK;
}

/* Blocks the signals, so that they end no system call. From here on we are told of them. */
static void catch_signals(struct wait *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &w->before);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signals < 0)
		sigprocmask(SIG_SETMASK, &w->before, NULL);
}

static int wait_until_usable(struct wait *w)
{
	const int64_t end = w->begin + (int64_t)w->seconds * 1000;
	struct failure f = { "" };
	int64_t now = w->begin;

	if (now < end) {
		say_waiting(w);
		catch_signals(w);
	}
	while (goes_on(w) && now < end) {
		sleep_on(w, end - now);
		if (look_again(w, &f)) {
			log_error("%s", f.text);
			return EXIT_SYSTEM;
		}
		now = milliseconds();
	}
	if (goes_on(w))
		return give_up(w);
	if (w->observe)
		printf("%s: no longer waiting, as the policy only observes by now\n", w->shown);
	else
		printf("%s: all sources are usable after %.1f s\n", w->shown, (double)(now - w->begin) / 1000);
	command_end_output(); /* it prints an error itself */
	return EXIT_OK;
}

int wait_for_sources(const struct cgroup *cgroup, const struct policy *p, unsigned int seconds, const char *shown)
{
	struct wait w = {
		.cgroup = cgroup,
		.shown = shown,
		.seconds = seconds,
		.late_fails = p->late_fails,
		.observe = p->observe,
		.begin = milliseconds(),
		.addresses = -1,
		.signals = -1,
	};
	struct failure f = { "" };
	int status = EXIT_OK;

	if (address_watch_open(&w.addresses, &f)) {
		log_error("%s; the policy of %s is in force all the same", f.text, shown);
		return EXIT_SYSTEM;
	}
	look(&w, p);
	if (goes_on(&w))
		status = wait_until_usable(&w);
	health_free(&w.now);
	cleanup_close(&w.signals);
	cleanup_close(&w.addresses);
	return status;
}
