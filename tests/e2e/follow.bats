#!/usr/bin/env bats
# mbackup --follow: mail that comes is in the archive, and at the target, while
# it runs; however it ends, each message once.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"

setup() {
	common_setup
	make_keys
	archive=$private/late.tar.zst
}

teardown() {
	follow_teardown
}

proves() {	# SERVER USER
	run --separate-stderr maudit -p "$public_key" \
		--secret "file:$password" "$archive" "$(location "$1" "$2")"
	ends_with_status 0
}

# live: both's anna, as she is followed, to bob
live() {
	follow 100s "$@" -o - "$(location both anna)"
	restore_live "$(location both bob)"
}

stop() {
	kill -TERM "$follower"
	ends "$follower" 0
	ends "$restorer" 0
}

# the server `old` behind the line `line`
take_away() {
	rm "$private/old/port"
	cut_line line
	dovecot_stop "$private/old"
}

# uid SERVER USER FOLDER NAME
uid() {
	peer imapedit "$1" "$2" list "$3" | grep "$(hash_of "$4")" | cut -f1
}

count() {	# SERVER USER FOLDER
	peer imapedit "$1" "$2" list "$3" | grep -c .
}

@test "late mail is at the target within five seconds, whatever the folder" {
	start_dovecot both
	deliver both anna INBOX early
	deliver both anna Sent sent
	live --json "$private/events"
	within 20 there both bob INBOX early
	within 20 there both bob Sent sent
	deliver both anna INBOX late
	arrives 5000 both bob INBOX late
	deliver both anna Sent reply
	arrives 5000 both bob Sent reply
	deliver both anna Neu first
	arrives 5000 both bob Neu first
	stop
	grep -q '"event":"heartbeat".*"connected":true' "$private/events"
	grep -q '"event":"found".*"messages":1' "$private/events"
	grep -q '"event":"archive".*"messages":5' "$private/events"
}

@test "the archive of what came proves the target, flags and all counts" {
	start_dovecot both
	deliver both anna INBOX one two
	follow_alone 100s -o "$archive" --json "$private/events" \
		"$(location both anna)"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	deliver both anna INBOX three
	deliver both anna Later four
	within 20 grep -q '"total":4' "$private/events"
	# what goes later stays
	peer imapedit both anna delete INBOX '#1' >/dev/null
	kill -INT "$follower"
	ends "$follower" 0
	run --separate-stderr mrestore -p "$public_key" \
		--secret "file:$password" "$archive" "$(location both bob)"
	ends_with_status 0
	proves both bob
	equal 3 "$(count both bob INBOX)"
	refute grep -q warning "$private/follow.err"
}

@test "it ends when nothing has come for a while, and not before" {
	start_dovecot both
	deliver both anna INBOX one
	follow_alone 100s --until-quiet 3s -o "$archive" \
		--json "$private/events" "$(location both anna)"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	deliver both anna INBOX two
	within 20 grep -q '"total":2' "$private/events"
	deliver both anna INBOX three
	ends "$follower" 0
	grep -q '"event":"archive".*"messages":3' "$private/events"
}

@test "it ends at the time" {
	start_dovecot both
	deliver both anna INBOX one
	run --separate-stderr timeout 20 mbackup -s "$secret_key" \
		--secret "file:$password" --follow 2s -o "$archive" \
		"$(location both anna)"
	ends_with_status 0
	run --separate-stderr maudit -p "$public_key" "$archive"
	ends_with_status 0
}

@test "mail that was deleted or moved at the target stays so" {
	start_dovecot both
	deliver both anna INBOX one two three
	live
	for name in one two three; do
		within 20 there both bob INBOX "$name"
	done
	peer imapedit both bob delete INBOX "$(uid both bob INBOX one)"
	peer imapedit both bob create Kept >/dev/null
	peer imapedit both bob move INBOX "$(uid both bob INBOX two)" Kept
	kill -KILL "$follower"
	# without the final it is incomplete, also where nobody minds a pipe
	ends "$restorer" 65
	deliver both anna INBOX four
	live
	within 20 there both bob INBOX four
	stop
	refute there both bob INBOX one
	refute there both bob INBOX two
	there both bob INBOX three
	equal 2 "$(count both bob INBOX)"
	equal 1 "$(count both bob Kept)"
}

@test "nothing comes twice when both are killed and UIDs count anew" {
	start_dovecot both
	deliver both anna INBOX one two three
	live
	for name in one two three; do
		within 20 there both bob INBOX "$name"
	done
	peer imapedit both bob delete INBOX "$(uid both bob INBOX two)"
	kill -KILL "$restorer"
	kill -KILL "$follower"
	ends "$follower" 137
	ends "$restorer" 137
	rm "$(dovecot_home "$private/both" anna)"/Maildir/dovecot*
	deliver both anna INBOX four
	live
	within 20 there both bob INBOX four
	stop
	equal 3 "$(count both bob INBOX)"
	refute there both bob INBOX two
}

@test "another UIDVALIDITY in the middle brings what is new, once" {
	start_dovecot both
	deliver both anna INBOX one two
	live --json "$private/events"
	within 20 there both bob INBOX two
	rm "$(dovecot_home "$private/both" anna)"/Maildir/dovecot*
	deliver both anna INBOX three
	within 20 there both bob INBOX three
	deliver both anna INBOX four
	within 20 there both bob INBOX four
	stop
	equal 4 "$(count both bob INBOX)"
	grep -q '"event":"archive".*"messages":4' "$private/events"
}

