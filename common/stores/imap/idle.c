/* Waiting for mail: IDLE (RFC 2177), with NOTIFY (RFC 5465) where the server
 * tells of all folders. */
#include <string.h>

#include "stores/imap/answer.h"
#include "stores/imap/idleline.h"
#include "stores/imap/ops.h"
#include "stores/imap/token.h"
#include "util/clock.h"
#include "util/wait.h"

/* A server may end a session that was idle for half an hour (RFC 2177). */
enum { IDLE_MAX_MS = 28 * 60 * 1000 };

static enum rc
take_line(void *arg, const char *text, size_t n, struct fault *f)
{
	(void)f;
	idleline_take(arg, text, n);
	return RC_OK;
}

/* Until the time is up, mail has come, or the server ends it: *ended_r. */
static enum rc
listen_to(struct session *s, int tag, int64_t end, struct idle_count *c,
    bool *ended_r, struct fault *f)
{
	struct imap_reply reply;
	struct buf line = BUF_INIT;
	int64_t left;
	enum rc rc = RC_OK;

	*ended_r = false;
	while (rc == RC_OK && !c->more && !c->elsewhere && !*ended_r) {
		left = end - clock_ms();
		if (left <= 0)
			break;
		rc = answer_line_within(s, (int)left, &line, f);
		if (rc == RC_OK && line.len > 0 && line.data[0] == '*')
			idleline_take(c, buf_str(&line), line.len);
		else if (rc == RC_OK)
			*ended_r = answer_tagged(buf_str(&line), tag, &reply);
	}
	buf_release(&line);
	return rc == RC_END ? RC_OK : rc;
}

static enum rc
end_idle(struct session *s, int tag, struct idle_count *c, struct fault *f)
{
	struct imap_reply reply;
	enum rc rc;

	rc = answer_write(s, "DONE\r\n", 6, f);
	return rc == RC_OK ? session_read(s, tag, take_line, c, &reply, f) : rc;
}

/* *refused_r: the server will not idle. */
static enum rc
idle(struct session *s, int64_t end, struct idle_count *c, bool *refused_r,
    struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	bool go = false, ended, raw;
	enum rc rc;
	int tag;

	buf_adds(&cmd, "IDLE");
	rc = session_send(s, &cmd, &tag, f);
	if (rc == RC_OK)
		rc = session_continue(s, tag, &go, &reply, f);
	buf_release(&cmd);
	*refused_r = rc == RC_OK && !go;
	if (rc != RC_OK || !go)
		return rc;
	raw = net_raw(s->net, true);
	rc = listen_to(s, tag, end, c, &ended, f);
	if (s->net != NULL)
		(void)net_raw(s->net, raw);
	return rc == RC_OK && !ended ? end_idle(s, tag, c, f) : rc;
}

static bool
is_other(const struct store_watch *w, const struct folder_state *now)
{
	return now->uidvalidity != w->uidvalidity || now->exists > w->exists ||
	    now->uidnext != w->uidnext;
}

/* Only while it idles: what comes unasked would stand between the answers to
 * other commands. */
static enum rc
notify(struct imap_store *is, bool on, struct idle_count *c, struct fault *f)
{
	struct imap_reply reply;
	struct buf cmd = BUF_INIT;
	enum rc rc;
	int tag;

	if (!is->s.caps.notify || is->no_notify)
		return RC_OK;
	buf_adds(&cmd,
	    on ? "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) "
		 "(PERSONAL (MessageNew MessageExpunge MailboxName))" :
		 "NOTIFY NONE");
	rc = session_send(&is->s, &cmd, &tag, f);
	buf_release(&cmd);
	if (rc == RC_OK)
		rc = session_read(&is->s, tag, take_line, c, &reply, f);
	if (rc == RC_OK && on)
		is->no_notify = reply.status != IMAP_OK;
	return rc;
}

/* A server that does not idle, or not for so long, is asked again when the
 * time is up. */
static enum rc
pass_time(struct imap_store *is, struct store_watch *w, struct fault *f)
{
	struct idle_count c = { w->exists, false, false };
	const int ms = w->ms < IDLE_MAX_MS ? w->ms : IDLE_MAX_MS;
	const int64_t end = clock_ms() + ms;
	int64_t left;
	enum rc rc = RC_OK;

	rc = notify(is, true, &c, f);
	if (rc == RC_OK && is->s.caps.idle && !is->no_idle)
		rc = idle(&is->s, end, &c, &is->no_idle, f);
	if (rc == RC_OK)
		rc = notify(is, false, &c, f);
	w->news = c.more;
	w->elsewhere = c.elsewhere;
	left = end - clock_ms();
	if (rc == RC_OK && !w->news && !w->elsewhere && left > 0)
		rc = wait_ms((int)left, f);
	return rc;
}

enum rc
imap_watch(struct store *st, struct store_watch *w, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;
	struct folder_state now;
	enum rc rc;

	w->news = w->elsewhere = false;
	if (w->folder == NULL || !is->s.caps.idle || is->no_idle)
		return wait_ms(w->ms, f);
	folder_state_init(&now);
	rc = imap_select(st, w->folder, STORE_AGAIN, &now, f);
	if (rc == RC_OK)
		w->news = is_other(w, &now);
	w->exists = now.exists;
	folder_state_release(&now);
	if (rc == RC_FOLDER)
		return wait_ms(w->ms, f);
	return rc == RC_OK && !w->news ? pass_time(is, w, f) : rc;
}
