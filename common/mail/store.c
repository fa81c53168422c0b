#include <stddef.h>

#include "mail/store.h"
#include "util/strs.h"

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

enum rc
store_select(struct store *s, const struct folder *folder, enum store_mode mode,
    struct folder_state *state, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	rc = s->ops->select(s, folder, mode, state, f);
	while (rc == RC_STORE && s->ops->reopen != NULL) {
		rc = s->ops->reopen(s, ++tries, f);
		if (rc != RC_OK)
			break;
		folder_state_release(state);
		rc = s->ops->select(s, folder, mode, state, f);
	}
	return rc;
}
