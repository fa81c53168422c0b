#include <stdlib.h>
#include <string.h>

#include "mail/flags.h"
#include "stores/imap/fetchline.h"
#include "stores/imap/glance.h"
#include "stores/imap/ops.h"
#include "stores/imap/ranges.h"
#include "stores/imap/token.h"
#include "stores/imap/uidset.h"
#include "stores/imap/vanishline.h"

/*
 * Lists a folder by FETCH of ranges, never by SEARCH, which servers get
 * wrong.  Several ranges are always asked for, so that the line does not wait.
 * The answers are read line by line with a reader of our own: they come by
 * the million, and with dates and sizes that libetpan takes for errors.
 */
enum {
	SCAN_PARTS = 1 << 8,       /* of want: BODYSTRUCTURE, for glances */
	SCAN_AHEAD = 16,           /* ranges asked for at one time */
	SCAN_HEADER_MAX = 1 << 20, /* octets of a header looked at */
	SCAN_BARE_AFTER = 2,       /* connections that are lost at one range */
	SCAN_WHOLE = FETCHED_UID | FETCHED_FLAGS | FETCHED_DATE | FETCHED_SIZE,
};

struct scan {
	struct imap_store *is;
	uint32_t first;
	unsigned want;
	store_scan_fn *fn;
	struct glance *glance; /* NULL, or instead of fn */
	size_t bare;           /* the range that is asked for without parts */
	void *arg;
	bool stopped; /* fn failed */
	size_t alone; /* the last range that was sent alone */
	struct uidset seen;
	uint64_t old; /* seen, and there when it was selected */
	uint64_t expunged;
	struct mend mend;
	struct ranges ranges;
	struct imap_reply refusal; /* the last NO or BAD */
	bool refused;
	struct buf scratch;
	struct fetchline line;
	/* One message, until an answer about another one comes: some servers
	 * tell what they know of a message in two answers. */
	bool held;
	struct fetchline one;
	struct fingerprint fp;
};

/* Gives the message held to the caller, unless he has it. */
static enum rc
deliver(struct scan *sc, struct fault *f)
{
	struct fetchline *one = &sc->one;
	struct msg m = { 0 };
	enum rc rc;

	if (!sc->held)
		return RC_OK;
	sc->held = false;
	/* "UID FETCH 100:*" tells the last message even if it is below 100;
	 * without UID are flags that someone changes meanwhile. */
	if ((one->has & FETCHED_UID) == 0 || one->uid < sc->first ||
	    !uidset_add(&sc->seen, one->uid))
		return RC_OK;
	if (sc->is->state.uidnext == 0 || one->uid < sc->is->state.uidnext)
		sc->old++;
	sc->mend.tries = 0;
	m.uid = one->uid;
	m.size = one->size;
	m.date = one->date;
	m.flags = one->flags;
	m.keywords = keywords_canonical(sc->is->s.atoms, &one->keywords);
	if ((one->has & FETCHED_HEADER) == 0)
		fingerprint_of("", 0, &sc->fp);
	rc = sc->glance != NULL ?
	    glance_give(sc->glance, &m, f) :
	    sc->fn(sc->arg, &m,
		(sc->want & SCAN_FINGERPRINT) != 0 ? &sc->fp : NULL, f);
	sc->stopped = rc != RC_OK;
	return rc;
}

/* Adds what sc->line tells to the message held. */
static void
hold(struct scan *sc)
{
	struct fetchline *to = &sc->one, *from = &sc->line;

	if (!sc->held) {
		fetchline_release(to);
		to->seq = from->seq;
		sc->held = true;
		if (sc->glance != NULL)
			glance_clear(sc->glance);
	}
	if ((from->has & FETCHED_UID) != 0)
		to->uid = from->uid;
	if ((from->has & FETCHED_DATE) != 0)
		to->date = from->date;
	if ((from->has & FETCHED_SIZE) != 0)
		to->size = from->size;
	if ((from->has & FETCHED_FLAGS) != 0) {
		to->flags = from->flags;
		strs_release(&to->keywords);
		to->keywords = from->keywords;
		from->keywords = (struct strs)STRS_INIT;
	}
	/* The header lies in the line, which is about to go. */
	if (sc->glance != NULL)
		glance_hold(sc->glance, from);
	else if ((from->has & FETCHED_HEADER) != 0)
		fingerprint_of(from->header == NULL ? "" : from->header,
		    from->header_len < SCAN_HEADER_MAX ? from->header_len :
							 SCAN_HEADER_MAX,
		    &sc->fp);
	to->has |= from->has;
}

