#!/usr/bin/env bats
# OAuth2: a token from a command at each connect, by OAUTHBEARER and XOAUTH2;
# tokens that are wrong, and that run out in the middle.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"
# shellcheck source=../lib/tokens.bash
. "$BATS_TEST_DIRNAME/../lib/tokens.bash"

# A Dovecot with anna's mail and bob's empty mailbox that asks the endpoint of
# each token; 40 messages for the scripted server.
setup_file() {
	prepare_file
	start_tokens issuer
	start_dovecot mail --oauth2 "$(tokens_url issuer)"
	peer imapfill mail anna files INBOX "$(letter one)" "$(letter two)"
	peer imapfill mail anna files Sent "$(letter three)"
	{
		echo 'folder INBOX uidvalidity=7'
		echo 'messages 20 size=500'
		echo 'folder Sent uidvalidity=8'
		echo 'messages 20 size=500'
	} >"$private/mailbox"
	start_imapd source --mailbox "$private/mailbox"
	back_up -q "$(location source)"
	peer imapdump source user >"$private/source.dump"
	imapd_stop "$private/source"
}

teardown_file() {
	private=$BATS_FILE_TMPDIR BATS_TEST_COMPLETED=1 common_teardown
}

setup() {
	common_keys
	whole=$BATS_FILE_TMPDIR/a.tar.zst
	echo 'folder INBOX uidvalidity=70' >"$private/empty"
}

teardown() {
	follow_teardown
}

at() {	# USER: on the Dovecot of the file
	printf 'imap+plain://%s@127.0.0.1:%s\n' "$1" \
		"$(cat "$BATS_FILE_TMPDIR/mail/port")"
}

issue() {	# USER [SECONDS]
	private=$BATS_FILE_TMPDIR token_command issuer "$@"
}

# by COMMAND PROGRAM...: bounded, with that command's token
by() {
	"${BOUND[@]}" "$2" --secret "token-cmd:$1" --timeout 5 "${@:3}"
}

runs() {
	grep -c . "$private/runs"
}

# no token of the run, and no form of one, stands in any of these files
tokenless() {
	local token

	while read -r token; do
		refute grep -alF -e "$token" \
			-e "$(printf %s "$token" | base64 -w0 | cut -c 1-40)" \
			"$@" || return
	done <"$private/given"
}

@test "backup, restore and audit with each mechanism, and no trace of a token" {
	local mechanism command

	for mechanism in XOAUTH2 ''; do
		command="($(issue anna)) | tee -a '$private/given'"
		by "$command" mbackup -v ${mechanism:+--auth $mechanism} \
			-s "$secret_key" --json "$private/events" \
			-o "$archive" "$(at anna)" 2>>"$private/err"
		by "($(issue bob)) | tee -a '$private/given'" mrestore -v \
			${mechanism:+--auth $mechanism} -p "$public_key" \
			--json "$private/events" "$archive" "$(at bob)" \
			2>>"$private/err"
		"${BOUND[@]}" maudit ${mechanism:+--auth $mechanism} \
			-p "$public_key" --secret "token-cmd:$(issue bob)" \
			"$archive" "$(at bob)" >>"$private/audit"
		[ -z "$mechanism" ] || rm "$archive"*
	done
	equal 2 "$(grep -c '^verdict: proved: all 3 ' "$private/audit")"
	equal 4 "$(grep -c . "$private/given")"
	zstd -dqc "$archive" >"$private/plain"
	tokenless "$private"/{events,err,audit,plain}
	# the strongest where none is named
	grep -q 'login: .*method=OAUTHBEARER' \
		"$BATS_FILE_TMPDIR/mail/log/dovecot.log"
}

@test "a token that is refused is asked for once more, then it is the login" {
	local command mechanism

	while IFS='|' read -r mechanism command; do
		rm -f "$private/runs"
		run --separate-stderr by \
			"$(count_tokens "$private/runs" "$command")" \
			mbackup --auth "$mechanism" -s "$secret_key" \
			-o "$archive" "$(at anna)"
		ends_with_status 77
		says "(sent with $mechanism; the token has expired"
		says "status '"
		equal 2 "$(runs)"
		leaves_nothing
	done <<-END
	XOAUTH2|echo wrong
	OAUTHBEARER|$(issue bob)
	XOAUTH2|$(issue anna 0)
	END
}

