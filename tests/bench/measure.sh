# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is measured, each to a file of its own in $WORLD_DIR/raw: lines of words,
# of which json.jq makes sense.

# measured NAME: what the function of that name prints is what it measured
measured() {
	local name=$1
	[[ " ${BENCH_ONLY-$name} " == *" $name "* ]] || return 0
	echo "bench: $name" >&2
	"$name" >"$WORLD_DIR/raw/$name" || { cat "$WORLD_DIR/raw/$name" >&2; bail_out "cannot measure: $name"; }
}

# pin HOST H CGROUP GUARD
pin() {
	mkdir -p "$WORLD_CGROUP/$3"
	config "source = $(own6 "$2")"$'\n'"source4 = $(own4 "$2")"$'\n'"guard = $4" "$3"
	on_host "$1" "$SRCPIN" load --cgroup "$WORLD_CGROUP/$3" -c "$CONFIG" >/dev/null || bail_out "cannot load $3"
}

# pin_pool CGROUP SOURCES SOURCES4: on the host that has several, by hash
pin_pool() {
	mkdir "$WORLD_CGROUP/$1"
	config "source = $2"$'\n'"source4 = $3"$'\n'"spread = hash" "$1"
	on_host pool "$SRCPIN" load --cgroup "$WORLD_CGROUP/$1" -c "$CONFIG" >/dev/null || bail_out "cannot load $1"
}

# empty CGROUP: with a program on each packet that does nothing
empty() {
	mkdir "$WORLD_CGROUP/$1" && bpftool prog load "$BENCH/nothing.bpf.o" "/sys/fs/bpf/$1" &&
		bpftool cgroup attach "$WORLD_CGROUP/$1" egress pinned "/sys/fs/bpf/$1" multi && rm "/sys/fs/bpf/$1" ||
		bail_out "cannot attach a program that does nothing"
}

# The ways to choose a source, for connect.c: each on a host H with N addresses
connect_variants() {
	local host=$1 h=$2 n=$3 proto family peer own shared natted key here batch
	for proto in udp tcp; do
		for family in ipv6 ipv4; do
			# a batch of about two milliseconds; finding a source among 1000 takes its time
			case $proto$n in udp2) batch=300 ;; tcp2) batch=60 ;; udp*) batch=30 ;; *) batch=10 ;; esac
			if [[ $family == ipv6 ]]; then
				peer=$PEER6 own=$(own6 "$h") shared=$(shared6 "$h") natted=$(own6 $((h + 2)))
			else
				peer=$PEER4 own=$(own4 "$h") shared=$(shared4 "$h") natted=$(own4 $((h + 2)))
			fi
			key=$proto/$family/$n here="${NETNS[$host]} $proto $peer"
			echo "$key unpinned $batch plain $here $shared plain"
			echo "$key unpinned_again $batch plain $here $shared plain"
			echo "$key pinned $batch $host-off $here $own plain"
			echo "$key pinned_guard $batch $host-on $here $own plain"
			echo "$key bind $batch plain $here $own bind $own"
			echo "$key bind_no_port $batch plain $here $own bind-no-port $own"
			echo "$key nft_snat $batch nft ${NETNS[$host-nft]} $proto $peer $natted plain"
		done
	done
}

# A pinned connect, for connect.c: KEY of each protocol and family, named NAME
watched_variants() {
	local name=$1 proto family peer own batch
	for proto in udp tcp; do
		case $proto in udp) batch=300 ;; tcp) batch=60 ;; esac
		for family in ipv6 ipv4; do
			if [[ $family == ipv6 ]]; then peer=$PEER6 own=$(own6 1); else peer=$PEER4 own=$(own4 1); fi
			echo "$proto/$family $name $batch few-on ${NETNS[few]} $proto $peer $own plain"
		done
	done
}

throughput_variants() {
	local here="${NETNS[few]} $PEER6"
	echo "ipv6 unpinned plain $here $(shared6 1)"
	echo "ipv6 unpinned_again plain $here $(shared6 1)"
	echo "ipv6 nothing nothing $here $(shared6 1)"
	echo "ipv6 pinned few-off $here $(own6 1)"
	echo "ipv6 pinned_guard few-on $here $(own6 1)"
	[[ ! ${BENCH_BASE-} ]] || echo "ipv6 base few-base $here $(own6 1)"
}

