#!/usr/bin/env bats
# maudit --salvage: what is whole in a damaged archive goes into a new one,
# which says what it is; what is lost is named.
#
#   SALVAGE_TURNS=200    so many flips, and cuts (12)

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

turns=${SALVAGE_TURNS:-12}

# Once: $BATS_FILE_TMPDIR/small.tar.zst of many small segments, large.tar.zst
# of segments of the default size, and the hashes of all their messages.
setup_file() {
	local name

	prepare_file
	python3 "$top/tests/bench/generate.py" --scale 0.02 --seed 2 S \
		"$private/small" >/dev/null
	python3 "$top/tests/bench/generate.py" --scale 0.6 --seed 1 S \
		"$private/large" >/dev/null
	back_up -q --segment-size 64k "maildir:$private/small"
	mv "$archive" "$private/small.tar.zst"
	rm "$archive.minisig"
	back_up -q "maildir:$private/large"
	mv "$archive" "$private/large.tar.zst"
	for name in small large; do
		tree "$private/$name.tar.zst" >"$private/$name.hashes"
		rm -r "${private:?}/$name"
	done
	common_teardown
}

setup() {
	common_keys
	rescued=$private/r.tar.zst
}

# tree ARCHIVE: the hashes of its message lines, sorted
tree() {
	mkdir "$private/tree"
	tar --zstd -xf "$1" -C "$private/tree" manifest
	awk -F'\t' '$1 == "m" || $1 == "l" { print $2 }' \
		"$private"/tree/manifest/0*.tsv | sort
	# where the data of each segment lies: offset and octets
	awk -F'\t' '$1 == "frame" { print $2, $3 }' \
		"$private"/tree/manifest/0*.tsv >"${1%.tar.zst}.frames"
	# where each segment with its manifest ends (0 and that), its messages
	awk -F'\t' '
		$1 == "frame" { if (n != "") print 0, $2, n; n = 0 }
		$1 == "m" || $1 == "l" { n++ }' \
		"$private"/tree/manifest/0*.tsv >"${1%.tar.zst}.held"
	rm -r "$private/tree"
}

# spoil NAME KIND OFFSET [LENGTH]: $archive is a copy of NAME with a bit
# flipped, or octets zeroed, taken out or put in, or all behind cut off
spoil() {
	cp --no-preserve=mode "$BATS_FILE_TMPDIR/$1.tar.zst" "$archive"
	python3 - "$archive" "${@:2}" <<-'END'
		import sys
		name, kind, at = sys.argv[1], sys.argv[2], int(sys.argv[3])
		size = int((sys.argv + ["1"])[4])
		data = bytearray(open(name, "rb").read())
		if kind == "flip":
		    data[at] ^= 1 << at % 8
		elif kind == "zero":
		    data[at:at + size] = bytes(len(data[at:at + size]))
		elif kind == "out":
		    del data[at:at + size]
		elif kind == "in":
		    data[at:at] = b"garbage " * size
		elif kind == "cut":
		    del data[at:]
		open(name, "wb").write(data)
	END
}

salvage() {
	"${BOUND[@]}" maudit --salvage -p "$public_key" -s "$secret_key" \
		-o "$rescued" "$@" "$archive"
}

# the number that the last line of a TSV report has in column $1
verdict() {
	awk -F'\t' -v n="$1" '$1 == "verdict" { print $n }' <<<"$output"
}

# All that is in $rescued is what the archive NAME held, and its message
# lines are as many as the report says.
holds_nothing_wrong() {
	tree "$rescued" >"$private/got"
	equal "" "$(comm -13 "$BATS_FILE_TMPDIR/$1.hashes" "$private/got")"
	equal "$(($(verdict 3) + $(verdict 4)))" "$(wc -l <"$private/got")"
}

