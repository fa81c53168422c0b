#!/usr/bin/env bats
# mprobe mx, and mbackup --until-mx: what name servers say, who does not know
# yet, and when nobody sends to the old server any more.

# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/dns.bash
. "$BATS_TEST_DIRNAME/../lib/dns.bash"
# shellcheck source=../lib/follow.bash
. "$BATS_TEST_DIRNAME/../lib/follow.bash"

servers=$BATS_FILE_TMPDIR

# moving SERVER NAME SERIAL HOST: where the mail of a company goes
moving() {
	zone "$servers/$1" "$2.example" "$3" "@ MX 10 $4" \
		'old A 127.0.0.2' 'new A 127.0.0.3'
}

at() {
	dns_at "$servers/$1"
}

# spf NAME N: a record that needs so many lookups
spf() {
	local i list=

	for ((i = 0; i < $2; i++)); do
		list+=" a:mx.odd.example"
	done
	printf '%s TXT "v=spf1%s -all"\n' "$1" "$list"
}

# key BITS: an RSA key as DKIM has it, in strings of a TXT record
key() {
	openssl genrsa "$1" 2>/dev/null |
		openssl rsa -pubout -outform DER 2>/dev/null | base64 -w0 |
		sed 's/.\{1,200\}/ "&"/g'
}

setup_file() {
	local name zones="moving.example slow.example steady.example odd.example"

	common_setup
	for name in a b; do
		ttl=2 moving "$name" moving 1 old
		ttl=600 moving "$name" slow 1 old
	done
	zone "$servers/a" steady.example 7 '@ MX 10 mx' 'mx A 127.0.0.3' \
		'@ TXT "v=spf1 a:mx.steady.example -all"' '@ TXT "other"' \
		'_dmarc TXT "v=DMARC1; p=reject; pct=50"' \
		'_mta-sts TXT "v=STSv1; id=20261125"' \
		'autoconfig CNAME mx' '_imaps._tcp SRV 0 1 993 mx' \
		'_25._tcp.mx TLSA 3 1 1 00112233' \
		"good._domainkey TXT \"v=DKIM1; k=rsa; p=\"$(key 2048)" \
		"short._domainkey TXT \"p=\"$(key 1024)" \
		'gone._domainkey TXT "v=DKIM1; p="' \
		'broken._domainkey TXT "v=DKIM1; p=AAAA"'
	cp "$servers/a/steady.example.zone" "$servers/b/"
	zone "$servers/a" odd.example 1 'mx A 127.0.0.3' 'alias CNAME mx' \
		'null MX 0 .' 'beside MX 0 .' 'beside MX 5 mx' \
		'dangling MX 5 nobody' 'aliased MX 5 alias' \
		'address MX 5 192.0.2.1.' 'bare A 127.0.0.3' \
		'circle CNAME round' 'round CNAME circle' \
		'twice MX 5 mx' 'twice TXT "v=spf1 -all"' \
		'twice TXT "v=spf1 mx -all"' \
		'typo MX 5 mx' 'typo TXT "v=spf1 ipv4:127.0.0.3 -all"' \
		'many MX 5 mx' "$(spf many 11)" 'ten MX 5 mx' "$(spf ten 10)" \
		'ring MX 5 mx' \
		'ring TXT "v=spf1 include:ring.odd.example -all"' \
		'policy MX 5 mx' '_dmarc.policy TXT "v=DMARC1; p=maybe"' \
		'double MX 5 mx' '_dmarc.double TXT "v=DMARC1; p=none"' \
		'_dmarc.double TXT "v=DMARC1; p=reject"' \
		'evil MX 5 mx' 'evil TXT "v=spf1 \027[31m -all"'
	zone "$servers/b" odd.example 2 'mx A 127.0.0.3' 'null MX 5 mx'
	# shellcheck disable=SC2046,SC2086 # words
	{
		odddns_start "$servers/odd" &
		nsd_start "$servers/b" $zones &
		nsd_start "$servers/a" $zones
		unbound_start "$servers/cache" \
			$(printf "%s=$servers/a\n" $zones)
	}
	wait
}

