/* Signatures: making and checking the text of a .minisig file. */
#include "bytes/minisign.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "bytes/keyfile.h"
#include "bytes/seckey.h"
#include "util/text.h"

static const char untrusted[] = "untrusted comment: ";
static const char trusted[] = "trusted comment: ";

/* UTF-8 without anything that moves a cursor or starts an escape, but TAB,
 * which minisign's own comments hold. */
static bool
is_printable(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
			return false;
		/* C1 controls: U+0080 to U+009F. */
		if (p[i] == 0xc2 && i + 1 < n && p[i + 1] < 0xa0)
			return false;
	}
	return text_is_utf8(s, n);
}

/* What the second signature is over: the first one, then the comment. */
static void
comment_message(struct buf *b, const unsigned char sig[64], const char *comment,
    size_t n)
{
	buf_add(b, sig, 64);
	buf_add(b, comment, n);
}

void
minisign_sign(const struct seckey *k, const struct hash512 *h,
    const char *trusted_comment, struct buf *out)
{
	const size_t n = strlen(trusted_comment);
	unsigned char global[64];
	struct buf message = BUF_INIT;
	struct signature_file file;

	assert(n <= MINISIGN_COMMENT_MAX);
	assert(is_printable(trusted_comment, n));
	memcpy(file.alg, "ED", 2);
	memcpy(file.id, k->id, sizeof(file.id));
	crypto_sign_detached(file.sig, NULL, h->b, sizeof(h->b), k->sk);
	comment_message(&message, file.sig, trusted_comment, n);
	crypto_sign_detached(global, NULL, message.data, message.len, k->sk);
	buf_release(&message);

	buf_adds(out, untrusted);
	buf_adds(out, "signature from a mailproof secret key\n");
	keyfile_encode(out, &file, sizeof(file));
	buf_adds(out, trusted);
	buf_adds(out, trusted_comment);
	buf_addc(out, '\n');
	keyfile_encode(out, global, sizeof(global));
}

/* A .minisig taken apart. */
struct signature {
	struct signature_file file;
	const char *comment; /* borrowed from the text */
	size_t n_comment;
	unsigned char global[64];
};

static bool
parse(const char *p, size_t n, struct signature *r)
{
	const char *line;
	size_t len;

	if (!keyfile_line(&p, &n, &line, &len) ||
	    !keyfile_prefix(&line, &len, untrusted) ||
	    !keyfile_line(&p, &n, &line, &len) ||
	    !keyfile_decode(line, len, &r->file, sizeof(r->file)) ||
	    !keyfile_line(&p, &n, &r->comment, &r->n_comment) ||
	    !keyfile_prefix(&r->comment, &r->n_comment, trusted) ||
	    !keyfile_line(&p, &n, &line, &len) ||
	    !keyfile_decode(line, len, r->global, sizeof(r->global)))
		return false;
	return n == 0 && r->n_comment <= MINISIGN_COMMENT_MAX;
}

static enum rc
bad(struct fault *f, const char *text)
{
	return fault_set(f, RC_STORE, CAUSE_DATA, "%s", text);
}

static enum rc
wrong_key(const struct pubkey *k, const struct signature_file *file,
    struct fault *f)
{
	struct buf made = BUF_INIT, given = BUF_INIT;
	struct pubkey other;
	enum rc rc;

	memset(&other, 0, sizeof(other));
	memcpy(other.id, file->id, sizeof(other.id));
	pubkey_id(&other, &made);
	pubkey_id(k, &given);
	rc = fault_set(f, RC_STORE, CAUSE_DATA,
	    "signature was made with "
	    "key %s, the key given is %s",
	    buf_str(&made), buf_str(&given));
	buf_release(&made);
	buf_release(&given);
	return rc;
}

static bool
comment_holds(const struct pubkey *k, const struct signature *s)
{
	struct buf message = BUF_INIT;
	bool ok;

	comment_message(&message, s->file.sig, s->comment, s->n_comment);
	ok = crypto_sign_verify_detached(s->global, message.data, message.len,
		 k->pk) == 0;
	buf_release(&message);
	return ok;
}

enum rc
minisign_verify(const struct pubkey *k, const struct hash512 *h,
    const void *sig, size_t n, struct buf *comment_r, struct fault *f)
{
	struct signature s;

	if (n > MINISIGN_FILE_MAX || !parse(sig, n, &s))
		return bad(f, "not a minisign signature");
	if (memcmp(s.file.alg, "Ed", 2) == 0)
		return bad(f,
		    "signature is of minisign's old kind, not over "
		    "a BLAKE2b hash: sign again without -l");
	if (memcmp(s.file.alg, "ED", 2) != 0)
		return bad(f, "signature is of an unknown kind");
	if (memcmp(s.file.id, k->id, sizeof(k->id)) != 0)
		return wrong_key(k, &s.file, f);
	if (crypto_sign_verify_detached(s.file.sig, h->b, sizeof(h->b),
		k->pk) != 0)
		return bad(f,
		    "bad signature: these are not the bytes that "
		    "were signed");
	if (!comment_holds(k, &s))
		return bad(f,
		    "bad signature: the trusted comment is not the "
		    "one that was signed");
	if (!is_printable(s.comment, s.n_comment))
		return bad(f, "the trusted comment holds control characters");
	buf_add(comment_r, s.comment, s.n_comment);
	return RC_OK;
}
