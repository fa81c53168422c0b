/* A server's challenges, whatever they hold: nothing is read past the end,
 * no exchange goes on for ever, and nobody is taken for the server who has
 * not proved it. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "net/sasl.h"
#include "net/sasl_trouble.h"

/* The first octet chooses the mechanism; a NUL ends each challenge. */
enum { MECHANISMS = SASL_XOAUTH2 + 1, STEPS_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_trouble(const uint8_t *data, size_t len)
{
	struct sasl_trouble t = SASL_TROUBLE_INIT;
	struct buf r = BUF_INIT;

	sasl_trouble_parse(&t, data, len);
	assert(t.status.len <= SASL_TROUBLE_MAX);
	assert(t.scope.len <= SASL_TROUBLE_MAX);
	sasl_trouble_explain(&t, &r);
	assert(r.len == 0 || t.status.len > 0);
	assert(r.len == strlen(buf_str(&r)));
	sasl_trouble_release(&t);
	buf_release(&r);
}

/* An "N" becomes our nonce, which no input could know. */
static void
add_challenge(struct buf *r, const uint8_t *p, size_t n, const char *nonce)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == 'N')
			buf_adds(r, nonce);
		else
			buf_addc(r, p[i]);
	}
}

static const char *
nonce_of(struct buf *first)
{
	const char *at = first->len == 0 ? NULL : strstr(buf_str(first), "r=");

	return at == NULL ? "" : at + 2;
}

static void
converse(struct sasl *s, const uint8_t *data, size_t len)
{
	struct buf first = BUF_INIT, challenge = BUF_INIT, response = BUF_INIT;
	struct fault f = FAULT_INIT;
	const uint8_t *end;
	enum rc rc = RC_OK;
	unsigned steps;
	size_t n;

	if (sasl_speaks_first(s))
		rc = sasl_step(s, NULL, &first, &f);
	assert(rc == RC_OK);
	for (steps = 0; rc == RC_OK; steps++) {
		assert(steps < STEPS_MAX);
		end = len == 0 ? NULL : memchr(data, '\0', len);
		n = end == NULL ? len : (size_t)(end - data);
		buf_clear(&challenge);
		add_challenge(&challenge, data, n, nonce_of(&first));
		data += n + (end != NULL);
		len -= n + (end != NULL);
		buf_clear(&response);
		rc = sasl_step(s, &challenge, &response, &f);
	}
	(void)sasl_hint(s);
	buf_release(&first);
	buf_release(&challenge);
	buf_release(&response);
}

/* Rounds that take seconds are no crash: one, or none. */
static bool
wants_work(const uint8_t *data, size_t len)
{
	const uint8_t *at = memmem(data, len, "i=", 2);

	if (at == NULL)
		return false;
	len -= (size_t)(at - data);
	return len < 4 || memcmp(at, "i=1,", 4) != 0 ||
	    memmem(at + 2, len - 2, "i=", 2) != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct endpoint at = { .host = "h", .port = 143 };
	static const struct credentials who = { .user = "anna" };
	enum sasl_mechanism m;
	struct fault f = FAULT_INIT;
	struct buf secret = BUF_INIT;
	struct sasl *s;

	if (len == 0 || wants_work(data, len))
		return 0;
	m = (enum sasl_mechanism)(data[0] % MECHANISMS);
	check_trouble(data + 1, len - 1);
	buf_adds(&secret, "token");
	s = sasl_new(m, &who, &secret, &at);
	converse(s, data + 1, len - 1);
	assert(m != SASL_SCRAM || sasl_done(s, &f) == RC_STORE);
	sasl_free(s);
	buf_release(&secret);
	return 0;
}
