#include "net/certificate.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "util/text.h"

enum {
	DIGEST = SHA256_DIGEST_LENGTH,
	NAMES_MAX = 8, /* of a certificate, in a message */
	NAME_MAX_OCTETS = 80,
};

static bool
digest(X509 *cert, unsigned char *r)
{
	unsigned n;

	return X509_digest(cert, EVP_sha256(), r, &n) == 1 && n == DIGEST;
}

void
certificate_digest(struct buf *b, X509 *cert)
{
	unsigned char d[DIGEST];

	if (!digest(cert, d))
		return;
	buf_adds(b, "sha256:");
	text_hex(b, d, sizeof(d));
}

void
certificate_name(struct buf *b, const X509_NAME *name)
{
	/* control bytes are escaped, what is over 0x7f is made UTF-8 */
	const unsigned long flags =
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *out = BIO_new(BIO_s_mem());
	char *p;
	long n;

	if (out != NULL && X509_NAME_print_ex(out, name, 0, flags) >= 0) {
		n = BIO_get_mem_data(out, &p);
		if (n > 0)
			buf_add(b, p, (size_t)n);
	}
	BIO_free(out);
}

int64_t
certificate_until(const X509 *cert)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm);
}

static bool
parse_pin(const char *pin, unsigned char *r)
{
	struct buf hex = BUF_INIT;
	bool good;

	if (strncasecmp(pin, "sha256:", 7) == 0)
		pin += 7;
	for (; *pin != '\0'; pin++)
		if (*pin != ':')
			buf_addc(&hex, *pin);
	good = hex.len == 2 * DIGEST &&
	    text_unhex(buf_str(&hex), hex.len, r, DIGEST);
	buf_release(&hex);
	return good;
}

enum rc
certificate_check_pins(const struct strs *pins, struct fault *f)
{
	unsigned char d[DIGEST];
	size_t i;

	for (i = 0; i < pins->n; i++)
		if (!parse_pin(pins->v[i], d))
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "pin '%s' is not the SHA-256 of a certificate: 64 "
			    "hexadecimal digits",
			    pins->v[i]);
	return RC_OK;
}

bool
certificate_pinned(X509 *cert, const struct strs *pins)
{
	unsigned char d[DIGEST], pin[DIGEST];
	size_t i;

	if (!digest(cert, d))
		return false;
	for (i = 0; i < pins->n; i++)
		if (parse_pin(pins->v[i], pin) && memcmp(d, pin, DIGEST) == 0)
			return true;
	return false;
}

static void
add_time(struct buf *b, const ASN1_TIME *when)
{
	char text[32];
	struct tm tm;

	if (ASN1_TIME_to_tm(when, &tm) == 1 &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
		buf_adds(b, text);
	else
		buf_adds(b, "an unreadable date");
}

static void
add_bytes(struct buf *b, const unsigned char *p, int n)
{
	text_visible(b, p, n > 0 ? (size_t)n : 0, NAME_MAX_OCTETS);
}

static void
add_address(struct buf *b, const ASN1_OCTET_STRING *ip)
{
	const unsigned char *p = ASN1_STRING_get0_data(ip);
	int i, n = ASN1_STRING_length(ip);

	for (i = 0; n == 4 && i < n; i++)
		buf_addf(b, "%s%u", i > 0 ? "." : "", (unsigned)p[i]);
	for (i = 0; n == 16 && i + 1 < n; i += 2)
		buf_addf(b, "%s%x", i > 0 ? ":" : "",
		    (unsigned)p[i] << 8 | p[i + 1]);
}

/* The names that it was issued for; its common name for want of any. */
static void
add_names(struct buf *b, X509 *cert)
{
	GENERAL_NAMES *names;
	const GENERAL_NAME *name;
	char common[NAME_MAX_OCTETS];
	int i, shown = 0;

	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(names) && shown < NAMES_MAX; i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS && name->type != GEN_IPADD)
			continue;
		if (shown++ > 0)
			buf_adds(b, ", ");
		if (name->type == GEN_DNS)
			add_bytes(b, ASN1_STRING_get0_data(name->d.dNSName),
			    ASN1_STRING_length(name->d.dNSName));
		else
			add_address(b, name->d.iPAddress);
	}
	GENERAL_NAMES_free(names);
	if (shown > 0)
		return;
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
		NID_commonName, common, sizeof(common)) > 0)
		add_bytes(b, (unsigned char *)common, (int)strlen(common));
	else
		buf_adds(b, "nobody");
}

/* How to trust this one in spite of all. */
static void
add_pin(struct buf *b, X509 *leaf)
{
	buf_adds(b, "if it is the right server, --pin ");
	certificate_digest(b, leaf);
}

void
certificate_complain(struct buf *b, X509_STORE_CTX *store, const char *host)
{
	int error = X509_STORE_CTX_get_error(store);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	X509 *at = X509_STORE_CTX_get_current_cert(store);
	const char *whose;

	if (at == NULL)
		at = leaf;
	whose = at == leaf ? "its certificate" : "its authority's certificate";
	switch (error) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		buf_adds(b, "its certificate is self-signed: ");
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		buf_adds(b,
		    "its certificate is signed by an authority that is "
		    "not trusted here: name that with --ca FILE, or, ");
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		buf_addf(b, "%s expired on ", whose);
		add_time(b, X509_get0_notAfter(at));
		buf_adds(b, ": have it renewed, or, ");
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		buf_addf(b, "%s begins on ", whose);
		add_time(b, X509_get0_notBefore(at));
		buf_adds(b, ": is this clock right? or, ");
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		buf_adds(b, "its certificate is for ");
		add_names(b, leaf);
		buf_addf(b, ", not for %s: use that name, or, ", host);
		break;
	default:
		buf_addf(b, "its certificate is not good (%s): ",
		    X509_verify_cert_error_string(error));
		break;
	}
	add_pin(b, leaf);
}
