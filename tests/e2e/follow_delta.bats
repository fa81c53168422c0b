#!/usr/bin/env bats
# mbackup --base FULL --follow: late mail as a delta of the backup before, with
# its parents at the other end of the pipe or without them.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/chain.bash
. "$BATS_TEST_DIRNAME/../lib/chain.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"

# each test has accounts of its own: oldN and newN
setup_file() {
	local -a users=()
	local n

	prepare_file
	for n in 1 2 3 4 5 6; do
		users+=(--user "old$n" "$PASSWORD" --user "new$n" "$PASSWORD")
	done
	start_dovecot both "${users[@]}"
}

teardown_file() {
	private=$BATS_FILE_TMPDIR
	BATS_TEST_COMPLETED=1 common_teardown
}

setup() {
	common_keys
	ln -s "$BATS_FILE_TMPDIR/both" "$private/both"
	old=old$BATS_TEST_NUMBER
	new=new$BATS_TEST_NUMBER
	full=$private/full.tar.zst
	late=$private/late.tar.zst
	deliver both "$old" INBOX one two three
	deliver both "$old" Sent four
	mbackup -q -s "$secret_key" --secret "file:$password" -o "$full" \
		"$(location both "$old")"
}

teardown() {
	follow_teardown
}

# restored: the full backup is at the target
restored() {
	mrestore -q -p "$public_key" --secret "file:$password" "$full" \
		"$(location both "$new")"
}

uid() {	# USER FOLDER NAME: the last one
	peer imapedit both "$1" list "$2" | grep "$(hash_of "$3")" | cut -f1 |
		tail -n 1
}

move() {	# FOLDER NAME TO
	peer imapedit both "$old" move "$1" "$(uid "$old" "$1" "$2")" "$3" \
		>/dev/null
}

count() {	# USER FOLDER
	peer imapedit both "$1" list "$2" | grep -c . || :
}

# late OPTION... [-- ARCHIVE...]: the pipe, with a copy of what goes through it
late() {
	local -a options=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	follow 100s --base "$full" --json "$private/events" "${options[@]}" \
		-o - "$(location both "$old")"
	# shellcheck disable=SC2016 # the inner shell expands
	_background restore /dev/null /dev/null bash -c '
		tee "$1" <"$2" | "${@:3}"; exit "${PIPESTATUS[1]}"' - "$late" \
		"$private/pipe" mrestore -p "$public_key" \
		--secret "file:$password" --timeout 5 "$@" - \
		"$(location both "$new")"
	restorer=$started
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
}

quiet() {
	ends "$follower" 0
	ends "$restorer" 0
}

proves() {	# USER
	run --separate-stderr maudit -p "$public_key" \
		--secret "file:$password" --strict "$full" "$late" \
		"$(location both "$1")"
	ends_with_status 0
}

@test "late mail is a delta: what came, moved and went since the backup" {
	restored
	deliver both "$old" INBOX five
	peer imapedit both "$old" flags INBOX 1 '+\Flagged' >/dev/null
	move INBOX two Sent
	late --until-quiet 3s -- "$full"
	within 20 there both "$new" INBOX five
	there both "$new" Sent two
	deliver both "$old" Sent six
	arrives 5000 both "$new" Sent six
	move INBOX three Sent
	within 20 there both "$new" Sent three
	peer imapedit both "$old" flags INBOX 1 '+\Answered' >/dev/null
	quiet
	equal '2 2 1 1' "$(counts late)"
	# of the source each, and of the target what was moved there twice
	proves "$old"
	equal 4 "$(count "$new" Sent)"
	equal 4 "$(count "$new" INBOX)"
	# the chain goes on
	run --separate-stderr mbackup -s "$secret_key" \
		--secret "file:$password" --base "$full" --base "$late" \
		-o "$private/next.tar.zst" "$(location both "$old")"
	ends_with_status 0
	says 'generation 3: 0 messages added'
	says '0 with other flags, 0 removed; 6 in the mailbox'
}

@test "one that was killed goes on, and is the same delta in the end" {
	deliver both "$old" INBOX five
	move INBOX two Sent
	follow_alone 100s --base "$full" -o "$late" --json "$private/events" \
		"$(location both "$old")"
	within 20 grep -qs '"event":"found".*"total":2' "$private/events"
	kill -KILL "$follower"
	ends "$follower" 137
	deliver both "$old" New six
	run --separate-stderr mbackup -s "$secret_key" \
		--secret "file:$password" --resume --follow 60s \
		--until-quiet 1s --base "$full" -o "$late" \
		"$(location both "$old")"
	ends_with_status 0
	says 'going on with'
	equal '2 1 1 0' "$(counts late)"
	proves "$old"
	run --separate-stderr mrestore -p "$public_key" \
		--secret "file:$password" "$late" "$full" \
		"$(location both "$new")"
	ends_with_status 0
	proves "$new"
}

@test "what is moved away and back is there once, however it ends" {
	restored
	late -- "$full"
	move INBOX one Sent
	within 20 there both "$new" Sent one
	move Sent one INBOX
	deliver both "$old" INBOX five
	within 20 there both "$new" INBOX five
	move INBOX one Sent
	deliver both "$old" Sent six
	within 20 there both "$new" Sent six
	kill -TERM "$follower"
	quiet
	equal 4 "$(count "$new" INBOX)"
	equal 3 "$(count "$new" Sent)"
	run --separate-stderr mrestore -p "$public_key" \
		--secret "file:$password" "$full" "$late" \
		"$(location both "$new")"
	ends_with_status 0
	says '0 messages appended'
}

@test "the journal stands for the parents, where they were restored" {
	late
	within 20 grep -q 'was not brought here yet: give those' \
		"$private/restore.err"
	kill -KILL "$follower"
	ends "$restorer" 65
	equal 0 "$(count "$new" INBOX)"
	restored
	late
	deliver both "$old" INBOX five
	within 20 there both "$new" INBOX five
	kill -TERM "$follower"
	quiet
	equal 4 "$(count "$new" INBOX)"
	# what has moved needs the octets that the parent has
	move INBOX two Sent
	late --until-quiet 1s
	ends "$follower" 0
	ends "$restorer" 3
	grep -q 'Sent/2: refused: it was copied or moved' "$private/restore.err"
	equal 4 "$(count "$new" INBOX)"
	equal 1 "$(count "$new" Sent)"
}

@test "another UIDVALIDITY in the middle: the octets are there already" {
	restored
	late --until-quiet 3s -- "$full"
	rm "$(dovecot_home "$private/both" "$old")"/Maildir/dovecot*
	deliver both "$old" INBOX five
	within 20 there both "$new" INBOX five
	quiet
	equal 4 "$(count "$new" INBOX)"
	equal 1 "$(lines late m | wc -l)"
	proves "$old"
}
