#!/usr/bin/env bats
# mrestore --rollback: the target becomes what the archives say.

# shellcheck source=../lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=../lib/badinput.bash
. "$BATS_TEST_DIRNAME/../lib/badinput.bash"

mail() {
	local name

	for name; do
		printf 'From: %s\r\nSubject: about %s\r\n\r\nthis is %s\r\n' \
			"$name@example.org" "$name" "$name" >"$private/$name.eml"
	done
}

fill() {
	peer imapfill "$1" "$2" files "${@:3}"
}

# folder, hash, date and flags of each message
holdings() {
	peer imapdump "$1" "$2" | cut -f 1-4 | sort
}

setup_file() {
	prepare_file
	start_dovecot source
	mail one two three four five
	cd "$private" || return
	fill source anna INBOX one.eml two.eml three.eml
	fill source anna --flags '\Seen todo' Work/Plans four.eml one.eml one.eml
	fill source anna --subscribe Sent five.eml
	fill source anna Leer
	back_up -q "$(location source anna)"
	holdings source anna >"$private/archived"
	cd - >/dev/null || return
	common_teardown
}

setup() {
	common_keys
	archive=$BATS_FILE_TMPDIR/a.tar.zst
	mail new1 new2 new3
}

# target KIND: an account that was the archive's, and went on
target() {
	local -a edit=(peer imapedit new bob)

	restore_to "$(location new bob)" -q || return
	rm -rf "$HOME/.local"
	"${edit[@]}" delete INBOX 2 >/dev/null
	"${edit[@]}" flags INBOX 1 '+\Flagged' '+late' >/dev/null
	"${edit[@]}" flags Work/Plans 1 '-\Seen' '-todo' >/dev/null
	"${edit[@]}" copy Work/Plans 2 Work/Plans >/dev/null
	"${edit[@]}" move Sent 1 INBOX >/dev/null
	"${edit[@]}" remove Leer >/dev/null
	cd "$private" || return
	fill new bob INBOX new1.eml
	fill new bob --subscribe Neu/Deep new2.eml new3.eml
	cd - >/dev/null || return
	holdings new bob >"$private/before"
}

roll() {
	run --separate-stderr "${BOUND[@]}" mrestore -p "$public_key" \
		-s "$secret_key" --secret "file:$password" --rollback "$@" \
		"$archive" "$(location new "${user:-bob}")"
}

holds() {
	holdings new "${user:-bob}" >"$private/got"
	same "$1" "$private/got"
}

@test "a dry run shows each step and changes nothing" {
	start_dovecot new
	target
	roll -n --delete-extra --keep "$private/k.tar.zst"
	ends_with_status 0
	holds "$private/before"
	absent "$private/k.tar.zst" "$private/k.tar.zst.part"
	sed -E 's/^extra	[0-9a-f]+	/extra	/' <<<"$output" | cut -f 1,2 |
		sort >"$private/steps"
	diff -u - "$private/steps" <<-'END'
	append	INBOX
	append	Sent
	beyond	Neu/Deep
	create	Leer
	extra	INBOX
	extra	INBOX
	extra	Neu/Deep
	extra	Neu/Deep
	extra	Work/Plans
	flags	INBOX
	flags	Work/Plans
	END
	has '	new1@example.org	about new1	'
	has 'flags	INBOX	1	FS	late	FS	-'
	says 'flags of 2 messages would be set back; beyond the archives: 5 '
}

@test "what is missing comes, flags go back, and nothing is removed" {
	start_dovecot new
	target
	roll
	ends_with_status 0
	says '2 messages appended'
	says 'flags of 2 messages set back; beyond the archives: 5 messages, 1'
	# all that is archived is there, with its flags
	holdings new bob >"$private/got"
	equal '' "$(comm -23 "$BATS_FILE_TMPDIR/archived" "$private/got")"
	equal 5 "$(comm -13 "$BATS_FILE_TMPDIR/archived" "$private/got" | wc -l)"
	cp "$private/got" "$private/first"
	roll
	ends_with_status 0
	says ' 0 messages appended'
	says 'flags of 0 messages'
	holds "$private/first"
}

