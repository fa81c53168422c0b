#!/usr/bin/env bats
# The main job with real mail, much of it broken: Dovecot (maildir) into an
# archive, into Dovecot (sdbox), and everybody agrees about what is there.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"

# One backup serves all tests of this file.
setup_file() {
	common_setup
	# bats 1.8 cannot skip here: setup() does
	[ -r "$MAILPROOF_SHARED/corpus/dev.tar.zst" ] || return 0
	need_corpus
	make_keys
	start_dovecot old --format maildir
	peer imapfill old anna corpus "$corpus" >"$private/filled"
	peer imapdump old anna >"$private/old.dump"
	peer imapdump old anna --uids >"$private/old.uids"
	/usr/bin/time -v -o "$private/backup.time" \
		mbackup -q -s "$secret_key" --secret "file:$password" \
		-o "$private/a.tar.zst" "$(location old anna)"
	export BATS_CORPUS_PRIVATE=$private
}

teardown_file() {
	private=$BATS_FILE_TMPDIR
	BATS_TEST_COMPLETED=1 common_teardown
}

setup() {
	common_setup
	shared=$BATS_CORPUS_PRIVATE
	public_key=$shared/public.key
	archive=$shared/a.tar.zst
	[ -e "$archive" ] || skip "no corpus"
}

peak_kib() {
	sed -n 's/.*Maximum resident set size (kbytes): //p' "$1"
}

@test "the archive is whole, and every independent reader agrees" {
	maudit -q -p "$public_key" "$archive" >"$private/report"
	tail -n 1 "$private/report" | grep -q 'whole and authentic'
	zstd -q -t "$archive"
	minisign -q -V -p "$public_key" -m "$archive"
	mkdir "$private/x"
	tar --zstd -xf "$archive" -C "$private/x" 2>"$private/tar.err"
	same /dev/null "$private/tar.err"
	for manifest in "$private"/x/manifest/*.tsv; do
		minisign -q -V -p "$public_key" -m "$manifest"
	done
	# messages and links: type, hash ..., path last
	awk -F'\t' '$1 == "m" || $1 == "l" { print $2 "  " $NF }' \
		"$private"/x/manifest/0*.tsv | sed 's/%25/%/g' >"$private/sums"
	[ "$(wc -l <"$private/sums")" -eq "$(wc -l <"$shared/old.dump")" ]
	(cd "$private/x" && b2sum -l 256 --quiet -c "$private/sums")
}

@test "the round trip keeps every message, date, flag and keyword" {
	start_dovecot new --format sdbox --sep /
	/usr/bin/time -v -o "$private/restore.time" \
		mrestore -q -p "$public_key" --secret "file:$password" \
		"$archive" "$(location new anna)"
	peer imapdump new anna >"$private/new.dump"
	same "$shared/old.dump" "$private/new.dump"
	/usr/bin/time -v -o "$private/audit.time" \
		maudit -q --strict -p "$public_key" \
		--secret "file:$password" --format tsv \
		"$archive" "$(location new anna)" >"$private/audit"
	grep -q ^verdict.proved "$private/audit"

	# a second run has nothing to do, with its journal or without
	mrestore -q -p "$public_key" --secret "file:$password" \
		--json "$private/again.json" "$archive" "$(location new anna)"
	tail -n 1 "$private/again.json" | grep -q '"done":0,'
	mrestore -q -p "$public_key" --secret "file:$password" \
		--journal "$private/none" --json "$private/again.json" \
		"$archive" "$(location new anna)"
	tail -n 1 "$private/again.json" | grep -q '"done":0,'
	peer imapdump new anna >"$private/again.dump"
	same "$shared/old.dump" "$private/again.dump"

	# the sanitizers have a memory of their own
	[[ $MAILPROOF_BIN != *asan* ]] || return 0
	for run in "$shared/backup.time" "$private/restore.time" \
		"$private/audit.time"; do
		[ "$(peak_kib "$run")" -le $((96 * 1024)) ] ||
			refute echo "$run: $(peak_kib "$run") KiB"
	done
}

@test "Dovecot on the extracted tree shows the source's UIDs and flags" {
	mkdir "$private/x"
	tar --zstd -xf "$archive" -C "$private/x"
	dovecot_own "$private/x" "$private"
	start_dovecot extracted \
		--serve carl "$PASSWORD" "maildir:$private/x/maildir"
	peer imapdump extracted carl --uids >"$private/x.uids"
	same "$shared/old.uids" "$private/x.uids"
}

@test "through a pipe and into a Maildir nothing is different" {
	start_dovecot new --layout fs --prefix INBOX/ --sep /
	mrestore -q -p "$public_key" --secret "file:$password" \
		- "$(location new anna)" <"$archive"
	peer imapdump new anna --strip-prefix INBOX/ >"$private/new.dump"
	same "$shared/old.dump" "$private/new.dump"
	mrestore -q -p "$public_key" - "maildir:$private/m" <"$archive"
	maudit -q -p "$public_key" --strict - "maildir:$private/m" \
		<"$archive" >"$private/report"
	mbackup -q -s "$shared/secret.key" -o "$private/b.tar.zst" \
		"maildir:$private/m"
	maudit -q -p "$public_key" "$private/b.tar.zst" "maildir:$private/m" \
		>"$private/report"
}

@test "several connections find the same" {
	# the server takes fewer of them than are asked for
	start_dovecot few --config 'mail_max_userip_connections = 3'
	mrestore -q -p "$public_key" --secret "file:$password" \
		"$archive" "$(location few anna)"
	mbackup -q -j 8 -s "$shared/secret.key" --secret "file:$password" \
		-o "$private/j.tar.zst" "$(location few anna)"
	maudit -q -p "$public_key" "$private/j.tar.zst" >"$private/report"
	grep -q "whole and authentic: $(wc -l <"$shared/old.dump") messages" \
		"$private/report"
	for n in 1 8; do
		maudit -q -j "$n" --strict -p "$public_key" \
			--secret "file:$password" --format tsv \
			"$archive" "$(location few anna)" >"$private/audit.$n"
		maudit -q -j "$n" --strict -p "$public_key" --level header \
			--secret "file:$password" --format tsv \
			"$archive" "$(location few anna)" >"$private/heads.$n"
	done
	grep -q ^verdict.proved "$private/audit.8"
	same "$private/audit.1" "$private/audit.8"
	grep -q ^verdict.headers-agree "$private/heads.8"
	same "$private/heads.1" "$private/heads.8"
}