@test "a token that has just run out is followed by a new one" {
	command="[ -e '$private/runs' ] && again=1
		echo run >>'$private/runs'
		if [ -n \"\$again\" ]; then $(issue anna); else echo old; fi"
	run --separate-stderr by "$command" mbackup -s "$secret_key" \
		-o "$archive" "$(at anna)"
	ends_with_status 0
	equal 2 "$(runs)"
}

@test "a command that gives no token is named" {
	local command words

	while IFS='|' read -r command words; do
		run --separate-stderr "${BOUND[@]}" mbackup --timeout 1 \
			--secret "token-cmd:$command" -s "$secret_key" \
			-o "$archive" "$(at anna)"
		ends_with_status 78
		says "$words"
		leaves_nothing
	done <<-'END'
	echo hunter2; exit 3|token-cmd:: the command ended with status 3
	sleep 600|token-cmd:: the command is not done after 1 s: it was ended
	printf 'one\ntwo\n'|more than one line
	:|token-cmd:: the secret is empty
	echo '{"access_token": "x"}'|the secret is no OAuth2 token
	END
}

@test "what a server or a name does not fit is said before any login" {
	start_imapd old
	run --separate-stderr by 'echo t' mbackup -s "$secret_key" \
		-o "$archive" "$(location old)"
	ends_with_status 78
	says 'cannot log in with a token: that needs OAUTHBEARER or XOAUTH2, '
	says 'the server offers PLAIN LOGIN'
	run --separate-stderr back_up --auth xoauth2 "$(location old)"
	ends_with_status 78
	says 'cannot log in with XOAUTH2: the server offers'
	imapd_stop "$private/old"
	start_imapd old --quirk oauth=XOAUTH2 --quirk oauth-curt
	run --separate-stderr by 'echo t' mbackup --auth OAUTHBEARER \
		-s "$secret_key" -o "$archive" "$(location old)"
	ends_with_status 78
	# a token of another kind of specification, which is not fetched again
	sh -c "$(scripted_tokens old)" >"$private/token"
	chmod 600 "$private/token"
	run --separate-stderr mbackup --secret "file:$private/token" \
		--auth XOAUTH2 -s "$secret_key" -o "$archive" \
		"$(location old)"
	ends_with_status 0
	echo wrong >"$private/token"
	rm "$archive"*
	run --separate-stderr mbackup --secret "file:$private/token" \
		--auth XOAUTH2 -s "$secret_key" -o "$archive" \
		"$(location old)"
	ends_with_status 77
	says 'login refused: NO AUTHENTICATE failed. (sent with XOAUTH2'
}

@test "whose mail it is stands in the message, whoever has the token" {
	local mechanism initial

	for initial in idle no-sasl-ir; do
		for mechanism in OAUTHBEARER XOAUTH2; do
			start_odd old "$BATS_FILE_TMPDIR/mailbox" oauth \
				"$initial"
			run --separate-stderr by "$(scripted_tokens old)" \
				mbackup --auth "$mechanism" --auth-user boss \
				-s "$secret_key" -o "$archive" \
				"$(location old)"
			ends_with_status 0
			grep -q 'user=user$' "$private/old/log"
			imapd_stop "$private/old"
			rm "$archive"* "$private/old/log"
		done
	done
}

# What servers say in the middle; each 15 messages a token has run out.
says_of() {
	cat <<-'END'
	NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)
	NO [EXPIRED] log in again
	BYE Session expired, please login again.
	BYE Session invalidated - AccessTokenExpired
	END
}

# start_lasting NAME MAILBOX TEXT QUIRK...: 15 messages a token
start_lasting() {
	start_odd "$1" "$2" oauth token-expires=15 "token-text=$3" "${@:4}"
}

everything() {
	rm -rf "$private/m"
	mrestore -q -p "$public_key" "$archive" "maildir:$private/m"
	equal 40 "$(find "$private/m" -path '*/cur/*' -type f | wc -l)"
}

