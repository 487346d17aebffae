// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "base/ip.h"
#include "base/text.h"
#include "host/cgroup.h"
#include "host/leaf.h"
#include "policy/reason.h"
#include "report/event_text.h"

enum { SECOND = 1000000 }; /* in microseconds */

#define PROCESS_STRLEN (sizeof(((struct event_text *)0)->process) + sizeof("[host 4294967295]"))

static const char *const call_name[] = {
	[SRCPIN_CONNECT] = "connect",
	[SRCPIN_BIND] = "bind",
	[SRCPIN_SENDMSG] = "sendmsg",
	[SRCPIN_PACKET] = "packet",
};

/* What the socket was bound to before, or what bind asked for; for a packet, its source */
static const __u8 *before(const struct srcpin_event *e)
{
	return e->hook == SRCPIN_CONNECT || e->hook == SRCPIN_BIND ? e->other : (const __u8 *)e->ends.local;
}

/* What the socket is bound to now; for a datagram or packet, its source */
static const __u8 *after(const struct srcpin_event *e)
{
	return e->hook == SRCPIN_SENDMSG ? e->other : (const __u8 *)e->ends.local;
}

static void print_protocol(unsigned int protocol, char *ret, size_t size)
{
	static const struct {
		unsigned int number;
		const char *name;
	} known[] = {
		{ IPPROTO_TCP, "tcp" },         { IPPROTO_UDP, "udp" },
		{ IPPROTO_ICMP, "icmp" },       { IPPROTO_ICMPV6, "icmp6" },
		{ IPPROTO_SCTP, "sctp" },       { IPPROTO_DCCP, "dccp" },
		{ IPPROTO_UDPLITE, "udplite" }, { 262, "mptcp" } /* IPPROTO_MPTCP */,
	};

	snprintf(ret, size, protocol ? "%u" : "-", protocol);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].number == protocol)
			snprintf(ret, size, "%s", known[i].name);
}

/* "[2001:db8::1]:25", "192.0.2.1:25"; without a port the address alone */
static void print_endpoint(const __u8 addr[16], __u16 port, char ret[static ENDPOINT_STRLEN])
{
	char text[INET6_ADDRSTRLEN];

	address_print(addr, text);
	if (!port)
		snprintf(ret, ENDPOINT_STRLEN, "%s", text);
	else if (strchr(text, ':'))
		snprintf(ret, ENDPOINT_STRLEN, "[%s]:%u", text, port);
	else
		snprintf(ret, ENDPOINT_STRLEN, "%s:%u", text, port);
}

void event_text_read(const struct srcpin_event *event, const char *cgroup, int64_t clock_offset, bool host_pid,
		     struct event_text *ret)
{
	ret->host_pid = host_pid;
	ret->event = event;
	ret->when = (int64_t)(event->when + (uint64_t)clock_offset) / 1000;
	ret->reason = reason_name(event->reason);
	ret->verdict = verdict_name(reason_verdict(event->reason));
	ret->call = call_name[event->hook];
	print_protocol(event->protocol, ret->protocol, sizeof(ret->protocol));
	if (event->hook == SRCPIN_BIND)
		snprintf(ret->destination, sizeof(ret->destination), "-");
	else
		print_endpoint((const __u8 *)event->ends.dest, (__u16)event->ends.port, ret->destination);
	print_endpoint(before(event), (__u16)event->ends.local_port, ret->before);
	address_print(after(event), ret->after);
	memcpy(ret->process, event->comm, sizeof(event->comm));
	ret->process[sizeof(event->comm)] = '\0';
	text_clean(ret->process);
	if (*cgroup)
		snprintf(ret->service, sizeof(ret->service), "%s", leaf_is(cgroup) ? cgroup : cgroup_name(cgroup));
	else
		snprintf(ret->service, sizeof(ret->service), "cgroup %llu", (unsigned long long)event->cgroup_id);
	text_clean(ret->service);
}

static char *format(const char *how, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, how);
	n = vasprintf(&text, how, args);
	va_end(args);
	if (n < 0)
		abort();
	return text;
}

#define COLUMNS "  %-22s %-12s %-30s %-34s %-8s %-19s %s%s\n"

char *event_text_header(void)
{
	return format("%-15s" COLUMNS, "TIME", "PROCESS", "CALL", "DESTINATION", "SOURCE", "VERDICT", "REASON",
		      "SERVICE", "");
}

static bool is_refused(const struct event_text *d)
{
	return d->event->flags & SRCPIN_EVENT_REFUSED;
}

static bool is_observed(const struct event_text *d)
{
	return d->event->flags & SRCPIN_EVENT_OBSERVED;
}

