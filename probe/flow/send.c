/* Handing a marked message over to a server. */
#include <stdlib.h>

#include "accounts/submit.h"
#include "flow.h"
#include "util/mem.h"

/* A refusal ends the dialogue, not the connection: RC_MESSAGE. */
static enum rc
dialogue(struct smtp *s, const struct mark *m, bool eight,
    struct smtp_reply *reply, struct fault *f)
{
	struct smtp_envelope e = { .from = m->from, .eightbit = eight };
	struct buf message = BUF_INIT;
	enum rc rc;

	mark_message(m, eight, &message);
	e.size = message.len;
	rc = smtp_mail(s, &e, f);
	if (rc == RC_OK)
		rc = smtp_rcpt(s, m->to, f);
	if (rc == RC_OK)
		rc = smtp_data(s, message.data, message.len, reply, f);
	buf_release(&message);
	return rc;
}

enum rc
flow_send(void *arg, const struct mark *m, struct handing *r, struct fault *f)
{
	const struct sender *to = arg;
	struct smtp_reply reply = { .code = 0 };
	struct buf words = BUF_INIT;
	struct smtp *s = NULL;
	enum rc rc;

	rc = submit_open(&to->at, &to->how, &s, f);
	if (rc != RC_OK)
		return rc;
	r->eight = smtp_facts(s).caps->eightbit;
	r->tls = xstrdup(smtp_facts(s).line);
	rc = dialogue(s, m, r->eight, &reply, f);
	if (rc == RC_OK) {
		smtp_reply_add(&words, &reply);
		r->what = HANDED_OVER;
		r->reply = buf_steal(&words);
	} else if (rc == RC_MESSAGE &&
	    (f->cause == CAUSE_TEMPORARY || f->cause == CAUSE_REFUSED)) {
		r->what =
		    f->cause == CAUSE_TEMPORARY ? HANDED_LATER : HANDED_BACK;
		r->reply = xstrdup(f->text);
		rc = RC_OK;
	}
	if (rc != RC_OK) {
		free(r->tls);
		r->tls = NULL;
	}
	smtp_reply_release(&reply);
	smtp_close(s);
	return rc;
}
