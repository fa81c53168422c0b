#!/usr/bin/env bats
# The main job with a handful of messages: what each step prints and does.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"

message() {	# NAME TEXT...: one message into $private/mail/NAME.eml
	mkdir -p "$private/mail"
	printf 'From: %s <%s@example.org>\r\nSubject: about %s\r\nMessage-ID: <%s@example.org>\r\n\r\n%s\r\n' \
		"$1" "$1" "$1" "$1" "${*:2}" >"$private/mail/$1.eml"
}

# $private/mail in INBOX and two folders of anna's on server `old`
small_account() {
	make_keys
	start_dovecot old
	for name in one two three four; do
		message "$name" "this is $name"
	done
	cd "$private/mail" || return
	peer imapfill old anna files INBOX one.eml two.eml
	peer imapfill old anna files --flags '\Seen todo' \
		--date '17-Jul-1996 02:44:25 -0700' 'Größe/日本' three.eml
	peer imapfill old anna files --subscribe Sent four.eml one.eml
	peer imapfill old anna files Leer
	cd - >/dev/null || return
}

back_up() {
	mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/a.tar.zst" "$@" "$(location old anna)"
}

restore_to() {	# SERVER USER OPTION...
	mrestore -p "$public_key" --secret "file:$password" "${@:3}" \
		"$private/a.tar.zst" "$(location "$1" "$2")"
}

audit_of() {	# SERVER USER OPTION...
	maudit -p "$public_key" --secret "file:$password" "${@:3}" \
		"$private/a.tar.zst" "$(location "$1" "$2")"
}

edit() {
	peer imapedit "$@" >/dev/null
}

# lines of the TSV report that tell of a difference
findings() {
	audit_of "$1" "$2" -q --format tsv | grep -v -e ^source -e ^folder \
		-e '^#' -e ^archive -e ^target -e ^verdict || :
}

@test "a dry run lists folders with counts and octets and writes nothing" {
	small_account
	run --separate-stderr mbackup -n --secret "file:$password" \
		"$(location old anna)"
	ends_with_status 0
	has 'Größe/日本'
	[ "$(grep -c . <<<"$output")" -eq 6 ]
	tail -n 1 <<<"$output" | grep -q '^ *5 .*(all)$'
	absent "$private/a.tar.zst"
}

@test "backup, proof, restore and audit agree" {
	small_account
	run --separate-stderr mbackup -s "$secret_key" \
		--secret "file:$password" -o "$private/a.tar.zst" \
		"$(location old anna)"
	ends_with_status 0
	says '5 messages'
	[ -z "$output" ]
	absent "$private/a.tar.zst.part"
	minisign -q -V -p "$public_key" -m "$private/a.tar.zst"
	run --separate-stderr maudit -p "$public_key" "$private/a.tar.zst"
	ends_with_status 0
	has 'whole and authentic: 5 messages'
	run --separate-stderr restore_to old bob
	ends_with_status 0
	says '5 messages appended, 0 there already'
	run --separate-stderr audit_of old bob --strict
	ends_with_status 0
	has 'proved: all 5 messages'
	peer imapdump old anna >"$private/anna"
	peer imapdump old bob >"$private/bob"
	same "$private/anna" "$private/bob"
	peer imapdump old bob --summary | grep -q ^Leer
}

@test "the source is only ever read" {
	make_keys
	start_imapd old
	mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/a.tar.zst" "$(location old)"
	refute grep -qE '[A-Z0-9]+ (UID )?(SELECT|STORE|EXPUNGE|APPEND|SEARCH|CREATE|DELETE|SUBSCRIBE|COPY|MOVE|CLOSE)( |$)' \
		"$private/old/log"
	refute grep -qE '^C.*BODY\[' "$private/old/log"
}

@test "what is deleted at the target is missing, by name" {
	small_account
	back_up
	restore_to old bob -q
	edit old bob delete INBOX '#1'
	run --separate-stderr audit_of old bob
	ends_with_status 1
	has '1 OF 5 MESSAGES MISSING'
	has 'INBOX UID 1'
	has 'about one'
	has '<one@example.org>'
	[ "$(findings old bob | cut -f 1,3,5,8-10)" = $'missing\tINBOX\t1\tone <one@example.org>\tabout one\t<one@example.org>' ]
}

@test "headers and counts show what is missing, and prove nothing" {
	small_account
	back_up
	restore_to old bob -q
	run --separate-stderr audit_of old bob --level header --strict
	ends_with_status 0
	lacks proved
	has 'no body was read'
	run --separate-stderr audit_of old bob --level count --strict
	ends_with_status 0
	lacks proved
	edit old bob delete INBOX '#1'
	run --separate-stderr audit_of old bob --level header
	ends_with_status 1
	has '1 OF 5 MESSAGES MISSING'
	has '<one@example.org>'
	run --separate-stderr audit_of old bob --level count
	ends_with_status 1
	has '1 OF 5 MESSAGES MISSING at the target, at least'
	run --separate-stderr audit_of old bob --level count --list missing
	ends_with_status 64
}

