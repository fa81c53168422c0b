# shellcheck shell=bash
# A private Cyrus IMAP 3.6 on loopback, from unpacked packages. It refuses NUL
# and bare LF, and has its own mind about names. Needs dovecot.bash for the
# choice of user and port.
#
#   cyrus_start DIR PASSWORD OPTION...  any user name with this password
#   cyrus_port DIR
#   cyrus_stop DIR
# An option is a line of imapd.conf, such as `altnamespace: no` (then folders
# are below INBOX) or `unixhierarchysep: no` (then the separator is a dot).
# cyrus_start fails with 2 where the packages cannot be had.

# shellcheck source-path=SCRIPTDIR source=unpacked.bash
. "${BASH_SOURCE[0]%/*}/unpacked.bash"

CYRUS_PACKAGES=(cyrus-imapd cyrus-common libxapian30 libical3)
CYRUS_MUX=$(cd "${BASH_SOURCE[0]%/*}/../peers" && pwd)/saslmux.py

cyrus_port() {
	cat "$1/port"
}

_cyrus_conf_imapd() {
	cat <<-END
	configdirectory: $dir/conf
	defaultpartition: default
	partition-default: $dir/spool
	cyrus_user: $(_dovecot_as)
	cyrus_group: $(id -gn "$(_dovecot_as)")
	servername: $token.localhost
	allowplaintext: yes
	sasl_pwcheck_method: saslauthd
	sasl_saslauthd_path: $dir/mux
	sasl_mech_list: PLAIN LOGIN
	autocreate_quota: 0
	sievedir: $dir/sieve
	END
	for option in 'unixhierarchysep: yes' 'altnamespace: yes'; do
		printf '%s\n' "$@" | grep -q "^${option%% *}" || echo "$option"
	done
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

_cyrus_conf_master() {
	local bin=$root/usr/lib/cyrus/bin

	cat <<-END
	START {
	  recover cmd="$bin/ctl_cyrusdb -C $dir/imapd.conf -r"
	}
	SERVICES {
	  imap cmd="$bin/imapd -C $dir/imapd.conf" listen="127.0.0.1:$port"
	}
	EVENTS {
	}
	END
}

# _cyrus_run NAME COMMAND...: in the background, in a session of its own, for
# Cyrus signals its whole process group; its pid goes into $dir/NAME.pid
_cyrus_run() {
	(cd / && exec setsid "${@:2}") </dev/null >>"$dir/output" 2>&1 \
		3>&- 4>&- &
	printf '%d\n' $! >"$dir/$1.pid"
	disown $!
}

cyrus_start() {
	local dir root port token=mp$RANDOM$RANDOM
	local -a as=()

	[ "$(id -u)" -ne 0 ] || as=(setpriv "--reuid=$(id -u "$DOVECOT_RUN_AS")"
		"--regid=$(id -g "$DOVECOT_RUN_AS")" --clear-groups)
	mkdir -p "$1/conf" "$1/spool" && dir=$(realpath "$1") || return
	root=$(unpacked cyrus "${CYRUS_PACKAGES[@]}") || return 2
	port=$(_dovecot_free_port)
	_cyrus_conf_imapd "${@:3}" >"$dir/imapd.conf"
	_cyrus_conf_master >"$dir/cyrus.conf"
	printf %s "$2" >"$dir/password"
	printf '%d\n' "$port" >"$dir/port"
	: >"$dir/output"
	dovecot_own "$dir"
	_dovecot_reach "$root/usr"
	_cyrus_run mux python3 "$CYRUS_MUX" "$dir/mux" "$dir/password"
	LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu \
		_cyrus_run master "${as[@]}" "$root/usr/lib/cyrus/bin/master" \
		-C "$dir/imapd.conf" -M "$dir/cyrus.conf" -p "$dir/lock"
	unpacked_wait_greeting "$port" "$token" "$(cat "$dir/master.pid")" &&
		return
	cat "$dir/output" >&2
	cyrus_stop "$dir"
	return 1
}

cyrus_stop() {
	local name pid

	for name in master mux; do
		[ -e "$1/$name.pid" ] || continue
		pid=$(cat "$1/$name.pid")
		# the session: Cyrus' children too
		kill -- "-$pid" 2>/dev/null || :
		_dovecot_until_not _dovecot_runs "$pid" || return
		rm -f "$1/$name.pid"
	done
}
