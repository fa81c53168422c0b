#!/usr/bin/env bats
# Account lists: all that can be done is done, whatever happens to one of
# them, and the report names the others.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/fleet.bash
. "$BATS_TEST_DIRNAME/../lib/fleet.bash"

setup() {
	fleet_setup
}

@test "of 200 accounts all but the three that cannot be are done" {
	make_keys
	start_dovecot old
	# one wrong password shall not slow down all that come from here
	start_dovecot new --quota 100k --config 'service anvil {
		unix_listener anvil-auth-penalty {
			mode = 0
		}
	}'
	fleet_accounts old 200
	fleet_accounts new 200
	fleet_mail old 200
	head -c 300000 /dev/zero | tr '\0' x | fold >"$private/large"
	peer imapfill old u77 files INBOX "$private/large"
	fleet_list old new 200 >"$list"
	run --separate-stderr back_up_all --json "$private/events"
	ends_with_status 0
	equal 200:0 "$(statuses mbackup)"
	equal 201 "$(wc -l <<<"$output")"
	equal 401 "$(column mbackup 6 | awk '{ n += $1 } END { print n }')"
	equal 200 "$(grep -c '^{"account":"u[0-9]*","event":"summary"' \
		"$private/events")"
	tail -n 1 "$private/events" | grep -q '"event":"summary".*"done":401,'

	# a wrong password, one that hangs, one over quota
	start_imapd odd --quirk stall-at-command=AUTHENTICATE
	printf wrong >"$private/wrong"
	chmod 600 "$private/wrong"
	sed -i -e "/^u5	/s,file:[^	]*\$,file:$private/wrong," \
		-e "/^u150	/s,imap+plain://u150@[0-9.:]*	file:[^	]*\$,$(
			location odd)	file:$password," "$list"
	run --separate-stderr restore_all --timeout 2
	ends_with_status 73
	equal '197:0 1:73 1:75 1:77' "$(statuses mrestore)"
	equal 77 "$(column mrestore 3 u5)"
	equal 73 "$(column mrestore 3 u77)"
	equal 75 "$(column mrestore 3 u150)"
	grep -q '^u5  *77 .*login refused: .*AUTHENTICATIONFAILED' <<<"$output"
	grep -q '^u77  *73 .*OVERQUOTA' <<<"$output"
	grep -q '^u150  *75 .*2 s' <<<"$output"
	says 'mrestore: u5: stopped: login refused'
	[ "$(grep -c ': stopped' <<<"$stderr")" -eq 3 ]

	sed -i -e '/^u5	/d' -e '/^u150	/d' "$list"
	run --separate-stderr audit_all
	ends_with_status 1
	equal '197:0 1:1' "$(statuses maudit)"
	equal 1 "$(column maudit 3 u77)"
	grep -q '^verdict: proved' "$dir/u200.maudit.report"
}

@test "every fault of a list is told, and nothing is started" {
	two_accounts
	printf 'u2\timaps://x:y@h\tfile:%s\t%s\t\na/u\t%s\tsecret\t-\tcmd:x\n' \
		"$password" "$(location old u3)" "$(location old u1)" >>"$list"
	run --separate-stderr back_up_all
	ends_with_status 78
	says "$list:4: source: location: a password in a location"
	says "$list:4: the same name (but for case) as on line 3"
	says "$list:5: name 'a/u' has a '/'"
	says "$list:5: source_secret: a secret is given as"
	says "$list:5: target: '-' is no live mailbox"
	says "$list:5: the same source as on line 2"
	says '6 faults: nothing was started'
	absent "$dir"

	run --separate-stderr mbackup -A "$private/none" -d "$dir"
	ends_with_status 66
	fleet_list old old 2 >"$list"
	chmod 000 "$password"
	chmod 644 "$password"
	run --separate-stderr back_up_all
	ends_with_status 78
	says "$list:2: source_secret: file:$password: others may read it"
	says "$list:3: source_secret: "
	absent "$dir"
}

@test "archives that are in the way, or lacking, are faults of the list" {
	two_accounts
	mkdir "$dir"
	touch "$dir/u2.tar.zst"
	run --separate-stderr back_up_all
	ends_with_status 73
	says "$list:3: '$dir/u2.tar.zst' is there, and no run of this list"
	absent "$dir/u1.tar.zst" "$dir/u1.mbackup.log"
	run --separate-stderr restore_all
	ends_with_status 66
	says "$list:2: no archive '$dir/u1.tar.zst'"
	run --separate-stderr audit_all
	ends_with_status 66
}

@test "what is for one account does not go with a list" {
	two_accounts
	for words in 'mbackup -o x' 'mbackup -G' 'mrestore --only x' \
		'mrestore --journal x' 'maudit --salvage' 'mbackup --secret fd:3' \
		'mbackup -j 9' 'mbackup maildir:x' 'maudit --secret env:A --secret env:B'
	do
		# shellcheck disable=SC2086 # words
		run --separate-stderr $words -A "$list" -d "$dir"
		ends_with_status 64
	done
	for words in '-d x' '-P 2' '--retry 1' "-A $list"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr mbackup $words maildir:x
		ends_with_status 64
	done
}

