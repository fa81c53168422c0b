#!/usr/bin/env bats
# Several connections, of which one fails, and servers that bear only one, or
# one command at a time: the run ends complete, or names what it has not.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

ALL=12040	# messages of the account

setup_file() {
	prepare_file
}

setup() {
	common_keys
	cat >"$private/mailbox" <<-'EOF'
	separator /
	folder INBOX uidvalidity=7 subscribed
	messages 12000 size=300
	folder Sent uidvalidity=8
	messages 20 size=3000
	folder Empty uidvalidity=9
	folder Old uidvalidity=10
	messages 20 size=3000
	EOF
}

# run_odd STATUS J QUIRK...: backs the account up over J connections
run_odd() {
	local wanted=$1 connections=$2

	start_odd old "$private/mailbox" "${@:3}"
	run --separate-stderr back_up "$(location old)" --timeout 1 \
		-j "$connections" -v
	printf '%s\n' "$stderr" >"$private/stderr"
	ends_with_status "$wanted"
}

everything() {
	run audit --format tsv
	ends_with_status 0 || return
	equal "$ALL" "$(cut -f 3 <<<"$(grep ^verdict <<<"$output")")"
}

# the connections that sent a FETCH of bodies
readers() {
	sed -n 's/^C\([0-9]*\): .*BODY.PEEK.*/\1/p' "$private/old/log" |
		sort -u | wc -l
}

@test "one large folder is read over all connections" {
	run_odd 0 3
	everything
	equal 3 "$(readers)"
}

@test "a connection that is closed for good leaves its work to the others" {
	run_odd 0 3 cut-in-body=2@1 greeting-full=3
	grep -q 'going on over 2 connections' "$private/stderr"
	everything
}

@test "a connection that stalls for good is named, the others go on" {
	run_odd 0 3 stall-in-body=2@1 greeting-full=3
	grep -q 'nothing came from the server for 1 s' "$private/stderr"
	grep -q 'going on over 2 connections' "$private/stderr"
	everything
}

@test "a connection that breaks is made anew and goes on" {
	run_odd 0 3 cut-in-body=2@1
	refute grep -q 'going on over' "$private/stderr"
	everything
}

@test "a server that takes one connection is read over one" {
	run_odd 0 4 greeting-full=1
	grep -q 'too many connections' "$private/stderr"
	everything
	equal 1 "$(readers)"
}

@test "when all connections are lost the run says so, and what it has" {
	run_odd 75 3 cut-in-body=20 greeting-full=3
	grep -q 'the server closed the connection' "$private/stderr"
}

@test "a server that answers in single octets is borne with" {
	ALL=60
	cat >"$private/mailbox" <<-'EOF'
	folder INBOX uidvalidity=7
	messages 40 size=400
	folder Sent uidvalidity=8
	messages 20 size=400
	EOF
	run_odd 0 2 dribble
	everything
}

@test "a server that bears one command at a time loses nothing" {
	local quirk

	for quirk in early-bad=EXAMINE early-bad=FETCH early-bad=STATUS \
		early-lost=@1 early-lost=@3; do
		run_odd 0 1 list-status "$quirk"
		everything
		imapd_stop "$private/old"
		rm "$archive"*
	done
}

@test "the next folders are asked for before the last answer" {
	# which it answers with BAD when they were
	run_odd 0 1 list-status early-bad=EXAMINE@1
	grep -q 'BAD one command at a time' "$private/old/log"
	everything
}

@test "what is expunged meanwhile does not hold the others up" {
	run_odd 0 1 list-status expunge=7
	run audit --format tsv
	ends_with_status 0
	equal 1 "$(grep ^source.INBOX <<<"$output" | cut -f 6)"
	# each folder: once to list it and once to read it, and INBOX once
	# more, alone
	equal 9 "$(imapd_sent "$private/old" EXAMINE)"
}

# audit_new OPTION...: the archive against the account at the new server
audit_new() {
	run --separate-stderr "${BOUND[@]}" maudit -p "$public_key" \
		--secret "file:$password" --timeout 5 "$@" "$archive" \
		"$(location new)"
}

# audit_headers QUIRK...: of a small account, backed up before
audit_headers() {
	start_odd new "$private/small" "$@"
	audit_new --level header --format tsv
	ends_with_status 0 || return
	has 'verdict	headers-agree	60'
}

small_account() {
	cat >"$private/small" <<-'EOF'
	separator /
	folder INBOX uidvalidity=7
	messages 20 size=400
	folder Empty uidvalidity=9
	folder Old uidvalidity=10
	messages 20 size=400
	folder Sent uidvalidity=8
	messages 20 size=400
	EOF
	start_imapd old --mailbox "$private/small"
	back_up -q "$(location old)"
	imapd_stop "$private/old"
}

@test "the headers of the next folders are asked for before the last answer" {
	small_account
	audit_headers list-status early-bad=EXAMINE@1
	grep -q 'BAD one command at a time' "$private/new/log"
	# without LIST-STATUS their counts are asked for first
	audit_headers early-bad=EXAMINE@1
	grep -q 'BAD one command at a time' "$private/new/log"
}

@test "headers are read from servers that bear one command at a time" {
	local quirk

	small_account
	for quirk in early-bad=EXAMINE early-bad=FETCH early-lost=@1; do
		audit_headers list-status "$quirk"
	done
}

half_an_archive_waits() {
	head -c "$half" "$archive"
	poll grep -q 'FETCH.*RFC822.SIZE' "$private/new/log" >&2
	tail -c "+$((half + 1))" "$archive"
}

@test "the target is read while the archive is" {
	local level

	small_account
	half=$(($(stat -c %s "$archive") / 2))
	for level in header full; do
		start_imapd new --mailbox "$private/small"
		half_an_archive_waits | "${BOUND[@]}" maudit -p "$public_key" \
			--secret "file:$password" --level "$level" -q - \
			"$(location new)"
	done
}

@test "of a bad archive and a bad target the archive is named" {
	small_account
	start_imapd new --mailbox "$private/small" --quirk no-at-command=LIST
	audit_new -q
	ends_with_status 75
	truncate -s -1000 "$archive"
	audit_new -q
	ends_with_status 65
}

@test "a server that is gone for good ends the run, and it says so" {
	local status=0

	small_account
	rm "$archive"*
	start_odd old "$private/small" stall-in-body=10@1
	back_up --timeout 30 "$(location old)" 2>"$private/err" 3>&- &
	pid=$!
	poll grep -q '10 FETCH .*BODY' "$private/old/log"
	imapd_stop "$private/old"
	wait "$pid" || status=$?
	# unreachable, or cut once more by what was on its way out
	[ "$status" -eq 69 ] || equal 75 "$status"
	grep -q 'Connection refused\|closed the connection' "$private/err"
	absent "$archive"
}
