#!/usr/bin/env bats
# mprobe login: who can log in, by IMAP and by submission, and who cannot.

bats_require_minimum_version 1.5.0

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"

# Else Dovecot is slow for all that come from where a password was wrong.
no_penalty() {
	printf 'service anvil {\n unix_listener anvil-auth-penalty {\n'
	printf '  mode = 0\n }\n}\n'
}

owners() {
	echo 'smtpd_sender_restrictions = reject_sender_login_mismatch'
	printf 'smtpd_sender_login_maps = inline:{ { bob@example.com = bob }'
	echo ' { anna@example.com = anna, anna@example.com } }'
}

# One Dovecot and one Postfix for all tests of the file.
setup_file() {
	common_setup
	make_certificates
	start_dovecot new \
		--tls "$certificates/good.pem" "$certificates/good.key" \
		--user anna@example.com "$PASSWORD" \
		--config "$(postfix_auth_config "$private/mta")" \
		--config "$(no_penalty)"
	if (start_postfix mta --tls "$certificates/good.pem" \
		"$certificates/good.key" --config "$(owners)") \
		2>/dev/null; then
		: >"$private/has_mta"
	else
		postfix_why >"$private/why"
	fi
	start_imapd hang --quirk greeting-stall
}

teardown_file() {
	private=$BATS_FILE_TMPDIR
	common_teardown
}

setup() {
	common_setup
	files=$BATS_FILE_TMPDIR
	password=$files/password
	ca=$files/certificates/ca.pem
	imaps=$(cat "$files/new/port_tls")
}

teardown() {
	:
}

probe() {
	timeout -k 5 40 mprobe login --timeout 10 --ca "$ca" "$@"
}

need_mta() {
	[ -e "$files/has_mta" ] || skip "$(cat "$files/why")"
	smtps=$(cat "$files/mta/port_tls")
	smtp=$(cat "$files/mta/port_submit")
	mx=$(cat "$files/mta/port")
}

# field NAME LINE...: of the TSV report in $output, each line's
field() {
	awk -F '\t' -v want="$1" '
	/^#account/ { for (i = 1; i <= NF; i++) { sub(/^#/, "", $i); c[$i] = i } next }
	!/^#/ { print $c[want] }' <<<"$output" | paste -sd ' '
}

@test "each kind of server is logged in to and described" {
	need_mta
	run --separate-stderr probe --secret "file:$password" \
		--secret "file:$password" --secret "file:$password" \
		--secret "file:$password" --format tsv \
		"imaps://anna@example.com@localhost:$imaps" \
		"imap+plain://bob@127.0.0.1:$(cat "$files/new/port")" \
		"smtps://anna@example.com@localhost:$smtps" \
		"smtp://anna@example.com@localhost:$smtp"
	ends_with_status 0
	equal "ok ok ok ok" "$(field result)"
	equal "1 1" "$(field folders | xargs)"
	equal "TLSv1.3  TLSv1.3 TLSv1.3" "$(field tls)"
	equal "CN=mailproof test good" "$(field subject | cut -c 1-22)"
	has "CN=mailproof test ca"
	equal "anna@example.com anna@example.com" \
		"$(field sender | sed 's/^ *//')"
	equal "SCRAM-SHA-256 SCRAM-SHA-256 SCRAM-SHA-256 SCRAM-SHA-256" \
		"$(field mechanism)"
}

