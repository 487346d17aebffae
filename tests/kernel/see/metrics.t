#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# status --prometheus: Prometheus' own checker reads it, whatever is loaded; it says what status --json says; what is shipped to
# collect it and to alert by it does what it is for.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need python3
A=2001:db8:2::25

promtool() {
	O=${HELPERS%/tests/helpers} "$WORLD_TOP/tests/promtool" "$@"
}

# metrics_are EXIT WHAT: what is printed is in $out, and valid
metrics_are() {
	local said
	run "$SRCPIN" status --prometheus
	is "$? $err" "$1 " "$2: exits with $1"
	said=$(promtool check metrics <"$WORLD_DIR/out" 2>&1)
	is "$? $said" "0 " "$2: promtool finds nothing to say against it"
	is "$(grep -v '^#' "$WORLD_DIR/out" | sed 's/ [^ ]*$//' | sort | uniq -d)" "" "$2: no sample is there twice"
}

# value NAME LABELS: of one sample
value() {
	grep -F "srcpin_$1{$2} " <<<"$out" | sed 's/.* //'
}

# What JSON says of the calls and packets of all services, as metrics
counts_of_json() {
	"$SRCPIN" status --json | jq -r '.services[] | .name as $name | .cgroup.path as $path | .counters |
		(.reasons | to_entries[] | . + {observed: ""}), (.observed_reasons | to_entries[] | . + {observed: "observed_"}) |
		(.key | split("_")[0]) as $verdict |
		(if $verdict == "passed" or $verdict == "dropped" then "packets" else "calls" end) as $what |
		"srcpin_service_\(.observed)\($what)_total{service=\"\($name)\",cgroup=\"\($path)\",verdict=\"\($verdict)\",reason=\"\(.key)\"} \(.value)"' | sort
}

promtool --version >/dev/null 2>"$WORLD_DIR/err" || skip_all "promtool is missing, and cannot be fetched: $(tail -1 "$WORLD_DIR/err")"

metrics_are 3 "nothing loaded"
is "$(grep -v '^#' <<<"$out")" "srcpin_info{version=\"$("$SRCPIN" --version | awk '{ print $2 }')\",abi=\"$("$SRCPIN" status --json | jq .abi)\"} 1
srcpin_services 0
srcpin_unheld_cgroups 0
srcpin_not_pinned_mailers 0" "nothing loaded: it says so"

# three services, in each state there is; names of all kinds
odd=$'odd"\\x2d\t\xff\xc3\xa9.service'
one=$WORLD_CGROUP/one.service two=$WORLD_CGROUP/$odd three=$WORLD_CGROUP/three.service
mkdir "$one" "$two" "$three"
occupy "$one" "$two"
printf '[one.service]\nsource = %s\nsource4 = 192.0.2.5\n[odd*]\nsource = %s\nmode = observe\n[three.service]\nsource = 2001:db8:2::99\n' $A $A \
	>"$WORLD_DIR/srcpin.conf"
CONFIG=$WORLD_DIR/srcpin.conf
for cgroup in "$one" "$two" "$three"; do
	"$SRCPIN" load --cgroup "$cgroup" -c "$CONFIG" >/dev/null 2>&1
	is "$("$HELPERS/inside" "$cgroup" 2001:db8:9::1 "$cgroup" 2001:db8:9::1 "$cgroup" fd00:1::1 | wc -l)" 3 "${cgroup##*/}: three calls" 2>/dev/null
done
vacate "$three" && rmdir "$three"
metrics_are 4 "three services"
is "$(grep '^srcpin_services ' <<<"$out")" "srcpin_services 3" "three services: counted"
l1="service=\"one.service\",cgroup=\"/$WORLD_SECTION/one.service\""
l2="service=\"odd\\\"\\\\x2d??é.service\",cgroup=\"/$WORLD_SECTION/odd\\\"\\\\x2d??é.service\""
l3="service=\"three.service\",cgroup=\"/$WORLD_SECTION/three.service\""
is "$(value service_in_force "$l1") $(value service_in_force "$l2") $(value service_in_force "$l3")" "1 1 0" "in force"
is "$(value service_state "$l1,state=\"in-force\"") $(value service_state "$l1,state=\"stale\"") $(value service_state "$l3,state=\"stale\"")" "1 0 1" "by state"
is "$(value service_enforcing "$l1") $(value service_enforcing "$l2")" "1 0" "enforced, and only observed"
like "$(value service_problems "$l1") $(value service_problems "$l3")" "^0 [1-9]$" "problems"
is "$(value service_source_usable "$l1,source=\"$A\"") $(value service_source_usable "$l1,source=\"192.0.2.5\"")" "1 1" "sources"
is "$(value service_calls_total "$l1,verdict=\"pinned\",reason=\"pinned_connect\"") $(value service_observed_calls_total "$l2,verdict=\"exempt\",reason=\"exempt_rule\"")" \
	"2 1" "calls are counted"
