#include <string.h>

#include "net/sasl_private.h"
#include "net/sasl_trouble.h"

/* What stands between the parts of both messages. */
enum { KV_END = 0x01 };

/* One octet of the message's own syntax in them would change what it says;
 * a token is printable ASCII without blanks (RFC 6750, 2.1). */
static enum rc
check_parts(const struct sasl *s, struct fault *f)
{
	const struct buf *token = s->secret;
	size_t i;

	for (i = 0; i < token->len; i++)
		if (token->data[i] <= ' ' || token->data[i] > 0x7e)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "the secret is no OAuth2 token: it holds an octet "
			    "that no token may have");
	if (token->len == 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the OAuth2 token is empty");
	if (strchr(s->user, KV_END) != NULL)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the user's name holds a control character");
	return RC_OK;
}

static void
add_token(const struct sasl *s, struct buf *r)
{
	buf_adds(r, "auth=Bearer ");
	buf_add(r, s->secret->data, s->secret->len);
	buf_addc(r, KV_END);
	buf_addc(r, KV_END);
}

/* The server tells why it will refuse, and waits for a sign that it was
 * heard before it does. */
static void
hear(struct sasl *s, const struct buf *challenge)
{
	struct sasl_trouble t = SASL_TROUBLE_INIT;

	if (challenge != NULL)
		sasl_trouble_parse(&t, challenge->data, challenge->len);
	buf_adds(&s->hint, "; ");
	sasl_trouble_explain(&t, &s->hint);
	if (s->hint.len == 2)
		buf_clear(&s->hint);
	sasl_trouble_release(&t);
}

/* RFC 7628, 3.1.  It names no one but whose mail it is: who asks stands in
 * the token. */
enum rc
sasl_bearer_step(struct sasl *s, const struct buf *challenge,
    struct buf *response, struct fault *f)
{
	enum rc rc = RC_OK;

	if (s->step == 0) {
		rc = check_parts(s, f);
		if (rc != RC_OK)
			return rc;
		buf_adds(response, "n,a=");
		scram_add_name(response, s->user);
		buf_addf(response, ",%chost=%s%cport=%u%c", KV_END, s->at->host,
		    KV_END, (unsigned)s->at->port, KV_END);
		add_token(s, response);
	} else if (s->step == 1) {
		hear(s, challenge);
		buf_addc(response, KV_END); /* 3.2.3 */
	} else {
		rc = RC_END;
	}
	return rc;
}

/* As developers.google.com/workspace/gmail/imap/xoauth2-protocol has it;
 * the answer to an error is empty. */
enum rc
sasl_xoauth2_step(struct sasl *s, const struct buf *challenge,
    struct buf *response, struct fault *f)
{
	enum rc rc = RC_OK;

	if (s->step == 0) {
		rc = check_parts(s, f);
		if (rc != RC_OK)
			return rc;
		buf_addf(response, "user=%s%c", s->user, KV_END);
		add_token(s, response);
	} else if (s->step == 1) {
		hear(s, challenge);
	} else {
		rc = RC_END;
	}
	return rc;
}
