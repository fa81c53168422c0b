#!/usr/bin/env bats
# Signals and sudden death: 75, what was finished is kept and said, and the
# next run completes it exactly once.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

setup_file() {
	prepare_file
	{
		echo 'folder INBOX uidvalidity=7'
		echo 'messages 60 size=3000'
		echo 'folder Größe uidvalidity=8'
		echo 'messages 60 size=3000'
	} >"$private/mailbox"
	start_imapd source --mailbox "$private/mailbox"
	back_up -q "$(location source)" --segment-size 16k
	peer imapdump source user >"$private/source.dump"
	common_teardown
}

setup() {
	common_keys
	whole=$BATS_FILE_TMPDIR/a.tar.zst
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
}

# start NAME PROGRAM...: in the background as $pid, with signals as a
# terminal's job has them
start() {
	local name=$1

	shift
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@" \
		>"$private/$name.out" 2>"$private/$name.err" 3>&- &
	pid=$!
}

# ends STATUS: $pid, within the time of poll
ends() {
	local status=0

	poll ended "$pid" || return
	wait "$pid" || status=$?
	equal "$1" "$status"
}

ended() {
	! [ -e "/proc/$1/stat" ] || grep -qs ') Z ' "/proc/$1/stat"
}

start_backup() {
	start backup mbackup -s "$secret_key" --secret "file:$password" \
		-o "$archive" --segment-size 16k "$(location old)"
}

start_restore() {
	start restore mrestore -p "$public_key" --secret "file:$password" \
		"$whole" "$(location "${1:-new}" "${2:-user}")"
}

# its log must not speak for the next one
forget_server() {
	imapd_stop "$private/$1"
	rm -r "${private:?}/$1"
}

stalled() {
	grep -q stalls "$private/$1/log"
}

# so many messages stand in whole segments of the .part; what the server has
# sent may still be on its way there
has_mail() {
	local n

	n=$(zstd -dcq "$archive.part" 2>/dev/null |
		tar -tf - 2>/dev/null | grep -c '/cur/.')
	[ "$n" -ge "$1" ]
}

# a .part that says what it is, and can be used
part_is_good() {
	local n

	absent "$archive" "$archive.minisig" || return
	grep -qF "incomplete: $archive.part holds" "$private/backup.err" ||
		return
	mv "$archive.part" "$archive"
	run --separate-stderr audit
	ends_with_status 65 || return
	says 'unfinished backup' || return
	run --separate-stderr restore_to "maildir:$private/m" -q
	ends_with_status 65 || return
	n=$(find "$private/m" -path '*/cur/*' -type f | wc -l)
	[ "$n" -ge "$1" ] || _assert_failed "only $n messages"
}

@test "SIGINT and SIGTERM leave a .part that can be used, and say so" {
	local signal

	for signal in INT TERM HUP; do
		start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
			--quirk stall-in-body=40
		start_backup
		poll stalled old
		poll has_mail 1
		kill -"$signal" "$pid"
		ends 75
		grep -q "interrupted by SIG$signal" "$private/backup.err"
		part_is_good 1
		rm -rf "$archive"* "$private/m" "$HOME/.local"
		forget_server old
	done
}

@test "SIGINT ends a wait for a server at any stage" {
	local quirk

	for quirk in greeting-stall stall-at-command=AUTHENTICATE \
		stall-at-command=LIST stall-at-command=EXAMINE \
		stall-at-command=FETCH; do
		start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
			--quirk "$quirk"
		start_backup
		poll stalled old
		kill -INT "$pid"
		ends 75
		grep -q 'interrupted by SIGINT' "$private/backup.err"
		leaves_nothing	# not one segment
		forget_server old
	done
}

@test "a run that was stopped before anything was read leaves no archive" {
	start_imapd old --quirk stall-at-command=LIST
	start_backup
	poll stalled old
	kill -TERM "$pid"
	ends 75
	leaves_nothing
}

@test "SIGINT while restoring, and the next run completes it" {
	local signal

	for signal in INT TERM; do
		start_imapd new --mailbox "$private/empty" \
			--quirk cut-at-command=NONE --quirk no-multiappend \
			--quirk delay=10
		start_restore
		poll has_appended 20
		kill -"$signal" "$pid"
		ends 75
		grep -q "interrupted by SIG$signal" "$private/restore.err"
		completes new user
		forget_server new
		rm -rf "$HOME/.local"
	done
}

has_appended() {
	[ -e "$private/new/appended/index.tsv" ] &&
		[ "$(wc -l <"$private/new/appended/index.tsv")" -ge "$1" ]
}

# completes NAME USER: one more run, then nothing is left to do
completes() {
	archive=$whole
	run --separate-stderr restore_to "$(location "$1" "$2")"
	ends_with_status 0 || return
	peer imapdump "$1" "$2" >"$private/got"
	same "$BATS_FILE_TMPDIR/source.dump" "$private/got" || return
	run --separate-stderr restore_to "$(location "$1" "$2")"
	ends_with_status 0 || return
	says ' 0 messages appended'
}

# killed_at COUNT QUIRK...: kill -9 when so many have arrived
killed_at() {
	local count=$1

	shift
	start_odd new "$private/empty" delay=5 "$@"
	start_restore
	poll has_appended "$count"
	kill -KILL "$pid"
	wait "$pid" || :
	[ "${forget:-}" = "" ] || rm -rf "$HOME/.local"
	completes new user || return
	forget_server new
	rm -rf "$HOME/.local"
}

@test "kill -9 while messages are sent one by one: each arrives once" {
	killed_at 1 no-multiappend
	killed_at 33 no-multiappend
	killed_at 61 no-multiappend no-literal+
	killed_at 100 no-multiappend no-uidplus
}

@test "kill -9 while messages are sent in batches: each arrives once" {
	killed_at 1
	killed_at 40
	killed_at 50 no-uidplus
}

@test "kill -9 and a journal that is lost: each arrives once" {
	forget=1 killed_at 45 no-multiappend
	forget=1 killed_at 45 no-uidplus
}

@test "kill -9 of a restore into Dovecot: each arrives once" {
	local count

	start_dovecot new
	for count in 1 30 80; do
		rm -rf "$HOME/.local"
		start_restore new anna
		poll arrived "$count"
		kill -KILL "$pid" || :
		wait "$pid" || :
		completes new anna
		peer imapedit new anna empty INBOX >/dev/null
		peer imapedit new anna remove Größe >/dev/null
	done
}

arrived() {
	[ "$(find "$private/new/home" -path '*/cur/*' -type f -o \
		-path '*/new/*' -type f | wc -l)" -ge "$1" ]
}

@test "kill -9 of a restore into a Maildir: each arrives once" {
	start restore mrestore -p "$public_key" "$whole" "maildir:$private/m"
	poll test -d "$private/m/tmp"
	kill -KILL "$pid" || :
	wait "$pid" || :
	run --separate-stderr mrestore -p "$public_key" "$whole" \
		"maildir:$private/m"
	ends_with_status 0
	equal 120 "$(find "$private/m" -path '*/cur/*' -type f | wc -l)"
}

@test "kill -9 of a backup leaves a .part that can be used" {
	start_imapd old --mailbox "$BATS_FILE_TMPDIR/mailbox" \
		--quirk stall-in-body=50
	start_backup
	poll stalled old
	poll has_mail 20
	kill -KILL "$pid"
	wait "$pid" || :
	echo "incomplete: $archive.part holds" >"$private/backup.err"
	part_is_good 20
}
