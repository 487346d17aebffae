// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prometheus' text exposition format, 0.0.4. Prints one family of metrics
 * after the other, as the format demands. The families of services are only
 * there if there is a service.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "policy/reason.h"
#include "report/report.h"

struct metric {
	const char *name; /* without "srcpin_" */
	const char *type;
	const char *help;
	void (*samples)(const struct metric *m, const struct report_service *s, FILE *out);
};

static void print_escaped(const char *value, FILE *out)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value, out);
	}
}

static void print_label(const char *name, const char *value, FILE *out)
{
	fprintf(out, ",%s=\"", name);
	print_escaped(value, out);
	fputc('"', out);
}

/* Begins a sample, up to the labels of its own. These follow, then sample_end(). */
static void sample(const struct metric *m, const struct report_service *s, FILE *out)
{
	fprintf(out, "srcpin_%s{service=\"", m->name);
	print_escaped(s->name, out);
	fputc('"', out);
	print_label("cgroup", s->cgroup, out);
}

static void sample_end(uint64_t value, FILE *out)
{
	fprintf(out, "} %" PRIu64 "\n", value);
}

static void print_one(const struct metric *m, const struct report_service *s, uint64_t value, FILE *out)
{
	sample(m, s, out);
	sample_end(value, out);
}

static void in_force(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_one(m, s, s->health->state == HEALTH_IN_FORCE, out);
}

static void states(const struct metric *m, const struct report_service *s, FILE *out)
{
	for (enum health_state i = HEALTH_IN_FORCE; i <= HEALTH_IDLE; i++) {
		sample(m, s, out);
		print_label("state", report_state_name(i), out);
		sample_end(s->health->state == i, out);
	}
}

static void enforcing(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_one(m, s, !s->loaded->policy.observe, out);
}

static void problems(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_one(m, s, s->health->n_problems, out);
}

static void config_changed(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_one(m, s, s->health->config_differs, out);
}

static void service_info(const struct metric *m, const struct report_service *s, FILE *out)
{
	sample(m, s, out);
	print_label("config", s->config, out);
	print_label("loaded_by", s->n_versions ? s->version[0] : "", out);
	sample_end(1, out);
}

static void hooks(const struct metric *m, const struct report_service *s, FILE *out)
{
	for (int i = 0; i < N_HOOKS; i++) {
		const struct loaded_hook *h = &s->loaded->hook[i];

		if (!h->wanted)
			continue;
		sample(m, s, out);
		print_label("hook", h->name + strlen("srcpin_"), out);
		sample_end(h->attached, out);
	}
}

static void sources(const struct metric *m, const struct report_service *s, FILE *out)
{
	for (size_t i = 0; i < s->health->n_sources; i++) {
		sample(m, s, out);
		print_label("source", s->health->source[i].text, out);
		sample_end(s->health->source[i].state.usable, out);
	}
}

static void older(const struct metric *m, const struct report_service *s, FILE *out)
{
	const struct health *h = s->health;

	if (!h->older_known)
		return;
	sample(m, s, out);
	print_label("protocol", "tcp", out);
	sample_end(h->older.tcp, out);
	sample(m, s, out);
	print_label("protocol", "udp", out);
	sample_end(h->older.udp, out);
}

static void print_counts(const struct metric *m, const struct report_service *s, const struct report_counts *counts,
			 bool packets, FILE *out)
{
	for (enum srcpin_reason i = 0; i < SRCPIN_N_REASONS; i++) {
		if ((reason_verdict(i) >= SRCPIN_PASS) != packets)
			continue;
		sample(m, s, out);
		print_label("verdict", verdict_name(reason_verdict(i)), out);
		print_label("reason", reason_name(i), out);
		sample_end(counts->reason[i], out);
	}
}

static void calls(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_counts(m, s, &s->enforced, false, out);
}

static void packets(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_counts(m, s, &s->enforced, true, out);
}

static void observed_calls(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_counts(m, s, &s->observed, false, out);
}