# Of lines of several runs one for each KIND KEY NAME, with the samples of all
joined() {
	awk '{ key = $1 " " $2 " " $3; if (!(key in first)) { order[++n] = key; first[key] = $4 }
		for (i = 5; i <= NF; i++) samples[key] = samples[key] " " $i }
		END { for (i = 1; i <= n; i++) print order[i] " " first[order[i]] samples[order[i]] }'
}

connect() {
	{ connect_variants few 1 2; connect_variants many 2 1000; } | "$BENCH/connect" "$ROUNDS"
}

# The same connects, while somebody watches and while nobody does, by turns; who watches has another CPU
watched() {
	local i here=0 there=$(($(nproc) > 1)) watcher
	for ((i = 0; i < (ROUNDS + 9) / 10; i++)); do
		watched_variants unwatched | taskset -c "$here" "$BENCH/connect" 10 || return
		: >"$WORLD_DIR/watching"
		taskset -c "$there" "$SRCPIN" watch >/dev/null 2>"$WORLD_DIR/watching" &
		watcher=$!
		wait_until "somebody watches" grep -q watching "$WORLD_DIR/watching"
		watched_variants watched | taskset -c "$here" "$BENCH/connect" 10 || return
		kill "$watcher"
		wait "$watcher"
	done >"$WORLD_DIR/turns" || return
	# of each variant its turns, one after the other
	sed 's/^connect /watched /' "$WORLD_DIR/turns" | joined
}

# One source, four by hash, and a prefix: on one host, for connect.c
pool_variants() {
	local proto family batch here
	for proto in udp tcp; do
		case $proto in udp) batch=300 ;; tcp) batch=60 ;; esac
		for family in ipv6 ipv4; do
			here="${NETNS[pool]} $proto"
			if [[ $family == ipv6 ]]; then
				echo "$proto/$family one $batch pool-one $here $PEER6 $(own6 5) plain"
				echo "$proto/$family one_again $batch pool-one $here $PEER6 $(own6 5) plain"
				echo "$proto/$family four $batch pool-four $here $PEER6 2001:db8:2:5:* plain"
				echo "$proto/$family prefix $batch pool-prefix $here $PEER6 ${POOL6%:/*}* plain"
			else
				echo "$proto/$family one $batch pool-one $here $PEER4 $(own4 5) plain"
				echo "$proto/$family one_again $batch pool-one $here $PEER4 $(own4 5) plain"
				echo "$proto/$family four $batch pool-four $here $PEER4 198.18.8[12].* plain"
				echo "$proto/$family prefix $batch pool-prefix $here $PEER4 ${POOL4%0/*}* plain"
			fi
		done
	done
}

pools() {
	pool_variants | "$BENCH/connect" "$ROUNDS" | sed 's/^connect /pool /'
}

bulk() {
	throughput_variants | "$BENCH/throughput" "$((3 * ROUNDS))" bulk 20
}

packets() {
	throughput_variants | "$BENCH/throughput" "$ROUNDS" packets 2000
}

# Datagrams that the kernel splits, and such that the device does (UDP_SEGMENT)
large() {
	throughput_variants | "$BENCH/throughput" "$ROUNDS" large 300 &&
		throughput_variants | "$BENCH/throughput" "$ROUNDS" segments 300
}

before_variants() {
	local proto family peer own batch
	for proto in udp tcp; do
		case $proto in udp) batch=300 ;; tcp) batch=60 ;; esac
		for family in ipv6 ipv4; do
			if [[ $family == ipv6 ]]; then peer=$PEER6 own=$(own6 1); else peer=$PEER4 own=$(own4 1); fi
			echo "$proto/$family base $batch few-base ${NETNS[few]} $proto $peer $own plain"
			echo "$proto/$family now $batch few-on ${NETNS[few]} $proto $peer $own plain"
		done
	done
}

