#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A remedy can be pasted into a shell, whatever the cgroup and the config are called: it does what it says, and nothing else.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1

A=2001:db8:2::25 B=2001:db8:2::26 PEER=2001:db8:9::1

# shellcheck disable=SC1003,SC2016,SC2088 # they are names
names=(
	'plain' 'two  words' 'semi;touch bad' '$(touch bad)' '`touch bad`' '";touch bad;"' "';touch bad;'" '>bad' '-x' '--help' '~' '*' 'a\x2db' '\' '%s$HOME'
	'grün' $'new\ntouch bad\nline' $'esc\e[31m' $'c1 \xc2\x9b' $'\xff' $'-\t;touch bad' "\$'a'"
)

# remedy TEXT: what is to be pasted, from its first word on to the end of the sentence
remedy() {
	perl -0777 -ne 'print $2 if /(\(|; )((?:srcpin [a-z]+ -|ch(?:own|mod) ).*?)(?: ends them)?\)?\n?\z/s' <<<"$1"
}

# Does TEXT hold nothing that a terminal would obey?
printable() {
	! LC_ALL=C grep -qP '[\x01-\x08\x0b-\x1f\x7f]' <<<"$1" && iconv -f UTF-8 -t UTF-8 <<<"$1" >/dev/null 2>&1
}

# pasted SHELL TEXT [FOLDER]: where a shell would be, and srcpin on its path
pasted() {
	[[ -n $2 ]] && (cd "${3-$WORLD_DIR/here}" && PATH=$WORLD_DIR/bin:$PATH "$1" -c "$2")
}

# arguments SHELL TEXT: those that srcpin would get
arguments() {
	PATH=$WORLD_DIR/echo:$PATH "$1" -c "$2"
}

trap_is_empty() {
	[[ -z $(ls -A "$WORLD_DIR/here") ]]
}

write_config() { # SOURCE [LINE]
	printf '[*]\nsource = %s\n%s\n' "$1" "${2-}" >"$conf"
}

# problem: what srcpin status has to say of $cgroup
problem() {
	"$SRCPIN" status --cgroup "$cgroup" --json | jq -r '.services[0].problems[0]'
}

# advice ID: what srcpin doctor advises
advice() {
	"$SRCPIN" doctor --cgroup "$cgroup" -c "$conf" --json | jq -r ".checks[] | select(.id == \"$1\" and .service and .remedy).remedy" | head -1
}

# by SHELL: through all that names the cgroup or the config in a line for a shell; what is wrong is in $wrong
by() {
	local shell=$1 text
	wrong=
	write_config "$A"
	"$SRCPIN" load --cgroup "$cgroup" -c "$conf" >/dev/null 2>&1 || wrong+="load; "

	write_config "$B"
	text=$(problem)
	printable "$text" || wrong+="status is not printable: $text; "
	pasted "$shell" "$(remedy "$text")" >/dev/null 2>&1
	[[ $? == 0 && $(source_of "$cgroup") == "$B" ]] || wrong+="status, reload: $text; "

	write_config "$A"
	text=$(advice config)
	printable "$text" || wrong+="doctor is not printable: $text; "
	pasted "$shell" "$text" >/dev/null 2>&1
	[[ $? == 0 && $(source_of "$cgroup") == "$A" ]] || wrong+="doctor, reload: $text; "

	write_config "$A" 'sauce = x'
	text=$(problem)
	[[ $(pasted "$shell" "$(remedy "$text")" 2>&1) == *":3:1: unknown key 'sauce'"* ]] || wrong+="status, check: $text; "
	text=$(advice config)
	[[ $(pasted "$shell" "$text" 2>&1) == *":3:1: unknown key 'sauce'"* ]] || wrong+="doctor, check: $text; "

	text=$(cd "$folder" && "$SRCPIN" doctor -c "$name" --json | jq -r '.checks[] | select(.id == "config" and (.service | not)).remedy')
	[[ $(pasted "$shell" "${text% shows all errors}" "$folder" 2>&1) == *":3:1: unknown key 'sauce'"* ]] || wrong+="doctor, check from the folder: $text; "

	# who may write the config
	write_config "$A"
	chmod 666 "$conf"
	text=$("$SRCPIN" check -c "$conf" 2>&1)
	printable "$text" || wrong+="check is not printable: $text; "
	pasted "$shell" "$(remedy "$text")"
	"$SRCPIN" explain --cgroup "$cgroup" -c "$conf" "$PEER" >/dev/null 2>&1 || wrong+="explain, chmod: $text; "
	chown 1000 "$conf"
	text=$("$SRCPIN" load --cgroup "$cgroup" -c "$conf" 2>&1)
	pasted "$shell" "$(remedy "$text")"
	"$SRCPIN" check -c "$conf" >/dev/null 2>&1 || wrong+="load, chown: $text; "
	chown -h 1000 "$folder/link"
	text=$("$SRCPIN" reload --cgroup "$cgroup" 2>&1; "$SRCPIN" check -c "$folder/link" 2>&1)
	pasted "$shell" "$(remedy "$text")"
	"$SRCPIN" check -c "$folder/link" >/dev/null 2>&1 || wrong+="check, chown -h: $text; "
	chmod 777 "$folder"
	text=$("$SRCPIN" check -c "$conf" 2>&1)
	pasted "$shell" "$(remedy "$text")"
	"$SRCPIN" check -c "$conf" >/dev/null 2>&1 || wrong+="check, chmod of the folder: $text; "

	# what is in no config but this one; and nothing is loaded
	"$SRCPIN" unload --cgroup "$cgroup"
	text=$("$SRCPIN" probe --cgroup "$cgroup" "$PEER" 2>&1 >/dev/null)
	printable "$text" || wrong+="probe is not printable: $text; "
	[[ $(arguments "$shell" "$(remedy "$text")") == "load|--cgroup|/${cgroup#"$WORLD_MOUNT"/}|" ]] || wrong+="probe, load: $text; "

	# a socket that is older than the load
	coproc OLDER { inside "$cgroup" bash -c 'exec 3<>/dev/udp/'"$PEER"'/5353; echo ready; read -r' 2>/dev/null; }
	read -r <&"${OLDER[0]}"
	text=$("$SRCPIN" load --cgroup "$cgroup" -c "$conf" 2>&1 >/dev/null)
	pasted "$shell" "$(remedy "$text")" 2>&1 | grep -q ': closed 1 older connection (0 TCP, 1 UDP)$' || wrong+="load, close-stale: $text; "
	echo >&"${OLDER[1]}"
	wait "$OLDER_PID" 2>/dev/null

	trap_is_empty || wrong+="something else was done: $(ls -A "$WORLD_DIR/here"); "
	rm -rf "$WORLD_DIR/here"
	mkdir "$WORLD_DIR/here"
	"$SRCPIN" unload --all
}

