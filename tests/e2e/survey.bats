#!/usr/bin/env bats
# What msurvey counts: the same whoever tells it, and what is ugly in mail.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# One Dovecot for all tests, with two folders of ugly mail.
setup_file() {
	prepare_file
	start_dovecot old --quota 1M
	home=$(dovecot_home "$private/old" anna)
	mail
	dovecot_own "$home"
}

teardown_file() {
	private=$BATS_FILE_TMPDIR
	common_teardown
}

setup() {
	common_keys
	export XDG_STATE_HOME=$private/state
	ln -s "$BATS_FILE_TMPDIR/old" "$private/old"
	old=$(location old anna)
	home=$(dovecot_home "$private/old" anna)
	report=$private/report
}

# FOLDER NAME FLAGS: standard input as a message in it
put() {
	mkdir -p "$home/Maildir/$1"/{cur,new,tmp}
	cat >"$home/Maildir/$1/cur/$2:2,$3"
	touch -d "${4-2024-03-05 10:00 UTC}" "$home/Maildir/$1/cur/$2:2,$3"
}

mail() {
	printf '0 \x24Work\n1 later\n' >"$private/keywords"
	printf 'Message-ID: <1@h>\nDate: Tue, 5 Mar 2024 10:00:00 +0000\nSubject: plain\n\ntext\n' |
		tee "$private/plain" | put . 1.a.h Sa
	put .Sent 1.a.h S <"$private/plain"
	put .Sent 2.a.h '' <"$private/plain"
	# the identifier of another, other mail
	printf 'Message-ID: <1@h>\nDate: 5 Mar 2024 10:00:00 GMT\n\nother\n' |
		put . 2.a.h Fab
	printf 'Subject: caf\xc3\xa9\nDate: 1 Jan 2001 00:00:00 GMT\n\ncaf\xe9\n' |
		put . 3.a.h '' '1985-01-01 00:00 UTC'
	printf 'Message-ID: <4@h>\nno field\n\n' | put . 4.a.h ''
	{
		printf 'Message-ID: <5@h>\nDate: 5 Mar 2024 10:00 GMT\n\n'
		head -c 999 /dev/zero | tr '\0' x
		printf '\n'
		head -c 10001 /dev/zero | tr '\0' y
	} | put . 5.a.h ''
	cat <<-'END' | put .Sent 3.a.h '' '2019-07-01 12:00 UTC'
		Message-ID: <6@h>
		Date: Mon, 1 Jul 2019 12:00:00 +0000
		Subject: =?utf-8?q?Anh=C3=A4nge?=
		MIME-Version: 1.0
		Content-Type: multipart/mixed; boundary="=_1"

		preamble
		--=_1
		Content-Type: multipart/alternative; boundary="=_2"

		--=_2

		plain
		--=_2
		Content-Type: text/html

		<b>html</b>
		--=_2--
		--=_1
		Content-Type: application/pdf
		Content-Disposition: attachment; filename*=utf-8''%C3%BC.pdf
		Content-Transfer-Encoding: base64

		QUJDREVGR0g=
		--=_1
		Content-Type: application/octet-stream; name="a.XLSX"

		0123456789
		--=_1
		Content-Type: message/rfc822

		Subject: inside
		Content-Type: image/png

		png
		--=_1
		Content-Type: text/plain; charset=utf-8

		no attachment
		--=_1--
		epilogue
	END
	cp "$private/keywords" "$home/Maildir/dovecot-keywords"
}

survey() {
	"${BOUND[@]}" msurvey --secret "file:$password" --timeout 5 \
		--format tsv "$@"
}

# the tables that depend on the mail alone
mail_of() {
	awk -F'\t' 'BEGIN { OFS = FS }
		$1 == "total" { $11 = "" }
		$1 == "folder" { for (i = 9; i <= NF; i++) $i = "" }
		$1 ~ /^(total|folder|year|size|type|flag|ugly)$/' "$1"
}

