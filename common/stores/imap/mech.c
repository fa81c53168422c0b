#include "stores/imap/mech.h"

#include <stdio.h>
#include <string.h>

#include "net/base64.h"
#include "stores/imap/answer.h"

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

/* "tag AUTHENTICATE name", with the first response at once where the server
 * takes it (RFC 4959), else after its "+". */
static enum rc
authenticate(struct login *l, enum sasl_mechanism m, const struct buf *first,
    struct fault *f)
{
	const char *name = sasl_name(m);
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
	if (rc == RC_OK && first != NULL)
		rc = challenge(l, f);
	if (rc == RC_OK && first != NULL && !l->done)
		rc = respond(l, first->data, first->len, f);
	return rc;
}

/* One challenge and what answers it; one too many is declined. */
static enum rc
turn(struct login *l, struct sasl *sasl, bool *ahead, struct fault *f)
{
	struct buf response = BUF_INIT;
	enum rc rc;

	rc = challenge(l, f);
	if (rc != RC_OK || l->done)
		return rc;
	rc = sasl_step(sasl, &l->out, &response, f);
	if (rc == RC_END)
		rc = answer_write(l->s, "*\r\n", 3, f);
	else if (rc != RC_OK)
		session_drop(l->s);
	else if (!*ahead)
		rc = respond(l, response.data, response.len, f);
	*ahead = rc == RC_OK && sasl_is_ahead(sasl);
	if (*ahead)
		rc = respond(l, "", 0, f);
	buf_wipe(&response);
	return rc;
}

enum rc
mech_sasl(struct login *l, enum sasl_mechanism m, struct sasl *sasl,
    struct fault *f)
{
	struct buf first = BUF_INIT;
	bool speaks = sasl_speaks_first(sasl), ahead = false;
	enum rc rc = RC_OK;

	if (speaks)
		rc = sasl_step(sasl, NULL, &first, f);
	if (rc == RC_OK)
		rc = authenticate(l, m, speaks ? &first : NULL, f);
	buf_wipe(&first);
	while (rc == RC_OK && !l->done)
		rc = turn(l, sasl, &ahead, f);
	if (rc == RC_OK && l->r->status == IMAP_OK) {
		rc = sasl_done(sasl, f);
		if (rc != RC_OK)
			session_drop(l->s);
	}
	return rc;
}

/* Reads to the end of the command; a challenge is none of it. */
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
mech_command(struct login *l, const char *who, struct fault *f)
{
	enum rc rc;

	rc = answer_tag(l->s, &l->tag, f);
	if (rc == RC_OK)
		rc = answer_write(l->s, "LOGIN", 5, f);
	if (rc == RC_OK)
		rc = argument(l, who, strlen(who), f);
	if (rc == RC_OK && !l->done)
		rc = argument(l, l->secret.data, l->secret.len, f);
	if (rc == RC_OK && !l->done)
		rc = answer_write(l->s, "\r\n", 2, f);
	return rc == RC_OK ? finish(l, f) : rc;
}
