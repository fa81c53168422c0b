/* The one thing that mprobe removes: what it sent itself. */
#include <stdlib.h>
#include <string.h>

#include "mailbox.h"
#include "util/mem.h"

struct check {
	const struct mailbox_removal *removal;
	bool there;
	bool ours;
	char *why; /* the store does not give it */
};

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct check *c = arg;
	struct buf raw = BUF_INIT;
	enum rc rc = RC_OK;

	(void)m;
	c->there = fate != READ_GONE;
	if (fate == READ_REFUSED)
		c->why = xstrdup(reason);
	if (fate != READ_BODY || body->digest.wire_size > MAILBOX_MESSAGE_MAX)
		return RC_OK;
	rc = body_add_wire(body, &raw, f);
	if (rc == RC_OK)
		c->ours = c->removal->is(c->removal->arg, raw.data, raw.len);
	buf_release(&raw);
	return rc;
}

static enum rc
on_removed(void *arg, const struct msg *m, enum change_fate fate,
    const char *reason, struct fault *f)
{
	char **left_r = arg;

	(void)m;
	(void)f;
	if (fate == CHANGE_REFUSED)
		*left_r = xstrdup(reason != NULL ? reason : "refused");
	return RC_OK;
}

/* Of the selected folder. */
static enum rc
remove_selected(struct mailbox *m, const struct mailbox_removal *r,
    char **left_r, struct fault *f)
{
	struct msg one = { .uid = r->uid, .keywords = "" };
	struct check c = { .removal = r };
	enum rc rc;

	rc = m->store->ops->read(m->store, &one, 1, on_read, &c, f);
	if (rc == RC_OK && c.there && !c.ours)
		*left_r = c.why != NULL ?
		    c.why :
		    xstrdup("the message with its UID is another one");
	else if (rc == RC_OK && c.there)
		rc = m->store->ops->remove(m->store, &one, 1, on_removed,
		    left_r, f);
	return rc;
}

enum rc
mailbox_remove(struct mailbox *m, const struct mailbox_removal *r,
    char **left_r, struct fault *f)
{
	struct folder_state state;
	enum rc rc;

	*left_r = NULL;
	folder_state_init(&state);
	rc = store_select(m->store, &r->place->folder, STORE_APPEND, &state, f);
	if (rc == RC_OK && state.uidvalidity != r->uidvalidity)
		*left_r = xstrdup("the folder has another UIDVALIDITY now");
	else if (rc == RC_OK && m->store->ops->remove == NULL)
		*left_r = xstrdup("nothing can be removed there");
	else if (rc == RC_OK)
		rc = remove_selected(m, r, left_r, f);
	folder_state_release(&state);
	if (rc == RC_FOLDER) {
		free(*left_r);
		*left_r = xstrdup(f->text);
		rc = RC_OK;
	}
	return rc;
}
