#!/usr/bin/env bats
# Archives that are damaged, cut, signed by others or none at all: 65, and
# nothing of a damaged segment reaches a target.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

# In setup_file, once: an archive of several segments, and $whole/order, the
# hashes of its messages in its own order with the segment of each.
setup_file() {
	local mailbox

	prepare_file
	mailbox=$private/mailbox
	{
		echo 'folder INBOX uidvalidity=7 subscribed'
		echo 'messages 40 size=3000'
		echo 'folder Größe uidvalidity=8'
		echo 'messages 40 size=3000'
	} >"$mailbox"
	start_imapd old --mailbox "$mailbox"
	back_up -q "$(location old)" --segment-size 16k
	mkdir "$private/tree"
	tar --zstd -xf "$archive" -C "$private/tree"
	segments_of "$private/tree/manifest" >"$private/order"
	common_teardown
}

setup() {
	common_keys
	whole=$BATS_FILE_TMPDIR/a.tar.zst
	size=$(stat -c %s "$whole")
}

# lines MANIFEST HASH for all messages, in the order of the archive
segments_of() {
	local file

	for file in "$1"/0*.tsv; do
		awk -F'\t' 'NR == 1 && $3 != "segment" { exit }
			$1 == "m" || $1 == "l" { print FILENAME, $2 }' "$file"
	done | sed 's|.*/||'
}

# bytes of mail that a Maildir holds, as hashes of the file
hashes() {
	find "$1" -path '*/cur/*' -type f -exec b2sum -l 256 {} + |
		cut -d ' ' -f 1 | sort
}

# spoil KIND OFFSET: $archive becomes a copy with a byte flipped or cut there
spoil() {
	cp "$whole" "$archive"
	case $1 in
	flip) python3 - "$archive" "$2" <<-'END'
		import sys
		with open(sys.argv[1], "r+b") as file:
		    file.seek(int(sys.argv[2]))
		    byte = file.read(1)
		    file.seek(int(sys.argv[2]))
		    file.write(bytes([byte[0] ^ 1]))
		END
		;;
	cut) truncate -s "$2" "$archive" ;;
	esac
}

# a prefix of the archive's messages, whole segments only, is in Maildir $1
holds_whole_segments() {
	local n

	n=$(hashes "$1" | wc -l)
	head -n "$n" "$BATS_FILE_TMPDIR/order" | cut -d ' ' -f 2 | sort \
		>"$private/prefix"
	hashes "$1" >"$private/got"
	same "$private/prefix" "$private/got" || return
	# the next message belongs to another segment
	[ "$n" -eq 0 ] || [ "$n" -eq 80 ] ||
		[ "$(sed -n "${n}p" "$BATS_FILE_TMPDIR/order" |
			cut -d ' ' -f 1)" != "$(sed -n "$((n + 1))p" \
			"$BATS_FILE_TMPDIR/order" | cut -d ' ' -f 1)" ]
}

# damage KIND: at 20 offsets over the whole archive and its last octets
damage() {
	local at i

	for ((i = 0; i <= 40; i++)); do
		at=$((i < 20 ? i * size / 20 + 3 : size - 1 - (i - 20) * 61))
		spoil "$1" "$at"
		status=0
		stderr=$(audit -v 2>&1 >"$private/report") || status=$?
		output=$(<"$private/report")
		ends_with_status 65 || _assert_failed "$1 at $at" || return
		says a.tar.zst || return
		lacks verdict || return
		lacks whole || return
		# every fourth is restored from, in turn from file and pipe
		[ $((i % 4)) -eq 0 ] || continue
		rm -rf "$private/target" "$private/journal"
		status=0
		if [ $((i % 8)) -eq 0 ]; then
			stderr=$(restore_to "maildir:$private/target" \
				--journal "$private/journal" 2>&1) || status=$?
		else
			stderr=$("${BOUND[@]}" mrestore -p "$public_key" \
				--journal "$private/journal" - \
				"maildir:$private/target" <"$archive" 2>&1) ||
				status=$?
		fi
		ends_with_status 65 || _assert_failed "$1 at $at" || return
		[ -e "$private/target" ] || mkdir "$private/target"
		holds_whole_segments "$private/target" ||
			_assert_failed "$1 at $at" || return
		hashes "$private/target" | wc -l >>"$private/counts"
	done
	# the damage was spread: nothing, some and nearly all was restored
	grep -qx 0 "$private/counts"
	[ "$(sort -u "$private/counts" | wc -l)" -gt 3 ]
}

