// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/rights.h"
#include "cli/command.h"
#include "host/processes.h"
#include "kernel/unheld.h"
#include "mail/mail.h"
#include "mail/mail_places.h"
#include "policy/policies.h"
#include "report/health.h"
#include "report/stray_remedy.h"

/* An error in the file is a finding; the rest is examined anyway. */
static void examine_file(struct doctor *d, const char *path, struct policies *ret)
{
	struct diagnostics errors = { 0 };
	_cleanup_free_ char *word = quote_word(path);
	struct failure f = { "" };

	if (policies_read(path, ret, &errors, &f)) {
		doctor_finding(d, CHECK_CONFIG, "%s", f.text);
		doctor_advise(d, "nothing can be loaded", "see srcpin.conf(5)");
	} else {
		if (errors.n) {
			doctor_finding(d, CHECK_CONFIG, "%s:%u:%u: %s; errors: %zu", path, errors.item[0].line,
				       errors.item[0].col, errors.item[0].message, errors.n);
			doctor_advise(d, "nothing can be loaded", "srcpin check -c %s shows all errors", word);
		} else {
			doctor_ok(d, CHECK_CONFIG, "%s has no errors", path);
		}
	}
	diagnostics_free(&errors);
}

/* What is found out about a source where the processes of its service are. */
struct visit_source {
	uint8_t address[16]; /* of a prefix the first */
	bool is_prefix;
	struct doctor checks;
	struct nat_seen nat, outside; /* outside: in the caller's network namespace, if the source's is another */
	long process;                 /* that is there; 0: it is the caller's network namespace */
	bool has_without;
	uint8_t without[16]; /* the address that the kernel would choose without srcpin */
};

/* What only root can find out about a service. */
struct visit {
	struct doctor checks;
	struct mail *mail;
	struct health health;
	struct visit_source *source; /* one for each of health */
};

/* What is examined once the rights are given up. */
struct subjects {
	struct policies config;
	struct doctor_keys keys;
	struct loaded_list loaded;
	struct patients patients;
	struct visit *visit; /* one for each patient */
};

static void visit_source_free(struct visit_source *of)
{
	doctor_free(&of->checks);
	nat_seen_free(&of->nat);
	nat_seen_free(&of->outside);
}

static void subjects_free(struct subjects *s)
{
	for (size_t i = 0; s->visit && i < s->patients.n; i++) {
		struct visit *v = &s->visit[i];

		for (size_t k = 0; k < v->health.n_sources; k++)
			visit_source_free(&v->source[k]);
		free(v->source);
		health_free(&v->health);
		doctor_free(&v->checks);
		mail_free(v->mail);
	}
	free(s->visit);
	patients_free(&s->patients);
	loaded_list_free(&s->loaded);
	doctor_keys_free(&s->keys);
	policies_free(&s->config);
}

/* In the network namespace that has the source. */
static void visit_source(const struct patient *p, const struct networks *n, const struct doctor_users *users, size_t i,
			 struct visit *v)
{
	const struct network *network = &n->item[v->health.source[i].network];
	struct visit_source *of = &v->source[i];
	struct failure f = { "" };
	int back;

	memcpy(of->address, v->health.source[i].address, 16);
	of->is_prefix = v->health.source[i].prefix.prefixlen < 128;
	of->checks.service = p->name;
	of->checks.source = v->health.source[i].text;
	if (network->fd >= 0 && !network->users)
		doctor_ask_nat_outside(&of->checks, patient_policy(p), of->address, &of->outside);
	if (network_enter(network, &back, &f)) {
		doctor_unknown(&of->checks, CHECK_ADDRESS, "%s", f.text);
	} else {
		of->process = network->fd >= 0 ? network->pid : 0;
		of->checks.process = of->process;
		doctor_examine_source(&of->checks, patient_policy(p), &v->health.source[i], users);
		if (!network->users) /* nft, as root, does not read a user's rules */
			doctor_ask_nat(&of->checks, patient_policy(p), of->address, users, &of->nat);
		of->has_without = doctor_would_choose(of->address, of->without);
		network_leave(back);
	}
	of->checks.source = NULL;
}

