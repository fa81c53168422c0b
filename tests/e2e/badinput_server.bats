#!/usr/bin/env bats
# Servers whose answers are odd, wrong or hostile: what can be understood is
# stored, byte for byte, and nothing is believed that was not said.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

setup_file() {
	prepare_file
	start_imapd plain
	back_up -q "$(location plain)"
	cd "$private"
	listing >"$private/as-it-is"
	common_teardown
}

setup() {
	common_keys
}

# the messages of $archive: path without the address of the server, and hash
listing() {
	rm -rf tree
	mkdir tree
	tar --zstd -xf "$archive" -C tree
	(cd tree/maildir && find . -path '*/cur/*' -type f -printf '%T@ %p ' \
		-exec sh -c 'b2sum -l 256 <"$1"' - {} \;) | sort
}

# the archive holds the bodies of the well-behaved server
same_bodies() {
	cd "$private"
	listing | grep -o '[0-9a-f]\{64\}' | sort >"$private/odd"
	grep -o '[0-9a-f]\{64\}' "$BATS_FILE_TMPDIR/as-it-is" |
		sort >"$private/wanted"
	same "$private/wanted" "$private/odd"
}

# run_odd STATUS QUIRK...
run_odd() {
	local wanted=$1

	shift
	rm -f "$archive"*
	start_odd old "${mailbox-}" "$@"
	run --separate-stderr back_up "$(location old)" --timeout 1
	imapd_stop "$private/old"
	ends_with_status "$wanted"
}

# as_it_is QUIRK...: the archive is what the well-behaved server's is
as_it_is() {
	local quirk

	for quirk; do
		run_odd 0 "$quirk" || return
		cd "$private"
		listing >"$private/odd"
		same "$BATS_FILE_TMPDIR/as-it-is" "$private/odd" ||
			_assert_failed "with $quirk" || return
		run audit -q
		ends_with_status 0 || return
	done
}

@test "unasked lines between answers change nothing" {
	as_it_is alert-no-text unknown-untagged twice reverse \
		'unknown-untagged=OK [UIDVALIDITY 9] not so'
	run_odd 0 unsolicited	# which tells of other flags
	same_bodies
}

@test "the parts of an answer may come in any order and form" {
	as_it_is split-fetch uid-last quoted-body list-literal
}

@test "sizes that are wrong are not believed" {
	as_it_is wrong-size=7 wrong-size=-3 zero-size wrong-size=100000
}

@test "servers with less of the protocol give the same archive" {
	as_it_is no-uidplus no-namespace no-sasl-ir no-literal+ \
		'capability=IMAP4rev1 AUTH=PLAIN' capability=IMAP4rev1
}

@test "a folder without UIDVALIDITY can be read, and STATUS may be wrong" {
	run_odd 0 no-uidvalidity
	same_bodies
	as_it_is status-extra=2
}

@test "a long line does not run over" {
	run_odd 0 long-line=10000
	run_odd 0 long-line=1000000
	run audit -q
	ends_with_status 0
	start_imapd old --quirk long-line=20000000
	rm "$archive"*
	run --separate-stderr back_up "$(location old)"
	ends_with_status 65
	says INBOX
	leaves_nothing
}

@test "deep nesting is refused, not followed" {
	start_imapd old --quirk deep-nesting=200000
	run --separate-stderr back_up "$(location old)" --timeout 1
	case $status in
	0 | 3) run audit -q; ends_with_status "$status" ;;
	65 | 75) says INBOX; absent "$archive" ;;
	*) ends_with_status 65 ;;
	esac
}

@test "a huge literal takes neither memory nor for ever" {
	local quirk room=400000000

	# a sanitizer reserves a room of its own
	case $MAILPROOF_BIN in *asan*) room=unlimited ;; esac

	for quirk in huge-literal huge-literal=99999999999999999999; do
		start_imapd old --quirk "$quirk"
		BOUND=(prlimit --as="${room:-unlimited}" timeout -k 5 40)
		run --separate-stderr back_up "$(location old)" --timeout 1
		case $status in
		3) run audit -q; ends_with_status 3 ;;
		65 | 75) says INBOX; absent "$archive" ;;
		*) ends_with_status 75 ;;
		esac
		rm -f "$archive"*
		imapd_stop "$private/old"
	done
}

