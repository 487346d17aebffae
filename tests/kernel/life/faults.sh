# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes the first, second, third ... call of each system call that a load
# needs go wrong, by strace, until there is none left to go wrong.

need strace

# shellcheck disable=SC2034 # for who sources this
SHARED=2001:db8:1::5 A=2001:db8:2::25 B=2001:db8:2::26

# The calls that a load rests on, with those that bring nothing but memory left out
FAULT_CALLS=(bpf mkdir mkdirat symlink symlinkat unlink unlinkat rmdir rename flock openat newfstatat statfs
	getdents64 readlink access faccessat2 name_to_handle_at)

# Where a load is traced
WHERE=on_one_cpu

# load_traced TRACE [OPTION...]: a load by $BINARY under strace
load_traced() {
	local trace=$1
	shift
	run in_subshell ${WHERE:+"$WHERE"} strace -f --seccomp-bpf -qq -o "$trace" "$@" "$BINARY" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
}

# Our shell is not to tell that a command was killed
in_subshell() {
	(
		"$@"
		exit "$?"
	)
}

# shellcheck disable=SC2154 # situation is the caller's
# complain CALL NUMBER WHAT: why it was not well; the first few times
complain() {
	complaints=$((${complaints-0} + 1))
	((complaints > 10)) || diag "$situation: $1 number $2: $3"
	return 1
}

# How often each call is made before the config is opened (by the dynamic linker), and at all: "NAME FROM TO"
fault_plan() {
	awk -v calls="${FAULT_CALLS[*]}" '
		BEGIN { n = split(calls, name, " "); for (i = 1; i <= n; i++) wanted[name[i]] = 1 }
		{ call = $2; sub(/\(.*/, "", call) }
		/srcpin\.conf/ && !begun { begun = 1; before[call] -= (call == "openat") ? 0 : 1 }
		!(call in wanted) { next }
		{ total[call]++; if (!begun) before[call]++ }
		END { for (i = 1; i <= n; i++) if (total[name[i]] > before[name[i]])
			print name[i], before[name[i]] + 1, total[name[i]] }' "$1"
}

# each_fault HOW AFTER: for each call in turn inject HOW (error=ENOMEM, signal=KILL), then run AFTER with the call
# and its number. AFTER says with its status whether all was well: what was before is there still, or the load went
# well all the same. Only then, or if all was not well, there is something for $restore to do.
#
# shellcheck disable=SC2154 # restore, situation, BINARY are the caller's
each_fault() {
	local how=$1 after=$2 call from to n bad plan
	load_traced "$WORLD_DIR/plan" || bail_out "cannot load under strace: $err"
	plan=$(fault_plan "$WORLD_DIR/plan")
	"$restore"
	while read -r call from to; do
		bad=0
		for ((n = from; n <= to; n++)); do
			load_traced "$WORLD_DIR/trace" -e "trace=$call" -e "inject=$call:$how:when=$n"
			fault_status=$?
			"$after" "$call" "$n" || bad=$((bad + 1)) fault_status=0
			((fault_status)) || "$restore"
		done
		is "$bad" 0 "$situation: $call with $how, call $from to $to"
	done <<<"$plan"
}
