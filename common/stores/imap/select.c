#include <string.h>

#include "mail/flags.h"
#include "stores/imap/listline.h"
#include "stores/imap/ops.h"
#include "stores/imap/selectline.h"
#include "stores/imap/token.h"

enum rc
imap_add_folder(struct buf *b, const struct folder *folder, struct fault *f)
{
	if (imap_add_string(b, folder->wire))
		return RC_OK;
	return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
	    "the name holds a line end, which no command can carry");
}

struct status {
	const char *wire;
	struct folder got;
};

static enum rc
take_status(void *arg, const char *text, size_t n, struct fault *f)
{
	struct status *st = arg;
	struct folder line;
	enum listline_kind kind = listline_parse(text, n, &line);

	(void)f;
	if (kind == LISTLINE_STATUS && listline_same(line.wire, st->wire)) {
		folder_release(&st->got);
		st->got = line;
	} else {
		folder_release(&line);
	}
	return RC_OK;
}

/* A second opinion on how much there is, from before the selection: a
 * server need not tell it of the folder selected (RFC 3501 6.3.10). */
static enum rc
ask_status(struct session *s, const struct folder *folder,
    struct folder_state *r, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct status st = { folder->wire, { 0 } };
	struct imap_reply reply;
	enum rc rc;

	buf_adds(&cmd, "STATUS ");
	rc = imap_add_folder(&cmd, folder, f);
	if (rc != RC_OK)
		goto out;
	buf_adds(&cmd, " (MESSAGES UIDNEXT UIDVALIDITY)");
	rc = session_raw(s, &cmd, take_status, &st, &reply, f);
	if (rc == RC_OK && reply.status == IMAP_OK && st.got.status_known) {
		r->status_known = true;
		r->status = st.got.messages;
	}
out:
	folder_release(&st.got);
	buf_release(&cmd);
	return rc;
}

static enum rc
take_selection(void *arg, const char *text, size_t n, struct fault *f)
{
	(void)f;
	selectline_parse(arg, text, n);
	return RC_OK;
}

static void
remember(struct imap_store *is, const struct folder *folder,
    enum store_mode mode, const struct folder_state *r)
{
	struct session *s = &is->s;

	folder_release(&s->selected);
	folder_copy(&s->selected, folder);
	s->selected.messages = r->exists;
	s->selected.uidnext = r->uidnext;
	s->selected.uidvalidity = r->uidvalidity;
	s->mode = mode;
	folder_state_release(&is->state);
	folder_state_init(&is->state);
	is->state = *r;
	memset(&is->state.permanent_keywords, 0,
	    sizeof(is->state.permanent_keywords));
	strs_copy(&is->state.permanent_keywords, &r->permanent_keywords);
}

static enum rc
select_folder(struct session *s, const struct folder *folder,
    enum store_mode mode, struct folder_state *r, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct selectline got = SELECTLINE_INIT;
	struct imap_reply reply;
	enum rc rc;

	buf_adds(&cmd, mode == STORE_READ ? "EXAMINE " : "SELECT ");
	rc = imap_add_folder(&cmd, folder, f);
	if (rc == RC_OK)
		rc = session_raw(s, &cmd, take_selection, &got, &reply, f);
	if (rc == RC_OK && reply.status != IMAP_OK)
		rc = imap_refusal(s, &reply, "cannot select", f);
	if (rc == RC_OK)
		selectline_end(&got, r);
	selectline_release(&got);
	buf_release(&cmd);
	return rc;
}

enum rc
imap_select(struct store *st, const struct folder *folder, enum store_mode mode,
    struct folder_state *r, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;
	struct folder copy = { 0 };
	enum rc rc = RC_OK;

	/* The caller's may be the session's own. */
	folder_copy(&copy, folder);
	folder_release(&is->s.selected);
	memset(&is->s.selected, 0, sizeof(is->s.selected));
	folder_state_release(r);
	folder_state_init(r);
	if (copy.status_known) {
		r->status_known = true;
		r->status = copy.messages;
	} else if (mode == STORE_READ) {
		rc = ask_status(&is->s, &copy, r, f);
	}
	if (rc == RC_OK)
		rc = select_folder(&is->s, &copy, mode, r, f);
	if (rc == RC_OK)
		remember(is, &copy, mode, r);
	else
		rc = fault_wrap(f, rc, "%s", copy.name);
	folder_release(&copy);
	return rc;
}