@test "the archive shows both UIDVALIDITYs, and all of it is proved" {
	start_dovecot both
	deliver both anna INBOX one two
	follow_alone 100s -o "$archive" --json "$private/events" \
		"$(location both anna)"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	rm "$(dovecot_home "$private/both" anna)"/Maildir/dovecot*
	deliver both anna INBOX three
	within 20 grep -q '"total":3' "$private/events"
	kill -TERM "$follower"
	ends "$follower" 0
	run --separate-stderr mrestore -p "$public_key" \
		--secret "file:$password" "$archive" "$(location both bob)"
	ends_with_status 0
	equal 3 "$(count both bob INBOX)"
	proves both bob
	# nothing has changed, and no mail is lost to the chain
	mbackup -q -s "$secret_key" --secret "file:$password" --base "$archive" \
		-o "$private/next.tar.zst" "$(location both anna)"
	run --separate-stderr maudit --strict -p "$public_key" \
		--secret "file:$password" "$archive" "$private/next.tar.zst" \
		"$(location both anna)"
	ends_with_status 0
}

@test "a line that is cut and a server that is restarted lose nothing" {
	start_dovecot old
	start_dovecot new
	start_line line old
	deliver old anna INBOX one
	follow 100s -o - "$(location line anna)"
	restore_live "$(location new bob)"
	within 20 there new bob INBOX one
	cut_line line
	deliver old anna INBOX two
	within 20 there new bob INBOX two
	take_away
	within 20 grep -q 'trying again' "$private/follow.err"
	start_dovecot old
	deliver old anna INBOX three
	within 20 there new bob INBOX three
	stop
	equal 3 "$(count new bob INBOX)"
}

@test "a source that stays away is told in the end, and what came is kept" {
	start_dovecot old
	deliver old anna INBOX one
	start_line line old
	follow_alone 8s -o "$archive" --json "$private/events" \
		"$(location line anna)"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	take_away
	within 20 _ended "$follower"
	status=0
	wait "$follower" || status=$?
	[ "$status" -eq 75 ] || [ "$status" -eq 69 ]
	run --separate-stderr maudit -p "$public_key" "$archive"
	ends_with_status 0
}

@test "a Maildir is followed, new folders and all" {
	start_dovecot new
	mkdir -p "$private/box"/{cur,new,tmp}
	cp "$(letter one)" "$private/box/new/1.a"
	follow 100s -o - "maildir:$private/box"
	restore_live "$(location new bob)"
	within 20 there new bob INBOX one
	# a name that sorts before those that have their UIDs
	cp "$(letter two)" "$private/box/tmp/0.b"
	mv "$private/box/tmp/0.b" "$private/box/new/0.b"
	within 20 there new bob INBOX two
	mv "$private/box/new/1.a" "$private/box/cur/1.a:2,S"
	mkdir -p "$private/box/.Neu"/{cur,new,tmp}
	cp "$(letter three)" "$private/box/.Neu/new/3.c"
	arrives 5000 new bob Neu three
	rm "$private/box/new/0.b"
	cp "$(letter four)" "$private/box/new/4.d"
	within 20 there new bob INBOX four
	stop
	equal 3 "$(count new bob INBOX)"
}

# killed: a follower that has stored one, two and three of INBOX and
# four of Later, ended by -9
killed() {
	start_dovecot both
	deliver both anna INBOX one two three
	deliver both anna Later four
	follow_alone 100s -o "$archive" --json "$private/events" \
		"$(location both anna)"
	within 20 grep -qs '"event":"found".*"total":4' "$private/events"
	kill -KILL "$follower"
	ends "$follower" 137
}

# goes_on MESSAGES: behind so many, and ends with what has come meanwhile
goes_on() {
	run --separate-stderr mbackup -s "$secret_key" \
		--secret "file:$password" --resume --follow 60s \
		--until-quiet 2s -o "$archive" --json "$private/events" \
		"$(location both anna)"
	ends_with_status 0
	grep -q '"event":"resumed".*"messages":'"$1" "$private/events"
}

@test "a follower that was killed goes on with its archive" {
	killed
	deliver both anna INBOX five
	deliver both anna New six
	goes_on 4
	grep -q '"event":"archive".*"messages":6' "$private/events"
	grep -q '"event":"summary".*"done":2,"already":4' "$private/events"
	proves both anna
	run --separate-stderr mrestore -p "$public_key" \
		--secret "file:$password" "$archive" "$(location both bob)"
	ends_with_status 0
	equal 4 "$(count both bob INBOX)"
}

@test "a follower goes on where UIDs count anew: nothing is stored twice" {
	killed
	rm "$(dovecot_home "$private/both" anna)"/Maildir/dovecot*
	deliver both anna INBOX five
	follow_alone 100s --resume -o "$archive" --json "$private/second" \
		"$(location both anna)"
	within 20 grep -qs '"event":"found"' "$private/second"
	kill -KILL "$follower"
	ends "$follower" 137
	goes_on 5
	grep -q '"event":"archive".*"messages":5' "$private/events"
	run --separate-stderr mrestore -p "$public_key" \
		--secret "file:$password" "$archive" "$(location both bob)"
	ends_with_status 0
	equal 4 "$(count both bob INBOX)"
	equal 1 "$(count both bob Later)"
	proves both bob
}

@test "what makes no sense is said at once" {
	run --separate-stderr mbackup --until-quiet 1m maildir:/nowhere
	ends_with_status 64
	says 'goes with --follow'
	for time in 0 48x -1s 400d h; do
		run --separate-stderr mbackup --follow "$time" maildir:/nowhere
		ends_with_status 64
		says 'give a time such as'
	done
}
