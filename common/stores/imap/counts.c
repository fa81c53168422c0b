#include "stores/imap/listline.h"
#include "stores/imap/ops.h"

/* How much a folder holds, by STATUS. */

/* Commands at one time, which fit into the buffers between. */
enum { COUNT_AHEAD = 64 };

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

enum rc
imap_status_send(struct session *s, const struct folder *folder, int *tag_r,
    struct fault *f)
{
	struct buf cmd = BUF_INIT;
	enum rc rc;

	buf_adds(&cmd, "STATUS ");
	rc = imap_add_folder(&cmd, folder, f);
	buf_adds(&cmd, " (MESSAGES UIDNEXT UIDVALIDITY)");
	if (rc == RC_OK)
		rc = session_send(s, &cmd, tag_r, f);
	buf_release(&cmd);
	return rc;
}

enum rc
imap_status_read(struct session *s, const struct folder *folder, int tag,
    struct folder *to, struct fault *f)
{
	struct status st = { folder->wire, { 0 } };
	struct imap_reply reply;
	enum rc rc;

	rc = session_read(s, tag, take_status, &st, &reply, f);
	/* Others who refuse it may still let the folder be read. */
	if (rc == RC_OK && reply.status != IMAP_OK &&
	    backoff_heard(s, reply.text) != BACKOFF_NONE) {
		(void)session_refusal(s, &reply, "cannot count messages", f);
		session_drop(s);
		rc = RC_STORE;
	}
	if (rc == RC_OK && reply.status == IMAP_OK && st.got.status_known) {
		to->status_known = true;
		to->messages = st.got.messages;
		to->uidnext = st.got.uidnext;
		to->uidvalidity = st.got.uidvalidity;
	}
	folder_release(&st.got);
	return rc;
}

/* One flight, of folders from *at on. */
static enum rc
count_some(struct session *s, struct folder *v, size_t n, size_t *at,
    struct fault *f)
{
	struct folder *asked[COUNT_AHEAD];
	int tag[COUNT_AHEAD];
	size_t i, k = 0;
	enum rc rc = RC_OK;

	for (; *at < n && k < COUNT_AHEAD && rc == RC_OK; (*at)++) {
		if (v[*at].status_known)
			continue;
		asked[k] = &v[*at];
		rc = imap_status_send(s, asked[k], &tag[k], f);
		if (rc == RC_OK)
			k++;
		else if (rc == RC_FOLDER) /* a name that cannot be sent */
			rc = RC_OK;
	}
	for (i = 0; i < k && rc == RC_OK; i++)
		rc = imap_status_read(s, asked[i], tag[i], asked[i], f);
	return rc;
}

enum rc
imap_count(struct store *st, struct folder *v, size_t n, struct fault *f)
{
	struct session *s = &((struct imap_store *)st)->s;
	size_t at = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && at < n)
		rc = count_some(s, v, n, &at, f);
	return rc;
}
