# shellcheck shell=bash
# Servers whose Debian packages cannot stand beside Dovecot's: unpacked below
# build/peers once, never installed.
#
#   unpacked NAME PACKAGE...   the directory of NAME with these packages in it;
#                              fails where they cannot be had
#   unpacked_wait_greeting PORT TEXT PID   until a greeting with TEXT comes

UNPACKED_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)/build/peers
UNPACKED_WAIT_STEPS=250	# polls of 20 ms

unpacked() {
	local name=$1 new package

	if [ ! -d "$UNPACKED_TOP/$name" ]; then
		mkdir -p "$UNPACKED_TOP" &&
			new=$(mktemp -d "$UNPACKED_TOP/$name.XXXXXX") || return
		(cd "$new" &&
		    apt-get -q download "${@:2}") >"$new/log" 2>&1 || {
			rm -rf "$new"
			return 1
		}
		for package in "$new"/*.deb; do
			dpkg -x "$package" "$new" || return
		done
		rm -f "$new"/*.deb
		chmod 755 "$new"
		# another test may have been quicker
		mv -T "$new" "$UNPACKED_TOP/$name" 2>/dev/null || rm -rf "$new"
	fi
	printf '%s\n' "$UNPACKED_TOP/$name"
}

unpacked_wait_greeting() {
	local step greeting

	for ((step = 0; step < UNPACKED_WAIT_STEPS; step++)); do
		greeting=
		if exec {_unpacked_fd}<>"/dev/tcp/127.0.0.1/$1"; then
			IFS= read -r -t 2 greeting <&"$_unpacked_fd" || :
			exec {_unpacked_fd}>&-
		fi 2>/dev/null
		case $greeting in
		"* OK "*"$2"*) return 0 ;;
		esac
		_dovecot_runs "$3" || return 1
		sleep 0.02
	done
	return 1
}
