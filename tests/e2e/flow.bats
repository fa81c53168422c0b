#!/usr/bin/env bats
# mprobe flow: a marked message out and in, over servers that do with it what
# servers do. Two of them, old and new: the old one has neither UIDPLUS nor
# 8BITMIME.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/relay.bash
. "$BATS_TEST_DIRNAME/../lib/relay.bash"
# shellcheck source=../lib/flow.bash
. "$BATS_TEST_DIRNAME/../lib/flow.bash"

setup_file() {
	common_setup
	start_delivery new
	start_delivery old --without UIDPLUS
	start_relay new-relay new --password "$password"
	start_relay old-relay old --password "$password" --no-8bitmime
	neighbour new anna
	for folder in Junk Sent Sorted; do
		mkdir -p "$(dovecot_home "$private/new" anna)/Maildir/.$folder/cur"
	done
	dovecot_own "$(dovecot_home "$private/new" anna)/Maildir"
}

teardown_file() {
	common_setup
	relay_stop new-relay
	relay_stop old-relay
	BATS_TEST_COMPLETED=1 common_teardown
}

setup() {
	common_setup
	# the servers are the file's
	private=$BATS_FILE_TMPDIR
	mx=$(relay_at new-relay)
	events=$BATS_TEST_TMPDIR/events
	list=$BATS_TEST_TMPDIR/list
	empty='INBOX:1 Junk:0 Sent:0 Sorted:0'
}

teardown() {
	:
}

# neighbour NAME USER: mail that is there before
neighbour() {
	local box

	box=$(dovecot_home "$private/$1" "$2")/Maildir
	mkdir -p "$box/cur" "$box/new" "$box/tmp"
	printf 'Subject: neighbour\n\nstays\n' >"$box/cur/1.a.h:2,ST"
	dovecot_own "$box"
}

flow() {
	"${BOUND[@]}" mprobe flow --secret "file:$password" --wait 1s \
		--json "$events" "$@"
}

# by_mx WORDS OPTION...: from bob, elsewhere, to anna+WORDS
by_mx() {
	run --separate-stderr flow --from bob@old.example \
		--to "anna$1@new.example" --mx "$mx" "${@:2}" \
		"$(location new anna)"
}

# holds NAME USER COUNTS: messages by folder, "INBOX:1 Junk:0"
holds() {
	equal "$3" "$(peer imapdump "$1" "$2" --summary |
		awk -F'\t' '{ print $1 ":" $2 }' | sort | paste -sd ' ')"
}

# accounts WORDS...: a list of them, each to be reached as anna+WORDS
accounts() {
	local words

	printf 'name\taddress\ttarget\n'
	for words; do
		printf '%s\tanna+%s@new.example\t%s\n' "$words" "$words" \
			"$(location new anna)"
	done
}

# of ACCOUNT TYPE COLUMNS: a field of the last run's TSV
of() {
	printf '%s\n' "$output" | awk -F'\t' -v a="$1" -v t="$2" \
		'$1 == t && $2 == a' | cut -f "$3"
}

@test "a message arrives, is told of and removed; its neighbour stays" {
	by_mx ''
	ends_with_status 0
	has 'mx: bob@old.example -> anna@new.example: arrived in INBOX after 0.'
	has 'accepted  after 0.'
	has ': 250 2.0.0 queued as 1234'
	has ' relay.example from client.example (localhost [127.0.0.1]), ESMTPS'
	has ', TLSv1.3'
	has ' from relay.example, LMTP'
	has 'return to <bob@old.example>'
	has 'content   8bit, as it was sent'
	has 'cleaned   1 message removed'
	has '1 of 1 message arrived'
	equal '' "$stderr"
	holds new anna "$empty"
	grep -q '"event":"leg".*"state":"arrived".*"folder":"INBOX"' "$events"
	grep -q 'BODY=8BITMIME' "$private/new-relay/log"
}

