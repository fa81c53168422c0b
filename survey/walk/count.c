/* What is counted of a message. */
#include <stdlib.h>
#include <string.h>

#include "mail/civil.h"
#include "util/mem.h"
#include "walk.h"

enum {
	DAY = 86400,
	APART = 30 * DAY,
	OLD = 631152000, /* 1990-01-01 */
};

static void
add_example(struct examples *l, const struct example *e, const char *subject)
{
	size_t at = l->n;

	while (at > 0 &&
	    (l->v[at - 1].box > e->box ||
		(l->v[at - 1].box == e->box && l->v[at - 1].uid > e->uid)))
		at--;
	if (at == EXAMPLES_MAX)
		return;
	if (l->n == EXAMPLES_MAX)
		free(l->v[--l->n].subject);
	memmove(&l->v[at + 1], &l->v[at], (l->n - at) * sizeof(l->v[0]));
	l->v[at] = *e;
	l->v[at].subject = xstrdup(subject);
	l->n++;
}

static bool
is_larger(const struct example *a, const struct example *b)
{
	if (a->size != b->size)
		return a->size > b->size;
	return a->box != b->box ? a->box < b->box : a->uid < b->uid;
}

static void
add_largest(struct survey *s, const struct example *e, const char *subject)
{
	size_t at = s->largests;

	while (at > 0 && is_larger(e, &s->largest[at - 1]))
		at--;
	if (at == LARGEST_MAX)
		return;
	if (s->largests == LARGEST_MAX)
		free(s->largest[--s->largests].subject);
	memmove(&s->largest[at + 1], &s->largest[at],
	    (s->largests - at) * sizeof(s->largest[0]));
	s->largest[at] = *e;
	s->largest[at].subject = xstrdup(subject);
	s->largests++;
}

static void
add_keywords(struct sums *t, const char *keywords)
{
	const char *p = keywords;
	size_t n;

	for (; *p != '\0'; p += n + (p[n] == ' ' ? 1 : 0)) {
		n = strcspn(p, " ");
		sums_add_keyword(t, p, n, 1);
	}
}

static void
add_flags(struct sums *t, const struct msg *m)
{
	size_t i;

	for (i = 0; i < sizeof(t->flag) / sizeof(t->flag[0]); i++)
		if ((m->flags & (1U << i)) != 0)
			t->flag[i]++;
	if ((m->flags & FLAG_ALL) == 0 && m->keywords[0] == '\0')
		t->unflagged++;
	add_keywords(t, m->keywords);
}

/* INTERNALDATE, else Date:. */
static int
year_of(const struct msg *m, const struct look *l)
{
	struct civil c;

	if (!m->date.known && !l->date.known)
		return 0;
	civil_from_epoch(m->date.known ? m->date.epoch : l->date.epoch, &c);
	return c.year;
}

static unsigned
odd_dates(const struct survey *s, const struct msg *m, const struct look *l)
{
	unsigned ugly = 0;
	int64_t apart;

	if (!m->date.known)
		return 1U << UGLY_NO_DATE;
	if (m->date.epoch < OLD)
		ugly |= 1U << UGLY_OLD;
	if (m->date.epoch > s->began + DAY)
		ugly |= 1U << UGLY_FUTURE;
	apart = m->date.epoch - l->date.epoch;
	if (l->date.known && (apart > APART || apart < -APART))
		ugly |= 1U << UGLY_DATES_APART;
	return ugly;
}

static void
add_ugly(struct walk *w, const struct example *e, unsigned ugly,
    const char *subject)
{
	struct survey *s = w->survey;
	struct sums *t = &s->box[e->box].sums;
	unsigned i;

	for (i = 0; i < UGLY_KINDS; i++) {
		if ((ugly & (1U << i)) == 0)
			continue;
		t->ugly[i].messages++;
		t->ugly[i].bytes += e->size;
		add_example(&s->ugly[i], e, subject);
	}
}

static void
add_sample(struct sums *t, const struct look *l)
{
	t->sample.messages++;
	t->sample.bytes += l->size;
	if (l->longest > t->longest_line)
		t->longest_line = l->longest;
}

static void
add_attachments(struct sums *t, const struct look *l, struct look_cursor *c)
{
	t->structured += l->structured ? 1 : 0;
	t->with_attachments += l->attachments > 0 ? 1 : 0;
	while (look_next(c)) {
		t->attachments++;
		t->attachment_bytes += c->octets;
		sums_add_type(t, c->type, 1, c->octets);
	}
}

static void
add_record(struct sums *t, const struct msg *m, const struct look *l,
    uint64_t size)
{
	t->messages++;
	t->bytes += size;
	sums_add_year(t, year_of(m, l), 1, size);
	sums_add_size(t, size);
	add_flags(t, m);
}

void
count_message(struct walk *w, uint32_t box, const struct msg *m,
    const struct buf *note)
{
	struct sums *t = &w->survey->box[box].sums;
	struct look_cursor c;
	struct look l;
	struct example e = { box, m->uid, m->size, m->date, NULL };
	unsigned ugly;

	look_open(note, &l, &c);
	if (l.read)
		e.size = l.size;
	ugly = l.ugly | odd_dates(w->survey, m, &l);
	if (w->limit > 0 && e.size > w->limit)
		ugly |= 1U << UGLY_OVER_LIMIT;
	add_record(t, m, &l, e.size);
	add_ugly(w, &e, ugly, c.subject);
	add_largest(w->survey, &e, c.subject);
	add_attachments(t, &l, &c);
	if (l.read)
		add_sample(t, &l);
	copies_add(&w->copies, box, &l, e.size);
}

void
count_body(struct walk *w, uint32_t box, const struct msg *m,
    const struct buf *note)
{
	struct look_cursor c;
	struct look l;
	struct example e = { box, m->uid, m->size, m->date, NULL };

	look_open(note, &l, &c);
	e.size = l.size;
	add_ugly(w, &e, l.ugly & ~((1U << UGLY_OF_BODIES) - 1), c.subject);
	add_sample(&w->survey->box[box].sums, &l);
}

void
count_refused(struct walk *w, uint32_t box, const struct msg *m, bool counted,
    const char *reason)
{
	const struct example e = { box, m->uid, m->size, m->date, NULL };
	const struct look l = { .read = false };

	if (!counted)
		add_record(&w->survey->box[box].sums, m, &l, m->size);
	add_ugly(w, &e, 1U << UGLY_REFUSED, "");
	w->outcome->refused++;
	report_warn(w->report,
	    "%s/%u: the source lists it and does not give it: %s",
	    w->survey->box[box].folder.name, m->uid, reason);
}

void
count_end(struct walk *w)
{
	struct survey *s = w->survey;
	size_t i;

	for (i = 0; i < s->boxes; i++) {
		sums_sort(&s->box[i].sums);
		sums_add(&s->total, &s->box[i].sums);
	}
	sums_sort(&s->total);
	s->copies.by_content = s->depth == DEPTH_ALL;
	copies_end(&w->copies, &s->copies);
	w->outcome->done = s->total.messages;
}
