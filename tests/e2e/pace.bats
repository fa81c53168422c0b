#!/usr/bin/env bats
# Limits on octets and messages a second, pauses that servers ask for, and
# connections that are made anew: slower, and otherwise the same.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# 40 messages, 200,000 octets
setup_file() {
	prepare_file
	{
		echo 'folder INBOX uidvalidity=7'
		echo 'messages 20 size=5000'
		echo 'folder Sent uidvalidity=8'
		echo 'messages 20 size=5000'
	} >"$private/mailbox"
	start_imapd source --mailbox "$private/mailbox"
	back_up -q "$(location source)"
	peer imapdump source user >"$private/source.dump"
	common_teardown
}

setup() {
	common_keys
	whole=$BATS_FILE_TMPDIR/a.tar.zst
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
}

# start_source QUIRK...
start_source() {
	start_odd old "$BATS_FILE_TMPDIR/mailbox" "$@"
}

start_target() {
	start_odd new "$private/empty" "$@"
}

# timed COMMAND...: as run; $took is in milliseconds
timed() {
	local began

	began=$(date +%s%N)
	run --separate-stderr "$@"
	took=$((($(date +%s%N) - began) / 1000000))
}

# took_at_least MS: not so long that it would do without any pacing under load
took_at_least() {
	[ "$took" -ge "$1" ] ||
		_assert_failed "wanted at least $1 ms, took $took"
}

# the archive holds each message of the source, and once
everything() {
	rm -rf "$private/m"
	mrestore -q -p "$public_key" "$archive" "maildir:$private/m"
	equal 40 "$(find "$private/m" -path '*/cur/*' -type f | wc -l)"
	run audit -q
	ends_with_status 0
}

everything_arrived() {
	peer imapdump new user >"$private/got"
	same "$BATS_FILE_TMPDIR/source.dump" "$private/got"
}

# bodies_asked NAME: how many a client asked for, in all
bodies_asked() {
	grep -c '^S[0-9]*: \* [0-9]* FETCH .*BODY\[\] {' "$private/$1/log"
}

@test "octets are read at the rate asked for, over all connections" {
	local j

	for j in 1 4; do
		start_source
		timed back_up "$(location old)" --max-rate 150k -j "$j"
		ends_with_status 0
		took_at_least 1000	# 1.3 s, of which a quarter was saved up
		everything
		imapd_stop "$private/old"
		rm "$archive"*
	done
}

@test "messages are read at the rate asked for, over all connections" {
	local j

	for j in 1 4; do
		start_source
		timed back_up "$(location old)" --max-messages 20 -j "$j"
		ends_with_status 0
		took_at_least 1500	# 2 s, of which a quarter was saved up
		everything
		equal 40 "$(bodies_asked old)"
		imapd_stop "$private/old"
		rm "$archive"* "$private/old/log"
	done
}

@test "messages are asked for in small numbers when they are limited" {
	start_source
	run --separate-stderr back_up "$(location old)" --max-messages 20
	ends_with_status 0
	refute grep -E 'UID FETCH 1:(2[1-9]|[3-9][0-9])' "$private/old/log"
	rm "$archive"*
	start_source
	run --separate-stderr back_up "$(location old)" --max-messages 100 \
		--folder INBOX
	ends_with_status 0
	grep -q 'UID FETCH 1:20 (UID BODY' "$private/old/log"
}

@test "octets and messages are appended at the rate asked for" {
	start_target
	cp "$whole" "$archive"
	timed restore_to "$(location new)" --max-rate 150k
	ends_with_status 0
	took_at_least 1000
	everything_arrived
	imapd_stop "$private/new"
	rm -r "$HOME/.local"
	start_target no-multiappend
	timed restore_to "$(location new)" --max-messages 40
	ends_with_status 0
	took_at_least 700
	everything_arrived
}

@test "a restore tells how much time is left" {
	command -v script >/dev/null || skip "no script(1)"
	start_source
	back_up -q "$(location old)" --segment-size 16k
	start_target
	script -qec "mrestore -p '$public_key' --secret 'file:$password' \
		--max-rate 80k '$archive' $(location new)" /dev/null \
		>"$private/shown" </dev/null
	# before all of the archive was read, too
	grep -Eq '[0-9] messages, [0-9. kB]*, [0-9. kB]*/s, 0:0[0-9] left' \
		"$private/shown"
	everything_arrived
}

