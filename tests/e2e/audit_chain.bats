#!/usr/bin/env bats
# maudit on chains: one full archive and its deltas, against the mailbox of
# the last generation or of an earlier one.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/chain.bash
. "$BATS_TEST_DIRNAME/../lib/chain.bash"

# Three generations, and the server as it was at the last: "one" was moved,
# "two" deleted, "three" given a keyword; "six" came with the second, "seven"
# with the third.
grow_three() {
	make_keys
	start_dovecot old
	mail one two three four six seven
	peer imapfill old anna files INBOX "$private"/mail/{one,two,three}.eml
	peer imapfill old anna files 'Größe/日本' "$private/mail/four.eml"
	grow first "$(location old anna)"
	edit move INBOX 1 'Größe/日本'
	edit delete INBOX 2
	peer imapfill old anna files INBOX "$private/mail/six.eml"
	grow second "$(location old anna)"
	edit flags INBOX 3 +neu
	peer imapfill old anna files INBOX "$private/mail/seven.eml"
	grow third "$(location old anna)"
}

edit() {
	peer imapedit old anna "$@" >/dev/null
}

audit() {	# OPTION... ARCHIVE... [TARGET]
	run --separate-stderr maudit -p "$public_key" \
		--secret "file:$password" "$@"
}

# the columns of a list that tell which, and where
named() {
	tail -n +2 <<<"$output" | cut -f 2,4,8,10
}

@test "a chain is proved in any order, without a difference" {
	grow_three
	audit --strict "${chain[2]}" "${chain[0]}" "${chain[1]}" \
		"$(location old anna)"
	ends_with_status 0
	has 'mailbox     as it was at generation 3 of 3'
	has 'verdict: proved: all 5 messages of the archive are at the target'
	[ "$(grep -c '^generation .*, a delta$' <<<"$output")" -eq 2 ]
}

@test "an earlier generation is the mailbox of then" {
	grow_three
	audit --at 1 --list missing "${chain[@]}" "$(location old anna)"
	ends_with_status 1
	[ "$(named | cut -f 1-3)" = $'INBOX\t2\ttwo' ]
	# what was marked and moved since is no loss
	audit --at 1 --format tsv "${chain[@]}" "$(location old anna)"
	ends_with_status 1
	has $'\nmailbox\t1\t4\t'
	[ "$(grep ^drift <<<"$output" | cut -f 2-4)" = $'INBOX\t3\tkeywords' ]
	[ "$(grep ^relocated <<<"$output" | cut -f 2,11)" = \
		$'Größe/日本\tone' ]
	audit --at 4 "${chain[@]}" "$(location old anna)"
	ends_with_status 64
}

