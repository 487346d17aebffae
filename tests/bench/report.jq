# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# From bench.json to tables that are Markdown and can be read as they are.

def times($n): . as $s | [range($n) | $s] | add // "";
def padded($width): length as $n | . + (" " | times($width - $n));
def table: . as $rows | (transpose | map(map(length) | max)) as $widths
	| ($rows[0], ($widths | map(. as $w | "-" | times($w))), $rows[1:][])
	| [., $widths] | transpose | map(.[1] as $w | .[0] | padded($w)) | "| " + join(" | ") + " |";

# rows that are more than their heading, and an empty line
def section: if length > 1 then table, "" else empty end;

# a number with N digits after the point, and commas between thousands
def fixed($n):
	(. * pow(10; $n) | round | tostring) as $d
	| (if ($d | length) <= $n then ("0" | times($n + 1 - ($d | length))) + $d else $d end) as $d
	| ($d | if $n == 0 then . else .[:-$n] end
		| [match("(?=(?:\\d{3})+$)"; "g").offset] as $cuts
		| split("") | to_entries | map((if .key > 0 and (.key | IN($cuts[])) then "," else "" end) + .value) | add)
	+ (if $n == 0 then "" else "." + $d[-$n:] end);
def ratio($n): if .ratio < 0.1 then .ratio | fixed($n + 1) else .ratio | fixed($n) end;
def half($n): "\(.ratio_quartile1 | fixed($n)) to \(.ratio_quartile3 | fixed($n))";
def family: if . == "ipv6" then "IPv6" else "IPv4" end;

# variants in the order of the columns, and what they are called
def variants: [
	["unpinned", "unpinned"], ["base", "the other version"], ["now", "this one"], ["unwatched", "nobody watches"], ["watched", "watched"], ["unpinned_again", "again"], ["nothing", "a program that does nothing"], ["pinned", "pinned, guard off"], ["pinned_guard", "pinned"],
	["one", "one source"], ["one_again", "again"], ["four", "four, by hash"], ["prefix", "a prefix, by hash"],
	["bind", "bind()"], ["bind_no_port", "bind(), no port"], ["nft_snat", "nftables SNAT"]
];

# a row for each group of series, a column for each variant: of unpinned what it is, of the others the ratio
def compared($what; group; heading; seen; $n):
	[.[].variant] as $there
	| (variants | map(select(.[0] | IN($there[])))) as $columns
	| [$what] + ($columns | map(.[1])),
	  (group_by(group)[] | . as $row
	   | [.[0] | heading] + ($columns | map(.[0] as $v | $row[] | select(.variant == $v)
		| if $v == $columns[0][0] then seen else "\(ratio($n)) (\(half($n)))" end)));

def hook_rows: . as $all | (map(.addresses) | unique) as $hosts
	| ["one run of a program, ns"] + ($hosts | map("\(fixed(0)) addresses")),
	  ($all[] | select(.addresses == $hosts[0]).program
	   | . as $p | [$p] + [$all[] | select(.program == $p) | "\(.median_ns | fixed(0)) (\(.quartile1_ns | fixed(0)) to \(.quartile3_ns | fixed(0)))"]);

def load_names: {
	start: "a process, to show its version", first: "first load of the host", further: "load of a further service",
	again: "the same again", unload_one: "unload of one of two", base_first: "first load of the host, the other version",
	base_again: "the same again, the other version", base_unload_one: "unload of one of two, the other version", unload_all: "unload --all, of two", bare: "true",
	run_within: "run --cgroup, in a pinned one -- true", run_own: "run --source, the host's first -- true"
};

([.connect | compared("socket, connect, close"; [.protocol == "tcp", .family == "ipv4", .addresses];
	"\(.protocol | ascii_upcase) \(.family | family), \(.addresses | fixed(0)) addresses"; "\(.median_ns / 1000 | fixed(1)) us"; 2)] | section),
([.watched | compared("socket, connect, close, pinned"; [.protocol == "tcp", .family == "ipv4"];
	"\(.protocol | ascii_upcase) \(.family | family)"; "\(.median_ns / 1000 | fixed(1)) us"; 2)] | section),
([.pools | compared("socket, connect, close, pinned"; [.protocol == "tcp", .family == "ipv4"];
	"\(.protocol | ascii_upcase) \(.family | family)"; "\(.median_ns / 1000 | fixed(1)) us"; 2)] | section),
([.bulk | compared("TCP, one connection"; .family; .family | family; "\(.median_bytes_per_second / 1e6 | fixed(0)) MB/s"; 3)] | section),
([.packets | compared("UDP, 64 bytes"; .family; .family | family; "\(.median_packets_per_second | fixed(0))/s"; 3)] | section),
([.large | compared("UDP, IPv6"; .kind; .kind; "\(.median_packets_per_second | fixed(0))/s"; 3)] | section),
([.before | compared("socket, connect, close, pinned"; [.protocol == "tcp", .family == "ipv4"];
	"\(.protocol | ascii_upcase) \(.family | family)"; "\(.median_ns / 1000 | fixed(1)) us"; 3)] | section),
([.hooks | hook_rows] | section),
([["one run of a program, ns", "the other version", "this one"]]
	+ (.hooks_before | group_by(.program) | map((map({ (.version): "\(.median_ns | fixed(0)) (\(.quartile1_ns | fixed(0)) to \(.quartile3_ns | fixed(0)))" }) | add) as $of
		| [(.[0].program | sub("_datagrams"; ", of datagrams")), $of.base // "", $of.now])) | section),
([["time of a command", "ms", "half of them"]] + (.load | map([load_names[.what], (.median_us / 1000 | fixed(1)),
	"\(.quartile1_us / 1000 | fixed(1)) to \(.quartile3_us / 1000 | fixed(1))"])) | section),
([["connections at one time, from one source", "number", "seconds", "ended by"]]
	+ (.concurrent | map(["\(.destinations) destinations, \(.variant)", (.connections | fixed(0)), (.seconds | fixed(1)),
		if .ended_by == "MOST" then "all that were asked for" else .ended_by end])) | section),
([["memory of the kernel", "bytes"]] + (.memory | map([
	(if .service == "first" then "first service" else "each further one" end) + (if .of == "slab" then ", of all slabs" else ", bytes_memlock" end),
	(.median_bytes | tostring)])) | section),
([["target", "", "seen", "reached"]] + (.targets | map([.what, .target, (.got | tostring), if .reached then "yes" else "no" end])) | section),
"\(.srcpin | split(" ")[0:2] | join(" ")), \(if .base == "" then "" else "against \(.base), " end)Linux \(.kernel), \(.cpus) CPUs (\(.cpu)), \(.date). Ratios are against unpinned in the same run,",
"in which the variants take turns: the median of \((.connect + .pools)[0].batches) batches (TCP: \(.bulk[0].batches)), in brackets the middle half of them."
