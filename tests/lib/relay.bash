# shellcheck shell=bash
# Mail that is sent and arrives, for tests of mprobe flow.
#
#   start_delivery NAME OPTION...  a Dovecot with accounts anna and bob that
#                                  takes mail by LMTP, user+folder@domain
#   start_relay NAME DOVECOT OPTION...   tests/peers/relay.py in front of it
#   relay_at NAME                  its host and port
#   relay_stop NAME

start_delivery() {
	start_dovecot "$@" --config "$(cat <<-'END'
	protocols = imap lmtp
	service lmtp {
	  chroot =
	  unix_listener lmtp {
	    mode = 0666
	  }
	}
	# no pause for who had a wrong password before
	service anvil {
	  unix_listener anvil-auth-penalty {
	    mode = 0
	  }
	}
	protocol lmtp {
	  auth_username_format = %Ln
	}
	lmtp_save_to_detail_mailbox = yes
	lda_mailbox_autocreate = yes
	recipient_delimiter = +
	postmaster_address = postmaster@new.example
	END
	)"
}

start_relay() {
	local dir=$private/$1 dovecot=$private/$2

	mkdir -p "$dir"
	shift 2
	python3 "$peers/relay.py" --dir "$dir" \
		--lmtp "$(cat "$dovecot/base")/lmtp" "$@" \
		</dev/null >"$dir/output" 2>&1 3>&- 4>&- &
	printf '%d\n' $! >"$dir/pid"
	disown $!
	poll [ -e "$dir/port" ] || cat "$dir/output"
}

relay_at() {
	printf '127.0.0.1:%s\n' "$(cat "$private/$1/port")"
}

relay_stop() {
	kill "$(cat "$private/$1/pid")"
}
