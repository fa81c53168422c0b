#!/usr/bin/env bats
# Outputs that exist, fill up or go away, and secrets that must not show.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# a source whose archive has many segments and is larger than any pipe
setup_file() {
	prepare_file
	{
		echo 'folder INBOX'
		for i in 1 2 3 4 5; do
			echo 'message size=9000'
			head -c 300000 /dev/urandom | base64 |
				sed 's/$/\r/' >"$private/noise.$i"
			echo "message file=$private/noise.$i"
		done
	} >"$private/mailbox"
}

setup() {
	common_keys
	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox"
}

large() {
	back_up "$(location old)" --segment-size 64k "$@"
}

@test "an output that exists is left alone" {
	echo precious >"$archive"
	run --separate-stderr large
	ends_with_status 73
	says "'$archive' exists"
	equal precious "$(cat "$archive")"
	absent "$archive.part" "$archive.minisig"
}

@test "what an interrupted run has left is left alone" {
	echo precious >"$archive.part"
	run --separate-stderr large
	ends_with_status 73
	says "$archive.part"
	equal precious "$(cat "$archive.part")"
	absent "$archive" "$archive.minisig"
}

@test "a signature that exists is left alone" {
	echo precious >"$archive.minisig"
	run --separate-stderr large
	ends_with_status 73
	says "$archive.minisig"
	equal precious "$(cat "$archive.minisig")"
	absent "$archive" "$archive.part"
}

@test "an output that exists is found before the source is read" {
	echo precious >"$archive"
	run large
	ends_with_status 73
	equal 0 "$(imapd_sent "$private/old" EXAMINE)"
}

@test "an output in a directory that is none is named" {
	run --separate-stderr large -o "$private/none/a.tar.zst"
	[ "$status" -eq 73 ] || [ "$status" -eq 66 ]
	says "$private/none/a.tar.zst"
}

@test "a disk that fills is 73, and the .part holds whole segments" {
	run --separate-stderr bash -c 'ulimit -f 900; exec "$@"' - \
		"${BOUND[@]}" mbackup -s "$secret_key" \
		--secret "file:$password" -o "$archive" --segment-size 64k \
		"$(location old)"
	ends_with_status 73
	says "$archive.part"
	says 'whole signed segments'
	absent "$archive" "$archive.minisig"
	mv "$archive.part" "$archive"
	run --separate-stderr audit
	ends_with_status 65
	[[ $stderr != *bug* ]]
	run --separate-stderr restore_to "maildir:$private/m"
	ends_with_status 65
	[ "$(find "$private/m/cur" -type f | wc -l)" -gt 2 ]
}

@test "standard output that is full is 73" {
	run --separate-stderr bash -c 'exec "$@" >/dev/full' - \
		"${BOUND[@]}" mbackup -s "$secret_key" \
		--secret "file:$password" "$(location old)"
	ends_with_status 73
	says 'No space left'
	large -q
	run --separate-stderr bash -c 'exec "$@" >/dev/full' - \
		"${BOUND[@]}" maudit -p "$public_key" "$archive"
	ends_with_status 73
	says 'No space left'
	run --separate-stderr large -n
	ends_with_status 0
	run --separate-stderr bash -c 'exec "$@" >/dev/full' - \
		"${BOUND[@]}" mbackup -n --secret "file:$password" \
		"$(location old)"
	ends_with_status 73
}

@test "events that cannot be written are 73" {
	run --separate-stderr large --json /dev/full
	ends_with_status 73
	says /dev/full
}

@test "a reader that closes the pipe is 74" {
	{
		"${BOUND[@]}" mbackup -s "$secret_key" \
			--secret "file:$password" "$(location old)" \
			2>"$private/stderr" || echo $? >"$private/status"
	} | head -c 1000 >/dev/null
	equal 74 "$(cat "$private/status")"
	grep -qi 'broken pipe' "$private/stderr"
	large -q
	{
		"${BOUND[@]}" maudit -p "$public_key" --format tsv "$archive" \
			2>"$private/stderr" || echo $? >"$private/status"
	} | { exec <&-; poll test -s "$private/stderr"; }
	equal 74 "$(cat "$private/status")"
}

@test "an archive is not written to a terminal" {
	command -v script >/dev/null || skip "no script(1)"
	run script -qec "mbackup -s '$secret_key' --secret 'file:$password' \
		$(location old)" /dev/null
	ends_with_status 64
	has 'not for a terminal'
}

@test "a standard output that is closed does not end in another file" {
	run --separate-stderr bash -c 'exec "$@" >&-' - \
		"${BOUND[@]}" maudit -p "$public_key" "$archive"
	[ "$status" -ne 0 ]
	run --separate-stderr bash -c 'exec "$@" >&-' - \
		"${BOUND[@]}" mbackup -s "$secret_key" \
		--secret "file:$password" "$(location old)" \
		--json "$private/events"
	tail -n 1 "$private/events" | grep -q '"event":"summary"'
	refute grep -q manifest "$private/events"
}

@test "spools that have no room are told" {
	run --separate-stderr env TMPDIR="$private/nowhere" "${BOUND[@]}" \
		mbackup -s "$secret_key" --secret "file:$password" \
		-o "$archive" "$(location old)"
	[ "$status" -eq 0 ] || says "$private/nowhere"
	[ "$status" -eq 0 ] || [ "$status" -eq 73 ]
}

@test "a secret that can be read by others, or is missing, is refused" {
	chmod 644 "$password"
	run --separate-stderr large
	ends_with_status 78
	says "$password"
	run --separate-stderr "${BOUND[@]}" mbackup -s "$secret_key" \
		--secret file:/nowhere/pw -o "$archive" "$(location old)"
	ends_with_status 78
	says /nowhere/pw
	run --separate-stderr "${BOUND[@]}" mbackup -s "$secret_key" \
		--secret 'cmd:exit 3' -o "$archive" "$(location old)"
	[ "$status" -ne 0 ]
	says --secret
	run --separate-stderr "${BOUND[@]}" mbackup -s "$secret_key" \
		--secret "hunter2hunter2" -o "$archive" "$(location old)"
	[ "$status" -eq 64 ] || [ "$status" -eq 78 ]
	[[ $stderr != *hunter2* ]]
	leaves_nothing
}

@test "the password shows nowhere: command line, log, events, archive" {
	local pid

	imapd_stop "$private/old"
	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
		--quirk stall-in-body=3@1
	MP_PASSWORD=$PASSWORD mbackup -v -s "$secret_key" --timeout 3 \
		--secret env:MP_PASSWORD -o "$archive" \
		--json "$private/events" "$(location old)" \
		>"$private/out" 2>"$private/stderr" 3>&- &
	pid=$!
	poll grep -q 'UID FETCH' "$private/old/log"
	tr '\0' ' ' <"/proc/$pid/cmdline" >"$private/cmdline"
	wait "$pid"
	grep -q mbackup "$private/cmdline"
	is_secret "$private/cmdline" "$private/out" "$private/stderr" \
		"$private/events" "$archive" "$archive.minisig"
	mkdir "$private/tree"
	tar --zstd -xf "$archive" -C "$private/tree"
	is_secret -r "$private/tree"
}
