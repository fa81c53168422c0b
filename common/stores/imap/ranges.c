#include "stores/imap/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "stores/imap/fetchline.h"
#include "util/mem.h"

enum {
	SAMPLE_NUMBERS = 500, /* in one command, which grows by 9 each */
};

static void
add(struct ranges *r, uint32_t first, uint32_t last)
{
	r->v = xgrow(r->v, r->n, &r->cap, sizeof(r->v[0]));
	r->v[r->n++] = (struct range){ first, last, 0 };
}

void
ranges_by_seq(struct ranges *r, uint32_t exists)
{
	uint32_t first = 1;

	r->n = 0;
	r->by_seq = true;
	while (exists - first >= RANGE_MESSAGES) {
		add(r, first, first + RANGE_MESSAGES - 1);
		first += RANGE_MESSAGES;
	}
	add(r, first, 0);
}

bool
ranges_from_sample(struct ranges *r, uint32_t first, const uint32_t *uid,
    size_t n)
{
	uint32_t from = first, before = 0;
	size_t i;

	r->n = 0;
	r->by_seq = false;
	for (i = 0; i < n; i++) {
		if (uid[i] == 0)
			continue;
		if (uid[i] <= before)
			return false;
		before = uid[i];
		/* The first of all is no end of anything. */
		if (i == 0 || uid[i] <= from)
			continue;
		add(r, from, uid[i] - 1);
		from = uid[i];
	}
	add(r, from, 0);
	return true;
}

struct sample {
	uint32_t *uid;
	size_t n;
	struct buf scratch;
};

static enum rc
take_sample(void *arg, const char *text, size_t n, struct fault *f)
{
	struct sample *sample = arg;
	struct fetchline line = FETCHLINE_INIT;
	size_t at;

	(void)f;
	if (fetchline_parse(text, n, &sample->scratch, &line) &&
	    (line.has & FETCHED_UID) != 0 && line.seq > 0 &&
	    (line.seq - 1) % RANGE_MESSAGES == 0) {
		at = (line.seq - 1) / RANGE_MESSAGES;
		if (at < sample->n)
			sample->uid[at] = line.uid;
	}
	fetchline_release(&line);
	return RC_OK;
}

/* FETCH 1,5001,10001 (UID) */
static enum rc
ask_sample(struct session *s, struct sample *sample, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	size_t i, k;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < sample->n; i += k) {
		buf_clear(&cmd);
		buf_adds(&cmd, "FETCH ");
		for (k = 0; k < SAMPLE_NUMBERS && i + k < sample->n; k++)
			buf_addf(&cmd, "%s%zu", k > 0 ? "," : "",
			    (i + k) * RANGE_MESSAGES + 1);
		buf_adds(&cmd, " (UID)");
		rc = session_raw(s, &cmd, take_sample, sample, &reply, f);
	}
	buf_release(&cmd);
	return rc;
}

enum rc
ranges_plan(struct ranges *r, struct session *s, uint32_t exists,
    uint32_t first, struct fault *f)
{
	struct sample sample = { NULL, 0, BUF_INIT };
	enum rc rc = RC_OK;

	/* Who begins behind the first wants what is new: that is little. */
	if (first <= 1 && exists > r->alone) {
		sample.n = (exists - 1) / RANGE_MESSAGES + 1;
		sample.uid = xcalloc(sample.n, sizeof(sample.uid[0]));
		rc = ask_sample(s, &sample, f);
	}
	if (rc == RC_OK && !ranges_from_sample(r, first, sample.uid, sample.n))
		ranges_by_seq(r, exists);
	free(sample.uid);
	buf_release(&sample.scratch);
	return rc;
}

void
range_format(const struct ranges *r, size_t i, struct buf *b)
{
	const struct range *at = &r->v[i];

	buf_addf(b, "%sFETCH %lu:", r->by_seq ? "" : "UID ",
	    (unsigned long)at->first);
	if (at->last == 0)
		buf_adds(b, "* ");
	else
		buf_addf(b, "%lu ", (unsigned long)at->last);
}

void
ranges_release(struct ranges *r)
{
	free(r->v);
	memset(r, 0, sizeof(*r));
}
