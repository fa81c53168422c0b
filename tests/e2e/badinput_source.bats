#!/usr/bin/env bats
# Sources that refuse, vanish, stall or lie: every message that was listed is
# stored, gone or refused, and the run ends with the status that says so.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

setup_file() {
	prepare_file
}

setup() {
	common_keys
}

# run_odd STATUS QUIRK...: backs up the scripted server's account; the default
# one has 10 messages in INBOX (UIDs 1 2 5 6 9), Sent, Arbeit/Größe and Leer
run_odd() {
	local wanted=$1

	shift
	start_odd old "${mailbox-}" "$@"
	run --separate-stderr back_up "$(location old)" --timeout 1 \
		--json "$private/events" --max-wait "${max_wait-600}"
	ends_with_status "$wanted" || return
	printf '%s\n' "$stderr" >"$private/stderr"
	is_secret "$private/stderr" "$private/events" "$private/old/output"
	tail -n 1 "$private/events" | grep -q '"event":"summary"' ||
		_assert_failed "no summary: $(tail -n 1 "$private/events")"
}

# holds STATUS MESSAGES: what maudit says of the archive
holds() {
	run audit --format tsv
	ends_with_status "$1" || return
	equal "$2" "$(cut -f 3 <<<"$(grep ^verdict <<<"$output")")"
}

refused() {	# FOLDER UID: named in the signed final, and on stderr
	grep -q "^refused.$1.$2." <<<"$output" ||
		_assert_failed "not refused: $1 $2" "$output"
	[ "$2" -eq 0 ] || grep -qF "$1/$2: refused: " "$private/stderr"
}

# everything STATUS: all 10 messages of the default account
everything() {
	ends_with_status 0 && holds 0 10
}

@test "a wrong password is 77, and nothing is written" {
	start_imapd old
	printf 'other secret' >"$password"
	run --separate-stderr back_up "$(location old)"
	ends_with_status 77
	says 127.0.0.1
	[[ $stderr != *"other secret"* ]]
	leaves_nothing
}

@test "a wrong password at Dovecot is 77, for all three programs" {
	# a failed login is answered at once
	start_dovecot new --config 'service anvil {
	  unix_listener anvil-auth-penalty {
	    mode = 0
	  }
	}'
	start_imapd old
	back_up -q "$(location old)"
	printf 'other secret' >"$password"
	run --separate-stderr back_up "$(location new anna)"
	ends_with_status 77
	run --separate-stderr restore_to "$(location new anna)"
	ends_with_status 77
	says 127.0.0.1
	run --separate-stderr "${BOUND[@]}" maudit -p "$public_key" \
		--secret "file:$password" "$archive" "$(location new anna)"
	ends_with_status 77
}

@test "a password in a location is refused and not repeated" {
	local program

	for program in mbackup "mrestore $archive" "maudit $archive"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr $program -p "$public_key" \
			imaps://anna:s3cret@example.com
		ends_with_status 64
		says --secret
		[[ $stderr != *s3cret* ]]
	done
}

@test "a server that takes no login at the moment is temporary" {
	max_wait=0
	run_odd 75 'login-no=[UNAVAILABLE] try later'
	says "try later"
	leaves_nothing
}

@test "a server that says BYE is temporary, and is quoted" {
	max_wait=0
	run_odd 75 'greeting-bye=[UNAVAILABLE] come back later'
	says "come back later"
	leaves_nothing
}

@test "a server that closes or greets like another kind is told" {
	local quirk

	for quirk in greeting-close greeting-garbage; do
		start_imapd old --quirk "$quirk"
		run --separate-stderr back_up "$(location old)"
		[ "$status" -eq 69 ] || [ "$status" -eq 75 ]
		says 127.0.0.1
		leaves_nothing
		imapd_stop "$private/old"
	done
}

@test "a server that never greets ends at the timeout" {
	start_imapd old --quirk greeting-stall
	run --separate-stderr back_up "$(location old)" --timeout 1
	[ "$status" -eq 69 ] || [ "$status" -eq 75 ]
	says 127.0.0.1
	leaves_nothing
}

@test "a folder that is gone before it is read is refused, signed" {
	run_odd 3 vanish=Sent
	says 'mbackup: Sent: cannot select'
	holds 3 7
	refused Sent 0
}

@test "a folder that is gone while it is read has its messages refused" {
	run_odd 3 vanish-in-fetch=Sent
	says Sent
	run audit --format tsv
	ends_with_status 3
	equal 3 "$(grep -c $'^\\(refused\\|stored\\).Sent' <<<"$output")" ||
		equal $'Sent\t3\t3' "$(grep ^source.Sent <<<"$output" |
			cut -f 2-4)"
	refused Sent 3
}

@test "a folder whose list is refused does not look empty" {
	run_odd 3 no-at-command=FETCH
	says INBOX
	run audit --format tsv
	ends_with_status 3
	refused INBOX 0
	refused Sent 0
}

@test "a message without a body is refused by name, the others are stored" {
	local quirk

	for quirk in nil-body=5 empty-body=5 fetch-no=5; do
		run_odd 3 "$quirk"
		holds 3 9
		refused INBOX 5
		imapd_stop "$private/old"
		rm "$archive"*
	done
}

@test "a message whose parts can be read is stored whole" {
	run_odd 0 nil-whole=5
	everything
}

@test "a message that is claimed and never answered is told" {
	run_odd 3 missing=2
	says "INBOX: the server claims 5 messages and lists 4"
	says "Sent: the server claims 3 messages and lists 2"
	holds 3 7
}

@test "a message that is expunged meanwhile is gone, not refused" {
	run_odd 0 expunge=5
	run audit --format tsv
	ends_with_status 0
	equal $'1' "$(grep ^source.INBOX <<<"$output" | cut -f 6)"
}

@test "messages that are claimed and never listed are told, status 3" {
	run_odd 3 exists-extra=2
	says "the server claims 7 messages and lists 5"
	run audit
	ends_with_status 3
}

@test "a cut in a body is bridged" {
	run_odd 0 cut-in-body=2@1
	everything
	run_odd_again cut-after-messages=3@1
}

run_odd_again() {
	imapd_stop "$private/old"
	rm "$archive"*
	run_odd 0 "$@"
	everything
}

@test "cuts and goodbyes between messages are bridged" {
	run_odd 0 bye-after-messages=2@1
	everything
	run_odd_again cut-at-command=FETCH@1
	run_odd_again bye-at-command=EXAMINE@1
	run_odd_again cut-after-bytes=3000@1
	run_odd_again bye-after-messages=2@3
}

@test "a stall is named and bridged" {
	run_odd 0 stall-in-body=2@1
	everything
}

@test "a server that always breaks the line ends the run" {
	run_odd 75 cut-in-body=1
	says 'INBOX: the server closed the connection'
	says "INBOX/1: refused"
	leaves_nothing	# not one message was read
}

@test "a server that always stalls ends the run, and is named" {
	run_odd 75 stall-at-command=FETCH
	says "INBOX"
	says "for 1 s"
	leaves_nothing
}

@test "throttling that is not waited for is temporary" {
	max_wait=0
	run_odd 75 throttle=5
	says "[LIMIT]"
	leaves_nothing
}
