#!/usr/bin/env bats
# mrestore over several connections: what arrives does not depend on how many
# there are, nor on what happens to them.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# eight folders in many segments, some messages alike in several of them
setup_file() {
	local folder

	prepare_file
	for folder in INBOX a b c d e f Größe; do
		echo "folder $folder uidvalidity=7 subscribed"
		cat <<-'END'
		message text="Subject: twin\n\nsame\n" flags="\Seen"
		message text="Subject: twin\n\nsame\n" flags="kw"
		messages 20 size=2500
		message text="Subject: twin\n\nsame\n"
		END
	done >"$private/mailbox"
	echo 'folder empty uidvalidity=7 subscribed' >>"$private/mailbox"
	start_imapd source --mailbox "$private/mailbox"
	back_up -q "$(location source)" --segment-size 16k
	peer imapdump source user >"$private/source.dump"
	common_teardown
}

setup() {
	common_keys
	archive=$BATS_FILE_TMPDIR/a.tar.zst
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
}

# start_target QUIRK...: an empty account on the scripted server
start_target() {
	start_odd new "$private/empty" "$@"
}

forget_target() {
	imapd_stop "$private/new"
	rm -rf "${private:?}/new" "$HOME/.local"
}

# restore_over CONNECTIONS STATUS [OPTION...]
restore_over() {
	run --separate-stderr restore_to "$(location new)" -j "$1" --timeout 1 \
		"${@:3}"
	ends_with_status "$2"
}

exactly_once() {
	peer imapdump new "${1:-user}" >"$private/got"
	same "$BATS_FILE_TMPDIR/source.dump" "$private/got"
}

# the hashes of what came into each folder, in the order in which it came
arrivals() {
	sort -s -t $'\t' -k 2,2 "$private/new/appended/index.tsv" |
		cut -f 2,6
}

connections_at_once() {
	sed -n 's/^#0: \([0-9]*\) logins at once$/\1/p' "$private/new/log" |
		tail -n 1
}

@test "what arrives, and its order, are the same over 1, 4 and 8 connections" {
	local n

	for n in 1 4 8; do
		start_target delay=2
		restore_over "$n" 0
		says '184 messages appended'
		exactly_once
		arrivals >"$private/arrivals.$n"
		same "$private/arrivals.1" "$private/arrivals.$n"
		[ "$n" -eq 1 ] || [ "$(connections_at_once)" -gt 1 ]
		[ "$(connections_at_once)" -le "$n" ]
		forget_target
	done
}

@test "a server that allows fewer connections gets fewer" {
	start_target most-logins=3 delay=2
	restore_over 8 0
	says 'going on over '
	exactly_once
	equal 3 "$(connections_at_once)"
	restore_over 8 0
	says ' 0 messages appended'
	forget_target
	start_target most-logins=1 delay=2
	restore_over 4 0
	exactly_once
}

@test "Dovecot with a limit of three connections gets everything once" {
	start_dovecot new --config 'mail_max_userip_connections = 3'
	run --separate-stderr restore_to "$(location new anna)" -j 8
	ends_with_status 0
	exactly_once anna
	run --separate-stderr restore_to "$(location new anna)" -j 4
	ends_with_status 0
	says ' 0 messages appended'
}

@test "connections that are lost cost nothing but time" {
	local more

	for more in no-uidplus no-multiappend no-literal+; do
		start_target append-cut=2@3 delay=2 "$more"
		restore_over 4 0
		exactly_once
		restore_over 4 0
		says ' 0 messages appended'
		forget_target
		start_target append-cut-unstored=3@3 delay=2 "$more"
		restore_over 4 0
		exactly_once
		forget_target
	done
	start_target cut-at-command=CREATE@2 cut-at-command=SELECT@2
	restore_over 4 0
	exactly_once
	forget_target
	start_target cut-at-command=SUBSCRIBE@1
	restore_over 4 0
	exactly_once
	equal 9 "$(grep -c '^S[0-9]*: [0-9]* OK SUBSCRIBE' "$private/new/log")"
}