teardown_file() {
	local name

	for name in a b cache odd; do
		[ -n "${BATS_TEST_COMPLETED-1}" ] ||
			tail -n 5 "$servers/$name/output"
		dns_stop "$servers/$name"
	done
}

# mx ARG...: asks both authoritative servers and the cache
mx() {
	run --separate-stderr mprobe mx --timeout 1 \
		--authoritative "$(at a)" \
		--authoritative "$(at b)" \
		--resolver "$(at cache)" "$@"
}

# one ARG...: of the authoritative servers a alone
one() {
	run --separate-stderr mprobe mx --timeout 1 \
		--authoritative "$(at a)" \
		--resolver "$(at cache)" "$@"
}

# odd KIND ARG...: the authoritative server is an odd one
odd() {
	run --separate-stderr mprobe mx --timeout 9 \
		--authoritative "127.0.0.1:$(cat "$servers/odd/$1")" \
		--resolver "$(at cache)" "${@:2}"
}

@test "what is expected everywhere is status 0, with all that there is" {
	mx --expect MX.steady.example. --selector good --json "$private/ev" \
		steady.example
	ends_with_status 0
	has "steady.example: zone steady.example"
	has "2 of 2 authoritative servers and 1 of 1 resolvers"
	has "SPF of steady.example needs 1 of 10 lookups"
	has "for 127.0.0.3, of the new server: pass"
	has "good._domainkey.steady.example: DKIM key: RSA, 2048 bits"
	has "DMARC: policy reject, of 50 % of the mail"
	has "MTA-STS: id 20261125"
	has "autoconfig.steady.example: CNAME mx.steady.example"
	has "_imaps._tcp.steady.example: SRV 0 1 993 mx.steady.example"
	has "_25._tcp.mx.steady.example: TLSA 3 1 1 00112233"
	lacks fault
	grep -q '"event":"verdict".*"everywhere":true' "$private/ev"
	grep -q '"event":"summary".*"status":0' "$private/ev"
}

@test "the reports for programs say the same" {
	local tab=$'\t'

	mx --format tsv --expect mx.steady.example steady.example
	ends_with_status 0
	has "#mailproof${tab}1${tab}mx"
	has "domain${tab}steady.example${tab}steady.example${tab}"
	has "authoritative${tab}${tab}new${tab}60"
	has "verdict${tab}yes${tab}yes${tab}"
	mx --format json --expect mx.steady.example steady.example
	ends_with_status 0
	python3 -c 'import json, sys
m = json.load(sys.stdin)
assert m["everywhere"] and m["moved"] and m["zone"] == "steady.example"
assert [s["state"] for s in m["servers"]] == ["new"] * 3
assert any(r["about"] == "spf" and len(r["values"]) == 1
           for r in m["records"])' <<<"$output"
	mx -n steady.example
	ends_with_status 0
	has "MX steady.example"
}

@test "DKIM keys that are of no use are faults" {
	local selector words

	while IFS='|' read -r selector words; do
		one --selector "$selector" steady.example
		ends_with_status "$([ "$selector" = short ] && echo 0 || echo 3)"
		has "$words"
	done <<-EOF
	short|warning  short._domainkey.steady.example: DKIM key: RSA, 1024
	gone|fault    gone._domainkey.steady.example: DKIM key: revoked
	broken|fault    broken._domainkey.steady.example: DKIM key: its p= is no
	lacks|fault    lacks._domainkey.steady.example: no DKIM key
	EOF
}

