// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A service: is it pinned, where its daemons are, and as its config says? */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "doctor/doctor.h"
#include "host/cgroup.h"
#include "host/cgroup_procs.h"
#include "host/processes.h"
#include "host/stray.h"
#include "kernel/home.h"
#include "kernel/unheld.h"
#include "report/health.h"
#include "report/stray_remedy.h"
#include "unit/unit.h"
#include "unit/unit_main.h"
#include "unit/unit_start.h"

static void advise_unheld(struct doctor *d)
{
	doctor_advise(d, "it is pinned as before, but srcpin can neither show nor change nor end that",
		      "umount " BPFFS_MOUNT
		      ", if a bpffs was mounted over the one that holds them; or end each of them: "
		      "bpftool link detach id ID");
}

void doctor_find_unheld(struct doctor *d, const char *cgroup)
{
	doctor_finding(d, CHECK_LOADED, "programs of srcpin are attached to %s, and not held in " BPFFS_HOME, cgroup);
	advise_unheld(d);
}

static void examine_hooks(struct doctor *d, const struct loaded *l)
{
	static const char why[] = "what they would pin leaves from where the kernel chooses, or is refused";
	_cleanup_free_ char *cgroup = quote_word(l->cgroup), *config = quote_word(l->config);
	char names[128] = "", missing[128] = "";

	for (int i = 0; i < N_HOOKS; i++) {
		char *list = l->hook[i].attached ? names : missing;
		size_t n = strlen(list);

		if (l->hook[i].wanted)
			snprintf(list + n, sizeof(names) - n, " %s", l->hook[i].name + strlen("srcpin_"));
	}
	if (!l->has_policy)
		doctor_finding(d, CHECK_HOOKS, "there is no policy in force: all that it sends is refused");
	else if (*missing)
		doctor_finding(d, CHECK_HOOKS, "not attached:%s", missing);
	else if (l->overruled)
		doctor_finding(d, CHECK_HOOKS, "a pinned cgroup around it may decide for it");
	else
		doctor_ok(d, CHECK_HOOKS, "attached:%s", names);
	if (!l->has_policy || *missing || l->overruled)
		doctor_advise(d, why, "srcpin load --cgroup %s -c %s", cgroup, config);
	if (l->unheld) {
		doctor_finding(d, CHECK_HOOKS,
			       "programs of srcpin that are not held in " BPFFS_HOME " are attached to it, too");
		advise_unheld(d);
	}
}

static void examine_config(struct doctor *d, const struct loaded *l)
{
	static const char why[] = "it is pinned as an older config said";
	_cleanup_free_ char *cgroup = quote_word(l->cgroup), *config = quote_word(l->config);
	struct failure f = { "" };

	switch (health_compare_config(l, &f)) {
	case CONFIG_SAME:
		doctor_ok(d, CHECK_CONFIG, "%s, as it is in force", l->config);
		break;
	case CONFIG_OTHER:
		doctor_finding(d, CHECK_CONFIG, "%s is newer than what is in force, and says something else",
			       l->config);
		doctor_advise(d, why, "srcpin reload --cgroup %s", cgroup);
		break;
	case CONFIG_NO_SECTION:
		doctor_finding(d, CHECK_CONFIG, "%s has no section for it any more", l->config);
		doctor_advise(d, why, "add [%s], or srcpin unload --cgroup %s", cgroup_name(l->cgroup), cgroup);
		break;
	case CONFIG_ERRORS:
		doctor_finding(d, CHECK_CONFIG, "%s has errors", l->config);
		doctor_advise(d, "the next load fails, and with it the start of the service", "srcpin check -c %s",
			      config);
		break;
	case CONFIG_UNREADABLE:
		doctor_finding(d, CHECK_CONFIG, "what is in force cannot be compared with its config: %s", f.text);
		doctor_advise(d, "the next load fails, and with it the start of the service",
			      "put it back, or load from another file (-c)");
		break;
	}
}

/* Does the unit NAME only stand for others, like Debian 12's postfix.service, which runs /bin/true? */
static bool is_umbrella(const char *name, struct unit *ret)
{
	struct failure ignored = { "" };

	return unit_name_is_valid(name) && !unit_find(name, ret, &ignored) && ret->umbrella;
}

static void find_umbrella(struct doctor *d, const struct unit *u)
{
	_cleanup_free_ char *word = quote_word(u->is[UNIT_ID]);

	doctor_finding(d, CHECK_CGROUP, "%s has no process of its own: its daemons are in %s", u->umbrella,
		       u->is[UNIT_ID]);
	doctor_advise(d, "none of the daemons is pinned",
		      "a section [%s], then srcpin install --unit %s and restart it", u->is[UNIT_ID], word);
}

