# shellcheck shell=bash
# A private Dovecot 2.3 on loopback, for root and for ordinary users alike.
#
#   dovecot_start DIR OPTION...   start a server that keeps everything in DIR
#   dovecot_port DIR              its IMAP port (STARTTLS if --tls was given)
#   dovecot_port_tls DIR          its IMAPS port (only with --tls)
#   dovecot_user DIR NAME PASSWORD [LOCATION]   add an account, also later on
#   dovecot_home DIR NAME         the account's home (Maildir/ or sdbox/)
#   dovecot_own PATH...           let the server read and write these trees
#   dovecot_logs DIR              print the logs
#   dovecot_stop DIR              stop it and wait until it is gone
#
# Options of dovecot_start:
#   --format maildir|sdbox        storage of the accounts (maildir)
#   --layout ++|fs                maildir layout (++)
#   --sep CHAR                    hierarchy separator (`.` for ++, else `/`)
#   --prefix PREFIX               namespace prefix, such as `INBOX.`
#   --user NAME PASSWORD          an account with its own storage
#   --serve NAME PASSWORD LOCATION   an account on a given mail location,
#                                 such as maildir:/somewhere/maildir
#   --users FILE                  accounts from lines NAME TAB PASSWORD
#                                 [TAB LOCATION]
#   --master NAME PASSWORD        a master user (`user*NAME`, SASL authzid)
#   --tls CERT KEY                imaps port, and STARTTLS on the imap port
#   --quota SIZE                  storage limit of each account, such as 1M
#   --capability STRING           imap_capability: what CAPABILITY answers
#   --without NAME                take NAME out of the usual capabilities
#   --auth MECHANISMS             (plain login cram-md5 scram-sha-256)
#   --oauth2 URL                  tokens, by XOAUTH2 and OAUTHBEARER: URL with
#                                 the token behind it tells whose it is
#   --config LINE                 any other line of configuration
#
# Dovecot runs as one ordinary user throughout: the caller, or for root
# $DOVECOT_RUN_AS (nobody). So there is one way for both, and what a test
# sees as root is what it sees as somebody else.

# shellcheck source-path=SCRIPTDIR source=dovecot_conf.bash
. "${BASH_SOURCE[0]%/*}/dovecot_conf.bash"

DOVECOT_RUN_AS=${DOVECOT_RUN_AS:-nobody}
DOVECOT_START_TRIES=10		# other ports are tried when one is taken
DOVECOT_WAIT_STEPS=200		# polls of 20 ms: 4 s

# what Dovecot 2.3 says when nobody tells it otherwise
DOVECOT_CAPABILITIES="IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT \
SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND \
URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED \
I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH \
LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE \
SAVEDATE LITERAL+ NOTIFY SPECIAL-USE"

_dovecot_die() {
	printf 'dovecot.bash: %s\n' "$*" >&2
	return 1
}

_dovecot_binary() {
	PATH=$PATH:/usr/sbin:/sbin command -v dovecot ||
		_dovecot_die "dovecot is not installed (package dovecot-imapd)"
}

# the user that the server runs as
_dovecot_as() {
	if [ "$(id -u)" -eq 0 ]; then
		printf '%s\n' "$DOVECOT_RUN_AS"
	else
		id -un
	fi
}

# Lets the server's user pass the directories above a path: test directories
# are made with mode 0700.
_dovecot_reach() {
	local at=$1

	while at=$(dirname "$at") && [ "$at" != / ] && [ "$at" != . ]; do
		case $(stat -c %A "$at") in
		*[xt]) ;;
		*) chmod o+x "$at" || return ;;
		esac
	done
}

dovecot_own() {
	local path

	[ "$(id -u)" -eq 0 ] || return 0
	for path; do
		path=$(realpath "$path") || return
		chown -R "$DOVECOT_RUN_AS:" "$path" || return
		_dovecot_reach "$path" || return
	done
}

dovecot_home() {
	printf '%s/home/%s\n' "$(realpath "$1")" "$2"
}

dovecot_port() {
	cat "$1/port"
}

dovecot_port_tls() {
	cat "$1/port_tls"
}

