#!/usr/bin/env bats
# The tests' own servers and clients: if they lie, every other test is void.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"

dump_of() {	# SERVER USER FILE ARG...
	local file=$3

	peer imapdump "$1" "$2" "${@:4}" >"$private/$file"
}

sample_mail() {	# makes $private/mail/*.eml, in all the shapes of line ends
	mkdir -p "$private/mail"
	cd "$private/mail" || return
	printf 'Subject: crlf\r\n\r\ntext\r\n' >crlf.eml
	printf 'Subject: lf\n\ntext\n' >lf.eml
	printf 'Subject: no line end\r\n\r\nlast' >none.eml
	printf 'Subject: bare\r\n\r\none\ntwo\rthree\r\r\nfour\r' >mixed.eml
	printf 'Subject: 8 bit\r\n\r\n\xe4\0\xff\r\n' >eight.eml
	printf 'x' >one.eml
	: >empty.eml
	cd - >/dev/null || return
}

# dovecot_accepts OPTION...: what imapfill sends is what imapdump finds
dovecot_accepts() {
	sample_mail
	start_dovecot src "$@"
	peer imapfill src anna --expect "$private/sent" corpus "$private/mail" \
		>"$private/report"
	grep -qx $'skipped-empty\t1' "$private/report"
	dump_of src anna got --strip-prefix "${strip-}"
	same "$private/sent" "$private/got"
}

@test "a filled Dovecot with maildir shows what was sent" {
	dovecot_accepts --format maildir
}

@test "a filled Dovecot with sdbox shows what was sent" {
	dovecot_accepts --format sdbox
}

@test "a filled Dovecot with nested maildirs shows what was sent" {
	dovecot_accepts --layout fs
}

@test "a filled Dovecot with the prefix INBOX. shows what was sent" {
	strip=INBOX. dovecot_accepts --format sdbox --sep . --prefix INBOX.
}

@test "a Dovecot without MULTIAPPEND and LITERAL+ takes the same mail" {
	dovecot_accepts --without MULTIAPPEND --without LITERAL+
}

@test "the whole corpus arrives in Dovecot as it was sent" {
	need_corpus
	start_dovecot src
	peer imapfill src anna --expect "$private/sent" corpus "$corpus"
	dump_of src anna got
	same "$private/sent" "$private/got"
	[ "$(wc -l <"$private/got")" -gt 6000 ]
}

@test "the corpus has folders of all kinds, flags, keywords and copies" {
	need_corpus
	start_dovecot src
	peer imapfill src anna --many-keywords corpus "$corpus" --limit 1200
	dump_of src anna got
	for folder in INBOX 'Arbeit/Größe/日本' Лист 'A&B' 'A&B/&-' \
		'tief/a/b/c/d/e/f/g/h' '"quoted" and \ back'; do
		cut -f 1 "$private/got" | grep -qxF "$folder"
	done
	for flag in Seen Answered Flagged Draft Deleted; do
		cut -f 4 "$private/got" | grep -qF "\\$flag"
	done
	words=$(cut -f 1,4 "$private/got" | grep ^INBOX | tr ' \t' '\n' |
		sort -u | grep -c ^kw)
	[ "$words" -gt 26 ]
	cut -f 1,2 "$private/got" | sort | uniq -d | grep -q .
	run peer imapdump src anna --folders
	has "Leer/noch leerer"
	run peer imapdump src anna --subscribed
	has "Leer"
	lacks "Leer/noch leerer"
}

@test "a Dovecot over TLS is reached with the right authority only" {
	make_certificates
	start_dovecot src --tls "$certificates/good.pem" \
		"$certificates/good.key"
	run -0 python3 "$peers/imapdump.py" --folders --user anna \
		--port "$(dovecot_port_tls "$private/src")" \
		--password-file "$password" --tls-ca "$certificates/ca.pem"
	equal INBOX "$output"
	run -0 peer imapdump src anna --folders --starttls \
		--tls-ca "$certificates/ca.pem"
	equal INBOX "$output"
	run -1 peer imapdump src anna --folders --starttls \
		--tls-ca "$certificates/foreign.pem"
	has "certificate verify failed"
}

