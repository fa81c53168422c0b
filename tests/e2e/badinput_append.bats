#!/usr/bin/env bats
# Targets that lose the line: each message arrives exactly once in the end.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/twins.bash
. "$BATS_TEST_DIRNAME/../lib/twins.bash"

setup_file() {
	prepare_twins
	common_teardown
}

setup() {
	twins_setup
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
