#!/usr/bin/env bats
# mrestore on a full archive and its deltas: the mailbox of a generation.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

edit() {
	peer imapedit source anna "$@" >/dev/null
}

fill() {
	peer imapfill source anna files "$@"
}

mail() {
	local name

	for name; do
		printf 'Subject: %s\r\n\r\nthis is %s\r\n' "$name" "$name" \
			>"$private/$name.eml"
	done
}

# back_up_next N BASE...: the generation, and what the source holds then
back_up_next() {
	local n=$1 base=() archive

	shift
	for archive; do
		base+=(--base "$archive")
	done
	mbackup -q -s "$secret_key" --secret "file:$password" "${base[@]}" \
		-o "$private/$n.tar.zst" "$(location source anna)" || return
	holdings source anna >"$private/$n.dump"
}

# folder, hash, date and flags of each message
holdings() {
	peer imapdump "$1" "$2" | cut -f 1-4 | sort
}

setup_file() {
	prepare_file
	start_dovecot source
	mail one two three four five six seven eight
	cd "$private" || return
	fill INBOX one.eml two.eml three.eml
	fill --flags '\Seen todo' 'Größe/日本' four.eml one.eml
	fill --subscribe Sent five.eml five.eml
	back_up_next 1
	# new, other flags, gone, moved twice and back, renamed
	fill INBOX six.eml
	edit flags INBOX 1 '+\Flagged' '+neu'
	edit delete INBOX 2
	edit move INBOX 3 Sent
	edit rename 'Größe/日本' 'Größe/Japan'
	back_up_next 2 1.tar.zst
	# another UIDVALIDITY, a copy more, and what was moved moves back
	edit remove Sent
	fill --subscribe Sent five.eml five.eml five.eml seven.eml
	fill INBOX three.eml
	edit create Leer
	back_up_next 3 1.tar.zst 2.tar.zst
	cd - >/dev/null || return
	common_teardown
}

setup() {
	common_keys
	one=$BATS_FILE_TMPDIR/1.tar.zst
	two=$BATS_FILE_TMPDIR/2.tar.zst
	three=$BATS_FILE_TMPDIR/3.tar.zst
}

# restore ARG...: to bob, who has nothing of his own
restore() {
	run --separate-stderr "${BOUND[@]}" mrestore -p "$public_key" \
		--secret "file:$password" "$@" "$(location new bob)"
}

# holds N: the target is as the source was at generation N
holds() {
	holdings new bob >"$private/got"
	same "$BATS_FILE_TMPDIR/$1.dump" "$private/got"
}

@test "a chain restores the mailbox of its last generation" {
	start_dovecot new
	restore "$two" "$three" "$one"
	ends_with_status 0
	says '9 messages appended'
	holds 3
	peer imapdump new bob --folders 2>/dev/null | grep -q Leer ||
		peer imapedit new bob list Leer
	restore "$one" "$two" "$three"
	ends_with_status 0
	says ' 0 messages appended, 9 there already'
	holds 3
}

@test "or of the one asked for, over several connections" {
	start_dovecot new
	restore --at 2 -j 3 "$two" "$three" "$one"
	ends_with_status 0
	holds 2
	restore --at 4 "$two" "$three" "$one"
	ends_with_status 64
}

@test "a full archive and later its deltas bring what is new" {
	start_dovecot new
	restore "$one"
	ends_with_status 0
	holds 1
	restore "$one" "$two"
	ends_with_status 0
	# six; three and two of a folder's new name
	says '4 messages appended, 3 there already'
	restore "$one" "$two"
	says ' 0 messages appended, 7 there already'
	# Sent has another UIDVALIDITY: a third copy of five, and seven, are new;
	# the three that came back to INBOX still lies there
	restore "$one" "$two" "$three"
	ends_with_status 0
	says ' 2 messages appended, 7 there already'
	restore "$one" "$two" "$three"
	says ' 0 messages appended, 9 there already'
	# what was there and is no more at the source stays: two, the three in
	# Sent, and a folder's old name
	holdings new bob | cut -f 1,2 >"$private/got"
	cut -f 1,2 "$BATS_FILE_TMPDIR/3.dump" | comm -13 - "$private/got" |
		cut -f 1 | sort | uniq -c | tr -s ' \n' ' ' >"$private/left"
	equal ' 2 Größe/日本 1 INBOX 1 Sent ' "$(cat "$private/left")"
}

