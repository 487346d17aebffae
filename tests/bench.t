#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The benchmark's quick form: it runs, prints all that it should, and leaves nothing behind. The numbers are not judged:
# that needs a quiet machine.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

[ "$(id -u)" = 0 ] || skip_all "root is needed"
O=$(realpath -m "${O:-build}")
export O
result=$O/bench-quick
cgroup2=$(awk '{ for (i = 1; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
work=$(trusted_folder)
trap 'rm -rf "$work"' EXIT

# in a session of its own, so that its processes can be told from those of others
start() {
	mkdir -p "$work/tmp"
	TMPDIR=$work/tmp TRUSTED=$work/tmp BENCH_QUICK=1 BENCH_BASE=HEAD setsid tests/bench/run >"$work/said" 2>"$work/err" &
	pid=$!
	echo "$pid" >"$work/pid"
}

host() {
	awk '{ print $5 }' /proc/self/mountinfo
	cat /proc/sys/kernel/bpf_stats_enabled
	ip netns list
	ip -o link | cut -d: -f2
}

# A world's cgroup has the name of its process, so others' can be told. (`ok` runs what it runs in a subshell: pid is a file.)
left() {
	local dir owner
	for dir in "$cgroup2"/srcpin-test-*; do
		owner=${dir##*/srcpin-test-}
		[ ! -d "$dir" ] || [ -d "/proc/${owner%%-*}" ] || grep -qxF "$dir" "$work/cgroups" || echo "$dir"
	done
	pgrep -a -s "$(cat "$work/pid")"
	find "$work/tmp" -mindepth 1
	diff "$work/host" <(host)
}

# the kernel takes its time to let go
nothing_left() {
	local end=$((SECONDS + 30))
	while [ -n "$(left)" ]; do
		[ "$SECONDS" -lt "$end" ] || { left; return 1; }
		sleep 0.1
	done
}

ends_well() {
	rm -f "$result".*
	start
	wait "$pid" || { cat "$work/said" "$work/err"; return 1; }
}

interrupted() {
	start
	until grep -qx 'bench: hooks' "$work/err" 2>/dev/null; do
		[ -d "/proc/$pid" ] || { cat "$work/said" "$work/err"; return 1; }
		sleep 0.01
	done
	kill -TERM -- "-$pid"
	! wait "$pid"
}

holds() { # EXPRESSION of jq
	jq -e "$1" "$result.json" || { jq -c . "$result.json"; return 1; }
}

every_way_to_connect() {
	holds '[.connect[] | [.protocol, .family, .addresses, .variant]] | unique | length == 2 * 2 * 2 * 7' &&
		holds '[.connect[].variant] | unique == ["bind", "bind_no_port", "nft_snat", "pinned", "pinned_guard", "unpinned", "unpinned_again"]' &&
		holds 'all(.connect[]; .batches == 5 and .connects_per_batch > 0)'
}

while_watched() {
	holds '[.watched[] | [.protocol, .family, .variant]] | unique | length == 2 * 2 * 2' &&
		holds 'all(.watched[]; .batches == 10 and .connects_per_batch > 0 and (.variant != "unwatched" or .ratio == 1))'
}

several_sources() {
	holds '[.pools[] | [.protocol, .family, .variant]] | unique | length == 2 * 2 * 4' &&
		holds 'all(.pools[]; .batches == 5 and .connects_per_batch > 0 and (.variant != "one" or .ratio == 1))'
}

the_rest() {
	holds '([.bulk[].variant] == [.packets[].variant]) and ([.bulk[].variant] | sort == ["base", "nothing", "pinned", "pinned_guard", "unpinned", "unpinned_again"])' &&
		holds 'all(.bulk[]; .median_bytes_per_second > 0) and all(.packets[]; .median_packets_per_second > 0)' &&
		holds '[.concurrent[].variant] == ["unpinned", "pinned", "bind"] and all(.concurrent[]; .connections == 1600 and .ended_by == "MOST")' &&
		holds '[.load[].what] == ["start", "first", "further", "again", "unload_one", "unload_all", "base_first", "base_again", "base_unload_one", "bare", "run_within", "run_own"] and all(.load[]; .median_us > 0)' &&
		holds '[.memory[] | [.service, .of]] == [["first", "memlock"], ["further", "memlock"], ["further", "slab"]]' &&
		holds '.memory[0].median_bytes > 0 and (.memory[2].median_bytes | type == "number")' &&
		holds '[.hooks[] | select(.median_ns > 0 and .median_ns < 1e6 and .runs_per_batch > 0) | [.program, .addresses]] | unique | length == 2 * 10' &&
		holds '[.before[] | [.protocol, .family, .variant]] | unique | length == 2 * 2 * 2' &&
		holds '[.large[] | [.kind, .variant]] | unique | length == 2 * 6' &&
		holds '[.hooks_before[] | select(.median_ns > 0) | [.version, .program]] | unique | length == 2 * 10 + 2' &&
		holds '(.targets | length == 32) and all(.targets[]; .got > 0 and (.reached | type == "boolean"))' &&
		holds '(.srcpin | startswith("srcpin ")) and (.kernel | length > 0) and .cpus > 0 and .quick and (.date | test("^20[0-9-]{8}$"))'
}

# the first is what the others are compared with; the quartiles are where quartiles are
sane_numbers() {
	holds 'all(.connect[], .bulk[], .packets[]; .ratio > 0 and .ratio < 100 and .ratio_quartile1 <= .ratio and .ratio <= .ratio_quartile3)' &&
		holds 'all(.connect[], .bulk[], .packets[]; .variant != "unpinned" or .ratio == 1)' &&
		holds 'all(.connect[]; .median_ns > 100 and .quartile1_ns <= .median_ns and .median_ns <= .quartile3_ns)'
}

draws() {
	xmllint --noout "$result.svg" && [ "$(grep -c '<rect ' "$result.svg")" = $((2 * 2 * 2 * 6)) ]
}

# as wide as its first row, every one
tables() {
	[ "$(grep -c '^| -' "$result.md")" = 13 ] && cmp "$result.md" "$work/said" &&
		awk -F'|' '/^\|/ { if (n && NF != n) bad = 1; n = NF; next } { n = 0 } END { exit bad }' "$result.md"
}

# in a copy of the tree's top, whose page is ours to write in
into_page() {
	local copy=$work/copy page=$work/copy/tests/bench/BENCHMARK.md
	mkdir -p "$copy/build" && cp -r tests "$copy" && cp "$result.md" "$copy/build/bench.md" &&
		printf '%s\n' before '<!-- benchmark: made by make bench -->' old '<!-- end -->' after >"$page" &&
		O=$copy/build "$copy/tests/bench/run" --page && O=$copy/build "$copy/tests/bench/run" --page &&
		{ printf '%s\n' before '<!-- benchmark: made by make bench -->'; cat "$result.md"
		  printf '%s\n' '<!-- end -->' after; } | cmp - "$page" &&
		echo nothing >"$page" && ! O=$copy/build "$copy/tests/bench/run" --page && [ "$(cat "$page")" = nothing ]
}

# this version itself, as if it had been built for the comparison
base=$O/base/$(git rev-parse --short HEAD)
trap 'rm -rf "$work" "$base"' EXIT
mkdir -p "$base/build" && cp "$O/srcpin" "$base/build"
host >"$work/host"
ls -d "$cgroup2"/srcpin-test-* >"$work/cgroups" 2>/dev/null
ok 'the quick form ends well' ends_well
ok 'it leaves nothing behind' nothing_left
ok 'bench.json has every way to connect' every_way_to_connect
ok 'and those that are watched' while_watched
ok "several sources" several_sources
ok 'and all the rest' the_rest
ok 'with numbers that can be' sane_numbers
ok 'bench.svg is well-formed, with a bar for each' draws
ok 'bench.md is what was printed, and tables' tables
ok '--page puts it between the two comments, and nowhere else' into_page
ok 'interrupted, it fails' interrupted
ok 'and leaves nothing behind' nothing_left
done_testing
