#include <limits.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/answer.h"
#include "stores/imap/introduce.h"
#include "stores/imap/session.h"
#include "util/num.h"

/* Commands over a session: what session.h says from session_raw on. */

bool
session_post(struct session *s, const struct buf *command, int *tag_r)
{
	if (ahead_take(s, command, tag_r))
		return true;
	return ahead_leave(s, command) && ahead_write(s, command, tag_r);
}

enum rc
session_send(struct session *s, const struct buf *command, int *tag_r,
    struct fault *f)
{
	if (!answer_alive(s, f))
		return RC_STORE;
	if (ahead_take(s, command, tag_r))
		return RC_OK;
	if (backoff_gate(s, f) != RC_OK)
		return RC_STORE;
	return session_post(s, command, tag_r) ? RC_OK : answer_lost(s, f);
}

enum rc
session_flush(struct session *s, struct fault *f)
{
	if (!answer_alive(s, f))
		return RC_STORE;
	if (mailstream_flush(s->im->imap_stream) != 0)
		return answer_lost(s, f);
	return RC_OK;
}

/* Before an answer is read: ours is sent, and those before it are taken. */
static enum rc
ready(struct session *s, int tag, struct fault *f)
{
	enum rc rc;

	rc = session_flush(s, f);
	if (rc == RC_OK)
		rc = introduce_finish(s, f);
	return rc == RC_OK ? ahead_skip(s, tag, f) : rc;
}

/* An answer to another command.  A server that loses what comes before it
 * has answered the last may do better one by one. */
static enum rc
out_of_turn(struct session *s, struct fault *f)
{
	bool early = ahead_last(s) != NULL;
	enum rc rc;

	rc = answer_broken(s, f, "the server answers what was not asked");
	if (early)
		f->cause = CAUSE_TEMPORARY;
	return rc;
}

/* The number before the first blank; 0: none. */
static int
tag_of(const char *line)
{
	const char *blank = strchr(line, ' ');
	uint32_t tag;

	if (blank == NULL || !num_u32(line, (size_t)(blank - line), &tag) ||
	    tag > INT_MAX)
		return 0;
	return (int)tag;
}

/* One line of an answer: *done_r when it is the one tagged tag (0: any). */
static enum rc
read_one(struct session *s, int tag, struct buf *line, bool *done_r,
    struct imap_reply *r, struct fault *f)
{
	enum rc rc;

	*done_r = false;
	rc = answer_line(s, line, f);
	if (rc != RC_OK)
		return rc;
	*done_r = answer_tagged(buf_str(line),
	    tag == 0 ? tag_of(buf_str(line)) : tag, r);
	if (!*done_r && line->len > 0 && line->data[0] != '*' &&
	    line->data[0] != '+')
		return out_of_turn(s, f);
	return RC_OK;
}

static enum rc
read_to(struct session *s, int tag, session_line_fn *fn, void *arg,
    struct buf *line, struct imap_reply *r, struct fault *f)
{
	bool done = false, raw = false;
	enum rc rc;

	/* All that is unwanted was sent before what may be answered now. */
	rc = ready(s, tag == 0 ? INT_MAX : tag, f);
	if (rc == RC_OK)
		raw = net_raw(s->net, true);
	while (rc == RC_OK && !done) {
		rc = read_one(s, tag, line, &done, r, f);
		if (rc != RC_OK || done || fn == NULL || line->len == 0 ||
		    line->data[0] != '*')
			continue;
		rc = fn(arg, buf_str(line), line->len, f);
		/* The rest of the answer is still to come. */
		if (rc != RC_OK)
			session_drop(s);
	}
	if (s->net != NULL)
		(void)net_raw(s->net, raw);
	return rc;
}

enum rc
session_read(struct session *s, int tag, session_line_fn *fn, void *arg,
    struct imap_reply *r, struct fault *f)
{
	struct buf line = BUF_INIT;
	enum rc rc;

	rc = read_to(s, tag, fn, arg, &line, r, f);
	buf_release(&line);
	return rc;
}

enum rc
session_read_any(struct session *s, session_line_fn *fn, void *arg, int *tag_r,
    struct imap_reply *r, struct fault *f)
{
	struct buf line = BUF_INIT;
	enum rc rc;

	rc = read_to(s, 0, fn, arg, &line, r, f);
	*tag_r = rc == RC_OK ? tag_of(buf_str(&line)) : 0;
	buf_release(&line);
	return rc;
}

enum rc
session_raw(struct session *s, const struct buf *command, session_line_fn *fn,
    void *arg, struct imap_reply *r, struct fault *f)
{
	enum rc rc;
	int tag;

	rc = session_send(s, command, &tag, f);
	if (rc == RC_OK)
		rc = session_read(s, tag, fn, arg, r, f);
	return rc;
}

enum rc
session_continue(struct session *s, int tag, bool *go_r, struct imap_reply *r,
    struct fault *f)
{
	struct buf line = BUF_INIT;
	bool done = false, raw = false;
	enum rc rc;

