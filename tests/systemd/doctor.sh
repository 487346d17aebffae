# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor says of the mail server in the box.
#
#   doctor_has ID LEVEL REGEX WHAT    a check of that name is so; a finding has its reason and remedy, and exit status 4
#   doctor_healthy WHAT               no finding
#   names NAME=ADDRESS...             the DNS has these, with the PTR of the address; it is asked from now on

DOCTOR=(srcpin doctor)
NAMES_PORT=53

doctor_run() {
	doctor_json=$(in_box "${DOCTOR[@]}" --json)
	doctor_exit=$?
}

doctor_has() {
	doctor_run
	like "$(jq -r ".checks[] | select(.id == \"$1\") | .level + \" \" + .seen" <<<"$doctor_json")" "(^|"$'\n'")$2 ($3)(\$|"$'\n'")" "$4"
	[[ $2 != finding ]] || is "$doctor_exit $(jq -r '[.checks[] | select(.level == "finding") | (.why | length > 0) and (.remedy | length > 0)] | unique | tostring' \
		<<<"$doctor_json")" "4 [true]" "$4: exit status, reason and remedy"
}

doctor_healthy() {
	doctor_run
	is "$doctor_exit $(jq -r '.checks[] | select(.level == "finding").seen' <<<"$doctor_json")" "0 " "$1: no finding"
}

names_answer() {
	dig +tries=1 +time=1 "@$RECEIVER" srcpin.invalid | grep -q '^;; ->>HEADER'
}

names() {
	local name options=()
	if [[ -n ${names_pid-} ]]; then
		kill -KILL "$names_pid"
		wait "$names_pid" 2>/dev/null
	fi
	for name; do options+=("--host-record=${name%%=*},${name#*=}"); done
	dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --bind-interfaces --user=root --pid-file= --log-facility=- --local=/example/ \
		--local=/arpa/ --listen-address="$RECEIVER" --port="$NAMES_PORT" "${options[@]}" 2>"$WORLD_DIR/names.log" &
	names_pid=$!
	wait_until "the DNS answers" names_answer
	DOCTOR=(srcpin doctor --dns "$RECEIVER")
}
