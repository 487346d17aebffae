/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What to say about a loaded service: is it in force, are its sources usable, what is wrong. */
#ifndef SRCPIN_HEALTH_H
#define SRCPIN_HEALTH_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>

#include "host/address.h"
#include "host/network.h"
#include "host/older.h"
#include "host/processes.h"
#include "kernel/loaded.h"

enum health_state {
	HEALTH_IN_FORCE,
	HEALTH_DEGRADED, /* something is wrong: see the problems */
	HEALTH_STALE,    /* its cgroup is gone, and all that was attached to it */
	HEALTH_IDLE,     /* a load or an unload is under way, or was killed: what is attached decides nothing */
};

struct health_source {
	uint8_t address[16]; /* of a prefix the first */
	struct prefix prefix;
	char text[PREFIX_STRLEN]; /* as in the config */
	struct address_state state;
	const char *key;                /* the config's key: "source", "source4", or "to" if it is only there */
	const struct srcpin_rule *rule; /* of the policy's, that names it */
	bool known;                     /* the kernel has said what state it is in */
	size_t network;                 /* the place among the network namespaces of the one that it was found in */
	size_t usable_in;               /* in how many of them */
	uint32_t since;                 /* as in struct address_state, of the last one that got it */
	long lacking;                   /* a process that is in one where it is not usable; 0: there is none */
	bool spared;                    /* it is not usable, but for each rule that names it another source is */
};

/* A family that the policy leaves to the kernel, but for longer prefixes. */
struct health_left {
	const char *family; /* "IPv4" */
	/* what the kernel would choose today, for mail or else, in each network namespace: "A or B"; "": no default
	 * route */
	char from[4 * INET6_ADDRSTRLEN];
	bool unknown; /* "", as a process is in a network namespace that a user has made */
	bool meant;   /* a line of the config says so */
};

struct health {
	enum health_state state;
	char **problem; /* a sentence each, without full stop */
	size_t n_problems;
	bool config_differs; /* the file differs from what is in force, has no such section, or cannot be read */
	struct health_source *source;
	size_t n_sources;
	size_t n_networks;    /* the network namespaces of the service's processes; 0: they were not looked at */
	bool other_network;   /* it is one, and not the caller's */
	long network_process; /* one that is in another namespace than the caller's; 0: there is none */
	long users_process;   /* one that is in a namespace which a user has made, and which was left out; 0: none */
	struct health_left left[2];
	size_t n_left;
	bool older_known;
	struct older_counts older; /* connections */
	char *note;                /* on what could not be found out, but is no problem; or NULL */
};

/* The config file today, compared to what is in force. A command of "srcpin run" keeps the policy that it began with.
 */
enum health_config {
	CONFIG_SAME,
	CONFIG_OTHER,
	CONFIG_NO_SECTION,
	CONFIG_ERRORS,
	CONFIG_UNREADABLE, /* with the sentence in F */
};

enum health_config health_compare_config(const struct loaded *l, struct failure *f);

/*
 * Examines only the sources of a policy, and the problems with them, in the
 * network namespaces N, and adds them to RET. A source is usable if it is in
 * one of them.
 */
void health_examine_sources(const struct policy *p, const struct networks *n, struct health *ret);

/* The same, in those of the processes of the cgroup with this id; 0: in the caller's. */
void health_examine_sources_of(const struct policy *p, uint64_t cgroup, struct health *ret);

/* Adds the families that a policy leaves to the kernel, and asks from where they leave; in each of N. */
void health_examine_left(const struct policy *p, const struct networks *n, struct health *h);

/* Adds what is wrong: a sentence, and how bad it is. */
void health_add_problem(struct health *h, enum health_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds what could not be found out: a sentence. */
void health_add_note(struct health *h, const char *text);

/* Reads the config file again and asks the kernel for the sources. Aborts if memory is out. */
void health_examine(const struct loaded *l, struct health *ret);

/*
 * Adds whether the service's processes live where its pin is, after
 * health_examine(). MAIN: the unit's main process, or 0. PINNED: the cgroups
 * that have a policy.
 */
void health_examine_places(const struct loaded *l, long main, const struct cgroup_ids *pinned,
			   const struct processes *all, struct health *h);

/* Adds whether all of it is in force, and nothing else. */
void health_examine_hooks(const struct loaded *l, struct health *h);

/*
 * Examines only whether all of it is in force, and what the config file says.
 * Not its sources, nor who is in the cgroup.
 */
void health_examine_force(const struct loaded *l, struct health *ret);

/*
 * Adds the older connections, after health_examine(). PINNED: the cgroups that
 * have a policy. Does not look for those of a service that is gone, has no
 * policy, or only observes.
 */
void health_examine_older(const struct loaded *l, const struct cgroup_ids *pinned, struct health *h);

/* The rule of what was refused, as the policy is now. NULL: it has no source. */
const struct srcpin_rule *health_wanted_rule(const struct policy *p, const struct srcpin_refusal *last);

/*
 * Was the last refusal for the missing source S, while it was usable in all
 * network namespaces that have it today? Then it was in another one. So what
 * was refused before does not count, nor does a process that asks for nothing,
 * like a container's monitor.
 */
bool health_refused_elsewhere(const struct loaded *l, const struct health_source *s);

/*
 * A sentence, to be freed, if S is usable in some network namespaces of the
 * service's processes, and something was refused in others. NULL: it is not so.
 */
char *health_mixed(const struct loaded *l, const struct health *h, const struct health_source *s);

void health_free(struct health *h);

#endif
