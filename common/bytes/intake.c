/*
 * A message is taken for a conforming one (each LF with exactly one CR
 * before it) until it proves otherwise: then its file form is spooled and
 * hashed as it comes, which is right for nearly all mail.  At the first
 * violation what is spooled did conform, so the wire form can be rebuilt
 * from it; that happens once at most, and from there on octets pass as they
 * are.  What was not kept cannot be rebuilt: then the message is lost to this
 * intake, and has to be read again by one that keeps all.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/body.h"
#include "bytes/digest.h"
#include "util/mem.h"

enum { STAGE = 32768 }; /* octets converted before they are hashed */

enum mode {
	CONFORMING,
	AS_IS, /* the octets given are the file form */
	LOST,  /* they are only counted */
};

struct intake {
	struct spool *spool; /* the file form */
	struct spool *spare; /* for a rebuild; empty between */
	size_t bound;
	uint64_t keep; /* octets at most */
	bool dropped;  /* there were more */
	enum mode mode;
	bool maildir;
	bool held_cr;       /* CONFORMING: a CR waits for what follows */
	unsigned char last; /* CONFORMING: last octet put, 0 for none */
	uint64_t taken;
	struct tally tally;
	struct digester digester;
	size_t n_stage;
	unsigned char stage[STAGE];
};

struct intake *
intake_new(size_t spool_bound)
{
	struct intake *in;

	in = xcalloc(1, sizeof(*in));
	in->bound = spool_bound;
	in->keep = UINT64_MAX;
	in->spool = spool_new(spool_bound);
	intake_begin(in);
	return in;
}

void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	spool_free(in->spool);
	spool_free(in->spare);
	free(in);
}

void
intake_keep(struct intake *in, uint64_t most)
{
	in->keep = most;
}

void
intake_begin(struct intake *in)
{
	spool_clear(in->spool);
	in->dropped = false;
	in->mode = CONFORMING;
	in->maildir = false;
	in->held_cr = false;
	in->last = 0;
	in->taken = 0;
	memset(&in->tally, 0, sizeof(in->tally));
	digester_init(&in->digester);
	in->n_stage = 0;
}

void
intake_begin_maildir(struct intake *in)
{
	intake_begin(in);
	in->maildir = true;
}

uint64_t
intake_size(const struct intake *in)
{
	return in->taken;
}

static enum rc
put(struct intake *in, const void *p, size_t n, struct fault *f)
{
	uint64_t room;

	digester_add(&in->digester, p, n);
	if (in->dropped)
		return RC_OK;
	room = in->keep - spool_size(in->spool);
	in->dropped = n > room;
	return spool_add(in->spool, p, in->dropped ? (size_t)room : n, f);
}

static enum rc
put_as_is(struct intake *in, const void *p, size_t n, struct fault *f)
{
	tally_add(&in->tally, p, n);
	return put(in, p, n, f);
}

static enum rc
flush(struct intake *in, struct fault *f)
{
	size_t n = in->n_stage;

	in->n_stage = 0;
	return put(in, in->stage, n, f);
}

/* Spools and hashes again, in wire form, what old holds in file form. */
static enum rc
expand(struct intake *in, struct spool *old, struct fault *f)
{
	const unsigned char *p;
	uint64_t off = 0;
	size_t n, out;
	enum rc rc;

	for (;;) {
		rc = spool_view(old, off, STAGE, &p, &n, f);
		if (rc == RC_END)
			return RC_OK;
		if (rc != RC_OK)
			return rc;
		off += n;
		while (n > 0) {
			out = eol_expand(&p, &n, in->stage, STAGE);
			rc = put_as_is(in, in->stage, out, f);
			if (rc != RC_OK)
				return rc;
		}
	}
}

/* Goes from CONFORMING to AS_IS; the held CR is put, too. */
static enum rc
stop_conforming(struct intake *in, struct fault *f)
{
	const bool held_cr = in->held_cr;
	const uint64_t lf = in->tally.lf;
	struct spool *old;
	enum rc rc;

	rc = flush(in, f);
	if (rc != RC_OK)
		return rc;
	in->mode = AS_IS;
	in->held_cr = false;
	memset(&in->tally, 0, sizeof(in->tally));
	/* Before the first line end both forms are the same. */
	if (lf > 0 && in->dropped) {
		in->mode = LOST;
		return RC_OK;
	}
	if (lf > 0) {
		if (in->spare == NULL)
			in->spare = spool_new(in->bound);
		old = in->spool;
		in->spool = in->spare;
		in->spare = old;
		digester_init(&in->digester);
		rc = expand(in, old, f);
		spool_clear(old);
	}
	if (rc == RC_OK && held_cr)
		rc = put_as_is(in, "\r", 1, f);
	return rc;
}

