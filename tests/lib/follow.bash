# shellcheck shell=bash
# For the tests of mbackup --follow: both ends of the pipe in the background,
# each with signals as a terminal's job has them.
#
#   deliver SERVER USER FOLDER NAME...   each a message of its own
#   follow OPTION... SOURCE    mbackup --follow in the background, through a
#                              pipe to what restore_live starts; $follower
#   restore_live OPTION... TARGET        mrestore - likewise; $restorer
#   follow_alone OPTION... SOURCE        mbackup with -o or the like, no pipe
#                              $follow_secret: another than the password's
#                              $live_timeout: of mrestore (5)
#   ends PID STATUS            waits for it, and compares
#   start_line NAME SERVER     peers/line.py in front of it, NAME's location
#   cut_line NAME
#   hush_line NAME             nothing comes through, and nothing ends
#   there SERVER USER FOLDER NAME        exactly once there?
#   within SECONDS COMMAND...  runs it until it succeeds
#   arrives MS SERVER USER FOLDER NAME   waits until it is; not longer than MS

_follow_run='import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])'

letter() {	# NAME: the path of a message that is like no other
	mkdir -p "$private/mail"
	[ -e "$private/mail/$1.eml" ] || printf '%s\r\n' \
		"From: $1@example.org" "Subject: about $1." \
		"Message-ID: <$1@example.org>" "" "this is $1" \
		>"$private/mail/$1.eml"
	printf '%s\n' "$private/mail/$1.eml"
}

deliver() {
	local server=$1 user=$2 folder=$3 name

	shift 3
	for name; do
		peer imapfill "$server" "$user" files "$folder" \
			"$(letter "$name")" >/dev/null || return
	done
}

_background() {	# NAME IN OUT COMMAND...: messages in $private/NAME.err
	local name=$1 in=$2 out=$3

	shift 3
	python3 -c "$_follow_run" "$@" <"$in" >"$out" \
		2>>"$private/$name.err" 3>&- 4>&- &
	started=$!
}

pipe() {
	[ -p "$private/pipe" ] || mkfifo "$private/pipe"
}

follow() {
	pipe
	_background follow /dev/null "$private/pipe" mbackup -s "$secret_key" \
		--secret "${follow_secret:-file:$password}" --timeout 5 \
		--follow "$@"
	follower=$started
}

follow_alone() {
	_background follow /dev/null /dev/null mbackup -s "$secret_key" \
		--secret "${follow_secret:-file:$password}" --timeout 5 \
		--follow "$@"
	follower=$started
}

restore_live() {
	pipe
	_background restore "$private/pipe" /dev/null mrestore \
		-p "$public_key" --secret "file:$password" \
		--timeout "${live_timeout:-5}" - "$@"
	restorer=$started
}

_ended() {
	! [ -e "/proc/$1/stat" ] || grep -qs ') Z ' "/proc/$1/stat"
}

ends() {
	local status=0

	within 20 _ended "$1" || return
	wait "$1" || status=$?
	equal "$2" "$status"
}

# its listing names hashes
hash_of() {
	sha256sum <"$(letter "$1")" | cut -d' ' -f1
}

there() {
	local n

	n=$(peer imapedit "$1" "$2" list "$3" 2>/dev/null |
		grep -c "$(hash_of "$4")")
	[ "$n" -eq 1 ]
}

# within SECONDS COMMAND...: runs it until it succeeds
within() {
	local end=$((SECONDS + $1))

	while ! "${@:2}"; do
		[ "$SECONDS" -lt "$end" ] || {
			_assert_failed "not within $1 s: ${*:2}"
			return
		}
		sleep 0.02
	done
}

follow_teardown() {
	local pid

	for pid in ${follower-} ${restorer-}; do
		_ended "$pid" || kill -KILL "$pid" 2>/dev/null || :
	done
	[ -n "${BATS_TEST_COMPLETED:-}" ] ||
		tail -n 20 "$private"/{follow,restore}.err 2>/dev/null || :
	common_teardown
}

arrives() {
	local began

	began=$(date +%s%N)
	within 20 there "${@:2}" || return
	took=$((($(date +%s%N) - began) / 1000000))
	[ "$took" -le "$1" ] ||
		_assert_failed "$5 took $took ms to $4"
}

start_line() {
	local dir=$private/$1

	mkdir -p "$dir"
	python3 "$peers/line.py" "$dir" "$private/$2/port" </dev/null \
		>"$dir/output" 2>&1 3>&- 4>&- &
	printf '%d\n' $! >"$dir/pid"
	disown $!
	# what stops the scripted server stops this as well
	echo "imapd $1" >>"$private/servers"
	poll test -e "$dir/port"
}

cut_line() {
	kill -USR1 "$(cat "$private/$1/pid")"
}

hush_line() {
	kill -USR2 "$(cat "$private/$1/pid")"
}