@test "the passwords of imapsync's lines are nowhere but in the list" {
	local port

	make_keys
	start_imapd odd --quirk stall-at-command=AUTHENTICATE
	port=$(imapd_port "$private/odd")
	printf '# all\n%s;user;%s;%s;user;%s;\n' "imap+plain://127.0.0.1:$port" \
		"$PASSWORD" "h" "other" >"$list"
	run --separate-stderr back_up_all
	ends_with_status 78
	says 'others may read it: chmod 600'
	chmod 600 "$list"
	run_in_background mbackup -s "$secret_key" -A "$list" -d "$dir" \
		--timeout 5 --json "$private/events" -v
	poll stalls
	poll child_of "$pid"
	cat "/proc/$pid/cmdline" "/proc/$child/cmdline" >"$private/cmdline"
	cat "/proc/$pid/environ" "/proc/$child/environ" >"$private/environ"
	grep -qaF -e --secret=fd:3 "$private/cmdline"
	imapd_stop "$private/odd"
	ends 75
	is_secret "$private/cmdline" "$private/environ" "$private/events" \
		"$private/out" "$private/err" "$dir"/*
	start_imapd odd
	sed -i "s/127.0.0.1:$port/127.0.0.1:$(imapd_port "$private/odd")/" \
		"$list"
	run --separate-stderr back_up_all
	ends_with_status 0
	maudit -p "$public_key" "$dir/user.tar.zst"
}

@test "a login that is refused is not tried again" {
	two_accounts
	odd_account source 'login-no=[AUTHENTICATIONFAILED] no'
	run --separate-stderr back_up_all --retry 2 --retry-wait 0
	ends_with_status 77
	equal 1 "$(column mbackup 17 odd)"
	equal '2:0 1:77' "$(statuses mbackup)"
}

# the most connections that were open at one time
most_open() {
	awk -F: '/^C[0-9]+: [^ ]+ (AUTHENTICATE|LOGIN)/ {
		if (!($1 in open)) { open[$1]; if (++n > most) most = n }
	}
	/^C[0-9]+: [^ ]+ LOGOUT/ { if ($1 in open) { delete open[$1]; n-- } }
	END { print most + 0 }' "$private/odd/log"
}

@test "a server never has more connections than it may" {
	local i

	make_keys
	start_imapd odd --quirk delay=20
	mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/a.tar.zst" "$(location odd)"
	mkdir "$dir"
	echo name,target,target_secret >"$list"
	for i in {1..8}; do
		ln "$private/a.tar.zst" "$dir/a$i.tar.zst"
		echo "a$i,$(location odd),file:$password" >>"$list"
	done
	: >"$private/odd/log"
	run --separate-stderr audit_all -P 8 --per-host 4 -j 2
	ends_with_status 0
	[ "$(most_open)" -le 4 ]
	[ "$(most_open)" -ge 2 ]
}

@test "--check tells who cannot log in, and why, and does nothing else" {
	two_accounts
	odd_account source 'login-no=[AUTHENTICATIONFAILED] no'
	run --separate-stderr back_up_all --check
	ends_with_status 77
	grep -q '^u1  *0 .*logged in$' <<<"$output"
	grep -q '^u2  *0 .*logged in$' <<<"$output"
	grep -q '^odd  *77 .*login refused: .*' <<<"$output"
	absent "$dir"/*.tar.zst "$dir/mbackup.summary.tsv"
	# targets need no archives for that
	sed -i "s,maildir:[^	]*odd-target,maildir:$private/odd-target," "$list"
	run --separate-stderr restore_all --check
	ends_with_status 0
	absent "$private/odd-target"
	run --separate-stderr mbackup --check --secret "file:$password" \
		"$(location old u1)"
	ends_with_status 0
	says 'logged in'
	run --separate-stderr mrestore --check --secret "file:$password" \
		"$(location odd)"
	ends_with_status 77
}

@test "a dry run tells for each account, and writes no archive" {
	two_accounts
	run --separate-stderr back_up_all -n
	ends_with_status 0
	grep -q ' 2 .*(all)$' "$dir/u1.mbackup.dry-run.report"
	absent "$dir"/*.tar.zst "$dir/mbackup.summary.tsv"
	run --separate-stderr back_up_all
	ends_with_status 0
}

@test "two runs in one directory do not mix" {
	two_accounts
	odd_account source stall-at-command=AUTHENTICATE
	run_in_background mbackup -s "$secret_key" -A "$list" -d "$dir"
	poll stalls
	run --separate-stderr back_up_all
	ends_with_status 75
	says "another run with -A is at work there"
	kill -TERM "$pid"
	ends 75
}
