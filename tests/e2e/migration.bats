#!/usr/bin/env bats
# The whole migration as mailproof(7) has it: the script is taken from the
# page, and moves 20 accounts from one private server to another, one phase a
# test, in order. Its mail comes by a Postfix, or where there cannot be one by
# tests/peers/relay.py.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/fleet.bash
. "$BATS_TEST_DIRNAME/../lib/fleet.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"
# shellcheck source=../lib/dns.bash
. "$BATS_TEST_DIRNAME/../lib/dns.bash"
# shellcheck source=../lib/relay.bash
. "$BATS_TEST_DIRNAME/../lib/relay.bash"

accounts=20
page=$top/man/mailproof.7

# mx SERIAL HOST: where the company's mail goes
mx() {
	ttl=2 zone "$private/dns" company.example "$1" "@ MX 10 $2" \
		'old A 127.0.0.2' 'new A 127.0.0.3'
}

# What the page says, with what one fills in.
take_script() {
	sed -n '/^#!\/bin\/sh/,/^\.Ed/p' "$page" |
		sed -e '$d' -e 's/\\e/\\/g' -e 's/^\\&//' >"$private/page.sh"
	sed -e 's/^domain=.*/domain=company.example/' \
		-e 's/^mx=.*/mx=new.company.example/' "$private/page.sh" \
		>"$private/migrate"
}

# The programs, with our name servers where they ask any.
wrap() {
	local at program

	at=$(dns_at "$private/dns")
	mkdir "$private/bin"
	for program in mbackup mprobe; do
		cat >"$private/bin/$program" <<-END
		#!/bin/sh
		case " \$* " in
		*" --until-mx "* | " mx "*)
			exec '$(command -v "$program")' "\$@" \\
				--resolver $at --authoritative $at ;;
		esac
		exec '$(command -v "$program")' "\$@"
		END
		chmod +x "$private/bin/$program"
	done
}

write_list() {
	fleet_list old new "$accounts" |
		awk -F'\t' -v OFS='\t' -v at="$submit" \
			-v secret="file:$password" '
		NR == 1 { print $0, "address", "submit", "submit_secret"; next }
		{ print $0, $1 "@company.example",
			"smtp+plain://" $1 "@" at, secret }' \
		>"$private/move/accounts.tsv"
}

start_mta() {
	echo "postfix mta" >>"$private/servers"
	if postfix_start "$private/mta" --domain company.example \
		--lmtp "unix:$(cat "$private/new/base")/lmtp"; then
		submit=127.0.0.1:$(postfix_port_submit "$private/mta")
	else
		start_relay relay new --password "$password"
		submit=$(relay_at relay)
	fi
}

setup_file() {
	common_setup
	mkdir "$private/move"
	start_dovecot old
	start_delivery new --config "$(postfix_auth_config "$private/mta")"
	fleet_accounts old "$accounts"
	fleet_accounts new "$accounts"
	fleet_mail old "$accounts"
	start_mta
	mx 1 old
	nsd_start "$private/dns" company.example
	take_script
	wrap
	write_list
}

teardown_file() {
	common_setup
	private=$BATS_FILE_TMPDIR
	[ ! -e "$private/relay" ] || relay_stop relay
	dns_stop "$private/dns"
	BATS_TEST_COMPLETED=1 common_teardown
}

setup() {
	common_setup
	private=$BATS_FILE_TMPDIR
	password=$private/password
	export HOME=$private/home XDG_CONFIG_HOME=$private/home/.config
	PATH=$private/bin:$PATH
	cd "$private/move" || return
}

teardown() {
	:
}

migrate() {
	timeout -k 5 100 sh "$private/migrate" "$@" </dev/null
}

# arrive NAME USER TEXT: mail comes to it
arrive() {
	local box

	box=$(dovecot_home "$private/$1" "$2")/Maildir
	mkdir -p "$box/new" "$box/cur" "$box/tmp"
	printf 'Subject: %s\n\n%s\n' "$3" "$3" >"$box/tmp/$3"
	mv "$box/tmp/$3" "$box/new/$3"
	dovecot_own "$box"
}

# mailed NAME USER TEXT: how often it is there
mailed() {
	grep -rl "^Subject: $3\$" \
		"$(dovecot_home "$private/$1" "$2")/Maildir" 2>/dev/null |
		grep -c . || :
}

arrived() {
	[ "$(mailed "$@")" -eq 1 ]
}

@test "README has the script as the page has it" {
	sed -n '/^     #!\/bin\/sh/,/^[A-Z]/p' "$top/README" |
		sed -e '$d' -e 's/^     //' | sed '${/^$/d}' \
		>"$private/readme.sh"
	same "$private/page.sh" "$private/readme.sh"
	run --separate-stderr migrate
	ends_with_status 64
}

@test "survey: logins, and what is there" {
	run --separate-stderr migrate survey
	ends_with_status 0
	[ -e "$HOME/.config/mailproof/secret.key" ]
	equal 20 "$(grep -c ^account survey/msurvey.summary.tsv)"
	has 'by hand: read survey/'
}

@test "copy: everything is there, and proved, also when it is run again" {
	local i

	for ((i = 0; i < 2; i++)); do
		run --separate-stderr migrate copy
		ends_with_status 0
		equal 20 "$(grep -l '^verdict: proved' full/*.maudit.report |
			wc -l)"
	done
	arrived new u7 'first of 7'
}

all_follow() {
	[ "$(find late -name "*.part" | wc -l)" -eq 20 ]
}

@test "follow: what comes late is there at once; it ends when the MX has moved" {
	local i

	migrate follow >"$private/follow.out" 2>&1 3>&- &
	within 20 all_follow
	for i in 1 9 20; do
		arrive old "u$i" late
	done
	for i in 1 9 20; do
		within 20 arrived new "u$i" late
	done
	mx 2 new
	nsd_reload "$private/dns"
	wait $! || equal 0 "$? $(cat "$private/follow.out")"
	equal 20 "$(find late -name "*.tar.zst" | wc -l)"
	grep -q 'by hand: let users log in' "$private/follow.out"
	# a second time there is nothing left to do
	run --separate-stderr migrate follow
	ends_with_status 0
}

@test "check: mail goes to the new server, comes out of it, and none is lost" {
	run --separate-stderr migrate check
	ends_with_status 0
	equal 20 "$(grep -l '^verdict: proved' audit/*.txt | wc -l)"
	# one of them loses a message
	rm "$(dovecot_home "$private/new" u4)"/Maildir/*/*
	run --separate-stderr migrate check
	ends_with_status 1
	says 'full/u4.tar.zst late/u4.tar.zst'
	grep -q 'first of 4' audit/u4.txt
}

@test "back: the old mailboxes are as they were, with what came to the new" {
	arrive new u3 since
	rm "$(dovecot_home "$private/old" u5)"/Maildir/*/*
	mx 3 old
	run --separate-stderr migrate back
	ends_with_status 0
	arrived old u3 since
	arrived old u5 'first of 5'
	arrived old u9 late
	arrived old u1 'first of 1'
}
