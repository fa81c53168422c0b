#!/usr/bin/env bats
# Targets that refuse or fill up: what did not arrive is named, and the next
# run completes it.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/twins.bash
. "$BATS_TEST_DIRNAME/../lib/twins.bash"

setup_file() {
	local mailbox

	prepare_twins
	mailbox=$private/mailbox
	printf '%s\n' 'folder INBOX' 'messages 2 size=500' \
		'messages 1 size=5000' >"$mailbox"
	start_imapd large --mailbox "$mailbox"
	archive=$private/large.tar.zst
	back_up -q "$(location large)"
	common_teardown
}

setup() {
	twins_setup
}

@test "a message that the target will not have is named, the others arrive" {
	local more

	for more in no-uidplus no-multiappend no-literal+; do
		start_target append-no=EICAR "$more"
		restore_into new user 3
		says 'INBOX/4: refused: '
		says 'a virus was found'
		says '59 messages appended'
		peer imapdump new user >"$private/got"
		equal 59 "$(wc -l <"$private/got")"
		grep -vxF -f "$private/got" "$BATS_FILE_TMPDIR/source.dump" \
			>"$private/lacking"
		equal 1 "$(wc -l <"$private/lacking")"
		restore_into new user 3
		says ' 0 messages appended, 59 there already'
		imapd_stop "$private/new"
		rm -rf "$HOME/.local"
	done
}

@test "a message at which the target hangs up is named" {
	start_target append-bad-close=EICAR
	run --separate-stderr restore_to "$(location new)" --timeout 1
	[ "$status" -eq 3 ] || [ "$status" -eq 75 ]
	says INBOX
	imapd_stop "$private/new"
}

@test "a message above the target's limit is named" {
	start_target append-limit=850
	restore_into new user 3
	equal 30 "$(grep -c 'Archiv/Größe/[0-9]*: refused: ' <<<"$stderr")"
	says '30 messages appended'
}

@test "keywords that the target refuses are dropped, and told" {
	start_target append-keyword-no
	restore_into new user 0 -v
	says 'INBOX/2: '
	peer imapdump new user | cut -f 1-3 >"$private/got"
	cut -f 1-3 "$BATS_FILE_TMPDIR/source.dump" >"$private/wanted"
	same "$private/wanted" "$private/got"
	imapd_stop "$private/new"
	rm -rf "$HOME/.local"
	start_target fixed-flags
	restore_into new user 0
	peer imapdump new user | cut -f 1-3 >"$private/got"
	same "$private/wanted" "$private/got"
}

@test "a folder that cannot be made is named, the others are restored" {
	start_target 'create-no=Archiv/Gr&APYA3w-e'
	restore_into new user 3
	says 'Archiv/Größe'
	says '30 messages appended'
	equal 30 "$(peer imapdump new user | wc -l)"
}

@test "a quota that fills ends the run, and the next one completes it" {
	start_target append-overquota=20 no-multiappend
	restore_into new user 73
	says OVERQUOTA
	equal 20 "$(peer imapdump new user | wc -l)"
	# the account keeps what it holds when the quota is raised
	start_dovecot dove --quota 20k
	rm -rf "$HOME/.local"
	restore_into dove anna 73
	says uota
	dovecot_stop "$private/dove"
	[ -n "$(find "$private/dove/home" -path '*/cur/*' -type f -print -quit)" ]
	dovecot_start "$private/dove" --user anna "$PASSWORD" --quota 10M
	restore_into dove anna 0 --journal "$private/another-journal"
	exactly_once dove anna
}

@test "a Maildir that cannot be made is named" {
	echo file >"$private/file"
	run --separate-stderr restore_to "maildir:$private/file/sub"
	[ "$status" -eq 73 ] || [ "$status" -eq 66 ]
	says "$private/file"
	run --separate-stderr restore_to "maildir:$private/file"
	says "$private/file"
	[ "$status" -eq 73 ] || [ "$status" -eq 66 ]
	equal file "$(cat "$private/file")"
}

@test "a Maildir whose files may not grow is 73, and the next run completes" {
	run bash -c 'ulimit -f 1; exec "$@" 2>&1' - \
		mrestore -p "$public_key" "$BATS_FILE_TMPDIR/large.tar.zst" \
		"maildir:$private/m"
	ends_with_status 73
	has 'File too large'
	cd "$private/m"
	equal 0 "$(find . -path '*/tmp/*' -type f | wc -l)"
	run --separate-stderr mrestore -p "$public_key" \
		"$BATS_FILE_TMPDIR/large.tar.zst" "maildir:$private/m"
	ends_with_status 0
	equal 3 "$(find . -path '*/cur/*' -type f | wc -l)"
	equal 0 "$(find . -path '*/tmp/*' -type f | wc -l)"
}

@test "two at once: the second is refused" {
	start_target stall-at-command=APPEND
	"${BOUND[@]}" mrestore -p "$public_key" --secret "file:$password" \
		"$archive" "$(location new)" 2>"$private/first" 3>&- &
	first=$!
	poll grep -q APPEND "$private/new/log"
	run --separate-stderr restore_to "$(location new)"
	kill -INT "$first"
	ends_with_status 75
	says 'another mrestore is at work'
	wait "$first" || status=$?
	equal 75 "$status"
}

@test "the journal of something else is refused" {
	start_target
	echo 'precious text' >"$private/j"
	restore_into new user 78 --journal "$private/j"
	says "$private/j"
	equal 'precious text' "$(cat "$private/j")"
	equal 0 "$(peer imapdump new user | wc -l)"
}
