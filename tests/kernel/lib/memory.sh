# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the kernel says of memory.

# Bytes of all maps and programs with our names on this host, as the kernel accounts them
memlock() {
	{
		bpftool -j map show
		bpftool -j prog show
	} | jq -s '[.[][] | select((.name // "") | startswith("srcpin")) | .bytes_memlock] | add // 0'
}

# slab TRIES: KiB of objects that are in use; first wait for those that are on their way out, and drop what is only a cache
slab() {
	local now last='' i
	for ((i = 0; i < $1; i++)); do
		{ echo 2 >/proc/sys/vm/drop_caches; } 2>/dev/null # a container may not: then it is only waited for
		now=$(meminfo Slab)
		[[ $now != "$last" ]] || break
		last=$now
		sleep 0.2
	done
	echo "$now"
}

meminfo() {
	awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo
}
