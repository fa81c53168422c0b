#!/usr/bin/env bats
# The main job on servers other than Dovecot: what comes out of them is kept
# to the byte, and what they do not take is named.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"

back_up() {	# SERVER
	make_keys
	mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/a.tar.zst" "$(location "$1" anna)"
}

restore_to() {	# SERVER OPTION...
	mrestore -p "$public_key" --secret "file:$password" "${@:2}" \
		"$private/a.tar.zst" "$(location "$1" anna)"
}

findings() {	# SERVER
	maudit -q -p "$public_key" --secret "file:$password" --format tsv \
		"$private/a.tar.zst" "$(location "$1" anna)" |
		grep -v -e ^source -e ^folder -e '^#' -e ^archive -e ^target \
			-e ^verdict || :
}

mail() {	# the shapes that these servers differ about
	mkdir -p "$private/mail"
	printf 'Subject: plain\r\n\r\ntext\r\n' >"$private/mail/plain.eml"
	printf 'Subject: no line end\r\n\r\nlast' >"$private/mail/none.eml"
	printf 'Subject: caf\xc3\xa9\r\n\r\n8-bit header\r\n' \
		>"$private/mail/eight.eml"
	printf 'Subject: CR\r\n\r\none\rtwo\r\n' >"$private/mail/cr.eml"
	printf 'Subject: NUL\r\n\r\na\0b\r\n' >"$private/mail/nul.eml"
}

@test "a Cyrus is backed up, and restored to Dovecot and back" {
	mail
	start_cyrus old
	start_dovecot new
	peer imapfill old anna files --flags '\Seen todo' Größe/日本 \
		"$private"/mail/{plain,none,eight}.eml
	peer imapfill old anna files INBOX "$private/mail/plain.eml"
	back_up old
	restore_to new -q
	[ -z "$(findings new)" ]
	rm "$private"/a.tar.zst*
	back_up new
	run --separate-stderr restore_to old --into Zurück
	ends_with_status 0
	says '4 messages appended'
}

@test "what Cyrus alters without a word is found by the audit" {
	mail
	start_dovecot old
	start_cyrus new
	peer imapfill old anna files INBOX "$private"/mail/*.eml
	back_up old
	run --separate-stderr restore_to new
	ends_with_status 0
	# Cyrus has OK for an answer, and XX for the 8-bit letters
	findings new >"$private/findings"
	[ "$(cut -f 1 "$private/findings" | sort)" = $'extra\nmissing' ]
	grep -q '^missing.*café' "$private/findings"
	grep -q '^extra.*cafXX' "$private/findings"
	run --separate-stderr restore_to new
	says '0 messages appended'
}

@test "a Courier is backed up, and restored to" {
	mail
	start_courier old
	start_dovecot new
	peer imapfill old anna files Größe/日本 "$private"/mail/{plain,eight}.eml
	back_up old
	restore_to new -q
	[ -z "$(findings new)" ]
	start_courier back
	run --separate-stderr restore_to back
	ends_with_status 0
	run --separate-stderr restore_to back
	says '0 messages appended'
}
