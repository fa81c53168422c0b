#!/usr/bin/env bats
# mbackup --base and what servers tell of changes: how little is asked, and
# that nothing is believed that the numbers do not bear out.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/chain.bash
. "$BATS_TEST_DIRNAME/../lib/chain.bash"

edit() {
	peer imapedit old user "$@" >/dev/null
}

# one message more and one moved, one with other flags and one gone; and one
# with other flags where nothing else shows it
change() {
	mail late
	peer imapfill old user files INBOX "$private/mail/late.eml"
	edit flags INBOX 1 '+\Flagged'
	edit delete INBOX 2
	edit move INBOX 5 Leer
	edit flags Sent 1 '+\Answered'
}

# asked FROM: what was asked behind that line of the log, without names
asked() {
	tail -n "+$1" "$private/old/log" |
		sed -nE 's/^C[0-9]+: [0-9]+ ((UID )?[A-Z]+).*/\1/p' |
		grep -vE '^(AUTHENTICATE|LOGIN|NAMESPACE|ID|LOGOUT|CAPABILITY)$' |
		tr '\n' ' '
}

lines_of_log() {
	wc -l <"$private/old/log"
}

# finds_all QUIRK...: the changes are found whatever the server says of them
finds_all() {
	make_keys
	start_imapd old --quirk list-status "${@/#/--quirk=}"
	grow full "$(location old)"
	change
	grow next "$(location old)"
	says '2 messages added, 1 of them by reference, 2 with other flags'
	[ "$(counts next)" = '1 1 1 2' ]
	lines next x | grep -qE '	2,5$'
	[ "$(pending "$(location old)")" = '0 0 0 0' ]
}

@test "nothing new is asked in one round trip for all folders" {
	make_keys
	start_imapd old --quirk list-status --quirk qresync
	grow full "$(location old)"
	from=$(($(lines_of_log) + 1))
	grow next "$(location old)"
	[ "$(counts next)" = '0 0 0 0' ]
	[ "$(asked "$from")" = 'LIST ' ]
}

@test "without LIST-STATUS it is one STATUS a folder, all at one time" {
	make_keys
	start_imapd old --quirk qresync
	grow full "$(location old)"
	from=$(($(lines_of_log) + 1))
	grow next "$(location old)"
	[ "$(asked "$from")" = 'LIST LSUB STATUS STATUS STATUS STATUS ' ]
}

@test "only folders that changed are asked, for what changed" {
	finds_all qresync
	grep -q 'UID FETCH 1:\* .*(CHANGEDSINCE [0-9]* VANISHED)' \
		"$private/old/log"
	flags_alone_are 'LIST ENABLE EXAMINE UID FETCH '
}

# flags_alone_are COMMANDS: which find them
flags_alone_are() {
	edit flags Sent 2 '+\Answered'
	from=$(($(lines_of_log) + 1))
	grow third "$(location old)"
	[ "$(counts third)" = '0 0 0 1' ]
	[ "$(asked "$from")" = "$1" ]
}

@test "without QRESYNC what is gone shows by the numbers" {
	finds_all condstore
	flags_alone_are 'LIST EXAMINE UID FETCH '
}

@test "a server without CONDSTORE is listed" {
	finds_all no-literal+
	refute grep -q CHANGEDSINCE "$private/old/log"
}

@test "HIGHESTMODSEQ of 0 tells nothing" {
	finds_all qresync modseq=0
}

@test "HIGHESTMODSEQ of 1 tells nothing" {
	finds_all qresync modseq=1
}

@test "HIGHESTMODSEQ that goes backwards tells nothing" {
	finds_all qresync modseq-falls
	refute grep -q CHANGEDSINCE "$private/old/log"
}

@test "a server that refuses CHANGEDSINCE is listed" {
	finds_all qresync changes-no
}

@test "changes that leave out a message are found out" {
	finds_all qresync changes-forget
}

@test "changes that leave out what is gone are found out" {
	finds_all qresync vanished-forgets
}

@test "a server that refuses ENABLE tells its changes all the same" {
	finds_all qresync enable-no
	refute grep -q VANISHED "$private/old/log"
}

@test "another UIDVALIDITY means that all is compared by content" {
	make_keys
	start_imapd old --quirk list-status --quirk qresync
	grow full "$(location old)"
	edit remove Sent
	edit create Sent
	edit copy INBOX 1 Sent
	grow next "$(location old)"
	says 'Sent: made anew since then: its UIDVALIDITY was 1700000002'
	says '1 message added, 1 of them by reference, 0 with other flags, 3 removed'
	[ "$(counts next)" = '0 1 0 0' ]
	[ "$(pending "$(location old)")" = '0 0 0 0' ]
}
