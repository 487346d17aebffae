# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# From the lines of what was measured to bench.json. A ratio is the median over the rounds of a variant's batch
# against the batch of "unpinned" in the same round, so that what slows the host for a while cancels out.

# linear between neighbours, as R's default
def quantile($q): sort | ((length - 1) * $q) as $at | ($at | floor) as $i
	| .[$i] + ((.[$i + 1] // .[$i]) - .[$i]) * ($at - $i);
def rounded($n): (. * $n | round) / $n;
def summary($unit; $n): {
	("median_" + $unit): (quantile(0.5) | rounded($n)),
	("quartile1_" + $unit): (quantile(0.25) | rounded($n)),
	("quartile3_" + $unit): (quantile(0.75) | rounded($n))
};
def against($base): [., $base] | transpose | map(.[0] / .[1]) | {
	ratio: (quantile(0.5) | rounded(10000)),
	ratio_quartile1: (quantile(0.25) | rounded(10000)),
	ratio_quartile3: (quantile(0.75) | rounded(10000))
};
def samples($from): .[$from:] | map(tonumber);

# lines KIND KEY VARIANT SIZE SAMPLE...; SIZE is what the batch consists of, named $of
def compared($kind; $of; $unit; $first; key): map(select(.[0] == $kind)) | group_by(.[1])[]
	| (map(select(.[2] == $first))[0] | samples(4)) as $base
	| .[] | samples(4) as $s
	| (.[1] | key) + { variant: .[2], batches: ($s | length), ($of): (.[3] | tonumber) }
		+ ($s | summary($unit; 10)) + ($s | against($base));
def compared($kind; $of; $unit; key): compared($kind; $of; $unit; "unpinned"; key);

def worst($protocol; $variant): map(select(.protocol == $protocol and .variant == $variant).ratio) | max;
def target($what; $got; $is; $want): select($got != null)
	| { what: $what, got: $got, target: ($is + " " + ($want | tostring)),
	    reached: (if $is == "<=" then $got <= $want else $got >= $want end) };

# what pinned_guard is of a program on each packet that does nothing
def against_nothing: map({ (.variant): .median_bytes_per_second }) | add
	| if . == null then null else .pinned_guard / .nothing | rounded(10000) end;

# what the rate of pinned_guard is of another's
def rate_against($what): map({ (.variant): .median_packets_per_second }) | add
	| if . == null or .[$what] == null then null else .pinned_guard / .[$what] | rounded(10000) end;

# what a program takes, without measuring and bpf_bind(), against the other version
def of_before($name): map({ ("\(.version) \(.program)"): .median_ns }) | add
	| if . == null then null else . as $ns
		| ({ connect6: ($ns["now bpf_bind_ipv6"] - $ns["now nothing"]), connect4: ($ns["now bpf_bind_ipv4"] - $ns["now nothing"]) }[$name] // 0) as $bind
		| ($ns["now srcpin_\($name)"] - $ns["now nothing"] - $bind) / ($ns["base srcpin_\($name)"] - $ns["base nothing"] - $bind)
		| rounded(1000) end;
def guard_before: map({ ("\(.version) \(.program)"): .median_ns }) | add
	| if . == null then null else (.["now guard_datagrams"] - .["now nothing_datagrams"]) / (.["base guard_datagrams"] - .["base nothing_datagrams"])
		| rounded(1000) end;
def load_before($what): map({ (.what): .median_us }) | add
	| if . == null or .["base_" + $what] == null then null else .[$what] / .["base_" + $what] | rounded(1000) end;

# what a command takes more than `bare`, in ms
def more_than_bare($what): map({ (.what): .median_us }) | add
	| if .bare then (.[$what] - .bare) / 1000 | rounded(1000) else null end;

# A pinned connect binds the socket, which is the kernel's time: bpf_bind_* is a program that does just that, nothing one
# that does not even that. The slowest of all programs of srcpin on one host, that time taken out.
def without_bind: group_by(.addresses) | map(
		(map({ (.program): .median_ns }) | add) as $ns
		| { srcpin_connect6: ($ns.bpf_bind_ipv6 - $ns.nothing), srcpin_connect4: ($ns.bpf_bind_ipv4 - $ns.nothing) } as $bind
		| $ns | to_entries[] | select(.key | startswith("srcpin_")) | .value - ($bind[.key] // 0)
	) | max | if . == null then null else rounded(10) end;

[inputs | split(" ")] as $lines
| ($lines | [compared("connect"; "connects_per_batch"; "ns";
	split("/") | { protocol: .[0], family: .[1], addresses: (.[2] | tonumber) })]) as $connect
| ($lines | [compared("watched"; "connects_per_batch"; "ns"; "unwatched"; split("/") | { protocol: .[0], family: .[1] })]) as $watched
| ($lines | [compared("pool"; "connects_per_batch"; "ns"; "one"; split("/") | { protocol: .[0], family: .[1] })]) as $pools
| ($lines | [compared("bulk"; "megabytes_per_batch"; "bytes_per_second"; { family: . })]) as $bulk
| ($lines | [compared("packets"; "packets_per_batch"; "packets_per_second"; { family: . })]) as $packets
| ($lines | [compared("large"; "packets_per_batch"; "packets_per_second"; { family: ., kind: "8,000 bytes, in fragments" }),
	compared("segments"; "packets_per_batch"; "packets_per_second"; { family: ., kind: "8,000 bytes, UDP_SEGMENT" })]) as $large
| ($lines | [compared("before"; "connects_per_batch"; "ns"; "base"; split("/") | { protocol: .[0], family: .[1] })]) as $before
| ($lines | map(select(.[0] == "hooks_base" or .[0] == "hooks_now") | samples(4) as $s
	| { version: .[0][6:], program: .[1] } + ($s | summary("ns"; 10)))) as $hooks_before
| ($lines | map(select(.[0] == "concurrent")
	| { variant: .[1], destinations: (.[2] | tonumber), connections: (.[3] | tonumber), seconds: (.[4] | tonumber), ended_by: .[5] })
	) as $concurrent
| ($lines | map(select(.[0] == "load") | samples(2) as $s
	| { what: .[1], runs: ($s | length) } + ($s | map(. / 1000) | summary("us"; 1)))) as $load
| ($lines | map(select(.[0] == "memory") | samples(4) as $s
	| { service: .[1], services: (.[2] | tonumber), of: .[3], runs: ($s | length), median_bytes: ($s | quantile(0.5) | round) })) as $memory
| ($lines | map(select(.[0] == "hooks") | samples(4) as $s
	| { program: .[1], addresses: (.[2] | tonumber), batches: ($s | length), runs_per_batch: (.[3] | tonumber) } + ($s | summary("ns"; 10)))) as $hooks
| {
	srcpin: $srcpin, base: $base, kernel: $kernel, cpu: $cpu, cpus: $cpus, date: $date, quick: $quick, seconds: $seconds,
	connect: $connect, watched: $watched, pools: $pools, bulk: $bulk, packets: $packets, large: $large, concurrent: $concurrent, load: $load, memory: $memory, hooks: $hooks,
	before: $before, hooks_before: $hooks_before,
	targets: [
		target("UDP connect, pinned, guard off: ratio, worst"; $connect | worst("udp"; "pinned"); "<="; 1),
		target("UDP connect, pinned: ratio, worst"; $connect | worst("udp"; "pinned_guard"); "<="; 0.95),
		target("TCP connect, pinned, guard off: ratio, worst"; $connect | worst("tcp"; "pinned"); "<="; 1.02),
		target("TCP connect, pinned: ratio, worst"; $connect | worst("tcp"; "pinned_guard"); "<="; 1.02),
		target("UDP connect, pinned, watched: ratio, worst"; $watched | worst("udp"; "watched"); "<="; 1.1),
		target("TCP connect, pinned, watched: ratio, worst"; $watched | worst("tcp"; "watched"); "<="; 1.1),
		target("connect, four sources by hash, against one: ratio, worst"; $pools | map(select(.variant == "four").ratio) | max; "<="; 1.05),
		target("connect, a prefix by hash, against one source: ratio, worst"; $pools | map(select(.variant == "prefix").ratio) | max; "<="; 1.05),
		target("bulk TCP, pinned: ratio"; $bulk | map(select(.variant == "pinned_guard").ratio)[0]; ">="; 0.99),
		target("bulk TCP, pinned against a program that does nothing: ratio"; $bulk | against_nothing; ">="; 0.99),
		target("UDP, 64 bytes, pinned: ratio"; $packets | map(select(.variant == "pinned_guard").ratio)[0]; ">="; 0.92),
		target("UDP, 64 bytes, pinned against a program that does nothing: ratio"; $packets | rate_against("nothing"); ">="; 0.95),
		target("concurrent connections, pinned"; $concurrent | map(select(.variant == "pinned").connections)[0]; ">="; 200000),
		target("first load, ms"; $load | map(select(.what == "first").median_us / 1000)[0]; "<="; 20),
		target("load of a further service, ms"; $load | map(select(.what == "further").median_us / 1000)[0]; "<="; 5),
		target("run in a pinned cgroup, more than the command, ms"; $load | more_than_bare("run_within"); "<="; 10),
		target("run with a policy of its own, more than the command, ms"; $load | more_than_bare("run_own"); "<="; 40),
		target("slowest hook, ns"; $hooks | map(.median_ns) | max; "<="; 250),
		target("slowest hook, without what bpf_bind() takes, ns"; $hooks | without_bind; "<="; 250),
		target("guard, of datagrams, against before: ratio"; $hooks_before | guard_before; "<="; 0.45),
		({ sendmsg6: 0.55, sendmsg4: 0.55, bind6: 0.40, bind4: 0.40, connect6: 0.75, connect4: 0.75 } | to_entries[] as $hook
			| target("\($hook.key), against before: ratio"; $hooks_before | of_before($hook.key); "<="; $hook.value)),
		target("the same load again, against before: ratio"; $load | load_before("again"); "<="; 0.35),
		target("unload of one of two, against before: ratio"; $load | load_before("unload_one"); "<="; 0.25),
		target("first load, against before: ratio"; $load | load_before("first"); "<="; 0.65),
		target("connect, pinned, against before: ratio, worst"; $before | map(select(.variant == "now").ratio) | max; "<="; 1.01),
		target("UDP, 8,000 bytes, in fragments, against before: ratio"; $large | map(select(.kind | endswith("fragments"))) | rate_against("base"); ">="; 0.99),
		target("UDP, 8,000 bytes, UDP_SEGMENT, against before: ratio"; $large | map(select(.kind | endswith("SEGMENT"))) | rate_against("base"); ">="; 0.99)
	]
}
