#!/usr/bin/env bats
# mbackup --base: what is new since the parent, and only that.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/chain.bash
. "$BATS_TEST_DIRNAME/../lib/chain.bash"

edit() {
	peer imapedit "$@" >/dev/null
}

account() {	# SERVER OPTION...
	make_keys
	start_dovecot "$@"
	mail one two three four five
	cd "$private/mail" || return
	peer imapfill "$1" anna files INBOX one.eml two.eml three.eml
	peer imapfill "$1" anna files --flags '\Seen todo' 'Größe/日本' four.eml
	peer imapfill "$1" anna files --subscribe Sent five.eml one.eml
	peer imapfill "$1" anna files Leer
	cd - >/dev/null || return
}

add() {	# SERVER FOLDER NAME
	mail "$3"
	peer imapfill "$1" anna files "$2" "$private/mail/$3.eml"
}

@test "nothing new is a small delta of nothing" {
	account old
	grow full "$(location old anna)"
	grow next "$(location old anna)"
	says '0 messages added'
	says '0 with other flags, 0 removed; 6 in the mailbox'
	[ "$(counts next)" = '0 0 0 0' ]
	[ "$(stat -c %s "$private/next.tar.zst")" -lt 8192 ]
	[ "$(pending "$(location old anna)")" = '0 0 0 0' ]
}

# One message more, one with other flags, one gone, one moved, a folder
# renamed, one made again with its mail, and one that is new and empty.
change() {	# SERVER
	add "$1" INBOX six
	edit "$1" anna flags INBOX 1 '+\Flagged' '+neu'
	edit "$1" anna delete INBOX 2
	edit "$1" anna move INBOX 3 Leer
	edit "$1" anna rename 'Größe/日本' 'Größe/Japan'
	edit "$1" anna remove Sent
	peer imapfill "$1" anna files Sent "$private/mail/five.eml" \
		"$private/mail/one.eml"
	edit "$1" anna create Neu
}

# The chain after change: six.eml is stored; moved, renamed and made again
# are four by reference; 2 and 3 of INBOX are gone; 1 has other flags.
is_changed() {	# SERVER [SOURCE]
	local source

	source=${2:-$(location "$1" anna)}
	says '5 messages added, 4 of them by reference'
	[ "$(counts next)" = '1 4 1 1' ] || return
	# the state has the source's UIDs and flags, or these would be news
	[ "$(pending "$source")" = '0 0 0 0' ] || return
	grow third "$source"
	[ "$(counts third)" = '0 0 0 0' ] || return
	# and its octets, dates and flags are what is there
	run --separate-stderr maudit -q -p "$public_key" --strict \
		--secret "file:$password" "${chain[@]}" "$source"
	ends_with_status 0 || return
	tree_holds_all "$1"
}

# tar extracts the chain in order: every body at the source is in its folder
tree_holds_all() {	# SERVER
	local archive

	mkdir -p "$private/tree"
	for archive in "${chain[@]}"; do
		tar --zstd -xf "$archive" -C "$private/tree" || return
	done
	start_dovecot tree --serve tree "$PASSWORD" "maildir:$private/tree/maildir"
	dovecot_own "$private/tree/maildir"
	peer imapdump "$1" anna | cut -f 1,2 | sort >"$private/there"
	peer imapdump tree tree | cut -f 1,2 | sort >"$private/extracted"
	[ -s "$private/there" ] || return
	[ -z "$(comm -23 "$private/there" "$private/extracted")" ]
}

@test "what is new is stored, and what was moved is referred to" {
	account old
	grow full "$(location old anna)"
	change old
	grow next "$(location old anna)"
	says 'Größe/日本: is not there any more'
	says 'Sent: made anew since then'
	is_changed old
}

@test "the same of an sdbox, and of a server without CONDSTORE" {
	account old --format sdbox --without CONDSTORE --without QRESYNC
	grow full "$(location old anna)"
	change old
	grow next "$(location old anna)"
	is_changed old
}

@test "the same of a server without QRESYNC and LIST-STATUS" {
	account old --without QRESYNC --without LIST-STATUS
	grow full "$(location old anna)"
	change old
	grow next "$(location old anna)"
	is_changed old
}

@test "events and the summary say what a delta adds" {
	account old
	grow full "$(location old anna)" --json "$private/full.json"
	refute grep -q '"event":"delta"' "$private/full.json"
	change old
	run --separate-stderr mbackup -n -p "$public_key" \
		--secret "file:$password" --base "${chain[0]}" \
		"$(location old anna)"
	ends_with_status 0
	tail -n 1 <<<"$output" | grep -q '^ *5 .* 1  *5  (all)$'
	grow next "$(location old anna)" --json "$private/next.json"
	grep '"event":"delta"' "$private/next.json" >"$private/delta"
	for word in '"generation":2' '"added":5' '"referenced":4' \
		'"changed":1' '"removed":5' '"mailbox":6'; do
		grep -q "${word}[,}]" "$private/delta"
	done
	grep '"event":"folder"' "$private/next.json" | grep '"INBOX"' |
		grep '"stored":1' | grep '"kept":1' | grep '"changed":1' |
		grep -q '"removed":2'
	grep '"event":"folder-gone"' "$private/next.json" |
		grep '"Größe/日本"' | grep -q '"removed":1'
	[ "$(grep -c '"event":"folder-gone"' "$private/next.json")" -eq 2 ]
}

