#!/usr/bin/env bats
# What msurvey tells of a mailbox on a real server, and of a company's.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# One for all tests: $old, a Dovecot with "/" and nested directories, full of
# ugly names and mail; $new, one with ".", a quota and fewer folders.
setup_file() {
	prepare_file
	export DEPTH=$private
	start_dovecot old --layout fs
	start_dovecot new --quota 100k
	old_home=$(dovecot_home "$private/old" anna)/Maildir
	ugly_mailbox
	dovecot_own "$(dovecot_home "$private/old" anna)"
	mkdir -p "$(dovecot_home "$private/new" anna)/Maildir/.Sent Items"/{cur,new,tmp}
	dovecot_own "$(dovecot_home "$private/new" anna)"
}

teardown_file() {
	private=$BATS_FILE_TMPDIR
	common_teardown
}

setup() {
	common_keys
	ln -s "$BATS_FILE_TMPDIR/old" "$private/old"
	ln -s "$BATS_FILE_TMPDIR/new" "$private/new"
	old=$(location old anna)
	new=$(location new anna)
	report=$private/report
}

folder() {
	mkdir -p "$old_home/$1"/{cur,new,tmp}
}

# FOLDER NAME TEXT: one message, as it lies in a Maildir
put() {
	folder "$1"
	printf %b "$3" >"$old_home/$1/cur/$2:2,S"
}

ugly_mailbox() {
	local i

	put . 1.a.h 'Subject: <script>alert(1)</script> &amp; \x1b[31m\nMessage-ID: <1@h>\n\nx\n'
	put . 2.a.h 'Subject: =?utf-8?q?=3Cb=3E=E2=80=AE_turned?=\nDate: Mon, 1 Jan 2001 00:00:00 +0000\n\n=1+1\n'
	put . 3.a.h 'Subject: caf\xc3\xa9\n\n8-bit\n'
	{
		printf 'Subject: long\nMessage-ID: <4@h>\n\n'
		head -c 12000 /dev/zero | tr '\0' x
		echo
	} >"$old_home/cur/4.a.h:2,S"
	put A.b 1.a.h 'Subject: dot\n\nx\n'
	put A.b/c 1.a.h 'Subject: below\n\nx\n'
	put 'caf&AOk-' 1.a.h 'Subject: nfc\n\nx\n'
	put 'cafe&AwE-' 1.a.h 'Subject: nfd\n\nx\n'
	put Sent 1.a.h 'Subject: one\n\nx\n'
	put sent 1.a.h 'Subject: one\n\nx\n'
	put '<b>"x'\''=1' 1.a.h 'Subject: odd\n\nx\n'
	put ' blank ' 1.a.h 'Subject: blank\n\nx\n'
	for i in {1..30}; do
		printf 'keyword%d\n' "$i"
	done | awk '{ print NR - 1, $0 }' | head -n 26 >"$old_home/dovecot-keywords"
	put . '5.a.h' 'Subject: attached\nMessage-ID: <5@h>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/pdf; name="a.pdf"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n'
}

survey() {
	"${BOUND[@]}" msurvey --secret "file:$password" --timeout 5 "$@"
}

both() {
	survey --deep --secret "file:$password" --target "$new" "$@" "$old"
}

# the rows of a table of the TSV report in $report
rows() {
	awk -F'\t' -v table="$1" '$1 == table' "$report"
}

@test "the report says what will not fit, why, and the way out" {
	run --separate-stderr both
	ends_with_status 0
	has 'DOES NOT FIT'
	has "--map 'A.b=A_b'"
	has "--map ' blank =blank'"
	has "looks the same as"
	has "messages are copies of others"
	has "quota root 'User quota'"
	lacks $'\x1b'
	printf '%s\n' "$output" | head -n 24 >"$private/screen"
	grep -q '^verdict ' "$private/screen"
	grep -q '^backup ' "$private/screen"

	# What it says to give mrestore makes them fit.
	both --map A.b=A_b --format tsv >"$report"
	[ -z "$(rows finding | awk -F'\t' '$2 == "folder" && $3 == "problem"')" ]
	[ -z "$(rows rule)" ]
}

