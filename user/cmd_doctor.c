// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgroup.h"
#include "cleanup.h"
#include "command.h"
#include "doctor.h"
#include "health.h"
#include "log.h"
#include "parse.h"

/* As a finding, not an error: there is more to be seen than the file. */
static void examine_file(struct doctor *d, const char *path, struct config *ret)
{
	struct diagnostics errors = { 0 };
	struct failure f = { "" };

	if (config_read(path, ret, &errors, &f)) {
		doctor_finding(d, CHECK_CONFIG, "%s", f.text);
		doctor_advise(d, "nothing can be loaded", "see srcpin.conf(5)");
	} else {
		policy_check(ret, &errors);
		diagnostics_sort(&errors);
		if (errors.n) {
			doctor_finding(d, CHECK_CONFIG, "%s:%u:%u: %s; errors: %zu", path, errors.item[0].line,
				       errors.item[0].col, errors.item[0].message, errors.n);
			doctor_advise(d, "nothing can be loaded", "srcpin check -c %s shows all errors", path);
		} else {
			doctor_ok(d, CHECK_CONFIG, "%s has no errors", path);
		}
	}
	diagnostics_free(&errors);
}

/* What is asked of others, if at all. */
struct questions {
	struct dns *dns; /* NULL: nothing */
	const char *domain;
	struct doctor_keys keys;
};

static void ask_others(struct doctor *d, const struct questions *q, const uint8_t source[16], const char *helo)
{
	if (!q->dns)
		return;
	doctor_examine_names(d, q->dns, source, helo);
	if (q->domain)
		doctor_examine_spf(d, q->dns, source, q->domain, helo);
	doctor_examine_lists(d, q->dns, &q->keys, source);
}

static void examine_patient(struct doctor *d, const struct patient *p, const struct cgroup_ids *pinned,
			    const struct questions *q)
{
	_cleanup_(health_free) struct health h = { 0 };
	char helo[256];

	d->service = p->name;
	doctor_examine_service(d, p, pinned);
	doctor_examine_mail(d, p, helo);
	if (patient_policy(p))
		health_examine_sources(patient_policy(p), &h);
	for (size_t i = 0; i < h.n_sources; i++) {
		char text[INET6_ADDRSTRLEN];

		d->source = address_print(h.source[i].address, text);
		doctor_examine_source(d, patient_policy(p), h.source[i].address);
		ask_others(d, q, h.source[i].address, *helo ? helo : NULL);
		d->source = NULL;
	}
	d->service = NULL;
}

/* EXIT_OK, or the exit status to end with. */
static int examine_services(struct doctor *d, const struct options *o, const struct config *c,
			    const struct questions *q)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	_cleanup_(cgroup_ids_free) struct cgroup_ids pinned = { 0 };
	_cleanup_(patients_free) struct patients p = { 0 };
	int status = command_list_loaded(o, &l), err;
	struct failure f = { "" };

	if (status)
		return status;
	err = loader_ids(&pinned, &f);
	if (err) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	err = patients_find(&l, c, o->cgroup, &p, &f);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	for (size_t i = 0; i < p.n; i++)
		examine_patient(d, &p.item[i], &pinned, q);
	return EXIT_OK;
}

/* Not what a typing error makes, of which the DNS would say that it has no record. */
static bool is_domain(const char *name)
{
	size_t n = strlen(name);

	return n && n <= 253 &&
	       strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_") == n &&
	       !strstr(name, "..") && *name != '.';
}

static int check_options(const struct options *o)
{
	if (o->dns && o->online)
		log_error("doctor takes either --dns SERVERS or --online");
	else if (o->domain && !o->dns && !o->online)
		log_error("doctor --domain needs --dns SERVERS or --online: it asks the DNS");
	else if (o->domain && !is_domain(o->domain))
		log_error("doctor --domain needs the name of a domain, not '%s'", o->domain);
	else
		return EXIT_OK;
	return EXIT_USAGE;
}

static int examine(struct doctor *d, const struct options *o, struct questions *q)
{
	_cleanup_(config_free) struct config c = { 0 };
	struct diagnostics errors = { 0 }; /* are shown with the file's */
	bool able = doctor_examine_host(d);
	int status = EXIT_OK;

	examine_file(d, o->config, &c);
	doctor_keys_read(config_doctor(&c), &q->keys, &errors);
	diagnostics_free(&errors);
	if (!q->dns)
		doctor_note(d, CHECK_DNS, "not asked for names, SPF and blocklists: --online or --dns does that");
	if (able)
		status = examine_services(d, o, &c, q);
	else
		doctor_unknown(d, CHECK_LOADED, "this host cannot have anything loaded as it is");
	doctor_keys_free(&q->keys);
	return status;
}

int cmd_doctor(const struct options *o)
{
	_cleanup_(doctor_free) struct doctor d = { 0 };
	_cleanup_(dns_cleanup) struct dns *dns = NULL;
	struct questions q = { .domain = o->domain };
	struct failure f = { "" };
	int status = check_options(o), err;

	if (status)
		return status;
	err = o->dns || o->online ? dns_open(o->dns, &dns, &f) : 0;
	if (err) {
		log_error("%s", f.text);
		return err == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
	}
	q.dns = dns;
	status = examine(&d, o, &q);
	if (status)
		return status;
	if (o->json ? doctor_json(&d, stdout) : doctor_table(&d, stdout)) {
		command_end_output();
		return EXIT_SYSTEM;
	}
	return doctor_count(&d, CHECK_FINDING) ? EXIT_DEGRADED : EXIT_OK;
}
