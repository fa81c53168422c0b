# shellcheck shell=bash
# What every .bats file starts with:
#
#   # shellcheck source=../lib/common.bash
#   . "$BATS_TEST_DIRNAME/../lib/common.bash"
#
# Each test gets a private directory $private with its own HOME, keys and
# servers, and PATH finds the programs under test. setup and teardown are
# defined here; a file with its own calls common_setup, common_teardown.
#
#   start_dovecot NAME OPTION...   dovecot.bash's server, in $private/NAME, with
#                                  accounts anna and bob, stopped at the end
#   start_imapd NAME OPTION...     the scripted server likewise, account user
#   start_cyrus NAME OPTION...     cyrus.bash's server, or skips the test
#   start_courier NAME             courier.bash's server likewise
#   location NAME [USER]           its imap+plain:// location
#   peer TOOL NAME USER ARG...     tests/peers/TOOL.py on an account
#   make_keys                      a key pair: $public_key, $secret_key
#   make_certificates              tls.bash's certificates in $certificates
#   need_corpus                    $corpus: the real mail, or skips the test
#
# All accounts have one password, with all that quoting gets wrong in it; it
# stands in the file $password: --secret "file:$password".

bats_require_minimum_version 1.5.0

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
peers=$top/tests/peers
# Debian's tools first: a python3 that is a wrapper costs more than our scripts.
PATH=${MAILPROOF_BIN:-$top}:/usr/bin:/bin:$PATH
: "${MAILPROOF_SHARED:=$top/../shared}"
PASSWORD='pass "word\ %41:{3}+'

# shellcheck source-path=SCRIPTDIR source=dovecot.bash
. "$top/tests/lib/dovecot.bash"
# shellcheck source-path=SCRIPTDIR source=courier.bash
. "$top/tests/lib/courier.bash"
# shellcheck source-path=SCRIPTDIR source=cyrus.bash
. "$top/tests/lib/cyrus.bash"
# shellcheck source-path=SCRIPTDIR source=imapd.bash
. "$top/tests/lib/imapd.bash"
# shellcheck source-path=SCRIPTDIR source=tls.bash
. "$top/tests/lib/tls.bash"
# shellcheck source-path=SCRIPTDIR source=assert.bash
. "$top/tests/lib/assert.bash"

common_setup() {
	private=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}
	password=$private/password
	printf %s "$PASSWORD" >"$password"
	mkdir -p "$private/home"
	chmod 600 "$password"
	export HOME=$private/home XDG_CONFIG_HOME=$private/home/.config
	export LC_ALL=C.UTF-8 TZ=Asia/Kathmandu PATH
	unset XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_HOME
}

common_teardown() {
	local name kind

	[ -e "$private/servers" ] || return 0
	while read -r kind name; do
		# bats shows this when the test has failed
		[ -n "${BATS_TEST_COMPLETED:-}" ] || _show_logs "$name"
		"${kind}_stop" "$private/$name"
	done <"$private/servers"
	rm -f "$private/servers"
}

_show_logs() {
	local log

	for log in "$private/$1/log" "$private/$1/log/dovecot.log" \
		"$private/$1/output"; do
		[ ! -f "$log" ] || tail -n 20 "$log" | sed "s/^/$1: /"
	done
}

setup() {
	common_setup
}

teardown() {
	common_teardown
}

start_dovecot() {
	local name=$1

	shift
	echo "dovecot $name" >>"$private/servers"
	dovecot_start "$private/$name" --user anna "$PASSWORD" \
		--user bob "$PASSWORD" "$@"
}

start_imapd() {
	local name=$1

	shift
	echo "imapd $name" >>"$private/servers"
	imapd_start "$private/$name" --password "$PASSWORD" "$@"
}

start_cyrus() {
	local name=$1 status=0

	shift
	echo "cyrus $name" >>"$private/servers"
	cyrus_start "$private/$name" "$PASSWORD" "$@" || status=$?
	[ "$status" -ne 2 ] || skip "the packages of Cyrus cannot be had"
	return "$status"
}

start_courier() {
	local status=0

	echo "courier $1" >>"$private/servers"
	courier_start "$private/$1" "$PASSWORD" || status=$?
	[ "$status" -ne 2 ] || skip "the packages of Courier cannot be had"
	return "$status"
}

location() {
	printf 'imap+plain://%s@127.0.0.1:%s\n' "${2:-user}" \
		"$(cat "$private/$1/port")"
}

peer() {
	local tool=$1 name=$2 user=$3

	shift 3
	python3 "$peers/$tool.py" --port "$(cat "$private/$name/port")" \
		--user "$user" --password-file "$password" "$@"
}

# shellcheck disable=SC2034 # for the tests
make_keys() {
	public_key=$private/public.key
	secret_key=$private/secret.key
	[ -e "$secret_key" ] ||
		mbackup -q -G -p "$public_key" -s "$secret_key" </dev/null
}

make_certificates() {
	certificates=$private/certificates
	[ -d "$certificates" ] || tls_make "$certificates"
}

# Unpacked once in a run of bats; the move makes it whole for all tests.
need_corpus() {
	local archive=$MAILPROOF_SHARED/corpus/dev.tar.zst new

	[ -r "$archive" ] || skip "no corpus at $archive"
	corpus=$BATS_RUN_TMPDIR/corpus
	[ ! -d "$corpus" ] || return 0
	new=$(mktemp -d "$BATS_RUN_TMPDIR/corpus.XXXXXX") || return
	tar --zstd -xf "$archive" -C "$new" || return
	mv -T "$new" "$corpus" 2>/dev/null || rm -rf "$new"
	[ -d "$corpus" ]
}