/*
 * Converts into the stage, which has room for n + 1; returns the octets
 * taken: less than n when the line that starts there does not conform.
 */
static size_t
convert(struct intake *in, const unsigned char *const start, size_t n)
{
	const unsigned char *const end = start + n;
	const unsigned char *at = start, *lf;
	unsigned char *out = in->stage + in->n_stage;
	unsigned char last = in->last;
	uint64_t lines = 0;
	size_t run;

	if (in->held_cr) {
		if (*at == '\n' && last == '\r')
			return 0;
		in->held_cr = false;
		if (*at == '\n') {
			at++;
			lines++;
			last = *out++ = '\n';
		} else {
			last = *out++ = '\r';
		}
	}
	while (at < end) {
		lf = memchr(at, '\n', (size_t)(end - at));
		if (lf == NULL) {
			in->held_cr = end[-1] == '\r';
			run = (size_t)(end - at) - (in->held_cr ? 1 : 0);
			memcpy(out, at, run);
			out += run;
			if (run > 0)
				last = at[run - 1];
			at = end;
			break;
		}
		if (lf == at || lf[-1] != '\r' ||
		    (lf - at > 1 ? lf[-2] : last) == '\r')
			break;
		run = (size_t)(lf - at) - 1;
		memcpy(out, at, run);
		out += run;
		last = *out++ = '\n';
		lines++;
		at = lf + 1;
	}
	in->n_stage = (size_t)(out - in->stage);
	in->last = last;
	in->tally.lf += lines;
	return (size_t)(at - start);
}

static enum rc
add_conforming(struct intake *in, const unsigned char **p, size_t *n,
    struct fault *f)
{
	size_t part, done;
	enum rc rc;

	while (*n > 0) {
		if (in->n_stage > STAGE / 2) {
			rc = flush(in, f);
			if (rc != RC_OK)
				return rc;
		}
		part = STAGE - 1 - in->n_stage;
		if (part > *n)
			part = *n;
		done = convert(in, *p, part);
		*p += done;
		*n -= done;
		if (done < part)
			return stop_conforming(in, f);
	}
	return RC_OK;
}

enum rc
intake_add(struct intake *in, const void *p, size_t n, struct fault *f)
{
	const unsigned char *at = p;
	enum rc rc = RC_OK;

	if (n == 0)
		return RC_OK;
	in->taken += n;
	if (in->mode == CONFORMING)
		rc = add_conforming(in, &at, &n, f);
	if (rc == RC_OK && n > 0 && in->mode == AS_IS)
		rc = put_as_is(in, at, n, f);
	return rc;
}

static void
end_lost(const struct intake *in, struct digest *r)
{
	memset(r, 0, sizeof(*r));
	r->lack = LACKS_HASH;
	/* A Maildir file that conformed so far holds a CRLF: it is as it was on
	 * the wire. */
	r->wire_size = in->taken;
}

enum rc
intake_end(struct intake *in, struct body *r, struct fault *f)
{
	enum eol eol;
	enum rc rc;

	r->spool = in->spool;
	r->off = 0;
	if (in->mode == LOST) {
		end_lost(in, &r->digest);
		return RC_OK;
	}
	if (in->mode == CONFORMING) {
		if (in->held_cr)
			in->stage[in->n_stage++] = '\r';
		in->held_cr = false;
		rc = flush(in, f);
		if (rc != RC_OK)
			return rc;
		/* The file form has no CR before any LF. */
		in->tally.bare = in->tally.lf;
		eol = EOL_CRLF;
	} else if (in->maildir && in->tally.bare == in->tally.lf) {
		eol = EOL_CRLF;
	} else {
		eol = EOL_RAW;
	}
	return digester_end(&in->digester, in->dropped ? NULL : in->spool, 0,
	    &in->tally, eol, &r->digest, f);
}