@test "a target is audited at the rate asked for" {
	start_source
	cp "$whole" "$archive"
	timed "${BOUND[@]}" maudit -p "$public_key" \
		--secret "file:$password" --max-rate 150k -j 2 "$archive" \
		"$(location old)"
	ends_with_status 0
	took_at_least 1000
}

@test "a pause that a server asks for is told, taken and resumed from" {
	local more

	for more in throttle-bye 'throttle-text=[INUSE] back in 100 ms' \
		'throttle-text=[UNAVAILABLE] wait 100 milliseconds'; do
		# the first one may be to a STATUS, which can be done without
		start_source throttle-all=5@3 "$more"
		timed back_up "$(location old)" --json "$private/events" \
			--max-wait 1
		ends_with_status 0
		says 'the server asks for a pause of '
		took_at_least 100
		everything
		# nothing that was there is read again
		equal 40 "$(bodies_asked old)"
		grep '"event":"pause"' "$private/events" |
			grep -q '"text":"'
		imapd_stop "$private/old"
		rm "$archive"* "$private/old/log"
	done
}

@test "a server that throttles again and again is read to the end" {
	start_source throttle=7
	timed back_up "$(location old)" --max-wait 1
	ends_with_status 0
	everything
	says 'Suggested Backoff Time: 200 milliseconds'
	says 'pause of 0.2 s'
}

@test "a pause of no time, or of years, is bounded" {
	local ms

	for ms in 0 1000000000000; do
		start_source throttle=1@1 \
			"throttle-text=Suggested Backoff Time: $ms milliseconds"
		timed back_up "$(location old)" --max-wait 1
		ends_with_status 0
		says 'the server asks for a pause of 1 s'
		took_at_least 1000
		everything
		imapd_stop "$private/old"
		rm "$archive"*
	done
}

@test "a server that throttles for ever ends the run, what it gave is kept" {
	start_source throttle=1 'throttle-text=[LIMIT] wait 10 ms'
	run --separate-stderr back_up "$(location old)" --max-wait 1
	ends_with_status 75
	says 'no progress after 8 pauses for the server'
	says 'wait 10 ms'
	leaves_nothing
	imapd_stop "$private/old"
	# after the first folder
	start_source throttle-all=15 'throttle-text=[LIMIT] 10 ms'
	run --separate-stderr back_up "$(location old)" --segment-size 16k
	ends_with_status 75
	says "incomplete: $archive.part holds"
	mv "$archive.part" "$archive"
	run mrestore -q -p "$public_key" "$archive" "maildir:$private/m"
	ends_with_status 65
	[ "$(find "$private/m" -path '*/cur/*' -type f | wc -l)" -ge 15 ]
}

@test "a target that throttles gets each message once" {
	local more

	cp "$whole" "$archive"
	for more in no-uidplus no-multiappend throttle-bye; do
		start_target throttle=8 'throttle-text=[THROTTLED] 20 ms' \
			"$more"
		timed restore_to "$(location new)"
		ends_with_status 0
		everything_arrived
		imapd_stop "$private/new"
		rm -r "$HOME/.local"
	done
	start_target throttle-all=5 'throttle-text=[THROTTLED] 20 ms'
	timed restore_to "$(location new)" --max-wait 1
	ends_with_status 75
	says 'no progress after 8 pauses'
	# and not eight for each who could have tried again
	[ "$(grep -c 'asks for a pause' <<<"$stderr")" -le 12 ]
}

@test "a login that is not possible now is tried again" {
	start_source 'login-no=[UNAVAILABLE] in 50 ms@2'
	run --separate-stderr back_up "$(location old)"
	ends_with_status 0
	says 'a pause of 0.1 s'
	everything
	imapd_stop "$private/old"
	rm "$archive"*
	start_source 'greeting-bye=[UNAVAILABLE] come back in 50 ms@2'
	run --separate-stderr back_up "$(location old)"
	ends_with_status 0
	everything
}