@test "who cannot log in comes first, and no other is touched" {
	local list=$private/list.tsv

	need_mta
	printf 'not this\n' >"$private/wrong"
	chmod 600 "$private/wrong"
	{
		printf 'name\tsource\tsource_secret\ttarget\t'
		printf 'target_secret\taddress\tsubmit\tsubmit_secret\n'
		printf 'good\tmaildir:/x\t\timaps://anna@localhost:%s\t%s\t' \
			"$imaps" "file:$password"
		printf 'anna@example.com\tsmtps://anna@localhost:%s\t%s\n' \
			"$smtps" "file:$password"
		printf 'wrong\timaps://bob@localhost:%s\t%s\t\t\t\t' \
			"$imaps" "file:$private/wrong"
		printf 'smtp://bob@localhost:%s\t%s\n' \
			"$smtp" "file:$private/wrong"
		printf 'hung\t%s\tfile:%s\t\t\t\t\t\n' \
			"imap+plain://user@127.0.0.1:$(cat "$files/hang/port")" \
			"$password"
		printf 'away\timaps://u@127.0.0.1:1\tfile:%s\t\t\t\t\t\n' \
			"$password"
		printf 'noauth\t\t\t\t\t\tsmtp://u@localhost:%s\tfile:%s\n' \
			"$mx" "$password"
	} >"$list"
	run --separate-stderr probe --timeout 2 -A "$list" --format tsv \
		--json "$private/events"
	ends_with_status 78
	equal "noauth wrong wrong away hung good good" \
		"$(field account)"
	equal "config login login unreachable temporary ok ok" \
		"$(field result)"
	has "AUTHENTICATIONFAILED"
	has "535 5.7.8"
	has "nothing came from the server for 2 s"
	has "Connection refused"
	equal 7 "$(grep -c '"event":"login"' "$private/events")"
	sed -i /^hung/d "$list"
	run --separate-stderr probe -A "$list"
	equal "4 of 6 logins failed:" "${lines[0]}"
	has "sends as anna@example.com"
	# each column stands below its word
	awk '/^account / { at = index($0, "result"); next }
		at && /^(good|wrong|away|noauth) / {
			n++
			bad += substr($0, at - 1, 2) !~ /^ [a-z]/
		}
		END { exit n != 6 || bad }' <<<"$output"
	has "until 2099-12-31"
	run --separate-stderr probe -A "$list" --format json
	python3 -c 'import json, sys
r = json.load(sys.stdin)
assert (r["failed"], len(r["logins"]), r["logins"][5]["result"]) == \
    (4, 6, "ok"), r' <<<"$output"
	refute grep -rF "$PASSWORD" "$private/events"
}

@test "an address that may not be sent from is told" {
	need_mta
	printf 'address\tsubmit\nbob@example.com\tsmtps://anna@localhost:%s\n' \
		"$smtps" >"$private/list"
	run --separate-stderr probe -A "$private/list" \
		--secret "file:$password"
	ends_with_status 3
	has "553 5.7.1 <bob@example.com>: Sender address rejected"
	run --separate-stderr probe -A "$private/list" \
		--secret "file:$private/none"
	ends_with_status 78
	says "--secret"
	says "nothing was tried"
}

@test "a certificate that ends or is not trusted is told" {
	run --separate-stderr timeout 20 mprobe login --timeout 5 --insecure \
		--secret "file:$password" "imaps://anna@localhost:$imaps"
	ends_with_status 0
	has "accepted unverified: "
	run --separate-stderr timeout 20 mprobe login --timeout 5 \
		--secret "file:$password" "imaps://anna@localhost:$imaps"
	ends_with_status 69
	has "--ca FILE"
}

@test "a dry run tries nobody" {
	run --separate-stderr probe -n imaps://anna@host.invalid \
		smtps://anna@host.invalid
	ends_with_status 0
	has "not-tried"
}

@test "what is wrong with the command line is said" {
	local row

	while read -r row; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr probe ${row%%|*}
		ends_with_status 64
		says "${row#*|}"
	done <<-END
	|name the locations
	maildir:/x|needs no login
	-P 0 imaps://a@h|not a number from 1 to 256
	--format html imaps://a@h|give text, tsv or json
	-A list imaps://a@h|no operands
	END
	run --separate-stderr mprobe
	ends_with_status 64
	run --separate-stderr mprobe nonsense
	ends_with_status 64
	says "no such verb: 'nonsense'"
	run --separate-stderr mprobe -h
	ends_with_status 0
	has "login"
}