rows() {
	awk -F'\t' -v table="$1" -v key="${2-}" \
		'$1 == table && (key == "" || $2 == key)' "$report" | cut -f 2-
}

@test "IMAP's own words, its bodies, and the Maildir tell the same" {
	find "$home" -path '*/cur/*' | sort >"$private/before"
	survey "$old" >"$report"
	survey --deep "$old" >"$private/deep"
	survey "maildir:$home/Maildir" >"$private/local"
	mail_of "$report" >"$private/1"
	mail_of "$private/deep" >"$private/2"
	mail_of "$private/local" >"$private/3"
	same "$private/2" "$private/1"
	same "$private/3" "$private/1"
	grep -q $'\theader\t' "$report"
	grep -q $'\tcontent\t' "$private/deep"
	# nothing was seen, nothing is new
	find "$home" -path '*/cur/*' | sort >"$private/after"
	same "$private/before" "$private/after"
}

@test "every fact is what it should be" {
	survey "$old" >"$report"
	equal $'8\t1' "$(rows total | cut -f 1,4)"
	equal '3' "$(rows total | cut -f 5)"
	# two copies of one, in another folder; other mail has its identifier
	equal '2' "$(rows total | cut -f 8)"
	equal '1' "$(rows total | cut -f 11)"
	equal '10001' "$(rows total | cut -f 12)"
	equal $'application/octet-stream .xlsx\t1\t10
application/pdf\t1\t12
message/rfc822\t1\t47' "$(rows type | sort)"
	equal $'\t1985\t1\n\t2019\t1\n\t2024\t6' \
		"$(rows year '' | awk -F'\t' '$1 == ""' | cut -f 1-3)"
	for fact in no-message-id:1 8bit-header:1 utf8-header:1 bad-header:1 \
		old-date:1 bad-date-field:1 dates-apart:1 line-998:1 \
		line-10000:1 8bit-body:1 no-structure:0 empty:0; do
		equal "$fact" "${fact%:*}:$(rows ugly "${fact%:*}" | cut -f 2)"
	done
	equal $'$Work\t2\nlater\t1' "$(rows flag | grep -e Work -e later | sort)"
	rows quota | grep -q $'^source\tUser quota\tSTORAGE\t[0-9]*\t1048576$'
}

@test "a selection is a selection, and a dry run reads no mail" {
	survey -n "$old" >"$report"
	equal '0' "$(rows total | cut -f 1)"
	equal $'INBOX\t5\nSent\t3' "$(rows folder | cut -f 1,8)"
	absent "$XDG_STATE_HOME"
	survey --folder Sent --since 2024-01-01 "$old" >"$report"
	equal $'Sent\t2' "$(rows folder | cut -f 1,2)"
	equal '1' "$(rows folder | cut -f 4)"
}

@test "what earlier runs took is told by the next survey" {
	local n

	survey "$old" >"$report"
	equal '0' "$(rows outlook backup | cut -f 4)"
	for n in 1 2; do
		"${BOUND[@]}" mbackup -q -s "$secret_key" \
			--secret "file:$password" -o "$private/$n.tar.zst" "$old"
	done
	survey "$old" >"$report"
	equal '2' "$(rows outlook backup | cut -f 4)"
	[ "$(rows estimate backup | head -n 1 | cut -f 4)" -gt 0 ]
	equal '0' "$(rows outlook audit | cut -f 4)"
}

# NAME OPTION... : an archive of the mailbox in $box
back_up() {
	"${BOUND[@]}" mbackup -q -s "$secret_key" -o "$private/$1.tar.zst" \
		"${@:2}" "maildir:$box"
}

# ARCHIVE... : they tell what $box does
archives_tell() {
	survey "maildir:$box" >"$private/deep"
	survey -p "$public_key" "$@" >"$report"
	mail_of "$private/deep" >"$private/1"
	mail_of "$report" >"$private/2"
	same "$private/1" "$private/2"
	equal "$(report=$private/deep rows total | cut -f 8-)" \
		"$(rows total | cut -f 8-)"
}