@test "a login that is refused is not tried again" {
	local text

	for text in '[AUTHENTICATIONFAILED] try again later' '[EXPIRED] x' \
		'no'; do
		start_source "login-no=$text"
		run --separate-stderr back_up "$(location old)"
		ends_with_status 77
		equal 1 "$(imapd_sent "$private/old" AUTHENTICATE)"
		leaves_nothing
		imapd_stop "$private/old"
		rm "$private/old/log"
	done
}

@test "a password command is run again when the line was cut" {
	cat >"$private/give" <<-END
	#!/bin/sh
	echo run >>'$private/runs'
	case \$(wc -l <'$private/runs') in
	1) cat '$password' ;;
	*) echo another ;;
	esac
	END
	chmod +x "$private/give"
	start_source next-password=another cut-in-body=7@1
	run --separate-stderr "${BOUND[@]}" mbackup -s "$secret_key" \
		--secret "cmd:$private/give" -o "$archive" "$(location old)"
	ends_with_status 0
	equal 2 "$(wc -l <"$private/runs")"
	everything
	# what was there did not come again
	equal 40 "$(bodies_asked old)"
}

@test "a password that is no longer right ends the run at once" {
	start_source next-password=another cut-in-body=7@1
	run --separate-stderr back_up "$(location old)" --segment-size 8k
	ends_with_status 77
	equal 2 "$(imapd_sent "$private/old" AUTHENTICATE)"
	[ -e "$archive.part" ]
}

@test "a server that allows one connection is read over that one" {
	local n

	for n in INBOX {1..19}; do
		echo "folder $n"
		echo 'messages 2 size=500'
	done >"$private/many"
	start_imapd old --mailbox "$private/many" --quirk most-logins=1
	timed back_up "$(location old)" -j 4
	ends_with_status 0
	says 'going on over 1 connections'
	says 'Maximum number of connections'
	everything
	[ "$took" -lt 4000 ]	# nobody waited for what was not needed
}

@test "a count that is throttled can be done without, or asked again" {
	local more

	# LIST, LSUB, STATUS of the first folder
	for more in throttle-bye 'throttle-text=[LIMIT] wait 20 ms'; do
		start_source throttle=5@1 "$more"
		run --separate-stderr back_up "$(location old)" --max-wait 1
		ends_with_status 0
		grep -A2 ' STATUS ' "$private/old/log" |
			grep -q '\[LIMIT\]'
		everything
		imapd_stop "$private/old"
		rm "$archive"* "$private/old/log"
	done
}

@test "SIGINT ends a pause, and a wait for a turn" {
	local option

	start_source throttle=7 'throttle-text=[LIMIT] 300 seconds'
	# each with a log of its own: a signal that comes too soon is lost
	for option in '--max-wait 600' '--max-messages 1/min' \
		'--max-rate 1k'; do
		if [ "$option" != '--max-wait 600' ]; then
			imapd_stop "$private/old"
			rm "$private/old/log"
			start_source
		fi
		# shellcheck disable=SC2086 # words
		python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' mbackup -s "$secret_key" \
			--secret "file:$password" -o "$archive" $option \
			"$(location old)" 2>"$private/err" 3>&- &
		pid=$!
		poll grep -q 'EXAMINE' "$private/old/log"
		[ "$option" != '--max-wait 600' ] ||
			poll grep -q 'pause of 300 s' "$private/err"
		kill -INT "$pid"
		status=0
		wait "$pid" || status=$?
		equal 75 "$status"
		grep -q 'interrupted by SIGINT' "$private/err"
		rm -f "$archive"*
	done
}

@test "limits that are none are usage" {
	local program option

	for program in mbackup "mrestore $whole" "maudit $whole"; do
		for option in '--max-rate 0' '--max-rate -1' \
			'--max-rate abc' '--max-rate 10q' \
			'--max-rate 99999999999999999999' \
			'--max-messages 0' '--max-messages -1' \
			'--max-messages 4/day' '--max-messages 1e9' \
			'--max-wait -1' '--max-wait x'; do
			# shellcheck disable=SC2086 # words
			run --separate-stderr $program $option \
				imap+plain://u@127.0.0.1:1
			ends_with_status 64
			says "${option% *}: '${option#* }'"
		done
	done
}
