#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What status finds wrong: it appears, in a sentence and in the exit status, and goes once it is mended.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need strace script
A=2001:db8:2::25

# status_is EXIT STATE PROBLEM WHAT: PROBLEM is a regex, or empty for none
status_is() {
	local exit problems
	run "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json
	exit=$?
	problems=$(jq -r '.services[0].problems[]' <<<"$out")
	is "$exit $(jq -r '.services[0].state' <<<"$out")" "$1 $2" "$4"
	if [[ -n $3 ]]; then like "$problems" "^[^"$'\n'"]*$3[^"$'\n'"]*\$" "$4: says so, and nothing else"; else is "$problems" "" "$4: no problem"; fi
}

run "$SRCPIN" status
is "$? $out" "3 nothing is loaded" "nothing loaded"

put "source = $A"
status_is 0 in-force "" "loaded"
put "source = $A"$'\n'"exempt = 2001:db8:9::/48"
status_is 0 in-force "" "loaded again"

config "# a comment more"$'\n'"source = $A"$'\n'"exempt = 2001:db8:9::/48"
status_is 0 in-force "" "the file has other lines, and says the same"
config "source = $A"
status_is 4 degraded "$CONFIG says something else than what is in force" "the file has changed"
config "sauce = $A"
status_is 4 degraded "$CONFIG has errors" "the file has errors"
config "source = $A" other.service
status_is 4 degraded "$CONFIG has no section for $WORLD_SECTION any more" "its section is gone"
rm "$CONFIG"
status_is 4 degraded "cannot be compared with its config: cannot open $CONFIG" "the file is gone"
put "source = $A"
status_is 0 in-force "" "loaded once more"

ip addr del "$A/64" dev vps
status_is 4 degraded "source $A is not an address of this host: .* refused until it is usable" "the source is gone"
ip addr add "$A/64" dev vps nodad preferred_lft 0
status_is 0 in-force "" "the source is back"
put "source = $A"$'\n'"missing = pass"
ip addr del "$A/64" dev vps
status_is 4 degraded "source $A is not an address of this host: .* leaves unpinned" "the source is gone, missing = pass"
ip addr add "$A/64" dev vps nodad preferred_lft 0
put "source = $A"

rm /sys/fs/bpf/srcpin/services/*/bind6
status_is 4 degraded "srcpin_bind6 is not attached to cgroup /$WORLD_SECTION \(load again\)" "a hook is gone"
put "source = $A"
status_is 0 in-force "" "loaded, the hook is back"

# in colour where people look, and only there
on_terminal() { # [NAME=VALUE]...
	env TERM=xterm "$@" script -qefc "'$SRCPIN' status; '$SRCPIN' status --cgroup '$WORLD_CGROUP'" /dev/null </dev/null
}
escape=$'\033'
like "$(on_terminal)" "${escape}\\[32min force$escape" "on a terminal: in colour"
is "$(on_terminal | sed "s/\x1b\[[0-9;]*m//g" | tr -d '\r')" "$("$SRCPIN" status; "$SRCPIN" status --cgroup "$WORLD_CGROUP")" "on a terminal: and nothing else is different"
like "$(on_terminal NO_COLOR=)" "$escape" "an empty NO_COLOR: in colour"
for without in NO_COLOR=1 NO_COLOR=0 TERM=dumb TERM=; do
	is "$(on_terminal "$without" | grep -c "$escape")" 0 "$without: without"
done
is "$(TERM=xterm "$SRCPIN" status | grep -c "$escape")" 0 "into a pipe: without"
is "$(script -qefc "TERM=xterm '$SRCPIN' status --json; TERM=xterm '$SRCPIN' status --prometheus" /dev/null </dev/null | grep -c "$escape")" 0 \
	"for programs: without"

# nobody is in it: the service runs elsewhere, or not at all
vacate "$WORLD_CGROUP"
status_is 4 degraded "no process is in cgroup /$WORLD_SECTION or below it \(.*systemd-cgls" "no process is in the cgroup"
mkdir "$WORLD_CGROUP/below"
occupy "$WORLD_CGROUP/below"
status_is 0 in-force "" "a process is in a cgroup below"
vacate "$WORLD_CGROUP/below"
# between two commands of a unit there is a moment without one
sleep infinity >/dev/null 2>&1 &
late=$!
disown
: >"$WORLD_DIR/trace"
strace -f -qq -o "$WORLD_DIR/trace" -e trace=poll "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json >"$WORLD_DIR/gap.json" &
status_pid=$!
wait_until "status looks" grep -q '^[0-9]* *poll(.*POLLPRI' "$WORLD_DIR/trace"
echo "$late" >"$WORLD_CGROUP/below/cgroup.procs"
wait "$status_pid"
is "$? $(jq -c '.services[0] | [.state, .problems]' "$WORLD_DIR/gap.json")" '0 ["in-force",[]]' "a process comes while status looks"
vacate "$WORLD_CGROUP/below"
rmdir "$WORLD_CGROUP/below"
occupy "$WORLD_CGROUP"
status_is 0 in-force "" "a process is in the cgroup again"

# it looks at others' processes in a child of its own
forks=clone,clone3,fork,vfork
without_child=(strace -f -qq -o /dev/null -e "trace=$forks" -e "inject=$forks:error=EAGAIN")
run "${without_child[@]}" "$SRCPIN" status --json
is "$? $(jq -r '.services[0] | .state, .note' <<<"$out")" \
	"0 in-force"$'\n'"cannot look for mail servers: Resource temporarily unavailable" "no child: status says that it cannot look for mail servers elsewhere"

# a load that fails names no other file as the one in force
cp "$CONFIG" "$WORLD_DIR/other.conf"
for n in 1 2 3; do
	strace -f -qq -o /dev/null -e trace=symlink -e inject=symlink:error=ENOMEM:when=$n \
		"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/other.conf" >/dev/null 2>&1 || continue
	break
done
is "$n" 2 "a load from another file fails at its one symlink, then succeeds"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
strace -f -qq -o /dev/null -e trace=symlink -e inject=symlink:error=ENOMEM:when=1 \
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/other.conf" >/dev/null 2>&1
is "$("$SRCPIN" status --json | jq -r '.services[0].config')" "$CONFIG" "after one that failed, the file is the old one"
done_testing