@test "servers do what they like with it, for many accounts at once" {
	accounts hello junk sorted nobody spam grey wait lost footer+tagged \
		nofield quoted verdict twice >"$list"
	run --separate-stderr flow -A "$list" --from bob@old.example --mx "$mx" \
		--format tsv -P 16 --per-host 64 --wait 2s
	ends_with_status 75
	while read -r account state folder kind; do
		equal "$account $state $folder $kind" "$account $(of \
			"$account" leg 7-9 | tr '\t' ' ')"
	done <<-'END'
	hello arrived INBOX inbox
	junk arrived Junk junk
	sorted arrived Sorted other
	nobody refused - -
	spam refused - -
	grey arrived INBOX inbox
	wait deferred - -
	lost missing - -
	nofield arrived INBOX inbox
	quoted arrived INBOX inbox
	twice arrived INBOX inbox
	END
	equal '1 2' "$(of hello leg 12) $(of grey leg 12)"
	of nobody leg 17 | grep -q 'RCPT TO.*550 5.1.1'
	of spam leg 17 | grep -q '554 5.7.1 is spam'
	of wait leg 17 | grep -q '451 4.7.1'
	equal "Subject is now '[EXTERNAL] mailproof" \
		"$(of footer+tagged changed 4 | sed -n '1s/ test.*//p')"
	equal "behind the text stands '-- '" \
		"$(of footer+tagged changed 4 | tail -n 1)"
	equal 'X-Mailproof-Mark is gone' "$(of nofield changed 4)"
	equal '8bit quoted-printable' "$(of quoted leg 13,14 | tr '\t' ' ')"
	equal '' "$(of quoted changed 4)$(of hello changed 4)"
	equal 'spf=pass dkim=fail dmarc=none spf=softfail' \
		"$(of verdict verdict 4,5 | tr '\t' = | paste -sd ' ')"
	equal 2 "$(of twice cleaned 4)"
	has 'total	13	9'
	holds new anna "$empty"
}

@test "who is strict takes no junk and nothing altered" {
	by_mx '' --strict
	ends_with_status 0
	by_mx +footer --strict
	ends_with_status 3
	by_mx +junk --strict
	ends_with_status 3
	has 'arrived as junk in Junk'
}

@test "a bounce is told with its status, and removed" {
	for word in bounce plain; do
		by_mx "+$word" --secret "file:$password" \
			--bounces "$(location new bob)"
		ends_with_status 3
		has ': bounced: 5.1.1 '
		has 'cleaned   1 message removed'
	done
	has 'Sorry, no mailbox here. (#5.1.1)'
	by_mx +delay --secret "file:$password" --bounces "$(location new bob)"
	ends_with_status 0
	has 'cleaned   2 messages removed'
	holds new bob INBOX:0
	holds new anna "$empty"
}

@test "a copy among what was sent is removed" {
	run --separate-stderr flow --from anna@new.example \
		--to anna+copied@new.example --mx "$mx" "$(location new anna)"
	ends_with_status 0
	has 'arrived in INBOX'
	has 'cleaned   2 messages removed'
	holds new anna "$empty"
}

@test "a mailbox that cuts the line while mail is waited for" {
	printf 'folder INBOX uidvalidity=7\nmessages 5\n' >"$private/mailbox"
	start_imapd odd --mailbox "$private/mailbox" --quirk idle \
		--quirk idle-bye=now@1
	run --separate-stderr flow --from bob@old.example \
		--to anna+lost@new.example --mx "$mx" "$(location odd)"
	ends_with_status 3
	has 'missing: accepted, and not found in time'
	equal 2 "$(grep -c '^C[0-9]*: .*AUTHENTICATE' "$private/odd/log")"
	# what was there before is not read
	equal 0 "$(imapd_sent "$private/odd" 'UID FETCH')"
	imapd_stop "$private/odd"
}