/* "before -> after"; only one address if it stays the same */
static void print_source(const struct event_text *d, char *ret, size_t size)
{
	const struct srcpin_event *e = d->event;

	if (is_refused(d) || memcmp(before(e), after(e), sizeof(e->other)) == 0)
		snprintf(ret, size, "%s", d->before);
	else
		snprintf(ret, size, "%s -> %s", d->before, d->after);
}

/* "smtp[1234]", "smtp[host 1234]" */
static void print_process(const struct event_text *d, char *ret, size_t size)
{
	if (d->event->pid)
		snprintf(ret, size, "%s[%s%u]", d->process, d->host_pid ? "host " : "", d->event->pid);
	else
		snprintf(ret, size, "-");
}

char *event_text_line(const struct event_text *d)
{
	char process[PROCESS_STRLEN], call[sizeof(d->protocol) + sizeof("connect")], source[2 * ENDPOINT_STRLEN];
	time_t seconds = (time_t)(d->when / SECOND);
	struct tm tm;

	localtime_r(&seconds, &tm);
	print_process(d, process, sizeof(process));
	snprintf(call, sizeof(call), "%s %s", d->protocol, d->call);
	print_source(d, source, sizeof(source));
	return format("%02d:%02d:%02d.%06d" COLUMNS, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(d->when % SECOND), process,
		      call, d->destination, source, d->verdict, d->reason, d->service,
		      is_observed(d) ? " (observed)" : "");
}

/* Without memory, jansson's constructors give NULL, and json_pack passes it on. */
static json_t *json_address(const __u8 addr[16], bool known)
{
	char text[INET6_ADDRSTRLEN];

	return known ? json_string(address_print(addr, text)) : json_null();
}

static json_t *json_number(unsigned int n)
{
	return n ? json_integer(n) : json_null();
}

char *event_text_json(const struct event_text *d)
{
	const struct srcpin_event *e = d->event;
	time_t seconds = (time_t)(d->when / SECOND);
	char time[64], *text, *line;
	struct tm tm;
	json_t *all;

	gmtime_r(&seconds, &tm);
	snprintf(time, sizeof(time), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(d->when % SECOND));
	all = json_pack("{s:s, s:s, s:I, s:s?, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:o}", "time",
			time, "service", d->service, "cgroup", (json_int_t)e->cgroup_id, "process",
			*d->process ? d->process : NULL, "pid", json_number(d->host_pid ? 0 : e->pid), "call", d->call,
			"protocol", d->protocol, "destination",
			json_address((const __u8 *)e->ends.dest, e->hook != SRCPIN_BIND), "port",
			json_number(e->ends.port), "before", json_address(before(e), true), "before_port",
			json_number(e->ends.local_port), "after", json_address(after(e), !is_refused(d)), "verdict",
			d->verdict, "reason", d->reason, "observed", is_observed(d), "line", json_number(e->line));
	if (d->host_pid)
		json_object_set_new(all, "host_pid", json_number(e->pid));
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	if (!text)
		abort();
	line = format("%s\n", text);
	free(text);
	return line;
}

/* A newline ends a field. No value has one, as names are clean. */
char *event_text_fields(const struct event_text *d)
{
	char process[PROCESS_STRLEN], message[1024], object[32] = "";
	bool bind = d->event->hook == SRCPIN_BIND;

	print_process(d, process, sizeof(process));
	snprintf(message, sizeof(message), "%s%s: %s of %s, %s %s %s%s%s", d->reason,
		 is_observed(d) ? " (observed)" : "", process, d->service, d->protocol, d->call,
		 bind ? d->before : d->destination, bind ? "" : " from ", bind ? "" : d->before);
	/* so the unit's own log shows it too (systemd.journal-fields(7)) */
	if (d->event->pid && !d->host_pid)
		snprintf(object, sizeof(object), "OBJECT_PID=%u\n", d->event->pid);
	return format("MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=srcpin\n%sSRCPIN_SERVICE=%s\nSRCPIN_PROCESS=%s\n"
		      "SRCPIN_CALL=%s\nSRCPIN_PROTOCOL=%s\nSRCPIN_DESTINATION=%s\nSRCPIN_BEFORE=%s\nSRCPIN_AFTER=%s\n"
		      "SRCPIN_VERDICT=%s\nSRCPIN_REASON=%s\nSRCPIN_OBSERVED=%d\n",
		      message, is_refused(d) ? LOG_WARNING : LOG_INFO, object, d->service, process, d->call,
		      d->protocol, d->destination, d->before, is_refused(d) ? "-" : d->after, d->verdict, d->reason,
		      is_observed(d));
}
