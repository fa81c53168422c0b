#include <string.h>

#include "mail/flags.h"
#include "stores/imap/answer.h"
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

enum rc
imap_select_command(struct buf *b, const struct folder *folder,
    enum store_mode mode, struct fault *f)
{
	buf_adds(b, mode == STORE_APPEND ? "SELECT " : "EXAMINE ");
	return imap_add_folder(b, folder, f);
}

static enum rc
send_select(struct session *s, const struct folder *folder,
    enum store_mode mode, int *tag_r, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	enum rc rc;

	rc = imap_select_command(&cmd, folder, mode, f);
	if (rc == RC_OK)
		rc = session_send(s, &cmd, tag_r, f);
	buf_release(&cmd);
	return rc;
}

static enum rc
read_select(struct session *s, int tag, struct folder_state *r, struct fault *f)
{
	struct selectline got = SELECTLINE_INIT;
	struct imap_reply reply;
	enum rc rc;

	rc = session_read(s, tag, take_selection, &got, &reply, f);
	if (rc == RC_OK && reply.status != IMAP_OK)
		rc = imap_refusal(s, &reply, "cannot select", f);
	if (rc == RC_OK)
		selectline_end(&got, r);
	selectline_release(&got);
	return rc;
}

bool
imap_list_command(struct buf *b, const struct session *s,
    const struct folder *folder, unsigned want)
{
	if (!folder->status_known)
		return false;
	if (folder->since > 0 && want == 0 && s->caps.condstore)
		imap_changes_command(b, s, folder->since);
	else if (folder->messages <= imap_scan_alone(want))
		imap_scan_command(b, want);
	else
		return false;
	return true;
}

bool
imap_is_scanned(enum store_mode mode, unsigned *want_r)
{
	*want_r = mode == STORE_HEADERS ? SCAN_FINGERPRINT : 0;
	return mode == STORE_LIST || mode == STORE_HEADERS;
}

/* What comes next, when it is one command, and not on its way. */
static enum rc
send_list(struct imap_store *is, const struct folder *folder, unsigned want,
    struct fault *f)
{
	struct session *s = &is->s;
	struct buf cmd = BUF_INIT;
	bool one, sent = true;

	one = imap_list_command(&cmd, s, folder, want);
	if (one && folder->messages > 0 && !ahead_is_single(s) &&
	    ahead_last(s) == NULL)
		sent = ahead_send(s, &cmd, 0, 0);
	buf_release(&cmd);
	if (!sent)
		return answer_lost(s, f);
	if (one)
		foresee_send(is, 0);
	return RC_OK;
}

/* Who wants to be told what is gone says so before anything is selected
 * (RFC 5161 section 3.1). */
static enum rc
enable(struct session *s, const struct folder *folder, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	enum rc rc;

	if (folder->since == 0 || !s->caps.qresync || !s->caps.enable)
		return RC_OK;
	buf_adds(&cmd, "ENABLE QRESYNC");
	rc = session_raw(s, &cmd, NULL, NULL, &reply, f);
	buf_release(&cmd);
	s->qresync = rc == RC_OK && reply.status == IMAP_OK;
	return rc;
}

/* All that can be asked before anything is answered: one round trip. */
static enum rc
ask(struct imap_store *is, const struct folder *folder, enum store_mode mode,
    struct folder_state *r, struct fault *f)
{
	struct session *s = &is->s;
	struct folder told = { 0 };
	unsigned want;
	int status = 0, selected = 0;
	enum rc rc = RC_OK;

	if (folder->status_known) {
		r->status_known = true;
		r->status = folder->messages;
	} else if (mode != STORE_APPEND && mode != STORE_AGAIN) {
		rc = imap_status_send(s, folder, &status, f);
	}
	if (rc == RC_OK)
		rc = send_select(s, folder, mode, &selected, f);
	if (rc == RC_OK && imap_is_scanned(mode, &want))
		rc = send_list(is, folder, want, f);
	if (rc == RC_OK && status != 0) {
		rc = imap_status_read(s, folder, status, &told, f);
		r->status_known = told.status_known;
		r->status = told.messages;
	}
	if (rc == RC_OK)
		rc = read_select(s, selected, r, f);
	return rc;
}

/* Whether commands of store_ops.ahead are on their way. */
static bool
was_told(const struct session *s)
{
	const struct ahead_command *last = ahead_last(s);

	return last != NULL && last->ask != 0;
}

/* Some servers stumble over commands that come before they have answered
 * the last: what was refused then is asked once more, alone. */
static enum rc
ask_again(struct imap_store *is, const struct folder *folder,
    enum store_mode mode, struct folder_state *r, struct fault *f)
{
	struct session *s = &is->s;
	enum rc rc;

	ahead_bad(s, false);
	is->told.n = 0;
	folder_state_release(r);
	folder_state_init(r);
	rc = ahead_alone(s, f);
	return rc == RC_OK ? ask(is, folder, mode, r, f) : rc;
}

enum rc
imap_select(struct store *st, const struct folder *folder, enum store_mode mode,
    struct folder_state *r, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;
	struct folder copy = { 0 };
	bool told, first = is->s.selected.wire == NULL;
	enum rc rc = RC_OK;

	/* The caller's may be the session's own. */
	folder_copy(&copy, folder);
	folder_release(&is->s.selected);
	memset(&is->s.selected, 0, sizeof(is->s.selected));
	folder_state_release(r);
	folder_state_init(r);
	told = was_told(&is->s);
	if (first && mode == STORE_LIST)
		rc = enable(&is->s, &copy, f);
	if (rc == RC_OK)
		rc = ask(is, &copy, mode, r, f);
	if (rc == RC_FOLDER && told)
		rc = ask_again(is, &copy, mode, r, f);
	if (rc == RC_OK)
		remember(is, &copy, mode, r);
	else
		rc = fault_wrap(f, rc, "%s", copy.name);
	folder_release(&copy);
	return rc;
}