dovecot_logs() {
	cat "$1"/log/*.log
}

# NAME, PASSWORD and LOCATION as a line of a passwd-file. The password is in
# base64 for the sake of colons; plain text behind it for CRAM and SCRAM.
_dovecot_passwd_line() {
	local dir=$1 name=$2 password=$3 location=${4-} line

	line="$name:{PLAIN.B64}$(printf %s "$password" | base64 -w0)"
	line+=":$(id -u "$(_dovecot_as)"):$(id -g "$(_dovecot_as)")"
	line+="::$(dovecot_home "$dir" "$name")::"
	case $location in
	"") ;;
	*[[:space:]]*)
		_dovecot_die "mail location with a blank: $location"
		return 1
		;;
	*) line+="userdb_mail=$location" ;;
	esac
	printf '%s\n' "$line"
}

dovecot_user() {
	local dir=$1 name=$2 home location=${4-} tree

	_dovecot_passwd_line "$dir" "$name" "$3" "$location" \
		>>"$dir/passwd" || return
	home=$(dovecot_home "$dir" "$name")
	mkdir -p "$home" && dovecot_own "$home" || return
	case $location in
	maildir:/* | sdbox:/* | mdbox:/*)
		tree=${location#*:}
		dovecot_own "${tree%%:*}"
		;;
	esac
}

_dovecot_users_from() {
	local dir=$1 file=$2 name password location

	while IFS=$'\t' read -r name password location; do
		[ -n "$name" ] || continue
		dovecot_user "$dir" "$name" "$password" "$location" || return
	done <"$file"
}

# a port below the range that the kernel gives to outgoing connections, and
# on which nobody answers
_dovecot_free_port() {
	local port

	while :; do
		port=$((10240 + (RANDOM * 32768 + RANDOM) % 20000))
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	printf '%d\n' "$port"
}

# Reads the greeting; the token in it tells our server from a stranger that
# was quicker to take the port. Stops when the process has ended, with 1, or
# at a stranger, with 2.
_dovecot_wait_greeting() {
	local port=$1 token=$2 pid=$3 step greeting

	for ((step = 0; step < DOVECOT_WAIT_STEPS; step++)); do
		greeting=
		if exec {_dovecot_fd}<>"/dev/tcp/127.0.0.1/$port"; then
			IFS= read -r -t 2 greeting <&"$_dovecot_fd" || :
			exec {_dovecot_fd}>&-
		fi 2>/dev/null
		case $greeting in
		"* OK "*"$token"*) return 0 ;;
		?*) return 2 ;;
		esac
		_dovecot_runs "$pid" || return 1
		sleep 0.02
	done
	return 1
}

_dovecot_launch() {
	local binary port port_tls=0 result=0
	local -a as=()

	binary=$(_dovecot_binary) || return
	[ "$(id -u)" -ne 0 ] || as=(setpriv "--reuid=$(id -u "$DOVECOT_RUN_AS")"
		"--regid=$(id -g "$DOVECOT_RUN_AS")" --clear-groups)
	port=$(_dovecot_free_port)
	[ -z "${opt[cert]}" ] || port_tls=$(_dovecot_free_port)
	{
		cat "$dir/dovecot.conf.in"
		_dovecot_conf_ports "$port" "$port_tls"
	} >"$dir/dovecot.conf"
	# not the descriptors of the test, or bats waits for the server
	(cd / && exec "${as[@]}" "$binary" -F -c "$dir/dovecot.conf") \
		</dev/null >>"$dir/log/start.log" 2>&1 3>&- 4>&- &
	printf '%d\n' $! >"$dir/pid"
	disown $!
	printf '%d\n' "$port" >"$dir/port"
	printf '%d\n' "$port_tls" >"$dir/port_tls"
	_dovecot_wait_greeting "$port" "$token" $! || result=$?
	[ "$result" -eq 0 ] || _dovecot_kill "$dir"
	return "$result"
}

# the living children of a process: lines PID (NAME)
_dovecot_children() {
	cat /proc/[0-9]*/stat 2>/dev/null |
		awk -v parent="$1" '$4 == parent && $3 != "Z" { print $1, $2 }'
}

_dovecot_has_mail_process() {
	_dovecot_children "$1" | grep -q -e '(imap)' -e '(lmtp)' -e '(indexer'
}

# true while a process runs; a zombie only waits for a slow init
_dovecot_runs() {
	[ -e "/proc/$1/stat" ] && ! grep -qs ') Z ' "/proc/$1/stat"
}

# waits until COMMAND fails; false when it never does
_dovecot_until_not() {
	local step

	for ((step = 0; step < DOVECOT_WAIT_STEPS; step++)); do
		"$@" || return 0
		sleep 0.02
	done
	return 1
}

# all processes of a server show its instance's name
_dovecot_has_processes() {
	# the name by a file: not in the command line of grep
	grep -qsaF -f <(printf 'mailproof-%s' "$1") /proc/[0-9]*/cmdline
}