@test "the whole archive is whole, has segments, and restores" {
	cp "$whole" "$archive"
	[ "$(cut -d ' ' -f 1 "$BATS_FILE_TMPDIR/order" | sort -u | wc -l)" \
		-gt 5 ]
	run audit
	ends_with_status 0
	run restore_to "maildir:$private/target"
	ends_with_status 0
	holds_whole_segments "$private/target"
	equal 80 "$(hashes "$private/target" | wc -l)"
}

@test "a flipped bit anywhere is found, and nothing behind it is used" {
	damage flip
}

@test "a cut anywhere is found, and nothing behind it is used" {
	damage cut
}

@test "a damaged archive restored on top of a whole one changes nothing" {
	cp "$whole" "$archive"
	restore_to "maildir:$private/target" -q
	spoil flip $((size / 2))
	run --separate-stderr restore_to "maildir:$private/target"
	ends_with_status 65
	says ' 0 messages appended'
	equal 80 "$(hashes "$private/target" | wc -l)"
}

@test "what was restored from a cut archive is completed from the whole" {
	local before

	spoil cut $((size * 2 / 3))
	run restore_to "maildir:$private/target"
	ends_with_status 65
	before=$(hashes "$private/target" | wc -l)
	[ "$before" -gt 0 ]
	cp "$whole" "$archive"
	run --separate-stderr restore_to "maildir:$private/target"
	ends_with_status 0
	says "$((80 - before)) messages appended, $before there already"
	equal 80 "$(hashes "$private/target" | wc -l)"
}

# audit_against TARGET OPTION...: what the archive's manifests list
audit_against() {
	"${BOUND[@]}" maudit -p "$public_key" "${@:2}" "$archive" "maildir:$1"
}

# segment NUMBER: where its data starts, and its octets
segment() {
	local file

	mkdir -p "$private/tree"
	tar --zstd -xf "$whole" -C "$private/tree"
	printf -v file '%s/manifest/%06d.tsv' "$private/tree" "$1"
	awk -F'\t' '$1 == "frame" { print $2, $3 }' "$file"
}

@test "against a target, data that nobody needs is not read, and that is said" {
	local at octets last hash

	cp "$whole" "$archive"
	restore_to "maildir:$private/target" -q
	read -r at octets < <(segment 2)
	last=$(find "$private/tree/manifest" -name '0*.tsv' | wc -l)
	spoil flip $((at + octets / 2))
	run --separate-stderr audit_against "$private/target" \
		--json "$private/events"
	ends_with_status 0
	grep '"event":"archive"' "$private/events" |
		grep -q "\"segments\":$((last - 1)),\"segments_read\":1,"
	has 'proved: all 80 messages'
	has "the data of 1 of $((last - 1)) segments"
	has 'maudit ARCHIVE'
	run --separate-stderr audit
	ends_with_status 65
	says 'segment 2 at octet'
	# a message of it is missing: now it is needed
	hash=$(awk -F'\t' '$1 == "m" { print $2; exit }' \
		"$private/tree/manifest/000002.tsv")
	find "$private/target" -path '*/cur/*' -exec b2sum -l 256 {} + |
		sed -n "s/^$hash  //p" | xargs -d '\n' rm
	run --separate-stderr audit_against "$private/target"
	ends_with_status 65
	says 'segment 2 at octet'
	lacks verdict
}

@test "against a target, every manifest and the end still count" {
	local at octets place number

	cp "$whole" "$archive"
	restore_to "maildir:$private/target" -q
	for number in 1 2 4; do
		read -r at octets < <(segment "$number")
		for place in 9 200; do
			spoil flip $((at + octets + place))
			run --separate-stderr audit_against "$private/target"
			ends_with_status 65
			says "segment $number at octet"
			lacks verdict
		done
	done
	for place in 20 $((size - 400)) $((size - 5)); do
		spoil flip "$place"
		run --separate-stderr audit_against "$private/target"
		ends_with_status 65
		lacks verdict
	done
	for place in $((size / 3)) $((size / 2)) $((size - 1000)) \
		$((size - 1)); do
		spoil cut "$place"
		run --separate-stderr audit_against "$private/target"
		ends_with_status 65
		says a.tar.zst
		lacks verdict
	done
}

