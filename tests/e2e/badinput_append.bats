#!/usr/bin/env bats
# Targets that lose the line: each message arrives exactly once in the end.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# 60 messages, among them three alike
setup_file() {
	local mailbox

	prepare_file
	mailbox=$private/mailbox
	cat >"$mailbox" <<-'END'
	folder INBOX uidvalidity=7
	message uid=1 text="Subject: twin\n\nsame\n" flags="\Seen"
	message uid=2 text="Subject: twin\n\nsame\n" flags="kw"
	message uid=3 text="Subject: twin\n\nsame\n"
	message uid=4 text="Subject: EICAR\n\nvirus\n"
	messages 26 size=700
	folder Archiv/Größe uidvalidity=8
	messages 30 size=900
	END
	start_imapd source --mailbox "$mailbox"
	back_up -q "$(location source)"
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

# restore_into NAME USER STATUS
restore_into() {
	run --separate-stderr restore_to "$(location "$1" "$2")" --timeout 1 \
		"${@:4}"
	ends_with_status "$3" || return
	printf '%s\n' "$stderr" >"$private/stderr"
	is_secret "$private/stderr" || return
	[ ! -d "$HOME/.local" ] || is_secret -r "$HOME/.local"
}

# exactly_once NAME USER: the target holds what the source held
exactly_once() {
	peer imapdump "$1" "$2" >"$private/got"
	same "$BATS_FILE_TMPDIR/source.dump" "$private/got"
}

# once_with QUIRK...: in one run over connections that are lost
once_with() {
	start_target "$@" || return
	restore_into new user 0 || return
	exactly_once new user || return
	restore_into new user 0 || return
	says ' 0 messages appended' || return
	exactly_once new user || return
	imapd_stop "$private/new"
	rm -rf "$HOME/.local"
}

@test "an APPEND whose answer was lost is not repeated" {
	once_with append-cut=1@1
	once_with append-cut=2@1
	once_with append-cut=1@3
}

@test "an APPEND whose answer was lost, without APPENDUID" {
	once_with append-cut=1@1 no-uidplus
	once_with append-cut=2@2 no-uidplus no-multiappend
}

@test "an APPEND whose answer was lost, one message at a time" {
	once_with append-cut=7@2 no-multiappend
	once_with append-cut=7@2 no-multiappend no-literal+
	once_with append-cut=7@1 no-multiappend no-literal+ no-uidplus
}

@test "an APPEND that was lost is sent again" {
	once_with append-cut-unstored=1@2
	once_with append-cut-unstored=5@1 no-multiappend
	once_with append-cut-unstored=5@1 no-multiappend no-uidplus
	once_with append-cut-unstored=2@1 no-literal+ no-uidplus
}

@test "lines that break elsewhere are bridged" {
	once_with cut-after-bytes=900@1
	once_with bye-at-command=APPEND@1
	once_with cut-at-command=CREATE@1
	once_with cut-at-command=SELECT@1
}

@test "a line that always breaks ends the run, and the next completes it" {
	start_target append-cut=1
	run --separate-stderr restore_to "$(location new)" --timeout 1
	[ "$status" -eq 0 ] || [ "$status" -eq 75 ]
	restore_into new user 0
	exactly_once new user
	imapd_stop "$private/new"
	start_target append-cut-unstored=1
	rm -rf "$HOME/.local"
	restore_into new user 75
	says 'INBOX: the server closed the connection'
}

@test "a journal that is lost costs nothing but time" {
	start_target append-cut=2
	run restore_to "$(location new)" --timeout 1
	rm -rf "$HOME/.local"
	restore_into new user 0
	exactly_once new user
}
