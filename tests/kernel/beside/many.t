#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# 200 pinned cgroups, each with its own source: each right, and what each costs.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/memory.sh
. "$WORLD_HERE/memory.sh" || exit 1

N=200
PEER=2001:db8:9::1
SHARED=2001:db8:1::5

source_nr() {
	printf '2001:db8:2:1::%x' "$1"
}

programs() {
	state | grep ' prog srcpin_'
}

micros() {
	echo "${EPOCHREALTIME/[.,]/}"
}

CONFIG=$WORLD_DIR/srcpin.conf
for ((i = 1; i <= N; i++)); do
	printf '[many-%d]\nsource = %s\n' "$i" "$(source_nr "$i")"
	echo "addr add $(source_nr "$i")/64 dev vps nodad preferred_lft 0" >&3
	mkdir "$WORLD_CGROUP/many-$i"
done >"$CONFIG" 3>"$WORLD_DIR/addresses"
ip -batch "$WORLD_DIR/addresses" || bail_out "cannot add the sources"

nothing=$(state)
before_bytes=$(memlock) before_slab=$(slab 50)
begin=$(micros)
run "$SRCPIN" load --cgroup "$WORLD_CGROUP/many-1" -c "$CONFIG"
is "$?" 0 "the first load"
first_us=$(($(micros) - begin))
first_programs=$(programs)
first_bytes=$(memlock) first_slab=$(slab 50)
failed=0
begin=$(micros)
for ((i = 2; i <= N; i++)); do
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP/many-$i" -c "$CONFIG" || failed=$((failed + 1))
done
others_us=$((($(micros) - begin) / (N - 1)))
is "$failed" 0 "the other $((N - 1)) loads"
all_bytes=$(memlock) all_slab=$(slab 50)
begin=$(micros)
"$SRCPIN" --version >/dev/null
start_us=$(($(micros) - begin))

diag "time: the first load $first_us us, each further one $others_us us, of which $start_us us start a process"
diag "maps and programs (bytes_memlock): first $((first_bytes - before_bytes)) bytes," \
	"each further one $(((all_bytes - first_bytes) / (N - 1))) bytes"
diag "the kernel's slabs: first $((first_slab - before_slab)) KiB," \
	"each further one $(((all_slab - first_slab) * 1024 / (N - 1))) bytes"

# verify EXCEPT...: each leaves from its own source, but those
verify() {
	local i args=() want=()
	for ((i = 1; i <= N; i++)); do
		args+=("$WORLD_CGROUP/many-$i" "$PEER")
		if [[ " $* " == *" $i "* ]]; then
			want+=("$SHARED")
		else
			want+=("$(source_nr "$i")")
		fi
	done
	diff <("$HELPERS/inside" "${args[@]}") <(printf '%s\n' "${want[@]}")
}

ok "each of $N leaves from its own source" verify
occupy "$WORLD_CGROUP"/many-*
run "$SRCPIN" status --json
is "$?" 0 "status exits with 0"
is "$(jq '.services | length' <<<"$out")" "$N" "status shows $N"
is "$(programs)" "$first_programs" "there is one set of programs"
run "$SRCPIN" unload --cgroup "$WORLD_CGROUP/many-77"
is "$?" 0 "one is unloaded"
ok "the others are as they were" verify 77
vacate "$WORLD_CGROUP/many-78"
rmdir "$WORLD_CGROUP/many-78"
mkdir "$WORLD_CGROUP/many-78"
ok "one's cgroup is made anew: the others are as they were" verify 77 78
run "$SRCPIN" load --cgroup "$WORLD_CGROUP/many-78" -c "$CONFIG"
ok "it is loaded again: it is right, and the others are as they were" verify 77
before_unload=$(micros)
run "$SRCPIN" unload --all
is "$?" 0 "all are unloaded"
diag "time: unload --all $(($(micros) - before_unload)) us"
same_state "$nothing" "nothing is left"

done_testing
