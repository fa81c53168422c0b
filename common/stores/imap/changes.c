#include <inttypes.h>
#include <string.h>

#include "mail/flags.h"
#include "stores/imap/answer.h"
#include "stores/imap/fetchline.h"
#include "stores/imap/ops.h"
#include "stores/imap/uidset.h"
#include "stores/imap/vanishline.h"

/*
 * What changed in a folder, by FETCH with CHANGEDSINCE (RFC 7162), in one
 * command.  It is believed only as far as it can be checked: whoever asked
 * counts, and lists the folder where the numbers do not fit.
 */

enum {
	CHANGES_WHOLE =
	    FETCHED_UID | FETCHED_FLAGS | FETCHED_DATE | FETCHED_SIZE,
};

struct changes {
	struct imap_store *is;
	uint64_t since;
	store_scan_fn *fn;
	store_gone_fn *gone;
	void *arg;
	bool stopped; /* fn or gone failed */
	bool torn;    /* a message came without all that was asked */
	struct uidset seen;
	struct mend mend;
	struct buf scratch;
	struct fetchline line;
};

void
imap_changes_command(struct buf *b, const struct session *s, uint64_t since)
{
	imap_scan_command(b, 0);
	buf_addf(b, " (CHANGEDSINCE %" PRIu64 "%s)", since,
	    s->qresync ? " VANISHED" : "");
}

static enum rc
take_gone(struct changes *c, struct vanishline *v, struct fault *f)
{
	uint32_t first, last;
	enum rc rc = RC_OK;

	while (rc == RC_OK && vanishline_next(v, &first, &last))
		rc = c->gone(c->arg, first, last, f);
	c->stopped = rc != RC_OK;
	return rc;
}

static enum rc
take_message(struct changes *c, struct fault *f)
{
	const struct fetchline *one = &c->line;
	struct msg m = { 0 };
	enum rc rc;

	/* Some servers tell of a message in two answers; and others change
	 * flags meanwhile. */
	if ((one->has & CHANGES_WHOLE) != CHANGES_WHOLE) {
		c->torn = true;
		return RC_OK;
	}
	if (!uidset_add(&c->seen, one->uid))
		return RC_OK;
	c->mend.tries = 0;
	m.uid = one->uid;
	m.size = one->size;
	m.date = one->date;
	m.flags = one->flags;
	m.keywords = keywords_canonical(c->is->s.atoms, &c->line.keywords);
	rc = c->fn(c->arg, &m, NULL, f);
	c->stopped = rc != RC_OK;
	return rc;
}

static enum rc
take_line(void *arg, const char *text, size_t n, struct fault *f)
{
	struct changes *c = arg;
	struct vanishline v;

	if (vanishline_begin(&v, text, n))
		return take_gone(c, &v, f);
	if (fetchline_parse(text, n, &c->scratch, &c->line))
		return take_message(c, f);
	return RC_OK;
}

/* RC_END: the server will not have it. */
static enum rc
take_reply(struct changes *c, const struct imap_reply *reply, bool alone,
    struct fault *f)
{
	struct session *s = &c->is->s;

	if (reply->status == IMAP_OK)
		return c->torn ? RC_END : RC_OK;
	if (reply->status == IMAP_BAD)
		ahead_bad(s, alone);
	if (backoff_heard(s, reply->text) == BACKOFF_NONE)
		return RC_END;
	(void)session_refusal(s, reply, "cannot list changes", f);
	session_drop(s);
	return RC_STORE;
}

static enum rc
run(struct changes *c, struct fault *f)
{
	struct session *s = &c->is->s;
	const bool alone = ahead_last(s) == NULL;
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	int tag;
	enum rc rc;

	c->torn = false;
	imap_changes_command(&cmd, s, c->since);
	rc = session_send(s, &cmd, &tag, f);
	buf_release(&cmd);
	if (rc != RC_OK)
		return rc;
	foresee_send(c->is, 0);
	rc = session_read(s, tag, take_line, c, &reply, f);
	return rc == RC_OK ? take_reply(c, &reply, alone, f) : rc;
}

enum rc
imap_changes(struct store *st, uint64_t since, store_scan_fn *fn,
    store_gone_fn *gone, void *arg, struct fault *f)
{
	struct changes c = { .is = (struct imap_store *)st,
		.since = since,
		.fn = fn,
		.gone = gone,
		.arg = arg };
	enum rc rc;

	if (!c.is->s.caps.condstore)
		return RC_END;
	rc = mend_init(&c.mend, c.is, f);
	if (rc != RC_OK)
		return rc;
	/* An empty folder need not be asked. */
	if (c.is->s.selected.messages > 0)
		rc = run(&c, f);
	while (rc == RC_STORE && !c.stopped) {
		rc = mend_line(&c.mend, c.is, rc, f);
		if (rc != RC_OK)
			break;
		rc = run(&c, f);
	}
	if (rc != RC_OK && rc != RC_END && !c.stopped)
		rc = fault_wrap(f, rc, "%s", c.mend.folder.name);
	mend_release(&c.mend);
	uidset_release(&c.seen);
	buf_release(&c.scratch);
	fetchline_release(&c.line);
	return rc;
}
