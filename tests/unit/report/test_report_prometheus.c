// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What status --prometheus prints. Whether Prometheus reads it is asked of promtool, in the kernel tests. */
#include "kernel/loaded.h"
#include "report/health.h"
#include "report/report.h"
#include "reported.h"

static void has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("no line %s in\n%s", line, text);
}

static void metrics_are_as_documented(void **state)
{
	struct loaded l = service;
	char *text;

	(void)state;
	l.cgroup = (char *)"/a\\x2d\"b\".service";
	l.counters.observed.exempt_port = 11;
	text = print_service(report_prometheus, &l, &ill);
#define LABELS "{service=\"a\\\\x2d\\\"b\\\".service\",cgroup=\"/a\\\\x2d\\\"b\\\".service\""
	has(text, "\nsrcpin_info{version=\"" SRCPIN_VERSION "\",abi=\"");
	has_line(text, "# TYPE srcpin_services gauge");
	has_line(text, "srcpin_services 1");
	has_line(text, "srcpin_service_in_force" LABELS "} 0");
	has_line(text, "srcpin_service_state" LABELS ",state=\"in-force\"} 0");
	has_line(text, "srcpin_service_state" LABELS ",state=\"degraded\"} 1");
	has_line(text, "srcpin_service_state" LABELS ",state=\"stale\"} 0");
	has_line(text, "srcpin_service_enforcing" LABELS "} 1");
	has_line(text, "srcpin_service_problems" LABELS "} 1");
	has_line(text, "srcpin_service_config_changed" LABELS "} 0");
	has_line(text, "srcpin_service_info" LABELS ",config=\"/etc/srcpin.conf\",loaded_by=\"" SRCPIN_VERSION "\"} 1");
	has_line(text, "srcpin_service_hook_attached" LABELS ",hook=\"bind6\"} 1");
	has_line(text, "srcpin_service_hook_attached" LABELS ",hook=\"connect6\"} 0");
	has_line(text, "srcpin_service_source_usable" LABELS ",source=\"2001:db8:2::25\"} 1");
	has_line(text, "srcpin_service_source_usable" LABELS ",source=\"2001:db8:3::1\"} 0");
	has_line(text, "# TYPE srcpin_service_calls_total counter");
	has_line(text, "srcpin_service_calls_total" LABELS ",verdict=\"denied\",reason=\"denied_missing\"} 1");
	has_line(text, "srcpin_service_calls_total" LABELS ",verdict=\"denied\",reason=\"denied_bound\"} 0");
	has_line(text, "srcpin_service_packets_total" LABELS ",verdict=\"passed\",reason=\"passed_tcp\"} 5000000000");
	has_line(text, "srcpin_service_observed_calls_total" LABELS ",verdict=\"exempt\",reason=\"exempt_port\"} 11");
	has_line(text, "srcpin_service_observed_packets_total" LABELS ",verdict=\"passed\",reason=\"passed_tcp\"} 0");
	has(text, "\nsrcpin_service_last_refusal_timestamp_seconds" LABELS "} 0.000\n");
	assert_null(strstr(text, "srcpin_service_older_connections{")); /* not known */
	assert_null(strstr(text, "hook=\"bind4\""));                    /* not wanted */
	free(text);
	text = print_service(report_prometheus, &service, &well);
	assert_non_null(strstr(text, ",protocol=\"tcp\"} 2\n"));
	assert_non_null(strstr(text, ",protocol=\"udp\"} 1\n"));
	free(text);
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Two samples of the same labels would make the collector drop the whole file. */
static void metrics_are_of_one_cgroup_of_a_path(void **state)
{
	struct loaded all[] = { service, service, service };
	const struct health health[] = { well, ill, ill };
	char *text;

	(void)state;
	all[1].gone = all[2].gone = true;
	text = print_services(report_prometheus, all, health, 3);
	assert_int_equal(count_of(text, "\nsrcpin_service_in_force{"), 1);
	assert_int_equal(count_of(text, "\nsrcpin_service_in_force{service=\"postfix.service\",cgroup=\"/system.slice/"
					"postfix.service\"} 1\n"),
			 1);
	has_line(text, "srcpin_services 1");
	free(text);
	text = print_services(report_prometheus, all + 1, health + 1, 2);
	assert_int_equal(count_of(text, "\nsrcpin_service_in_force{"), 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_are_as_documented),
		cmocka_unit_test(metrics_are_of_one_cgroup_of_a_path),
	};

	return cmocka_run_group_tests_name("report_metrics", tests, NULL, NULL);
}
