#!/usr/bin/env bats
# Servers that cannot be reached, or not be trusted: status 69, before the
# password is sent, and nothing is written.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

setup_file() {
	prepare_file
	make_certificates
}

setup() {
	common_keys
	certificates=$BATS_FILE_TMPDIR/certificates
	trusted=$certificates/ca.pem
}

# start_tls CERTIFICATE OPTION...: $tls and $starttls are its locations
start_tls() {
	local name=$1

	shift
	start_imapd old --cert "$certificates/$name.pem" \
		--key "$certificates/$name.key" "$@"
	tls=imaps://user@localhost:$(imapd_port "$private/old")
	starttls=imap://user@localhost:$(imapd_port "$private/old")
}

# never_logged_in: what the last server saw of the password
never_logged_in() {
	equal 0 "$(imapd_sent "$private/old" LOGIN)" || return
	equal 0 "$(imapd_sent "$private/old" AUTHENTICATE)"
}

# is_refused TEXT: the last `run`, before any login
is_refused() {
	ends_with_status 69 || return
	says "$1" || return
	never_logged_in || return
	leaves_nothing || return
	printf '%s\n' "$stderr" >"$private/stderr"
	is_secret "$private/stderr"
}

@test "an unknown host is named" {
	run --separate-stderr back_up imaps://user@no-such-host.invalid
	ends_with_status 69
	says no-such-host.invalid
	leaves_nothing
}

@test "a port that nobody answers is named" {
	run --separate-stderr back_up imap+plain://user@127.0.0.1:1
	ends_with_status 69
	says 127.0.0.1:1
	leaves_nothing
}

@test "a target that nobody answers is named, and the archive unharmed" {
	start_imapd old
	back_up -q "$(location old)"
	run --separate-stderr restore_to imap+plain://user@127.0.0.1:1
	ends_with_status 69
	says 127.0.0.1:1
	run audit imap+plain://user@127.0.0.1:1
	ends_with_status 64	# the archive comes first
	run --separate-stderr "${BOUND[@]}" maudit -p "$public_key" \
		--secret "file:$password" "$archive" \
		imap+plain://user@127.0.0.1:1
	ends_with_status 69
	says 127.0.0.1:1
}

@test "a trusted certificate is accepted, by TLS and by STARTTLS" {
	start_tls good
	run --separate-stderr back_up "$starttls" --ca "$trusted"
	ends_with_status 0
	rm "$archive"*
	imapd_stop "$private/old"
	start_tls good --imaps
	run --separate-stderr back_up "$tls" --ca "$trusted"
	ends_with_status 0
	[[ $stderr != *accepted* ]]
}

@test "certificates that cannot be trusted are refused" {
	local name

	for name in self-signed expired other-host other-ca; do
		start_tls "$name" --imaps
		run --separate-stderr back_up "$tls" --ca "$trusted"
		is_refused "localhost:$(imapd_port "$private/old")"
		says certificate
		imapd_stop "$private/old"
	done
}

@test "certificates that cannot be trusted are refused after STARTTLS" {
	local name

	for name in self-signed expired other-host other-ca; do
		start_tls "$name"
		run --separate-stderr back_up "$starttls" --ca "$trusted"
		is_refused certificate
		imapd_stop "$private/old"
	done
}

@test "a refused certificate is told with its pin, and the pin lets it in" {
	start_tls self-signed --imaps
	run --separate-stderr back_up "$tls"
	is_refused "$(tls_pin "$certificates/self-signed.pem")"
	run --separate-stderr back_up "$tls" \
		--pin "$(tls_pin "$certificates/self-signed.pem")"
	ends_with_status 0
	run audit
	ends_with_status 0
}

@test "a pin of another certificate is refused" {
	start_tls good --imaps
	run --separate-stderr back_up "$tls" --ca "$trusted" \
		--pin "$(tls_pin "$certificates/expired.pem")"
	is_refused pin
}

@test "a pin that is none is a matter of usage" {
	start_tls good --imaps
	run --separate-stderr back_up "$tls" --pin 12:34
	ends_with_status 64
	says pin
	leaves_nothing
}

@test "--insecure accepts any certificate and says so" {
	local name

	for name in self-signed expired other-host other-ca; do
		start_tls "$name" --imaps
		run --separate-stderr back_up "$tls" --insecure
		ends_with_status 0
		says localhost
		says unverified
		rm "$archive"*
		imapd_stop "$private/old"
	done
}

@test "what --insecure accepted stands in the events" {
	start_tls self-signed --imaps
	run back_up -q "$tls" --insecure --json "$private/events"
	ends_with_status 0
	grep -q '"event":"warning".*unverified' "$private/events"
}

@test "TLS 1.0 is refused, also with --insecure" {
	start_tls good --imaps --tls 1.0
	run --separate-stderr back_up "$tls" --ca "$trusted"
	is_refused TLS
	run --separate-stderr back_up "$tls" --insecure
	is_refused TLS
}

@test "TLS 1.2 and 1.3 are accepted" {
	local version

	for version in 1.2 1.3; do
		start_tls good --imaps --tls "$version"
		run back_up "$tls" --ca "$trusted" -q
		ends_with_status 0
		rm "$archive"*
		imapd_stop "$private/old"
	done
}

@test "TLS from the start with a server that speaks none is refused" {
	start_imapd old
	run --separate-stderr back_up --insecure \
		"imaps://user@localhost:$(imapd_port "$private/old")"
	is_refused localhost
}

@test "STARTTLS that is not offered is not downgraded" {
	start_tls good --quirk no-starttls
	run --separate-stderr back_up "$starttls" --ca "$trusted"
	is_refused STARTTLS
	run --separate-stderr back_up "$starttls" --insecure
	is_refused STARTTLS
}

@test "STARTTLS that is refused is not downgraded" {
	start_tls good --quirk starttls-no
	run --separate-stderr back_up "$starttls" --ca "$trusted"
	is_refused STARTTLS
}

@test "text behind the OK of STARTTLS is an attack" {
	start_tls good \
		--quirk 'starttls-inject=* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n'
	run --separate-stderr back_up "$starttls" --ca "$trusted"
	is_refused STARTTLS
}

@test "PREAUTH before STARTTLS is refused" {
	start_tls good --quirk preauth
	run --separate-stderr back_up "$starttls" --ca "$trusted"
	is_refused PREAUTH
}

@test "a handshake that stalls ends in time" {
	start_tls good --imaps --quirk tls-stall
	run --separate-stderr back_up "$tls" --ca "$trusted" --timeout 1
	[ "$status" -eq 69 ] || [ "$status" -eq 75 ]
	says localhost
	never_logged_in
	leaves_nothing
}

@test "passwords do not leave the machine without TLS unless allowed" {
	local address

	run --separate-stderr back_up imap+plain://user@192.0.2.1
	ends_with_status 64
	says --allow-plaintext
	leaves_nothing
	address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '\.') ||
		return 0
	run --separate-stderr back_up "imap+plain://user@$address:1"
	ends_with_status 64
	run --separate-stderr back_up "imap+plain://user@$address:1" \
		--allow-plaintext
	ends_with_status 69
	leaves_nothing
}

@test "a CA file that is none is named" {
	start_tls good --imaps
	run --separate-stderr back_up "$tls" --ca "$private/none.pem"
	[ "$status" -eq 66 ] || [ "$status" -eq 78 ]
	says none.pem
	run --separate-stderr back_up "$tls" --ca "$password"
	ends_with_status 78
	says "$password"
	never_logged_in
	leaves_nothing
}