@test "an archive and a chain tell what their source did" {
	local full=$private/full.tar.zst delta=$private/delta.tar.zst

	box=$private/box
	cp -a "$home/Maildir" "$box"
	back_up full
	archives_tell "$full"
	equal $'archive\t'"$full" "$(rows side source | cut -f 2,3)"
	grep -q $'\tcontent\t' "$report"
	# what is done takes no time, and what nobody knows is not told
	equal restore "$(rows estimate | cut -f 1 | sort -u)"

	# mail comes, goes, and is read; a folder is new
	mkdir -p "$box/.Later"/{cur,new,tmp}
	printf 'Message-ID: <9@h>\n\nnew\n' |
		tee "$box/cur/9.a.h:2," >"$box/.Later/cur/1.a.h:2,S"
	mv "$box/cur/1.a.h:2,Sa" "$box/cur/1.a.h:2,FSa"
	rm "$box/.Sent/cur/2.a.h:2,"
	back_up delta --base "$full"
	archives_tell - "$delta" <"$full"
	equal 9 "$(rows total | cut -f 1)"

	survey -p "$public_key" --folder Sent --since 2024-01-01 "$full" \
		>"$report"
	equal $'Sent\t2' "$(rows folder | cut -f 1,2)"
	equal 1 "$(rows folder | cut -f 4)"
	survey -p "$public_key" -n --target "$old" "$full" "$delta" >"$report"
	equal 0 "$(rows total | cut -f 1)"
	equal $'INBOX\t6\nLater\t1\nSent\t2' "$(rows folder | cut -f 1,8)"
	equal imap "$(rows side target | cut -f 2)"
}

# STATUS TEXT ARGUMENT... : how it ends, and why
refuses() {
	run --separate-stderr survey "${@:3}"
	ends_with_status "$1"
	says "$2"
}

@test "an archive that is not to be trusted is not surveyed" {
	local full=$private/full.tar.zst bad=$private/bad.tar.zst
	local ours=(-p "$public_key") at

	box=$home/Maildir
	back_up full
	refuses 64 'from standard input' "${ours[@]}" - -
	refuses 64 '--target' "${ours[@]}" "$full" "$old"
	refuses 64 '-p goes with an ARCHIVE' "${ours[@]}" "$old"
	refuses 66 "$private/none.tar.zst" "${ours[@]}" "$private/none.tar.zst"
	refuses 65 "$full" "${ours[@]}" "$full" "$full"
	head -c 5000 /dev/urandom >"$bad"
	refuses 65 "$bad" "${ours[@]}" "$bad"
	equal '' "$output"
	mbackup -q -G -p "$private/other.key" -s "$private/other.secret" \
		</dev/null
	refuses 65 "$full" -p "$private/other.key" "$full"
	refuses 65 "$full" --check -p "$private/other.key" "$full"
	refuses 0 'its manifests are whole' --check "${ours[@]}" "$full"

	# in the mail: the manifests are whole, and what is told is not
	at=$(tar --zstd -xOf "$full" manifest/000001.tsv |
		awk -F'\t' '$1 == "frame" { print $2 + int($3 / 2) }')
	cp "$full" "$bad"
	python3 - "$bad" "$at" <<-'END'
		import sys
		with open(sys.argv[1], "r+b") as file:
		    file.seek(int(sys.argv[2]))
		    byte = file.read(1)
		    file.seek(int(sys.argv[2]))
		    file.write(bytes([byte[0] ^ 1]))
	END
	refuses 0 '' "${ours[@]}" -n "$bad"
	refuses 65 "$bad" "${ours[@]}" "$bad"
	printf '%s\n' "$output" >"$report"
	equal 0 "$(rows total | cut -f 1)"
	equal $'unseen\tproblem\tINBOX\nunseen\tproblem\tSent' \
		"$(rows finding unseen | cut -f 1-3)"
	[ -n "$(rows side source | cut -f 12)" ]
}

