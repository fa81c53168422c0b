# shellcheck shell=bash
# A private Courier IMAP 5 on loopback, from unpacked packages: folders below
# INBOX with a dot, no LITERAL+ and no MULTIAPPEND. Its own login daemon has
# its paths compiled in, so tests/peers/preauth_gate.py stands in for it. Needs
# dovecot.bash for the choice of user, unpacked.bash.
#
#   courier_start DIR PASSWORD    any user name of letters and digits
#   courier_port DIR
#   courier_stop DIR
# courier_start fails with 2 where the packages cannot be had.

# shellcheck source-path=SCRIPTDIR source=unpacked.bash
. "${BASH_SOURCE[0]%/*}/unpacked.bash"

COURIER_PACKAGES=(courier-imap courier-authlib libcourier-unicode4 libidn12
	libgamin0)
COURIER_GATE=$(cd "${BASH_SOURCE[0]%/*}/../peers" && pwd)/preauth_gate.py
COURIER_CAPABILITIES="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE"

courier_port() {
	cat "$1/port"
}

courier_start() {
	local dir root lib pid step
	local -a as=()

	mkdir -p "$1/home" && dir=$(realpath "$1") || return
	root=$(unpacked courier "${COURIER_PACKAGES[@]}") || return 2
	[ "$(id -u)" -ne 0 ] || as=(setpriv "--reuid=$(id -u "$DOVECOT_RUN_AS")"
		"--regid=$(id -g "$DOVECOT_RUN_AS")" --clear-groups)
	lib=$root/usr/lib/x86_64-linux-gnu
	rm -f "$dir/port"
	printf %s "$2" >"$dir/password"
	dovecot_own "$dir"
	_dovecot_reach "$root/usr"
	# without locks, which want a daemon (Gamin) that is not there
	(
		cd / || exit
		export IMAP_CAPABILITY=$COURIER_CAPABILITIES IMAP_KEYWORDS=1
		export IMAP_USELOCKS=0 IMAP_ENHANCEDIDLE=0 MAILDIRPATH=Maildir
		exec python3 "$COURIER_GATE" "$dir/port" "$dir/password" \
			"$dir/home" "$COURIER_CAPABILITIES" -- \
			"${as[@]}" env "LD_LIBRARY_PATH=$root/usr/lib:$lib" \
			"$root/usr/bin/imapd" Maildir
	) </dev/null >"$dir/output" 2>&1 3>&- 4>&- &
	pid=$!
	disown "$pid"
	printf '%d\n' "$pid" >"$dir/pid"
	for ((step = 0; step < UNPACKED_WAIT_STEPS; step++)); do
		[ ! -e "$dir/port" ] || return 0
		_dovecot_runs "$pid" || break
		sleep 0.02
	done
	cat "$dir/output" >&2
	courier_stop "$dir"
	return 1
}

courier_stop() {
	local pid

	[ -e "$1/pid" ] || return 0
	pid=$(cat "$1/pid")
	kill "$pid" 2>/dev/null || :
	_dovecot_until_not _dovecot_runs "$pid" || return
	rm -f "$1/pid"
}
