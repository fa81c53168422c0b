# shellcheck shell=bash
# A private Postfix 3.7 on loopback, from an unpacked package: installed it
# would take the place of the machine's own mail server. Its master wants to be
# root. Needs dovecot.bash for ports and waiting, unpacked.bash.
#
#   postfix_start DIR OPTION...   keeps everything in DIR
#   postfix_port DIR              a port that takes mail for --domain from all,
#                                 as an MX does; STARTTLS with --tls
#   postfix_port_submit DIR       a port that wants a login and, with --tls,
#                                 STARTTLS before it
#   postfix_port_tls DIR          the same, with TLS from the start
#   postfix_logs DIR
#   postfix_stop DIR
#   postfix_auth_config DIR       what a Dovecot needs (--config) to check the
#                                 passwords of the Postfix that will be in DIR
# Options:
#   --tls CERT KEY
#   --domain NAME                 example.com
#   --lmtp ADDRESS                where its mail goes, such as unix:/a/socket;
#                                 else it is thrown away
#   --config LINE                 any other line of main.cf
# postfix_start fails with 2 where it cannot be: the package cannot be had, or
# we are not root. postfix_why says which.

POSTFIX_AS=nobody	# no privileges at all, and files
POSTFIX_GROUP=mail

postfix_why() {
	if [ "$(id -u)" -ne 0 ]; then
		echo "Postfix starts for root only"
	else
		echo "the package of Postfix cannot be had"
	fi
}

postfix_port() {
	cat "$1/port"
}

postfix_port_submit() {
	cat "$1/port_submit"
}

postfix_port_tls() {
	cat "$1/port_tls"
}

postfix_logs() {
	cat "$1/log"
}

# a short name for sockets, made once
_postfix_sockets() {
	mkdir -p "$1" || return
	if [ ! -e "$1/sockets" ]; then
		mktemp -d /tmp/mppost.XXXXXX >"$1/sockets" || return
		chmod 755 "$(cat "$1/sockets")"
		dovecot_own "$(cat "$1/sockets")"
	fi
	cat "$1/sockets"
}

postfix_auth_config() {
	local sockets

	sockets=$(_postfix_sockets "$1") || return
	cat <<-END
	service auth {
	  unix_listener $sockets/auth {
	    mode = 0666
	  }
	}
	END
}

