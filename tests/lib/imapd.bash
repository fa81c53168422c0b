# shellcheck shell=bash
# The scripted IMAP server (tests/peers/imapd) for tests.
#
#   imapd_start DIR OPTION...  start it; `python3 tests/peers/imapd -h` tells
#                              the options and the quirks
#   imapd_port DIR             its port
#   imapd_log DIR              the dialogue so far
#   imapd_sent DIR VERB        how often a client sent this command, such as
#                              SELECT or `UID SEARCH`
#   imapd_stop DIR             stop it
# A user `user` with the password `password` unless options say otherwise.

IMAPD_PEER=${BASH_SOURCE[0]%/*}/../peers/imapd
IMAPD_WAIT_STEPS=500	# polls of 10 ms

imapd_port() {
	cat "$1/port"
}

imapd_log() {
	cat "$1/log"
}

imapd_sent() {
	grep -Eic "^C[0-9]+: [^ ]+ $2( |\$)" "$1/log" || :
}

_imapd_runs() {
	[ -e "/proc/$1/stat" ] && ! grep -qs ') Z ' "/proc/$1/stat"
}

imapd_start() {
	local dir=$1 pid step

	shift
	# one of that name may be at work still
	imapd_stop "$dir"
	mkdir -p "$dir" || return
	rm -f "$dir/port"
	# not the descriptors of the test, or bats waits for the server
	python3 "$IMAPD_PEER" --dir "$dir" "$@" </dev/null \
		>"$dir/output" 2>&1 3>&- 4>&- &
	pid=$!
	disown "$pid"
	printf '%d\n' "$pid" >"$dir/pid"
	for ((step = 0; step < IMAPD_WAIT_STEPS; step++)); do
		[ ! -e "$dir/port" ] || return 0
		_imapd_runs "$pid" || break
		sleep 0.01
	done
	cat "$dir/output" >&2
	imapd_stop "$dir"
	return 1
}

imapd_stop() {
	local pid step

	pid=$(cat "$1/pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || :
	for ((step = 0; step < IMAPD_WAIT_STEPS; step++)); do
		_imapd_runs "$pid" || break
		sleep 0.01
	done
	rm -f "$1/pid" "$1/port"
}
