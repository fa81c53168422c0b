#!/usr/bin/env bats
# mrestore --prove: what was restored is read back, and what is not there as
# it was sent is named.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/twins.bash
. "$BATS_TEST_DIRNAME/../lib/twins.bash"

setup_file() {
	prepare_twins
	common_teardown
}

setup() {
	twins_setup
}

forget_target() {
	imapd_stop "$private/new"
	rm -rf "${private:?}/new" "$HOME/.local"
}

@test "what Dovecot has is proved, and what was there already, over two lines" {
	start_dovecot dove
	restore_into dove anna 0 --prove -j 2
	says '60 messages appended, 0 there already, 60 proved'
	exactly_once dove anna
	restore_into dove anna 0 --prove
	says ' 0 messages appended, 60 there already, 60 proved'
	# what somebody has changed since is not what was brought
	run --separate-stderr restore_to "maildir:$private/m" --prove -j 2
	ends_with_status 0
	says '60 messages appended, 0 there already, 60 proved'
	sed -i 's/^same$/some/' "$(grep -rl '^same$' "$private/m" | head -n 1)"
	run --separate-stderr restore_to "maildir:$private/m" --prove
	ends_with_status 0
	says ' 0 messages appended, 59 there already, 59 proved'
	says '1 message restored before and removed at the target since'
	run --separate-stderr restore_to "maildir:$private/m"
	refute grep -q proved <<<"$stderr"
}

@test "one byte that the target flips is named, and the journal has it" {
	local more

	for more in no-literal+ no-uidplus; do
		start_target append-flips=EICAR "$more"
		restore_into new user 3 --prove --json "$private/events"
		says 'INBOX/4: not proved in INBOX: '
		says 'Subject: EICAR'
		says '59 proved'
		tail -n 1 "$private/events" |
			grep -q 'finished, 1 message not proved'
		grep '"event":"unproved"' "$private/events" |
			grep -q '"uid":"4".*"target":"INBOX"'
		grep -q $'^u\tINBOX\t7\t4\tINBOX\t70\t.*\taltered$' \
			"$HOME"/.local/state/mailproof/*.journal
		# it is not sent once more, nor is it called proved
		restore_into new user 3 --prove
		says ' 0 messages appended'
		equal 60 "$(peer imapdump new user | wc -l)"
		forget_target
	done
}

@test "a message that the target drops is named, and comes the next time" {
	start_target 'append-discard=EICAR@1'
	restore_into new user 3 --prove
	says 'INBOX/4: not proved in INBOX: it is not there'
	says '60 messages appended, 0 there already, 59 proved'
	restore_into new user 0 --prove
	says '1 message appended, 59 there already, 60 proved'
	exactly_once new user
}

@test "a pipe and an account list are proved as well" {
	start_target no-uidplus
	run --separate-stderr "${BOUND[@]}" mrestore -p "$public_key" \
		--secret "file:$password" --prove - "$(location new)" \
		< <(cat "$archive")
	ends_with_status 0
	says '60 messages appended, 0 there already, 60 proved'
	exactly_once new user
	forget_target
	start_target append-flips=EICAR
	mkdir "$private/d"
	cp "$archive" "$private/d/u.tar.zst"
	printf 'name\ttarget\ttarget_secret\nu\t%s\tfile:%s\n' \
		"$(location new)" "$password" >"$private/list.tsv"
	run --separate-stderr "${BOUND[@]}" mrestore -p "$public_key" --prove \
		-A "$private/list.tsv" -d "$private/d"
	ends_with_status 3
	says '1 message not proved'
}

@test "reading back that fails is no proof, and nothing is proved by -n" {
	start_target 'no-at-command=EXAMINE'
	restore_into new user 3 --prove
	says ' 0 proved'
	says 'INBOX/4: not proved in INBOX: '
	run --separate-stderr restore_to "$(location new)" --prove -n
	ends_with_status 64
}