@test "what is missing comes back by its list, and nothing else" {
	small_account
	back_up
	restore_to old bob -q
	edit old bob delete INBOX '#1'
	edit old bob delete Sent '#1'
	audit_of old bob -q --list missing >"$private/list" || :
	[ "$(grep -c -v '^#' "$private/list")" -eq 2 ]
	grep -v $'\tSent\t' "$private/list" >"$private/only"
	run --separate-stderr restore_to old bob --only "$private/only"
	ends_with_status 0
	says '1 message appended'
	[ "$(findings old bob | cut -f 1,3)" = $'missing\tSent' ]
}

@test "an altered message is missing, and its new form is extra" {
	small_account
	back_up
	restore_to old bob -q
	edit old bob alter 'Größe/日本' '#1'
	[ "$(findings old bob | cut -f 1,3 | sort)" = $'extra\tGröße/日本\nmissing\tGröße/日本' ]
	run audit_of old bob -q
	ends_with_status 1
}

@test "a moved message is relocated, and no loss" {
	small_account
	back_up
	restore_to old bob -q
	edit old bob move INBOX '#2' Leer
	run audit_of old bob -q
	ends_with_status 0
	has 'in another folder'
	[ "$(findings old bob | cut -f 1,2,5)" = $'relocated\tLeer\tINBOX' ]
	run audit_of old bob -q --strict
	ends_with_status 1
}

@test "a message that stops conforming late is read again, and proved" {
	local late=$private/late.eml kind

	make_keys
	{
		printf 'Subject: late\r\nMessage-ID: <late@example.org>\r\n\r\n'
		seq -f '%06g: a line that ends as all lines should' 2000 |
			sed 's/$/\r/'
		printf 'and one that does not\n'
	} >"$late"
	{ cat "$late" && printf '\r\n'; } >"$late.more"
	sed '2100,$d; 1000s/line/LINE/' "$late" >"$late.other"
	for kind in '' .more .other; do
		printf '%s\n' 'folder INBOX uidvalidity=7' \
			"message file=$late$kind" 'message size=300' \
			>"$private/mailbox$kind"
		start_imapd "old$kind" --mailbox "$private/mailbox$kind"
	done
	mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/a.tar.zst" "$(location old)"
	run --separate-stderr audit_of old '' --strict
	ends_with_status 0
	has 'proved: all 2 messages'
	equal 1 "$(grep -c 'C.* UID FETCH 1 (UID BODY' "$private/old/log")"
	run findings old.more ''
	equal $'line-ends\tINBOX' "$(cut -f 1,3 <<<"$output")"
	run findings old.other ''
	equal $'extra missing' "$(cut -f 1 <<<"$output" | sort | xargs)"
	has $'\tlate\t<late@example.org>'
}

@test "a duplicated message is extra, once" {
	small_account
	back_up
	restore_to old bob -q
	edit old bob copy INBOX '#2' INBOX
	[ "$(findings old bob | cut -f 1,3)" = $'extra\tINBOX' ]
	run audit_of old bob -q
	ends_with_status 0
}

@test "changed flags are drift" {
	small_account
	edit old anna flags INBOX '#2' '+\Flagged'
	back_up
	restore_to old bob -q
	edit old bob flags INBOX '#2' '-\Flagged'
	run findings old bob
	has $'drift\tINBOX\t2\tflags\t'
	has '\Flagged'
	[ "$(wc -l <<<"$output")" -eq 1 ]
}

@test "n copies need n copies" {
	small_account
	cd "$private/mail"
	peer imapfill old anna files --copies 3 Drei one.eml
	back_up
	restore_to old bob -q
	[ -z "$(findings old bob)" ]
	edit old bob delete Drei '#2'
	[ "$(findings old bob | cut -f 1,3)" = $'missing\tDrei' ]
}

@test "a second run appends nothing, and brings nothing deleted back" {
	small_account
	back_up
	restore_to old bob -q
	run --separate-stderr restore_to old bob
	says '0 messages appended, 5 there already'
	edit old bob delete INBOX '#1'
	run --separate-stderr restore_to old bob
	ends_with_status 0
	says '0 messages appended, 4 there already'
	says '1 message restored before and removed'
	run --separate-stderr restore_to old bob --again
	says '1 message appended, 4 there already'
	[ -z "$(findings old bob)" ]
}