@test "what is foretold comes true at a restore" {
	local -a map=()

	back_up -q "$old"
	run --separate-stderr restore_to "$(location new bob)"
	ends_with_status 3
	says "folder A.b: a component holds the server's separator"
	both --format json >"$private/r.json"
	mapfile -t map < <(python3 -c 'import json, sys
for rule in json.load(sys.stdin)["rule"]:
    print("--map=" + rule["map"])' <"$private/r.json")
	equal 1 "${#map[@]}"
	run --separate-stderr restore_to "$(location new bob)" "${map[@]}"
	ends_with_status 0
	maudit -q -p "$public_key" --secret "file:$password" "${map[@]}" \
		"$archive" "$(location new bob)"
}

@test "TSV and JSON hold the same tables, HTML is well-formed and inert" {
	both --format tsv -o "$report"
	both --format json -o "$private/r.json"
	both --format html -o "$private/r.html"
	python3 "$peers/surveycheck.py" "$report" "$private/r.json" \
		"$private/r.html"
	python3 "$peers/surveycheck.py" "$top"/tests/golden/survey.{tsv,json,html}
	grep -q '&lt;script&gt;alert(1)' "$private/r.html"
	grep -q 'application/pdf' "$private/r.html"
	equal 1 "$(rows survey | wc -l)"
	equal 13 "$(rows total | cut -f 2)"
}

@test "a report is there whole or not at all, and can be signed" {
	both -o "$report" -s "$secret_key" --format html
	minisign -q -V -p "$public_key" -m "$report"
	run --separate-stderr both -o "$report"
	ends_with_status 73
	says "'$report.minisig' exists"
	printf 'left of a run' >"$report.new.part"
	both -o "$report" --replace --format tsv
	head -n 1 "$report" | grep -q $'^#mailproof\t1\tsurvey$'
	absent "$report.minisig" "$report.new" "$report.new.part"
	run --separate-stderr both -o "$private/none/x"
	ends_with_status 73
	run --separate-stderr survey --totals "$old"
	ends_with_status 64
	run --separate-stderr survey --format pdf "$old"
	ends_with_status 64
}

@test "what a server is known for can be told by the user" {
	printf '[Ours]\nmatch software *dovecot*\nfolders case inbox\nforbids b\nnote Ask Joe.\n' \
		>"$private/quirks"
	run --separate-stderr both --quirks "$private/quirks"
	ends_with_status 0
	has 'known as Ours'
	has 'Ask Joe.'
	has "in case only, which the target takes for one"
	echo 'nonsense' >>"$private/quirks"
	run --separate-stderr both --quirks "$private/quirks"
	ends_with_status 78
	says "$private/quirks:6: "
	msurvey --show-quirks >"$private/known"
	both -q --quirks "$private/known" --format tsv >"$report"
	[ -n "$(rows quirk)" ]
}

@test "limits of a target are found before it refuses" {
	printf 'separator /\nfolder INBOX uidvalidity=7\nmessage uid=1 text="Subject: big\\n\\n%s\\n" flags="\\Seen odd"\nmessage uid=2 text="Subject: small\\n\\nx\\n"\n' \
		"$(head -c 4000 /dev/zero | tr '\0' x)" >"$private/mailbox"
	start_odd source "$private/mailbox"
	start_odd target '' append-limit=3000 fixed-flags
	survey --deep --secret "file:$password" --target "$(location target)" \
		--format tsv "$(location source)" >"$report"
	rows finding >"$private/findings"
	grep -q $'^finding\ttoo-big\tproblem\tINBOX\t1\t4...\t0\tUID 1 has ' \
		"$private/findings"
	grep -q $'^finding\tflag\twarning\todd\t1\t' "$private/findings"
}

@test "of a company one page is made, whoever fails" {
	local dir=$private/dir list=$private/list

	start_odd silent '' greeting-stall
	start_odd closed ''
	{
		printf 'name\tsource\tsource_secret\ttarget\ttarget_secret\n'
		printf 'anna\t%s\tfile:%s\t%s\tfile:%s\n' "$old" "$password" \
			"$new" "$password"
		printf 'bob\t%s\tfile:%s\t\t\n' "$(location old bob)" "$password"
		printf 'wrong\t%s\tfile:%s\t\t\n' "$(location closed nobody)" \
			"$password"
		printf 'silent\t%s\tfile:%s\t\t\n' "$(location silent)" "$password"
	} >"$list"
	run --separate-stderr "${BOUND[@]}" msurvey --timeout 1 -q -A "$list" \
		-d "$dir" -P 4 --format html
	ends_with_status 77
	python3 "$peers/surveycheck.py" "$dir/anna.msurvey.html" \
		"$dir/bob.msurvey.html" "$dir/summary.html"
	absent "$dir/wrong.msurvey.html"
	grep -q '>does not fit<' "$dir/summary.html"
	equal 2 "$(grep -c '>not surveyed<' "$dir/summary.html")"

	# The next run does what is not complete, in another form all.
	run --separate-stderr "${BOUND[@]}" msurvey --timeout 1 -A "$list" \
		-d "$dir" -P 4 --format html
	ends_with_status 77
	says '2 of 4 accounts were complete already'
	has 'anna'
	sed -i -e /wrong/d -e /silent/d "$list"
	run --separate-stderr "${BOUND[@]}" msurvey --timeout 5 -q -A "$list" \
		-d "$dir" --format json
	ends_with_status 0
	python3 "$peers/surveycheck.py" "$dir/summary.json" \
		"$dir/anna.msurvey.json"
	is_secret "$dir"/*
}

@test "both passwords of imapsync's lines reach the process of an account" {
	local dir=$private/dir list=$private/list

	start_odd target ''
	printf 'imap+plain://127.0.0.1:%s;anna;%s;imap+plain://127.0.0.1:%s;user;%s;\n' \
		"$(cat "$private/old/port")" "$PASSWORD" \
		"$(cat "$private/target/port")" "$PASSWORD" >"$list"
	chmod 600 "$list"
	run --separate-stderr "${BOUND[@]}" msurvey --timeout 5 -A "$list" \
		-d "$dir" --format tsv -s "$secret_key"
	ends_with_status 0
	minisign -q -V -p "$public_key" -m "$dir/anna.msurvey.tsv"
	minisign -q -V -p "$public_key" -m "$dir/summary.tsv"
	cut -f 2,3,6,7 "$dir/summary.tsv" | grep -q $'^anna\t0\t1\t13$'
	grep -q $'^side\ttarget\timap\t' "$dir/anna.msurvey.tsv"
	is_secret "$dir"/*
}

@test "a dry run tells of names and servers alone" {
	run --separate-stderr both -n
	ends_with_status 0
	has 'no mail was looked at'
	has '13 by what 9 folders claim'
	has "--map 'A.b=A_b'"
	lacks 'STORAGE'
	both -n --format html -o "$private/r.html"
	both -n --format json -o "$private/r.json"
	python3 "$peers/surveycheck.py" "$private/r.html" "$private/r.json"
}

@test "--check logs in to both sides" {
	run --separate-stderr survey --check --secret "file:$password" \
		--target "$new" "$old"
	ends_with_status 0
	says "$new: logged in"
	start_odd closed ''
	run --separate-stderr survey --check --secret "file:$password" \
		--target "$(location closed nobody)" "$old"
	ends_with_status 77
}
