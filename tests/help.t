#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# --help, srcpin(8), the completion and the program itself know the same commands and options. This test has no list of them.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1
# shellcheck source=/dev/null # its variables are local ones
. user/completion/srcpin
export LC_ALL=C

srcpin=$(realpath "${O:-build}")/srcpin
[ -x "$srcpin" ] || skip_all "$srcpin is missing: run make"
work=$(mktemp -d)
trap 'rm -rf "$work"; [ -z "${group-}" ] || rmdir "$group"' EXIT
chmod 755 "$work"
cp "$srcpin" "$work/srcpin" # where nobody can run it
nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$work/srcpin" "$@"; }

help=$("$srcpin" --help)
commands=$(sed -n 's/^  \([a-z]\+\) .*/\1/p' <<<"$help" | sort)
options=$(sed -n 's/^  \(-.*\)/\1/p' <<<"$help" | sed -E 's/^((-[-A-Za-z0-9]+, )*-[-A-Za-z0-9]+).*/\1/; s/, /\n/g' | sort)

# what the program says when it refuses an argument
synopsis() { "$srcpin" "$1" one-too-many 2>&1 | sed -n "s/.*(usage: srcpin $1 *\(.*\))\$/\1/p"; }

# an option is given by both of its names, or by one: "-c --config"
names_of() { sed -n 's/^  \(-.*\)/\1/p' <<<"$help" | grep -E -e "(^|[ ,])$1([ ,]|\$)" | grep -oE -e '^(-[-A-Za-z0-9]+(, )?)+' | tr -d ,; }

of_command() { # COMMAND: all names of its options
	local option
	for option in $(synopsis "$1" | grep -oE -e '(^|[[ ])-[-a-z0-9]+' | tr -d '[ '); do names_of "$option"; done | tr ' ' '\n' | sed '/^$/d' | sort
}

# the options of no command are those of all
common=$(comm -23 <(echo "$options") <(for c in $commands; do of_command "$c"; done | sort -u))

# a section of srcpin(8), without its markup
section() { sed 's/\\-/-/g; s/\\f.//g' user/man/srcpin.8 | sed -n "/^\.SH $1\$/,/^\.SH /p" | sed '1d;$d'; }
tags() { section "$1" | sed -n '/^\.T[PQ]$/{n;p}' | sed 's/^\.[A-Z]* //; s/[",]//g'; }
man_synopses() {
	section SYNOPSIS | sed -E 's/^\.br$/\n/; s/^\.[A-Z]+ //; s/"//g' | tr -d ' ' | paste -sd' ' | sed -E 's/ +srcpin/\nsrcpin/g' | tr -d ' ' |
		sed 's/^srcpin//' | sort
}

completed() { # WORD...: the last one is being typed
	(
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_srcpin "$1" "${*: -1}" "${*: -2:1}"
		printf '%s\n' "${COMPREPLY[@]}" | sed '/^$/d'
	)
}

takes() { # COMMAND OPTION: as nobody, who can do no harm
	local value=()
	[[ ! $help =~ $'\n'\ \ (-.,\ )?$2(,\ --[a-z0-9-]+)?\ [A-Z]+\ \  ]] || value=(1)
	! nobody "$1" "$2" "${value[@]}" 2>&1 | grep -q "^srcpin: $1 does not take"
}

takes_what_it_says() {
	local option
	for option in $(comm -23 <(echo "$options") <(echo "$common")); do
		if of_command "$1" | grep -qxe "$option"; then
			takes "$1" "$option" || { echo "does not take $option" && return 1; }
		else
			! takes "$1" "$option" || { echo "takes $option" && return 1; }
		fi
	done
}

is "$(tags COMMANDS | sort)" "$commands" "the commands of --help are those that srcpin(8) describes"
is "$(tags OPTIONS | grep -oE -e '(^| )--?[A-Za-z0-9-]+' | tr -d ' ' | sort)" "$options" "the options of --help are those that srcpin(8) describes"
is "$(man_synopses)" "$(for c in $commands; do echo "$c$(synopsis "$c" | tr -d ' ')"; done | sort)" "the synopses of srcpin(8) are the program's"
is "$(paste -sd' ' <<<"$common")" "--help --verbose --version -V -h -v" "each other option is one of a command"
for c in $commands; do
	ok "$c takes the options that its usage names, and no other" takes_what_it_says "$c"
done

is "$(completed "$srcpin" '')" "$commands" "completion: the commands"
is "$(completed "$srcpin" -v "$(head -c 2 <<<"$commands")")" "$(grep "^$(head -c 2 <<<"$commands")" <<<"$commands")" "completion: a command, after an option"
is "$(completed "$srcpin" -)" "$common" "completion: without a command the options of all"
for c in $commands; do
	is "$(completed "$srcpin" "$c" -)" "$({ of_command "$c" && echo "$common"; } | sort)" "completion: the options of $c"
done
is "$(completed "$srcpin" status --js)" --json "completion: the rest of an option"
is "$(completed "$srcpin" status '')" '' "completion: no second command"
is "$(completed "$srcpin" -c check '')" "$commands" "completion: what follows -c is no command"

mkdir "$work/files" "$work/files/folder"
touch "$work/files/one.conf" "$work/files/two words"
for words in '-c' '--config' '--config ='; do
	# shellcheck disable=SC2086 # words
	is "$(completed "$srcpin" check $words "$work/files/" | sort)" "$(printf '%s\n' "$work"/files/*)" "completion: files after $words"
done

mount=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET)
if [[ $(id -u) == 0 && -n $mount ]]; then
	group=$mount/srcpin-help-$$@x\\x2dy.service
	mkdir "$group"
	is "$(completed "$srcpin" load --cgroup "srcpin-help-$$@")" "srcpin-help-$$@x\\\\x2dy.service" "completion: the units that run, for --cgroup"
	is "$(completed "$srcpin" load --cgroup = srcpin-help-$$@)" "srcpin-help-$$@x\\\\x2dy.service" "completion: likewise with ="
	is "$(completed "$srcpin" load --cgroup sel)" self "completion: self"
	is "$(completed "$srcpin" unload --cgroup srcpin-help-)" '' "completion: only what is pinned, where something else makes no sense"
else
	skip "completion: the units that run" "root, or a cgroup2 mount"
fi

# as in a shell with bash-completion: found by the name of the command, where make install puts it
loads_by_name() {
	make -s install DESTDIR="$work/root" PREFIX=/usr O="${srcpin%/*}" &&
		XDG_DATA_DIRS=$work/root/usr/share bash -c '. /usr/share/bash-completion/bash_completion && _completion_loader srcpin
			[ "$(complete -p srcpin)" = "complete -F _srcpin srcpin" ]'
}
ok "bash-completion finds it" loads_by_name
done_testing