static void observed_packets(const struct metric *m, const struct report_service *s, FILE *out)
{
	print_counts(m, s, &s->observed, true, out);
}

/* In seconds, with milliseconds as Prometheus' own timestamps have. 0: there was none. */
static void last_refusal(const struct metric *m, const struct report_service *s, FILE *out)
{
	sample(m, s, out);
	fprintf(out, "} %lld.%03ld\n", (long long)s->last.when.tv_sec, s->last.when.tv_nsec / 1000000);
}

static const struct metric metric[] = {
	{ "service_in_force", "gauge", "All is well with the service's pin: srcpin status says in-force.", in_force },
	{ "service_state", "gauge", "Which of its states the service is in.", states },
	{ "service_enforcing", "gauge", "0: the policy has mode = observe, and changes nothing.", enforcing },
	{ "service_problems", "gauge", "What srcpin status finds wrong with the service.", problems },
	{ "service_config_changed", "gauge", "The config does not say what is in force.", config_changed },
	{ "service_info", "gauge", "Where the policy is from, and which srcpin has loaded it.", service_info },
	{ "service_hook_attached", "gauge", "The program of a hook is attached to the service's cgroup.", hooks },
	{ "service_source_usable", "gauge", "The source is an address of this host that can be bound to.", sources },
	{ "service_older_connections", "gauge", "Connections older than the load, from other addresses.", older },
	{ "service_last_refusal_timestamp_seconds", "gauge",
	  "When a call was refused or a packet dropped, last; 0: not since the counters are zero.", last_refusal },
	{ "service_calls_total", "counter", "Calls of connect, bind, sendto and sendmsg, by their reason.", calls },
	{ "service_packets_total", "counter", "Packets that came to the guard, by their reason.", packets },
	{ "service_observed_calls_total", "counter", "Calls under mode = observe: what would have been.",
	  observed_calls },
	{ "service_observed_packets_total", "counter", "Packets under mode = observe: what would have been.",
	  observed_packets },
};

static void print_head(const char *name, const char *type, const char *help, FILE *out)
{
	fprintf(out, "# HELP srcpin_%s %s\n# TYPE srcpin_%s %s\n", name, help, name, type);
}

/*
 * No two samples may have the same labels. So what a removed cgroup has left
 * is not shown beside a new cgroup of the same path.
 */
static bool is_shown(const struct report *r, size_t which)
{
	const struct report_service *s = &r->service[which];

	for (size_t i = 0; i < r->n; i++) {
		const struct report_service *other = &r->service[i];

		if (i == which || strcmp(other->cgroup, s->cgroup) != 0)
			continue;
		if (other->loaded->gone == s->loaded->gone ? i > which : s->loaded->gone)
			return false;
	}
	return true;
}

int report_prometheus(const struct report *r, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += is_shown(r, i);
	print_head("info", "gauge", "Which srcpin tells this.", out);
	fprintf(out, "srcpin_info{version=\"%s\",abi=\"%d\"} 1\n", SRCPIN_VERSION, SRCPIN_ABI);
	print_head("services", "gauge", "Services that have a policy loaded.", out);
	fprintf(out, "srcpin_services %zu\n", n);
	print_head("unheld_cgroups", "gauge", "Cgroups with programs of srcpin that are attached, and not held here.",
		   out);
	fprintf(out, "srcpin_unheld_cgroups %zu\n", r->unheld.n);
	print_head("not_pinned_mailers", "gauge", "Mail servers that run, have a section, and are not pinned.", out);
	fprintf(out, "srcpin_not_pinned_mailers %zu\n", r->not_pinned.n);
	for (size_t k = 0; k < sizeof(metric) / sizeof(*metric); k++) {
		bool first = true;

		for (size_t i = 0; i < r->n; i++) {
			if (!is_shown(r, i))
				continue;
			if (first)
				print_head(metric[k].name, metric[k].type, metric[k].help, out);
			first = false;
			metric[k].samples(&metric[k], &r->service[i], out);
		}
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
