#include <inttypes.h>
#include <string.h>

#include "smtp/wire.h"

enum {
	ADDRESS_MAX = 1000, /* octets; RFC 5321 (4.5.3.1) has 256 */
	CHUNK = 16384,      /* octets written at once */
};

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((*s & 0x80) != 0)
			return false;
	return true;
}

/* What would end the command, or begin another, is refused. */
static enum rc
check_address(const struct smtp *s, const char *a, bool utf8, struct fault *f)
{
	const char *p;

	if (strlen(a) > ADDRESS_MAX)
		return fault_set(f, RC_MESSAGE, CAUSE_USAGE,
		    "an address of more than %d octets", ADDRESS_MAX);
	for (p = a; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '<' ||
		    *p == '>')
			return fault_set(f, RC_MESSAGE, CAUSE_USAGE,
			    "'%s' is no address that a command can carry", a);
	if (!is_ascii(a) && !(utf8 && s->caps.utf8))
		return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
		    "'%s' is not ASCII, and the server offers no SMTPUTF8", a);
	return RC_OK;
}

/* A command that must be answered with 2xx. */
static enum rc
say(struct smtp *s, struct buf *command, size_t what, struct fault *f)
{
	struct smtp_reply r = { .code = 0 };
	enum rc rc;
	char *name;

	rc = wire_ask(s, buf_str(command), &r, f);
	name = buf_str(command);
	if (what < command->len)
		name[what] = '\0';
	if (rc != RC_OK)
		rc = fault_wrap(f, rc, "%s", name);
	else if (r.code / 100 != 2)
		rc = wire_refusal(&r, name, f);
	smtp_reply_release(&r);
	return rc == RC_OK ? rc : wire_name(s, rc, f);
}

static enum rc
check_envelope(const struct smtp *s, const struct smtp_envelope *e,
    struct fault *f)
{
	if (s->caps.size_max > 0 && e->size > s->caps.size_max)
		return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
		    "the message has %" PRIu64 " octets, and the server takes "
		    "%" PRIu64,
		    e->size, s->caps.size_max);
	if (e->utf8 && !s->caps.utf8)
		return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
		    "the message's header is UTF-8, and the server offers no "
		    "SMTPUTF8");
	return check_address(s, e->from, true, f);
}

enum rc
smtp_mail(struct smtp *s, const struct smtp_envelope *e, struct fault *f)
{
	struct buf b = BUF_INIT;
	size_t what;
	enum rc rc;

	rc = check_envelope(s, e, f);
	if (rc != RC_OK)
		return wire_name(s, rc, f);
	buf_addf(&b, "MAIL FROM:<%s>", e->from);
	what = b.len;
	if (s->caps.size && e->size > 0)
		buf_addf(&b, " SIZE=%" PRIu64, e->size);
	if (s->caps.eightbit && (e->eightbit || e->utf8))
		buf_adds(&b, " BODY=8BITMIME");
	if (s->caps.utf8 && (e->utf8 || !is_ascii(e->from)))
		buf_adds(&b, " SMTPUTF8");
	rc = say(s, &b, what, f);
	buf_release(&b);
	return rc;
}

enum rc
smtp_rcpt(struct smtp *s, const char *to, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	if (*to == '\0')
		rc = fault_set(f, RC_MESSAGE, CAUSE_USAGE,
		    "a recipient without an address");
	else
		rc = check_address(s, to, true, f);
	if (rc != RC_OK)
		return wire_name(s, rc, f);
	buf_addf(&b, "RCPT TO:<%s>", to);
	rc = say(s, &b, b.len, f);
	buf_release(&b);
	return rc;
}

enum rc
smtp_reset(struct smtp *s, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	buf_adds(&b, "RSET");
	rc = say(s, &b, b.len, f);
	buf_release(&b);
	return rc;
}

/*
 * Dots are doubled at the start of a line (RFC 5321, 4.5.2).  Only CRLF ends
 * a line on the way: servers that take other ends for one can be made to see
 * two messages in one.
 */
static enum rc
write_message(struct smtp *s, const unsigned char *p, size_t n, struct fault *f)
{
	struct buf out = BUF_INIT;
	bool start = true;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < n && rc == RC_OK; i++) {
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		if (start && p[i] == '.')
			buf_addc(&out, '.');
		start = p[i] == '\n' || p[i] == '\r';
		if (start)
			buf_adds(&out, "\r\n");
		else
			buf_addc(&out, p[i]);
		if (out.len >= CHUNK) {
			rc = wire_write(s, out.data, out.len, f);
			buf_clear(&out);
		}
	}
	buf_adds(&out, start ? ".\r\n" : "\r\n.\r\n");
	if (rc == RC_OK)
		rc = wire_write(s, out.data, out.len, f);
	buf_release(&out);
	return rc;
}

static enum rc
transfer(struct smtp *s, const void *message, size_t n, struct smtp_reply *r,
    struct fault *f)
{
	enum rc rc;

	rc = wire_ask(s, "DATA", r, f);
	if (rc == RC_OK && r->code != 354)
		return wire_refusal(r, "DATA", f);
	if (rc == RC_OK)
		rc = write_message(s, message, n, f);
	if (rc == RC_OK)
		rc = wire_reply(s, r, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "DATA");
	if (r->code / 100 != 2)
		return wire_refusal(r, "the message", f);
	return RC_OK;
}

enum rc
smtp_data(struct smtp *s, const void *message, size_t n, struct smtp_reply *r,
    struct fault *f)
{
	struct smtp_reply own = { .code = 0 };
	enum rc rc;

	rc = transfer(s, message, n, r == NULL ? &own : r, f);
	smtp_reply_release(&own);
	return rc == RC_OK ? rc : wire_name(s, rc, f);
}
