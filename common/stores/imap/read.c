#include <string.h>

#include "stores/imap/ops.h"
#include "stores/imap/reading.h"
#include "stores/imap/stream.h"

/*
 * Bodies come in a stream (stream.h).  What an answer leaves out, or gives
 * without content, is asked for again, one by one, then over a new
 * connection, then in parts, before it counts as refused.
 */
enum {
	STRIKES_ALONE = 2, /* cuts at a message: ask it alone */
	BROKEN_MAX = 3,    /* refused by cuts, one after another */
};

struct asking {
	struct stream stream;
	size_t suspect; /* the message at which the line broke */
	unsigned strikes;
	unsigned broken;
};

/* One message in a command of its own; rd->state tells what came of it. */
static enum rc
ask_alone(struct reading *rd, size_t i, const char *items,
    struct imap_reply *reply, struct fault *f)
{
	struct buf set = BUF_INIT;
	int tag;
	enum rc rc;

	buf_addf(&set, "%lu", (unsigned long)rd->m[i].uid);
	rd->alone = i;
	do {
		rc = reading_send(rd, &set, items, &tag, f);
		if (rc == RC_OK)
			rc = reading_wait(rd, tag, reply, f);
		if (rc == RC_OK)
			rc = reading_judge(rd, reply, f);
	} while (rc != RC_OK && rd->rc == RC_OK &&
	    mend_pause(&rd->mend, rd->is, &rc, f));
	rd->alone = rd->n;
	buf_release(&set);
	return rc;
}

/* A message that breaks the connection each time: gives it up, unless the
 * connection is what is broken. */
static enum rc
give_up(struct asking *as, size_t i, enum rc rc, struct fault *f)
{
	struct fault why = *f;

	if (++as->broken >= BROKEN_MAX)
		return rc;
	rc = mend_line(&as->stream.rd.mend, as->stream.rd.is, rc, f);
	if (rc != RC_OK)
		return rc;
	(void)fault_wrap(&why, RC_MESSAGE, "the connection breaks at it");
	return reading_tell(&as->stream.rd, i, READ_REFUSED, why.text, f);
}

/* Asks for one message, at most tries times when the line breaks. */
static enum rc
try_alone(struct asking *as, size_t i, unsigned tries, struct fault *f)
{
	struct reading *rd = &as->stream.rd;
	struct imap_reply reply = { .status = IMAP_OK };
	enum rc rc;

	for (;;) {
		rd->state[i] = READING_WAITING;
		rc = ask_alone(rd, i, READING_ITEMS, &reply, f);
		if (rc == RC_OK)
			break;
		if (rd->rc != RC_OK)
			return rc;
		if (--tries == 0)
			return give_up(as, i, rc, f);
		rc = mend_line(&rd->mend, rd->is, rc, f);
		if (rc != RC_OK)
			return rc;
	}
	if (rd->state[i] == READING_DONE)
		as->broken = 0;
	if (rd->state[i] != READING_WAITING)
		return RC_OK;
	if (reply.status != IMAP_OK)
		return reading_tell(rd, i, READ_REFUSED, reply.text, f);
	rd->state[i] = READING_MISSING;
	return RC_OK;
}

/* The line broke in a range: notes where, makes a new one, and asks for a
 * message alone at which it broke before. */
static enum rc
after_cut(struct asking *as, size_t done, enum rc rc, struct fault *f)
{
	struct reading *rd = &as->stream.rd;
	size_t at = reading_next(rd, as->stream.span[0].first, READING_WAITING);

	if (reading_count(rd, READING_DONE) > done)
		as->broken = 0;
	rc = mend_line(&rd->mend, rd->is, rc, f);
	if (rc != RC_OK || as->stream.open == 0 || at >= as->stream.span[0].end)
		return rc;
	as->strikes = at == as->suspect ? as->strikes + 1 : 1;
	as->suspect = at;
	return as->strikes < STRIKES_ALONE ? RC_OK : try_alone(as, at, 1, f);
}

static enum rc
read_ranges(struct asking *as, struct fault *f)
{
	size_t done;
	enum rc rc;

	as->suspect = as->stream.rd.n;
	for (;;) {
		done = reading_count(&as->stream.rd, READING_DONE);
		rc = stream_run(&as->stream, f);
		if (rc == RC_OK || as->stream.rd.rc != RC_OK)
			return rc;
		if (mend_pause(&as->stream.rd.mend, as->stream.rd.is, &rc, f))
			continue;
		rc = after_cut(as, done, rc, f);
		if (rc != RC_OK)
			return rc;
	}
}

