#include <stddef.h>

#include "mail/store.h"
#include "util/interrupt.h"
#include "util/strs.h"
#include "util/wait.h"

/* Connections lost one after another, and the pause before the nth: n
 * squared times this. */
enum { TRIES_MAX = 3, WAIT_MS = 200 };

void
folder_state_init(struct folder_state *s)
{
	*s = (struct folder_state){ .permanent_keywords = STRS_INIT };
}

void
folder_state_release(struct folder_state *s)
{
	strs_release(&s->permanent_keywords);
	folder_state_init(s);
}

void
store_free(struct store *s)
{
	if (s != NULL)
		s->ops->free(s);
}

static bool
may_mend(const struct store *s, enum rc rc, const struct fault *f)
{
	return rc == RC_STORE && f->cause == CAUSE_TEMPORARY &&
	    s->ops->reopen != NULL && interrupt_signal() == 0;
}

enum rc
store_select(struct store *s, const struct folder *folder, enum store_mode mode,
    struct folder_state *state, struct fault *f)
{
	int tries = 0;
	enum rc rc;

	rc = s->ops->select(s, folder, mode, state, f);
	while (may_mend(s, rc, f) && ++tries < TRIES_MAX) {
		rc = wait_ms(tries * tries * WAIT_MS, f);
		if (rc == RC_OK)
			rc = s->ops->reopen(s, f);
		if (rc != RC_OK)
			continue;
		folder_state_release(state);
		rc = s->ops->select(s, folder, mode, state, f);
	}
	return rc;
}
