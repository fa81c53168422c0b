# shellcheck shell=bash
# Assertions for tests: silent when they hold, else they tell what was wanted
# and what was there. Those on output are about the last `run`.

_assert_failed() {
	printf '%s\n' "$@" >&2
	return 1
}

# equal WANTED GOT
equal() {
	[ "$1" = "$2" ] || _assert_failed "wanted: $1" "got:    $2"
}

# same FILE FILE: equal contents, or what differs
same() {
	local differences

	differences=$(diff -a -u "$1" "$2" | head -n 40)
	[ -z "$differences" ] || _assert_failed "$differences"
}

# has TEXT: standard output of the last run holds it
has() {
	case ${output-} in
	*"$1"*) ;;
	*) _assert_failed "wanted in the output: $1" "output: ${output-}" \
		"stderr: ${stderr-}" ;;
	esac
}

# lacks TEXT
lacks() {
	case ${output-} in
	*"$1"*) _assert_failed "not wanted in the output: $1" \
		"output: ${output-}" ;;
	esac
}

# says TEXT: standard error of the last `run --separate-stderr` holds it
says() {
	case ${stderr-} in
	*"$1"*) ;;
	*) _assert_failed "wanted on standard error: $1" \
		"stderr: ${stderr-}" "output: ${output-}" ;;
	esac
}

# ends_with_status N: the last run
ends_with_status() {
	[ "${status-}" = "$1" ] || _assert_failed "wanted status: $1" \
		"got: ${status-}" "output: ${output-}" "stderr: ${stderr-}"
}

# refute COMMAND...: it fails (`!` alone does not fail a bats test)
refute() {
	if "$@"; then
		_assert_failed "should have failed: $*"
	fi
}

# absent PATH...: nothing is there
absent() {
	local path

	for path; do
		[ ! -e "$path" ] && [ ! -L "$path" ] ||
			_assert_failed "should not exist: $path" || return
	done
}
