#!/bin/sh
# deps.sh WHAT: sees to it that the Debian packages are there that WHAT (build,
# demo, bench, check, asan, cover, fuzz, lint, or all) needs. Names what lacks
# and installs it as root or by sudo; says nothing where nothing is missing.
set -eu

build='gcc libc6-dev make pkg-config libetpan-dev libsodium-dev libzstd-dev
libarchive-dev libc-ares-dev libcsv-dev libidn2-dev libxxhash-dev libssl-dev
libutf8proc-dev libsasl2-modules zlib1g-dev'
demo='dovecot-core dovecot-imapd dovecot-lmtpd minisign openssl procps python3
zstd'
# libpcre3 and libpq5: for a Cyrus that the tests unpack beside the system;
# libdb5.3, libicu72 and libnsl2: for a Postfix likewise.
tests='bats libcmocka-dev libdb5.3 libicu72 libnsl2 libpcre3 libpq5 mblaze nsd
perl time unbound'
fuzz='clang libclang-rt-14-dev'
peers='isync offlineimap3'
lint='bsdextrautils clang clang-format clang-tidy cppcheck mandoc shellcheck
universal-ctags'

case ${1:-all} in
build) want=$build ;;
demo) want="$build $demo" ;;
bench) want="$build $demo" ;; # peers that lack are skipped
check | asan | cover) want="$build $demo $tests" ;;
fuzz) want="$build $fuzz" ;;
lint) want="$build $tests $lint" ;;
all) want="$build $demo $peers $tests $fuzz $lint" ;;
*)
	echo "usage: deps.sh WHAT (see the makefile)" >&2
	exit 64
	;;
esac

# shellcheck disable=SC2086 # lists of words
set -- $want
if ! command -v dpkg-query >/dev/null; then
	echo "deps: not a Debian system: install the like of: $*" >&2
	exit 0
fi
have=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
	sed -n 's/^installed //p' | tr '\n' ' ') "
missing=
for package in "$@"; do
	case "$have$missing " in
	*" $package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "deps: missing:$missing" >&2
if [ "$(id -u)" -eq 0 ]; then
	root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	root='sudo -n'
elif command -v sudo >/dev/null && [ -t 0 ] && [ -t 2 ]; then
	root=sudo
else
	echo "deps: as root: apt-get install$missing" >&2
	exit 69
fi

# A server that comes with the tests must not start to serve this machine.
units=
for package in $missing; do
	case $package in
	dovecot-core) units="$units dovecot.service dovecot.socket" ;;
	nsd) units="$units nsd.service" ;;
	unbound) units="$units unbound.service unbound-resolvconf.service" ;;
	esac
done
[ -d /run/systemd/system ] || units=
# shellcheck disable=SC2086 # lists of words
[ -z "$units" ] || $root systemctl mask --runtime $units

# apt's words go to stderr, standard output is the target's own.
apt="$root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 NEEDRESTART_SUSPEND=1
apt-get -q -o DPkg::Lock::Timeout=300"
status=0
# shellcheck disable=SC2086 # lists of words
{
	$apt update && $apt install -y --no-install-recommends $missing
} >&2 || status=$?

# shellcheck disable=SC2086 # lists of words
if [ -n "$units" ]; then
	$root systemctl unmask --runtime $units
	$root systemctl disable $units || :
fi >&2
[ "$status" -eq 0 ] || echo "deps: could not install:$missing" >&2
exit "$status"
