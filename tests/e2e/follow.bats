#!/usr/bin/env bats
# mbackup --follow: mail that comes is in the archive, and at the target, while
# it runs; however it ends, each message once.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"

setup() {
	common_setup
	make_keys
	archive=$private/late.tar.zst
}

proves() {	# SERVER USER
	run --separate-stderr maudit -p "$public_key" \
		--secret "file:$password" "$archive" "$(location "$1" "$2")"
	ends_with_status 0
}

@test "late mail is at the target within five seconds, whatever the folder" {
	start_dovecot both
	deliver both anna INBOX early
	deliver both anna Sent sent
	follow 100s -o - "$(location both anna)" &&
		restore_live "$(location both bob)"
	poll there both bob INBOX early
	poll there both bob Sent sent
	deliver both anna INBOX late
	arrives 5000 both bob INBOX late
	echo "INBOX: $took ms"
	deliver both anna Sent reply
	arrives 5000 both bob Sent reply
	echo "Sent: $took ms"
	deliver both anna Neu first
	arrives 5000 both bob Neu first
	echo "Neu: $took ms"
	kill -TERM "$follower"
	ends "$follower" 0
	ends "$restorer" 0
	false
}
