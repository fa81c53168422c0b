# shellcheck shell=bash
# For the tests of odd targets, behind badinput.bash: an archive of 60 messages
# of the scripted server, among them three alike and one that is a virus to
# some, and how it is restored into an account of it.
#
#   prepare_twins         in setup_file: $archive and $private/source.dump
#   twins_setup           in setup
#   start_target QUIRK...          server "new", an empty account
#   restore_into NAME USER STATUS OPTION...
#   exactly_once NAME USER         the target holds what the source held

prepare_twins() {
	local mailbox

	prepare_file
	mailbox=$private/mailbox
	cat >"$mailbox" <<-'END'
	folder INBOX uidvalidity=7
	message uid=1 text="Subject: twin\n\nsame\n" flags="\Seen"
	message uid=2 text="Subject: twin\n\nsame\n" flags="kw"
	message uid=3 text="Subject: twin\n\nsame\n"
	message uid=4 text="Subject: EICAR\n\nvirus\n"
	messages 26 size=700
	folder Archiv/Größe uidvalidity=8
	messages 30 size=900
	END
	start_imapd source --mailbox "$mailbox"
	back_up -q "$(location source)"
	peer imapdump source user >"$private/source.dump"
}

twins_setup() {
	common_keys
	archive=$BATS_FILE_TMPDIR/a.tar.zst
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
}

start_target() {
	start_odd new "$private/empty" "$@"
}

restore_into() {
	run --separate-stderr restore_to "$(location "$1" "$2")" --timeout 1 \
		"${@:4}"
	ends_with_status "$3" || return
	printf '%s\n' "$stderr" >"$private/stderr"
	is_secret "$private/stderr" || return
	[ ! -d "$HOME/.local" ] || is_secret -r "$HOME/.local"
}

exactly_once() {
	peer imapdump "$1" "$2" >"$private/got"
	same "$BATS_FILE_TMPDIR/source.dump" "$private/got"
}