/* The sources, as root: only root may enter another network namespace. */
static void visit_sources(const struct patient *p, struct visit *v)
{
	_cleanup_(networks_free) struct networks n = { 0 };
	struct doctor_users users;

	networks_find(p->cgroup_id, &n);
	doctor_find_users(p->cgroup_id, &users);
	if (patient_policy(p)) {
		health_examine_sources(patient_policy(p), &n, &v->health);
		health_examine_left(patient_policy(p), &n, &v->health);
	}
	doctor_examine_networks(&v->checks, &n, p->loaded, &v->health);
	doctor_examine_tunnels(&v->checks, p, &n);
	v->source = xcalloc(v->health.n_sources + 1, sizeof(*v->source));
	for (size_t i = 0; i < v->health.n_sources; i++)
		visit_source(p, &n, &users, i, v);
}

/* What is pinned, and is no patient: nothing else would be said of it. As status does, only if nothing is loaded. */
static void find_unheld(struct doctor *d, const struct subjects *s)
{
	_cleanup_(unheld_free) struct unheld u = { 0 };

	if (!s->loaded.n)
		unheld_find(&u);
	for (size_t i = 0; i < u.n; i++) {
		bool known = false;

		for (size_t k = 0; k < s->patients.n; k++)
			known |= s->patients.item[k].cgroup && !strcmp(s->patients.item[k].cgroup, u.cgroup[i]);
		if (!known)
			doctor_find_unheld(d, u.cgroup[i]);
	}
}

/* Does the same mail server send from somewhere else, too? */
static void find_elsewhere(struct doctor *d, const struct mailers *unpinned, const struct patient *p)
{
	const struct mailer *m =
		unpinned && p->loaded && p->cgroup_id ? mail_find_elsewhere(unpinned, p->cgroup) : NULL;
	_cleanup_free_ char *remedy = m ? mail_elsewhere_remedy(m, p->cgroup) : NULL;
	char cgroup[PATH_MAX];

	if (!m)
		return;
	process_cgroup(m->pid, cgroup);
	doctor_finding(d, CHECK_CGROUP, "process %d (%s), the same mail server, is in cgroup %s, which is not pinned",
		       m->pid, m->program, cgroup);
	doctor_advise(d, STRAY_HARM, "%s", remedy);
}

/* As root: gathers what others say, but does not read it. EXIT_OK, or the exit status to end with. */
static int gather_services(struct doctor *d, const struct options *o, struct subjects *s)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids pinned = { 0 };
	_cleanup_(loaded_list_free) struct loaded_list all = { 0 };
	_cleanup_free_ struct mailers *unpinned = NULL;
	int status = command_list_loaded(o, &s->loaded), err;
	struct failure f = { "" };

	if (status)
		return status;
	if (loaded_ids(&pinned, &f))
		status = EXIT_SYSTEM;
	else if ((err = patients_find(&s->loaded, &s->config, o->cgroup, &s->patients, &f)))
		status = command_cgroup_status(err);
	if (status) {
		log_error("%s", f.text);
		return status;
	}
	if (!o->cgroup)
		find_unheld(d, s);
	s->visit = xcalloc(s->patients.n, sizeof(*s->visit));
	if (loaded_read(NULL, &all, &f) || mail_find_unpinned(&all, &unpinned, &f))
		doctor_unknown(d, CHECK_CGROUP, "whether a mail server runs elsewhere, unpinned: %s", f.text);
	for (size_t i = 0; i < s->patients.n; i++) {
		const struct patient *p = &s->patients.item[i];
		struct visit *v = &s->visit[i];

		v->checks.service = p->name;
		doctor_examine_service(&v->checks, p, &pinned);
		find_elsewhere(&v->checks, unpinned, p);
		visit_sources(p, v);
		v->mail = mail_ask(p);
	}
	return EXIT_OK;
}

static int gather(struct doctor *d, const struct options *o, struct subjects *s)
{
	struct diagnostics errors = { 0 }; /* ignored here: examine_file() shows them */
	bool able = doctor_examine_host(d);

	examine_file(d, o->config, &s->config);
	doctor_keys_read(config_doctor(&s->config.config), &s->keys, &errors);
	diagnostics_free(&errors);
	if (!o->dns && !o->online)
		doctor_note(d, CHECK_DNS, "not asked for names, SPF and blocklists: --online or --dns does that");
	if (able)
		return gather_services(d, o, s);
	doctor_unknown(d, CHECK_LOADED, "this host cannot have anything loaded as it is");
	return EXIT_OK;
}

