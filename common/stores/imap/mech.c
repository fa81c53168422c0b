#include "stores/imap/mech.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "net/scram.h"
#include "stores/imap/answer.h"
#include "util/num.h"
#include "util/text.h"

enum { SECRET_ROOM = 4096 };

/* Reads to "+" (what is behind it, decoded, is in l->out, which is emptied
 * first) or to the end of the command. */
static enum rc
challenge(struct login *l, struct fault *f)
{
	const char *p;
	enum rc rc;

	buf_clear(&l->out);
	rc = session_flush(l->s, f);
	while (rc == RC_OK && !l->done) {
		rc = answer_line(l->s, &l->line, f);
		if (rc != RC_OK)
			break;
		p = buf_str(&l->line);
		l->done = answer_tagged(p, l->tag, l->r);
		if (*p != '+')
			continue;
		p++;
		p += strspn(p, " ");
		/* Some say a word here instead of nothing. */
		if (!base64_decode(&l->out, p, strlen(p)))
			buf_clear(&l->out);
		break;
	}
	return rc;
}

/* Sends p as base64, as a line of its own. */
static enum rc
respond(struct login *l, const void *p, size_t n, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	base64_add(&b, p, n);
	buf_adds(&b, "\r\n");
	rc = answer_write(l->s, b.data, b.len, f);
	buf_wipe(&b);
	return rc;
}

/* "tag AUTHENTICATE name", with p at once where the server takes it (RFC
 * 4959), else after its "+". */
static enum rc
authenticate(struct login *l, const char *name, const struct buf *first,
    struct fault *f)
{
	enum rc rc;

	rc = answer_tag(l->s, &l->tag, f);
	if (rc == RC_OK)
		rc = answer_write(l->s, "AUTHENTICATE ", 13, f);
	if (rc == RC_OK)
		rc = answer_write(l->s, name, strlen(name), f);
	if (rc == RC_OK && first != NULL && l->s->caps.sasl_ir) {
		rc = answer_write(l->s, " ", 1, f);
		return rc != RC_OK ? rc :
				     respond(l, first->data, first->len, f);
	}
	if (rc == RC_OK)
		rc = answer_write(l->s, "\r\n", 2, f);
	if (rc == RC_OK)
		rc = challenge(l, f);
	if (rc == RC_OK && first != NULL && !l->done)
		rc = respond(l, first->data, first->len, f);
	return rc;
}

/* Reads to the end of the command; a challenge too many is declined. */
static enum rc
finish(struct login *l, struct fault *f)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && !l->done) {
		rc = challenge(l, f);
		if (rc == RC_OK && !l->done)
			rc = answer_write(l->s, "*\r\n", 3, f);
	}
	return rc;
}

enum rc
mech_plain(struct login *l, struct fault *f)
{
	struct buf message = BUF_INIT;
	enum rc rc;

	(void)buf_room(&message, SECRET_ROOM);
	if (l->user != l->who)
		buf_adds(&message, l->user);
	buf_addc(&message, '\0');
	buf_adds(&message, l->who);
	buf_addc(&message, '\0');
	buf_add(&message, l->secret.data, l->secret.len);
	rc = authenticate(l, "PLAIN", &message, f);
	buf_wipe(&message);
	return rc == RC_OK ? finish(l, f) : rc;
}

enum rc
mech_login(struct login *l, struct fault *f)
{
	enum rc rc;

	rc = authenticate(l, "LOGIN", NULL, f);
	if (rc == RC_OK && !l->done)
		rc = respond(l, l->who, strlen(l->who), f);
	if (rc == RC_OK && !l->done)
		rc = challenge(l, f);
	if (rc == RC_OK && !l->done)
		rc = respond(l, l->secret.data, l->secret.len, f);
	return rc == RC_OK ? finish(l, f) : rc;
}

enum rc
mech_cram(struct login *l, struct fault *f)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf message = BUF_INIT;
	unsigned n = 0;
	enum rc rc;

	rc = authenticate(l, "CRAM-MD5", NULL, f);
	if (rc != RC_OK || l->done)
		return rc;
	if (HMAC(EVP_md5(), l->secret.data, num_to_int(l->secret.len),
		l->out.data, l->out.len, digest, &n) == NULL)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "OpenSSL has no MD5 for CRAM-MD5: choose another mechanism "
		    "with --auth");
	buf_adds(&message, l->who);
	buf_addc(&message, ' ');
	text_hex(&message, digest, n);
	rc = respond(l, message.data, message.len, f);
	buf_wipe(&message);
	sodium_memzero(digest, sizeof(digest));
	return rc == RC_OK ? finish(l, f) : rc;
}

