#!/usr/bin/env bats
# mbackup --follow of a server that does not do as one would wish, and a target
# that ends connections which are silent: what comes arrives, once.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"

setup() {
	common_setup
	make_keys
	{
		echo 'folder INBOX uidvalidity=7'
		printf '%s\n' 'message text="Subject: early\n\nearly"'
		echo 'folder Sent uidvalidity=8'
		echo 'messages 2'
	} >"$private/mailbox"
}

teardown() {
	follow_teardown
}

# start OPTION... -- QUIRK...: follows the scripted server to a Maildir
start() {
	local -a options=() quirks=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	for quirk; do
		quirks+=(--quirk "$quirk")
	done
	start_imapd old --mailbox "$private/mailbox" "${quirks[@]}"
	follow 60s "${options[@]}" --json "$private/events" -o - \
		"$(location old)"
	restore_live "maildir:$private/box"
}

copies() {	# NAME FOLDER
	grep -Frl "about $1." "$private/box/$2cur" "$private/box/$2new" \
		2>/dev/null | grep -c . || :
}

came() {
	[ "$(copies "$@")" -eq 1 ]
}

stop() {
	kill -TERM "$follower"
	ends "$follower" "${1:-0}"
	ends "$restorer" 0
	equal "${2:-5}" "$(find "$private/box" -type f \
		'(' -path '*/cur/*' -o -path '*/new/*' ')' | grep -c .)"
}

# brings QUIRK...: two that come, to INBOX and elsewhere, arrive once
brings() {
	start -- "$@"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	deliver old user INBOX one
	within 20 came one
	deliver old user Sent two
	within 20 came two .Sent/
	stop
}

@test "a server that idles, and folders listed with their counts" {
	brings idle list-status
	[ "$(imapd_sent "$private/old" IDLE)" -ge 1 ]
}

@test "one that does not idle" {
	brings
	equal 0 "$(imapd_sent "$private/old" IDLE)"
}

@test "one that offers to idle, and refuses" {
	brings idle idle-no
	equal 1 "$(imapd_sent "$private/old" IDLE)"
}

@test "one that says BYE to who idles" {
	brings idle idle-bye=now@2
	grep -q 'idled for too long' "$private/follow.err"
}

@test "one that does not answer when IDLE is ended" {
	brings idle idle-stall=now@1
}

@test "one that ends IDLE by itself" {
	brings idle idle-end=now@1
}

@test "one where mail comes and goes by the thousand" {
	brings idle idle-storm=3000
}

@test "one that lists in the middle of it, and asks for pauses" {
	brings idle throttle=12@2 list-status
	grep -q 'asks for a pause' "$private/follow.err"
}

@test "one whose counts are wrong" {
	brings idle status-extra=3
}

# a server that offers NOTIFY is asked, and what it says or hides costs nothing
@test "one that tells of other folders" {
	brings idle notify list-status
	[ "$(imapd_sent "$private/old" 'NOTIFY SET')" -ge 1 ]
	refute grep -q 'trying again' "$private/follow.err"
}

@test "one that says that it would, and does not" {
	brings idle notify notify-lies
	[ "$(imapd_sent "$private/old" 'NOTIFY SET')" -ge 1 ]
}

@test "one that refuses to, or gives it up, or tells too much" {
	brings idle notify notify-no
	equal 1 "$(imapd_sent "$private/old" 'NOTIFY SET')"
	imapd_stop "$private/old"
	rm -r "$private/box" "$private/events"
	brings idle notify notify-overflow=now@2 notify-storm=2000@2
}

@test "one that does not let us in for a while, and then with another secret" {
	start_imapd old --mailbox "$private/mailbox" --quirk idle \
		--quirk next-password=other
	start_line line old
	printf %s "$PASSWORD" >"$private/now"
	follow_secret="cmd:cat $private/now"
	follow 60s --json "$private/events" -o - "$(location line)"
	restore_live "maildir:$private/box"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	cut_line line
	within 20 grep -q 'AUTHENTICATIONFAILED.*trying again' \
		"$private/follow.err"
	printf %s other >"$private/now"
	password=$private/now deliver old user INBOX one
	within 20 came one
	stop 0 4
}

