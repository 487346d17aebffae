// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Three processes: the command, which is in the leaf from the first; this one,
 * which stands in for it (stand_in.h); and one that clears up, which may have
 * to outlive both (runs.h).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "base/inherited.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/stand_in.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/runs.h"
#include "host/cgroup.h"
#include "host/cgroup_procs.h"
#include "host/leaf.h"
#include "kernel/load.h"
#include "kernel/loaded.h"
#include "policy/compile.h"
#include "report/health.h"
#include "unit/unit_cgroup.h"

#define COMMAND_LINE "the command line" /* recorded in place of a file */

struct job {
	const struct options *o;
	char *command; /* to be shown */
	struct identity who;
	struct policies config;   /* of --section */
	struct policy policy;     /* of --source */
	const struct policy *own; /* one of both; NULL: the service's */
	char *from;               /* the file of the policy */
	struct cgroup place;      /* the service's cgroup, or where else the leaf goes */
	struct cgroup leaf;
	int goes_on;
};

static void job_end(struct job *j)
{
	free(j->command);
	identity_free(&j->who);
	policies_free(&j->config);
	policy_free(&j->policy);
	free(j->from);
	cgroup_close(&j->place);
	cgroup_close(&j->leaf);
	cleanup_close(&j->goes_on);
}

static bool takes_one_policy(const struct options *o)
{
	bool source = o->source || o->source4;

	if (!o->cgroup && !source && !o->section)
		log_error("run needs --cgroup NAME, --source ADDRESS or --section NAME");
	else if ((o->cgroup != NULL) + source + (o->section != NULL) > 1)
		log_error("run takes only one of --cgroup, --source and --section");
	else if (!o->section && strcmp(o->config, DEFAULT_CONFIG) != 0)
		log_error("run -c FILE needs --section NAME");
	else
		return true;
	return false;
}

/* The policy of a section that has just these keys */
static bool compile_sources(struct job *j)
{
	const struct options *o = j->o;
	struct diagnostics d = { 0 };
	struct config_value value[2];
	struct config_section s = { .name = (char *)"srcpin run", .line = 1, .col = 1, .value = value };

	for (unsigned int line = 1; line <= 2; line++) {
		const char *text = line == 1 ? o->source : o->source4;

		if (text)
			value[s.n_values++] = (struct config_value){
				.key = (char *)(line == 1 ? "source" : "source4"),
				.text = (char *)text,
				.line = line,
				.key_col = 1,
				.col = 1,
			};
	}
	policy_compile(&s, &j->policy, &d);
	for (size_t i = 0; i < d.n; i++)
		log_error("--%s: %s", d.item[i].line == 1 ? "source" : "source4", d.item[i].message);
	diagnostics_free(&d);
	j->own = &j->policy;
	j->from = xstrdup(COMMAND_LINE);
	return j->policy.n_entries;
}

static bool find_section(struct job *j)
{
	const struct options *o = j->o;

	if (command_read_config(o->config, &j->config))
		return false;
	j->own = policies_find(&j->config, o->section);
	if (j->own && j->own->n_entries) {
		j->from = command_absolute_path(o->config);
		return true;
	}
	log_error("cannot run %s: %s has no section for %s (add [%s])", j->command, o->config, o->section, o->section);
	return false;
}

/* What is pinned to a source that is not there would be refused, unless others of its list are. */
static bool source_is_there(const struct job *j, const struct health_source *s)
{
	const char *text = s->text;

	if (s->known && (s->state.usable || s->spared))
		return true;
	if (s->known && s->rule->missing == SRCPIN_MISSING_PASS) {
		log_warning("source %s is %s: what is pinned to it leaves unpinned, as missing = pass says", text,
			    s->state.why);
		return true;
	}
	log_error("cannot run %s: source %s is %s: what is pinned to it would be refused", j->command, text,
		  s->known ? s->state.why : "not known to be usable");
	return false;
}

static bool sources_are_there(const struct job *j)
{
	_cleanup_(networks_free) struct networks here = { 0 };
	_cleanup_(health_free) struct health h = { 0 };
	bool all = true;

	networks_find(0, &here);
	health_examine_sources(j->own, &here, &h);
	for (size_t i = 0; i < h.n_sources && all && !j->own->observe; i++)
		all = source_is_there(j, &h.source[i]);
	health_examine_left(j->own, &here, &h);
	for (size_t i = 0; i < h.n_left && all; i++)
		if (!h.left[i].meant && *h.left[i].from)
			log_warning("%s is not pinned, and leaves from %s", h.left[i].family, h.left[i].from);
	return all;
}

/* ---- with a policy of its own */

static int prepare_own(struct job *j)
{
	struct failure f = { "" };

	if (!(j->o->section ? find_section(j) : compile_sources(j)) || !sources_are_there(j))
		return EXIT_NOT_RUN;
	if (!leaf_find_place(&j->place, &f))
		return EXIT_OK;
	log_error("%s", f.text);
	return EXIT_NOT_RUN;
}

/* ---- as a service */

static bool is_slice(const char *name, size_t n)
{
	const size_t suffix = strlen(".slice");

	return n > suffix && strncmp(name + n - suffix, ".slice", suffix) == 0;
}

