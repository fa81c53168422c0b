#!/usr/bin/env bats
# A Maildir read and written by us, and the same one served by Dovecot: both
# show the same mail, and other programs for Maildirs agree.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"

MAIL=(
	'Subject: plain\r\n\r\nhello\r\n'
	'Subject: no end\r\n\r\nhello'
	'Subject: bare\r\n\r\none\ntwo\r\n'
	'Subject: cr\r\n\r\none\r\r\ntwo\rthree\r\n'
	'Subject: 8 bit\r\n\r\n\xe4\xff\r\n'
	'From joe Thu Jan  1 00:00:00 1970\r\nSubject: mbox\r\n\r\nhi\r\n'
	'no header at all'
	'\r\n\r\n'
)

sample_mail() {
	local i

	mkdir -p "$private/mail"
	for i in "${!MAIL[@]}"; do
		# shellcheck disable=SC2059 # the text is a format
		printf "${MAIL[i]}" >"$private/mail/$i.eml"
	done
}

# of a corpus, if there is one, else our own mail
some_mail() {
	if [ -r "$MAILPROOF_SHARED/corpus/dev.tar.zst" ]; then
		need_odd_corpus
		mail=$corpus
	else
		sample_mail
		mail=$private/mail
	fi
}

# Every message of an archive, without what differs from source to source:
# size, wire size, eol, date, folder, UID, flags, keywords; and the folders
# with their UIDVALIDITY. What the hashes say is maudit's to judge: Dovecot
# gives a NUL of the file as 0x80.
manifest() {
	rm -rf "$private/x"
	mkdir "$private/x"
	tar --zstd -xf "$1" -C "$private/x" || return
	cat "$private"/x/manifest/0*.tsv | awk -F'\t' -v OFS='\t' '
		$1 == "folder" { print $1, $3, $6, $7; name[$2] = $6 }
		$1 == "m" || $1 == "l" {
			print "m", $4, $5, $6, $7, name[$9], $10, $11, $12
		}' | sort
}

back_up() {	# NAME SOURCE
	mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/$1.tar.zst" "$2"
}

# both_agree LAYOUT SEP OPTION...
both_agree() {
	local layout=$1

	shift
	some_mail
	make_keys
	start_dovecot src --layout "$layout" "$@"
	peer imapfill src anna corpus "$mail" >/dev/null
	back_up imap "$(location src anna)"
	back_up maildir \
		"maildir:$(dovecot_home "$private/src" anna)/Maildir?layout=$layout"
	manifest "$private/imap.tar.zst" >"$private/by-imap"
	manifest "$private/maildir.tar.zst" >"$private/by-maildir"
	[ -s "$private/by-imap" ]
	same "$private/by-imap" "$private/by-maildir"
	maudit -q --strict -p "$public_key" --secret "file:$password" \
		"$private/maildir.tar.zst" "$(location src anna)" \
		>"$private/report"
	tail -n 1 "$private/report" | grep -q proved
	same "$private/x/maildir/subscriptions" \
		<(tar --zstd -xOf "$private/imap.tar.zst" maildir/subscriptions)
}

@test "Maildir++ read from the disk is what Dovecot shows" {
	both_agree ++
}

@test "nested Maildirs read from the disk are what Dovecot shows" {
	both_agree fs
}

# served_as_written LAYOUT LOCATION-SUFFIX: an archive restored into a Maildir
# of ours is, by Dovecot, what the archived server showed
served_as_written() {
	some_mail
	make_keys
	start_dovecot src
	peer imapfill src anna corpus "$mail" >/dev/null
	peer imapdump src anna >"$private/wanted"
	back_up a "$(location src anna)"
	mrestore -q -p "$public_key" "$private/a.tar.zst" \
		"maildir:$private/m?layout=$1"
	[ -z "$(cd "$private/m" && find . -path '*/tmp/*')" ]
	maudit -q --strict -p "$public_key" "$private/a.tar.zst" \
		"maildir:$private/m?layout=$1" >"$private/report"
	tail -n 1 "$private/report" | grep -q proved
	peer imapdump src anna >"$private/again"
	same "$private/wanted" "$private/again"
}

@test "a Maildir++ that we write is served by Dovecot unchanged" {
	served_as_written ++
	mlist "$private/m" | wc -l >"$private/inbox"
	equal "$(grep -c '^INBOX' "$private/wanted")" "$(cat "$private/inbox")"
	start_dovecot new --serve carl "$PASSWORD" "maildir:$private/m"
	peer imapdump new carl >"$private/got"
	same "$private/wanted" "$private/got"
	run ! grep -e Error -e Warning -e Panic "$private/new/log/dovecot.log"
}