@test "bytes behind the end are found" {
	cp "$whole" "$archive"
	echo more >>"$archive"
	run --separate-stderr audit
	ends_with_status 65
	cat "$whole" "$whole" >"$archive"
	run --separate-stderr audit
	ends_with_status 65
}

@test "the key of somebody else is told apart, by both IDs" {
	cp "$whole" "$archive"
	mbackup -q -G -p "$private/other.pub" -s "$private/other.key" </dev/null
	run --separate-stderr audit -p "$private/other.pub"
	ends_with_status 65
	says "$(sed -n '1s/.* //p' "$private/other.pub")"
	says "$(sed -n '1s/.* //p' "$BATS_FILE_TMPDIR/public.key")"
	run --separate-stderr restore_to "maildir:$private/target" \
		-p "$private/other.pub"
	ends_with_status 65
	absent "$private/target/cur"
}

@test "a key that is missing or none is named" {
	cp "$whole" "$archive"
	run --separate-stderr audit -p "$private/none.pub"
	ends_with_status 66
	says "$private/none.pub"
	run --separate-stderr restore_to "maildir:$private/target" \
		-p "$private/none.pub"
	ends_with_status 66
	run --separate-stderr back_up maildir:/nowhere -s "$private/none.key"
	ends_with_status 66
	says "mbackup -G"
	echo nonsense >"$private/bad.pub"
	run --separate-stderr audit -p "$private/bad.pub"
	[ "$status" -eq 65 ] || [ "$status" -eq 78 ]
	says "$private/bad.pub"
	run --separate-stderr back_up maildir:/nowhere -s "$private/bad.pub"
	[ "$status" -eq 65 ] || [ "$status" -eq 78 ]
	says "$private/bad.pub"
	absent "$private/target/cur"
}

@test "an archive that is missing, none, or empty is named" {
	local kind

	run --separate-stderr audit
	ends_with_status 66
	says "$archive"
	for kind in empty text tar zeros zst; do
		case $kind in
		empty) : >"$archive" ;;
		text) echo "From: me" >"$archive" ;;
		tar) tar -cf "$archive" -C "$private" password ;;
		zeros) head -c 100000 /dev/zero >"$archive" ;;
		zst) tar --zstd -cf "$archive" -C "$private" password ;;
		esac
		run --separate-stderr audit
		ends_with_status 65
		says "$archive"
		run --separate-stderr restore_to "maildir:$private/target"
		ends_with_status 65
		absent "$private/target/cur"
	done
	run --separate-stderr maudit -p "$public_key" "$private"
	ends_with_status 66
	says maildir:
}

@test "the .minisig of another archive is found" {
	cp "$whole" "$archive"
	echo x >"$private/x"
	minisign -S -W -s "$BATS_FILE_TMPDIR/secret.key" -m "$private/x" \
		</dev/null >/dev/null
	cp "$private/x.minisig" "$archive.minisig"
	run --separate-stderr audit
	ends_with_status 65
	says "$archive"
	lacks verdict
	echo nonsense >"$archive.minisig"
	run --separate-stderr audit
	ends_with_status 65
	: >"$archive.minisig"
	run --separate-stderr audit
	ends_with_status 65
}

@test "archives without signatures or with changed manifests are refused" {
	local tree=$private/tree

	mkdir "$tree"
	tar --zstd -xf "$whole" -C "$tree"
	sed -i 's/^folder.*/&/; s/INBOX/OTHER/' "$tree/manifest/000000.tsv"
	(cd "$tree" && tar --zstd -cf "$archive" manifest/000000.tsv \
		manifest/000000.tsv.minisig maildir manifest/000001.tsv \
		manifest/000001.tsv.minisig)
	run --separate-stderr audit
	ends_with_status 65
	(cd "$tree" && tar --zstd -cf "$archive" manifest/000000.tsv maildir)
	run --separate-stderr audit
	ends_with_status 65
	run --separate-stderr restore_to "maildir:$private/target"
	ends_with_status 65
	absent "$private/target/cur"
}
