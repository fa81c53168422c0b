# shellcheck shell=bash
# Tokens for tests: an endpoint that issues them (tests/peers/tokens.py), and
# for the scripted server, which knows them from a file.
#
#   start_tokens NAME             an endpoint in $private/NAME, ended with the
#                                 servers
#   tokens_url NAME               what Dovecot asks (dovecot_start --oauth2)
#   token_command NAME USER [SECONDS]   a command that gets one there
#   count_tokens FILE COMMAND     the same command, and FILE has a line a run
#   scripted_tokens SERVER        a command whose tokens the scripted server
#                                 takes, a new one each time

TOKENS_PEER=${BASH_SOURCE[0]%/*}/../peers/tokens.py
TOKENS_WAIT_STEPS=500	# polls of 10 ms

_tokens_runs() {
	[ -e "/proc/$1/stat" ] && ! grep -qs ') Z ' "/proc/$1/stat"
}

start_tokens() {
	local dir=$private/$1 step

	echo "tokens $1" >>"$private/servers"
	mkdir -p "$dir"
	# not the descriptors of the test, or bats waits for the server
	python3 "$TOKENS_PEER" serve "$dir" </dev/null >"$dir/output" 2>&1 \
		3>&- 4>&- &
	printf '%d\n' $! >"$dir/pid"
	disown $!
	for ((step = 0; step < TOKENS_WAIT_STEPS; step++)); do
		[ ! -e "$dir/port" ] || return 0
		_tokens_runs "$!" || break
		sleep 0.01
	done
	cat "$dir/output" >&2
	return 1
}

tokens_stop() {
	local pid step

	pid=$(cat "$1/pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || :
	for ((step = 0; step < TOKENS_WAIT_STEPS; step++)); do
		_tokens_runs "$pid" || break
		sleep 0.01
	done
	rm -f "$1/pid" "$1/port"
}

tokens_url() {
	printf 'http://127.0.0.1:%s/introspect?token=\n' \
		"$(cat "$private/$1/port")"
}

token_command() {
	printf "python3 '%s' get %s '%s' %s\n" "$(realpath "$TOKENS_PEER")" \
		"$(cat "$private/$1/port")" "$2" "${3:-3600}"
}

count_tokens() {
	printf "echo run >>'%s'; %s\n" "$1" "$2"
}

scripted_tokens() {
	local file=$private/$1/tokens

	printf "t=ya29.\$\$.\$(date +%%s%%N); echo \$t >>'%s'; echo \$t\n" \
		"$file"
}