@test "a Dovecot lets a master user in for another" {
	sample_mail
	start_dovecot src --master admin "$PASSWORD"
	peer imapfill src anna files INBOX "$private/mail/crlf.eml"
	run -0 peer imapdump src admin --authorize anna --summary
	equal $'INBOX\t1\t23' "$output"
	run -0 peer imapdump src 'anna*admin' --summary
	equal $'INBOX\t1\t23' "$output"
}

@test "a Dovecot with a quota refuses mail when it is full" {
	start_dovecot src --quota 20k
	{
		printf 'Subject: big\r\n\r\n'
		head -c 15000 /dev/zero | tr '\0' x
	} >"$private/big.eml"
	run -1 peer imapfill src anna files INBOX "$private/big.eml" --copies 2
	has OVERQUOTA
	has $'sent\t1'
}

@test "a Dovecot serves a maildir that lies elsewhere" {
	mkdir -p "$private/tree/maildir/cur"
	printf 'Subject: old\n\ntext\n' >"$private/tree/maildir/cur/1.a.b:2,S"
	start_dovecot src \
		--serve carl "$PASSWORD" "maildir:$private/tree/maildir"
	run -0 peer imapdump src carl --summary
	equal $'INBOX\t1\t22' "$output"
}

@test "a Dovecot runs for an ordinary user too" {
	[ "$(id -u)" -eq 0 ] || skip "all of this file runs so"
	cp -r "$top/tests/lib" "$private/lib"
	chown -R nobody "$private"
	dovecot_own "$private"
	# shellcheck disable=SC2016 # expanded by the other shell
	run -0 setpriv --reuid nobody --regid nogroup --clear-groups bash -c '
		. "$1/lib/dovecot.bash"
		dovecot_start "$1/own" --user anna x && dovecot_stop "$1/own"
		' - "$private"
	absent "$private/own/pid" "$private/own/port"
}

@test "a stopped Dovecot is gone at once" {
	start_dovecot src
	pid=$(cat "$private/src/pid")
	port=$(dovecot_port "$private/src")
	dovecot_stop "$private/src"
	refute _dovecot_runs "$pid"
	refute bash -c ": <>/dev/tcp/127.0.0.1/$port" 2>/dev/null
}

@test "a Cyrus takes mail, and refuses what it always refuses" {
	sample_mail
	start_cyrus src
	peer imapfill src anna --expect "$private/sent" files INBOX/Größe \
		"$private"/mail/{crlf,none}.eml
	peer imapdump src anna >"$private/got"
	same "$private/sent" "$private/got"
	run -1 peer imapfill src anna files INBOX "$private/mail/mixed.eml"
	has "bare newlines"
	run -1 peer imapfill src anna files INBOX "$private/mail/eight.eml"
	has "NUL"
}

@test "a Courier takes mail below INBOX" {
	sample_mail
	start_courier src
	peer imapfill src anna --expect "$private/sent" files Größe/日本 \
		"$private"/mail/{crlf,none}.eml
	peer imapdump src anna --strip-prefix INBOX. >"$private/got"
	cut -f 1,3- "$private/sent" >"$private/sent.facts"
	cut -f 1,3- "$private/got" >"$private/got.facts"
	same "$private/sent.facts" "$private/got.facts"
	run -0 peer imapdump src anna --folders
	has INBOX/Größe/日本
}

