/* Reading minisign's key files. */
#include "bytes/seckey.h"

#include <sodium.h>
#include <string.h>

#include "bytes/keyfile.h"
#include "bytes/minisign.h"
#include "util/file.h"

/* What a key file may ask of the KDF: 32 and 4 times what minisign does. */
#define OPS_MAX (UINT64_C(1) << 30)
#define MEM_MAX (UINT64_C(1) << 32)

static const char untrusted[] = "untrusted comment: ";

static void
add_id(struct buf *b, const unsigned char id[8])
{
	buf_addf(b, "%016llX", (unsigned long long)keyfile_get_le64(id));
}

void
pubkey_id(const struct pubkey *k, struct buf *b)
{
	add_id(b, k->id);
}

/* The base64 line of a key file: the one below the comment. */
static bool
key_line(const struct buf *text, const char **line_r, size_t *n_r)
{
	const char *p = (const char *)text->data;
	size_t n = text->len;

	if (!keyfile_line(&p, &n, line_r, n_r) ||
	    !keyfile_prefix(line_r, n_r, untrusted))
		return false;
	return keyfile_line(&p, &n, line_r, n_r);
}

static enum rc
bad_key(struct fault *f, const char *path, const char *what)
{
	return fault_set(f, RC_STORE, CAUSE_CONFIG, "'%s' %s", path, what);
}

static enum rc
parse_public(const char *path, const struct buf *text, struct pubkey *r,
    struct fault *f)
{
	struct public_file file;
	const char *line;
	size_t n;

	if (!key_line(text, &line, &n))
		return bad_key(f, path, "is not a minisign public key");
	if (n ==
	    sodium_base64_ENCODED_LEN(sizeof(struct secret_file),
		sodium_base64_VARIANT_ORIGINAL) -
		1)
		return bad_key(f, path,
		    "looks like a secret key: give the public one");
	if (!keyfile_decode(line, n, &file, sizeof(file)))
		return bad_key(f, path, "is not a minisign public key");
	if (memcmp(file.alg, "Ed", 2) != 0)
		return bad_key(f, path,
		    "is for another algorithm than Ed25519");
	memcpy(r->id, file.id, sizeof(r->id));
	memcpy(r->pk, file.pk, sizeof(r->pk));
	return RC_OK;
}

enum rc
pubkey_load(const char *path, struct pubkey *r, struct fault *f)
{
	struct buf text = BUF_INIT;
	enum rc rc;

	rc = file_slurp(path, MINISIGN_FILE_MAX, &text, f);
	if (rc == RC_OK)
		rc = parse_public(path, &text, r, f);
	else
		rc = fault_wrap(f, rc, "public key");
	buf_release(&text);
	return rc;
}

static enum rc
decrypt(const char *path, struct secret_file *s, minisign_pass_fn *pass,
    void *arg, struct fault *f)
{
	struct buf text = BUF_INIT;
	enum rc rc;

	if (keyfile_get_le64(s->ops) > OPS_MAX ||
	    keyfile_get_le64(s->mem) > MEM_MAX)
		return bad_key(f, path,
		    "asks for more work than any minisign key: damaged");
	if (pass == NULL)
		return bad_key(f, path,
		    "has a passphrase, and there is no way to ask for it");
	rc = pass(arg, path, &text, f);
	if (rc == RC_OK && !keyfile_crypt(s, &text))
		rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "'%s': not enough memory to check its passphrase "
		    "(%llu octets)",
		    path, (unsigned long long)keyfile_get_le64(s->mem));
	buf_wipe(&text);
	return rc;
}

static bool
check_holds(const struct secret_file *s, bool encrypted)
{
	unsigned char sum[32];

	/* minisign -G -W leaves the checksum of a plain key at zero. */
	if (!encrypted && sodium_is_zero(s->part.check, 32))
		return true;
	keyfile_checksum(s, sum);
	return sodium_memcmp(sum, s->part.check, 32) == 0;
}

