#!/usr/bin/env bats
# mbackup --resume where the source has changed since: what was stored stays
# as it was then, and nothing comes twice.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"
# shellcheck source=../lib/resume.bash
. "$BATS_TEST_DIRNAME/../lib/resume.bash"

setup() {
	common_setup
	make_keys
	archive=$private/a.tar.zst
}

# left OPTION...: a .part of anna's server; $left has its messages
left() {
	start_dovecot old
	printf 'Subject: a\n\n1\n' >"$private/1.eml"
	printf 'Subject: b\n\n2\n' >"$private/2.eml"
	printf 'Subject: c\n\n3\n' >"$private/3.eml"
	printf 'Subject: d\n\n4\n' >"$private/4.eml"
	peer imapfill old anna files INBOX "$private"/[12].eml
	peer imapfill old anna files Work "$private"/[34].eml
	peer imapfill old anna files Away "$private"/4.eml
	back_up -q --segment-size 4k "$(location old anna)"
	mv "$archive" "$private/left.tar.zst"
	rm "$archive.minisig"
	mkdir "$private/tree"
	tar --zstd -xf "$private/left.tar.zst" -C "$private/tree" manifest
	# behind the last one with messages
	end=$(grep -lP '^[ml]\t' "$private"/tree/manifest/0*.tsv | tail -n 1)
	end=$(basename "$end" .tsv)
	end=$(printf '%06d' $((10#$end + 1)))
	end=$(awk -F'\t' '$1 == "frame" { print $2 }' \
		"$private/tree/manifest/$end.tsv")
	whole=$private/left.tar.zst cut_at "$end"
}

edit() {
	peer imapedit old anna "$@" >/dev/null
}

# claim FOLDER: exists, seen, stored, gone, refused of the final, a line
# for each of its numbers
claim() {
	rm -rf "$private/tree"
	mkdir "$private/tree"
	tar --zstd -xf "$archive" -C "$private/tree" manifest
	awk -F'\t' -v name="$1" '$1 == "folder" && $6 == name { n[$2] }
		$1 == "claim" && $2 in n { print $5, $7, $8, $9, $10 }' \
		"$private"/tree/manifest/0*.tsv \
		"$private/tree/manifest/final.tsv"
}

@test "what was stored stays as it was then: flags, and what is gone since" {
	left
	edit flags INBOX '#1' +since
	edit delete INBOX '#2'
	edit remove Away
	printf 'Subject: new\n\n5\n' >"$private/5.eml"
	peer imapfill old anna files INBOX "$private/5.eml"
	run --separate-stderr resume "$(location old anna)"
	ends_with_status 0
	says 'Away is no longer there'
	equal 1 "$(event summary 'done')"
	is_whole 6
	equal '3 3 3 0 0' "$(claim INBOX)"
	equal '1 1 1 0 0' "$(claim Away)"
	refute grep -q since "$private"/tree/manifest/0*.tsv
}

@test "flags that changed between reach the next delta" {
	left
	edit flags Work '#1' +since
	edit flags Away '#1' +other
	resume -q "$(location old anna)"
	mv "$archive" "$private/full.tar.zst"
	mv "$archive.minisig" "$private/full.tar.zst.minisig"
	edit flags INBOX '#1' +later
	back_up -q --base "$private/full.tar.zst" --json "$private/events" \
		"$(location old anna)"
	equal 3 "$(event delta changed)"
	equal 0 "$(event delta added)"
	claim Work >/dev/null
	grep -qP '^f\t.*\bsince\b' "$private/tree/manifest/final.tsv"
	run --separate-stderr maudit -p "$public_key" --strict \
		--secret "file:$password" "$private/full.tar.zst" "$archive" \
		"$(location old anna)"
	ends_with_status 0
}

# renumbered MESSAGES: $archive and $private/next.tar.zst, a delta to it, hold
# each once
renumbered() {
	is_whole "$1"
	run --separate-stderr mrestore -q -p "$public_key" "$archive" \
		"maildir:$private/m"
	ends_with_status 0
	equal 3 "$(find "$private/m/.Work" -name '*:2*' -type f | wc -l)"
	run --separate-stderr maudit --strict -p "$public_key" \
		--secret "file:$password" "$archive" "$(location old anna)"
	ends_with_status 0
	mbackup -q -s "$secret_key" --secret "file:$password" --base "$archive" \
		-o "$private/next.tar.zst" "$(location old anna)"
	run --separate-stderr maudit --strict -p "$public_key" \
		--secret "file:$password" "$archive" "$private/next.tar.zst" \
		"$(location old anna)"
	ends_with_status 0
	rm -r "$private/m"
}

@test "a folder with another UIDVALIDITY comes back once" {
	left
	edit remove Work
	printf 'Subject: new\n\n5\n' >"$private/5.eml"
	# one twice, of which the archive has one
	peer imapfill old anna files Work "$private"/[435].eml
	run --separate-stderr resume "$(location old anna)"
	ends_with_status 0
	says 'Work: UIDVALIDITY is another'
	equal 1 "$(event summary 'done')"
	equal '2 2 2 0 0
3 3 1 0 0' "$(claim Work)"
	# and where it is cut once more
	whole=$private/twice.tar.zst
	cp "$archive" "$whole"
	cut_at "$(($(stat -c %s "$whole") - 1000))"
	resume -q "$(location old anna)"
	cmp "$whole" "$archive"
	renumbered 6
}

@test "a folder of a delta that has another UIDVALIDITY comes back once" {
	left
	rm "$archive.part"
	printf 'Subject: new\n\n5\n' >"$private/5.eml"
	printf 'Subject: late\n\n6\n' >"$private/6.eml"
	peer imapfill old anna files Work "$private/5.eml"
	peer imapfill old anna files Away "$private/5.eml"
	back_up -q --base "$private/left.tar.zst" "$(location old anna)"
	whole=$private/whole.tar.zst
	mv "$archive" "$whole"
	cut_at "$(($(stat -c %s "$whole") - 1000))"
	edit remove Work
	edit remove Away
	peer imapfill old anna files Work "$private"/[456].eml
	resume --base "$private/left.tar.zst" "$(location old anna)"
	equal 3 "$(event summary already)"
	equal 2 "$(event summary 'done')"
	run --separate-stderr maudit --strict -p "$public_key" \
		--secret "file:$password" "$private/left.tar.zst" "$archive" \
		"$(location old anna)"
	# what was stored of Away, which is gone, and not what the parent had
	ends_with_status 1
	has 'verdict: 1 OF 6 MESSAGES MISSING'
}

@test "an empty folder with another UIDVALIDITY is another folder" {
	left
	rm "$archive.part"
	: >"$archive.part"
	edit create Leer
	edit delete INBOX '#1' '#2'
	back_up -q --segment-size 4k --resume "$(location old anna)"
	mv "$archive" "$private/left.tar.zst"
	rm "$archive.minisig"
	whole=$private/left.tar.zst \
		cut_at "$(($(stat -c %s "$private/left.tar.zst") - 5000))"
	edit remove Leer
	peer imapfill old anna files Leer "$private"/[12].eml
	run --separate-stderr resume "$(location old anna)"
	ends_with_status 0
	run --separate-stderr mrestore -q -p "$public_key" "$archive" \
		"maildir:$private/m"
	ends_with_status 0
	equal 2 "$(find "$private/m/.Leer" -path '*/cur/*' -type f | wc -l)"
}

@test "a delta is gone on with, and is what it would have been" {
	local at size

	left
	rm "$archive.part"
	edit flags INBOX '#1' +since
	edit delete INBOX '#2'
	edit move Work '#1' Away
	printf 'Subject: new\n\n5\n' >"$private/5.eml"
	peer imapfill old anna files INBOX "$private/5.eml"
	peer imapfill old anna files New "$private"/[15].eml
	back_up -q --segment-size 4k --base "$private/left.tar.zst" \
		"$(location old anna)"
	whole=$private/delta.tar.zst
	mv "$archive" "$whole"
	rm "$archive.minisig"
	size=$(stat -c %s "$whole")
	for at in 100 1200 $((size / 3)) $((size / 2)) $((size - 1000)) \
		"$size"; do
		cut_at "$at"
		resume -q --base "$private/left.tar.zst" \
			"$(location old anna)"
		[ "$at" -eq 100 ] || cmp "$whole" "$archive"
		run --separate-stderr maudit -p "$public_key" \
			"$private/left.tar.zst" "$archive"
		ends_with_status 0
	done
	cut_at 1200
	run --separate-stderr resume "$(location old anna)"
	ends_with_status 64
	says 'an archive of another kind'
}
