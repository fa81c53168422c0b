#include "net/sasl.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "net/base64.h"
#include "net/sasl_private.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum { SECRET_ROOM = 4096 };

static bool
is_proxied(const struct credentials *who)
{
	return who->auth_user != NULL && strcmp(who->auth_user, who->user) != 0;
}

static bool
is_ascii(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if (b->data[i] > 0x7e)
			return false;
	return true;
}

enum rc
sasl_prepare(const struct credentials *who, const struct endpoint *at,
    struct buf *secret, struct sasl_want *w, struct fault *f)
{
	enum rc rc;

	memset(w, 0, sizeof(*w));
	(void)buf_room(secret, SECRET_ROOM);
	rc = who->secret(who->secret_arg, secret, f);
	if (rc != RC_OK)
		return RC_STORE;
	if (secret->len > 0 && memchr(secret->data, '\0', secret->len) != NULL)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the password holds a NUL: no login can carry it");
	w->named = who->mechanism;
	w->secure = at->security != SECURITY_NONE;
	w->proxied = is_proxied(who);
	w->master = w->proxied || strchr(who->user, '*') != NULL;
	w->ascii = is_ascii(secret);
	w->token = who->token;
	return RC_OK;
}

static enum rc
plain_step(struct sasl *s, const struct buf *challenge, struct buf *response,
    struct fault *f)
{
	(void)challenge;
	(void)f;
	if (s->step > 0)
		return RC_END;
	if (s->user != s->who)
		buf_adds(response, s->user);
	buf_addc(response, '\0');
	buf_adds(response, s->who);
	buf_addc(response, '\0');
	buf_add(response, s->secret->data, s->secret->len);
	return RC_OK;
}

/* What it asks for is not looked at: they ask in any words. */
static enum rc
login_step(struct sasl *s, const struct buf *challenge, struct buf *response,
    struct fault *f)
{
	(void)challenge;
	(void)f;
	if (s->step == 0)
		buf_adds(response, s->who);
	else if (s->step == 1)
		buf_add(response, s->secret->data, s->secret->len);
	else
		return RC_END;
	return RC_OK;
}

static enum rc
cram_step(struct sasl *s, const struct buf *challenge, struct buf *response,
    struct fault *f)
{
	static const struct buf none = BUF_INIT;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (s->step > 0)
		return RC_END;
	if (challenge == NULL)
		challenge = &none;
	if (HMAC(EVP_md5(), s->secret->data, num_to_int(s->secret->len),
		challenge->data, challenge->len, digest, &n) == NULL)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "OpenSSL has no MD5 for CRAM-MD5: choose another mechanism "
		    "with --auth");
	buf_adds(response, s->who);
	buf_addc(response, ' ');
	text_hex(response, digest, n);
	sodium_memzero(digest, sizeof(digest));
	return RC_OK;
}

/* The server's part is no good. */
static enum rc
distrust(const char *why, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_LOGIN,
	    "login with SCRAM-SHA-256: %s", why);
}

static enum rc
scram_step(struct sasl *s, const struct buf *challenge, struct buf *response,
    struct fault *f)
{
	/* An empty one has no data. */
	bool empty = challenge == NULL || challenge->len == 0;
	const char *said = empty ? "" : (const char *)challenge->data, *why;
	size_t n = empty ? 0 : challenge->len;

	switch (s->step) {
	case 0:
		scram_first(&s->scram, response);
		return RC_OK;
	case 1:
		why = scram_final(&s->scram, said, n, s->secret, response);
		break;
	case 2:
		why = scram_verify(&s->scram, said, n);
		s->proved = why == NULL;
		break;
	default:
		return RC_END;
	}
	return why == NULL ? RC_OK : distrust(why, f);
}

static const struct {
	bool first; /* speaks without a challenge */
	sasl_step_fn *step;
} mechanisms[] = {
	[SASL_SCRAM] = { true, scram_step },
	[SASL_PLAIN] = { true, plain_step },
	[SASL_LOGIN] = { false, login_step },
	[SASL_CRAM] = { false, cram_step },
	[SASL_OAUTHBEARER] = { true, sasl_bearer_step },
	[SASL_XOAUTH2] = { true, sasl_xoauth2_step },
};

static void
start_scram(struct sasl *s)
{
	struct buf nonce = BUF_INIT;
	unsigned char random[18];

	randombytes_buf(random, sizeof(random));
	base64_add(&nonce, random, sizeof(random));
	scram_init(&s->scram, s->user != s->who ? s->user : NULL, s->who,
	    buf_str(&nonce));
	buf_release(&nonce);
}

struct sasl *
sasl_new(enum sasl_mechanism m, const struct credentials *who,
    const struct buf *secret, const struct endpoint *at)
{
	struct sasl *s = xcalloc(1, sizeof(*s));

	s->mechanism = m;
	s->user = who->user;
	s->who = is_proxied(who) ? who->auth_user : who->user;
	s->secret = secret;
	s->at = at;
	if (m == SASL_SCRAM)
		start_scram(s);
	return s;
}

void
sasl_free(struct sasl *s)
{
	if (s == NULL)
		return;
	scram_release(&s->scram);
	buf_release(&s->hint);
	free(s);
}

bool
sasl_speaks_first(const struct sasl *s)
{
	return mechanisms[s->mechanism].first;
}

enum rc
sasl_step(struct sasl *s, const struct buf *challenge, struct buf *response,
    struct fault *f)
{
	enum rc rc;

	(void)buf_room(response, SECRET_ROOM);
	rc = mechanisms[s->mechanism].step(s, challenge, response, f);
	s->step++;
	return rc;
}

/* What answers the server's proof tells it nothing. */
bool
sasl_is_ahead(const struct sasl *s)
{
	return s->mechanism == SASL_SCRAM && s->step == 2;
}

enum rc
sasl_done(struct sasl *s, struct fault *f)
{
	if (s->mechanism != SASL_SCRAM || s->proved)
		return RC_OK;
	/* Nothing came that could be a proof: the fault says so. */
	return distrust(scram_verify(&s->scram, "", 0), f);
}

const char *
sasl_hint(struct sasl *s)
{
	if (s->mechanism == SASL_SCRAM || s->mechanism == SASL_CRAM)
		return "; some servers keep passwords that only --auth PLAIN "
		       "can check";
	return buf_str(&s->hint);
}