@test "each way to get the records wrong has its words" {
	local name status_wanted words

	while IFS='|' read -r name status_wanted words; do
		one "$name.odd.example"
		ends_with_status "$status_wanted"
		has "$words"
	done <<-EOF
	null|0|takes no mail at all: a null MX
	beside|3|has a null MX beside others
	dangling|3|nobody.odd.example has no address
	aliased|3|alias.odd.example is an alias (CNAME) of mx.odd.example
	address|3|192.0.2.1: an MX names a host, not an address
	bare|3|has no MX
	circle|69|go in a circle
	twice|3|2 SPF records
	typo|3|'ipv4:127.0.0.3' is no term of SPF
	many|3|needs more than 10 lookups
	ten|0|needs 10 of 10 lookups
	ring|3|includes that never end
	policy|3|its p= is not none, quarantine or reject
	double|3|2 records for one DMARC
	nobody|66|does not exist
	EOF
	one evil.odd.example
	lacks $'\033'
	has '\x1b[31m'
}

@test "with --expect only what keeps mail out counts" {
	one --expect mx.odd.example twice.odd.example
	ends_with_status 0
	has "2 SPF records"
	one --expect nobody.odd.example dangling.odd.example
	ends_with_status 3
	one --expect new.odd.example twice.odd.example
	ends_with_status 75
	says "not everywhere at new.odd.example yet"
}

@test "authoritative servers that disagree are named" {
	mx odd.example
	has "warning  authoritative servers disagree about SOA"
	has "of odd.example: $(at a) says 1, $(at b) says 2"
	mx null.odd.example
	ends_with_status 3
	has "authoritative servers disagree about MX of null.odd.example"
	has "$(at a) says 0 ., $(at b) says 5 mx"
}

@test "servers that answer oddly are named, and nobody waits long" {
	local kind status_wanted words

	while IFS='|' read -r kind status_wanted words; do
		odd "$kind" steady.example
		ends_with_status "$status_wanted"
		has "$words"
	done <<-EOF
	pointer|69|does not answer: malformed
	short|69|does not answer: malformed
	lame|69|is lame, it does not answer for the zone: not authoritative
	odd|69|is lame, it does not answer for the zone: servfail
	other|3|has no MX
	huge|0|  new      authoritative
	slowtcp|0|  new      authoritative
	EOF
	run --separate-stderr mprobe mx --timeout 1 --resolver "$(at cache)" \
		--authoritative "127.0.0.1:$(cat "$servers/odd/silent")" \
		--authoritative "127.0.0.1:$(cat "$servers/odd/garbage")" \
		--authoritative "127.0.0.1:$(cat "$servers/odd/cut")" \
		steady.example
	ends_with_status 69
	equal 3 "$(grep -c "fault.*does not answer: timeout" <<<"$output")"
	# nobody is there
	run --separate-stderr mprobe mx --timeout 1 --authoritative \
		127.0.0.1:1 --resolver 127.0.0.1:1 steady.example
	ends_with_status 69
	has "127.0.0.1:1 does not answer: unreachable"
	# refused: the cache serves no such zone
	one steady.elsewhere
	ends_with_status 69
}

@test "the delegation is followed through the resolvers" {
	run --separate-stderr mprobe mx --timeout 1 --resolver \
		"$(at cache)" sub.steady.example
	has "127.0.0.1 (ns1.steady.example)"
}

@test "names and addresses that cannot be are refused" {
	local args

	while read -r args; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr mprobe mx $args
		ends_with_status 64
	done <<-EOF
	a..b
	-n b_<.example
	--resolver 127.0.0.1:0 a.example
	--resolver ns.example a.example
	--expect a..b a.example
	--timeout 0 a.example
	--format html a.example
	a.example b.example
	EOF
	run --separate-stderr mprobe mx -n Bücher.example
	ends_with_status 0
	has "MX xn--bcher-kva.example"
	run --separate-stderr mprobe mx -n $'b\xfccher.example'
	ends_with_status 64
	says "give it in UTF-8, or as xn--"
}

# mbackup of a Maildir, that ends by itself or not: $1.err
follow_mx() {
	local name=$1

	shift
	mbackup -q -s "$secret_key" -o "$private/$name.tar.zst" "$@" \
		"maildir:$private/mail" </dev/null 2>"$private/$name.err" \
		--json "$private/$name.json" 3>&- 4>&- &
}

