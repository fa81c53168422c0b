#include "walk.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "util/interrupt.h"
#include "util/mem.h"

void
walk_failed(struct walk *w, uint32_t box, struct fault *f)
{
	struct box *b = &w->survey->box[box];

	b->failed = true;
	free(b->why);
	b->why = xstrdup(f->text);
	w->outcome->folders_failed++;
	(void)fault_name(f, RC_FOLDER, b->folder.name);
	report_fault(w->report, f);
}

struct listing {
	struct walk *walk;
	uint32_t box;
	struct buf note;
};

static enum rc
on_listed(void *arg, const struct msg *m, const struct store_glance *g,
    struct fault *f)
{
	struct listing *l = arg;
	struct walk *w = l->walk;
	const bool wanted = selection_has_date(w->survey->selection, &m->date);
	enum rc rc;

	rc = interrupt_check(f);
	if (rc != RC_OK)
		return rc;
	buf_clear(&l->note);
	if (wanted)
		look_at_glance(g, m->size, w->seed, &l->note);
	pthread_mutex_lock(&w->lock);
	if (wanted) {
		count_message(w, l->box, m, &l->note);
		sample_choose(w, l->box, m);
		w->pass->messages++;
	} else {
		w->survey->box[l->box].sums.left_out++;
	}
	progress_add(w->report, 1, 0);
	pthread_mutex_unlock(&w->lock);
	return RC_OK;
}

/* Headers and parts of one folder. */
static enum rc
list_box(struct walk *w, struct store *st, uint32_t box, struct fault *f)
{
	struct box *b = &w->survey->box[box];
	struct listing l = { w, box, BUF_INIT };
	struct folder_state state;
	uint64_t seen;
	enum rc rc;

	folder_state_init(&state);
	rc = store_select(st, &b->folder, STORE_READ, &state, f);
	if (rc == RC_OK) {
		pthread_mutex_lock(&w->lock);
		b->uidvalidity = state.uidvalidity;
		b->claimed = state.exists;
		pthread_mutex_unlock(&w->lock);
		if (state.exists > 0)
			rc = st->ops->glance(st, on_listed, &l, &seen, f);
	}
	folder_state_release(&state);
	buf_release(&l.note);
	return rc;
}

static bool
is_selectable(const struct walk *w, uint32_t box)
{
	return w->survey->box[box].selectable;
}

static enum rc
glance(struct walk *w, struct fault *f)
{
	struct survey *s = w->survey;
	struct crew c;
	enum rc rc;

	s->depth = DEPTH_SAMPLE;
	sample_plan(w);
	crew_open(&c, w);
	w->pass = &s->listed;
	rc = crew_run(&c, c.n, list_box, is_selectable, w->pass, f);
	if (rc == RC_OK)
		rc = sample_read(w, &c, f);
	w->source = c.store[0];
	crew_close(&c);
	return rc;
}

/* The folders that are asked about, in their order. */
static void
make_boxes(struct walk *w)
{
	struct survey *s = w->survey;
	const struct folders *l = &s->source.folders;
	struct box *b;
	size_t i;

	s->box = xcalloc(l->n + 1, sizeof(*s->box));
	for (i = 0; i < l->n; i++) {
		if (!selection_has_folder(s->selection, l->v[i].name))
			continue;
		b = &s->box[s->boxes++];
		folder_copy(&b->folder, &l->v[i]);
		b->selectable = (l->v[i].attr & FOLDER_NOSELECT) == 0;
		b->claimed = l->v[i].status_known ? l->v[i].messages : 0;
		b->uidvalidity = l->v[i].uidvalidity;
		sums_init(&b->sums);
		w->claimed += b->claimed;
	}
	progress_expect(w->report, w->claimed);
}

enum rc
walk_run(struct walk *w, struct fault *f)
{
	enum rc rc;

	pthread_mutex_init(&w->lock, NULL);
	randombytes_buf(&w->seed, sizeof(w->seed));
	make_boxes(w);
	rc = w->dry                                   ? RC_OK :
	    w->chain != NULL                          ? walk_archive(w, f) :
	    w->deep || w->source->ops->glance == NULL ? walk_deep(w, f) :
							glance(w, f);
	progress_clear(w->report);
	count_end(w);
	copies_release(&w->copies);
	free(w->chosen);
	pthread_mutex_destroy(&w->lock);
	return rc;
}