@test "what was deleted at the target does not come back" {
	start_dovecot new
	restore "$one"
	peer imapedit new bob delete INBOX 1 >/dev/null
	peer imapedit new bob delete Sent 1 2 >/dev/null
	restore "$one" "$two"
	ends_with_status 0
	says '3 messages restored before and removed at the target since'
	equal 1 "$(peer imapedit new bob list Sent | wc -l)"
	restore --again "$one" "$two"
	says '3 messages appended'
}

@test "a Maildir gets the same" {
	for at in 1 2 3; do
		run --separate-stderr mrestore -p "$public_key" --at "$at" \
			"$one" "$two" "$three" "maildir:$private/box$at"
		ends_with_status 0
		run --separate-stderr maudit -p "$public_key" \
			--format tsv "$BATS_FILE_TMPDIR/1.tar.zst" \
			"maildir:$private/box$at"
		[ "$at" != 1 ] || ends_with_status 0
	done
	start_dovecot new --serve carl "$PASSWORD" "maildir:$private/box3"
	dovecot_own "$private/box3"
	holdings new carl >"$private/got"
	same "$BATS_FILE_TMPDIR/3.dump" "$private/got"
}

@test "the last delta comes from a pipe" {
	start_dovecot new
	restore "$one" - "$two" <"$three"
	ends_with_status 0
	says '9 messages appended'
	holds 3
	restore "$one" - "$two" <"$three"
	says ' 0 messages appended, 9 there already'
}

@test "a pipe brings what is new since its parents were restored" {
	start_dovecot new
	restore "$one"
	restore "$one" "$two"
	ends_with_status 0
	# the same mail under another UIDVALIDITY is known again, and so is what
	# has come back
	restore "$one" "$two" - <"$three"
	ends_with_status 0
	says ' 2 messages appended, 7 there already'
	restore "$one" "$two" - <"$three"
	says ' 0 messages appended, 9 there already'
}

@test "a pipe that ends early has brought what came, and says so" {
	start_dovecot new
	head -c -700 "$two" >"$private/cut"
	restore "$one" - <"$private/cut"
	ends_with_status 65
	holdings new bob | cut -f 1,2 >"$private/got"
	equal 4 "$(wc -l <"$private/got")"
	restore "$one" - <"$two"
	ends_with_status 0
	holds 2
}

# killed_at COUNT QUIRK...: kill -9 when so many have arrived
killed_at() {
	local count=$1 pid quirk
	local -a quirks=()

	shift
	for quirk; do
		quirks+=(--quirk "$quirk")
	done
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
	start_imapd killed --mailbox "$private/empty" --quirk delay=20 \
		"${quirks[@]}" || return
	mrestore -q -p "$public_key" --secret "file:$password" "$one" "$two" \
		"$three" "$(location killed)" 3>&- &
	pid=$!
	poll has_arrived "$count" || return
	kill -KILL "$pid" || :
	wait "$pid" || :
	run --separate-stderr "${BOUND[@]}" mrestore -p "$public_key" \
		--secret "file:$password" "$one" "$two" "$three" \
		"$(location killed)"
	ends_with_status 0 || return
	holdings killed user >"$private/got"
	same "$BATS_FILE_TMPDIR/3.dump" "$private/got" || return
	imapd_stop "$private/killed"
	rm -rf "$HOME/.local"
}

has_arrived() {
	local -a arrived=("$private"/killed/appended/*.eml)

	[ -e "${arrived[0]}" ] && [ "${#arrived[@]}" -ge "$1" ]
}

@test "a run that is killed is completed by the next" {
	killed_at 1
	killed_at 4 no-multiappend
	killed_at 6 no-multiappend no-uidplus
	killed_at 5 append-cut=2@1 no-multiappend
}

@test "selections, maps and lists are about the mailbox of then" {
	start_dovecot new
	restore -n "$one" "$two" "$three"
	ends_with_status 0
	says '9 messages would be appended'
	equal '' "$(holdings new bob)"
	restore --folder 'Größe/*' --map Größe=Big --into Old "$one" "$two" \
		"$three"
	ends_with_status 0
	says ' 2 messages appended'
	equal 'Old/Big/Japan' "$(holdings new bob | cut -f 1 | sort -u)"
}

@test "what is not the chain is refused, and nothing is done" {
	local -a archives

	start_dovecot new
	cp "$one" "$private/copy.tar.zst"
	while read -r -a archives; do
		restore "${archives[@]}"
		ends_with_status 65
		equal '' "$(holdings new bob)"
	done <<-END
	$two
	$one $three
	$one $private/copy.tar.zst
	$one $two $two
	--expect-generation 3 $one $two
	--expect-final $(printf '%064d' 0) $one $two
	END
	restore --expect-generation 2 "$one" "$two"
	ends_with_status 0
}