@test "a backup goes on with a new token from the last message" {
	local text

	while read -r text; do
		start_lasting old "$BATS_FILE_TMPDIR/mailbox" "$text"
		rm -f "$private/runs"
		run --separate-stderr by "$(count_tokens "$private/runs" \
			"$(scripted_tokens old)")" mbackup -s "$secret_key" \
			-o "$archive" --max-messages 200 "$(location old)"
		ends_with_status 0
		everything
		[ "$(runs)" -ge 2 ]
		# but for the one under way
		[ "$(grep -c '^S.*FETCH .*BODY\[\] {' \
			"$private/old/log")" -le $((39 + $(runs))) ]
		imapd_stop "$private/old"
		rm "$archive"* "$private/old/log"
	done < <(says_of)
}

@test "a restore goes on with a new token, each message once" {
	local text more=no-uidplus

	cp "$whole" "$archive"
	while read -r text; do
		start_lasting new "$private/empty" "$text" "$more"
		run --separate-stderr by "$(scripted_tokens new)" mrestore \
			-p "$public_key" --max-messages 400 "$archive" \
			"$(location new)"
		ends_with_status 0
		peer imapdump new user >"$private/got"
		same "$BATS_FILE_TMPDIR/source.dump" "$private/got"
		imapd_stop "$private/new"
		rm -r "$HOME/.local"
		more=no-multiappend
	done < <(says_of)
}

@test "an audit goes on with a new token" {
	local text

	cp "$whole" "$archive"
	while read -r text; do
		start_lasting old "$BATS_FILE_TMPDIR/mailbox" "$text"
		run --separate-stderr by "$(scripted_tokens old)" maudit \
			-p "$public_key" --max-messages 200 "$archive" \
			"$(location old)"
		ends_with_status 0
		imapd_stop "$private/old"
	done < <(says_of | sed -n 2p)
}

copies() {	# NAME
	[ "$(grep -Frl "about $1." "$private/box" 2>/dev/null |
		grep -c .)" -eq 1 ]
}

@test "late mail is followed with a new token" {
	local name

	start_odd old "$private/empty" oauth idle token-expires=1 \
		'token-text=BYE Session expired, please login again.'
	follow_secret="token-cmd:$(count_tokens "$private/runs" \
		"$(scripted_tokens old)")"
	follow 60s --json "$private/events" -o - "$(location old)"
	restore_live "maildir:$private/box"
	within 20 grep -qs '"event":"heartbeat"' "$private/events"
	for name in one two three; do
		deliver old user INBOX "$name"
		within 20 copies "$name"
	done
	kill -TERM "$follower"
	ends "$follower" 0
	ends "$restorer" 0
	[ "$(runs)" -ge 3 ]
}

@test "one that lets nobody stay is not asked for ever" {
	start_odd old "$BATS_FILE_TMPDIR/mailbox" oauth token-expires=0
	run --separate-stderr by "$(count_tokens "$private/runs" \
		"$(scripted_tokens old)")" mbackup -s "$secret_key" \
		-o "$archive" "$(location old)"
	ends_with_status 75
	says 'Invalid credentials'
	[ "$(runs)" -le 10 ]
	leaves_nothing
}

@test "a list names commands for tokens, each account its own" {
	{
		printf 'name\tsource\tsource_secret\n'
		printf 'anna\t%s\ttoken-cmd:%s\n' "$(at anna)" "$(issue anna)"
		printf 'bob\t%s\ttoken-cmd:%s\n' "$(at bob)" "$(issue anna)"
	} >"$private/list.tsv"
	run --separate-stderr "${BOUND[@]}" mbackup -s "$secret_key" \
		-A "$private/list.tsv" -d "$private/out"
	ends_with_status 77
	[ -e "$private/out/anna.tar.zst" ]
	absent "$private/out/bob.tar.zst"
	chmod 666 "$private/list.tsv"
	run --separate-stderr "${BOUND[@]}" mbackup -s "$secret_key" \
		-A "$private/list.tsv" -d "$private/out"
	ends_with_status 78
	says 'it names commands'
}