# stock tools accept $rescued, and its messages have their hashes
stock_tools_agree() {
	minisign -V -q -p "$public_key" -m "$rescued" || return
	zstd -q -t "$rescued" || return
	mkdir "$private/out"
	tar --zstd -xf "$rescued" -C "$private/out" 2>"$private/tar" || return
	equal "" "$(<"$private/tar")" || return
	(cd "$private/out" && awk -F'\t' '$1 == "m" || $1 == "l" {
		print $2 "  " $NF }' manifest/0*.tsv | sed 's/%25/%/g' |
		b2sum -l 256 --quiet -c)
}

@test "a whole archive is salvaged whole: status 0" {
	cp "$BATS_FILE_TMPDIR/small.tar.zst" "$archive"
	run --separate-stderr salvage --format tsv
	ends_with_status 0
	equal whole "$(verdict 2)"
	equal "$(wc -l <"$BATS_FILE_TMPDIR/small.hashes")" "$(verdict 3)"
	holds_nothing_wrong small
	tree "$rescued" >"$private/all"
	same "$BATS_FILE_TMPDIR/small.hashes" "$private/all"
	stock_tools_agree
	run --separate-stderr maudit -p "$public_key" "$rescued"
	ends_with_status 0
	has "salvaged    from the damaged archive"
	has "0 messages were lost"
	run --separate-stderr mrestore -p "$public_key" "$rescued" \
		"maildir:$private/target"
	ends_with_status 0
	says "salvaged from the damaged archive"
}

