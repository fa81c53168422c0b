#include <string.h>

#include "stores/imap/ops.h"
#include "util/interrupt.h"
#include "util/pace.h"
#include "util/wait.h"

enum {
	MEND_TRIES = 4,      /* connections without progress between */
	MEND_PAUSE_MS = 500, /* before the second, then twice that.. */
};

enum rc
mend_init(struct mend *m, const struct imap_store *is, struct fault *f)
{
	memset(m, 0, sizeof(*m));
	if (is->s.im == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "the connection is lost");
	if (is->s.selected.wire == NULL)
		return fault_set(f, RC_STORE, CAUSE_BUG, "no folder selected");
	folder_copy(&m->folder, &is->s.selected);
	m->mode = is->s.mode == STORE_APPEND ? STORE_APPEND : STORE_AGAIN;
	m->uidvalidity = is->state.uidvalidity;
	return RC_OK;
}

void
mend_release(struct mend *m)
{
	folder_release(&m->folder);
	memset(m, 0, sizeof(*m));
}

static bool
is_asked(const struct imap_store *is)
{
	return is->s.plea.kind != BACKOFF_NONE;
}

/*
 * A line lost once more is worth another try, and so is a server that is
 * gone for a moment, since it was there before.  That it will not let us in
 * is not: accounts are locked by those who try again.
 */
static bool
is_passing(const struct imap_store *is, const struct fault *f)
{
	return interrupt_signal() == 0 &&
	    (is_asked(is) || f->cause == CAUSE_TEMPORARY ||
		f->cause == CAUSE_UNREACHABLE);
}

/* That the line was lost is a better story than that it was lost again. */
static void
keep_reason(const struct imap_store *is, const struct fault *again,
    struct fault *f)
{
	if (is_asked(is) || again->cause != CAUSE_TEMPORARY)
		*f = *again;
}

/* Before the nth connection without progress: what the server asked for;
 * else a moment for one that is restarting.  RC_STORE: no more tries. */
static enum rc
bide(struct imap_store *is, unsigned nth, struct fault *f)
{
	if (is->s.spent)
		return RC_STORE;
	/* As if the line were lost: only a new one can log in. */
	if (is->s.plea.kind == BACKOFF_RENEW) {
		is->s.plea.kind = BACKOFF_NONE;
		session_drop(&is->s);
	}
	if (is_asked(is))
		return backoff_wait(&is->s, nth, f);
	if (nth > MEND_TRIES)
		return RC_STORE;
	return nth > 1 ? wait_ms(MEND_PAUSE_MS << (nth - 2), f) : RC_OK;
}

static enum rc
select_again(struct mend *m, struct imap_store *is, struct fault *f)
{
	struct folder_state state;
	uint32_t uidvalidity;
	enum rc rc;

	folder_state_init(&state);
	rc = imap_select(&is->s.store, &m->folder, m->mode, &state, f);
	uidvalidity = state.uidvalidity;
	folder_state_release(&state);
	if (rc == RC_OK && uidvalidity != m->uidvalidity)
		return fault_set(f, RC_FOLDER, CAUSE_NOINPUT,
		    "%s: UIDVALIDITY was %lu and is %lu after a new "
		    "connection: the folder was made anew",
		    m->folder.name, (unsigned long)m->uidvalidity,
		    (unsigned long)uidvalidity);
	return rc;
}

enum rc
mend_line(struct mend *m, struct imap_store *is, enum rc rc, struct fault *f)
{
	struct fault again = FAULT_INIT;
	enum rc r;

	for (;;) {
		if (interrupt_signal() != 0 ||
		    (is->s.im != NULL && !is_asked(is)))
			return rc;
		r = bide(is, ++m->tries, f);
		if (r != RC_OK)
			return r;
		r = is->s.im == NULL ? session_open(&is->s, &again) : RC_OK;
		if (r == RC_OK)
			r = select_again(m, is, &again);
		if (r == RC_OK)
			return RC_OK;
		if (!is_passing(is, &again) ||
		    (is->s.im != NULL && !is_asked(is))) {
			*f = again;
			return r;
		}
		keep_reason(is, &again, f);
	}
}

bool
mend_pause(struct mend *m, struct imap_store *is, enum rc *rc, struct fault *f)
{
	if (!is_asked(is))
		return false;
	*rc = mend_line(m, is, *rc, f);
	return *rc == RC_OK;
}

enum rc
mend_store(struct store *st, unsigned tries, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;
	struct fault again = FAULT_INIT;
	enum rc rc;

	for (; is_passing(is, f); tries++) {
		rc = bide(is, tries, f);
		if (rc != RC_OK)
			return rc;
		session_close(&is->s);
		rc = session_open(&is->s, &again);
		if (rc == RC_OK)
			return RC_OK;
		keep_reason(is, &again, f);
	}
	return RC_STORE;
}
