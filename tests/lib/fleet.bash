# shellcheck shell=bash
# Many accounts for tests of -A LIST.
#
#   fleet_accounts NAME N       accounts u1 to uN on a Dovecot of start_dovecot
#   fleet_mail NAME N           two small messages into INBOX of each
#   fleet_list OLD NEW N        prints a list of them (TSV), with $password
#   fleet_setup                 in setup: $list and $dir, for these:
#   back_up_all, restore_all, audit_all OPTION...
#   column PROGRAM N [NAME]     of the lines about accounts in its summary
#   statuses PROGRAM            how many accounts ended with each: "200:0"
#   two_accounts                u1 and u2 on server old, and a list of them
#   odd_account SIDE QUIRK...   a third one, on the scripted server odd
#   run_in_background COMMAND...   as $pid
#   ends STATUS                 $pid, within the time of poll
#   child_of PID                the process of one account: $child
#   stalls, gone PID            for poll
#
# The password of all is $PASSWORD.

# They share all but the name with anna, and her line is there already.
fleet_accounts() {
	local dir=$private/$1 homes

	homes=$(realpath "$dir")/home
	awk -v n="$2" '/^anna:/ {
		for (i = 1; i <= n; i++) {
			line = $0
			sub(/^anna:/, "u" i ":", line)
			sub(/\/home\/anna:/, "/home/u" i ":", line)
			print line
		}
	}' "$dir/passwd" >"$private/more"
	cat "$private/more" >>"$dir/passwd"
	(cd "$homes" && seq -f 'u%.0f' "$2" | xargs mkdir) || return
	dovecot_own "$homes"
}

fleet_mail() {
	local homes i

	homes=$(realpath "$private/$1")/home
	for ((i = 1; i <= $2; i++)); do
		mkdir -p "$homes/u$i/Maildir/cur" "$homes/u$i/Maildir/new" \
			"$homes/u$i/Maildir/tmp"
		printf 'Subject: first of %d\n\none\n' "$i" \
			>"$homes/u$i/Maildir/cur/1.a.h:2,S"
		printf 'Subject: second of %d\n\ntwo\n' "$i" \
			>"$homes/u$i/Maildir/new/2.b.h"
	done
	dovecot_own "$homes"
}

fleet_list() {
	local old new i

	old=$(location "$1" @)
	new=$(location "$2" @)
	printf 'name\tsource\tsource_secret\ttarget\ttarget_secret\n'
	for ((i = 1; i <= $3; i++)); do
		printf 'u%d\t%s\tfile:%s\t%s\tfile:%s\n' "$i" \
			"${old/@@/u$i@}" "$password" "${new/@@/u$i@}" \
			"$password"
	done
}

fleet_setup() {
	common_setup
	# shellcheck disable=SC2034 # for the tests
	list=$private/list
	dir=$private/dir
}

back_up_all() {
	"${BOUND[@]}" mbackup -s "$secret_key" -A "$list" -d "$dir" \
		--timeout 5 "$@"
}

restore_all() {
	"${BOUND[@]}" mrestore -p "$public_key" -A "$list" -d "$dir" \
		--timeout 5 "$@"
}

audit_all() {
	"${BOUND[@]}" maudit -p "$public_key" -A "$list" -d "$dir" \
		--timeout 5 "$@"
}

column() {
	awk -F'\t' -v n="$2" -v name="${3-}" '$1 == "account" &&
		(name == "" || $2 == name) { print $n }' \
		"$dir/$1.summary.tsv"
}

statuses() {
	column "$1" 3 | sort -n | uniq -c | awk '{ print $1 ":" $2 }' |
		paste -sd ' '
}

two_accounts() {
	make_keys
	start_dovecot old
	fleet_accounts old 2
	fleet_mail old 2
	fleet_list old old 2 >"$list"
}

odd_account() {
	local quirk
	local -a quirks=()

	for quirk in "${@:2}"; do
		quirks+=(--quirk "$quirk")
	done
	start_imapd odd "${quirks[@]}"
	case $1 in
	source) printf 'odd\t%s\tfile:%s\tmaildir:%s\t\n' "$(location odd)" \
		"$password" "$private/odd-target" ;;
	target) printf 'odd\tmaildir:%s\t\t%s\tfile:%s\n' \
		"$private/odd-source" "$(location odd)" "$password" ;;
	esac >>"$list"
}

child_of() {
	child=$(_dovecot_children "$1" | awk 'NR == 1 { print $1 }')
	[ -n "$child" ]
}

stalls() {
	grep -qs 'AUTHENTICATE\|LOGIN' "$private/odd/log"
}

gone() {
	! [ -e "/proc/$1/stat" ] || grep -qs ') Z ' "/proc/$1/stat"
}

run_in_background() {
	"$@" >"$private/out" 2>"$private/err" 3>&- &
	pid=$!
}

ends() {
	local status=0

	poll gone "$pid" || return
	wait "$pid" || status=$?
	equal "$1" "$status" || cat "$private/err"
}