@test "without a journal the content at the target decides" {
	small_account
	back_up
	restore_to old bob -q
	edit old bob delete INBOX '#1'
	run --separate-stderr restore_to old bob --journal "$private/j"
	says '1 message appended, 4 there already'
	[ -z "$(findings old bob)" ]
}

@test "folders can be mapped, put below another, and chosen" {
	small_account
	back_up
	restore_to old bob -q --into Alt --map 'Größe=Size' --exclude Leer
	peer imapdump old bob | cut -f 1 | sort -u >"$private/folders"
	printf '%s\n' Alt/INBOX Alt/Sent Alt/Size/日本 >"$private/wanted"
	same "$private/wanted" "$private/folders"
	run audit_of old bob -q --into Alt --map 'Größe=Size' --exclude Leer
	ends_with_status 0
	run audit_of old bob -q
	ends_with_status 0	# all there, elsewhere
	has 'in another folder'
}

@test "a partial backup says so, signed" {
	small_account
	back_up --folder 'S*' --since 2001-01-01
	run maudit -p "$public_key" "$private/a.tar.zst"
	ends_with_status 0
	has 'selection   folder S*'
	has 'selection   since 20'
	has 'whole and authentic: 2 messages'
}

@test "the best compression is smaller, and the same mail" {
	make_keys
	mkdir -p "$private/box/cur" "$private/box/new" "$private/box/tmp"
	awk -v to="$private/box/cur/" 'BEGIN {
		split("do re mi fa sol la ti sun moon star rain wind", word)
		for (n = 1; n <= 300; n++) {
			file = to 1000 + n ".a.b:2,S"
			print "Subject: " n "\n" >file
			for (i = 0; i < 900; i++) {
				x = (x * 1103515245 + 12345) % 2147483648
				printf "%s ", word[int(x / 65536) % 12 + 1] >file
				if (i % 12 == 11) print "" >file
			}
			close(file)
		}
	}'
	mbackup -q -s "$secret_key" -o "$private/a.tar.zst" \
		"maildir:$private/box"
	mbackup -q -s "$secret_key" -o "$private/b.tar.zst" --best \
		"maildir:$private/box"
	[ "$(stat -c %s "$private/b.tar.zst")" -lt \
		"$(($(stat -c %s "$private/a.tar.zst") * 98 / 100))" ]
	maudit -q -p "$public_key" "$private/b.tar.zst" "maildir:$private/box"
	for name in a b; do
		tar --zstd -xOf "$private/$name.tar.zst" \
			--wildcards 'maildir/cur/*' >"$private/$name"
	done
	same "$private/a" "$private/b"
}

@test "the archive can come and go through pipes" {
	small_account
	mbackup -q -s "$secret_key" --secret "file:$password" \
		"$(location old anna)" | tee "$private/a.tar.zst" |
		mrestore -q -p "$public_key" --secret "file:$password" \
			- "$(location old bob)"
	[ -z "$(findings old bob)" ]
	run maudit -p "$public_key" - <"$private/a.tar.zst"
	ends_with_status 0
}

@test "subscriptions are carried over" {
	small_account
	back_up
	restore_to old bob -q
	grep -q Sent "$(dovecot_home "$private/old" bob)"/Maildir/subscriptions
}

@test "a dry run of mrestore changes nothing" {
	small_account
	back_up
	run --separate-stderr restore_to old bob -n
	ends_with_status 0
	says '5 messages would be appended'
	[ -z "$(peer imapdump old bob)" ]
	restore_to old bob -q
	run --separate-stderr restore_to old bob -n
	says '0 messages would be appended, 5 there already'
}

@test "events end in one summary" {
	small_account
	back_up --json "$private/events"
	[ "$(grep -c '"event":"summary"' "$private/events")" -eq 1 ]
	tail -n 1 "$private/events" | grep -q '"event":"summary"'
	while read -r line; do
		python3 -c 'import json, sys; json.loads(sys.argv[1])' "$line"
	done <"$private/events"
}

@test "a key made by minisign signs, and keys with a passphrase work" {
	small_account
	printf 'pass word' >"$private/phrase"
	chmod 600 "$private/phrase"
	minisign -G -W -p "$private/m.pub" -s "$private/m.key" >/dev/null
	secret_key=$private/m.key back_up
	maudit -q -p "$private/m.pub" "$private/a.tar.zst" >/dev/null
	mbackup -q -G -p "$private/e.pub" -s "$private/e.key" \
		--key-secret "file:$private/phrase"
	rm "$private"/a.tar.zst*
	secret_key=$private/e.key back_up --key-secret "file:$private/phrase"
	minisign -q -V -p "$private/e.pub" -m "$private/a.tar.zst"
}