/* As EXPUNGE comes after ENABLE QRESYNC; false: the line is another one. */
static bool
take_vanished(struct scan *sc, const char *text, size_t n)
{
	struct vanishline v;
	uint32_t first, last;

	if (!vanishline_begin(&v, text, n))
		return false;
	while (!v.earlier && vanishline_next(&v, &first, &last))
		sc->expunged += (uint64_t)last - first + 1;
	return true;
}

static enum rc
take_line(void *arg, const char *text, size_t n, struct fault *f)
{
	struct scan *sc = arg;
	uint32_t number;
	enum rc rc = RC_OK;
	bool other;

	if (!fetchline_parse(text, n, &sc->scratch, &sc->line)) {
		if (token_untagged_number(text, n, "EXPUNGE", &number))
			sc->expunged++;
		else if (!take_vanished(sc, text, n))
			return RC_OK;
		return deliver(sc, f); /* sequence numbers move */
	}
	other = sc->held && sc->one.seq != sc->line.seq;
	/* News of another message's flags between two halves of this one. */
	if (other && sc->line.has == FETCHED_FLAGS &&
	    (sc->one.has & SCAN_WHOLE) != SCAN_WHOLE)
		return RC_OK;
	if (other)
		rc = deliver(sc, f);
	if (rc == RC_OK)
		hold(sc);
	return rc;
}

static void
add_items(struct buf *b, unsigned want)
{
	buf_adds(b, "(UID FLAGS INTERNALDATE RFC822.SIZE");
	if ((want & SCAN_FINGERPRINT) != 0)
		buf_addf(b, " BODY.PEEK[HEADER]<0.%d>", SCAN_HEADER_MAX);
	if ((want & SCAN_PARTS) != 0)
		buf_adds(b, " BODYSTRUCTURE");
	buf_addc(b, ')');
}

void
imap_scan_command(struct buf *b, unsigned want)
{
	buf_adds(b, "UID FETCH 1:* ");
	add_items(b, want);
}

/* Headers would be much to ask for again when the line is lost. */
uint32_t
imap_scan_alone(unsigned want)
{
	return (want & SCAN_FINGERPRINT) != 0 ? RANGE_MESSAGES : RANGE_ALONE;
}

static enum rc
send_range(struct scan *sc, size_t i, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	enum rc rc;

	range_format(&sc->ranges, i, &cmd);
	add_items(&cmd,
	    i == sc->bare ? sc->want & ~(unsigned)SCAN_PARTS : sc->want);
	rc = session_send(&sc->is->s, &cmd, &sc->ranges.v[i].tag, f);
	buf_release(&cmd);
	return rc;
}

static enum rc
take_reply(struct scan *sc, size_t at, const struct imap_reply *reply,
    struct fault *f)
{
	struct fault said;
	enum rc rc;

	/* Expunged by another (RFC 5530) is as good as OK. */
	if (reply->status == IMAP_OK ||
	    strcmp(reply->code, "EXPUNGEISSUED") == 0)
		return RC_OK;
	if (reply->status == IMAP_BAD)
		ahead_bad(&sc->is->s, at == sc->alone);
	sc->refusal = *reply;
	sc->refused = true;
	if (imap_is_particular(&sc->is->s, reply, "cannot list messages", &rc,
		&said))
		return RC_OK;
	*f = said;
	/* What asks for a pause is asked again after it. */
	sc->stopped = sc->is->s.plea.kind == BACKOFF_NONE;
	/* Other answers may be on their way. */
	session_drop(&sc->is->s);
	return sc->stopped ? fault_wrap(f, rc, "%s", sc->mend.folder.name) : rc;
}

static size_t
window(const struct scan *sc)
{
	return ahead_is_single(&sc->is->s) ? 1 : SCAN_AHEAD;
}

/* Asks for the ranges from *done on and takes the answers. */
static enum rc
run(struct scan *sc, size_t *done, struct fault *f)
{
	struct session *s = &sc->is->s;
	struct imap_reply reply;
	size_t sent = *done;
	enum rc rc;

	sc->held = false;
	sc->alone = sc->ranges.n;
	while (*done < sc->ranges.n) {
		while (sent < sc->ranges.n && sent - *done < window(sc)) {
			if (sent == *done && ahead_last(s) == NULL)
				sc->alone = sent;
			rc = send_range(sc, sent++, f);
			if (rc != RC_OK)
				return rc;
		}
		if (sent == sc->ranges.n && !sc->refused)
			foresee_send(sc->is, 0);
		rc = session_read(s, sc->ranges.v[*done].tag, take_line, sc,
		    &reply, f);
		if (rc == RC_OK)
			rc = deliver(sc, f);
		if (rc != RC_OK)
			return rc;
		rc = take_reply(sc, *done, &reply, f);
		if (rc != RC_OK)
			return rc;
		(*done)++;
	}
	return RC_OK;
}

