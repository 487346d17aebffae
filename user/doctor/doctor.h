/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What srcpin doctor found, as a list of checks. A finding asks the user to do
 * something. What cannot be known is unknown, never a finding. Without memory
 * the process aborts.
 */
#ifndef SRCPIN_DOCTOR_H
#define SRCPIN_DOCTOR_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"
#include "host/below.h"
#include "host/network.h"
#include "kernel/loaded.h"
#include "policy/policies.h"
#include "report/health.h"

enum check_level {
	CHECK_OK,
	CHECK_NOTE, /* good to know; nothing to do, or perhaps what its remedy says */
	CHECK_UNKNOWN,
	CHECK_FINDING,
	N_CHECK_LEVELS,
};

/* The checks of the pin and those of mail (mail.h), and their names. */
#define PIN_CHECKS(X)                                                                                                \
	X(KERNEL, kernel), X(ERRNO, errno), X(BTF, btf), X(CGROUP2, cgroup2), X(BPFFS, bpffs), X(CONFIG, config),    \
		X(LOADED, loaded), X(CGROUP, cgroup), X(HOOKS, hooks), X(NETWORK, network), X(OLDER, older),         \
		X(ADDRESS, address), X(LIFETIME, lifetime), X(DEPRECATED, deprecated), X(ROUTE, route),              \
		X(ROUTER, router), X(WITHOUT, without), X(FAMILY, family), X(REFUSED, refused), X(PROGRAM, program), \
		X(NAT, nat)
#define MAIL_CHECKS(X)                                                                                        \
	X(MAIL, mail), X(POSTFIX, postfix), X(EXIM, exim), X(OPENSMTPD, opensmtpd), X(DNS, dns), X(PTR, ptr), \
		X(FCRDNS, fcrdns), X(HELO, helo), X(SPF, spf), X(DNSBL, dnsbl)

#define CHECK_ID(id, name) CHECK_##id
enum check_id { PIN_CHECKS(CHECK_ID), MAIL_CHECKS(CHECK_ID) };

struct check {
	enum check_id id;
	enum check_level level;
	char *service; /* NULL: it is about the host */
	char *source;  /* the address; NULL: it is about no single one */
	char *seen;
	char *why, *remedy; /* of a finding, and of some notes; else NULL */
	bool once;          /* left out where it was said already */
};

struct doctor {
	struct check *check; /* the oldest first */
	size_t n;
	const char *service, *source; /* of the checks that come next */
	char table[12];               /* the routing table that the source's remedies name; "": none yet */
	long process;                 /* in whose network namespace remedies are to be run; 0: in the caller's */
};

void doctor_ok(struct doctor *d, enum check_id id, const char *seen, ...) __attribute__((format(printf, 3, 4)));
void doctor_note(struct doctor *d, enum check_id id, const char *seen, ...) __attribute__((format(printf, 3, 4)));
void doctor_unknown(struct doctor *d, enum check_id id, const char *seen, ...) __attribute__((format(printf, 3, 4)));
void doctor_finding(struct doctor *d, enum check_id id, const char *seen, ...) __attribute__((format(printf, 3, 4)));

/* doctor_move() leaves it out if it was said already of another source, or of another service. */
void doctor_note_once(struct doctor *d, enum check_id id, const char *seen, ...) __attribute__((format(printf, 3, 4)));

/* For the last finding, or a note: why it matters, and what to do. */
void doctor_advise(struct doctor *d, const char *why, const char *remedy, ...) __attribute__((format(printf, 3, 4)));

/* Appends the checks of FROM to TO, but for what is said only once. FROM is empty then. */
void doctor_move(struct doctor *to, struct doctor *from);

size_t doctor_count(const struct doctor *d, enum check_level level);
void doctor_free(struct doctor *d);

/* The verdict and the checks as a table, or as one JSON document. 0, or -EIO if OUT cannot be written. */
int doctor_table(const struct doctor *d, FILE *out);
int doctor_json(const struct doctor *d, FILE *out);

/* A service that is loaded, or runs and has a section, or only has a section. */
struct patient {
	char *name;                      /* the last component of its cgroup's path, or the name of its section */
	char *cgroup;                    /* its path; NULL: nothing runs, and nothing is loaded */
	uint64_t cgroup_id;              /* 0: it has none, or it is gone */
	const struct loaded *loaded;     /* or NULL */
	const struct policy *configured; /* from its section, if it is not loaded; the caller's */
};

struct patients {
	struct patient *item;
	size_t n;
};

/*
 * First all that is loaded, then what runs and has a section in C, then the
 * other sections. NAME: only this cgroup, by its path or its last component.
 */
