#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What an older kernel lacks, and what is done instead: `load -v` says so, and so it is.

# shellcheck source=tests/kernel/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/world.sh"
# shellcheck source=tests/kernel/state.sh
. "$WORLD_HERE/state.sh"

# before 5.11 the memory of BPF counts against this limit, and each service takes some
ulimit -l 64
config "source = 2001:db8:2::99"
run "$SRCPIN" -v load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$?" 0 "load -v exits with 0, under a limit of 64 kB of locked memory"
said=$(grep -c '^srcpin: this kernel has no bpf_set_retval (Linux 5.18): .* fails with EPERM' <<<"$err")
if [[ $(refusal EADDRNOTAVAIL) == EPERM ]]; then
	is "$said" 1 "it says that what is refused fails with EPERM"
else
	is "$said" 0 "it says nothing of errnos, which hooks can choose"
fi
# (some kernel between the two was the first)
said=$(grep -c '^srcpin: this kernel does not tell the guard which process runs (Linux 6.18 does, 6.12 does not): ' <<<"$err")
is "$said" "$([[ $(printf '%s\n' 6.18 "$(uname -r)" | sort -V | head -1) == 6.18 ]]; echo $?)" \
	"it says whether the guard is told which process runs"
is "$(source_of "$WORLD_CGROUP")" "$(refusal EADDRNOTAVAIL)" "so it does"
for i in 1 2 3; do
	mkdir "$WORLD_CGROUP/$i"
	config "source = 2001:db8:2::25" "$i"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP/$i" -c "$CONFIG"
	is "$?" 0 "a further service is pinned: $i"
done
is "$(source_of "$WORLD_CGROUP/3")" 2001:db8:2::25 "the last one has its source"
ok "unload" "$SRCPIN" unload --all

done_testing
