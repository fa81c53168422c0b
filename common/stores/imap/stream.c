#include "stores/imap/stream.h"

#include <string.h>

#include "stores/imap/answer.h"
#include "stores/imap/ops.h"
#include "util/buf.h"
#include "util/interrupt.h"

static void
send_span(struct stream *st)
{
	struct span *span = &st->span[st->open++];
	struct buf set = BUF_INIT, cmd = BUF_INIT;
	uint64_t octets;

	memset(span, 0, sizeof(*span));
	span->alone = st->open == 1 && ahead_last(&st->rd.is->s) == NULL;
	span->first = reading_next(&st->rd, st->next, READING_WAITING);
	span->end = reading_collect(&st->rd, span->first, READING_WAITING, &set,
	    &octets);
	reading_command(&cmd, &set, READING_ITEMS);
	st->lost = !session_post(&st->rd.is->s, &cmd, &span->tag);
	span->text = cmd.len;
	st->text += cmd.len;
	st->octets += octets;
	st->next = reading_next(&st->rd, span->end, READING_WAITING);
	buf_release(&set);
	buf_release(&cmd);
}

/* Asked for, not come. */
static uint64_t
to_come(const struct stream *st)
{
	uint64_t part = st->rd.octets;

	return st->octets > part ? st->octets - part : 0;
}

static bool
has_room(const struct stream *st)
{
	if (st->open == STREAM_SPANS ||
	    (st->open > 0 && pace_is_paused(st->rd.is->s.config.at.pace)))
		return false;
	if (ahead_is_single(&st->rd.is->s))
		return st->open == 0;
	/* What is on its way is ours: it was asked ahead. */
	return st->open == 0 || ahead_last(&st->rd.is->s) != NULL ||
	    (st->text < AHEAD_COMMANDS && to_come(st) < AHEAD_WINDOW);
}

/* Asks for what there is room for. */
static void
feed(struct stream *st)
{
	struct imap_store *is = st->rd.is;

	while (!st->lost && st->next < st->rd.n && has_room(st))
		send_span(st);
	if (!st->lost && st->next == st->rd.n)
		foresee_send(is, to_come(st));
	/* Should it be lost, the next read tells. */
	if (mailstream_flush(is->s.im->imap_stream) != 0)
		st->lost = true;
}

static void
settle(struct stream *st, size_t i)
{
	uint64_t size = st->rd.m[i].size;

	st->octets -= size < st->octets ? size : st->octets;
}

/* libetpan is at work: nothing may be dropped here. */
static void
came(struct reading *rd, size_t i)
{
	struct stream *st = (struct stream *)rd;

	if (i < rd->n)
		settle(st, i);
	for (; i < rd->n && st->begun < st->open &&
	     st->span[st->begun].first <= i;
	     st->begun++)
		st->text -= st->span[st->begun].text;
	feed(st);
}

static void
close_span(struct stream *st)
{
	if (st->begun > 0)
		st->begun--;
	else
		st->text -= st->span[0].text;
	st->open--;
	memmove(&st->span[0], &st->span[1], st->open * sizeof(st->span[0]));
}

/* The answer to the oldest span. */
static enum rc
take_span(struct stream *st, struct fault *f)
{
	struct reading *rd = &st->rd;
	struct imap_reply reply;
	unsigned char left;
	size_t i;
	enum rc rc;

	rc = reading_wait(rd, st->span[0].tag, &reply, f);
	if (rc == RC_OK)
		rc = reading_judge(rd, &reply, f);
	if (rc != RC_OK)
		return rc;
	if (reply.status == IMAP_BAD)
		ahead_bad(&rd->is->s, st->span[0].alone);
	left = reply.status == IMAP_OK ? READING_MISSING : READING_DENIED;
	for (i = st->span[0].first; i < st->span[0].end; i++) {
		if (rd->state[i] != READING_WAITING)
			continue;
		rd->state[i] = left;
		settle(st, i);
	}
	close_span(st);
	return RC_OK;
}

static void
start(struct stream *st)
{
	st->open = st->begun = st->text = 0;
	st->octets = 0;
	st->lost = false;
	st->next = reading_next(&st->rd, 0, READING_WAITING);
	st->rd.came = came;
	reading_listen(&st->rd);
}

enum rc
stream_run(struct stream *st, struct fault *f)
{
	struct session *s = &st->rd.is->s;
	enum rc rc = RC_OK;

	start(st);
	while (rc == RC_OK && (st->open > 0 || st->next < st->rd.n)) {
		rc = interrupt_check(f);
		if (rc == RC_OK && !answer_alive(s, f))
			rc = RC_STORE;
		if (rc == RC_OK && st->open == 0)
			rc = backoff_gate(s, f);
		if (rc != RC_OK)
			break;
		feed(st);
		rc = take_span(st, f);
	}
	st->rd.came = NULL;
	return rc;
}
