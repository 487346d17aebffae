# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What runs in one VM is one line of TAP here. `cell KERNEL NAME COMMAND...` begins a VM, with a command that speaks TAP, of one test or
# of several in a row; `cells` waits for all, and says what came of each. VM_JOBS run at a time: an emulated one keeps one CPU busy.
# What was said is kept as $O/vm/tap/KERNEL/NAME, of VM_ARCH=arm64 as $O/vm/arm64/tap/KERNEL/NAME.

export O=${O:-$PWD/build} VM_SECONDS=${VM_SECONDS:-1200} PATIENCE=300
vm=$O/vm${VM_ARCH:+/$VM_ARCH}

# passed TAP: it is whole, and says "ok" of all
passed() {
	awk '/^ok/ { n++ } /^not ok/ || /^Bail out/ { bad = 1 } /^1\.\.[0-9]+/ { plan += substr($1, 4) }
		END { exit bad || !n || plan != n }' "$1"
}

begun=()

cell() {
	local kernel=$1 tap=$vm/tap/$1/$2
	begun+=("$kernel $2")
	shift 2
	mkdir -p "${tap%/*}"
	while (($(jobs -rp | wc -l) >= ${VM_JOBS:-$(nproc)})); do wait -n; done
	VM_LOG=$tap.kernel tests/vm/boot "$kernel" env MUST_RUN=1 PATIENCE="$PATIENCE" "$@" >"$tap" 2>&1 &
}

cells() {
	local kernel name tap what
	wait
	while read -r kernel name; do
		tap=$vm/tap/$kernel/$name
		what="$(basename "$vm/kernels/$kernel"/lib/modules/*): $name"
		if passed "$tap"; then
			pass "$what, $(grep -c '^ok' "$tap") tests"
		else
			fail "$what" "$(grep -A3 -E '^(not ok|Bail out)' "$tap" | head -40; tail -3 "$tap")"
		fi
	done < <(printf '%s\n' "${begun[@]}")
}