is "$(value service_older_connections "$l1,protocol=\"tcp\"") $(value service_older_connections "$l1,protocol=\"udp\"")" "0 0" "older connections"
is "$(grep -E '^srcpin_service_(observed_)?(calls|packets)_total' <<<"$out" | grep -v three.service | grep -v odd | sort)" \
	"$(counts_of_json | grep -F one.service)" "each counter is that of the JSON"
is "$(grep -cE '^srcpin_service_(observed_)?(calls|packets)_total.*one.service' <<<"$out")" "$("$SRCPIN" status --json | jq '.services[0].counters.reasons | length * 2')" \
	"and none is missing"

# they change with what they are of
printf '# changed\n' >>"$CONFIG"
metrics_are 4 "a comment more"
is "$(value service_config_changed "$l1")" 0 "a comment more: the config says the same"
sed -i 's/192.0.2.5/192.0.2.6/' "$CONFIG"
ip addr del "$A/64" dev vps
rm "/sys/fs/bpf/srcpin/services/$(stat -c %i "$one")/connect4"
metrics_are 4 "something is wrong"
is "$(value service_config_changed "$l1")" 1 "another config"
is "$(value service_source_usable "$l1,source=\"$A\"")" 0 "the source is gone"
is "$(value service_hook_attached "$l1,hook=\"connect4\"") $(value service_hook_attached "$l1,hook=\"connect6\"")" "0 1" "a hook is gone"
is "$(value service_in_force "$l1") $(value service_state "$l1,state=\"degraded\"")" "0 1" "degraded"
ip addr add "$A/64" dev vps nodad preferred_lft 0
run "$SRCPIN" status --prometheus --cgroup one.service
is "$(grep -c '^srcpin_service_in_force{' <<<"$out")" 1 "--cgroup: of one service"

# what collects it, as the unit does
dir=$WORLD_DIR/collector
mkdir "$dir"
command=$(sed -n "s,^ExecStart=/bin/sh -c '\\(.*\\)'\$,\\1,p" "$WORLD_TOP/user/systemd/srcpin-metrics.service" | sed 's,\$\$,$,g')
collect() {
	(cd "$dir" && sh -c "${command//\/usr\/sbin\/srcpin/$1}")
}
collect "$SRCPIN"
is "$? $(ls "$dir")" "0 srcpin.prom" "the unit's command: makes one file, and degraded is no failure"
ok "which is valid" promtool check metrics <"$dir/srcpin.prom"
is "$(stat -c %a "$dir/srcpin.prom")" 644 "and readable by the collector"
was=$(<"$dir/srcpin.prom")
printf '#!/bin/sh\necho half a line\nexit 2\n' >"$WORLD_DIR/fails"
chmod +x "$WORLD_DIR/fails"
collect "$WORLD_DIR/fails"
is "$? $(ls "$dir")" "2 srcpin.prom" "srcpin fails: so does the unit"
is "$(<"$dir/srcpin.prom")" "$was" "and the file is the old one"
"$SRCPIN" unload --all
collect "$SRCPIN"
is "$? $(grep ^srcpin_services "$dir/srcpin.prom")" "0 srcpin_services 0" "nothing loaded is no failure"

# refused_to CODE: the reasons that are counted while this Python, in the service one, gets what it wants
refused_to() {
	"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null 2>&1
	inside "$one" python3 -c "from socket import *; $1" || echo "it failed"
	"$SRCPIN" status --cgroup "$one" --json |
		jq -r '.services[0].counters.reasons | to_entries[] | select(.value > 0 and (.key | test("^(denied|dropped)_"))).key'
	"$SRCPIN" unload --cgroup "$one" >/dev/null
}

# unknown_metrics FILE: those that it names, and that were not printed
unknown_metrics() {
	local name
	grep -oE 'srcpin_[a-z_]+[a-z]' "$1" | sort -u | while read -r name; do grep -q "^# TYPE $name " "$WORLD_DIR/out" || echo "$name"; done
}