/* The server's part was no good: ends the exchange. */
static enum rc
decline(struct login *l, const char *why, struct fault *f)
{
	(void)fault_set(f, RC_STORE, CAUSE_LOGIN,
	    "login with SCRAM-SHA-256: "
	    "%s",
	    why);
	session_drop(l->s);
	return RC_STORE;
}

static enum rc
scram_talk(struct login *l, struct scram *scram, struct fault *f)
{
	struct buf message = BUF_INIT;
	const char *why;
	enum rc rc;

	scram_first(scram, &message);
	rc = authenticate(l, "SCRAM-SHA-256", &message, f);
	if (rc == RC_OK && !l->done)
		rc = challenge(l, f);
	if (rc != RC_OK || l->done)
		goto out;
	buf_clear(&message);
	why = scram_final(scram, buf_str(&l->out), l->out.len, &l->secret,
	    &message);
	if (why != NULL) {
		rc = decline(l, why, f);
		goto out;
	}
	rc = respond(l, message.data, message.len, f);
	/* What answers the server's proof, which tells it nothing, goes with
	 * it: one wait less.  That proof is still looked at. */
	if (rc == RC_OK)
		rc = respond(l, "", 0, f);
	if (rc == RC_OK)
		rc = challenge(l, f);
	if (rc != RC_OK || (l->done && l->r->status != IMAP_OK))
		goto out;
	why = scram_verify(scram, buf_str(&l->out), l->out.len);
	if (why != NULL)
		rc = decline(l, why, f);
	else
		rc = finish(l, f);
out:
	buf_wipe(&message);
	return rc;
}

enum rc
mech_scram(struct login *l, struct fault *f)
{
	struct buf nonce = BUF_INIT;
	unsigned char random[18];
	struct scram state;
	enum rc rc;

	randombytes_buf(random, sizeof(random));
	base64_add(&nonce, random, sizeof(random));
	scram_init(&state, l->user != l->who ? l->user : NULL, l->who,
	    buf_str(&nonce));
	rc = scram_talk(l, &state, f);
	scram_release(&state);
	buf_release(&nonce);
	return rc;
}

/* RFC 3501, 9: what a quoted string may hold. */
static bool
quotable(const void *p, size_t n)
{
	const unsigned char *c = p;
	size_t i;

	for (i = 0; i < n; i++)
		if (c[i] < 0x20 || c[i] > 0x7e)
			return false;
	return true;
}

static enum rc
argument(struct login *l, const void *p, size_t n, struct fault *f)
{
	const struct imap_caps *caps = &l->s->caps;
	const unsigned char *c = p;
	char size[32];
	bool wait, go = true;
	enum rc rc;
	size_t i;

	if (quotable(p, n)) {
		rc = answer_write(l->s, " \"", 2, f);
		for (i = 0; rc == RC_OK && i < n; i++) {
			if (c[i] == '"' || c[i] == '\\')
				rc = answer_write(l->s, "\\", 1, f);
			if (rc == RC_OK)
				rc = answer_write(l->s, c + i, 1, f);
		}
		return rc != RC_OK ? rc : answer_write(l->s, "\"", 1, f);
	}
	wait = !caps->literal_plus && !(caps->literal_minus && n <= 4096);
	(void)snprintf(size, sizeof(size), " {%zu%s}\r\n", n, wait ? "" : "+");
	rc = answer_write(l->s, size, strlen(size), f);
	if (rc == RC_OK && wait)
		rc = session_continue(l->s, l->tag, &go, l->r, f);
	if (rc != RC_OK)
		return rc;
	l->done = !go;
	return l->done ? RC_OK : answer_write(l->s, p, n, f);
}

enum rc
mech_command(struct login *l, struct fault *f)
{
	enum rc rc;

	rc = answer_tag(l->s, &l->tag, f);
	if (rc == RC_OK)
		rc = answer_write(l->s, "LOGIN", 5, f);
	if (rc == RC_OK)
		rc = argument(l, l->who, strlen(l->who), f);
	if (rc == RC_OK && !l->done)
		rc = argument(l, l->secret.data, l->secret.len, f);
	if (rc == RC_OK && !l->done)
		rc = answer_write(l->s, "\r\n", 2, f);
	return rc == RC_OK ? finish(l, f) : rc;
}
