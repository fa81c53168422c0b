/*
 * The input is a .minisig for the empty file and a key that anybody knows:
 * whatever it is, it is refused or its comment was signed and can be shown.
 * So that a fuzzer gets past the signatures, a first octet of 's' has the
 * rest signed as a comment.
 */
#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/keyfile.h"
#include "bytes/minisign.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const unsigned char seed[crypto_sign_SEEDBYTES] = "anybody knows it";

static void
sign(const unsigned char sk[64], const struct hash512 *h, const void *comment,
    size_t n, struct buf *out)
{
	struct buf message = BUF_INIT;
	struct signature_file file;
	unsigned char global[64];

	memset(&file, 0, sizeof(file));
	memcpy(file.alg, "ED", 2);
	crypto_sign_detached(file.sig, NULL, h->b, sizeof(h->b), sk);
	buf_add(&message, file.sig, sizeof(file.sig));
	buf_add(&message, comment, n);
	crypto_sign_detached(global, NULL, message.data, message.len, sk);
	buf_adds(out, "untrusted comment: \n");
	keyfile_encode(out, &file, sizeof(file));
	buf_adds(out, "trusted comment: ");
	buf_add(out, comment, n);
	buf_addc(out, '\n');
	keyfile_encode(out, global, sizeof(global));
	buf_release(&message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf sig = BUF_INIT, comment = BUF_INIT;
	struct fault f = FAULT_INIT;
	unsigned char sk[64];
	struct hash512 h;
	struct pubkey k;
	enum rc rc;

	if (len == 0 || !hash_startup())
		return 0;
	memset(&k, 0, sizeof(k));
	crypto_sign_seed_keypair(k.pk, sk, seed);
	hash512_of("", 0, &h);
	if (data[0] == 's')
		sign(sk, &h, data + 1, len - 1, &sig);
	else
		buf_add(&sig, data, len);
	rc = minisign_verify(&k, &h, sig.data, sig.len, &comment, &f);
	if (rc != RC_OK &&
	    (f.cause != CAUSE_DATA || f.text[0] == '\0' || comment.len > 0))
		abort();
	if (rc == RC_OK &&
	    (memchr(buf_str(&comment), '\n', comment.len) ||
		memchr(buf_str(&comment), '\x1b', comment.len) ||
		!text_is_utf8(buf_str(&comment), comment.len)))
		abort();
	buf_release(&sig);
	buf_release(&comment);
	return 0;
}