# unknown_labels FILE: those that PromQL in FILE names, and that no sample has. An instance is what Prometheus adds.
unknown_labels() {
	{
		grep -oE '[a-z_]+ *(=|!=|=~|!~)"' "$1" | grep -oE '^[a-z_]+'
		grep -oE '(by|on|without|ignoring) \([a-z_, ]+\)' "$1" | sed 's/^[a-z]* (\(.*\))$/\1/' | grep -oE '[a-z_]+'
		grep -oE '\{\{ *[a-z_]+ *\}\}' "$1" | grep -oE '[a-z_]+'
	} | sort -u | grep -vx instance | while read -r name; do grep -q "[{,]$name=" "$WORLD_DIR/out" || echo "$name"; done
}

# what shows it
dashboard=$WORLD_TOP/user/prometheus/srcpin-dashboard.json
jq -r '.panels[].targets[] | .expr, .legendFormat // empty' "$dashboard" >"$WORLD_DIR/queries"
is "$(jq '[.panels[] | select(any(.targets[]; .expr | test("srcpin_")) | not)] | length' "$dashboard")" 0 "the dashboard: each panel shows a metric of srcpin"
is "$(unknown_metrics "$WORLD_DIR/queries") $(unknown_labels "$WORLD_DIR/queries")" " " "by names and labels that there are"
is "$(sed -n 's/^# TYPE \(srcpin_[^ ]*\) .*/\1/p' "$WORLD_DIR/out" | grep -vxFf <(grep -oE 'srcpin_[a-z_]+[a-z]' "$WORLD_DIR/queries"))" "" "and no metric is left out"
jq '{groups: [{name: "dashboard", rules: [.panels[].targets[].expr |
	{record: "x", expr: gsub("\\$__rate_interval"; "5m")}] | to_entries | map(.value + {record: "x\(.key)"})}]}' "$dashboard" >"$WORLD_DIR/queries.json"
ok "its queries are PromQL" promtool check rules "$WORLD_DIR/queries.json"
# shellcheck disable=SC2016 # a variable of Grafana
is "$(grep -oE '\$[a-z_]+' "$WORLD_DIR/queries" | grep -v '^\$__' | sort -u | tr -d '$')" \
	"$(jq -r '.templating.list[] | select(.type == "query") | .name' "$dashboard")" "they use the dashboard's variables, each of them"

# what alerts by it
rules=$WORLD_TOP/user/prometheus/srcpin-alerts.yml
ok "promtool accepts the alerting rules" promtool check rules "$rules"
is "$(unknown_metrics "$rules")" "" "they name metrics that there are"
printf '[one.service]\nsource = %s\nipv4 = deny\n' "$A" >"$CONFIG"
reasons=$(refused_to 's = socket(AF_INET6, SOCK_DGRAM); s.sendto(b"x", ("2001:db8:9::1", 53)); s.connect_ex(("2001:db8:9::1", 53))')
is "$reasons" denied_wildcard "a program does without: it connects the socket of a query that has left (rspamd)"
reasons+=$'\n'$(refused_to 'getaddrinfo("both.test", 25, type=SOCK_STREAM)')
is "${reasons#*$'\n'}" denied_rule "a program does without: getaddrinfo connects to sort addresses (dma, nullmailer)"
is "$(sed -n 's/.*reason!~"\([a-z_|]*\)".*/\1/p' "$rules" | tr '|' '\n')" "$(sort <<<"$reasons")" "the alerting rules leave out these reasons, and no other"
cp "$rules" "$WORLD_TOP/tests/kernel/see/alerts.yml" "$WORLD_DIR"
ok "they alert when they should, and only then" promtool test rules "$WORLD_DIR/alerts.yml"
sed -n 's/.*alert: //p' "$rules" >"$WORLD_DIR/alerts"
while read -r alert; do
	sed "s/alert: $alert\$/alert: Other/" "$rules" >"$WORLD_DIR/srcpin-alerts.yml"
	ok "the test would notice without $alert" bash -c '! "$@" >/dev/null 2>&1' - env O="${HELPERS%/tests/helpers}" "$WORLD_TOP/tests/promtool" test rules "$WORLD_DIR/alerts.yml"
done <"$WORLD_DIR/alerts"
done_testing