@test "a message without a date, or with date zero, keeps that" {
	local quirk

	for quirk in date-zero date-nil date-absent date-zero=5; do
		run_odd 0 "$quirk"
		run audit --format tsv
		ends_with_status 0
		grep -q $'^verdict\twhole\t10' <<<"$output"
		same_bodies
	done
}

@test "sparse UIDs up to the largest are listed and read" {
	mailbox=$private/mailbox
	{
		echo 'folder INBOX uidvalidity=4294967295'
		for uid in 1 7 1000 70000 4000000000 4294967294 4294967295; do
			echo "message uid=$uid size=300"
		done
	} >"$mailbox"
	run_odd 0
	run audit --format tsv
	ends_with_status 0
	grep -q $'^verdict\twhole\t7\t' <<<"$output"
}

@test "hostile folder names stay inside, and are shown harmless" {
	mailbox=$private/mailbox
	cat >"$mailbox" <<-'END'
	separator /
	folder INBOX
	message uid=1 size=300
	folder raw="a\r\nA1 DELETE INBOX"
	message uid=1 size=301
	folder raw="quo\"te\\\\d"
	message uid=1 size=302
	folder raw="../../../../etc/x"
	message uid=1 size=303
	folder raw="cur"
	message uid=1 size=304
	folder raw="a\x1b[31mred"
	message uid=1 size=305
	folder raw="lat\xe4in"
	message uid=1 size=306
	folder raw="&bad-utf7"
	message uid=1 size=307
	folder raw="percent%2Fsign"
	message uid=1 size=308
	folder raw="."
	message uid=1 size=309
	folder raw=".."
	message uid=1 size=310
	folder raw="new/tmp"
	message uid=1 size=311
	folder raw="tab\there"
	message uid=1 size=312
	END
	run_odd 3	# a name with a line end is refused
	says 'a%0D%0AA1 DELETE INBOX: the name holds a line end'
	refute grep -aq $'\x1b' <<<"$stderr"
	refute grep -q "C1: A1 DELETE" "$private/old/log"
	run audit --format tsv
	ends_with_status 3
	grep -q $'^verdict\twhole-with-gaps\t12\t' <<<"$output"
	refute grep -aq $'\x1b' <<<"$output"
	tar --zstd -tf "$archive" >"$private/names"
	refute grep -e '^/' -e '\.\./' -e '^[^m]' "$private/names"
	mkdir "$private/tree"
	tar --zstd -xf "$archive" -C "$private/tree"
	equal 12 "$(find "$private/tree/maildir" -path '*/cur/*' -type f |
		wc -l)"
	equal "maildir manifest" "$(cd "$private/tree" && echo *)"
	# and they come back as they were
	start_dovecot new
	run --separate-stderr restore_to "$(location new anna)"
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	mkdir "$private/in"
	run --separate-stderr restore_to "maildir:$private/in/new"
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	equal new "$(cd "$private/in" && echo *)"
	equal 12 "$(find "$private/in/new" -path '*/cur/*' -type f | wc -l)"
	absent /etc/x
}

@test "the dialogue with a source holds nothing that could change it" {
	start_imapd old --quirk cut-in-body=2@1 --quirk nil-body=5
	run back_up -q "$(location old)"
	ends_with_status 3
	# verbs, and what is fetched
	grep -E '^C[0-9]+: [0-9]+ ' "$private/old/log" | cut -d ' ' -f 3- |
		sed 's/^UID //; s/ .*//' | sort -u >"$private/verbs"
	refute grep -vxE 'CAPABILITY|AUTHENTICATE|LOGIN|ID|NAMESPACE|LIST|LSUB|STATUS|EXAMINE|FETCH|NOOP|UNSELECT|LOGOUT' \
		"$private/verbs"
	grep -E '^C[0-9]+: [0-9]+ UID FETCH' "$private/old/log" |
		cut -d ' ' -f 6- | sort -u >"$private/items"
	[ -s "$private/items" ]
	refute grep -E 'BODY\[|RFC822[^.]|RFC822\.(TEXT|HEADER)|BINARY\[' \
		"$private/items"
	# flags are as they were
	run peer imapdump old user
	lacks '\Recent'
	equal 1 "$(grep -c $'^INBOX.*\t-$' <<<"$output")"
}