_postfix_main() {
	cat <<-END
	compatibility_level = 3.6
	command_directory = $root/usr/sbin
	daemon_directory = $root/usr/lib/postfix/sbin
	shlib_directory = $root/usr/lib/postfix
	meta_directory = $root/etc/postfix
	data_directory = $dir/data
	queue_directory = $dir/queue
	mail_owner = $POSTFIX_AS
	setgid_group = $POSTFIX_GROUP
	default_privs = daemon
	import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH
	maillog_file = $dir/log
	maillog_file_prefixes = $dir
	myhostname = mx.${opt[domain]}
	smtpd_banner = \$myhostname ESMTP $token
	inet_interfaces = 127.0.0.1
	mydestination =
	mynetworks =
	alias_maps =
	local_recipient_maps =
	virtual_mailbox_domains = ${opt[domain]}
	virtual_mailbox_maps = static:all
	virtual_transport = ${opt[lmtp]}
	default_transport = error
	smtpd_sasl_type = dovecot
	smtpd_sasl_path = $sockets/auth
	smtpd_relay_restrictions = permit_sasl_authenticated,
	  reject_unauth_destination
	smtpd_client_auth_rate_limit = 0
	smtpd_error_sleep_time = 0
	smtpd_peername_lookup = no
	END
	[ -z "${opt[cert]}" ] || cat <<-END
	smtpd_tls_cert_file = ${opt[cert]}
	smtpd_tls_key_file = ${opt[key]}
	smtpd_tls_security_level = may
	END
	[ ${#extra[@]} -eq 0 ] || printf '%s\n' "${extra[@]}"
}

_postfix_master() {
	local tls=may service

	[ -n "${opt[cert]}" ] && tls=encrypt || tls=none
	cat <<-END
	127.0.0.1:$port inet n - n - - smtpd
	127.0.0.1:$port_submit inet n - n - - smtpd
	  -o smtpd_sasl_auth_enable=yes
	  -o smtpd_tls_security_level=$tls
	  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
	END
	[ -z "${opt[cert]}" ] || cat <<-END
	127.0.0.1:$port_tls inet n - n - - smtpd
	  -o smtpd_sasl_auth_enable=yes
	  -o smtpd_tls_wrappermode=yes
	  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
	END
	cat <<-END
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	proxymap unix - - n - - proxymap
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	lmtp unix - - n - - lmtp
	postlog unix-dgram n - n - 1 postlogd
	END
	for service in bounce defer trace; do
		echo "$service unix - - n - 0 bounce"
	done
	for service in error retry discard; do
		echo "$service unix - - n - - ${service/retry/error}"
	done
}

_postfix_tree() {
	local name

	for name in active bounce corrupt defer deferred flush hold incoming \
		private public maildrop saved trace; do
		mkdir -p "$dir/queue/$name" || return
	done
	mkdir -p "$dir/etc" "$dir/data" "$dir/queue/pid" &&
		chown "$POSTFIX_AS" "$dir/data" "$dir/queue/"* &&
		chown root "$dir/queue/pid" &&
		chgrp "$POSTFIX_GROUP" "$dir/queue/public" \
			"$dir/queue/maildrop" &&
		_dovecot_reach "$dir/queue/active"
}

# waits until it greets with our token
_postfix_wait() {
	local step greeting

	for ((step = 0; step < UNPACKED_WAIT_STEPS; step++)); do
		greeting=
		if exec {_postfix_fd}<>"/dev/tcp/127.0.0.1/$port"; then
			IFS= read -r -t 2 greeting <&"$_postfix_fd" || :
			exec {_postfix_fd}>&-
		fi 2>/dev/null
		case $greeting in
		"220 "*"$token"*) return 0 ;;
		esac
		_dovecot_runs "$(cat "$dir/pid")" || return 1
		sleep 0.02
	done
	return 1
}

_postfix_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--tls)
			opt[cert]=$(realpath "$2") || return
			opt[key]=$(realpath "$3") || return
			shift 2
			;;
		--domain | --lmtp) opt[${1#--}]=$2 && shift ;;
		--config) extra+=("$2") && shift ;;
		*) _dovecot_die "postfix.bash: unknown option $1" || return ;;
		esac
		shift
	done
	[ "${opt[lmtp]}" = discard: ] || opt[lmtp]=lmtp:${opt[lmtp]}
}

postfix_start() {
	local dir root sockets token=mp$RANDOM$RANDOM port port_submit port_tls
	local -A opt=([domain]=example.com [lmtp]="discard:" [cert]="" [key]="")
	local -a extra=()

	[ "$(id -u)" -eq 0 ] || return 2
	mkdir -p "$1" && dir=$(realpath "$1") || return
	root=$(unpacked postfix postfix) || return 2
	shift
	_postfix_options "$@" || return
	sockets=$(_postfix_sockets "$dir") && _postfix_tree || return
	port=$(_dovecot_free_port)
	port_submit=$(_dovecot_free_port)
	port_tls=$(_dovecot_free_port)
	printf '%d\n' "$port" >"$dir/port"
	printf '%d\n' "$port_submit" >"$dir/port_submit"
	printf '%d\n' "$port_tls" >"$dir/port_tls"
	_postfix_main >"$dir/etc/main.cf"
	_postfix_master >"$dir/etc/master.cf"
	_dovecot_reach "$root/usr"
	(
		cd / || exit
		export MAIL_CONFIG=$dir/etc
		export LD_LIBRARY_PATH=$root/usr/lib/postfix
		exec setsid "$root/usr/lib/postfix/sbin/master" -s -c "$dir/etc"
	) </dev/null >"$dir/output" 2>&1 3>&- 4>&- &
	printf '%d\n' $! >"$dir/pid"
	disown $!
	_postfix_wait && return
	cat "$dir/output" "$dir/log" >&2
	postfix_stop "$dir"
	return 1
}

postfix_stop() {
	local pid

	if [ -e "$1/pid" ]; then
		pid=$(cat "$1/pid")
		# its group: all that the master has started
		kill -- "-$pid" 2>/dev/null || :
		_dovecot_until_not _dovecot_runs "$pid" || return
		rm -f "$1/pid"
	fi
	[ ! -e "$1/sockets" ] || rm -rf "$(cat "$1/sockets")" "$1/sockets"
}
