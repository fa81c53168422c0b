# shellcheck shell=bash
# For the tests of mbackup --resume, beside badinput.bash.
#
#   resume SOURCE OPTION...   into $archive, with its events
#   event NAME KEY            a number of the last event of this name
#   cut_at OCTET [FILLER]     $archive.part is the beginning of $whole; FILLER
#                             zeros or garbage: and 70000 octets of that
#   is_whole MESSAGES         stock tools and maudit accept $archive, and so
#                             many messages are in it

resume() {
	back_up --resume --json "$private/events" "$@"
}

event() {
	grep -o "\"event\":\"$1\".*" "$private/events" | tail -n 1 |
		grep -o "\"$2\":[0-9]*" | cut -d : -f 2
}

is_whole() {
	minisign -V -q -p "$public_key" -m "$archive" || return
	zstd -q -t "$archive" || return
	run --separate-stderr audit
	ends_with_status 0 || return
	has "the archive is whole and authentic: $1 messages"
}

cut_at() {
	rm -f "$archive"*
	head -c "$1" "$whole" >"$archive.part"
	case ${2-} in
	zeros) head -c 70000 /dev/zero >>"$archive.part" ;;
	garbage) head -c 70000 /dev/urandom >>"$archive.part" ;;
	esac
}