/* Which of those passed over are still there?  The others are gone. */
static enum rc
check_missing(struct asking *as, struct fault *f)
{
	struct reading *rd = &as->stream.rd;
	struct imap_reply reply;
	struct buf set = BUF_INIT;
	size_t first, end, i;
	uint64_t none;
	int tag;
	enum rc rc = RC_OK;

	rd->mode = READING_LISTED;
	first = reading_next(rd, 0, READING_MISSING);
	while (rc == RC_OK && first < rd->n) {
		buf_clear(&set);
		end = reading_collect(rd, first, READING_MISSING, &set, &none);
		rc = reading_send(rd, &set, "(UID)", &tag, f);
		if (rc == RC_OK)
			rc = reading_wait(rd, tag, &reply, f);
		if (rc == RC_OK)
			rc = reading_judge(rd, &reply, f);
		if (rc != RC_OK && rd->rc == RC_OK) {
			rc = mend_line(&rd->mend, rd->is, rc, f);
			continue;
		}
		for (i = first; rc == RC_OK && i < end; i++)
			if (rd->state[i] == READING_MISSING)
				rc = reply.status == IMAP_OK ?
				    reading_tell(rd, i, READ_GONE, NULL, f) :
				    reading_tell(rd, i, READ_REFUSED,
					reply.text, f);
		first = reading_next(rd, end, READING_MISSING);
	}
	rd->mode = READING_BODIES;
	buf_release(&set);
	return rc;
}

static bool
is_open(const struct reading *rd, size_t i)
{
	return rd->state[i] == READING_EMPTY ||
	    rd->state[i] == READING_SILENT || rd->state[i] == READING_DENIED;
}

/* Those without a fate, one by one. */
static enum rc
retry(struct asking *as, struct fault *f)
{
	struct reading *rd = &as->stream.rd;
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < rd->n; i++)
		if (is_open(rd, i))
			rc = try_alone(as, i, STRIKES_ALONE, f);
	return rc == RC_OK ? check_missing(as, f) : rc;
}

static bool
any_open(const struct reading *rd)
{
	return reading_count(rd, READING_DONE) < rd->n;
}

static enum rc
renew(struct asking *as, struct fault *f)
{
	session_close(&as->stream.rd.is->s);
	as->stream.rd.mend.tries = 0;
	return mend_line(&as->stream.rd.mend, as->stream.rd.is,
	    fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		"cannot make a second connection"),
	    f);
}

/* Some servers that fail at BODY[] give its two halves. */
static enum rc
try_parts(struct asking *as, size_t i, bool *whole_r, struct fault *f)
{
	struct reading *rd = &as->stream.rd;
	struct imap_reply reply;
	struct intake *in = rd->is->s.intake;
	uint64_t header;
	enum rc rc;

	*whole_r = false;
	rd->mode = READING_PARTS;
	rd->filled = 0;
	intake_begin(in);
	rc = ask_alone(rd, i, "(UID BODY.PEEK[HEADER])", &reply, f);
	header = intake_size(in);
	if (rc == RC_OK && header > 0)
		rc = ask_alone(rd, i, "(UID BODY.PEEK[TEXT])", &reply, f);
	rd->mode = READING_BODIES;
	/* A text of nothing is believed only where the size says so. */
	*whole_r = rc == RC_OK && header > 0 && rd->filled == 2 &&
	    (intake_size(in) > header || header == rd->m[i].size);
	return rc;
}

static enum rc
last_resort(struct asking *as, size_t i, struct fault *f)
{
	struct reading *rd = &as->stream.rd;
	struct buf why = BUF_INIT;
	bool whole;
	enum rc rc;

	rc = try_parts(as, i, &whole, f);
	if (rc != RC_OK)
		return rd->rc != RC_OK ? rc : give_up(as, i, rc, f);
	if (whole) {
		reading_commit(rd, i);
		*f = rd->fault;
		return rd->rc;
	}
	if (rd->state[i] == READING_EMPTY)
		buf_addf(&why,
		    "the server sends an empty body, but tells a "
		    "size of %llu",
		    (unsigned long long)rd->m[i].size);
	else
		buf_adds(&why, "the server lists it, but does not send it");
	rc = reading_tell(rd, i, READ_REFUSED, buf_str(&why), f);
	buf_release(&why);
	return rc;
}

static enum rc
read_all(struct asking *as, struct fault *f)
{
	const struct imap_store *is = as->stream.rd.is;
	size_t i;
	enum rc rc;

	rc = read_ranges(as, f);
	/* What is on its way is not thrown away for the sake of a few. */
	if (rc == RC_OK && any_open(&as->stream.rd) && is->told.n > 0 &&
	    ahead_last(&is->s) != NULL)
		return RC_OK;
	if (rc == RC_OK)
		rc = check_missing(as, f);
	if (rc == RC_OK)
		rc = retry(as, f);
	if (rc != RC_OK || !any_open(&as->stream.rd))
		return rc;
	rc = renew(as, f);
	if (rc == RC_OK)
		rc = retry(as, f);
	for (i = 0; rc == RC_OK && i < as->stream.rd.n; i++)
		if (is_open(&as->stream.rd, i))
			rc = last_resort(as, i, f);
	return rc;
}

enum rc
imap_read(struct store *store, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct asking as = { .suspect = n };
	enum rc rc;

	rc = reading_init(&as.stream.rd, (struct imap_store *)store, m, n, f);
	as.stream.rd.fn = fn;
	as.stream.rd.arg = arg;
	if (rc == RC_OK)
		rc = read_all(&as, f);
	if (rc != RC_OK && as.stream.rd.rc == RC_OK &&
	    as.stream.rd.mend.folder.name != NULL)
		rc = fault_wrap(f, rc, "%s", as.stream.rd.mend.folder.name);
	reading_release(&as.stream.rd);
	return rc;
}
