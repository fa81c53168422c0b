#!/usr/bin/env bats
# mprobe flow through a Postfix that gives its mail to Dovecot by LMTP.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/relay.bash
. "$BATS_TEST_DIRNAME/../lib/relay.bash"

setup_file() {
	common_setup
	make_certificates
	set -- --tls "$certificates/good.pem" "$certificates/good.key"
	start_delivery new "$@" \
		--config "$(postfix_auth_config "$private/mta")"
	start_postfix mta "$@" --domain new.example \
		--lmtp "unix:$(cat "$private/new/base")/lmtp" \
		--config 'smtpd_tls_received_header = yes' \
		--config 'transport_maps = inline:{ lost@new.example=discard: }'
}

teardown_file() {
	common_setup
	BATS_TEST_COMPLETED=1 common_teardown
}

setup() {
	common_setup
	# the servers are the file's
	private=$BATS_FILE_TMPDIR
	certificates=$private/certificates
	events=$BATS_TEST_TMPDIR/events
	mx=localhost:$(postfix_port "$private/mta")
	submit=localhost:$(postfix_port_tls "$private/mta")
	imaps=localhost:$(dovecot_port_tls "$private/new")
}

teardown() {
	:
}

flow() {
	run --separate-stderr "${BOUND[@]}" mprobe flow --wait 20s \
		--ca "$certificates/ca.pem" --secret "file:$password" \
		--secret "file:$password" --secret "file:$password" \
		--json "$events" "$@"
}

holds_nothing() {
	equal '' "$(peer imapdump new anna)$(peer imapdump new bob)"
}

@test "submitted with a login, found, and told of with its way" {
	flow --from anna@new.example --to bob@new.example \
		--submit "smtps://anna@$submit" \
		--bounces "imaps://anna@$imaps" "imaps://bob@$imaps"
	ends_with_status 0
	has 'submit: anna@new.example -> bob@new.example: arrived in INBOX'
	has ": 250 2.0.0 Ok: queued as "
	has 'mx.new.example from '
	has ', ESMTPSA, TLSv1.3'
	has ' from mx.new.example, LMTP'
	has 'return to <anna@new.example>'
	has 'content   8bit, as it was sent'
	has 'cleaned   1 message removed'
	holds_nothing
	is_secret "$events" "$private/mta/log" <<<"$output$stderr"
}

@test "in by MX, with STARTTLS where nobody logs in, as junk" {
	flow --from x@old.example --to anna+Junk@new.example --mx "$mx" \
		"imaps://anna@$imaps"
	ends_with_status 0
	has 'arrived as junk in Junk'
	has ', ESMTPS, TLSv1.3'
	holds_nothing
}

@test "a recipient that Postfix does not take is refused at once" {
	flow --from x@old.example --to anna@elsewhere.example --mx "$mx" \
		"imaps://anna@$imaps"
	ends_with_status 3
	has 'refused: '
	has 'RCPT TO:<anna@elsewhere.example>: '
	has '5.7.1 <anna@elsewhere.example>: Relay access denied'
}

@test "one that the mailbox server refuses comes back, with its status" {
	flow --from anna@new.example --to nobody@new.example \
		--submit "smtps://anna@$submit" \
		--bounces "imaps://anna@$imaps" "imaps://bob@$imaps"
	ends_with_status 3
	has 'bounced: 5.1.1 <nobody@new.example> '
	has "User doesn't exist: nobody@new.example"
	has '(mx.new.example)'
	has 'cleaned   1 message removed'
	holds_nothing
	grep -q '"state":"bounced".*"status":"5.1.1"' "$events"
}

@test "one that is thrown away is missing when the time is up" {
	flow --from anna@new.example --to lost@new.example --wait 1s \
		--submit "smtps://anna@$submit" "imaps://bob@$imaps"
	ends_with_status 3
	has 'missing: accepted, and not found in time'
	has 'comes later: Message-ID <mailproof.'
}
