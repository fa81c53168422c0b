#include "stores/imap/padding.h"

#include <string.h>

struct padder {
	body_sink_fn *sink; /* NULL: only counts */
	void *arg;
	uint64_t added;
	unsigned run; /* CRs just before here: 0, 1, 2 for more */
};

bool
padding_applies(const struct session *s)
{
	return s->software != NULL &&
	    strcasestr(s->software, "dovecot") != NULL;
}

static enum rc
pass(struct padder *p, const void *data, size_t n, struct fault *f)
{
	if (p->sink == NULL || n == 0)
		return RC_OK;
	return p->sink(p->arg, data, n, f);
}

static enum rc
add_cr(struct padder *p, struct fault *f)
{
	p->added++;
	return pass(p, "\r", 1, f);
}

/* The length of the run of CRs that ends the n octets before it. */
static unsigned
run_before(const struct padder *p, const unsigned char *s, size_t n)
{
	if (n >= 2 && s[n - 1] == '\r' && s[n - 2] == '\r')
		return 2;
	if (n >= 1 && s[n - 1] != '\r')
		return 0;
	if (n == 0)
		return p->run;
	return n == 1 && p->run > 0 ? 2 : 1;
}

static enum rc
on_bytes(void *arg, const void *data, size_t n, struct fault *f)
{
	const unsigned char *at = data, *end = at + n, *lf;
	struct padder *p = arg;
	enum rc rc = RC_OK;

	while (rc == RC_OK && at < end) {
		lf = memchr(at, '\n', (size_t)(end - at));
		if (lf == NULL)
			lf = end;
		p->run = run_before(p, at, (size_t)(lf - at));
		rc = pass(p, at, (size_t)(lf - at), f);
		if (rc != RC_OK || lf == end)
			return rc;
		if (p->run == 2)
			rc = add_cr(p, f);
		if (rc == RC_OK)
			rc = pass(p, lf, 1, f);
		p->run = 0;
		at = lf + 1;
	}
	return rc;
}

static enum rc
stream(struct padder *p, const struct body *b, struct fault *f)
{
	enum rc rc = body_wire(b, on_bytes, p, f);

	if (rc == RC_OK && p->run > 0)
		rc = add_cr(p, f);
	return rc;
}

/* Where all line ends are CRLF only the last octet matters. */
static enum rc
ends_in_cr(const struct body *b, uint64_t *n_r, struct fault *f)
{
	unsigned char last = 0;
	enum rc rc = RC_OK;

	if (b->digest.file_size > 0)
		rc = spool_read(b->spool, b->off + b->digest.file_size - 1,
		    &last, 1, f);
	*n_r = last == '\r' ? 1 : 0;
	return rc;
}

enum rc
padding_count(const struct body *b, uint64_t *n_r, struct fault *f)
{
	struct padder p = { .sink = NULL };
	enum rc rc;

	if (b->digest.eol == EOL_CRLF)
		return ends_in_cr(b, n_r, f);
	rc = stream(&p, b, f);
	*n_r = p.added;
	return rc;
}

enum rc
padding_wire(const struct body *b, body_sink_fn *sink, void *arg,
    struct fault *f)
{
	struct padder p = { .sink = sink, .arg = arg };

	return stream(&p, b, f);
}
