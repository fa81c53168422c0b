#include "stores/imap/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stores/imap/answer.h"
#include "util/mem.h"

enum { CAREFUL_COUNT = 100 }; /* one by one after a lost line */

struct pipeline *
pipeline_new(void)
{
	return xcalloc(1, sizeof(struct pipeline));
}

void
pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	selectline_release(&p->seen);
	free(p->redo);
	free(p);
}

void
pipeline_drop(struct imap_store *is)
{
	struct pipeline *p = is->pipeline;
	const struct outgoing *o;
	size_t i, k;

	for (i = 0; i < p->n; i++) {
		o = &p->sent[i].append;
		for (k = 0; k < o->count; k++)
			o->order->item[o->first + k].fate = APPEND_DOUBT;
		if (o->count > 0)
			is->careful = CAREFUL_COUNT;
	}
	selectline_release(&p->seen);
	memset(&p->seen, 0, sizeof(p->seen));
	p->n = p->redo_n = 0;
	p->octets = 0;
	p->full = p->silent = false;
	p->rc = RC_OK;
}

void
pipeline_halt(struct pipeline *p, enum rc rc, const struct fault *f)
{
	if (p->rc != RC_OK)
		return;
	p->rc = rc;
	p->fault = *f;
}

struct under_way *
pipeline_add(struct pipeline *p)
{
	struct under_way *u;

	assert(p->n < PIPELINE_COMMANDS);
	u = &p->sent[p->n++];
	memset(u, 0, sizeof(*u));
	return u;
}

struct under_way
pipeline_take(struct pipeline *p, size_t i)
{
	struct under_way u = p->sent[i];

	p->n--;
	memmove(&p->sent[i], &p->sent[i + 1], (p->n - i) * sizeof(p->sent[0]));
	p->octets -= u.append.bytes;
	return u;
}

static enum rc
take_line(void *arg, const char *text, size_t n, struct fault *f)
{
	(void)f;
	selectline_parse(arg, text, n);
	return RC_OK;
}

enum rc
pipeline_read(struct imap_store *is, struct fault *f)
{
	struct pipeline *p = is->pipeline;
	struct imap_reply reply;
	struct under_way u;
	size_t i = 0;
	enum rc rc;
	int tag;

	rc = session_read_any(&is->s, take_line, &p->seen, &tag, &reply, f);
	if (rc != RC_OK)
		return rc;
	while (i < p->n && p->sent[i].tag != tag)
		i++;
	if (i == p->n)
		return answer_broken(&is->s, f,
		    "the server answers what was not asked");
	u = pipeline_take(p, i);
	if (u.question != NULL)
		ask_answered(is, &u, &reply);
	else
		append_answered(is, &u.append, &reply);
	return RC_OK;
}
