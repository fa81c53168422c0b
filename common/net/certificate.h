#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/* Appends "sha256:" and the hexadecimal SHA-256 of the DER: a pin. */
void certificate_digest(struct buf *b, X509 *cert);

/* Appends a name in one line, "CN=mail.example.com,O=Example" (RFC 4514), in
 * UTF-8. */
void certificate_name(struct buf *b, const X509_NAME *name);
/* Its end (notAfter), UTC seconds; 0 when it cannot be told. */
int64_t certificate_until(const X509 *cert);

/* Pins are 64 hexadecimal digits, with or without colons between the
 * octets and "sha256:" in front, any case.  RC_STORE, CAUSE_CONFIG. */
enum rc certificate_check_pins(const struct strs *pins, struct fault *f)
    CHECKED;
bool certificate_pinned(X509 *cert, const struct strs *pins);

/* Appends what OpenSSL's check of a chain for host found wrong, and the way
 * out: "its certificate is self-signed (..): ..". */
void certificate_complain(struct buf *b, X509_STORE_CTX *store,
    const char *host);

#endif
