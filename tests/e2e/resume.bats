#!/usr/bin/env bats
# mbackup --resume: a run that was cut short is gone on with, what is there is
# not fetched again, and nothing shows in the archive.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/resume.bash
. "$BATS_TEST_DIRNAME/../lib/resume.bash"

# Once: a scripted mailbox with links between its folders, and a Maildir with
# its archive of small segments, of which parts are cut.
setup_file() {
	local i same

	prepare_file
	same=$(printf %s 'message text="Subject: same\n\nx\n"')
	{
		echo 'folder INBOX uidvalidity=7 subscribed'
		for ((i = 1; i <= 60; i++)); do
			echo "message size=3000 flags=\"\$Seen k$((i % 30))\""
			((i % 9)) || echo "$same"
		done
		echo 'folder Größe uidvalidity=8'
		echo 'messages 40 size=3000'
		echo "$same"
		echo 'folder Leer uidvalidity=9'
	} >"$private/mailbox"
	start_imapd reference --mailbox "$private/mailbox"
	back_up -q --segment-size 16k "$(location reference)"
	records >"$private/records"
	rm "$archive"*
	python3 "$top/tests/bench/generate.py" --scale 0.02 --seed 3 S \
		"$private/mail" >/dev/null
	back_up -q --segment-size 64k "maildir:$private/mail"
	common_teardown
}

setup() {
	common_keys
	mail=$BATS_FILE_TMPDIR/mail
	whole=$BATS_FILE_TMPDIR/a.tar.zst
}

# its message lines without what depends on the order
records() {
	mkdir "$private/tree"
	tar --zstd -xf "$archive" -C "$private/tree" manifest
	awk -F'\t' -v OFS='\t' '$1 == "m" || $1 == "l" {
		$1 = $9 = $13 = ""; print }' "$private"/tree/manifest/0*.tsv |
		sort
	rm -r "$private/tree"
}

start_backup() {
	mbackup -s "$secret_key" --secret "file:$password" -o "$archive" \
		--segment-size 16k "$@" "$(location old)" \
		>"$private/out" 2>"$private/err" 3>&- &
	pid=$!
}

kill_it() {
	kill -KILL "$pid" || :
	wait "$pid" || :
}

stalled() {
	grep -q stalls "$private/old/log"
}

# so many messages stand in whole segments of the .part
has_mail() {
	local n

	n=$(zstd -dcq "$archive.part" 2>/dev/null |
		tar -tf - 2>/dev/null | grep -c '/cur/.')
	[ "$n" -ge "$1" ]
}

# bodies that the server has sent
sent_bodies() {
	grep -aoE '^S[0-9]+: .*BODY\[\] ' "$private/old/log" | wc -l
}

# forget NAME: its log must not speak for the next one
forget() {
	imapd_stop "$private/$1"
	rm -r "${private:?}/$1"
}

# killed_at MESSAGES OPTION...: then gone on with, over the same line
killed_at() {
	local before

	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
		--quirk "stall-in-body=$1@1"
	start_backup "${@:2}"
	poll stalled
	poll has_mail 5
	kill_it
	before=$(sent_bodies)
	resume -q "${@:2}" "$(location old)" || return
	is_whole 107 || return
	records >"$private/got"
	same "$BATS_FILE_TMPDIR/records" "$private/got" || return
	[ "$(event resumed messages)" -ge 5 ] || return
	equal 107 "$(($(event resumed messages) + $(event summary 'done')))" ||
		return
	equal "$(event summary 'done')" "$(($(sent_bodies) - before))" || return
	rm "$archive"*
	forget old
}

@test "after kill -9 only what is missing is fetched, and nothing shows" {
	killed_at 20
	killed_at 70
	killed_at 105
}

@test "the same over four connections" {
	killed_at 30 -j 4
	killed_at 45 -j 4
}

@test "kill -9 again and again, also of the run that goes on" {
	local n

	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox"
	start_backup --max-rate 150k
	for n in 6 17 23 38 51 66 79; do
		poll has_mail "$n"
		kill_it
		start_backup --max-rate 150k --resume
	done
	wait "$pid"
	is_whole 107
	records >"$private/got"
	same "$BATS_FILE_TMPDIR/records" "$private/got"
}

@test "a run that was stopped by a signal says that --resume goes on" {
	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
		--quirk stall-in-body=50@1
	start_backup
	poll stalled
	poll has_mail 5
	kill -TERM "$pid"
	wait "$pid" || equal 75 $?
	grep -qF -- "--resume goes on with it" "$private/err"
	resume -q "$(location old)"
	is_whole 107
}

@test "a disk that was full, and has room again" {
	run --separate-stderr bash -c 'ulimit -f 900; exec "$@"' - \
		"${BOUND[@]}" mbackup -s "$secret_key" -o "$archive" \
		--segment-size 64k "maildir:$mail"
	ends_with_status 73
	says '--resume goes on with it'
	resume -q "maildir:$mail"
	is_whole 40
	[ "$(event resumed messages)" -gt 0 ]
}