# A connect, pinned by the other version and by this one
before() {
	before_variants | "$BENCH/connect" "$ROUNDS" | sed 's/^connect /before /'
}

# The kernel finds a free port fast until half of a destination's are taken, then ever slower: with 8 it takes minutes
concurrent() {
	local dests=() i
	for ((i = 1; i <= ${BENCH_DESTINATIONS:-16}; i++)); do
		dests+=("2001:db8:77::$i")
	done
	"$BENCH/many_connections" unpinned "$CONNECTIONS" plain "${NETNS[few]}" plain "$(shared6 1)" "${dests[@]}" &&
		"$BENCH/many_connections" pinned "$CONNECTIONS" few-on "${NETNS[few]}" plain "$(own6 1)" "${dests[@]}" &&
		"$BENCH/many_connections" bind "$CONNECTIONS" plain "${NETNS[few]}" bind "$(own6 1)" "${dests[@]}"
}

hooks() {
	local host cgroup h n programs=()
	mapfile -t programs < <("$SRCPIN" status --cgroup "$WORLD_CGROUP/few-on" --json | jq -r '.services[0].programs[] | .name, .id')
	for host in few many; do
		case $host in few) h=1 n=2 ;; many) h=2 n=1000 ;; esac
		for cgroup in "$host-on" plain; do
			if [[ $cgroup == plain ]]; then set --; else set -- "${programs[@]}"; fi
			hooks_of "$ROUNDS" "$host" $h $n "$cgroup" "$@" || return
		done
	done
	[[ ! ${BENCH_BASE-} ]] || hooks_before "${programs[@]}"
}

# hooks_of ROUNDS HOST H N CGROUP [PROGRAM ID]...
hooks_of() {
	"$BENCH/hooks" "$4" "$1" 20 "$5" "${NETNS[$2]}" "$PEER6" "$(own6 "$3")" "$PEER4" "$(own4 "$3")" -- "${@:6}"
}

# datagrams_of CGROUP [PROGRAM ID]...: of those that run for datagrams of a connected socket
datagrams_of() {
	"$BENCH/hooks" -d 2 $((ROUNDS / 5)) 20 "$1" "${NETNS[few]}" "$PEER6" "$(own6 1)" "$PEER4" "$(own4 1)" -- "${@:2}" | grep -E '^hooks (srcpin_guard|nothing) '
}

# The programs of this version and of the other one, by turns
hooks_before() {
	local base=() i
	mapfile -t base < <(base_on few "$BASE_SRCPIN" status --cgroup "$WORLD_CGROUP/few-base" --json | jq -r '.services[0].programs[] | .name, .id')
	for ((i = 0; i < 5; i++)); do
		hooks_of $((ROUNDS / 5)) few 1 2 few-base "${base[@]}" | sed 's/^hooks /hooks_base /' &&
			hooks_of $((ROUNDS / 5)) few 1 2 few-on "$@" | sed 's/^hooks /hooks_now /' &&
			hooks_of $((ROUNDS / 5)) few 1 2 plain | sed 's/^hooks /hooks_now /' &&
			datagrams_of few-base "${base[@]}" | sed 's/^hooks srcpin_guard/hooks_base guard_datagrams/; s/^hooks nothing/hooks_base nothing_datagrams/' &&
			datagrams_of few-on "$@" | sed 's/^hooks srcpin_guard/hooks_now guard_datagrams/; s/^hooks nothing/hooks_now nothing_datagrams/' || return
	done | joined
}

# load_one NAME: nanoseconds of a load for the cgroup load-NAME
load_one() {
	on_host few "$BENCH/timed" "$SRCPIN" load --cgroup "$WORLD_CGROUP/load-$1" -c "$CONFIG"
}

base_load_one() {
	base_on few "$BENCH/timed" "$BASE_SRCPIN" load --cgroup "$WORLD_CGROUP/load-$1" -c "$CONFIG"
}