@test "imapedit deletes, moves, copies, alters and flags one message" {
	sample_mail
	start_dovecot src
	peer imapfill src anna --seed 2 files INBOX "$private"/mail/[cln]*.eml \
		--flags '\Seen \Deleted'
	dump_of src anna before --uids
	peer imapedit src anna create Ziel
	peer imapedit src anna move INBOX 1 Ziel
	peer imapedit src anna copy INBOX 2 Ziel
	peer imapedit src anna alter INBOX 3
	peer imapedit src anna flags INBOX 2 '-\Seen' '+neu'
	dump_of src anna after --uids
	equal 1 "$(grep -c "^INBOX.*neu" "$private/after")"
	for uid in 1 2; do
		hash=$(awk -F'\t' -v u=$uid '$6 == u { print $2 }' \
			"$private/before")
		grep -q "^Ziel.$hash" "$private/after"
	done
	hash=$(awk -F'\t' '$6 == 3 { print $2 }' "$private/before")
	refute grep -q "$hash" "$private/after"
	peer imapedit src anna delete INBOX '#1'
	run -0 peer imapdump src anna --summary
	equal $'INBOX\t1\t28\nZiel\t2\t44' "$output"
}

@test "the scripted server serves its mailbox and takes mail" {
	sample_mail
	start_imapd odd
	run -0 peer imapdump odd user --summary
	has $'INBOX\t5\t4514'
	has $'Arbeit/Größe\t2\t'
	peer imapfill odd user --expect "$private/sent" files 'Neu/Ä' \
		"$private/mail/crlf.eml" --copies 2
	peer imapdump odd user | grep ^Neu >"$private/got"
	same "$private/sent" "$private/got"
	same "$private/mail/crlf.eml" "$private/odd/appended/0001.eml"
	equal 9 "$(imapd_sent "$private/odd" EXAMINE)"
	equal 0 "$(imapd_sent "$private/odd" SELECT)"
}

@test "the scripted server describes mailboxes of any kind" {
	cat >"$private/box" <<-'END'
	separator NIL
	folder INBOX
	message uid=4294967295 flags="\Seen keyword" text="Subject: last\n\nx"
	folder raw="evil\r\nz LOGOUT"
	folder Eltern attr="\Noselect"
	END
	start_imapd odd --mailbox "$private/box"
	run -0 peer imapdump odd user --folders
	equal $'INBOX\nevil\\x0d\\x0az LOGOUT' "$output"
	refute peer imapdump odd user
	run -0 imapd_log "$private/odd"
	has 'UID 4294967295 FLAGS (\Seen keyword)'
}

@test "the scripted server speaks TLS 1.0 only when told so" {
	make_certificates
	start_imapd odd --imaps --tls 1.0 --cert "$certificates/good.pem" \
		--key "$certificates/good.key"
	run -0 openssl s_client -tls1 -cipher ALL:@SECLEVEL=0 \
		-connect "127.0.0.1:$(imapd_port "$private/odd")" </dev/null
	has TLSv1
	run -1 openssl s_client -tls1_2 \
		-connect "127.0.0.1:$(imapd_port "$private/odd")" </dev/null
}

@test "the scripted server offers STARTTLS, and can cheat with it" {
	make_certificates
	set -- --cert "$certificates/good.pem" --key "$certificates/good.key"
	start_imapd good "$@"
	run -0 peer imapdump good user --starttls \
		--tls-ca "$certificates/ca.pem" --folders
	has INBOX
	imapd_log "$private/good" | grep -q '^#1: TLS: TLSv1'
	start_imapd plain "$@" --quirk no-starttls
	run peer imapdump plain user --folders
	refute grep -q STARTTLS "$private/plain/log"
	start_imapd bad "$@" --quirk 'starttls-inject=* OK injected\r\n'
	peer imapdump bad user --starttls --folders \
		--tls-ca "$certificates/ca.pem"
	imapd_log "$private/bad" | grep -q 'begin TLS now.*injected'
}

@test "a quirk with a number of times heals after them" {
	start_imapd odd --quirk cut-in-body=2@1
	run -1 peer imapdump odd user
	has "connection closed inside a literal"
	run -0 peer imapdump odd user --summary
	has $'INBOX\t5\t'
}

@test "every quirk shows itself to an honest client" {
	run python3 "$peers/quirktest.py"
	ends_with_status 0
}

@test "a quirk that does not exist is refused" {
	run -1 imapd_start "$private/odd" --quirk nonesuch
	has "unknown quirk nonesuch"
}