# The master waits long seconds for processes that hold no mail: when those
# that do are gone it is killed, and the others end with it.
_dovecot_kill() {
	local pid token

	pid=$(cat "$1/pid") && token=$(cat "$1/base") || return
	kill "$pid" 2>/dev/null || :
	_dovecot_until_not _dovecot_has_mail_process "$pid" || :
	kill -KILL "$pid" 2>/dev/null || :
	if ! _dovecot_until_not _dovecot_runs "$pid" ||
	    ! _dovecot_until_not _dovecot_has_processes "${token##*.}"; then
		_dovecot_die "$1: process $pid does not end"
		return 1
	fi
	rm -f "$1/pid" "$1/port" "$1/port_tls"
}

dovecot_stop() {
	local base

	[ ! -e "$1/pid" ] || _dovecot_kill "$1" || return
	if base=$(cat "$1/base" 2>/dev/null); then
		rm -rf "$base" "$1/base"
	fi
}

# the rest of the file sees DIR and the options of dovecot_start by bash's
# dynamic scope, as dir, opt and extra
_dovecot_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--format | --layout | --sep | --prefix | --quota | --auth | \
			--capability | --oauth2)
			opt[${1#--}]=$2
			shift
			;;
		--without)
			: "${opt[capability]:=$DOVECOT_CAPABILITIES}"
			opt[capability]=" ${opt[capability]} "
			opt[capability]=${opt[capability]/ $2 / }
			shift
			;;
		--config) extra+=("$2") && shift ;;
		--tls)
			opt[cert]=$(realpath "$2") || return
			opt[key]=$(realpath "$3") || return
			shift 2
			;;
		--user) dovecot_user "$dir" "$2" "$3" || return; shift 2 ;;
		--serve)
			dovecot_user "$dir" "$2" "$3" "$4" || return
			shift 3
			;;
		--users) _dovecot_users_from "$dir" "$2" || return; shift ;;
		--master)
			_dovecot_passwd_line "$dir" "$2" "$3" \
				>>"$dir/master" || return
			shift 2
			;;
		*) _dovecot_die "unknown option $1" || return ;;
		esac
		shift
	done
	[ -n "${opt[sep]}" ] || case ${opt[format]}${opt[layout]} in
	maildir++) opt[sep]=. ;;
	*) opt[sep]=/ ;;
	esac
}

_dovecot_configure() {
	[ -z "${opt[oauth2]}" ] || opt[auth]+=" xoauth2 oauthbearer"
	_dovecot_conf_base "$dir" "$base" "$token" "${opt[auth]}" || return
	_dovecot_conf_oauth2 "$dir" "${opt[oauth2]}" || return
	_dovecot_conf_mail "${opt[format]}" "${opt[layout]}" "${opt[sep]}" \
		"${opt[prefix]}" || return
	_dovecot_conf_quota "${opt[quota]}"
	_dovecot_conf_tls "${opt[cert]}" "${opt[key]}"
	[ -z "${opt[capability]}" ] ||
		echo "imap_capability = ${opt[capability]}"
	[ ${#extra[@]} -eq 0 ] || printf '%s\n' "${extra[@]}"
}

dovecot_start() {
	local dir base token try
	local -A opt=([format]=maildir [layout]=++ [sep]="" [prefix]=""
		[cert]="" [key]="" [quota]="" [capability]="" [oauth2]=""
		[auth]="plain login cram-md5 scram-sha-256")
	local -a extra=()

	mkdir -p "$1/log" "$1/home" && dir=$(realpath "$1") || return
	shift
	: >"$dir/passwd"
	: >"$dir/master"
	: >"$dir/log/start.log"
	touch "$dir/log/dovecot.log"
	_dovecot_options "$@" || return

	# sockets have short names: not below the directory of the test
	base=$(mktemp -d /tmp/mpdov.XXXXXX) && chmod 755 "$base" || return
	printf '%s\n' "$base" >"$dir/base"
	token=${base##*.}
	_dovecot_configure >"$dir/dovecot.conf.in" || return
	dovecot_own "$dir" "$base" || return
	[ -z "${opt[cert]}" ] ||
		dovecot_own "${opt[cert]}" "${opt[key]}" || return

	for ((try = 0; try < DOVECOT_START_TRIES; try++)); do
		_dovecot_launch && return
		# a stranger may have answered before Dovecot could say so
		[ $? -eq 2 ] ||
			grep -qs 'Address already in use' "$dir"/log/*.log ||
			break
	done
	_dovecot_die "no server: $(cat "$dir"/log/*.log)"
	dovecot_stop "$dir"
	return 1
}
