# shellcheck shell=bash
# The configuration of a private Dovecot, piece by piece on standard output:
# dovecot.bash puts the pieces together.

_dovecot_conf_mail() {
	local format=$1 layout=$2 sep=$3 prefix=$4 location

	case $format in
	maildir)
		location="maildir:~/Maildir"
		[ "$layout" = ++ ] || location+=:LAYOUT=fs
		;;
	sdbox) location="sdbox:~/sdbox" ;;
	*)
		_dovecot_die "unknown format $format"
		return 1
		;;
	esac
	cat <<-END
	mail_location = $location
	namespace inbox {
	  inbox = yes
	  separator = $sep
	  prefix = "$prefix"
	}
	END
}

_dovecot_conf_quota() {
	[ -n "$1" ] || return 0
	cat <<-END
	mail_plugins = quota
	protocol imap {
	  mail_plugins = quota imap_quota
	}
	plugin {
	  quota = count:User quota
	  quota_vsizes = yes
	  quota_rule = *:storage=$1
	  quota_grace = 0
	}
	END
}

_dovecot_conf_tls() {
	if [ -z "$1" ]; then
		echo 'ssl = no'
		return
	fi
	cat <<-END
	ssl = yes
	ssl_cert = <$1
	ssl_key = <$2
	END
}

_dovecot_conf_base() {
	local dir=$1 base=$2 token=$3 auth=$4 user

	user=$(_dovecot_as)
	cat <<-END
	base_dir = $base
	state_dir = $base/state
	log_path = $dir/log/dovecot.log
	instance_name = mailproof-$token
	login_greeting = ready $token
	protocols = imap
	listen = 127.0.0.1
	default_internal_user = $user
	default_internal_group = $(id -gn "$user")
	default_login_user = $user
	first_valid_uid = $(id -u "$user")
	last_valid_uid = $(id -u "$user")
	first_valid_gid = $(id -g "$user")
	disable_plaintext_auth = no
	auth_username_chars =
	auth_mechanisms = $auth
	auth_failure_delay = 0
	mail_fsync = never
	# the index shows folders that were removed in the same second
	mailbox_list_index = no
	shutdown_clients = yes
	passdb {
	  driver = passwd-file
	  args = $dir/passwd
	}
	userdb {
	  driver = passwd-file
	  args = $dir/passwd
	}
	service imap-login {
	  chroot =
	  process_min_avail = 1
	}
	service anvil {
	  chroot =
	}
	service stats {
	  chroot =
	}
	END
	[ -s "$dir/master" ] || return 0
	cat <<-END
	auth_master_user_separator = *
	passdb {
	  driver = passwd-file
	  args = $dir/master
	  master = yes
	  result_success = continue
	}
	END
}

# RFC 7662, asked by GET
_dovecot_conf_oauth2() {
	local dir=$1 url=$2

	[ -n "$url" ] || return 0
	cat >"$dir/oauth2.conf" <<-END || return
	introspection_mode = get
	introspection_url = $url
	username_attribute = username
	active_attribute = active
	active_value = true
	END
	cat <<-END
	# else each refusal makes the next login from here wait for longer
	service anvil {
	  unix_listener anvil-auth-penalty {
	    mode = 0
	  }
	}
	passdb {
	  driver = oauth2
	  mechanisms = xoauth2 oauthbearer
	  args = $dir/oauth2.conf
	}
	END
}

_dovecot_conf_ports() {
	cat <<-END
	service imap-login {
	  inet_listener imap {
	    port = $1
	  }
	  inet_listener imaps {
	    port = $2
	    ssl = yes
	  }
	}
	END
}