mkdir "$WORLD_DIR"/{here,bin,echo}
ln -s "$SRCPIN" "$WORLD_DIR/bin/srcpin"
# shellcheck disable=SC2016 # the script's own
printf '#!/bin/sh\nprintf "%%s|" "$@"\n' >"$WORLD_DIR/echo/srcpin"
chmod +x "$WORLD_DIR/echo/srcpin"
for name in "${names[@]}"; do
	cgroup=$WORLD_CGROUP/$name folder=$WORLD_DIR/$name conf=$WORLD_DIR/$name/$name
	mkdir "$folder"
	ln -s -- "$name" "$folder/link"
	if mkdir "$cgroup" 2>/dev/null; then
		occupy "$cgroup"
		for shell in sh bash; do
			by "$shell"
			is "$wrong" "" "$(printf '%q, %s' "$name" "$shell")"
		done
		vacate "$cgroup"
		rmdir "$cgroup"
	else
		# kernfs takes no newline
		like "$name" $'\n' "$(printf '%q' "$name"): no cgroup can be called so"
	fi
	rm -r "$folder"
done

# which names one could mean
# shellcheck disable=SC2016 # it is a name
odd='$(touch bad);x' other='`touch bad`;"y' none='$(touch bad);z.service'
mkdir "$WORLD_CGROUP"/{one,two} "$WORLD_CGROUP"/{one,two}/"$odd.service" "$WORLD_CGROUP/$other@y.service"
occupy "$WORLD_CGROUP"/{one,two}/"$odd.service"
CONFIG=$WORLD_DIR/srcpin.conf
printf '[*]\nsource = %s\n' "$A" >"$CONFIG"
said=$("$SRCPIN" load -c "$CONFIG" --cgroup "$odd.service" 2>&1)
paths=${said#*by its path: }
for shell in sh bash; do
	is "$(arguments "$shell" "srcpin ${paths/, / }" | tr '|' '\n' | sort)" "$(printf '/%s\n' "$WORLD_SECTION"/{one,two}/"$odd.service")" \
		"those that have the name, $shell"
done
said=$("$SRCPIN" load -c "$CONFIG" --cgroup "$other@none.service" 2>&1)
said=${said%; not looked at: *} # another test may have a cgroup of a user's
for shell in sh bash; do
	is "$(arguments "$shell" "srcpin ${said#*did you mean: }")" "/$WORLD_SECTION/$other@y.service|" "those that are called alike, $shell"
done
said=$("$SRCPIN" load -c "$CONFIG" --cgroup "$none" 2>&1)
said=${said#*; or }
for shell in sh bash; do
	is "$(arguments "$shell" "${said%%, to have it*}")" "install|--unit|$none|" "a unit that does not run, $shell"
done
ok "nothing else was done" trap_is_empty
done_testing
