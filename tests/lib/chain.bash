# shellcheck shell=bash
# Chains of archives for tests of deltas, signed with make_keys.
#
#   chain                         the archives so far, in order
#   chain_is PATH...              it is these
#   chain_add NAME                it goes on with $private/NAME.tar.zst
#   next NAME SOURCE OPTION...    the next generation, on all before it
#   grow NAME SOURCE OPTION...    the same by run, which must succeed, and is
#                                 one of the chain from then on
#   pending SOURCE OPTION...      what a dry run says is new, in octets,
#                                 changed and removed: four numbers
#   lines NAME TYPES              those lines of all manifests of an archive
#   counts NAME                   how many lines m, r, x and f (of flags)
#   mail NAME...                  small messages $private/mail/NAME.eml

chain=()

chain_is() {
	chain=("$@")
}

chain_add() {
	chain+=("$private/$1.tar.zst")
}

next() {
	local name=$1 base=() archive

	for archive in "${chain[@]}"; do
		base+=(--base "$archive")
	done
	mbackup -s "$secret_key" --secret "file:$password" "${base[@]}" \
		-o "$private/$name.tar.zst" "${@:3}" "$2"
}

grow() {	# NAME SOURCE OPTION...
	run --separate-stderr next "$@"
	ends_with_status 0
	chain_add "$1"
}

pending() {	# SOURCE OPTION...
	local base=() archive

	for archive in "${chain[@]}"; do
		base+=(--base "$archive")
	done
	mbackup -n -p "$public_key" --secret "file:$password" "${base[@]}" \
		"${@:2}" "$1" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2-5
}

lines() {
	tar --zstd -xOf "$private/$1.tar.zst" --wildcards 'manifest/*.tsv' |
		grep -aE "^($2)	" || :
}

# a line f of a file ends in its path
counts() {
	local type

	for type in m r x f; do
		lines "$1" "$type" | grep -vcE '^f.*/[^	]*$' || :
	done | paste -sd ' '
}

mail() {
	local name

	mkdir -p "$private/mail"
	for name; do
		printf 'Subject: %s\r\n\r\nthis is %s\r\n' "$name" "$name" \
			>"$private/mail/$name.eml"
	done
}