/* Gives up the rights for good, with all descriptors open. */
static int give_up_rights(void)
{
	const struct account spare = account_spare();
	struct failure f = { "" };
	int err = rights_give_up(&spare, 0, &f);

	if (!err && close_range(STDERR_FILENO + 1, ~0U, 0))
		err = fail(&f, -errno, "cannot close what is open: %s", strerror(errno));
	if (err)
		log_error("%s", f.text);
	return err ? EXIT_SYSTEM : EXIT_OK;
}

/* DNS is NULL if the DNS is not to be asked. */
static void ask_others(struct doctor *d, const struct options *o, const struct subjects *s, struct dns *dns,
		       const struct visit_source *of, const char *helo)
{
	if (!dns)
		return;
	if (of->is_prefix)
		doctor_note(d, CHECK_PTR,
			    "not asked for: each address of the prefix needs a name that leads back to it");
	else
		mail_examine_names(d, dns, of->address, helo);
	if (o->domain)
		mail_examine_spf(d, dns, of->address, o->domain, helo);
	mail_examine_lists(d, dns, &s->keys, of->address, of->has_without ? of->without : NULL);
}

static void examine_patient(struct doctor *d, const struct options *o, const struct subjects *s, size_t i,
			    struct dns *dns)
{
	const struct patient *p = &s->patients.item[i];
	struct visit *v = &s->visit[i];
	char helo[256];

	doctor_move(d, &v->checks);
	d->service = p->name;
	mail_examine_settings(d, p, v->mail, helo);
	doctor_examine_left(d, &v->health);
	for (size_t k = 0; k < v->health.n_sources; k++) {
		doctor_move(d, &v->source[k].checks);
		d->source = v->health.source[k].text;
		d->process = v->source[k].process;
		doctor_examine_nat(d, patient_policy(p), v->source[k].address, &v->source[k].nat,
				   v->source[k].process ? &v->source[k].outside : NULL);
		d->process = 0;
		ask_others(d, o, s, dns, &v->source[k], *helo ? helo : NULL);
		d->source = NULL;
	}
	d->service = NULL;
}

static int check_options(const struct options *o)
{
	if (o->dns && o->online)
		log_error("doctor takes either --dns SERVERS or --online");
	else if (o->domain && !o->dns && !o->online)
		log_error("doctor --domain needs --dns SERVERS or --online: it asks the DNS");
	else if (o->domain && !dns_is_name(o->domain))
		log_error("doctor --domain needs the name of a domain, not '%s'", o->domain);
	else
		return EXIT_OK;
	return EXIT_USAGE;
}

static int examine(struct doctor *d, const struct options *o, const struct subjects *s)
{
	_cleanup_(dns_cleanup) struct dns *dns = NULL;
	struct failure f = { "" };
	int err = o->dns || o->online ? dns_open(o->dns, &dns, &f) : 0;

	if (err) {
		log_error("%s", f.text);
		return err == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
	}
	for (size_t i = 0; i < s->patients.n; i++)
		examine_patient(d, o, s, i, dns);
	return EXIT_OK;
}

/* First gathers what needs rights, then gives them up, then reads what others say. */
int cmd_doctor(const struct options *o)
{
	_cleanup_(doctor_free) struct doctor d = { 0 };
	_cleanup_(subjects_free) struct subjects s = { 0 };
	int status = check_options(o);

	if (!status)
		status = gather(&d, o, &s);
	if (!status)
		status = give_up_rights();
	if (!status)
		status = examine(&d, o, &s);
	if (status)
		return status;
	if (o->json ? doctor_json(&d, stdout) : doctor_table(&d, stdout)) {
		command_end_output();
		return EXIT_SYSTEM;
	}
	return doctor_count(&d, CHECK_FINDING) ? EXIT_DEGRADED : EXIT_OK;
}
