/* Every body is read. */
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"
#include "walk.h"

static struct box *
box_of(struct walk *w, const struct harvest_folder *h, uint32_t *at_r)
{
	struct survey *s = w->survey;
	uint32_t i;

	for (i = 0; i < s->boxes; i++)
		if (strcmp(s->box[i].folder.name, h->folder->name) == 0)
			break;
	*at_r = i;
	return &s->box[i];
}

static bool
wants(void *arg, struct harvest_folder *h, const struct msg *m)
{
	const struct walk *w = arg;

	(void)h;
	return selection_has_date(w->survey->selection, &m->date);
}

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct walk *w = arg;
	uint64_t octets = 0;
	uint32_t at;
	struct box *b = box_of(w, h, &at);
	size_t i;

	(void)f;
	b->uidvalidity = h->uidvalidity;
	b->sums.left_out = h->unselected;
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = at;
		octets += h->listed.v[i].size;
	}
	progress_listed(w->report, b->claimed, h->listed.n, octets);
	b->claimed = h->exists;
	return RC_OK;
}

static enum rc
prepare(void *arg, const struct body *body, struct buf *note, struct fault *f)
{
	const struct walk *w = arg;

	return look_at_body(body, w->seed, note, f);
}

static enum rc
message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct walk *w = arg;
	const uint32_t box = m->msg->folder;

	(void)h;
	(void)f;
	if (m->fate == READ_REFUSED)
		count_refused(w, box, m->msg, false, m->reason);
	if (m->fate != READ_BODY)
		return RC_OK;
	count_message(w, box, m->msg, m->note);
	w->pass->messages++;
	w->pass->bytes += m->body->digest.wire_size;
	progress_where(w->report, w->survey->box[box].folder.name);
	progress_add(w->report, 1, m->body->digest.wire_size);
	return RC_OK;
}

static void
end(void *arg, struct harvest_folder *h)
{
	(void)arg;
	(void)h;
}

static enum rc
failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	uint32_t at;

	(void)begun;
	(void)box_of(arg, h, &at);
	walk_failed(arg, at, f);
	return RC_OK;
}

static void
lost(void *arg, const struct fault *f, unsigned left)
{
	const struct walk *w = arg;

	report_note(w->report, "going on over %u connections: %s", left,
	    f->text);
}

enum rc
walk_deep(struct walk *w, struct fault *f)
{
	static const struct harvest_ops ops = {
		.wants = wants,
		.begin = begin,
		.prepare = prepare,
		.message = message,
		.end = end,
		.drop = end,
		.failed = failed,
		.lost = lost,
	};
	const struct harvest h = { &ops, w, w->source, w->open, w->open_arg,
		w->connections };
	struct survey *s = w->survey;
	const struct folder **folder = xcalloc(s->boxes + 1, sizeof(*folder));
	int64_t began = clock_us();
	size_t i, n = 0;
	enum rc rc;

	s->depth = DEPTH_ALL;
	w->pass = &s->read[s->reads++];
	w->pass->connections = w->connections > 0 ?
	    w->connections :
	    w->source->ops->info(w->source)->connections;
	if (w->pass->connections == 0)
		w->pass->connections = 1;
	for (i = 0; i < s->boxes; i++)
		if (s->box[i].selectable)
			folder[n++] = &s->box[i].folder;
	rc = harvest_run(&h, folder, n, f);
	w->pass->us = clock_us() - began;
	free(folder);
	return rc;
}
