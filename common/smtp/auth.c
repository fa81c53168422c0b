#include <string.h>

#include "net/base64.h"
#include "net/sasl.h"
#include "smtp/wire.h"

enum {
	SECRET_ROOM = 4096,
	TURNS_MAX = 16,    /* challenges in one login */
	COMMAND_MAX = 512, /* RFC 5321 (4.5.3.1.4), CRLF included */
	TEXT_MAX = 400,    /* octets of an answer in a fault */
};

/* A login on its way. */
struct login {
	struct smtp *s;
	struct sasl *sasl;
	enum sasl_mechanism mechanism;
	struct smtp_reply r;
	struct buf response; /* decoded; wiped */
	struct buf line;     /* wiped */
	bool kept;           /* response is there, and was not sent */
};

static enum rc
send_line(struct login *l, struct fault *f)
{
	enum rc rc;

	buf_adds(&l->line, "\r\n");
	rc = wire_write(l->s, l->line.data, l->line.len, f);
	return rc == RC_OK ? wire_reply(l->s, &l->r, f) : rc;
}

/* "AUTH PLAIN AG...": the first response with the command, where it is short
 * enough (RFC 4954, 4). */
static enum rc
begin(struct login *l, struct fault *f)
{
	struct buf word = BUF_INIT;
	enum rc rc;

	buf_addf(&l->line, "AUTH %s", sasl_name(l->mechanism));
	if (sasl_speaks_first(l->sasl)) {
		rc = sasl_step(l->sasl, NULL, &l->response, f);
		if (rc != RC_OK)
			return RC_STORE;
		base64_add(&word, l->response.data, l->response.len);
		l->kept = l->line.len + 1 + word.len + 2 > COMMAND_MAX;
		if (!l->kept) {
			buf_addc(&l->line, ' ');
			buf_add(&l->line, word.data, word.len);
		}
		buf_wipe(&word);
	}
	return send_line(l, f);
}

/* Gives the login up, and waits for what is said to that. */
static enum rc
cancel(struct login *l, struct fault *f)
{
	struct fault other = FAULT_INIT;
	enum rc rc;

	buf_wipe(&l->line);
	buf_adds(&l->line, "*");
	rc = send_line(l, &other);
	if (rc != RC_OK && f->cause == CAUSE_NONE)
		*f = other;
	return rc;
}

/* Answers one challenge. */
static enum rc
answer(struct login *l, struct fault *f)
{
	struct buf challenge = BUF_INIT;
	const char *text = l->r.line.v[0];
	enum rc rc = RC_OK;

	if (!l->kept) {
		buf_wipe(&l->response);
		if (!base64_decode(&challenge, text, strlen(text)))
			rc = fault_set(f, RC_STORE, CAUSE_DATA,
			    "a challenge that is not in base64: %.60s", text);
		else
			rc = sasl_step(l->sasl, &challenge, &l->response, f);
	}
	buf_release(&challenge);
	l->kept = false;
	if (rc == RC_END)
		return cancel(l, f);
	if (rc != RC_OK) {
		(void)!cancel(l, f);
		return rc;
	}
	buf_wipe(&l->line);
	base64_add(&l->line, l->response.data, l->response.len);
	return send_line(l, f);
}

/* What a refusal means (RFC 4954, 6). */
static enum rc
refused(const struct login *l, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	smtp_reply_add(&b, &l->r);
	switch (l->r.code) {
	case 504:
	case 534:
	case 538:
		rc = fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s does not do here: %.*s", sasl_name(l->mechanism),
		    TEXT_MAX, buf_str(&b));
		break;
	default:
		if (l->r.code / 100 == 4)
			rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
			    "login is not possible now: %.*s", TEXT_MAX,
			    buf_str(&b));
		else if (l->r.code / 100 == 5)
			rc = fault_set(f, RC_STORE, CAUSE_LOGIN,
			    "login refused: %.*s (sent with %s%s)", TEXT_MAX,
			    buf_str(&b), sasl_name(l->mechanism),
			    sasl_hint(l->sasl));
		else
			rc = wire_refusal(&l->r, "login", f);
	}
	buf_release(&b);
	return rc;
}

static enum rc
talk(struct login *l, struct fault *f)
{
	unsigned turns;
	enum rc rc;

	rc = begin(l, f);
	for (turns = 0; rc == RC_OK && l->r.code == 334; turns++)
		rc = turns < TURNS_MAX ?
		    answer(l, f) :
		    fault_set(f, RC_STORE, CAUSE_DATA,
			"a login of more than %d challenges", TURNS_MAX);
	if (rc != RC_OK)
		return fault_wrap(f, RC_STORE, "login");
	if (l->r.code != 235)
		return refused(l, f);
	return sasl_done(l->sasl, f);
}

static enum rc
choose(const struct smtp *s, struct sasl_want *w, enum sasl_mechanism *r,
    struct fault *f)
{
	if (s->caps.auth.n == 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the server offers no login%s here: mail is submitted at "
		    "port 465 (smtps://) or 587 (smtp://)",
		    w->secure ? "" : " without TLS");
	return sasl_choose(&s->caps.auth, w, r, f);
}

enum rc
smtp_auth(struct smtp *s, struct fault *f)
{
	struct login l = { .s = s };
	struct sasl_want w = { .named = NULL };
	struct buf secret = BUF_INIT;
	enum rc rc;

	(void)buf_room(&secret, SECRET_ROOM);
	rc = sasl_prepare(s->config.who, &s->config.at, &secret, &w, f);
	if (rc == RC_OK)
		rc = choose(s, &w, &l.mechanism, f);
	if (rc == RC_OK) {
		l.sasl = sasl_new(l.mechanism, s->config.who, &secret,
		    &s->config.at);
		rc = talk(&l, f);
		if (rc == RC_OK)
			s->mechanism = sasl_name(l.mechanism);
		sasl_free(l.sasl);
	}
	buf_wipe(&secret);
	buf_wipe(&l.response);
	buf_wipe(&l.line);
	smtp_reply_release(&l.r);
	return rc == RC_OK ? rc : RC_STORE;
}