@test "a target that cannot be reached does not hide the source" {
	run --separate-stderr survey --target 'imap+plain://a@127.0.0.1:1' \
		--target-secret "file:$password" "$old"
	ends_with_status 69
	printf '%s\n' "$output" >"$report"
	equal '8' "$(rows total | cut -f 1)"
	run --separate-stderr survey "maildir:$private/none"
	ends_with_status 66
}

# QUIRK... : messages and bytes are all told; prints how many have no parts
odd() {
	imapd_stop "$private/odd"
	start_odd odd "$private/mailbox" "$@"
	survey -j 1 "$(location odd)" >"$report"
	equal '6' "$(rows total | cut -f 1)"
	equal '6' "$(rows ugly no-structure | cut -f 4)"
	rows ugly no-structure | cut -f 2
}

@test "a server whose parts are odd still tells the rest" {
	printf 'folder INBOX uidvalidity=7\nmessages 6 size=500\n' \
		>"$private/mailbox"
	equal 6 "$(odd structure-deep=30000)"
	equal 6 "$(odd 'structure=("text" "plain")')"
	equal 4 "$(odd structure-no=3)"
	# the second waits for the third to be known as whole
	equal 5 "$(odd structure-cut=3)"
	equal 5 "$(odd structure-long=3)"
	equal 0 "$(odd split-fetch unsolicited unknown-untagged uid-last twice)"
	equal 0 "$(odd cut-after-messages=3@1)"
}

@test "NUL, bare LF and bare CR are found in what a server sends" {
	printf 'A: b\r\n\r\na\0b\r\n' >"$private/nul"
	printf 'A: b\r\n\r\na\nb\r\n' >"$private/lf"
	printf 'A: b\r\n\r\na\rb\r\n' >"$private/cr"
	printf 'folder INBOX uidvalidity=7\nmessage file=%s\nmessage file=%s\nmessage file=%s\n' \
		"$private/nul" "$private/lf" "$private/cr" >"$private/mailbox"
	start_odd odd "$private/mailbox"
	survey --deep "$(location odd)" >"$report"
	equal '1 1 1' "$(for f in nul bare-lf bare-cr; do
		rows ugly "$f" | cut -f 2
	done | paste -sd ' ')"
}

# TABLE COLUMN: of both reports, which may differ by a hundredth: they tell
# what is broken in different ways
alike() {
	local a b

	a=$(rows "$1" | head -n 1 | cut -f "$2")
	b=$(report=$private/deep rows "$1" | head -n 1 | cut -f "$2")
	[ $((a * 100)) -ge $((b * 99)) ] && [ $((b * 100)) -ge $((a * 99)) ]
}

@test "real mail is the same by IMAP's words and in the Maildir" {
	need_corpus
	mkdir -p "$private/real"/{cur,new,tmp}
	python3 -c 'import pathlib, shutil, sys
for n, path in enumerate(sorted(pathlib.Path(sys.argv[1]).rglob("*.eml"))[::3]):
    shutil.copyfile(path, "%s/%d.a.h:2," % (sys.argv[2], n))
' "$corpus" "$private/real/cur"
	dovecot_own "$private/real"
	dovecot_user "$private/old" real "$PASSWORD" "maildir:$private/real"
	survey "maildir:$private/real" >"$private/deep"
	survey "$(location old real)" >"$report"
	for table in year size flag; do
		equal "$(report=$private/deep rows "$table")" "$(rows "$table")"
	done
	equal "$(report=$private/deep rows total | cut -f 1-3)" \
		"$(rows total | cut -f 1-3)"
	alike total 4
	alike total 5
	alike total 6
	# drawn by lot: about 500
	[ "$(rows survey | cut -f 4)" -gt 300 ]
	[ "$(rows survey | cut -f 4)" -lt 700 ]
}