@test "answers that overtake others are told apart" {
	local more

	for more in no-uidplus no-multiappend; do
		start_target append-late "$more"
		restore_over 1 0
		exactly_once
		restore_over 1 0
		says ' 0 messages appended'
		forget_target
	done
}

# start_restore CONNECTIONS: in the background as $pid
start_restore() {
	mrestore -p "$public_key" --secret "file:$password" -j "$1" "$archive" \
		"$(location new "${2:-user}")" \
		>"$private/out" 2>"$private/err" 3>&- &
	pid=$!
}

has_appended() {
	[ -e "$private/new/appended/index.tsv" ] &&
		[ "$(wc -l <"$private/new/appended/index.tsv")" -ge "$1" ]
}

# killed_at COUNT QUIRK...: kill -9 when so many have arrived
killed_at() {
	start_target delay=4 "${@:2}"
	start_restore 4
	poll has_appended "$1"
	kill -KILL "$pid" || :
	wait "$pid" || :
	[ "${forget:-}" = "" ] || rm -rf "$HOME/.local"
	restore_over 4 0 || return
	exactly_once || return
	restore_over 1 0 || return
	says ' 0 messages appended' || return
	forget_target
}

@test "kill -9 over four connections: each message arrives once" {
	killed_at 1
	killed_at 60
	killed_at 120 no-uidplus
	killed_at 40 no-multiappend
	killed_at 150 no-multiappend no-uidplus
	forget=1 killed_at 70
	forget=1 killed_at 90 no-multiappend no-uidplus
}

arrived() {
	[ "$(find "$private/new/home" -path '*/cur/*' -type f -o \
		-path '*/new/*' -type f | wc -l)" -ge "$1" ]
}

@test "kill -9 of four connections into Dovecot: each arrives once" {
	local count folder

	start_dovecot new
	for count in 1 50 120; do
		rm -rf "$HOME/.local"
		start_restore 4 anna
		poll arrived "$count"
		kill -KILL "$pid" || :
		wait "$pid" || :
		run --separate-stderr restore_to "$(location new anna)" -j 4
		ends_with_status 0
		exactly_once anna
		peer imapedit new anna empty INBOX >/dev/null
		for folder in a b c d e f Größe; do
			peer imapedit new anna remove "$folder" >/dev/null
		done
	done
}

@test "a quota that fills is filled, without trying every message" {
	start_target append-overquota=20
	restore_over 1 73
	says OVERQUOTA
	equal 20 "$(peer imapdump new user | wc -l)"
	[ "$(imapd_sent "$private/new" APPEND)" -le 20 ]
	imapd_stop "$private/new"
}

@test "a quota that fills ends all connections, and the next run completes" {
	start_dovecot new --quota 150k
	run --separate-stderr restore_to "$(location new anna)" -j 4
	ends_with_status 73
	says uota
	[ "$(peer imapdump new anna | wc -l)" -gt 20 ]
	dovecot_stop "$private/new"
	dovecot_start "$private/new" --user anna "$PASSWORD" --quota 10M
	run --separate-stderr restore_to "$(location new anna)" -j 4
	ends_with_status 0
	exactly_once anna
}

@test "SIGINT ends all connections, and the next run completes" {
	local status=0 stderr=

	start_target delay=10 no-multiappend
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' mrestore -p "$public_key" \
		--secret "file:$password" -j 4 "$archive" "$(location new)" \
		2>"$private/err" 3>&- &
	pid=$!
	poll has_appended 20
	kill -INT "$pid"
	wait "$pid" || status=$?
	ends_with_status 75
	grep -q 'interrupted by SIGINT' "$private/err"
	restore_over 4 0
	exactly_once
}

@test "a target that fails ends the wait for an archive on a pipe" {
	start_target append-cut-unstored=1
	mkfifo "$private/pipe"
	# the pipe stays open behind the first segments
	{
		head -c 40000 "$archive"
		poll test -e "$private/ended"
	} >"$private/pipe" 3>&- &
	archive=- run --separate-stderr restore_to "$(location new)" \
		--timeout 1 <"$private/pipe"
	: >"$private/ended"
	ends_with_status 75
	wait
}
