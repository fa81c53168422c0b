/* Bodies that are read though not all are: chosen by chance, every message
 * with the same odds. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "walk.h"

enum {
	SAMPLE_MESSAGES = 500,
	SAMPLE_OCTETS = 64 << 20,
	/* A mailbox with no more than that is read as a whole. */
	WHOLE_MESSAGES = 2000,
	WHOLE_OCTETS = 16 << 20,
	CHOSEN_MAX = 2 * WHOLE_MESSAGES, /* a server's counts may lie */
};

/* What the folders' sizes by STATUS (RFC 8438) add up to; UINT64_MAX: not
 * told. */
static uint64_t
claimed_octets(const struct survey *s)
{
	uint64_t octets = 0;
	size_t i;

	for (i = 0; i < s->boxes; i++) {
		if (s->box[i].claimed > 0 && s->box[i].folder.bytes == 0)
			return UINT64_MAX;
		octets += s->box[i].folder.bytes;
	}
	return octets;
}

void
sample_plan(struct walk *w)
{
	const bool whole = w->claimed <= WHOLE_MESSAGES &&
	    claimed_octets(w->survey) <= WHOLE_OCTETS;

	w->odds = UINT64_MAX;
	if (!whole && w->claimed > SAMPLE_MESSAGES)
		w->odds = ((uint64_t)SAMPLE_MESSAGES << 32) / w->claimed;
}

static uint32_t
lot(const struct walk *w, uint32_t box, uint32_t uid)
{
	const uint32_t at[2] = { box, uid };

	return (uint32_t)XXH3_64bits_withSeed(at, sizeof(at), w->seed);
}

void
sample_choose(struct walk *w, uint32_t box, const struct msg *m)
{
	struct chosen *c;

	if (w->chosens == CHOSEN_MAX || lot(w, box, m->uid) >= w->odds)
		return;
	w->chosen =
	    xgrow(w->chosen, w->chosens, &w->chosens_cap, sizeof(w->chosen[0]));
	c = &w->chosen[w->chosens++];
	c->box = box;
	c->lot = lot(w, box, m->uid);
	c->msg = *m;
	c->msg.keywords = "";
}

static int
by_lot(const void *x, const void *y)
{
	const struct chosen *a = x, *b = y;

	return a->lot < b->lot ? -1 : a->lot > b->lot;
}

static int
by_place(const void *x, const void *y)
{
	const struct chosen *a = x, *b = y;

	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	if (a->box != b->box)
		return a->box < b->box ? -1 : 1;
	return a->msg.uid < b->msg.uid ? -1 : a->msg.uid > b->msg.uid;
}

/* As many as there is time for, in two parts of which one is read over one
 * connection, and the other over all. */
static void
prune(struct walk *w, unsigned parts)
{
	uint64_t octets = 0;
	unsigned kept = 0;
	size_t i;

	if (w->chosens > 0)
		qsort(w->chosen, w->chosens, sizeof(w->chosen[0]), by_lot);
	for (i = 0; i < w->chosens; i++) {
		if (w->chosen[i].msg.size > SAMPLE_OCTETS - octets)
			continue;
		octets += w->chosen[i].msg.size;
		w->chosen[kept] = w->chosen[i];
		w->chosen[kept].part = kept % parts;
		kept++;
	}
	w->chosens = kept;
	if (kept > 0)
		qsort(w->chosen, kept, sizeof(w->chosen[0]), by_place);
}

/* Those of a box in the part at work. */
static size_t
find(const struct walk *w, uint32_t box, size_t *n_r)
{
	size_t at = 0, end;

	while (at < w->chosens &&
	    (w->chosen[at].part != w->part || w->chosen[at].box != box))
		at++;
	for (end = at; end < w->chosens && w->chosen[end].part == w->part &&
	     w->chosen[end].box == box;)
		end++;
	*n_r = end - at;
	return at;
}

static bool
has_chosen(const struct walk *w, uint32_t box)
{
	size_t n;

	(void)find(w, box, &n);
	return n > 0;
}

struct taking {
	struct walk *walk;
	uint32_t box;
	struct buf note;
};

static enum rc
take(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct taking *t = arg;
	struct walk *w = t->walk;
	enum rc rc = RC_OK;

	buf_clear(&t->note);
	if (fate == READ_BODY)
		rc = look_at_body(body, w->seed, &t->note, f);
	if (rc == RC_OK)
		rc = interrupt_check(f);
	if (rc != RC_OK)
		return rc;
	pthread_mutex_lock(&w->lock);
	if (fate == READ_BODY) {
		count_body(w, t->box, m, &t->note);
		w->pass->messages++;
		w->pass->bytes += body->digest.wire_size;
		progress_add(w->report, 1, body->digest.wire_size);
	} else if (fate == READ_REFUSED) {
		count_refused(w, t->box, m, true, reason);
	}
	pthread_mutex_unlock(&w->lock);
	return RC_OK;
}

/* The time that bodies took, without that of opening their folder and of
 * asking, which a run hides behind other bodies. */
static void
add_busy(struct walk *w, int64_t us)
{
	const int64_t trip = w->survey->source.round_trip_us;

	if (trip > 0)
		us = us > 2 * trip ? us - trip : us / 2;
	pthread_mutex_lock(&w->lock);
	w->busy_us += us;
	pthread_mutex_unlock(&w->lock);
}

static enum rc
read_box(struct walk *w, struct store *st, uint32_t box, struct fault *f)
{
	struct taking t = { w, box, BUF_INIT };
	struct folder_state state;
	size_t n, i, at = find(w, box, &n);
	struct msg *m = xcalloc(n, sizeof(*m));
	int64_t began;
	enum rc rc;

	for (i = 0; i < n; i++)
		m[i] = w->chosen[at + i].msg;
	folder_state_init(&state);
	rc = store_select(st, &w->survey->box[box].folder, STORE_READ, &state,
	    f);
	/* another folder by the same name has other mail */
	if (rc == RC_OK &&
	    state.uidvalidity == w->survey->box[box].uidvalidity) {
		began = clock_us();
		rc = st->ops->read(st, m, n, take, &t, f);
		add_busy(w, clock_us() - began);
	}
	folder_state_release(&state);
	buf_release(&t.note);
	free(m);
	return rc;
}

enum rc
sample_read(struct walk *w, struct crew *c, struct fault *f)
{
	struct survey *s = w->survey;
	const unsigned parts = c->left > 1 ? 2 : 1;
	enum rc rc = RC_OK;

	prune(w, parts);
	progress_expect(w->report, w->chosens);
	for (w->part = 0; rc == RC_OK && w->part < parts; w->part++) {
		w->pass = &s->read[s->reads++];
		w->busy_us = 0;
		rc = crew_run(c, w->part == 0 ? 1 : c->n, read_box, has_chosen,
		    w->pass, f);
		if (w->pass->connections > 0)
			w->pass->us = w->busy_us / w->pass->connections;
	}
	return rc;
}
