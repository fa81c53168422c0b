#include "net/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "net/base64.h"
#include "util/num.h"

enum {
	KEY = SHA256_DIGEST_LENGTH,
	/* A server may ask for work without end: this much is seconds. */
	ITERATIONS_MAX = 10000000,
	MESSAGE_MAX = 4096,
};

void
scram_add_name(struct buf *b, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == ',')
			buf_adds(b, "=2C");
		else if (*name == '=')
			buf_adds(b, "=3D");
		else
			buf_addc(b, *name);
	}
}

void
scram_init(struct scram *s, const char *authzid, const char *authcid,
    const char *nonce)
{
	memset(s, 0, sizeof(*s));
	buf_adds(&s->gs2, "n,");
	if (authzid != NULL) {
		buf_adds(&s->gs2, "a=");
		scram_add_name(&s->gs2, authzid);
	}
	buf_addc(&s->gs2, ',');
	buf_adds(&s->bare, "n=");
	scram_add_name(&s->bare, authcid);
	buf_adds(&s->bare, ",r=");
	buf_adds(&s->bare, nonce);
	buf_adds(&s->nonce, nonce);
}

void
scram_release(struct scram *s)
{
	buf_wipe(&s->gs2);
	buf_wipe(&s->bare);
	buf_wipe(&s->nonce);
	explicit_bzero(s, sizeof(*s));
}

void
scram_first(const struct scram *s, struct buf *r)
{
	buf_add(r, s->gs2.data, s->gs2.len);
	buf_add(r, s->bare.data, s->bare.len);
}

/* Finds the value of attribute c in "r=..,s=..,i=.."; false if absent. */
static bool
attribute(const char *text, size_t n, char c, const char **r, size_t *n_r)
{
	const char *end = text + n, *comma;

	while (text < end) {
		comma = memchr(text, ',', (size_t)(end - text));
		if (comma == NULL)
			comma = end;
		if (comma - text >= 2 && text[0] == c && text[1] == '=') {
			*r = text + 2;
			*n_r = (size_t)(comma - text - 2);
			return true;
		}
		text = comma < end ? comma + 1 : end;
	}
	return false;
}

static bool
mac(const unsigned char *key, const void *p, size_t n, unsigned char *r)
{
	return HMAC(EVP_sha256(), key, KEY, p, n, r, NULL) != NULL;
}

/* RFC 5802, 3: proof and server signature from the salted password. */
static bool
prove(struct scram *s, const unsigned char *salted, const struct buf *auth,
    unsigned char *proof)
{
	unsigned char client[KEY], stored[KEY], server[KEY], signature[KEY];
	bool done;
	size_t i;

	done = mac(salted, "Client Key", 10, client) &&
	    SHA256(client, KEY, stored) != NULL &&
	    mac(stored, auth->data, auth->len, signature) &&
	    mac(salted, "Server Key", 10, server) &&
	    mac(server, auth->data, auth->len, s->server_signature);
	for (i = 0; done && i < KEY; i++)
		proof[i] = client[i] ^ signature[i];
	s->ready = done;
	sodium_memzero(client, sizeof(client));
	sodium_memzero(stored, sizeof(stored));
	sodium_memzero(server, sizeof(server));
	sodium_memzero(signature, sizeof(signature));
	return done;
}

const char *
scram_final(struct scram *s, const char *server, size_t n,
    const struct buf *password, struct buf *r)
{
	unsigned char salted[KEY], proof[KEY];
	struct buf salt = BUF_INIT, auth = BUF_INIT;
	const char *nonce, *v, *why = NULL;
	size_t nonce_n, v_n, start = r->len;
	uint64_t rounds;

	if (n > MESSAGE_MAX || !attribute(server, n, 'r', &nonce, &nonce_n) ||
	    nonce_n <= s->nonce.len ||
	    memcmp(nonce, s->nonce.data, s->nonce.len) != 0)
		why = "the server's nonce is not made of ours";
	else if (!attribute(server, n, 's', &v, &v_n) ||
	    !base64_decode(&salt, v, v_n) || salt.len == 0)
		why = "the server's salt is missing or broken";
	else if (!attribute(server, n, 'i', &v, &v_n) ||
	    !num_u64(v, v_n, ITERATIONS_MAX, &rounds) || rounds == 0)
		why = "the server's iteration count is missing or absurd";
	if (why != NULL)
		goto out;
	buf_adds(r, "c=");
	base64_add(r, s->gs2.data, s->gs2.len);
	buf_adds(r, ",r=");
	buf_add(r, nonce, nonce_n);
	buf_add(&auth, s->bare.data, s->bare.len);
	buf_addc(&auth, ',');
	buf_add(&auth, server, n);
	buf_addc(&auth, ',');
	buf_add(&auth, r->data + start, r->len - start);
	if (PKCS5_PBKDF2_HMAC((const char *)password->data,
		num_to_int(password->len), salt.data, num_to_int(salt.len),
		(int)rounds, EVP_sha256(), KEY, salted) != 1 ||
	    !prove(s, salted, &auth, proof)) {
		why = "OpenSSL cannot compute SHA-256";
		goto out;
	}
	buf_adds(r, ",p=");
	base64_add(r, proof, KEY);
out:
	sodium_memzero(salted, sizeof(salted));
	sodium_memzero(proof, sizeof(proof));
	buf_release(&salt);
	buf_wipe(&auth);
	return why;
}

const char *
scram_verify(const struct scram *s, const char *server, size_t n)
{
	struct buf signature = BUF_INIT;
	const char *v;
	size_t v_n;
	bool same;

	if (!s->ready || n > MESSAGE_MAX ||
	    !attribute(server, n, 'v', &v, &v_n) ||
	    !base64_decode(&signature, v, v_n)) {
		buf_release(&signature);
		return "the server does not prove that it knows the password";
	}
	same = signature.len == KEY &&
	    sodium_memcmp(signature.data, s->server_signature, KEY) == 0;
	buf_release(&signature);
	return same ?
	    NULL :
	    "the server's proof is wrong: it does not know the password";
}
