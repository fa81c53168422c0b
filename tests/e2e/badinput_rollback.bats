#!/usr/bin/env bats
# mrestore --rollback on servers that refuse, and lines that are cut.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

setup_file() {
	local mailbox

	prepare_file
	mailbox=$private/mailbox
	cat >"$mailbox" <<-'END'
	folder INBOX uidvalidity=7
	message text="Subject: twin\n\nsame\n" flags="\Seen"
	message text="Subject: twin\n\nsame\n" flags="kw"
	messages 10 size=700
	folder Plans uidvalidity=8 subscribed
	messages 10 size=900
	END
	start_imapd source --mailbox "$mailbox"
	back_up -q "$(location source)"
	peer imapdump source user | cut -f 1-4 >"$private/archived"
	common_teardown
}

# The target has lost some, and has got 40 more in two folders; one of them
# somebody else has marked as deleted.
setup() {
	common_keys
	archive=$BATS_FILE_TMPDIR/a.tar.zst
	cat >"$private/mailbox" <<-'END'
	folder INBOX uidvalidity=70
	message text="Subject: twin\n\nsame\n" flags="\Flagged"
	message text="Subject: later\n\nmarked by another\n" flags="\Deleted"
	messages 19 size=500
	folder Later uidvalidity=80 subscribed
	messages 20 size=400
	END
}

start_target() {
	local quirk
	local -a quirks=()

	for quirk; do
		quirks+=(--quirk "$quirk")
	done
	start_imapd new --mailbox "$private/mailbox" "${quirks[@]}"
}

roll() {
	run --separate-stderr "${BOUND[@]}" mrestore -p "$public_key" \
		-s "$secret_key" --secret "file:$password" --timeout 1 \
		--rollback "$@" "$archive" "$(location new)"
}

# remove NAME: what is beyond the archives goes into $private/NAME.tar.zst
remove() {
	roll --delete-extra --keep "$private/$1.tar.zst"
}

is_back() {
	peer imapdump new user | cut -f 1-4 >"$private/got"
	same "$BATS_FILE_TMPDIR/archived" "$private/got"
}

@test "a server without UIDPLUS is refused, and nothing is removed" {
	start_target no-uidplus
	remove kept
	ends_with_status 3
	says 'INBOX: the server has no UIDPLUS: nothing can be removed'
	says 'Later: the server has no UIDPLUS'
	refute grep -q EXPUNGE "$private/new/log"
	peer imapdump new user | cut -f 1-4 >"$private/got"
	equal '' "$(comm -23 "$BATS_FILE_TMPDIR/archived" "$private/got")"
	equal 40 "$(comm -13 "$BATS_FILE_TMPDIR/archived" "$private/got" |
		wc -l)"
}

@test "a removal that the server refuses is told" {
	local command

	for command in STORE EXPUNGE; do
		start_target "no-at-command=$command"
		remove kept
		ends_with_status 3
		says 'is not removed: [SERVERBUG] internal error'
		equal 40 "$(grep -c '^extra' <<<"$output")"
		refute grep -q '^remove' <<<"$output"
		run maudit -p "$public_key" "$private/kept.tar.zst"
		ends_with_status 0
		equal 62 "$(peer imapdump new user | wc -l)"
		imapd_stop "$private/new"
		rm -rf "$HOME/.local" "$private"/kept.*
	done
}

@test "a line that is cut in the middle is mended" {
	local quirk

	for quirk in cut-at-command=EXPUNGE@1 cut-at-command=STORE@1 \
		bye-at-command=EXPUNGE@2 cut-at-command=DELETE@1; do
		start_target "$quirk"
		remove kept
		ends_with_status 0
		is_back
		imapd_stop "$private/new"
		rm -rf "$HOME/.local" "$private"/kept.*
	done
}

@test "a line that is always cut ends the run, and another completes it" {
	start_target cut-at-command=EXPUNGE@8
	remove kept
	ends_with_status 75
	run maudit -p "$public_key" "$private/kept.tar.zst"
	ends_with_status 0
	remove again
	ends_with_status 0
	is_back
}

has_said() {
	[ "$(grep -c "$1" "$private/new/log")" -ge "$2" ]
}

# killed_at COMMAND COUNT: kill -9 when so many were sent
killed_at() {
	local pid

	start_target delay=4
	mrestore -q -p "$public_key" -s "$secret_key" --secret \
		"file:$password" --rollback --delete-extra --keep \
		"$private/kept.tar.zst" \
		"$archive" "$(location new)" >/dev/null 3>&- &
	pid=$!
	poll has_said "$1" "$2"
	kill -KILL "$pid" || :
	wait "$pid" || :
	remove again
	ends_with_status 0
	is_back
	imapd_stop "$private/new"
	rm -rf "$HOME/.local" "$private"/kept.* "$private"/again.*
}

@test "kill -9 at any time: another run completes it" {
	killed_at APPEND 1
	killed_at 'UID STORE' 1
	killed_at 'UID FETCH' 4
	killed_at 'UID EXPUNGE' 1
	killed_at 'UID EXPUNGE' 2
	killed_at DELETE 1
}

@test "what the backup left out is none of its business" {
	archive=$private/some.tar.zst
	start_imapd source --mailbox "$private/mailbox"
	back_up -q --folder INBOX "$(location source)"
	start_target
	remove kept
	ends_with_status 0
	equal '' "$output"
	absent "$private/kept.tar.zst"
	rm "$archive" "$archive.minisig"
	back_up -q --since 2021-01-01 "$(location source)"
	remove kept
	ends_with_status 64
	says 'is no mailbox to go back to'
}

@test "a folder that could not be read whole keeps what it has" {
	archive=$private/some.tar.zst
	start_imapd source --mailbox "$private/mailbox" --quirk fetch-no=5
	run back_up -q "$(location source)"
	ends_with_status 3
	start_target
	remove kept
	ends_with_status 0
	says 'INBOX: the backup could not read all of this folder: 1 '
	equal 41 "$(peer imapdump new user | wc -l)"
}