/* All ranges, over as many connections as it takes. */
static enum rc
run_all(struct scan *sc, struct fault *f)
{
	size_t done = 0;
	enum rc rc;

	rc = run(sc, &done, f);
	while (rc != RC_OK && !sc->stopped) {
		rc = mend_line(&sc->mend, sc->is, rc, f);
		if (rc != RC_OK)
			break;
		/* A server that dies of a message's parts may tell the rest.
		 */
		if (sc->mend.tries >= SCAN_BARE_AFTER)
			sc->bare = done;
		/* Sequence numbers may not be what they were. */
		if (sc->ranges.by_seq)
			done = 0;
		rc = run(sc, &done, f);
	}
	return rc;
}

static enum rc
plan(struct scan *sc, uint32_t exists, struct fault *f)
{
	enum rc rc;

	do {
		rc = ranges_plan(&sc->ranges, &sc->is->s, exists, sc->first, f);
		if (rc == RC_OK)
			return RC_OK;
		rc = mend_line(&sc->mend, sc->is, rc, f);
	} while (rc == RC_OK);
	return rc;
}

/* Fewer than the server said there are. */
static bool
is_short(const struct scan *sc, uint32_t exists)
{
	return sc->first <= 1 && sc->old + sc->expunged < exists;
}

static enum rc
scan_folder(struct scan *sc, struct fault *f)
{
	uint32_t exists = sc->is->s.selected.messages;
	enum rc rc;

	if (exists == 0)
		return RC_OK;
	rc = plan(sc, exists, f);
	if (rc == RC_OK)
		rc = run_all(sc, f);
	/* One message whose parts it cannot tell, and a server says NO. */
	if (rc == RC_OK && sc->refused && is_short(sc, exists) &&
	    (sc->want & SCAN_PARTS) != 0) {
		sc->want &= ~(unsigned)SCAN_PARTS;
		sc->refused = false;
		rc = run_all(sc, f);
	}
	/* Some servers find by number what they do not find by UID. */
	if (rc == RC_OK && is_short(sc, exists) && !sc->ranges.by_seq) {
		ranges_by_seq(&sc->ranges, exists);
		if (ahead_is_single(&sc->is->s))
			rc = ahead_alone(&sc->is->s, f);
		if (rc == RC_OK)
			rc = run_all(sc, f);
	}
	if (rc == RC_OK && sc->refused &&
	    (is_short(sc, exists) || sc->first > 1))
		rc = imap_refusal(&sc->is->s, &sc->refusal,
		    "cannot list all messages", f);
	return rc;
}

static enum rc
scan(struct scan *sc, uint64_t *seen_r, struct fault *f)
{
	enum rc rc;

	*seen_r = 0;
	sc->bare = SIZE_MAX;
	sc->ranges.alone = imap_scan_alone(sc->want);
	rc = mend_init(&sc->mend, sc->is, f);
	if (rc != RC_OK)
		return rc;
	rc = scan_folder(sc, f);
	*seen_r = sc->seen.count;
	if (rc != RC_OK && !sc->stopped)
		rc = fault_wrap(f, rc, "%s", sc->mend.folder.name);
	mend_release(&sc->mend);
	ranges_release(&sc->ranges);
	uidset_release(&sc->seen);
	buf_release(&sc->scratch);
	fetchline_release(&sc->line);
	fetchline_release(&sc->one);
	return rc;
}

enum rc
imap_scan(struct store *st, uint32_t first, unsigned want, store_scan_fn *fn,
    void *arg, uint64_t *seen_r, struct fault *f)
{
	struct scan sc = { .is = (struct imap_store *)st,
		.first = first > 0 ? first : 1,
		.want = want,
		.fn = fn,
		.arg = arg };

	return scan(&sc, seen_r, f);
}

enum rc
imap_glance(struct store *st, store_glance_fn *fn, void *arg, uint64_t *seen_r,
    struct fault *f)
{
	struct glance g = { .fn = fn, .arg = arg };
	struct scan sc = { .is = (struct imap_store *)st,
		.first = 1,
		.want = SCAN_FINGERPRINT | SCAN_PARTS,
		.glance = &g };
	enum rc rc;

	rc = scan(&sc, seen_r, f);
	glance_release(&g);
	return rc;
}