@test "words of servers are shown, not obeyed; JSON is whole" {
	by_mx +verdict
	has 'spf=softfail, says \x1b[31mred'
	by_mx +verdict+footer --format json
	printf '%s' "$output" | python3 -c '
import json, sys
leg, = json.load(sys.stdin)["flow"]
assert leg["state"] == "arrived" and leg["junk"] is False, leg
assert leg["verdicts"][3]["server"] == "\x1b[31mred", leg
assert leg["hops"][0]["tls"] == "TLSv1.3", leg
assert leg["hops"][0]["delay_s"] in (0, 1), leg
assert len(leg["changed"]) == 1 and leg["removed"] == 1, leg'
	while read -r line; do
		printf '%s' "$line" | python3 -m json.tool >/dev/null
	done <"$events"
}

@test "where nothing can be removed alone it is left, and said" {
	run --separate-stderr flow --from bob@new.example \
		--to anna@old.example --mx "$(relay_at old-relay)" \
		"$(location old anna)"
	ends_with_status 0
	has 'content   quoted-printable, as it was sent'
	has '0 messages removed; left: INBOX: UID 1:'
	says 'a test message was left (Message-ID <mailproof.'
	says 'no UIDPLUS'
	holds old anna INBOX:1
	refute grep -q 'BODY=8BITMIME' "$private/old-relay/log"
}

@test "what is to be left is" {
	by_mx '' --leave
	ends_with_status 0
	has 'cleaned   nothing (--leave): Message-ID <mailproof.'
	equal '' "$stderr"
	holds new anna "${empty/:1/:2}"
	rm "$(dovecot_home "$private/new" anna)"/Maildir/new/*
}

# outside: a list of one, bob at the new server
outside() {
	printf 'name\taddress\ttarget\ttarget_secret\tsubmit\n'
	printf 'bob\tbob@new.example\t%s\tfile:%s\tsmtp+plain://bob@%s\n' \
		"$(location new bob)" "$password" "$mx"
}

@test "between old, new and outside, with logins" {
	{
		printf 'name\taddress\tsource\tsource_secret\t'
		printf 'target\ttarget_secret\n'
		printf 'anna\tanna@new.example\t%s\tfile:%s\t%s\tfile:%s\n' \
			"$(location old anna)" "$password" \
			"$(location new anna)" "$password"
		printf 'none\tnone@new.example\t\t\t%s\tfile:%s\n' \
			"$(location new none)" "$password"
	} >"$list"
	outside >"$list.outside"
	run --separate-stderr flow -A "$list" --account anna \
		--outside "$list.outside" --submit "smtp+plain://$mx" \
		--old-submit "smtp+plain://$(relay_at old-relay)"
	ends_with_status 3
	has 'anna: new-new: anna@new.example -> anna@new.example: arrived in'
	has 'anna: new-outside: anna@new.example -> bob@new.example: arrived in'
	has 'anna: outside-new: bob@new.example -> anna@new.example: arrived in'
	has "anna: old-new: anna@new.example -> anna@new.example: missing: "
	has "in time; it came to INBOX of $(location old anna)"
	has 'left: INBOX: UID 2: nothing is removed at the source'
	has '3 of 4 messages arrived'
	lacks none
	holds new anna "$empty"
	holds new bob INBOX:0
	is_secret "$events" "$private"/*/log "$list" <<<"$output$stderr"
	grep -q 'AUTH' "$private/old-relay/log"
}

# ends_so STATUS TEXT OPTION...
ends_so() {
	run --separate-stderr flow "${@:3}"
	ends_with_status "$1"
	says "$2"
}

