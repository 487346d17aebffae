#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Wherever the output goes, no command ends half-way, and it says what holds.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25
SHARED=2001:db8:1::5
usual=(env --default-signal=PIPE --default-signal=XFSZ)
"${usual[@]}" true || skip_all "env --default-signal is missing"

# to_full, to_file, to_pipe COMMAND...: its status in $?, stderr in $err
to_full() {
	local status
	"${usual[@]}" "$@" >/dev/full 2>"$WORLD_DIR/err"
	status=$?
	err=$(<"$WORLD_DIR/err")
	return "$status"
}

# a file that may not grow (RLIMIT_FSIZE); what it says goes to a pipe, which may
to_file() {
	local status
	err=$( (ulimit -f 0 && exec "${usual[@]}" "$@" >"$WORLD_DIR/file") 2>&1)
	status=$?
	return "$status"
}

# a pipe that nobody reads
to_pipe() {
	local status reader
	rm -f "$WORLD_DIR/pipe"
	mkfifo "$WORLD_DIR/pipe"
	exec {reader}<>"$WORLD_DIR/pipe"
	exec {writer}>"$WORLD_DIR/pipe"
	exec {reader}<&-
	"${usual[@]}" "$@" >&"$writer" 2>"$WORLD_DIR/err" {writer}>&-
	status=$?
	exec {writer}>&-
	err=$(<"$WORLD_DIR/err")
	return "$status"
}

config "source = $A"
declare -A why=([to_full]="No space left on device" [to_file]="File too large" [to_pipe]="Broken pipe")
for to in to_full to_file to_pipe; do
	cannot="srcpin: cannot write to the standard output: ${why[$to]}"
	for options in "" "--wait 0" "--close-stale"; do
		# shellcheck disable=SC2086 # words
		$to "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" $options
		is "$?" 0 "$to: load $options: exits with 0"
		is "$(head -2 <<<"$err")" "$cannot"$'\n'"srcpin: warning: the policy of /$WORLD_SECTION is in force all the same" "$to: load $options: says so"
		is "$(source_of "$WORLD_CGROUP")" "$A" "$to: load $options: as it is"
	done
	$to "$SRCPIN" reload
	is "$? $(head -1 <<<"$err")" "0 $cannot" "$to: reload"
	is "$(source_of "$WORLD_CGROUP")" "$A" "$to: reload: is in force"
	for command in status "status --json" "status --prometheus" "status --cgroup $WORLD_CGROUP" "unload --cgroup $WORLD_CGROUP --if-empty" --help; do
		read -ra words <<<"$command"
		$to "$SRCPIN" "${words[@]}"
		is "$? $err" "2 $cannot" "$to: ${words[*]:0:2}"
	done
	$to "$SRCPIN" status --reset
	is "$? $err" "2 $cannot"$'\n'"srcpin: warning: the counters are zero all the same" "$to: status --reset"
	is "$("$SRCPIN" status --json | jq '.services[0].counters.pinned')" 0 "$to: status --reset: they are"
	$to "$SRCPIN" unload --cgroup "$WORLD_CGROUP"
	is "$? $err" "0 " "$to: unload, which says nothing"
	is "$(source_of "$WORLD_CGROUP")" "$SHARED" "$to: unload: it is out"
done
done_testing
