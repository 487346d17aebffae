# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# From bench.json to an SVG: what a connect costs, a bar for each way to choose the source, a panel for each protocol
# and host. No background, and colours that can be read on white and on black.

def variants: [
	["unpinned_again", "unpinned, again", "#8b949e"], ["pinned", "pinned, guard off", "#388bfd"],
	["pinned_guard", "pinned", "#388bfd"], ["bind", "bind()", "#8b949e"],
	["bind_no_port", "bind(), no port", "#8b949e"], ["nft_snat", "nftables SNAT", "#db6d28"]
];
def heading: "\(.protocol | ascii_upcase) \(if .family == "ipv6" then "IPv6" else "IPv4" end), \(.addresses) addresses";
def text($x; $y; $class; $what): "<text x=\"\($x)\" y=\"\($y)\" class=\"\($class)\">\($what)</text>";
def line($x1; $y1; $x2; $y2; $class): "<line x1=\"\($x1)\" y1=\"\($y1)\" x2=\"\($x2)\" y2=\"\($y2)\" class=\"\($class)\"/>";

{ left: 118, width: 260, step: 18, column: 440 } as $at
| (.connect | group_by([.protocol == "tcp", .family == "ipv4", .addresses])) as $panels
| (.connect | map(.ratio_quartile3) | max | [1.1, .] | max | . * 1.01) as $most
| ([.connect[].variant] | unique) as $there
| [variants[] | select(.[0] | IN($there[]))] as $bars
| (($bars | length) * $at.step + 44) as $height
| (($panels | length + 1) / 2 | floor) as $rows
| (50 + $rows * $height + 6) as $bottom
| def x: . * $at.width / $most * 10 | round / 10;
"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 880 \($bottom)\" width=\"880\" height=\"\($bottom)\" role=\"img\">",
"<title>What a connect costs, against unpinned</title>",
"<style>text{font:12px system-ui,sans-serif;fill:#7d8590}.head{font-size:15px;font-weight:600}.panel{font-weight:600}",
".name{text-anchor:end}.one{stroke:#7d8590;stroke-dasharray:3 3}.half{stroke:#7d8590;stroke-width:2}rect{fill-opacity:.55}</style>",
text(8; 20; "head"; "socket, connect, close: time against unpinned (= 1)"),
text(8; 38; "note"; "median of \(.connect[0].batches) batches in turn; the short line is the middle half. \(.srcpin | split(" ")[0:2] | join(" ")), Linux \(.kernel), \(.date)"),
($panels | to_entries[]
	| (.key % 2 * $at.column) as $left | (50 + (.key / 2 | floor) * $height) as $top | .value as $series
	| ($series[] | select(.variant == "unpinned")) as $unpinned
	| "<g transform=\"translate(\($left) \($top))\">",
	  text(8; 16; "panel"; "\($unpinned | heading): 1 = \($unpinned.median_ns / 100 | round / 10) µs"),
	  ($bars | to_entries[] | .key as $i | .value as [$variant, $name, $colour] | (26 + $i * $at.step) as $y
	   | $series[] | select(.variant == $variant)
	   | text($at.left - 6; $y + 11; "name"; $name),
	     "<rect x=\"\($at.left)\" y=\"\($y)\" width=\"\(.ratio | x)\" height=\"13\" fill=\"\($colour)\"/>",
	     line($at.left + (.ratio_quartile1 | x); $y + 6.5; $at.left + (.ratio_quartile3 | x); $y + 6.5; "half"),
	     text($at.left + $at.width + 6; $y + 11; "value"; .ratio * 1000 | round / 1000)),
	  line($at.left + (1 | x); 22; $at.left + (1 | x); $height - 16; "one"),
	  "</g>"),
"</svg>"
