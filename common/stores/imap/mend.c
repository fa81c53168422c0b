#include <poll.h>
#include <string.h>

#include "stores/imap/ops.h"
#include "util/interrupt.h"

enum {
	MEND_TRIES = 3,       /* connections without progress between */
	MEND_PAUSE_MS = 1000, /* before the second, and twice that.. */
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
	m->mode = is->s.mode == STORE_LIST ? STORE_READ : is->s.mode;
	m->uidvalidity = is->state.uidvalidity;
	return RC_OK;
}

void
mend_release(struct mend *m)
{
	folder_release(&m->folder);
	memset(m, 0, sizeof(*m));
}

/* Servers that are restarting, or count connections, want a moment. */
static void
pause_before(unsigned try)
{
	if (try > 1)
		(void)poll(NULL, 0, (int)((try - 1) * MEND_PAUSE_MS));
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
	struct fault again;
	enum rc r;

	while (m->tries < MEND_TRIES) {
		if (is->s.im != NULL || interrupt_signal() != 0)
			return rc;
		pause_before(++m->tries);
		r = session_open(&is->s, &again);
		if (r == RC_OK)
			r = select_again(m, is, &again);
		if (r == RC_OK)
			return RC_OK;
		/* A line lost once more is worth another try; that nobody
		 * is there, or will not let us in, is not. */
		if (again.cause != CAUSE_TEMPORARY || is->s.im != NULL) {
			*f = again;
			return r;
		}
	}
	return rc;
}
