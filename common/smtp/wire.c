#include "smtp/wire.h"

#include <stdio.h>
#include <string.h>

#include "util/clock.h"
#include "util/interrupt.h"

enum { TEXT_MAX = 400 }; /* octets of an answer in a fault */

/* The connection is lost: why. */
static enum rc
lost(struct smtp *s, struct fault *f)
{
	const char *text = s->link.text;
	enum rc rc;

	switch (s->link.trouble) {
	case NET_INTERRUPT:
		rc = interrupt_check(f);
		if (rc != RC_OK)
			return rc;
		break;
	case NET_HOSTILE:
		return fault_set(f, RC_STORE, CAUSE_DATA, "the server sends %s",
		    text);
	case NET_FINE:
	case NET_EOF:
		text = "the server closed the connection";
		break;
	case NET_STALL:
	case NET_ERROR:
		break;
	}
	return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "%s", text);
}

enum rc
wire_write(struct smtp *s, const void *p, size_t n, struct fault *f)
{
	const unsigned char *at = p;
	ssize_t put;

	while (n > 0) {
		put = link_write(&s->link, at, n);
		if (put < 0)
			return lost(s, f);
		at += put;
		n -= (size_t)put;
	}
	return RC_OK;
}

static void
never_ends(struct smtp *s)
{
	char text[LINK_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    "an answer has not come to its end within %d s",
	    s->link.timeout_ms / 1000);
	link_trouble(&s->link, NET_STALL, text);
}

enum rc
wire_reply(struct smtp *s, struct smtp_reply *r, struct fault *f)
{
	struct reply_reader reader = { .reply = r };
	const int64_t end = clock_ms() + s->link.timeout_ms;
	enum reply_step step;
	enum rc rc = RC_OK;
	ssize_t got = 0;
	size_t used;

	smtp_reply_release(r);
	for (;;) {
		step = reply_feed(&reader, s->in + s->from, s->to - s->from,
		    &used);
		s->from += used;
		if (step == REPLY_WHOLE)
			break;
		if (step == REPLY_BAD)
			link_trouble(&s->link, NET_HOSTILE, reader.why);
		else if (reader.octets > 0 && clock_ms() > end)
			never_ends(s);
		else
			got = link_read(&s->link, s->in, sizeof(s->in));
		if (s->link.trouble != NET_FINE || got < 0) {
			rc = lost(s, f);
			break;
		}
		s->from = 0;
		s->to = (size_t)got;
	}
	reply_reader_release(&reader);
	return rc;
}

enum rc
wire_ask(struct smtp *s, const char *command, struct smtp_reply *r,
    struct fault *f)
{
	struct buf line = BUF_INIT;
	enum rc rc;

	buf_addf(&line, "%s\r\n", command);
	rc = wire_write(s, line.data, line.len, f);
	if (rc == RC_OK)
		rc = wire_reply(s, r, f);
	buf_release(&line);
	return rc;
}

enum rc
wire_refusal(const struct smtp_reply *r, const char *what, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum cause cause = CAUSE_REFUSED;
	enum rc rc = RC_MESSAGE;

	smtp_reply_add(&b, r);
	if (r->code / 100 == 4)
		cause = CAUSE_TEMPORARY;
	if (r->code == 421 || r->code < 400) /* RFC 5321 section 3.8 */
		rc = RC_STORE;
	if (r->code < 400)
		rc = fault_set(f, rc, CAUSE_DATA,
		    "%s: an answer out of place: %.*s", what, TEXT_MAX,
		    buf_str(&b));
	else
		rc = fault_set(f, rc, cause, "%s: %.*s", what, TEXT_MAX,
		    buf_str(&b));
	buf_release(&b);
	return rc;
}

enum rc
wire_name(const struct smtp *s, enum rc rc, struct fault *f)
{
	return fault_wrap(f, rc, "%s:%u", s->config.at.host,
	    (unsigned)s->config.at.port);
}
