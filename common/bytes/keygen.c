/* Making a key pair, in minisign's files. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "bytes/keyfile.h"
#include "bytes/minisign.h"
#include "util/file.h"

/* As much work as minisign asks for, less where memory does not suffice:
 * 1 GiB at first. */
static enum rc
encrypt(struct secret_file *s, const struct buf *passphrase, struct fault *f)
{
	uint64_t ops = crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE;
	uint64_t mem = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE;

	memcpy(s->kdf, "Sc", 2);
	randombytes_buf(s->salt, sizeof(s->salt));
	while (mem >= crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_MIN &&
	    ops >= crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_MIN) {
		keyfile_put_le64(s->ops, ops);
		keyfile_put_le64(s->mem, mem);
		if (keyfile_crypt(s, passphrase))
			return RC_OK;
		ops /= 2;
		mem /= 2;
	}
	return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
	    "not enough memory to encrypt a secret key");
}

static enum rc
make_secret(struct secret_file *s, const struct buf *passphrase,
    struct public_file *public_r, struct fault *f)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->alg, "Ed", 2);
	memcpy(s->check_alg, "B2", 2);
	randombytes_buf(s->part.id, sizeof(s->part.id));
	crypto_sign_keypair(public_r->pk, s->part.sk);
	memcpy(public_r->alg, "Ed", 2);
	memcpy(public_r->id, s->part.id, sizeof(public_r->id));
	/* minisign leaves it out of plain keys and does not look at it;
	 * there it still finds a damaged file. */
	keyfile_checksum(s, s->part.check);
	return passphrase != NULL ? encrypt(s, passphrase, f) : RC_OK;
}

static void
secret_text(const struct secret_file *s, bool encrypted, struct buf *b)
{
	/* Room first: a buffer that grows would leave copies behind. */
	buf_room(b, MINISIGN_FILE_MAX);
	buf_adds(b, "untrusted comment: ");
	buf_adds(b,
	    encrypted ? "encrypted mailproof secret key\n" :
			"mailproof secret key, not encrypted\n");
	keyfile_encode(b, s, sizeof(*s));
}

static void
public_text(const struct public_file *p, struct buf *b)
{
	struct pubkey k;

	memcpy(k.id, p->id, sizeof(k.id));
	memcpy(k.pk, p->pk, sizeof(k.pk));
	buf_adds(b, "untrusted comment: mailproof public key ");
	pubkey_id(&k, b);
	buf_addc(b, '\n');
	keyfile_encode(b, p, sizeof(*p));
}

enum rc
minisign_generate(const char *pubpath, const char *secpath,
    const struct buf *passphrase, struct fault *f)
{
	struct buf secret = BUF_INIT, public = BUF_INIT;
	struct public_file p;
	struct secret_file *s;
	enum rc rc;

	if (passphrase != NULL && passphrase->len == 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "an empty passphrase would protect nothing");
	s = sodium_malloc(sizeof(*s));
	if (s == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "no guarded memory for a secret key");
	rc = make_secret(s, passphrase, &p, f);
	if (rc != RC_OK)
		goto out;
	secret_text(s, passphrase != NULL, &secret);
	public_text(&p, &public);
	rc = file_create(secpath, 0600, secret.data, secret.len, f);
	if (rc != RC_OK)
		goto out;
	rc = file_create(pubpath, 0644, public.data, public.len, f);
	if (rc != RC_OK)
		unlink(secpath);
out:
	sodium_free(s);
	buf_wipe(&secret);
	buf_release(&public);
	return rc;
}