# Needs that nothing is loaded, and leaves nothing loaded
load_time() {
	local i start=() first=() further=() again=() end=() one=() base_first=() base_again=() base_one=()
	config "source = $(own6 1)"$'\n'"source4 = $(own4 1)" 'load-*'
	mkdir "$WORLD_CGROUP"/load-{1,2}
	for ((i = 0; i < LOADS; i++)); do
		start+=("$("$BENCH/timed" "$SRCPIN" --version)") &&
			first+=("$(load_one 1)") && further+=("$(load_one 2)") && again+=("$(load_one 2)") &&
			one+=("$("$BENCH/timed" "$SRCPIN" unload --cgroup "$WORLD_CGROUP/load-2")") && load_one 2 >/dev/null &&
			end+=("$("$BENCH/timed" "$SRCPIN" unload --all)") || return
		[[ ${BENCH_BASE-} ]] || continue
		base_first+=("$(base_load_one 1)") && base_load_one 2 >/dev/null && base_again+=("$(base_load_one 2)") &&
			base_one+=("$(base_on few "$BENCH/timed" "$BASE_SRCPIN" unload --cgroup "$WORLD_CGROUP/load-2")") &&
			base_on few "$BASE_SRCPIN" unload --all >/dev/null || return
	done
	echo load start "${start[@]}"
	echo load first "${first[@]}"
	echo load further "${further[@]}"
	echo load again "${again[@]}"
	echo load unload_one "${one[@]}"
	echo load unload_all "${end[@]}"
	if [[ ${BENCH_BASE-} ]]; then
		echo load base_first "${base_first[@]}"
		echo load base_again "${base_again[@]}"
		echo load base_unload_one "${base_one[@]}"
	fi
}

# What a run leaves, another process clears after it.
nothing_is_held() {
	[[ ! -e /sys/fs/bpf/srcpin ]]
}

has_no_leaf() {
	[[ -z $(find "$1" -mindepth 1 -type d) ]]
}

# Likewise: a command alone, in a cgroup that is pinned already, and with a policy of its own, the host's first
run_time() {
	local i bare=() within=() own=()
	config "source = $(own6 1)"$'\n'"source4 = $(own4 1)" 'load-*'
	mkdir -p "$WORLD_CGROUP/load-1"
	for ((i = 0; i < LOADS; i++)); do
		bare+=("$(on_host few "$BENCH/timed" /bin/true)") &&
			own+=("$(on_host few "$BENCH/timed" "$SRCPIN" run --source "$(own6 1)" -- /bin/true)") || return
		wait_until "what the run has loaded is gone" nothing_is_held
		load_one 1 >/dev/null &&
			within+=("$(on_host few "$BENCH/timed" "$SRCPIN" run --cgroup "$WORLD_CGROUP/load-1" -- /bin/true)") || return
		wait_until "the cgroup of the run is gone" has_no_leaf "$WORLD_CGROUP/load-1"
		"$SRCPIN" unload --all >/dev/null || return
	done
	echo load bare "${bare[@]}"
	echo load run_within "${within[@]}"
	echo load run_own "${own[@]}"
}

# Likewise; the slabs of the whole kernel, so it takes many services to see one
load_memory() {
	local i j before first_bytes first_slab first=() bytes=() slabs=()
	for ((i = 2; i <= SERVICES; i++)); do
		mkdir -p "$WORLD_CGROUP/load-$i"
	done
	for ((j = 0; j < MEMORIES; j++)); do
		before=$(memlock)
		load_one 1 >/dev/null || return
		first_bytes=$(memlock) first_slab=$(slab 10)
		for ((i = 2; i <= SERVICES; i++)); do
			load_one "$i" >/dev/null || return
		done
		first+=($((first_bytes - before)))
		bytes+=($((($(memlock) - first_bytes) / (SERVICES - 1))))
		slabs+=($((($(slab 10) - first_slab) * 1024 / (SERVICES - 1))))
		"$SRCPIN" unload --all >/dev/null || return
	done
	echo memory first "$SERVICES" memlock "${first[@]}"
	echo memory further "$SERVICES" memlock "${bytes[@]}"
	echo memory further "$SERVICES" slab "${slabs[@]}"
}