@test "what is beyond it is kept in an archive, and then removed" {
	start_dovecot new
	target
	roll --delete-extra --keep "$private/k.tar.zst" \
		--json "$private/events"
	ends_with_status 0
	says '5 messages, 1 folders removed'
	equal '5 extra 5 removed 1 remove 2 flags' "$(for event in extra \
		removed remove flags; do
		echo "$(grep -c "^{\"event\":\"$event\"" "$private/events")" \
			"$event"
	done | paste -sd ' ')"
	holds "$BATS_FILE_TMPDIR/archived"
	peer imapedit new bob list Leer
	refute peer imapedit new bob list Neu/Deep
	run --separate-stderr maudit -p "$public_key" "$private/k.tar.zst"
	ends_with_status 0
	minisign -Vq -p "$public_key" -m "$private/k.tar.zst"
	# with it, all that was there is again
	run --separate-stderr "${BOUND[@]}" mrestore -q -p "$public_key" --secret \
		"file:$password" "$private/k.tar.zst" "$(location new bob)"
	ends_with_status 0
	holdings new bob | cut -f 1,2 | sort >"$private/got"
	equal '' "$(cut -f 1,2 "$private/before" | sort -u |
		comm -23 - "$private/got")"
}

@test "a mailbox that is the archive's is left alone" {
	start_dovecot new
	restore_to "$(location new bob)" -q
	roll --delete-extra --keep "$private/k.tar.zst"
	ends_with_status 0
	equal '' "$output"
	absent "$private/k.tar.zst"
	holds "$BATS_FILE_TMPDIR/archived"
}

@test "a Maildir goes back as well" {
	local box=$private/box

	run mrestore -q -p "$public_key" "$archive" "maildir:$box"
	printf 'Subject: later\n\nx\n' >"$box/new/later"
	mkdir -p "$box/.Neu/cur" "$box/.Neu/new" "$box/.Neu/tmp"
	printf 'Subject: even later\n\nx\n' >"$box/.Neu/cur/1:2,S"
	rm "$box"/.Sent/cur/*
	for file in "$box"/.Work.Plans/cur/*; do
		mv "$file" "${file%:2,*}:2,F"
	done
	run --separate-stderr mrestore -p "$public_key" -s "$secret_key" \
		--rollback --delete-extra --keep "$private/k.tar.zst" \
		"$archive" "maildir:$box"
	ends_with_status 0
	says '2 messages, 1 folders removed'
	start_dovecot new --serve carl "$PASSWORD" "maildir:$box"
	dovecot_own "$box"
	user=carl holds "$BATS_FILE_TMPDIR/archived"
	absent "$box/.Neu"
}

# copies BOX FLAGS...: the same mail, once with each flags ("-": none)
copies() {
	local flags number=0

	rm -rf "$1"
	mkdir -p "$1/cur" "$1/new" "$1/tmp"
	for flags in "${@:2}"; do
		cp "$private/one.eml" "$1/cur/$((++number)):2,${flags#-}"
	done
}

@test "of copies, those whose flags agree stand for each other" {
	local box=$private/box kept=$private/copies.tar.zst had now steps

	mail one
	while read -r had now steps; do
		# shellcheck disable=SC2086 # flags of several
		copies "$private/from" ${had//,/ }
		# shellcheck disable=SC2086
		copies "$box" ${now//,/ }
		rm -f "$kept" "$kept.minisig"
		mbackup -q -s "$secret_key" -o "$kept" "maildir:$private/from"
		run --separate-stderr mrestore -p "$public_key" --rollback \
			-n "$kept" "maildir:$box"
		ends_with_status 0
		equal "$had $now $steps" "$had $now $(awk -F'\t' '{
			print $1 == "flags" ? $4 ">" $6 : $1
		}' <<<"$output" | sort | paste -sd ,)"
	done <<-'END'
	S,F,- -,S,F
	S -,S extra
	S,F,R F,D,S D>R
	S,S,F F,F,S F>S
	S,- F,R,- F>S,extra
	END
}

@test "options that make no sense are refused" {
	local -a options

	start_dovecot new
	while read -r -a options; do
		run --separate-stderr mrestore -p "$public_key" "${options[@]}" \
			"$archive" "$(location new bob)"
		ends_with_status 64
	done <<-END
	--delete-extra
	--keep $private/k
	--rollback --delete-extra
	--rollback --keep $private/k
	--rollback --since 2020-01-01
	--rollback --only $private/list
	END
}

@test "an archive that is there is not written over" {
	start_dovecot new
	target
	echo mine >"$private/k.tar.zst"
	roll --delete-extra --keep "$private/k.tar.zst"
	ends_with_status 73
	equal mine "$(cat "$private/k.tar.zst")"
	equal 5 "$(holdings new bob | comm -13 "$BATS_FILE_TMPDIR/archived" - |
		wc -l)"
}
