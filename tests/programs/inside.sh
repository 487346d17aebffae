# shellcheck shell=bash disable=SC2034 # the rows'
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the commands of the rows have, where they run. $TOKEN is another one for each run.

PEER=2001:db8:9::1 PEER4=192.0.2.1 SOURCE=2001:db8:2::25 SOURCE4=192.0.2.25
HERE=/srv/programs # the peer writes there, too
MAIL="From: a@vps.test
To: b@mx.example.org
Subject: $TOKEN

hello"

# within SECONDS COMMAND...
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

listens() { # PORT
	[[ -n $(ss -Hltn "sport = :$1") ]]
}

# up PORT: a server that the row began listens
up() {
	within 30 listens "$1"
}

# arrived [WHAT]: has the peer got the mail, or the line?
arrived() {
	within "${PATIENCE:-6}" grep -qs -- "${1:-$TOKEN}" "$HERE/mails" "$HERE/log"
}

# saw: does what comes in hold what the peer says?
saw() {
	tee >(cat >&2) | grep -aqE -- "${1:-2001:db8:(1::5|2::25)|192\.0\.2\.(5|25)}"
}

# resolves PORT [TYPE]: the resolver at the loopback; it may still begin
resolves() {
	up "$1" && within "${PATIENCE:-6}" resolved "$@"
}

resolved() {
	dig +time=2 +tries=1 +short -p "$1" @127.0.0.1 "$TOKEN.example.org" "${2:-AAAA}" | grep -qi '^2001:db8:9::1$'
}
