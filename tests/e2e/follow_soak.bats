#!/usr/bin/env bats
# An account that lives while it is followed, both ends of the pipe killed with
# -9 and the line cut at moments that follow from a seed: in the end each
# message that ever came is at the target, once.
#
#   FOLLOW_SOAK=50    so many kills, and cuts (5)
#   FOLLOW_SEED=N     other moments, and another life (1)

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"

rounds=${FOLLOW_SOAK:-5}
seed=${FOLLOW_SEED:-1}

setup() {
	common_setup
	make_keys
	archive=$private/late.tar.zst
}

teardown() {
	touch "$private/stop"
	[ -n "${BATS_TEST_COMPLETED:-}" ] ||
		cat "$private/check" "$private/writer.err" || :
	follow_teardown
}

soak() {
	peer imapsoak both anna --target bob "$@"
}

# both ends, with a copy of what goes through the pipe
begin() {
	pipe
	follow 1h -o - "$(location line anna)"
	started=
	# nobody but tee holds the pipe
	# shellcheck disable=SC2016 # the inner shell expands
	_background restore /dev/null /dev/null bash -c '
		tee "$1" <"$3" | {
			echo "$BASHPID" >"$2.new"
			mv "$2.new" "$2"
			exec "${@:4}"
		}
		exit "${PIPESTATUS[1]}"' - "$archive" "$private/restorer" \
		"$private/pipe" mrestore -p "$public_key" --secret "file:$password" \
		--timeout 5 - "$(location both bob)"
	restorer=$started
	within 20 test -e "$private/restorer"
	inner=$(cat "$private/restorer")
	rm "$private/restorer"
}

gone() {
	_ended "$follower" && _ended "$restorer"
}

# a cut in the first login ends it, as a first login that fails should
kill_one() {
	case $((RANDOM % 2)) in
	0) kill -KILL "$follower" ;;
	1) kill -KILL "$inner" ;;
	esac 2>/dev/null || :
	# who is left sees that the pipe is not there any more
	within 30 gone
	begin
}

# a moment that follows from the seed
moment() {
	read -r -t "$((RANDOM % 2)).$((RANDOM % 10))" <>"$private/never" || :
}

whole() {
	soak check "$private/expected" >"$private/check" 2>&1
}

@test "each message that ever came is at the target, once" {
	local -a events=()
	local i

	start_dovecot both
	start_line line both
	mkfifo "$private/never"
	soak write "$seed" "$private/stop" "$private/expected" \
		>"$private/writer.err" 2>&1 3>&- 4>&- &
	RANDOM=$seed
	begin
	for ((i = 0; i < 2 * rounds; i++)); do
		moment
		if ((i % 2)); then
			kill_one
		else
			cut_line line
		fi
	done
	moment
	if gone; then
		begin
	fi
	touch "$private/stop"
	within 20 test -s "$private/expected"
	within 60 whole
	kill -TERM "$follower"
	ends "$follower" 0
	ends "$restorer" 0
	cat "$private/check"
	run --separate-stderr maudit -p "$public_key" \
		--secret "file:$password" "$archive" "$(location both bob)"
	ends_with_status 0
	whole
}
