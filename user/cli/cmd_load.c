// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/put.h"
#include "cli/runs.h"
#include "host/cgroup.h"
#include "kernel/features.h"
#include "kernel/offsets.h"
#include "report/report.h"
#include "unit/unit_cgroup.h"

/* Says what the kernel lacks that came after Linux 5.10, if users can notice it. */
static void say_what_the_kernel_lacks(void)
{
	struct failure ignored = { "" };
	struct srcpin_layout layout;

	if (kernel_has_set_retval() == 0)
		log_info("this kernel has no bpf_set_retval (Linux 5.18): what a hook refuses fails with EPERM, never "
			 "with EADDRNOTAVAIL or EAFNOSUPPORT");
	if (!kernel_has_process())
		log_info("this kernel does not tell the guard which process runs (Linux 6.18 does, 6.12 does not): of "
			 "what it drops, none is shown");
	if (!layout_read(&layout, &ignored) && !kernel_has_icmp_send(layout.icmp_send))
		log_info("this kernel has no bpf_icmp_send (Linux 7.3): a TCP connect whose packets the guard drops "
			 "ends with ETIMEDOUT after two minutes, not with EACCES or EHOSTUNREACH after a second");
}

static int load(const struct policies *all, const struct options *o, const struct cgroup *cgroup)
{
	const char *name = cgroup_name(cgroup->path);
	const struct policy *p = policies_find(all, name);
	_cleanup_free_ char *config = NULL;
	const struct put_options how = { .close_stale = o->close_stale, .wait = o->wait };

	if (!p) {
		log_error("cannot load %s: %s has no section for it (add [%s])", name, o->config, name);
		return EXIT_USAGE;
	}
	if (o->dry_run)
		return report_policy(p, stdout) ? command_end_output() : EXIT_OK;
	if (o->verbose)
		say_what_the_kernel_lacks();
	config = command_absolute_path(o->config);
	return put_in_force(cgroup, config, p, &how);
}

int cmd_load(const struct options *o)
{
	_cleanup_(cgroup_close) struct cgroup cgroup = CGROUP_NONE;
	_cleanup_(policies_free) struct policies all = { 0 };
	struct failure f = { "" };
	int status, err;

	if (!o->cgroup) {
		log_error("load needs --cgroup NAME");
		return EXIT_USAGE;
	}
	status = command_read_config(o->config, &all);
	if (status)
		return status;
	runs_clear();
	err = unit_cgroup_resolve(o->cgroup, &cgroup, &f);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	return load(&all, o, &cgroup);
}
