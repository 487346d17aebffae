/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One description of the state of all services, and the formats that show it. */
#ifndef SRCPIN_REPORT_H
#define SRCPIN_REPORT_H

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "kernel/loaded.h"
#include "kernel/unheld.h"
#include "policy/policy.h"
#include "report/health.h"

struct report_counts {
	uint64_t verdict[SRCPIN_N_VERDICTS];
	uint64_t reason[SRCPIN_N_REASONS];
};

/* A call that was refused, or a packet that was dropped */
struct report_refusal {
	struct timespec when; /* by the clock on the wall; 0: there was none */
	const char *process;  /* its name, or "" where the kernel does not tell */
	uint32_t pid;         /* 0: the kernel does not tell */
	bool host_pid;        /* pid is the host's, and means nothing here: see pids.h */
	const char *hook;     /* "connect", "bind", "sendmsg", "packet" */
	char dest[INET6_ADDRSTRLEN];
	uint16_t port; /* 0: none */
	enum srcpin_reason reason;
	const char *program; /* that the remedy is for; NULL: it is not known */
	char *remedy;
};

/* The text is fit to be shown: see text.h. */
struct report_service {
	const struct loaded *loaded;
	const struct health *health;
	char *cgroup;
	const char *name; /* the last component of cgroup */
	char *config;
	char **problem; /* as many as health has */
	struct report_counts enforced, observed;
	uint64_t observed_calls;
	struct report_refusal last;
	const char *version[N_HOOKS]; /* the versions of srcpin whose programs are attached, each once */
	size_t n_versions;            /* one, unless a load by another version was killed; 0: not known */
	bool other_version;           /* some are not of this srcpin's version */
};

/* A mail server that runs, has a section, and is not pinned. The text is fit to be shown. */
struct not_pinned {
	char *cgroup;
	const char *name; /* the last component of cgroup */
	char *program;
	long pid;
	char *problem;
};

struct not_pinned_list {
	struct not_pinned *item;
	size_t n;
};

struct report {
	struct report_service *service; /* in the order of the list */
	size_t n;
	struct unheld unheld;              /* only looked for if there is no service; the caller's */
	struct not_pinned_list not_pinned; /* the caller's */
};

void report_sum_up(const struct srcpin_reasons *reasons, struct report_counts *ret);

/* HEALTH has one item for each service in L; both must outlive RET. Aborts if memory is out. */
void report_make(const struct loaded_list *l, const struct health *health, struct report *ret);
void report_free(struct report *r);

/*
 * The formats. Return 0, or -EIO if OUT cannot be written. The table has a
 * line for each service, and below it what needs attention. The details are
 * all that is known about each.
 */
int report_table(const struct report *r, bool colour, FILE *out);
int report_details(const struct report *r, bool colour, FILE *out);
int report_json(const struct report *r, FILE *out);
int report_prometheus(const struct report *r, FILE *out);

/*
 * "pinned 3, exempt 0, denied 1, passed 9, dropped 0"; if there are observed
 * calls, "observed" with them; and a newline
 */
void report_totals(const struct srcpin_counters *c, FILE *out);

/* Mode, guard and late, and the rules of a policy, one a line: what a load would put in force. */
int report_policy(const struct policy *p, FILE *out);

/* "in-force": for programs; report_lines.h has the words for people */
const char *report_state_name(enum health_state state);

#endif
