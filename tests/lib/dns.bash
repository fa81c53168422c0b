# shellcheck shell=bash
# Private name servers on loopback, for root and for ordinary users alike: NSD
# answers for zones, Unbound asks it and keeps what it heard. Neither asks
# anybody else.
#
#   nsd_start DIR ZONE...         serves DIR/ZONE.zone (made before)
#   nsd_reload DIR                after a zone has changed
#   unbound_start DIR ZONE=NSD... asks the servers of these directories about
#                                 the zones, and refuses all others; an
#                                 ADDRESS@PORT is as good as a directory
#   odddns_start DIR              tests/peers/odddns.py: DIR/KIND are ports
#   dns_port DIR                  the port of either
#   dns_at DIR                    127.0.0.1:PORT
#   dns_stop DIR                  stop it
#   zone DIR ZONE SERIAL LINE...  writes DIR/ZONE.zone: SOA, NS and the lines,
#                                 $TTL is the variable ttl, or 60

DNS_START_TRIES=10	# other ports are tried when one is taken

dns_port() {
	cat "$1/port"
}

dns_at() {
	printf '127.0.0.1:%s\n' "$(cat "$1/port")"
}

_dns_binary() {
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" || {
		echo "dns.bash: $1 is not installed" >&2
		return 1
	}
}

_dns_free_port() {
	local port

	while :; do
		port=$((10240 + (RANDOM * 32768 + RANDOM) % 20000))
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	printf '%d\n' "$port"
}

zone() {
	local dir=$1 zone=$2 serial=$3

	shift 3
	mkdir -p "$dir"
	{
		printf '%sORIGIN %s.\n%sTTL %s\n' '$' "$zone" '$' "${ttl:-60}"
		printf '@ SOA ns1.%s. root.%s. %s 3600 600 86400 %s\n' \
			"$zone" "$zone" "$serial" "${ttl:-60}"
		printf '@ NS ns1.%s.\nns1 A 127.0.0.1\n' "$zone"
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$dir/$zone.zone.new"
	mv "$dir/$zone.zone.new" "$dir/$zone.zone"
}

# DIR PORT TOKEN ZONE...
_nsd_configure() {
	local dir=$1 port=$2 token=$3 zone

	shift 3
	cat <<-EOF
	server:
	  ip-address: 127.0.0.1@$port
	  username: ""
	  chroot: ""
	  zonesdir: "$dir"
	  database: ""
	  pidfile: "$dir/nsd.pid"
	  xfrdfile: "$dir/xfrd.state"
	  xfrdir: "$dir"
	  zonelistfile: "$dir/zone.list"
	  logfile: "$dir/log"
	  cookie-secret-file: ""
	  identity: "$token"
	  server-count: 1
	  tcp-count: 50
	  rrl-ratelimit: 0
	  verbosity: 1
	remote-control:
	  control-enable: no
	EOF
	for zone; do
		printf 'zone:\n  name: "%s"\n  zonefile: "%s.zone"\n' \
			"$zone" "$zone"
	done
}

# DIR PORT TOKEN SERVER...
_unbound_configure() {
	local dir=$1 port=$2 token=$3 server zone

	shift 3
	cat <<-EOF
	server:
	  interface: 127.0.0.1
	  port: $port
	  do-daemonize: no
	  username: ""
	  chroot: ""
	  directory: "$dir"
	  pidfile: ""
	  use-syslog: no
	  logfile: "$dir/log"
	  log-time-ascii: yes
	  identity: "$token"
	  module-config: "iterator"
	  do-not-query-localhost: no
	  num-threads: 1
	  local-zone: "." refuse
	  outgoing-range: 128
	  infra-host-ttl: 0
	  infra-cache-max-rtt: 1000
	  minimal-responses: no
	  qname-minimisation: no
	remote-control:
	  control-enable: no
	EOF
	for server; do
		zone=${server%%=*} server=${server#*=}
		case $server in
		*@*) ;;
		*) server=127.0.0.1@$(dns_port "$server") ;;
		esac
		printf 'server:\n  local-zone: "%s." transparent\n' "$zone"
		printf 'stub-zone:\n  name: "%s"\n  stub-addr: %s\n' \
			"$zone" "$server"
	done
}

# KIND DIR ARG...: tries ports until one is ours
_dns_start() {
	local kind=$1 dir binary port token try result pid

	mkdir -p "$2" && dir=$(realpath "$2") || return
	shift 2
	binary=$(_dns_binary "$kind") || return
	for ((try = 0; try < DNS_START_TRIES; try++)); do
		port=$(_dns_free_port)
		token=mailproof-$$-$RANDOM
		"_${kind}_configure" "$dir" "$port" "$token" "$@" \
			>"$dir/$kind.conf" || return
		# not the descriptors of the test, or bats waits for it
		"$binary" -d -c "$dir/$kind.conf" </dev/null \
			>>"$dir/output" 2>&1 3>&- 4>&- &
		pid=$!
		disown "$pid"
		printf '%d\n' "$pid" >"$dir/pid"
		printf '%d\n' "$port" >"$dir/port"
		result=0
		python3 "$peers/dnsready.py" "$port" "$token" 5 || result=$?
		[ "$result" -ne 0 ] || return 0
		dns_stop "$dir"
	done
	tail -n 20 "$dir/output" "$dir/log" >&2
	return 1
}

nsd_start() {
	_dns_start nsd "$@"
}

nsd_reload() {
	kill -HUP "$(cat "$1/pid")"
}

unbound_start() {
	_dns_start unbound "$@"
}

odddns_start() {
	local pid step

	mkdir -p "$1" || return
	python3 "$peers/odddns.py" "$1" </dev/null >"$1/output" 2>&1 \
		3>&- 4>&- &
	pid=$!
	disown "$pid"
	printf '%d\n' "$pid" >"$1/pid"
	for ((step = 0; step < 500; step++)); do
		[ ! -e "$1/port" ] || return 0
		sleep 0.01
	done
	cat "$1/output" >&2
	return 1
}

dns_stop() {
	local pid step

	pid=$(cat "$1/pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || :
	for ((step = 0; step < 200; step++)); do
		if ! [ -e "/proc/$pid/stat" ] ||
		    grep -qs ') Z ' "/proc/$pid/stat"; then
			break
		fi
		[ "$step" -ne 150 ] || kill -KILL "$pid" 2>/dev/null || :
		sleep 0.01
	done
	rm -f "$1/pid" "$1/port"
}
