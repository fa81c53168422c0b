/* Folders made, subscribed and selected ahead of their use, without waiting:
 * the easy way only.  Who finds a refusal tries the long one. */
#include <stdlib.h>
#include <string.h>

#include "stores/imap/ahead.h"
#include "stores/imap/ops.h"
#include "stores/imap/pipeline.h"
#include "util/interrupt.h"
#include "util/mem.h"

static const struct {
	unsigned part;
	const char *command;
} parts[] = {
	{ ASK_CREATE, "CREATE " },
	{ ASK_SUBSCRIBE, "SUBSCRIBE " },
	{ ASK_SELECT, "SELECT " },
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

void
ask_answered(struct imap_store *is, const struct under_way *u,
    const struct imap_reply *reply)
{
	struct selectline *seen = &is->pipeline->seen;
	struct store_question *q = u->question;

	q->open &= ~u->part;
	if (reply->status == IMAP_OK)
		q->done |= u->part;
	if (u->part != ASK_SELECT)
		return;
	/* What came before from another folder was overwritten. */
	if (reply->status == IMAP_OK)
		selectline_end(seen, &q->state);
	selectline_release(seen);
	memset(seen, 0, sizeof(*seen));
}

/* Where the separator is not known yet, or the name cannot be written, it
 * takes the long way. */
static bool
name_it(const struct session *s, struct store_question *q)
{
	struct fault unused = FAULT_INIT;

	if (q->folder.wire != NULL)
		return true;
	if (s->sep == 0 ||
	    folder_name_to_wire(q->name, s->sep, s->prefix, &q->folder.wire,
		&unused) != RC_OK)
		return false;
	q->folder.name = xstrdup(q->name);
	q->folder.sep = s->sep;
	return true;
}

static enum rc
send_part(struct imap_store *is, struct store_question *q, size_t part,
    struct fault *f)
{
	const size_t most = ahead_is_single(&is->s) ? 1 : PIPELINE_COMMANDS;
	struct buf cmd = BUF_INIT;
	struct under_way *u;
	enum rc rc = RC_OK;
	int tag = 0;

	while (rc == RC_OK && is->pipeline->n >= most)
		rc = pipeline_read(is, f);
	buf_adds(&cmd, parts[part].command);
	if (rc == RC_OK)
		rc = imap_add_folder(&cmd, &q->folder, f);
	if (rc == RC_OK)
		rc = session_send(&is->s, &cmd, &tag, f);
	if (rc == RC_OK) {
		u = pipeline_add(is->pipeline);
		u->question = q;
		u->part = parts[part].part;
		u->tag = tag;
		q->open |= u->part;
	}
	buf_release(&cmd);
	return rc;
}

enum rc
imap_ask(struct store *st, struct store_question *q, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;
	enum rc rc;
	size_t i;

	q->open = q->done = 0;
	rc = interrupt_check(f);
	if (rc != RC_OK || !name_it(&is->s, q))
		return rc;
	if ((q->what & ASK_SELECT) != 0) {
		folder_release(&is->s.selected);
		memset(&is->s.selected, 0, sizeof(is->s.selected));
	}
	for (i = 0; rc == RC_OK && i < PARTS; i++)
		if ((q->what & parts[i].part) != 0)
			rc = send_part(is, q, i, f);
	if (rc == RC_STORE)
		pipeline_drop(is);
	/* A name that no command can carry: the long way says so. */
	return rc == RC_FOLDER ? RC_OK : rc;
}
