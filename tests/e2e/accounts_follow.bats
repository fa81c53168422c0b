#!/usr/bin/env bats
# mbackup --follow -A LIST: all accounts side by side, one process each.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/fleet.bash
. "$BATS_TEST_DIRNAME/../lib/fleet.bash"

accounts=10

setup() {
	fleet_setup
}

begin() {
	run_in_background timeout -k 5 60 mbackup -s "$secret_key" \
		-A "$list" -d "$dir" --timeout 5 -P 2 --per-host 10 \
		--follow 50s --json "$private/events" "$@"
}

# of how many accounts this event came
said() {
	grep "\"event\":\"$1\"" "$private/events" 2>/dev/null |
		grep -o '^{"account":"[^"]*"' | sort -u | wc -l
}

# counted in a file that grows
found_all() {
	[ "$(said found)" -eq 4 ]
}

all_have() {
	[ "$(said "$1")" -eq "$accounts" ]
}

@test "a company's late mail, each account a delta, over a kill and to the end" {
	make_keys
	start_dovecot old
	fleet_accounts old "$accounts"
	fleet_mail old "$accounts"
	fleet_list old old "$accounts" >"$list"
	dir=$private/full back_up_all -q
	# a host that would not bear them all is told before anything starts
	run --separate-stderr mbackup -s "$secret_key" -A "$list" -d "$dir" \
		--follow 1m
	ends_with_status 64
	says 'would have to bear 10 connections: give --per-host 10'
	mv "$private/full/u3.tar.zst" "$private/away"
	begin --base "$private/full"
	ends 66
	grep -q "no archive '$private/full/u3.tar.zst'" "$private/err"
	mv "$private/away" "$private/full/u3.tar.zst"

	begin --base "$private/full"
	poll all_have heartbeat
	for i in 1 4 7 10; do
		printf 'Subject: late\n\nfor %d\n' "$i" >"$private/late"
		peer imapfill old "u$i" files INBOX "$private/late"
	done
	poll found_all
	child_of "$pid"
	kill -KILL "$child"
	poll gone "$pid"
	rm "$private/events"
	begin --base "$private/full"
	poll all_have heartbeat
	child_of "$pid"
	kill -TERM "$child"
	ends 0
	equal 10:0 "$(statuses mbackup)"
	equal 4 "$(grep -c '"event":"resumed".*"messages":1' \
		"$private/events")"
	run --separate-stderr maudit -q -p "$public_key" \
		"$private/full/u7.tar.zst" "$dir/u7.tar.zst"
	ends_with_status 0
}