# news STATUS ZONE: both authoritative servers have the new one, and the
# status is this
news() {
	mx --expect "new.$2" --format tsv "$2"
	[ "$status" -eq "$1" ] &&
		[ "$(grep -c $'\tauthoritative\t\tnew\t' <<<"$output")" -eq 2 ]
}

@test "who has the old MX still, and when the last one forgets it" {
	mx --expect new.slow.example slow.example
	ends_with_status 75
	has "0 of 2 authoritative servers and 0 of 1 resolvers"
	ttl=600 moving a slow 2 new
	nsd_reload "$servers/a"
	within 10 disagree
	ttl=600 moving b slow 2 new
	nsd_reload "$servers/b"
	within 10 news 75 slow.example
	mx --expect new.slow.example --json "$private/ev" slow.example
	ends_with_status 75
	says "not everywhere at new.slow.example yet"
	has "10 old.slow.example  still for"
	has "the last of these resolvers forgets the old server at 20"
	has "resolvers that were not asked forget it at the latest at 20"
	grep -q '"event":"mx".*"kind":"resolver","state":"old"' "$private/ev"
	# where nobody says what is expected it is what the zone has
	mx slow.example
	ends_with_status 0
	has "has another MX of slow.example, for"
}

disagree() {
	mx --expect new.slow.example slow.example
	[ "$status" -eq 75 ] && has "disagree about MX of slow.example" 2>&1
}

@test "--until-mx ends a follow when nobody has the old one any more" {
	local wanted list until late began=$SECONDS

	make_keys
	mkdir -p "$private"/{mail,more}/{cur,new,tmp}
	wanted=(--until-mx new.moving.example --domain moving.example
		--resolver "$(at cache)"
		--authoritative "$(at a)"
		--authoritative "$(at b)")
	# one whose server is mute is not ended by what the others say
	follow_mx late --follow 4s "${wanted[@]}" --authoritative 127.0.0.1:1
	late=$!
	follow_mx until --follow 30s "${wanted[@]}"
	until=$!
	# and all accounts of a list
	printf '%s\t%s\n' name source one "maildir:$private/mail" \
		two "maildir:$private/more" >"$private/list"
	mbackup -q -s "$secret_key" -A "$private/list" -d "$private/list.d" \
		--follow 30s "${wanted[@]}" --json "$private/list.json" \
		</dev/null 2>"$private/list.err" 3>&- 4>&- &
	list=$!
	within 10 grep -qs '"resolvers_new":0.*"moved":false' \
		"$private/until.json"
	ttl=2 moving a moving 2 new
	ttl=2 moving b moving 2 new
	nsd_reload "$servers/a"
	nsd_reload "$servers/b"
	within 10 news 0 moving.example
	wait "$until"
	wait "$list"
	[ "$(grep -c '"event":"mx".*"everywhere":true' "$private/list.json")" \
		-ge 2 ]
	[ $((SECONDS - began)) -lt 20 ]
	grep -q '"everywhere":true' "$private/until.json"
	grep -q '"event":"summary".*"status":0' "$private/until.json"
	wait "$late"
	grep -q "1 do not answer" "$private/late.err"
	refute grep -q '"everywhere":true' "$private/late.json"
	grep -q '"event":"summary".*"status":0' "$private/late.json"
}

@test "--until-mx goes with --follow, and needs a domain" {
	local args

	make_keys
	while IFS='|' read -r args words; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr mbackup -s "$secret_key" -o "$private/x" \
			$args "maildir:$private"
		ends_with_status 64
		says "$words"
	done <<-EOF
	--until-mx a.example|--until-mx goes with --follow
	--follow 1s --resolver 127.0.0.1|go with --until-mx
	--follow 1s --until-mx a.example|add --domain
	--follow 1s --until-mx a..b|empty label
	EOF
}
