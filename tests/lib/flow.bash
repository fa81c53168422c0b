# shellcheck shell=bash
# shellcheck disable=SC2034,SC2119,SC2120
# shellcheck disable=SC2153,SC2154 # what the caller has, and looks at
# mprobe flow in the background, to be looked at and signalled.

# begin OPTION...: two accounts whose mail does not come, in the background,
# both sent; $pid, and $job: the process of each
begin() {
	local n

	rm -f "$events"
	accounts lost lost+too >"$list"
	"${BOUND[@]}" mprobe flow --secret "file:$password" --wait 60s \
		--timeout 1 --json "$events" -A "$list" --mx "$mx" \
		--from bob@old.example "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	bound=$!
	for n in lost lost+too; do
		poll grep -qs "\"account\":\"$n\".*\"state\":\"sent\"" \
			"$events"
	done
	pid=$(pgrep -P "$bound")
	mapfile -t job < <(pgrep -P "$pid")
}

# ended STATUS: $output
ended() {
	local status=0

	wait "$bound" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out")
	equal "$1" "$status"
}