/* Only systemd names what is directly in a slice of slices: so it is the unit of this name. */
static bool is_units(const char *path)
{
	const char *end;

	for (path++; (end = strchr(path, '/')); path = end + 1)
		if (!is_slice(path, (size_t)(end - path)))
			return false;
	return true;
}

/* To ask systemd takes longer than all the rest. What is pinned has a path already. */
static char *find_path(const char *name)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	struct failure ignored = { "" };

	if (strchr(name, '/') || loaded_read(name, &l, &ignored) || l.n != 1 || l.item->gone ||
	    !is_units(l.item->cgroup))
		return xstrdup(name);
	return xstrdup(l.item->cgroup);
}

static int prepare_service(struct job *j)
{
	_cleanup_free_ char *path = find_path(j->o->cgroup);
	struct failure f = { "" };

	if (!unit_cgroup_resolve(path, &j->place, &f))
		return EXIT_OK;
	log_error("%s", f.text);
	return EXIT_NOT_RUN;
}

/* ---- for both */

/* The leaf and its policy. From the first on, another process clears them after the command. */
static int make_leaf(struct job *j, struct failure *f)
{
	int err = leaf_make(&j->place, &j->leaf, f);

	if (!err)
		err = runs_look_after(&j->leaf, &j->goes_on, f);
	if (!err && j->own)
		err = load_policy(&j->leaf, j->from, j->own, false, f);
	return err;
}

/* Says what decides for this process, which is in the leaf already: it may have been unloaded meanwhile. */
static int check_force(const struct job *j, struct failure *f)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	_cleanup_(health_free) struct health h = { 0 };
	const struct cgroup *of = j->own ? &j->leaf : &j->place;
	const struct loaded *decides;
	int err = loaded_read(of->path, &l, f);

	decides = err ? NULL : loaded_deciding(&l, j->leaf.path);
	if (!err && (!decides || decides->policy.observe)) { /* then one further up */
		loaded_list_free(&l);
		err = loaded_read(NULL, &l, f);
		decides = err ? NULL : loaded_deciding(&l, j->leaf.path);
	}
	if (err)
		return err;
	if (!decides) {
		_cleanup_free_ char *word = quote_word(j->place.path);

		return fail(f, -ENOENT, "cannot run %s: nothing is in force for cgroup %s (srcpin load --cgroup %s)",
			    j->command, j->place.path, word);
	}
	health_examine_hooks(decides, &h);
	if (h.n_problems)
		return fail(f, -ENOENT, "cannot run %s: %s", j->command, h.problem[0]);
	if (decides->policy.observe)
		log_warning("mode = observe changes nothing: %s is not pinned", j->command);
	return 0;
}

/* As the service's processes are; and as its policy's source is to be there. */
static int enter_network(const struct job *j, struct failure *f)
{
	_cleanup_close_ int network = -1;

	if (j->own)
		return 0;
	if (cgroup_open_other_network(j->place.id, &network))
		return fail(f, -EPERM,
			    "cannot run %s: the processes of cgroup %s are in a network namespace that a user has "
			    "made, where any address can be (run it from inside of it)",
			    j->command, j->place.path);
	if (network >= 0 && setns(network, CLONE_NEWNET))
		return fail(f, -errno, "cannot enter the network namespace of cgroup %s: %s", j->place.path,
			    strerror(errno));
	return 0;
}

/* In the child, which has the last rights to give up */
static int become(const struct job *j, pid_t parent, const sigset_t *mask)
{
	char **argv = j->o->word + 1;
	struct failure f = { "" };
	int err = enter_network(j, &f);

	if (!err)
		err = check_force(j, &f);
	if (!err)
		err = identity_take(&j->who, &f);
	if (err) {
		log_error("%s", f.text);
		return EXIT_NOT_RUN;
	}
	/* after the change of the user, which would undo it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		return EXIT_NOT_RUN;
	inherited_restore();
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	err = errno;
	log_error("cannot run %s: %s", j->command, strerror(err));
	return err == ENOENT ? EXIT_NOT_FOUND : EXIT_NO_PROGRAM;
}

static int run(struct job *j)
{
	struct failure f = { "" };
	int status = j->o->cgroup ? prepare_service(j) : prepare_own(j);
	pid_t parent = getpid(), child = -1;
	sigset_t mask;

	if (status)
		return status;
	if (!make_leaf(j, &f)) {
		stand_in_begin(&mask);
		child = leaf_fork(&j->leaf, &f);
	}
	if (child > 0)
		stand_in(child);
	if (!child)
		return become(j, parent, &mask);
	log_error("%s", f.text);
	return EXIT_NOT_RUN;
}

int cmd_run(const struct options *o)
{
	_cleanup_(job_end) struct job j = {
		.o = o,
		.command = text_clean_copy(o->word[1]),
		.place = CGROUP_NONE,
		.leaf = CGROUP_NONE,
		.goes_on = -1,
	};
	struct failure f = { "" };

	if (!takes_one_policy(o))
		return EXIT_NOT_RUN;
	/* before the command's cgroup: the user database may be in the network */
	if (!identity_find(o->user, &j.who, &f))
		return run(&j);
	log_error("%s", f.text);
	return EXIT_NOT_RUN;
}
