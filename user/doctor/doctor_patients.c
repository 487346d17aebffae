// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which services the doctor examines. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "doctor/doctor.h"
#include "host/cgroup.h"
#include "host/cgroup_owner.h"
#include "host/cgroup_procs.h"
#include "host/leaf.h"
#include "unit/unit_cgroup.h"

static struct patient *add(struct patients *p, const char *name, const char *cgroup)
{
	ADD_ELEMENT(p->item, p->n, (struct patient){ .name = xstrdup(name), .cgroup = xstrdup(cgroup) });
	return &p->item[p->n - 1];
}

static bool has_cgroup(const struct patients *p, const char *cgroup)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i].cgroup && !strcmp(p->item[i].cgroup, cgroup))
			return true;
	return false;
}

static void add_if_occupied(struct patients *p, const struct policies *c, int fd, const char *cgroup)
{
	const struct policy *policy = policies_find(c, cgroup_name(cgroup));
	struct patient *new;

	if (!policy || has_cgroup(p, cgroup) || !cgroup_has_processes(fd))
		return;
	new = add(p, cgroup_name(cgroup), cgroup);
	new->configured = policy;
	if (cgroup_read_id(fd, &new->cgroup_id))
		new->cgroup_id = 0;
}

/* A cgroup below a service that was found belongs to that service. A cgroup that another user named is no service. */
static int add_running(struct patients *p, const struct policies *c, struct failure *f)
{
	char mount[PATH_MAX], *const roots[] = { mount, NULL };
	int err = cgroup_mount_point(mount, f);
	FTSENT *e;
	FTS *tree;

	if (err)
		return err;
	tree = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT | FTS_NOCHDIR | FTS_XDEV, NULL);
	if (!tree)
		return fail(f, -errno, "cannot list the cgroups below %s: %s", mount, strerror(errno));
	while ((e = fts_read(tree))) {
		_cleanup_close_ int fd = -1;
		char ignored[64];

		if (e->fts_info != FTS_D || e->fts_level == 0)
			continue;
		fd = open(e->fts_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && cgroup_is_roots(fd, ignored)) {
			add_if_occupied(p, c, fd, e->fts_path + strlen(mount));
			if (!cgroup_is_delegated(fd, ignored) && !has_cgroup(p, e->fts_path + strlen(mount)))
				continue;
		}
		fts_set(tree, e, FTS_SKIP);
	}
	fts_close(tree);
	return 0;
}

static void add_left_sections(struct patients *p, const struct policies *c)
{
	size_t n = p->n;

	for (size_t i = 0; i < c->config.n_sections; i++) {
		const struct config_section *s = &c->config.section[i];
		size_t k = 0;

		while (k < n && config_find(&c->config, p->item[k].name) != s)
			k++;
		if (k == n && !config_is_doctor(s))
			add(p, s->name, NULL)->configured = &c->of[i];
	}
}

static int add_named(struct patients *p, const struct policies *c, const char *name, struct failure *f)
{
	_cleanup_(cgroup_close) struct cgroup cgroup = CGROUP_NONE;
	const struct policy *policy;
	struct patient *new;
	int err = unit_cgroup_resolve(name, &cgroup, f);

	if (err)
		return err;
	policy = policies_find(c, cgroup_name(cgroup.path));
	if (!policy)
		return fail(f, -ENOENT, "cannot examine %s: nothing is loaded for it, and it has no section (add [%s])",
			    cgroup.path, cgroup_name(cgroup.path));
	new = add(p, cgroup_name(cgroup.path), cgroup.path);
	new->configured = policy;
	new->cgroup_id = cgroup.id;
	return 0;
}

int patients_find(const struct loaded_list *l, const struct policies *c, const char *name, struct patients *ret,
		  struct failure *f)
{
	int err = 0;

	*ret = (struct patients){ 0 };
	for (size_t i = 0; i < l->n; i++) {
		const char *path = l->item[i].cgroup;
		struct patient *new = add(ret, leaf_is(path) ? path : cgroup_name(path), path);

		new->loaded = &l->item[i];
		new->cgroup_id = l->item[i].gone ? 0 : l->item[i].cgroup_id;
	}
	if (!name)
		err = add_running(ret, c, f);
	else if (!l->n)
		err = add_named(ret, c, name, f);
	if (!err && !name)
		add_left_sections(ret, c);
	if (err)
		patients_free(ret);
	return err;
}

const struct policy *patient_policy(const struct patient *p)
{
	if (p->loaded)
		return p->loaded->has_policy ? &p->loaded->policy : NULL;
	/* no rules: the section has errors, and examine_file() shows them */
	return p->configured && p->configured->n_entries ? p->configured : NULL;
}

void patients_free(struct patients *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->item[i].name);
		free(p->item[i].cgroup);
	}
	free(p->item);
	*p = (struct patients){ 0 };
}