static void examine_cgroup(struct doctor *d, const struct loaded *l)
{
	_cleanup_free_ char *advice = NULL;
	_cleanup_close_ int fd = cgroup_open_id(l->cgroup_id);
	_cleanup_(unit_free) struct unit u = { 0 };

	if (!l->gone && fd >= 0 && cgroup_has_processes(fd)) {
		doctor_ok(d, CHECK_CGROUP, "%s, with processes in it", l->cgroup);
	} else if (!l->gone && unit_start_is_slice(l->cgroup)) {
		doctor_ok(d, CHECK_CGROUP, "%s, a slice that nothing runs in at present", l->cgroup);
	} else if (is_umbrella(cgroup_name(l->cgroup), &u)) {
		find_umbrella(d, &u);
	} else if (l->gone) {
		doctor_finding(d, CHECK_CGROUP, "%s has been removed since, and its pins with it", l->cgroup);
		advice = unit_start_advice(l->cgroup);
		doctor_advise(d, "a service's cgroup is made anew at each start, and the new one is not pinned", "%s%s",
			      advice, unit_start_installs(l->cgroup) ? ", and restart it" : "");
	} else {
		doctor_finding(d, CHECK_CGROUP, "no process is in %s or below it", l->cgroup);
		doctor_advise(d, "nothing is pinned: the service does not run, or runs in another cgroup",
			      "find its daemons with systemd-cgls, and pin that cgroup");
	}
}

static bool has_counted(const struct loaded *l)
{
	const struct srcpin_reasons *const of[] = { &l->counters.enforced, &l->counters.observed };
	uint64_t sum = 0;

	for (size_t k = 0; k < 2; k++)
		for (enum srcpin_reason i = 0; i < SRCPIN_N_REASONS; i++)
			sum += ((const __u64 *)of[k])[i];
	return sum;
}

/* Do its processes live where its pin is? */
static void examine_places(struct doctor *d, const struct loaded *l, const struct cgroup_ids *pinned)
{
	_cleanup_(processes_free) struct processes all = { 0 };
	struct stray_query q = { l->cgroup_id, l->cgroup, 0, pinned, &all };
	struct failure f = { "" };
	struct stray s;

	if (unit_main_pids(&q.path, 1, &q.main, &f))
		doctor_unknown(d, CHECK_CGROUP, "whether its main process is in there: %s", f.text);
	processes_list(&all);
	if (!stray_find(&q, &s)) {
		if (!has_counted(l))
			doctor_note(
				d, CHECK_CGROUP,
				"no call was counted so far, nor a packet: if it has sent something, then from another "
				"cgroup, as a container's client does, or what su starts");
		return;
	}
	doctor_finding(d, CHECK_CGROUP, "%s", s.why);
	doctor_advise(d, STRAY_HARM, "%s", stray_remedy(&s));
}

static void examine_older(struct doctor *d, const struct loaded *l, const struct cgroup_ids *pinned)
{
	_cleanup_(health_free) struct health h = { 0 };

	health_examine_older(l, pinned, &h);
	if (h.note) {
		doctor_unknown(d, CHECK_OLDER, "%s", h.note);
	} else if (h.older.tcp || h.older.udp) {
		_cleanup_free_ char *cgroup = quote_word(l->cgroup), *config = quote_word(l->config);

		doctor_finding(d, CHECK_OLDER, "%u TCP and %u UDP connections leave from other addresses", h.older.tcp,
			       h.older.udp);
		doctor_advise(d, "they are older than the load, and go on until they end; new mail may leave by them",
			      "srcpin load --cgroup %s -c %s --close-stale", cgroup, config);
	} else if (h.older.unknown) {
		doctor_note(d, CHECK_OLDER,
			    "%u connections leave from other addresses: they may be older than the load, or be as "
			    "bound = leave or missing = pass lets them; a restart of the service ends them",
			    h.older.unknown);
	} else if (h.older_known) {
		doctor_ok(d, CHECK_OLDER, "no connection leaves from another address");
	}
}

static void examine_mode(struct doctor *d, const struct loaded *l)
{
	_cleanup_free_ char *cgroup = quote_word(l->cgroup), *config = quote_word(l->config);

	if (l->idle) {
		doctor_finding(d, CHECK_LOADED, "no: a load or an unload of it is under way, or was killed");
		doctor_advise(d, "what it sends leaves from where the kernel chooses",
			      "srcpin load --cgroup %s -c %s, or srcpin unload --cgroup %s", cgroup, config, cgroup);
	} else if (!l->has_policy) { /* the cgroup is gone, and the kernel has removed the policy */
		doctor_note(d, CHECK_LOADED, "its policy is not there any more");
	} else if (l->policy.observe) {
		doctor_note(d, CHECK_LOADED, "with mode = observe: it is not pinned");
	} else if (!l->policy.guard) {
		doctor_note(d, CHECK_LOADED, "with guard = off: raw sockets and such leave from anywhere");
	} else {
		doctor_ok(d, CHECK_LOADED, "yes, with mode = enforce");
	}
}