@test "from a cut anywhere comes the very archive, octet by octet" {
	local size at filler step=0

	size=$(stat -c %s "$whole")
	for ((at = 600; at <= size; at += size / 60)); do
		for filler in "" zeros garbage; do
			((++step % 2)) || continue
			cut_at "$at" $filler
			resume -q "maildir:$mail"
			cmp "$whole" "$archive"
			cmp "$whole.minisig" "$archive.minisig"
		done
	done
}

@test "a run that ended before its archive had its name needs no mail" {
	cut_at "$(stat -c %s "$whole")"
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 0
	says 'was complete but for its name'
	equal 0 "$(event summary 'done')"
	cmp "$whole" "$archive"
	cmp "$whole.minisig" "$archive.minisig"
}

@test "an archive without its detached signature is verified, and gets it" {
	cp "$whole" "$archive"
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 0
	cmp "$whole" "$archive"
	cmp "$whole.minisig" "$archive.minisig"
	# what is damaged, has no end or is another's keeps its name as well
	rm "$archive.minisig"
	printf x | dd of="$archive" bs=1 seek=2000 conv=notrunc status=none
	cp "$archive" "$private/damaged"
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 65
	cmp "$private/damaged" "$archive"
	head -c 100000 "$whole" >"$archive"
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 65
	says "has no end: to go on with what is whole in it, rename it"
	: >"$archive"
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 65
	absent "$archive.part" "$archive.minisig"
}

@test "a message that is a segment of its own, at the border" {
	local frame offset size

	cp -r "$mail" "$private/large"
	{
		printf 'Subject: large\n\n'
		head -c 19000000 /dev/urandom | base64
	} >"$private/large/cur/1600000000.M1.large:2,S"
	back_up -q "maildir:$private/large"
	mv "$archive" "$private/whole.tar.zst"
	rm "$archive.minisig"
	mkdir "$private/tree"
	tar --zstd -xf "$private/whole.tar.zst" -C "$private/tree" manifest
	frame=$(awk -F'\t' '$1 == "frame" && $4 > 20000000 { print $2, $3 }' \
		"$private"/tree/manifest/0*.tsv)
	read -r offset size <<<"$frame"
	for at in "$offset" $((offset + size / 2)) $((offset + size)) \
		$((offset + size + 2000)); do
		whole=$private/whole.tar.zst cut_at "$at"
		resume -q "maildir:$private/large"
		cmp "$private/whole.tar.zst" "$archive"
	done
}

# refused STATUS TEXT MBACKUP-OPTION...: and the .part is what it was
refused() {
	local sum

	sum=$(cksum <"$archive.part")
	run --separate-stderr resume "${@:3}"
	ends_with_status "$1" || return
	says "$2" || return
	equal "$sum" "$(cksum <"$archive.part")" || return
	absent "$archive" "$archive.minisig"
}

@test "what cannot be gone on with is refused, and left as it was" {
	local size

	size=$(stat -c %s "$whole")
	cut_at $((size / 2))
	cp -r "$mail" "$private/other"
	refused 64 "a backup of 'maildir:$mail', not of" \
		"maildir:$private/other"
	refused 64 'another selection' --folder INBOX "maildir:$mail"
	refused 64 'another --segment-size' --segment-size 8k "maildir:$mail"
	mbackup -q -G -p "$private/p" -s "$private/s" </dev/null
	refused 65 'signature was made with key' -s "$private/s" \
		"maildir:$mail"
	printf x | dd of="$archive.part" bs=1 seek=2000 conv=notrunc \
		status=none
	refused 65 'behind it is whole: maudit --salvage' "maildir:$mail"
	echo 'a note of mine' >"$archive.part"
	refused 65 'is not a mailproof archive' "maildir:$mail"
}

@test "without a .part, or with the archive there, nothing is done" {
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 66
	says "there is no '$archive.part'"
	cp "$whole" "$archive"
	cp "$whole.minisig" "$archive.minisig"
	run --separate-stderr resume "maildir:$mail"
	ends_with_status 73
	says 'is finished'
	run --separate-stderr mbackup --resume "maildir:$mail"
	ends_with_status 64
	run --separate-stderr mbackup --resume -n -o "$archive" "maildir:$mail"
	ends_with_status 64
	cmp "$whole" "$archive"
}

@test "a .part is not begun anew, and the message tells of --resume" {
	cut_at 100000
	run --separate-stderr back_up "maildir:$mail"
	ends_with_status 73
	says 'mbackup --resume goes on with it'
	equal 100000 "$(stat -c %s "$archive.part")"
}

@test "a .part that a living process writes is left to it" {
	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
		--quirk stall-in-body=50@1
	start_backup
	poll stalled
	run --separate-stderr resume "$(location old)"
	ends_with_status 73
	says 'is being written by another process'
	run --separate-stderr back_up "$(location old)"
	ends_with_status 73
	says 'is being written by another process'
	kill_it
	resume -q "$(location old)"
	is_whole 107
}