	*go_r = false;
	rc = ready(s, tag, f);
	if (rc == RC_OK)
		raw = net_raw(s->net, true);
	while (rc == RC_OK && !done && !*go_r) {
		rc = read_one(s, tag, &line, &done, r, f);
		if (rc == RC_OK && line.len > 0 && line.data[0] == '+')
			*go_r = true;
	}
	if (s->net != NULL)
		(void)net_raw(s->net, raw);
	buf_release(&line);
	return rc;
}

/* True when the last tagged line is the answer to tag. */
static bool
last_reply(struct session *s, int tag, struct imap_reply *r)
{
	return s->net != NULL && answer_tagged(net_tagged_line(s->net), tag, r);
}

enum rc
session_wait(struct session *s, int tag, struct imap_reply *r, struct fault *f)
{
	struct mailimap_response *response = NULL;
	int result;
	enum rc rc;

	rc = ready(s, tag, f);
	if (rc != RC_OK)
		return rc;
	if (mailimap_read_line(s->im) == NULL)
		return answer_lost(s, f);
	s->im->imap_tag = tag;
	result = mailimap_parse_response(s->im, &response);
	s->im->imap_tag = s->tag;
	if (result == MAILIMAP_NO_ERROR)
		mailimap_response_free(response);
	/* BAD is an error of libetpan's, but nothing is out of step. */
	else if (result != MAILIMAP_ERROR_PROTOCOL || !last_reply(s, tag, r))
		return answer_lost(s, f);
	if (!last_reply(s, tag, r))
		return out_of_turn(s, f);
	return RC_OK;
}

/* libetpan's codes after which its parser is out of step with the line. */
static bool
out_of_step(int code)
{
	switch (code) {
	case MAILIMAP_ERROR_STREAM:
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_MEMORY:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_PROTOCOL:
	case MAILIMAP_ERROR_CONNECTION_REFUSED:
	case MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION:
		return true;
	default:
		return false;
	}
}

enum rc
session_fault(struct session *s, int libetpan_rc, const char *what,
    struct fault *f)
{
	struct imap_reply r;
	const char *text;

	if (!answer_alive(s, f))
		return fault_wrap(f, RC_STORE, "%s", what);
	if (net_trouble(s->net, &text) == NET_FINE &&
	    (!out_of_step(libetpan_rc) ||
		libetpan_rc == MAILIMAP_ERROR_PROTOCOL) &&
	    last_reply(s, s->im->imap_tag, &r) && r.status != IMAP_OK)
		return session_refusal(s, &r, what, f);
	(void)answer_lost(s, f);
	return fault_wrap(f, RC_STORE, "%s", what);
}

/* RFC 5530 and its kin; what is not here is RC_FOLDER, CAUSE_REFUSED. */
static const struct code {
	const char *name;
	enum rc rc;
	enum cause cause;
} codes[] = {
	{ "AUTHENTICATIONFAILED", RC_STORE, CAUSE_LOGIN },
	{ "AUTHORIZATIONFAILED", RC_STORE, CAUSE_LOGIN },
	{ "EXPIRED", RC_STORE, CAUSE_LOGIN },
	{ "PRIVACYREQUIRED", RC_STORE, CAUSE_CONFIG },
	{ "CONTACTADMIN", RC_STORE, CAUSE_REFUSED },
	{ "SERVERBUG", RC_FOLDER, CAUSE_TEMPORARY },
	{ "OVERQUOTA", RC_STORE, CAUSE_CANTCREATE },
	{ "NONEXISTENT", RC_FOLDER, CAUSE_NOINPUT },
	{ "TRYCREATE", RC_FOLDER, CAUSE_NOINPUT },
	{ "TOOBIG", RC_MESSAGE, CAUSE_REFUSED },
	{ "EXPUNGEISSUED", RC_MESSAGE, CAUSE_REFUSED },
};

enum rc
session_refusal(struct session *s, const struct imap_reply *r, const char *what,
    struct fault *f)
{
	const char *status = r->status == IMAP_BAD ? "BAD" : "NO";
	enum cause cause = CAUSE_REFUSED;
	enum rc rc = RC_FOLDER;
	size_t i;

	if (backoff_heard(s, r->text) != BACKOFF_NONE)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "%s: %s %s",
		    what, status, r->text);
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].name, r->code) == 0) {
			rc = codes[i].rc;
			cause = codes[i].cause;
		}
	return fault_set(f, rc, cause, "%s: %s %s", what, status, r->text);
}

bool
imap_add_string(struct buf *b, const char *text)
{
	if (strpbrk(text, "\r\n") != NULL)
		return false;
	buf_addc(b, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *text);
	}
	buf_addc(b, '"');
	return true;
}

const char *
session_last_words(struct session *s)
{
	return s->net != NULL ? net_words(s->net) : "";
}
