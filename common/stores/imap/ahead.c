#include "stores/imap/ahead.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/answer.h"
#include "stores/imap/ops.h"
#include "stores/imap/selectline.h"
#include "stores/imap/skip.h"
#include "util/mem.h"

enum {
	CAREFUL_ASKS = 8,   /* after the first loss, */
	CAREFUL_LOSSES = 6, /* doubled so often at most */
};

static bool
starts_with(const struct buf *command, const char *word)
{
	size_t n = strlen(word);

	return command->len >= n &&
	    strncasecmp((const char *)command->data, word, n) == 0;
}

static bool
selects(const struct buf *command)
{
	return starts_with(command, "EXAMINE ") ||
	    starts_with(command, "SELECT ");
}

/* What it means depends on the folder selected. */
static bool
needs_selection(const struct buf *command)
{
	return starts_with(command, "UID ") || starts_with(command, "FETCH ");
}

static bool
same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void
command_release(struct ahead_command *c)
{
	buf_release(&c->text);
}

static void
take_off(struct ahead *a, size_t i)
{
	command_release(&a->v[i]);
	a->n--;
	memmove(&a->v[i], &a->v[i + 1], (a->n - i) * sizeof(a->v[0]));
}

static struct ahead_command *
add(struct ahead *a, const struct buf *text)
{
	struct ahead_command *c;

	a->v = xgrow(a->v, a->n, &a->cap, sizeof(a->v[0]));
	c = &a->v[a->n++];
	memset(c, 0, sizeof(*c));
	buf_add(&c->text, text->data, text->len);
	c->selects = selects(text);
	return c;
}

bool
ahead_write(struct session *s, const struct buf *command, int *tag_r)
{
	return answer_put_tag(s, tag_r) &&
	    answer_put(s, command->data, command->len) &&
	    answer_put(s, "\r\n", 2);
}

bool
ahead_send(struct session *s, const struct buf *command, uint64_t ask,
    uint64_t octets)
{
	struct ahead_command *c;
	int tag;

	if (!ahead_write(s, command, &tag))
		return false;
	c = add(&s->ahead, command);
	c->tag = tag;
	c->ask = ask;
	c->octets = octets;
	return true;
}

static size_t
first_wanted(const struct ahead *a)
{
	size_t i = 0;

	while (i < a->n && a->v[i].unwanted)
		i++;
	return i;
}

/* Those from..to are not wanted. */
static void
disown(struct ahead *a, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++) {
		a->v[i].unwanted = true;
		a->astray |= a->v[i].selects;
	}
}

bool
ahead_take(struct session *s, const struct buf *command, int *tag_r)
{
	struct ahead *a = &s->ahead;
	size_t first = first_wanted(a), i;

	for (i = first; i < a->n; i++) {
		if (same_text(&a->v[i].text, command))
			break;
		/* Behind it another folder is meant. */
		if (a->v[i].selects && !selects(command))
			return false;
	}
	if (i == a->n)
		return false;
	disown(a, first, i);
	if (a->v[i].selects)
		a->astray = false;
	*tag_r = a->v[i].tag;
	take_off(a, i);
	return true;
}

/* The folder that the operation works in, selected again. */
static bool
put_right(struct session *s)
{
	struct fault f = FAULT_INIT;
	struct buf command = BUF_INIT;
	struct ahead_command *c;
	bool sent;

	sent =
	    imap_select_command(&command, &s->selected, s->mode, &f) == RC_OK &&
	    ahead_send(s, &command, 0, 0);
	buf_release(&command);
	if (!sent)
		return false;
	c = &s->ahead.v[s->ahead.n - 1];
	c->unwanted = c->puts_right = true;
	s->ahead.astray = false;
	return true;
}

void
ahead_disown(struct session *s)
{
	disown(&s->ahead, first_wanted(&s->ahead), s->ahead.n);
}

bool
ahead_leave(struct session *s, const struct buf *command)
{
	struct ahead *a = &s->ahead;

	ahead_disown(s);
	if (selects(command))
		a->astray = false;
	if (a->astray && needs_selection(command) && s->selected.wire != NULL)
		return put_right(s);
	return true;
}

static enum rc
skip(struct session *s, int tag, struct fault *f)
{
	(void)net_raw(s->net, false);
	switch (
	    skip_answer(s->im->imap_stream, s->im->imap_stream_buffer, tag)) {
	case SKIP_DONE:
		return RC_OK;
	case SKIP_LOST:
		return answer_lost(s, f);
	case SKIP_STRANGE:
		break;
	}
	(void)answer_broken(s, f, "the server answers what was not asked");
	f->cause = CAUSE_TEMPORARY;
	return RC_STORE;
}

static enum rc
take_selection(void *arg, const char *text, size_t n, struct fault *f)
{
	(void)f;
	selectline_parse(arg, text, n);
	return RC_OK;
}

/* The answer of put_right's: the folder must be what it was. */
static enum rc
check_right(struct session *s, int tag, struct fault *f)
{
	struct selectline got = SELECTLINE_INIT;
	struct imap_reply reply;
	enum rc rc;

	rc = session_read(s, tag, take_selection, &got, &reply, f);
	if (rc == RC_OK &&
	    (reply.status != IMAP_OK ||
		got.state.uidvalidity != s->selected.uidvalidity)) {
		session_drop(s);
		rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "the folder cannot be selected again");
	}
	selectline_release(&got);
	return rc;
}

enum rc
ahead_skip(struct session *s, int tag, struct fault *f)
{
	struct ahead *a = &s->ahead;
	bool checked;
	int next;
	enum rc rc = RC_OK;

	while (
	    rc == RC_OK && a->n > 0 && a->v[0].unwanted && a->v[0].tag < tag) {
		next = a->v[0].tag;
		checked = a->v[0].puts_right;
		take_off(a, 0);
		rc = checked ? check_right(s, next, f) : skip(s, next, f);
	}
	return rc;
}

enum rc
ahead_alone(struct session *s, struct fault *f)
{
	ahead_disown(s);
	if (s->ahead.astray && s->selected.wire != NULL && !put_right(s))
		return answer_lost(s, f);
	if (session_flush(s, f) != RC_OK)
		return RC_STORE;
	return ahead_skip(s, INT_MAX, f);
}

void
ahead_bad(struct session *s, bool only)
{
	if (!only && s->ahead.single == AHEAD_FREE)
		s->ahead.single = AHEAD_SINGLE;
	else if (only && s->ahead.single == AHEAD_SINGLE)
		s->ahead.single = AHEAD_BORNE;
}

bool
ahead_is_single(const struct session *s)
{
	return s->ahead.single == AHEAD_SINGLE;
}

const struct ahead_command *
ahead_last(const struct session *s)
{
	const struct ahead *a = &s->ahead;

	return a->n > 0 && !a->v[a->n - 1].unwanted ? &a->v[a->n - 1] : NULL;
}

size_t
ahead_commands(const struct session *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->ahead.n; i++)
		n += s->ahead.v[i].text.len;
	return n;
}

uint64_t
ahead_answers(const struct session *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s->ahead.n; i++)
		n += s->ahead.v[i].octets;
	return n;
}

void
ahead_lost(struct session *s)
{
	struct ahead *a = &s->ahead;

	a->careful = (unsigned)CAREFUL_ASKS << a->losses;
	if (a->losses < CAREFUL_LOSSES)
		a->losses++;
}

void
ahead_release(struct session *s)
{
	struct ahead *a = &s->ahead;

	while (a->n > 0)
		take_off(a, a->n - 1);
	free(a->v);
	a->v = NULL;
	a->cap = 0;
	a->astray = false;
}