@test "nested Maildirs that we write are served by Dovecot unchanged" {
	served_as_written fs
	start_dovecot new --sep / \
		--serve carl "$PASSWORD" "maildir:$private/m:LAYOUT=fs"
	peer imapdump new carl >"$private/got"
	same "$private/wanted" "$private/got"
	run ! grep -e Error -e Warning -e Panic "$private/new/log/dovecot.log"
}

@test "mscan of mblaze reads what we write" {
	sample_mail
	make_keys
	start_dovecot src
	peer imapfill src anna files --flags '\Seen \Flagged' INBOX \
		"$private/mail/0.eml"
	back_up a "$(location src anna)"
	mrestore -q -p "$public_key" "$private/a.tar.zst" "maildir:$private/m"
	mlist -SF "$private/m" | mscan | grep -q plain
}

@test "mail goes into a Maildir that Dovecot serves at the same time" {
	sample_mail
	make_keys
	start_dovecot src
	peer imapfill src anna files --flags 'todo' INBOX \
		"$private/mail/0.eml" "$private/mail/1.eml"
	peer imapfill src anna files --flags "\$Forwarded" --subscribe Neü \
		"$private/mail/4.eml"
	back_up a "$(location src anna)"
	start_dovecot dst
	# Dovecot knows the INBOX, its UIDs and keywords already
	peer imapfill dst anna files --flags 'own' INBOX "$private/mail/6.eml"
	peer imapdump dst anna --uids >"$private/before"
	maildir=$(dovecot_home "$private/dst" anna)/Maildir
	cp "$maildir/dovecot-uidlist" "$private/uidlist"
	mrestore -q -p "$public_key" "$private/a.tar.zst" "maildir:$maildir"
	same "$private/uidlist" "$maildir/dovecot-uidlist"
	equal "$(stat -c %U "$maildir")" "$(stat -c %U "$maildir"/.Ne*/cur/*)"

	peer imapdump dst anna --uids >"$private/after"
	same "$private/before" <(grep -Fx -f "$private/before" "$private/after")
	sort <(peer imapdump src anna) <(cut -f 1-4 "$private/before") \
		>"$private/wanted"
	same "$private/wanted" <(cut -f 1-4 "$private/after" | sort)
	grep -q '^Ne' "$maildir/subscriptions"

	# Dovecot has renamed and numbered it all: nothing is to be done twice
	mrestore -q -p "$public_key" --json "$private/again.json" \
		"$private/a.tar.zst" "maildir:$maildir"
	tail -n 1 "$private/again.json" | grep -q '"done":0,'
	peer imapdump dst anna --uids >"$private/again"
	same "$private/after" "$private/again"
	run ! grep -e Error -e Warning -e Panic "$private/dst/log/dovecot.log"
}

# every file and directory with all that writing would change
tree() {
	find "$1" -printf '%p %i %s %m %T@ %C@\n' | sort
}

@test "a source is not written to, not even by a rename out of new" {
	mkdir -p "$private/m/cur" "$private/m/new" "$private/m/.A/cur"
	printf 'Subject: a\n\nx\n' >"$private/m/new/1.a"
	printf 'Subject: b\n\nx\n' >"$private/m/cur/2.b:2,Sa"
	printf 'Subject: c\n\nx\n' >"$private/m/.A/cur/3.c:2,"
	make_keys
	tree "$private/m" >"$private/before"
	back_up a "maildir:$private/m"
	maudit -q -p "$public_key" "$private/a.tar.zst" "maildir:$private/m" \
		>"$private/report"
	mbackup -n "maildir:$private/m" >"$private/list"
	tree "$private/m" >"$private/after"
	same "$private/before" "$private/after"
}

@test "mail that Dovecot compressed is refused by name and not passed over" {
	sample_mail
	make_keys
	start_dovecot src --config 'mail_plugins = zlib' \
		--config 'plugin {' --config '  zlib_save = gz' --config '}'
	peer imapfill src anna files INBOX "$private/mail/0.eml" \
		"$private/mail/1.eml"
	status=0
	back_up a "maildir:$(dovecot_home "$private/src" anna)/Maildir" \
		2>"$private/err" || status=$?
	equal 3 "$status"
	equal 2 "$(grep -c "INBOX/.*refused: compressed by Dovecot's zlib" \
		"$private/err")"
}

@test "what is no Maildir is no input, and a typo makes none" {
	make_keys
	mkdir "$private/home/docs"
	touch "$private/home/docs/letter"
	for target in "$private/none" "$private/home/docs"; do
		status=0
		back_up a "maildir:$target" 2>"$private/err" || status=$?
		equal 66 "$status"
		grep -q "$target" "$private/err"
	done
	[ ! -e "$private/none" ]
	[ ! -e "$private/a.tar.zst" ]
}