@test "a signal while mail is read ends it with what is whole, and says so" {
	archive=$private/late.tar.zst
	{
		echo 'folder INBOX uidvalidity=7'
		echo 'messages 5'
	} >"$private/mailbox"
	start_imapd old --mailbox "$private/mailbox" --quirk stall-in-body=4
	follow_alone 60s -o "$archive" "$(location old)"
	within 20 grep -q stalls "$private/old/log"
	kill -TERM "$follower"
	ends "$follower" 75
	grep -q 'not followed to the end.*SIGTERM' "$private/follow.err"
	run --separate-stderr maudit -p "$public_key" "$archive"
	ends_with_status 3
	has 'the source refused 2 messages'
}

appended() {	# NAME
	[ "$(grep -Fl "about $1." "$private/new/appended/"*.eml | grep -c .)" \
		-eq 1 ]
}

# the target has closed another connection that we had
has_closed() {
	[ "$(grep -c 'silent for too long' "$private/new/log")" -gt "$1" ]
}

@test "a target that ends silent connections" {
	local before

	start_imapd old --mailbox "$private/mailbox"
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
	start_imapd new --mailbox "$private/empty" --quirk idle-out=700
	follow 60s -o - "$(location old)"
	restore_live "$(location new)"
	for name in one two three; do
		within 20 has_closed "${before:-0}"
		before=$(grep -c 'silent for too long' "$private/new/log")
		deliver old user INBOX "$name"
		within 20 appended "$name"
	done
	kill -TERM "$follower"
	ends "$follower" 0
	ends "$restorer" 0
	equal 6 "$(find "$private/new/appended" -name '*.eml' | grep -c .)"
}

appends() {	# N
	[ "$(find "$private/new/appended" -name '*.eml' | grep -c .)" -eq "$1" ]
}

# As when a router forgot it: what is sent goes nowhere, and nothing says so.
@test "a target whose line falls silent" {
	start_imapd old --mailbox "$private/mailbox"
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
	start_imapd new --mailbox "$private/empty"
	start_line line new
	follow 60s -o - "$(location old)"
	live_timeout=1 restore_live "$(location line)"
	within 20 appends 3
	hush_line line
	deliver old user INBOX one
	within 20 appended one
	kill -TERM "$follower"
	ends "$follower" 0
	ends "$restorer" 0
	equal 1 "$(grep -c 'connecting again' "$private/restore.err")"
	appends 4
}

@test "a server that is down at the start is waited for" {
	mkdir -p "$private/old"
	start_line line old
	follow 60s --json "$private/events" -o - "$(location line)"
	restore_live "maildir:$private/box"
	within 20 grep -q 'trying again' "$private/follow.err"
	start_imapd old --mailbox "$private/mailbox"
	within 20 grep -q 'connected again' "$private/follow.err"
	deliver old user INBOX one
	within 20 came one
	stop 0 4
}

@test "what waiting does not mend is said at once, and the end is kept" {
	local status place command=(timeout 20 mbackup -s "$secret_key" -o -)

	make_certificates
	printf wrong >"$private/wrong"
	start_imapd old --mailbox "$private/mailbox" \
		--cert "$certificates/self-signed.pem" --key "$certificates/self-signed.key"
	while read -r status secret place; do
		run --separate-stderr "${command[@]}" --follow 1h \
			--secret "file:$secret" "$place"
		ends_with_status "$status"
	done <<-END
	77 $private/wrong $(location old)
	69 $password imap+plain://user@no-such-host.invalid
	69 $password imaps://user@localhost:$(imapd_port "$private/old")
	END
	run --separate-stderr "${command[@]}" --follow 1s \
		--secret "file:$password" imap+plain://user@127.0.0.1:1
	ends_with_status 69
	says 'trying again'
}
