#include <string.h>

#include "stores/imap/ops.h"
#include "stores/imap/reading.h"

/*
 * Bodies come by UID FETCH of ranges bounded by count, by size and by the
 * length of the command; two are always asked for, so that the line does not
 * wait.  What an answer leaves out, or gives without content, is asked for
 * again, one by one, then over a new connection, then in parts, before it
 * counts as refused.
 */
enum {
	RANGES_AHEAD = 2,  /* asked for at one time */
	STRIKES_ALONE = 2, /* cuts at a message: ask it alone */
	BROKEN_MAX = 3,    /* refused by cuts, one after another */
};

#define ITEMS_BODY "(UID BODY.PEEK[])"

/* Messages that one command asked for, among them those not waiting. */
struct span {
	size_t first;
	size_t end;
	int tag;
};

struct stream {
	struct reading rd;
	struct span span[RANGES_AHEAD];
	size_t open;    /* spans not answered */
	size_t next;    /* where the next span starts */
	size_t suspect; /* the message at which the line broke */
	unsigned strikes;
	unsigned broken;
};

static enum rc
send_span(struct stream *st, struct fault *f)
{
	struct span *span = &st->span[st->open];
	struct buf set = BUF_INIT;
	enum rc rc;

	span->first = reading_next(&st->rd, st->next, READING_WAITING);
	span->end =
	    reading_collect(&st->rd, span->first, READING_WAITING, &set);
	st->next = reading_next(&st->rd, span->end, READING_WAITING);
	st->open++;
	rc = reading_send(&st->rd, &set, ITEMS_BODY, &span->tag, f);
	buf_release(&set);
	return rc;
}

/* What a NO to a FETCH says of the whole; RC_OK when it is about messages. */
static enum rc
judge(struct reading *rd, const struct imap_reply *reply, struct fault *f)
{
	struct fault said = FAULT_INIT;
	enum rc rc;

	if (reply->status == IMAP_OK ||
	    imap_is_particular(&rd->is->s, reply, "fetch", &rc, &said))
		return RC_OK;
	/* What asks for a pause is asked again after it. */
	if (rd->rc == RC_OK && rd->is->s.plea.kind == BACKOFF_NONE) {
		rd->rc = fault_wrap(&said, rc, "%s", rd->mend.folder.name);
		rd->fault = said;
	}
	session_drop(&rd->is->s);
	*f = said;
	return rc;
}

/* The answer to the oldest span. */
static enum rc
take_span(struct stream *st, struct fault *f)
{
	struct reading *rd = &st->rd;
	struct span *span = &st->span[0];
	struct imap_reply reply;
	unsigned char left;
	size_t i;
	enum rc rc;

	rc = reading_wait(rd, span->tag, &reply, f);
	if (rc == RC_OK)
		rc = judge(rd, &reply, f);
	if (rc != RC_OK)
		return rc;
	left = reply.status == IMAP_OK ? READING_MISSING : READING_DENIED;
	for (i = span->first; i < span->end; i++)
		if (rd->state[i] == READING_WAITING)
			rd->state[i] = left;
	st->open--;
	memmove(&st->span[0], &st->span[1], st->open * sizeof(st->span[0]));
	return RC_OK;
}

static enum rc
stream_waiting(struct stream *st, struct fault *f)
{
	enum rc rc = RC_OK;

	st->open = 0;
	st->next = reading_next(&st->rd, 0, READING_WAITING);
	while (rc == RC_OK && (st->open > 0 || st->next < st->rd.n)) {
		if (st->open < RANGES_AHEAD && st->next < st->rd.n)
			rc = send_span(st, f);
		else
			rc = take_span(st, f);
	}
	return rc;
}

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
			rc = judge(rd, reply, f);
	} while (rc != RC_OK && rd->rc == RC_OK &&
	    mend_pause(&rd->mend, rd->is, &rc, f));
	rd->alone = rd->n;
	buf_release(&set);
	return rc;
}

/* A message that breaks the connection each time: gives it up, unless the
 * connection is what is broken. */
static enum rc
give_up(struct stream *st, size_t i, enum rc rc, struct fault *f)
{
	struct fault why = *f;

	if (++st->broken >= BROKEN_MAX)
		return rc;
	rc = mend_line(&st->rd.mend, st->rd.is, rc, f);
	if (rc != RC_OK)
		return rc;
	(void)fault_wrap(&why, RC_MESSAGE, "the connection breaks at it");
	return reading_tell(&st->rd, i, READ_REFUSED, why.text, f);
}

