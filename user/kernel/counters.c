// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "kernel/bpffs.h"
#include "kernel/counters.h"

/* A set for each CPU, zero; to be freed. */
static int make_set(struct srcpin_counters **ret, int *n, struct failure *f)
{
	*n = libbpf_num_possible_cpus();
	if (*n < 0)
		return fail(f, *n, "cannot count the CPUs: %s", strerror(-*n));
	*ret = calloc((size_t)*n, sizeof(**ret));
	return *ret ? 0 : fail(f, -ENOMEM, "cannot read what is loaded: out of memory");
}

/* Skips a refusal that is half written, or mixed with another one. */
static void take_last(const struct srcpin_refusal *of_cpu, struct srcpin_refusal *last)
{
	if (of_cpu->seal != of_cpu->when || of_cpu->when <= last->when)
		return;
	*last = *of_cpu;
	last->comm[sizeof(last->comm) - 1] = '\0';
	text_clean(last->comm);
}

int counters_read(const struct objects *o, uint64_t id, struct srcpin_counters *ret, struct failure *f)
{
	_cleanup_free_ struct srcpin_counters *cpu = NULL;
	int n, err = make_set(&cpu, &n, f);

	*ret = (struct srcpin_counters){ 0 };
	if (err)
		return err;
	if (bpf_map_lookup_elem(o->map[MAP_COUNTS], &id, cpu))
		return errno == ENOENT
			       ? 0
			       : fail(f, -errno, "cannot read the counters of the cgroup with the id %" PRIu64 ": %s",
				      id, strerror(errno));
	for (int i = 0; i < n; i++) {
		for (int r = 0; r < 2 * SRCPIN_N_REASONS; r++)
			((__u64 *)ret)[r] += ((const __u64 *)&cpu[i])[r];
		take_last(&cpu[i].last, &ret->last);
	}
	return 0;
}

int counters_zero(const struct objects *o, uint64_t id, struct srcpin_counters *was, struct failure *f)
{
	_cleanup_free_ struct srcpin_counters *cpu = NULL;
	int n, err = make_set(&cpu, &n, f);

	if (!err && was)
		err = counters_read(o, id, was, f);
	if (err)
		return err;
	if (bpf_map_update_elem(o->map[MAP_COUNTS], &id, cpu, BPF_EXIST) && errno != ENOENT)
		return fail(f, -errno, "cannot reset the counters of the cgroup with the id %" PRIu64 ": %s", id,
			    strerror(errno));
	return 0;
}

int counters_reset(uint64_t id, struct srcpin_counters *was, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	int err;

	objects_init(&o);
	err = bpffs_lock(&lock, f);
	if (!err)
		err = objects_open_held(&o, f);
	return err ? err : counters_zero(&o, id, was, f);
}