@test "damage of every kind: the rest is saved, the lost is named" {
	local kind at size all

	size=$(stat -c %s "$BATS_FILE_TMPDIR/small.tar.zst")
	all=$(wc -l <"$BATS_FILE_TMPDIR/small.hashes")
	for kind in flip 'zero 512' 'zero 4096' 'out 700' 'in 300'; do
		at=$((size * (${#kind} + 30) / 100))
		# shellcheck disable=SC2086 # KIND OFFSET LENGTH
		set -- $kind
		spoil small "$1" "$at" "${2:-1}"
		cp "$archive" "$private/before"
		rm -f "$rescued" "$rescued.minisig"
		run --separate-stderr audit
		ends_with_status 65
		run --separate-stderr salvage --format tsv
		ends_with_status 3 || _assert_failed "$kind"
		same "$private/before" "$archive"
		equal salvaged-with-losses "$(verdict 2)"
		equal "$all" "$(($(verdict 3) + $(verdict 5)))"
		equal known "$(verdict 6)"
		[ "$(verdict 3)" -gt $((all * 6 / 10)) ]
		equal "$(verdict 5)" \
			"$(grep -c -e ^lost -e ^unsigned <<<"$output")"
		holds_nothing_wrong small
		run --separate-stderr maudit -p "$public_key" --format tsv \
			"$rescued"
		ends_with_status 3
		has "salvaged	"
		has whole-with-gaps
		has "refused	"
	done
}

@test "a cut archive: the end is said to be lost" {
	local size

	size=$(stat -c %s "$BATS_FILE_TMPDIR/small.tar.zst")
	spoil small cut $((size / 2))
	run --separate-stderr salvage --json "$private/events"
	ends_with_status 3
	has "final       lost"
	has "the end of the archive"
	has "messages are proved, what lay behind the end IS LOST, and nobody"
	lacks "1 ARE LOST"
	grep -q '"event":"salvage".*"lost":0,"lost_known":false,"refused":0' \
		"$private/events"
	grep '"event":"summary"' "$private/events" >"$private/summary"
	grep -q '"status":3,.*unknown number lost".*"refused":0,' \
		"$private/summary"
	run --separate-stderr maudit -p "$public_key" "$rescued"
	ends_with_status 3
	has "the end of the archive"
	has "what lay behind its end was lost"
	has "no complete backup"
	run --separate-stderr mrestore -p "$public_key" "$rescued" \
		"maildir:$private/target"
	ends_with_status 3
	says "what lay behind its end was lost, and nobody knows how many"
}

# what the name and the octets of each message tell: hash, octets, those of
# the wire, line ends, date, UID and flags
facts() {
	tar --zstd -xOf "$1" --wildcards 'manifest/0*.tsv' |
		awk -F'\t' -v OFS='\t' '$1 == "m" || $1 == "l" {
			print $2, $4, $5, $6, $7, $10, $11 }' | sort
}

@test "what a lost manifest named is kept apart, unsigned" {
	local at

	at=$(python3 - "$BATS_FILE_TMPDIR/small.tar.zst" <<-'END'
		import sys
		data = open(sys.argv[1], "rb").read()
		at = -1
		for _ in range(5): # H D1 M1 D2 M2
		    at = data.index(b"\x28\xb5\x2f\xfd", at + 1)
		print(at + 100)
	END
	)
	spoil small zero "$at" 300
	run --separate-stderr salvage --format tsv
	ends_with_status 3
	[ "$(verdict 4)" -gt 0 ]
	has "	Unsigned/"
	holds_nothing_wrong small
	# its data is whole: every message comes back, as it was
	refute grep -q '^lost' <<<"$output"
	facts "$BATS_FILE_TMPDIR/small.tar.zst" >"$private/were"
	facts "$rescued" >"$private/are"
	same "$private/were" "$private/are"
	run --separate-stderr mrestore -p "$public_key" "$rescued" \
		"maildir:$private/target"
	ends_with_status 3
	find "$private/target" -path '*/.Unsigned.*/cur/*' | grep -q .
}

# A flip in a manifest costs its segment, of which this archive has only a
# few: what that comes to in the mean is no figure for twelve flips.
@test "flips in data, segments of the default size: 97 of 100 are saved" {
	local all turn at octets sum=0
	local -a frames

	mapfile -t frames <"$BATS_FILE_TMPDIR/large.frames"
	all=$(wc -l <"$BATS_FILE_TMPDIR/large.hashes")
	RANDOM=4
	for ((turn = 0; turn < turns; turn++)); do
		read -r at octets <<<"${frames[turn % ${#frames[@]}]}"
		spoil large flip \
			$((at + (RANDOM * 32768 + RANDOM) % octets))
		run --separate-stderr maudit -n --salvage --format tsv \
			-p "$public_key" "$archive"
		[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
		sum=$((sum + $(verdict 3)))
	done
	[ $((sum * 100)) -ge $((all * turns * 97)) ] ||
		_assert_failed "$sum of $((all * turns))"
}

# What a cut takes is gone: of what lies before it, in whole segments, nothing
# is lost, and a check sees that the end is missing.
@test "cuts anywhere: each is seen, and all before it is saved" {
	local turn first last cut whole

	# before the first segment's end there may be nothing whole, and in
	# the last M, behind the final, nothing be lost
	read -r _ first _ <"$BATS_FILE_TMPDIR/small.held"
	last=$(tail -n 1 "$BATS_FILE_TMPDIR/small.held" | cut -d ' ' -f 2)
	RANDOM=7
	for ((turn = 0; turn < turns; turn++)); do
		cut=$((first + (RANDOM * 32768 + RANDOM) % (last - first)))
		spoil small cut "$cut"
		run --separate-stderr maudit -q -p "$public_key" "$archive"
		ends_with_status 65 || _assert_failed "cut at $cut"
		run --separate-stderr maudit -n --salvage --format tsv \
			-p "$public_key" "$archive"
		ends_with_status 3 || _assert_failed "cut at $cut"
		equal at-least "$(verdict 6)"
		whole=$(awk -v cut="$cut" '$1 + $2 <= cut { n += $3 } END {
			print n + 0 }' "$BATS_FILE_TMPDIR/small.held")
		[ "$(verdict 3)" -ge "$whole" ] ||
			_assert_failed "cut at $cut: $(verdict 3) of $whole"
	done
}

@test "three flips and a hole at once: checked, restored, read by others" {
	local size

	size=$(stat -c %s "$BATS_FILE_TMPDIR/large.tar.zst")
	spoil large flip $((size / 5))
	cp "$archive" "$BATS_FILE_TMPDIR/twice.tar.zst"
	spoil twice zero $((size * 2 / 5)) 512
	cp "$archive" "$BATS_FILE_TMPDIR/twice.tar.zst"
	spoil twice flip $((size * 4 / 5))
	run --separate-stderr salvage --format tsv
	ends_with_status 3
	holds_nothing_wrong large
	stock_tools_agree
	run --separate-stderr maudit -p "$public_key" "$rescued"
	ends_with_status 3
	run --separate-stderr mrestore -p "$public_key" -q "$rescued" \
		"maildir:$private/target"
	ends_with_status 3
	find "$private/target" -path '*/cur/*' -type f -exec b2sum -l 256 {} + |
		cut -d ' ' -f 1 | sort >"$private/restored"
	same "$private/got" "$private/restored"
	run --separate-stderr maudit -p "$public_key" "$rescued" \
		"maildir:$private/target"
	ends_with_status 3
	has "verdict: proved"
}

@test "what was salvaged can be salvaged again" {
	local size

	size=$(stat -c %s "$BATS_FILE_TMPDIR/small.tar.zst")
	spoil small zero $((size / 3)) 1000
	salvage -q >/dev/null || true
	cp "$rescued" "$archive"
	rm "$rescued" "$rescued.minisig"
	run --separate-stderr salvage
	ends_with_status 3
	has "nothing is lost"
	has "had refused"
}

@test "what cannot be asked for, and what cannot be written, is said" {
	cp "$BATS_FILE_TMPDIR/small.tar.zst" "$archive"
	run --separate-stderr maudit --salvage "$archive"
	ends_with_status 64
	says "-o FILE"
	run --separate-stderr maudit --salvage -o - "$archive"
	ends_with_status 64
	run --separate-stderr maudit --salvage -o "$rescued" -
	ends_with_status 64
	says "only a file can be salvaged"
	run --separate-stderr maudit --salvage -o "$rescued" "$archive" \
		maildir:/nowhere
	ends_with_status 64
	run --separate-stderr maudit -o "$rescued" "$archive"
	ends_with_status 64
	says "--salvage"
	absent "$rescued"
	echo mine >"$rescued"
	run --separate-stderr salvage
	ends_with_status 73
	equal mine "$(<"$rescued")"
	rm "$rescued"
	echo mine >"$rescued.minisig"
	run --separate-stderr salvage
	ends_with_status 73
	equal mine "$(<"$rescued.minisig")"
	rm "$rescued.minisig"
	run --separate-stderr salvage -s "$private/none"
	ends_with_status 66
	absent "$rescued" "$rescued.part"
	mkfifo "$private/pipe.tar.zst"
	cat "$archive" >"$private/pipe.tar.zst" &
	run --separate-stderr maudit --salvage -n -p "$public_key" \
		"$private/pipe.tar.zst"
	ends_with_status 64
	wait $! || true
}

@test "what holds nothing to salvage is named, and leaves nothing" {
	local kind

	for kind in empty text zeros zst other; do
		case $kind in
		empty) : >"$archive" ;;
		text) echo "From: me" >"$archive" ;;
		zeros) head -c 100000 /dev/zero >"$archive" ;;
		zst) tar --zstd -cf "$archive" -C "$private" password ;;
		other)
			mbackup -q -G -p "$private/other.pub" \
				-s "$private/other.key" </dev/null
			cp "$BATS_FILE_TMPDIR/small.tar.zst" "$archive"
			public_key=$private/other.pub
			;;
		esac
		run --separate-stderr salvage
		ends_with_status 65
		says "$archive"
		absent "$rescued" "$rescued.part" "$rescued.minisig"
	done
	says "nothing in it is signed with this key"
	rm "$archive"
	run --separate-stderr salvage
	ends_with_status 66
}

@test "a dry run lists the lost and writes nothing" {
	local size

	size=$(stat -c %s "$BATS_FILE_TMPDIR/small.tar.zst")
	spoil small zero $((size / 2)) 2000
	run --separate-stderr salvage -n --format tsv
	ends_with_status 3
	has "lost	"
	refute grep -q ^rescued <<<"$output"
	absent "$rescued" "$rescued.part"
}
