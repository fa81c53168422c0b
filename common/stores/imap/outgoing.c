#include "stores/imap/outgoing.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mail/date.h"
#include "mail/flags.h"
#include "stores/imap/answer.h"
#include "stores/imap/ops.h"
#include "stores/imap/padding.h"

enum { LITERAL_MINUS_MAX = 4096 }; /* RFC 7888 section 5 */

static void PRINTF_LIKE(2, 3)
    note(struct append_item *item, const char *fmt, ...)
{
	size_t at = strlen(item->reason);
	va_list ap;

	if (at > 0 && at + 2 < sizeof(item->reason)) {
		memcpy(item->reason + at, ", ", 3);
		at += 2;
	}
	va_start(ap, fmt);
	(void)vsnprintf(item->reason + at, sizeof(item->reason) - at, fmt, ap);
	va_end(ap);
	item->repaired = true;
}

/* RFC 3501's flag-keyword and flag-extension: what cannot break out of the
 * list. */
static bool
is_atom(const char *p)
{
	if (*p == '\\')
		p++;
	if (*p == '\0')
		return false;
	for (; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("(){%*\"\\]", *p) != NULL)
			return false;
	return true;
}

static bool
is_allowed(const struct folder_state *allowed, const char *keyword)
{
	size_t i;

	if (!is_atom(keyword))
		return false;
	for (i = 0; i < allowed->permanent_keywords.n; i++)
		if (strcasecmp(allowed->permanent_keywords.v[i], keyword) == 0)
			return true;
	/* "\Foo" is the server's to make. */
	return allowed->permanent_any && *keyword != '\\';
}

static void
add_word(struct buf *b, size_t start, const char *word)
{
	if (b->len > start)
		buf_addc(b, ' ');
	buf_adds(b, word);
}

static void
describe_keywords(struct buf *b, size_t start, struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop)
{
	struct strs keywords = STRS_INIT;
	size_t i;

	keywords_split(item->msg->keywords, &keywords);
	for (i = 0; i < keywords.n; i++) {
		if (drop == OUTGOING_ALL && is_allowed(allowed, keywords.v[i]))
			add_word(b, start, keywords.v[i]);
		else
			note(item, "keyword %s not taken", keywords.v[i]);
	}
	strs_release(&keywords);
}

static void
describe_flags(struct buf *b, struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop)
{
	unsigned take = item->msg->flags & allowed->permanent_flags;
	struct buf left = BUF_INIT;

	if (drop == OUTGOING_NO_FLAGS)
		take = 0;
	flags_format(b, take);
	if (take != item->msg->flags) {
		flags_format(&left, item->msg->flags & ~take);
		note(item, "%s not taken", buf_str(&left));
		buf_release(&left);
	}
}

void
outgoing_flags(struct buf *b, struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop)
{
	size_t start = b->len;

	item->repaired = false;
	item->reason[0] = '\0';
	describe_flags(b, item, allowed, drop);
	describe_keywords(b, start, item, allowed, drop);
}

void
outgoing_describe(struct buf *b, struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop)
{
	size_t start;

	buf_adds(b, " (");
	start = b->len;
	outgoing_flags(b, item, allowed, drop);
	buf_addc(b, ')');
	if (b->len == start + 1)
		b->len -= 3;
	if (item->msg->date.known) {
		buf_addc(b, ' ');
		date_format_internal(b, &item->msg->date);
	}
}

bool
outgoing_would_drop(const struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop)
{
	struct append_item trial = *item;
	struct buf all = BUF_INIT, some = BUF_INIT;
	bool differs;

	outgoing_describe(&all, &trial, allowed, drop - 1);
	outgoing_describe(&some, &trial, allowed, drop);
	differs = all.len != some.len;
	buf_release(&all);
	buf_release(&some);
	return differs;
}

bool
outgoing_waits(const struct imap_caps *caps, uint64_t size)
{
	return !caps->literal_plus &&
	    !(caps->literal_minus && size <= LITERAL_MINUS_MAX);
}

static enum rc
sink(void *arg, const void *p, size_t n, struct fault *f)
{
	return answer_write(arg, p, n, f);
}

static enum rc
send_body(struct session *s, const struct body *body, bool padded,
    struct fault *f)
{
	return padded ? padding_wire(body, sink, s, f) :
			body_wire(body, sink, s, f);
}

/* What this server would take away is sent once more. */
static enum rc
pad(const struct session *s, struct append_item *item, uint64_t *padding_r,
    struct fault *f)
{
	enum rc rc;

	*padding_r = 0;
	if (!padding_applies(s))
		return RC_OK;
	rc = padding_count(item->body, padding_r, f);
	if (rc == RC_OK && *padding_r > 0)
		note(item, "sent with %llu CR more, which this server drops",
		    (unsigned long long)*padding_r);
	return rc;
}

/* Up to the literal's brace. */
static enum rc
send_head(struct outgoing *o, struct session *s, bool first, struct buf *head,
    struct fault *f)
{
	struct buf cmd = BUF_INIT;
	enum rc rc;

	if (!first) {
		buf_adds(head, "\r\n");
		return answer_write(s, head->data, head->len, f);
	}
	buf_adds(&cmd, "APPEND ");
	rc = imap_add_folder(&cmd, o->order->folder, f);
	if (rc == RC_OK) {
		buf_add(&cmd, head->data, head->len);
		rc = session_send(s, &cmd, &o->tag, f);
	}
	buf_release(&cmd);
	return rc;
}

enum rc
outgoing_send(struct outgoing *o, struct session *s, bool *ended_r,
    struct imap_reply *reply, struct fault *f)
{
	struct buf head = BUF_INIT;
	struct append_item *item;
	uint64_t size, padding;
	size_t i;
	bool go = true, waits;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && go && i < o->count; i++) {
		item = &o->order->item[o->first + i];
		buf_clear(&head);
		outgoing_describe(&head, item, o->order->state, o->drop);
		rc = pad(s, item, &padding, f);
		if (rc != RC_OK)
			break;
		size = item->body->digest.wire_size + padding;
		waits = outgoing_waits(&s->caps, size);
		buf_addf(&head, " {%llu%s}", (unsigned long long)size,
		    waits ? "" : "+");
		rc = send_head(o, s, i == 0, &head, f);
		if (rc == RC_OK && waits)
			rc = session_continue(s, o->tag, &go, reply, f);
		if (rc == RC_OK && go)
			rc = send_body(s, item->body, padding > 0, f);
	}
	if (rc == RC_OK && go)
		rc = answer_write(s, "\r\n", 2, f);
	/* A command cut short: the server waits for the rest for ever. */
	if (rc != RC_OK && s->im != NULL) {
		session_drop(s);
		rc = RC_STORE;
	}
	*ended_r = rc == RC_OK && !go;
	buf_release(&head);
	return rc;
}