/* A wrong public half in sk would leak the secret half by signing. */
static bool
halves_fit(const unsigned char sk[64])
{
	unsigned char *again, pk[32];
	bool fit;

	again = sodium_malloc(64);
	if (again == NULL)
		return false;
	crypto_sign_seed_keypair(pk, again, sk);
	fit = memcmp(pk, sk + 32, 32) == 0;
	sodium_free(again);
	return fit;
}

static enum rc
open_secret(const char *path, struct secret_file *s, minisign_pass_fn *pass,
    void *arg, struct fault *f)
{
	const bool encrypted = memcmp(s->kdf, "Sc", 2) == 0;
	enum rc rc;

	if (memcmp(s->alg, "Ed", 2) != 0 || memcmp(s->check_alg, "B2", 2) != 0)
		return bad_key(f, path,
		    "is for another algorithm than "
		    "Ed25519 with BLAKE2b");
	if (!encrypted && memcmp(s->kdf, "\0\0", 2) != 0)
		return bad_key(f, path,
		    "is encrypted in a way that is not minisign's scrypt");
	if (encrypted) {
		rc = decrypt(path, s, pass, arg, f);
		if (rc != RC_OK)
			return rc;
	}
	if (!check_holds(s, encrypted))
		return bad_key(f, path,
		    encrypted ? "does not open: wrong passphrase" :
				"is damaged: its checksum does not hold");
	if (!halves_fit(s->part.sk))
		return bad_key(f, path,
		    "is damaged: its two halves do not fit");
	return RC_OK;
}

static enum rc
parse_secret(const char *path, const struct buf *text, struct secret_file *s,
    struct fault *f)
{
	const char *line;
	size_t n;

	if (!key_line(text, &line, &n))
		return bad_key(f, path, "is not a minisign secret key");
	if (n ==
	    sodium_base64_ENCODED_LEN(sizeof(struct public_file),
		sodium_base64_VARIANT_ORIGINAL) -
		1)
		return bad_key(f, path,
		    "looks like a public key: give the secret one");
	if (!keyfile_decode(line, n, s, sizeof(*s)))
		return bad_key(f, path, "is not a minisign secret key");
	return RC_OK;
}

/* Guarded memory or a fault: the limit on locked memory may be low. */
static void *
guarded(size_t n, struct fault *f)
{
	void *p;

	p = sodium_malloc(n);
	if (p == NULL)
		(void)fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "no guarded memory for a secret key");
	return p;
}

enum rc
seckey_load(const char *path, minisign_pass_fn *pass, void *arg,
    struct seckey **r, struct fault *f)
{
	struct secret_file *s;
	struct buf text = BUF_INIT;
	struct seckey *k;
	enum rc rc;

	s = guarded(sizeof(*s), f);
	if (s == NULL)
		return RC_STORE;
	/* Room first: a buffer that grows would leave copies behind. */
	buf_room(&text, MINISIGN_FILE_MAX + 1);
	rc = file_slurp(path, MINISIGN_FILE_MAX, &text, f);
	if (rc != RC_OK)
		(void)fault_wrap(f, rc, "secret key");
	if (rc == RC_OK)
		rc = parse_secret(path, &text, s, f);
	if (rc == RC_OK)
		rc = open_secret(path, s, pass, arg, f);
	if (rc == RC_OK) {
		k = guarded(sizeof(*k), f);
		if (k == NULL) {
			rc = RC_STORE;
		} else {
			memcpy(k->id, s->part.id, sizeof(k->id));
			memcpy(k->sk, s->part.sk, sizeof(k->sk));
			sodium_mprotect_readonly(k);
			*r = k;
		}
	}
	buf_wipe(&text);
	sodium_free(s);
	return rc;
}

void
seckey_free(struct seckey *k)
{
	sodium_free(k);
}

void
seckey_public(const struct seckey *k, struct pubkey *r)
{
	memcpy(r->id, k->id, sizeof(r->id));
	memcpy(r->pk, k->sk + 32, sizeof(r->pk));
}
