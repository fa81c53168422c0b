# shellcheck shell=bash
# For the tests of bad input: the programs with a bound on their time (an
# endless loop is then status 124), and what must hold however they end.
#
#   prepare_file          in setup_file: keys, once for the file
#   back_up SOURCE OPTION...       into $archive, with $secret_key
#   restore_to TARGET OPTION...    $archive
#   audit OPTION...                $archive
#   start_odd NAME MAILBOX QUIRK...  the scripted server; MAILBOX "": its own
#   leaves_nothing        no archive, no .part, no .minisig
#   is_secret FILE...     no form of the password stands in any of them
#   poll COMMAND...       runs it until it succeeds, at most 10 s

BOUND=(timeout -k 5 40)

prepare_file() {
	common_setup
	make_keys
	archive=$private/a.tar.zst
}

# the keys of prepare_file
common_keys() {
	common_setup
	public_key=$BATS_FILE_TMPDIR/public.key
	secret_key=$BATS_FILE_TMPDIR/secret.key
	archive=$private/a.tar.zst
}

back_up() {
	"${BOUND[@]}" mbackup -s "$secret_key" --secret "file:$password" \
		--timeout 5 -o "$archive" "$@"
}

restore_to() {
	"${BOUND[@]}" mrestore -p "$public_key" --secret "file:$password" \
		--timeout 5 "${@:2}" "$archive" "$1"
}

audit() {
	"${BOUND[@]}" maudit -p "$public_key" "$@" "$archive"
}

start_odd() {
	local name=$1 quirk
	local -a options=()

	[ -z "$2" ] || options+=(--mailbox "$2")
	shift 2
	for quirk; do
		options+=(--quirk "$quirk")
	done
	start_imapd "$name" "${options[@]}"
}

leaves_nothing() {
	absent "$archive" "$archive.part" "$archive.minisig"
}

is_secret() {
	local form

	for form in "$PASSWORD" "$(printf %s "$PASSWORD" | base64 -w0)" \
		"$(printf '\0user\0%s' "$PASSWORD" | base64 -w0)" 'pass%20' \
		'pass \"word'; do
		refute grep -alF -e "$form" "$@" || return
	done
}

poll() {
	local step

	for ((step = 0; step < 6000; step++)); do
		if "$@"; then
			return 0
		fi
		sleep 0.01
	done
	_assert_failed "never: $*"
}