# refuses WORDS... OPTION...: the last run says so, and wrote nothing
refused() {
	ends_with_status "$1"
	absent "$private/bad.tar.zst" "$private/bad.tar.zst.part"
	for word in "${@:2}"; do
		says "$word"
	done
}

@test "a parent that does not match is refused by name" {
	account old
	grow full "$(location old anna)"
	full=${chain[0]}
	run --separate-stderr next bad "$(location old bob)"
	refused 64 "$full" "$(location old anna)" "$(location old bob)" \
		'without --base'
	run --separate-stderr next bad "$(location old anna)" --folder INBOX
	refused 64 "$full" 'was made without --folder INBOX' 'without --base'
	grow second "$(location old anna)"
	second=${chain[1]}
	# a delta without its parent
	chain_is "$second"
	run --separate-stderr next bad "$(location old anna)"
	refused 65 "$second" 'generation 2'
	# two children of one parent
	chain_is "$full"
	grow other "$(location old anna)"
	chain_is "$second" "$full" "$private/other.tar.zst"
	run --separate-stderr next bad "$(location old anna)"
	refused 65 "$second" "$private/other.tar.zst" 'same parent'
	# in any order it is a chain
	chain_is "$second" "$full"
	grow third "$(location old anna)"
	says 'generation 3'
	# another key
	mbackup -q -G -p "$private/p" -s "$private/s" </dev/null
	run --separate-stderr mbackup -s "$private/s" \
		--secret "file:$password" --base "$full" \
		-o "$private/bad.tar.zst" "$(location old anna)"
	refused 65 "$full"
	chain_is "$private/mail/one.eml"
	run --separate-stderr next bad "$(location old anna)"
	refused 65 one.eml
	chain_is "$private/none.tar.zst"
	run --separate-stderr next bad "$(location old anna)"
	refused 66 none.tar.zst
	chain_is -
	run --separate-stderr next bad "$(location old anna)"
	refused 64 'give the file of an archive'
}

@test "the selection is the chain's" {
	account old
	grow full "$(location old anna)" --folder INBOX --since 2020-01-01
	run --separate-stderr next bad "$(location old anna)" --folder INBOX
	refused 64 'was made with --since 2' 'give that again'
	change old
	grow next "$(location old anna)" --folder INBOX --since 2020-01-01
	run --separate-stderr lines next folder
	lacks Leer
}

@test "what was refused is asked for again" {
	make_keys
	start_imapd old --quirk list-status --quirk qresync \
		--quirk nil-body=2@6
	run --separate-stderr next full "$(location old)"
	ends_with_status 3
	chain_add full
	grow next "$(location old)"
	says '1 message added'
	[ "$(counts next)" = '1 0 0 0' ]
}

@test "a folder that cannot be opened keeps what the parent has of it" {
	account old
	grow full "$(location old anna)"
	closed=$(dovecot_home "$private/old" anna)/Maildir/.Sent
	chmod 0 "$closed"
	run --separate-stderr next next "$(location old anna)"
	chmod 700 "$closed"
	ends_with_status 3
	chain_add next
	[ "$(counts next)" = '0 0 0 0' ]
	lines next refused | grep -q '	0	-	'
	lines next state | grep -q '^state	delta	6	'
	grow third "$(location old anna)"
	[ "$(counts third)" = '0 0 0 0' ]
	[ "$(lines third refused)" = '' ]
	[ "$(pending "$(location old anna)")" = '0 0 0 0' ]
}

@test "a Maildir with Dovecot's lists goes on like a server" {
	account old
	box=maildir:$(dovecot_home "$private/old" anna)/Maildir
	grow full "$box"
	change old
	grow next "$box"
	is_changed old "$box"
}

# its UIDs are those of one listing: content tells what is new
@test "a Maildir without lists is compared by content" {
	make_keys
	mail one two three
	box=$private/box
	mkdir -p "$box"/{cur,new,tmp} "$box/.Sent"/{cur,new,tmp}
	cp "$private/mail/one.eml" "$box/cur/1.a:2,S"
	cp "$private/mail/two.eml" "$box/cur/2.b:2,"
	grow full "maildir:$box"
	grow second "maildir:$box"
	[ "$(counts second)" = '0 0 0 0' ]
	cp "$private/mail/three.eml" "$box/new/3.c"
	cp "$private/mail/two.eml" "$box/.Sent/cur/4.d:2,"
	grow third "maildir:$box"
	[ "$(counts third)" = '1 3 0 0' ]
	[ "$(pending "maildir:$box")" = '0 0 0 0' ]
}

# a few changes of anna's on server `old`
small_change() {
	mail one two three
	peer imapfill old anna files --flags '\Seen' INBOX \
		"$private"/mail/{one,two}.eml
	grow full "$(location old anna)"
	peer imapfill old anna files INBOX "$private/mail/three.eml"
	edit old anna create "$1"
	edit old anna move INBOX 1 "$1"
	edit old anna flags INBOX 2 '+\Flagged'
	grow next "$(location old anna)"
	[ "$(counts next)" = '1 1 1 1' ]
	[ "$(pending "$(location old anna)")" = '0 0 0 0' ]
	grow third "$(location old anna)"
	[ "$(counts third)" = '0 0 0 0' ]
}

@test "a Cyrus is asked for what changed" {
	make_keys
	start_cyrus old
	small_change Sent
}

@test "a Courier is listed for what changed" {
	make_keys
	start_courier old
	small_change Sent
}