@test "what cannot be is said before anything is sent" {
	local to=(--from a@b.example --to c@d.example)
	local anna

	anna=$(location new anna)
	: >"$private/new-relay/log"
	ends_so 64 'name the sender' "$anna" --mx "$mx"
	ends_so 64 'name the server' "${to[@]}" "$anna"
	ends_so 64 'one IMAP-LOCATION' "${to[@]}" --mx "$mx"
	ends_so 64 "'a b@c' is not an address" "$anna" --mx "$mx" \
		--from 'a b@c' --to c@d
	ends_so 64 'are for -A LIST' "${to[@]}" --mx "$mx" --outside x "$anna"
	ends_so 64 'is not a time' --wait 0 "${to[@]}" --mx "$mx" "$anna"
	ends_so 64 'give text, tsv or json' --format html
	accounts hello >"$list"
	ends_so 64 "'x' is not in" -A "$list" --account x --mx "$mx" \
		--from a@b.example
	ends_so 64 'go together' -A "$list" --mx "$mx"
	ends_so 64 'nothing to send by' -A "$list"
	run --separate-stderr mprobe flow -A "$list" --secret fd:9 --mx "$mx" \
		--from a@b.example
	ends_with_status 64
	says 'can be read once only'
	sed '2s/anna+hello@new.example//' "$list" >"$list.2"
	ends_so 78 'list.2:2: no address' -A "$list.2" --mx "$mx" \
		--from a@b.example
	equal '' "$(grep MAIL "$private/new-relay/log" || :)"
}

@test "servers that do not answer or let nobody in" {
	printf wrong >"$private/wrong"
	chmod 600 "$private/wrong"
	run --separate-stderr mprobe flow --from a@b.example --to c@d.example \
		--mx 127.0.0.1:9 --secret "file:$private/wrong" \
		"$(location new anna)"
	ends_with_status 77
	has ': failed: '
	by_mx '' --mx 127.0.0.1:9
	ends_with_status 69
	has ': failed: 127.0.0.1:9'
	run --separate-stderr mprobe flow --from a@b.example --to c@d.example \
		--submit "smtp+plain://anna@$mx" --secret "file:$private/wrong" \
		--secret "file:$password" "$(location new anna)"
	ends_with_status 77
	has '535 5.7.8'
}

@test "a dry run logs in and sends nothing" {
	: >"$private/new-relay/log"
	by_mx '' -n
	ends_with_status 0
	has 'not sent'
	grep -q EHLO "$private/new-relay/log"
	refute grep -q MAIL "$private/new-relay/log"
}

@test "a signal ends the wait at once" {
	local status=0

	"${BOUND[@]}" mprobe flow --secret "file:$password" --wait 60s \
		--json "$events" --from bob@old.example --mx "$mx" \
		--to anna+lost@new.example "$(location new anna)" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	poll grep -qs '"state":"sent"' "$events"
	kill -TERM $!
	wait $! || status=$?
	equal 75 "$status"
	grep -q 'interrupted by SIGTERM' "$BATS_TEST_TMPDIR/out"
	grep -q 'comes later: Message-ID <mailproof' "$BATS_TEST_TMPDIR/out"
}

@test "one account's crash or stall does not touch another" {
	local bound pid job

	begin
	kill -ABRT "${job[0]}"
	poll grep -q 'crashed' "$events"
	equal 1 "$(pgrep -c -P "$pid")"
	kill -TERM "$pid"
	ended 70
	has 'mprobe flow: lost: its process crashed'
	has 'lost: mx-new: bob@old.example -> anna+lost@new.example: failed: '
	has 'anna+lost+too@new.example: missing: accepted, and not found'
	equal 2 "$(grep -c 'comes later: Message-ID' <<<"$output")"
	begin
	kill -STOP "${job[1]}"
	kill -TERM "$pid"
	ended 75
	has 'mprobe flow: lost+too: its process did not obey the signal'
	has 'lost: mx-new: bob@old.example -> anna+lost@new.example: missing'
	has 'interrupted by SIGTERM'
	holds new anna "$empty"
}

@test "all accounts together keep to the limit of a server" {
	accounts hello hello+1 hello+2 >"$list"
	: >"$private/new-relay/log"
	run --separate-stderr flow -A "$list" --from bob@old.example --mx "$mx" \
		--per-host 2 -v
	ends_with_status 0
	has '3 of 3 messages arrived'
	# one has ended before the next begins
	equal 'arrived arrived arrived' "$(grep '"event":"leg"' "$events" |
		sed 's/.*"account":"\([^"]*\)".*"state":"\([^"]*\)".*/\1 \2/' |
		awk '$1 != last && NR > 1 { print state } { last = $1
			state = $2 } END { print state }' | paste -sd ' ')"
}