int patients_find(const struct loaded_list *l, const struct policies *c, const char *name, struct patients *ret,
		  struct failure *f);
void patients_free(struct patients *p);

/* The policy in force, or else the one from its section. NULL: there is none. */
const struct policy *patient_policy(const struct patient *p);

/* The groups of checks. None of them sends anything. False: nothing can be loaded on this host. */
bool doctor_examine_host(struct doctor *d);
void doctor_examine_service(struct doctor *d, const struct patient *p, const struct cgroup_ids *pinned);

/* Programs of srcpin are attached to CGROUP, and not held in bpffs. */
void doctor_find_unheld(struct doctor *d, const char *cgroup);

/*
 * What was refused to which programs, and what will be to those that run.
 * PINNED: the cgroups that have a policy. Part of doctor_examine_service().
 */
void doctor_examine_refused(struct doctor *d, const struct loaded *l, const struct cgroup_ids *pinned);

/* Where its processes are, if not in the caller's network namespace, and what they lack there. L may be NULL. */
void doctor_examine_networks(struct doctor *d, const struct networks *n, const struct loaded *l,
			     const struct health *h);

/* Tunnels that the kernel sends for, in the network namespaces of the service's processes. */
void doctor_examine_tunnels(struct doctor *d, const struct patient *p, const struct networks *n);

/* The users whose programs send mail: a rule of routing may go by them (ip rule, uidrange). */
struct doctor_users {
	uint32_t uid[4]; /* of the processes of the service; root only if there is no other */
	size_t n;        /* at least one; there may be more than are listed */
};

/* CGROUP: the id of the service's; 0: it has none. */
void doctor_find_users(uint64_t cgroup, struct doctor_users *ret);

/* SOURCE: one of the policy's; of a prefix, its first address. In the caller's network namespace. */
void doctor_examine_source(struct doctor *d, const struct policy *p, const struct health_source *source,
			   const struct doctor_users *users);

/* A way that the policy sends its source. */
struct nat_seen_way {
	struct prefix to;      /* the destinations: a whole family, or those of a `to` line */
	char device[IFNAMSIZ]; /* that the route to it leaves by */
	struct below below;    /* the devices by which that one sends */
	uint16_t ports[SRCPIN_MAX_PORTS];
	size_t n_ports;      /* 0: all of them */
	bool is_kernels_own; /* without a pin, the kernel would choose the same source */
};

/* What is seen of the NAT of a network namespace. To be cleaned up with nat_seen_free(). */
struct nat_seen {
	char *listing; /* of nat_list(); NULL: it is not known */
	struct nat_seen_way *way;
	size_t n_ways;            /* 0: there is no route from the source */
	char (*device)[IFNAMSIZ]; /* of the namespace, but for lo */
	size_t n_devices;
	char in[IFNAMSIZ]; /* that what it forwards from the source comes in by; "": the source is its own */
};

/* As root, in the network namespace that has the source: asks, but does not read. */
void doctor_ask_nat(struct doctor *d, const struct policy *p, const uint8_t source[16],
		    const struct doctor_users *users, struct nat_seen *ret);

/* The same in the caller's network namespace of a source that is in another one: does it forward for that one? */
void doctor_ask_nat_outside(struct doctor *d, const struct policy *p, const uint8_t source[16], struct nat_seen *ret);

/* With no rights: reads. OUTSIDE: what was asked outside of the source's network namespace; NULL: there is none. */
void doctor_examine_nat(struct doctor *d, const struct policy *p, const uint8_t source[16], const struct nat_seen *seen,
			const struct nat_seen *outside);
void nat_seen_free(struct nat_seen *seen);

/* The families that the policy leaves to the kernel. */
void doctor_examine_left(struct doctor *d, const struct health *h);

/* Of a source that is usable, as S says: by which device and router it leaves, and whether answers come back. */
void doctor_examine_route(struct doctor *d, const struct policy *p, const uint8_t source[16],
			  const struct address_state *s, const struct doctor_users *users);

/* An address of its family in the internet. */
const uint8_t *doctor_far_from(const uint8_t source[16]);

/*
 * An address of the prefix that is neither the network's own nor, if possible,
 * one of this host. The root server will do if it is in there.
 */
void doctor_choose_in(const struct prefix *p, uint8_t ret[16]);

/* Is it an address that the internet does not route? */
bool doctor_is_private(const uint8_t address[16]);

/* The address that the kernel would choose without srcpin; false: none, or the source itself. */
bool doctor_would_choose(const uint8_t source[16], uint8_t ret[16]);

#endif