@test "what is missing is named with the archive that it lies in" {
	grow_three
	edit delete INBOX 3
	edit delete INBOX 4
	edit delete 'Größe/日本' 2
	audit --list missing "${chain[@]}" "$(location old anna)"
	ends_with_status 1
	# "one" was moved: the first archive has it
	[ "$(named | sed 's/:[0-9]*$//')" = \
$'Größe/日本\t2\tone\t1:1
INBOX\t3\tthree\t1:1
INBOX\t4\tsix\t2:1' ]
	audit "${chain[@]}" "$(location old anna)"
	ends_with_status 1
	has "archive:    $private/second.tar.zst, segment 1, offset "
	has '    Subject:    six'
	has 'verdict: 3 OF 5 MESSAGES MISSING at the target'
}

@test "mrestore puts back what the list of a chain names" {
	grow_three
	mkdir -p "$private"/m/{cur,new,tmp}
	audit --list missing "${chain[@]}" "maildir:$private/m"
	ends_with_status 1
	grep -e '^#' -e seven -e four <<<"$output" >"$private/list"
	mrestore -q -p "$public_key" --only "$private/list" "${chain[@]}" \
		"maildir:$private/m"
	[ "$(find "$private/m" -type f -path '*/cur/*' | wc -l)" -eq 2 ]
}

@test "headers and counts are compared with the chain's mailbox" {
	local level

	grow_three
	for level in header count; do
		audit --strict --level "$level" "${chain[@]}" \
			"$(location old anna)"
		ends_with_status 0
		has ' 5'
	done
	edit delete INBOX 4
	for level in header count; do
		audit --level "$level" "${chain[@]}" "$(location old anna)"
		ends_with_status 1
	done
}

@test "a chain is verified without a target" {
	grow_three
	audit "${chain[1]}" "${chain[2]}" "${chain[0]}"
	ends_with_status 0
	has 'verdict: the archive is whole and authentic: 5 messages'
	[ "$(grep -c ', whole file$' <<<"$output")" -eq 3 ]
	audit "${chain[1]}" - "${chain[0]}" <"${chain[2]}"
	ends_with_status 0
	[ "$(grep -c ', whole file$' <<<"$output")" -eq 2 ]
	printf '\0' | dd of="${chain[1]}" bs=1 seek=1500 conv=notrunc status=none
	audit "${chain[@]}"
	ends_with_status 65
	says "$private/second.tar.zst: "
}

@test "a delta alone is verified, and asks for its parent" {
	grow_three
	audit "${chain[1]}"
	ends_with_status 65
	says 'is whole and authentic, and generation 2 of a chain'
	says "a delta against archive $(lines first id | sort -u | cut -f 2)"
	audit "${chain[1]}" "$(location old anna)"
	ends_with_status 65
	says 'is generation 2 of a chain'
	truncate -s -1 "${chain[1]}"
	audit "${chain[1]}"
	ends_with_status 65
	says 'truncated'
}

# another child of the first
grow_fork() {
	chain=("${chain[0]}")
	grow fork "$(location old anna)"
}

@test "archives that are no chain are refused by name" {
	grow_three
	audit "${chain[0]}" "${chain[2]}" "$(location old anna)"
	ends_with_status 65
	says "$private/third.tar.zst (generation 3"
	says 'needs its parent, which is missing'
	grow_fork
	audit "$private/first.tar.zst" "$private/fork.tar.zst" \
		"$private/second.tar.zst"
	ends_with_status 65
	says 'has the same parent as'
	audit "${chain[0]}" "$private/second.tar.zst" "${chain[0]}"
	ends_with_status 65
	says 'is the same archive as'
	audit "${chain[0]}" - -
	ends_with_status 64
}

@test "a chain that ends too early is found by what the user knows of it" {
	local final option

	grow_three
	audit "${chain[@]}"
	final=$(grep ^final <<<"$output" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)
	audit --expect-generation 3 --expect-final "$final" "${chain[@]}"
	ends_with_status 0
	audit --expect-generation 3 --at 1 "${chain[@]}"
	ends_with_status 0
	audit --expect-generation 3 "${chain[@]:0:2}"
	ends_with_status 65
	says 'newer archives are missing'
	audit --expect-final "$final" "${chain[@]:0:2}" "$(location old anna)"
	ends_with_status 65
	says 'is not the archive that was made last'
	for option in '--expect-final 12' '--expect-generation 0' '--at x'; do
		# shellcheck disable=SC2086
		audit $option "${chain[@]}"
		ends_with_status 64
	done
}

@test "the archives of a chain are told to programs" {
	grow_three
	edit delete INBOX 4
	audit --format tsv --json "$private/events" "${chain[@]}" \
		"$(location old anna)"
	ends_with_status 1
	[ "$(grep ^archive <<<"$output" | cut -f 6-8)" = \
		$'2\t1\t1\n2\t2\t2\n2\t1\t3' ]
	[ "$(grep -c '"generation":[123],"segments":2,' \
		"$private/events")" -eq 3 ]
}

@test "of a delta what it stored itself is salvaged" {
	grow_three
	run --separate-stderr maudit --salvage -n -p "$public_key" "${chain[1]}"
	ends_with_status 3
	has 'messages    1, 29 B, by signed hashes'
	has 'segments    2 known, 2 with a manifest that is signed, 0 damaged'
	has ': lost: it lies in the archive of generation 1'
	has 'verdict: salvaged: 1 message is proved, 1 IS LOST'
}