/* Asks for one message, at most tries times when the line breaks. */
static enum rc
try_alone(struct stream *st, size_t i, unsigned tries, struct fault *f)
{
	struct reading *rd = &st->rd;
	struct imap_reply reply = { .status = IMAP_OK };
	enum rc rc;

	for (;;) {
		rd->state[i] = READING_WAITING;
		rc = ask_alone(rd, i, ITEMS_BODY, &reply, f);
		if (rc == RC_OK)
			break;
		if (rd->rc != RC_OK)
			return rc;
		if (--tries == 0)
			return give_up(st, i, rc, f);
		rc = mend_line(&rd->mend, rd->is, rc, f);
		if (rc != RC_OK)
			return rc;
	}
	if (rd->state[i] == READING_DONE)
		st->broken = 0;
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
after_cut(struct stream *st, size_t done, enum rc rc, struct fault *f)
{
	struct reading *rd = &st->rd;
	size_t at = reading_next(rd, st->span[0].first, READING_WAITING);

	if (reading_count(rd, READING_DONE) > done)
		st->broken = 0;
	rc = mend_line(&rd->mend, rd->is, rc, f);
	if (rc != RC_OK || st->open == 0 || at >= st->span[0].end)
		return rc;
	st->strikes = at == st->suspect ? st->strikes + 1 : 1;
	st->suspect = at;
	return st->strikes < STRIKES_ALONE ? RC_OK : try_alone(st, at, 1, f);
}

static enum rc
read_ranges(struct stream *st, struct fault *f)
{
	size_t done;
	enum rc rc;

	st->suspect = st->rd.n;
	for (;;) {
		done = reading_count(&st->rd, READING_DONE);
		rc = stream_waiting(st, f);
		if (rc == RC_OK || st->rd.rc != RC_OK)
			return rc;
		if (mend_pause(&st->rd.mend, st->rd.is, &rc, f))
			continue;
		rc = after_cut(st, done, rc, f);
		if (rc != RC_OK)
			return rc;
	}
}

/* Which of those passed over are still there?  The others are gone. */
static enum rc
check_missing(struct stream *st, struct fault *f)
{
	struct reading *rd = &st->rd;
	struct imap_reply reply;
	struct buf set = BUF_INIT;
	size_t first, end, i;
	int tag;
	enum rc rc = RC_OK;

	rd->mode = READING_LISTED;
	first = reading_next(rd, 0, READING_MISSING);
	while (rc == RC_OK && first < rd->n) {
		buf_clear(&set);
		end = reading_collect(rd, first, READING_MISSING, &set);
		rc = reading_send(rd, &set, "(UID)", &tag, f);
		if (rc == RC_OK)
			rc = reading_wait(rd, tag, &reply, f);
		if (rc == RC_OK)
			rc = judge(rd, &reply, f);
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
retry(struct stream *st, struct fault *f)
{
	struct reading *rd = &st->rd;
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < rd->n; i++)
		if (is_open(rd, i))
			rc = try_alone(st, i, STRIKES_ALONE, f);
	return rc == RC_OK ? check_missing(st, f) : rc;
}

static bool
any_open(const struct reading *rd)
{
	return reading_count(rd, READING_DONE) < rd->n;
}

static enum rc
renew(struct stream *st, struct fault *f)
{
	session_close(&st->rd.is->s);
	st->rd.mend.tries = 0;
	return mend_line(&st->rd.mend, st->rd.is,
	    fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		"cannot make a second connection"),
	    f);
}

/* Some servers that fail at BODY[] give its two halves. */
static enum rc
try_parts(struct stream *st, size_t i, bool *whole_r, struct fault *f)
{
	struct reading *rd = &st->rd;
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
last_resort(struct stream *st, size_t i, struct fault *f)
{
	struct reading *rd = &st->rd;
	struct buf why = BUF_INIT;
	bool whole;
	enum rc rc;

	rc = try_parts(st, i, &whole, f);
	if (rc != RC_OK)
		return rd->rc != RC_OK ? rc : give_up(st, i, rc, f);
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
read_all(struct stream *st, struct fault *f)
{
	size_t i;
	enum rc rc;

	rc = read_ranges(st, f);
	if (rc == RC_OK)
		rc = check_missing(st, f);
	if (rc == RC_OK)
		rc = retry(st, f);
	if (rc != RC_OK || !any_open(&st->rd))
		return rc;
	rc = renew(st, f);
	if (rc == RC_OK)
		rc = retry(st, f);
	for (i = 0; rc == RC_OK && i < st->rd.n; i++)
		if (is_open(&st->rd, i))
			rc = last_resort(st, i, f);
	return rc;
}

enum rc
imap_read(struct store *store, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct stream st = { .suspect = n };
	enum rc rc;

	rc = reading_init(&st.rd, (struct imap_store *)store, m, n, f);
	st.rd.fn = fn;
	st.rd.arg = arg;
	if (rc == RC_OK)
		rc = read_all(&st, f);
	if (rc != RC_OK && st.rd.rc == RC_OK && st.rd.mend.folder.name != NULL)
		rc = fault_wrap(f, rc, "%s", st.rd.mend.folder.name);
	reading_release(&st.rd);
	return rc;
}
