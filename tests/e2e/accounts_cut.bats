#!/usr/bin/env bats
# Account lists when processes die, a signal comes or a run is killed: what is
# complete stays so, and the next run does the rest.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/fleet.bash
. "$BATS_TEST_DIRNAME/../lib/fleet.bash"

setup() {
	fleet_setup
}

@test "an account whose process dies does not touch the others" {
	two_accounts
	odd_account source stall-at-command=AUTHENTICATE
	run_in_background mbackup -s "$secret_key" -A "$list" -d "$dir" -P 1
	poll stalls
	child_of "$pid"
	kill -ABRT "$child"
	ends 70
	equal '2:0 1:70' "$(statuses mbackup)"
	grep -q "odd: stopped: a bug.*signal 6.*see $dir/odd.mbackup.log" \
		"$private/err"
}

@test "an account whose process cannot be started does not either" {
	two_accounts
	mkdir -p "$dir/u1.mbackup.log"
	run --separate-stderr back_up_all
	ends_with_status 73
	equal '1:0 1:73' "$(statuses mbackup)"
	says "u1: stopped: no room or no right to write"
}

@test "a signal ends the accounts that run, and the others are not run" {
	two_accounts
	mv "$list" "$private/two"
	head -n 1 "$private/two" >"$list"
	odd_account source stall-at-command=AUTHENTICATE
	tail -n 2 "$private/two" >>"$list"
	run_in_background mbackup -s "$secret_key" -A "$list" -d "$dir" -P 1
	poll stalls
	child_of "$pid"
	kill -TERM "$pid"
	ends 75
	gone "$child"
	equal odd "$(column mbackup 2)"
	grep -q '^odd  *75 .*interrupted by SIGTERM' "$private/out"
	grep -q '^u1 .*not run$' "$private/out"
	grep -q '^u2 .*not run$' "$private/out"
}

@test "after a kill what is complete is passed over" {
	two_accounts
	odd_account source stall-at-command=AUTHENTICATE
	run_in_background mbackup -s "$secret_key" -A "$list" -d "$dir" \
		--timeout 3600
	poll stalls
	poll test -e "$dir/u1.tar.zst.minisig"
	poll test -e "$dir/u2.tar.zst.minisig"
	poll grep -q '^account.u1' "$dir/mbackup.summary.tsv"
	poll grep -q '^account.u2' "$dir/mbackup.summary.tsv"
	child_of "$pid"
	kill -KILL "$pid"
	poll gone "$child"
	cp "$dir/u1.tar.zst" "$private/before"
	imapd_stop "$private/odd"
	start_imapd odd
	sed -i '/^odd/d' "$list"
	printf 'odd\t%s\tfile:%s\tmaildir:x\t\n' "$(location odd)" \
		"$password" >>"$list"
	run --separate-stderr back_up_all
	ends_with_status 0
	says '2 of 3 accounts were complete already: 1 are left'
	same "$private/before" "$dir/u1.tar.zst"
	equal 3:0 "$(statuses mbackup)"
	grep -q '^u1 .*complete (in an earlier run)$' <<<"$output"
}

@test "an account that a kill has cut goes on with what it has" {
	mbackup -h | grep -q -e --resume || skip "mbackup does not resume"
	make_keys
	printf '%s\n' 'folder INBOX uidvalidity=7' 'messages 60 size=3000' \
		>"$private/mailbox"
	start_imapd odd --mailbox "$private/mailbox" \
		--quirk stall-in-body=40@1
	printf 'source\tsource_secret\n%s\tfile:%s\n' "$(location odd)" \
		"$password" >"$list"
	run_in_background mbackup -s "$secret_key" -A "$list" -d "$dir" \
		--segment-size 16k --timeout 3600
	poll grep -q stalls "$private/odd/log"
	poll test -s "$dir/user.tar.zst.part"
	child_of "$pid"
	kill -KILL "$pid"
	poll gone "$child"
	run --separate-stderr back_up_all --segment-size 16k
	ends_with_status 0
	grep -q 'going on with' "$dir/user.mbackup.log"
	run --separate-stderr maudit -p "$public_key" "$dir/user.tar.zst"
	ends_with_status 0
	has 'whole and authentic: 60 messages'
}

@test "an archive whose run did not tell its end is not called complete" {
	two_accounts
	run --separate-stderr back_up_all
	ends_with_status 0
	# as a kill behind the archive's rename leaves it
	sed -i -e '/^all/d' -e '/^account.u2/d' "$dir/mbackup.summary.tsv"
	printf 'started\tu2\t%s\n' "$(location old u2)" \
		>>"$dir/mbackup.summary.tsv"
	run --separate-stderr back_up_all
	ends_with_status 3
	grep -q "^u2  *3 .*maudit $dir/u2.tar.zst does" <<<"$output"
}

@test "a restore goes on with what is left, and a complete one begins anew" {
	two_accounts
	run back_up_all
	sed -i "s,imap+plain://\(u[12]\)@[0-9.:]*	file:[^	]*\$,maildir:$private/\1	," \
		"$list"
	ln -s /nowhere "$private/u2"
	run --separate-stderr restore_all
	refute test "$status" -eq 0
	equal 0 "$(column mrestore 3 u1)"
	rm -r "$private/u1" "$private/u2"
	run --separate-stderr restore_all
	ends_with_status 0
	says '1 of 2 accounts were complete already'
	absent "$private/u1"
	rm -r "$XDG_STATE_HOME" "$HOME/.local/state" 2>/dev/null || :
	run --separate-stderr restore_all
	ends_with_status 0
	[ -d "$private/u1/cur" ]
}

@test "an account that ended for the time being is tried again" {
	two_accounts
	odd_account source 'stall-at-command=AUTHENTICATE@1'
	run --separate-stderr back_up_all --retry 2 --retry-wait 0 \
		--timeout 1
	ends_with_status 0
	says 'mbackup: odd: stopped'
	says 'again in 0 s (1 of 2)'
	equal 3:0 "$(statuses mbackup)"
	equal 2 "$(column mbackup 17 odd)"
}