/* A bpffs was mounted over the one that holds them, say. */
static bool is_unheld(const struct patient *p)
{
	_cleanup_close_ int fd = p->cgroup_id ? cgroup_open_id(p->cgroup_id) : -1;

	return fd >= 0 && unheld_stays_at(fd, p->cgroup_id);
}

static void examine_unloaded(struct doctor *d, const struct patient *p)
{
	_cleanup_(unit_free) struct unit u = { 0 };

	if (is_unheld(p)) {
		doctor_find_unheld(d, p->cgroup);
	} else if (p->cgroup) {
		_cleanup_free_ char *word = quote_word(p->cgroup), *advice = unit_start_advice(p->cgroup);

		doctor_finding(d, CHECK_LOADED, "%s runs, has a section, and is not pinned", p->cgroup);
		doctor_advise(d, "what it sends leaves from where the kernel chooses",
			      "srcpin load --cgroup %s; for each start: %s", word, advice);
	} else if (is_umbrella(p->name, &u)) {
		find_umbrella(d, &u);
	} else {
		doctor_note(d, CHECK_LOADED, "no service that runs is of this section");
	}
}

static void note_networks(struct doctor *d, const struct networks *n)
{
	long first = 0;

	for (size_t i = 0; i < n->n && !first; i++)
		first = n->item[i].fd < 0 ? 0 : n->item[i].pid;
	if (n->left_out)
		doctor_note(d, CHECK_NETWORK,
			    "process %ld is in a network namespace that a user has made, which is left out: what is "
			    "pinned there is refused unless it has the source",
			    n->left_out);
	if (first && n->n == 1)
		doctor_note(d, CHECK_NETWORK,
			    "its processes are in another network namespace than this command: process %ld is, and its "
			    "sources are looked for there",
			    first);
	else if (first)
		doctor_note(
			d, CHECK_NETWORK,
			"its processes are in %zu network namespaces (process %ld is not in this one): each has its "
			"own addresses",
			n->n, first);
}

/* Is it in this command's network namespace, as far as we know? */
static bool is_here(const struct networks *n, long pid)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->item[i].pid == pid)
			return n->item[i].fd < 0;
	return false;
}

static void find_mixed(struct doctor *d, const struct networks *n, const struct health_source *s, const char *seen)
{
	long process = s->lacking ? s->lacking : n->left_out;
	char text[INET6_ADDRSTRLEN];

	doctor_finding(d, CHECK_NETWORK, "%s", seen);
	d->process = is_here(n, process) ? 0 : process;
	doctor_advise(d, "mail from there is deferred",
		      "ip addr add %s/%s (srcpin status --reset forgets what was refused)",
		      address_print(s->address, text),
		      address_is_ipv4(s->address) ? "LENGTH dev DEVICE" : "64 dev DEVICE preferred_lft 0");
	d->process = 0;
}

void doctor_examine_networks(struct doctor *d, const struct networks *n, const struct loaded *l, const struct health *h)
{
	note_networks(d, n);
	for (size_t i = 0; i < h->n_sources; i++) {
		const struct health_source *s = &h->source[i];
		_cleanup_free_ char *mixed = l ? health_mixed(l, h, s) : NULL;
		char text[INET6_ADDRSTRLEN];

		if (mixed)
			find_mixed(d, n, s, mixed);
		else if (s->usable_in && s->lacking)
			doctor_note(
				d, CHECK_NETWORK,
				"source %s is not in the network namespace of process %ld: right only if nothing is "
				"sent from there",
				address_print(s->address, text), s->lacking);
	}
}

void doctor_examine_service(struct doctor *d, const struct patient *p, const struct cgroup_ids *pinned)
{
	const struct loaded *l = p->loaded;

	if (!l) {
		examine_unloaded(d, p);
		return;
	}
	examine_mode(d, l);
	examine_cgroup(d, l);
	if (l->gone || l->idle)
		return;
	examine_places(d, l, pinned);
	examine_hooks(d, l);
	if (l->has_policy)
		examine_config(d, l);
	examine_older(d, l, pinned);
	doctor_examine_refused(d, l, pinned);
}
