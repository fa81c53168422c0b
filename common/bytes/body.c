#include "bytes/body.h"

#include <string.h>

#include "bytes/digest.h"

enum { CHUNK = 65536 };

/* A view of what is left of b from at on (at < file_size). */
static enum rc
view(const struct body *b, uint64_t at, const unsigned char **p_r, size_t *n_r,
    struct fault *f)
{
	const uint64_t left = b->digest.file_size - at;
	enum rc rc;

	rc = spool_view(b->spool, b->off + at,
	    left < CHUNK ? (size_t)left : CHUNK, p_r, n_r, f);
	if (rc == RC_END)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "the spool ends inside the message");
	return rc;
}

enum rc
body_at(struct spool *s, uint64_t off, uint64_t len, enum eol eol,
    struct body *r, struct fault *f)
{
	struct tally tally = { 0, 0, false };
	struct digester d;
	const unsigned char *p;
	uint64_t at;
	size_t n;
	enum rc rc;

	r->spool = s;
	r->off = off;
	r->digest.file_size = len;
	digester_init(&d);
	for (at = 0; at < len; at += n) {
		rc = view(r, at, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		tally_add(&tally, p, n);
		digester_add(&d, p, n);
	}
	if (eol == EOL_CRLF && tally.lf != tally.bare)
		return fault_set(f, RC_MESSAGE, CAUSE_DATA,
		    "a message said to have had CRLF line ends "
		    "still has %llu",
		    (unsigned long long)(tally.lf - tally.bare));
	return digester_end(&d, s, off, &tally, eol, &r->digest, f);
}

enum rc
body_file(const struct body *b, body_sink_fn *sink, void *arg, struct fault *f)
{
	const unsigned char *p;
	uint64_t at;
	size_t n;
	enum rc rc;

	for (at = 0; at < b->digest.file_size; at += n) {
		rc = view(b, at, &p, &n, f);
		if (rc == RC_OK)
			rc = sink(arg, p, n, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

struct expander {
	body_sink_fn *sink;
	void *arg;
};

static enum rc
expand(void *arg, const void *p, size_t n, struct fault *f)
{
	const struct expander *e = arg;
	const unsigned char *at = p;
	unsigned char out[CHUNK];
	size_t n_out;
	enum rc rc;

	while (n > 0) {
		n_out = eol_expand(&at, &n, out, sizeof(out));
		rc = e->sink(e->arg, out, n_out, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
body_wire(const struct body *b, body_sink_fn *sink, void *arg, struct fault *f)
{
	struct expander e = { sink, arg };

	if (b->digest.eol == EOL_RAW)
		return body_file(b, sink, arg, f);
	return body_file(b, expand, &e, f);
}

static enum rc
add_bytes(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)f;
	buf_add(arg, p, n);
	return RC_OK;
}

enum rc
body_add_wire(const struct body *b, struct buf *r, struct fault *f)
{
	return body_wire(b, add_bytes, r, f);
}

static bool
all_cr(const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] != '\r')
			return false;
	}
	return true;
}

/* Where in out an empty line starts, looking at whole lines from *line on;
 * *line moves to the last line, whose end is not there yet. */
static bool
find_empty(const struct buf *out, size_t scan, size_t *line)
{
	const unsigned char *lf;
	size_t at;

	while (scan < out->len) {
		lf = memchr(out->data + scan, '\n', out->len - scan);
		if (lf == NULL)
			return false;
		at = (size_t)(lf - out->data);
		if (all_cr(out->data + *line, at - *line))
			return true;
		*line = at + 1;
		scan = at + 1;
	}
	return false;
}

enum rc
body_header(const struct body *b, size_t max, struct buf *out, struct fault *f)
{
	const size_t before = out->len;
	const unsigned char *p;
	size_t n, scan, line = before;
	uint64_t at;
	enum rc rc;

	for (at = 0; at < b->digest.file_size && at < max; at += n) {
		rc = view(b, at, &p, &n, f);
		if (rc != RC_OK) {
			out->len = before;
			return rc;
		}
		if (n > max - at)
			n = (size_t)(max - at);
		scan = out->len;
		buf_add(out, p, n);
		if (find_empty(out, scan, &line)) {
			out->len = line;
			break;
		}
	}
	return RC_OK;
}
