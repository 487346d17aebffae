#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A test that does not end by itself is ended, and has failed.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TAP_DIR=$work

test_of() { # NAME BODY
	printf '#!/bin/bash\necho "ok 1 - begins"\n%s\n' "$2" >"$work/$1" && chmod +x "$work/$1"
}

# kept NAME SECONDS: what prove gets, and the exit status
kept() {
	TEST_SECONDS=$2 TEST_KILL_SECONDS=1 timeout 60 tests/tap-keep "$work/$1"
	echo "status $?"
}

nobody_left() {
	! pgrep -f "$work/" >/dev/null
}

test_of fails 'echo "not ok 2"; echo 1..2; exit 1'
is "$(kept fails 60)" "$(printf 'ok 1 - begins\nnot ok 2\n1..2\nstatus 1')" 'one that ends by itself: its TAP, and its exit status'

test_of gives-up 'echo "Bail out! no more"; exit 255'
is "$(kept gives-up 60)" "$(printf 'ok 1 - begins\nnot ok - bailed out: no more\nstatus 255')" 'one that bails out has failed, and prove goes on'

test_of hangs "trap 'echo \"# it tidies up\"; exit 1' TERM; sleep 1000 & wait"
like "$(kept hangs 1)" "^ok 1 - begins.# it tidies up.not ok - $work/hangs: ended after 1 s.status 124\$" 'one that hangs is told to end, does, and has failed'
is "$(<"$work/${work//\//_}_hangs")" "$(printf "ok 1 - begins\n# it tidies up\nnot ok - %s: ended after 1 s" "$work/hangs")" 'tests/run counts that in'

# a child that hears no signal, and holds on to what prove reads from
test_of stubborn "trap '' TERM; (trap '' TERM INT; exec -a $work/child sleep 1000); sleep 1000"
like "$(kept stubborn 1)" "^ok 1 - begins.not ok - $work/stubborn: ended after 1 s.status 137\$" 'one that will not is killed'
wait_until 'nothing is left of them' nobody_left
pass 'and what they have started'
done_testing
