# shellcheck shell=bash
# A private certification authority and certificates for the test servers.
#
#   tls_make DIR     make, in DIR, ca.pem and pairs X.pem, X.key:
#                      good         for localhost and 127.0.0.1, signed by ca
#                      expired      the same, over since 2020
#                      other-host   for mail.example.net
#                      other-ca     signed by an authority that is not ca.pem
#                      self-signed  signed by itself
#   tls_pin CERT     the SHA-256 of the certificate in DER, in hexadecimal

_tls_config() {
	cat <<-END
	[req]
	distinguished_name = name
	prompt = no
	[name]
	CN = $1
	[authority]
	basicConstraints = critical, CA:true
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[server]
	basicConstraints = critical, CA:false
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth
	subjectAltName = $2
	[ca]
	default_ca = issue
	[issue]
	database = index.txt
	new_certs_dir = .
	rand_serial = yes
	default_md = sha256
	policy = any
	unique_subject = no
	[any]
	commonName = supplied
	END
}

_tls_request() {	# NAME EXTENSIONS OUTPUT REQ-OPTION...
	local name=$1 extensions=$2 out=$3

	shift 3
	openssl req -config "$name.cnf" -extensions "$extensions" -nodes \
		-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-keyout "$name.key" -out "$out" "$@"
}

_tls_authority() {
	_tls_config "mailproof test $1" DNS:none >"$1.cnf"
	_tls_request "$1" authority "$1.pem" -x509 -days 3650
}

_tls_server() {	# NAME AUTHORITY SUBJECT-NAMES NOT-BEFORE NOT-AFTER
	_tls_config "mailproof test $1" "$3" >"$1.cnf"
	_tls_request "$1" server "$1.csr" &&
	openssl ca -batch -notext -config "$1.cnf" -extensions server \
		-cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" \
		-startdate "$4" -enddate "$5"
}

_tls_make_all() {
	local here=DNS:localhost,IP:127.0.0.1

	: >index.txt
	_tls_authority ca &&
	_tls_authority foreign &&
	_tls_server good ca "$here" 20200101000000Z 20991231000000Z &&
	_tls_server expired ca "$here" 20190101000000Z 20200101000000Z &&
	_tls_server other-host ca DNS:mail.example.net \
		20200101000000Z 20991231000000Z &&
	_tls_server other-ca foreign "$here" 20200101000000Z 20991231000000Z &&
	_tls_config localhost "$here" >self-signed.cnf &&
	_tls_request self-signed server self-signed.pem -x509 -days 3650
}

tls_make() {
	mkdir -p "$1" || return
	if ! (cd "$1" && _tls_make_all) >"$1/openssl.log" 2>&1; then
		cat "$1/openssl.log" >&2
		return 1
	fi
}

tls_pin() {
	openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1
}
