#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/mem.h"

void
audit_init(struct audit *a)
{
	memset(a, 0, sizeof(*a));
	a->labels = labels_new();
	notes_init(&a->notes);
	walk_init(&a->walk);
}

void
audit_release(struct audit *a)
{
	size_t i;

	for (i = 0; i < a->places; i++) {
		free(a->place[i].name);
		free(a->place[i].why);
	}
	free(a->place);
	free(a->place_of);
	free(a->shown);
	free(a->opened);
	walk_release(&a->walk);
	match_release(&a->match);
	items_release(&a->evidence);
	free(a->extra.v);
	free(a->again.v);
	notes_release(&a->notes);
	folders_release(&a->target_folders);
	labels_free(a->labels);
}

const struct archive_folder *
audit_folder(const struct audit *a, const struct item *i)
{
	return lineage_folder(a->chain, i->folder);
}

struct msg
audit_msg(const struct audit *a, const struct item *i)
{
	return (struct msg){ .folder = i->folder,
		.uid = i->uid,
		.date = { .epoch = i->epoch, .known = i->dated },
		.flags = labels_flags(a->labels, i->label),
		.keywords = labels_keywords(a->labels, i->label) };
}

struct msg
audit_found(const struct audit *a, const struct facts *found)
{
	return (struct msg){ .folder = found->place,
		.uid = found->uid,
		.size = found->size,
		.date = { .epoch = found->epoch, .known = found->dated },
		.flags = labels_flags(a->labels, found->label),
		.keywords = labels_keywords(a->labels, found->label) };
}

static void
count_item(struct place *p, const struct item *i)
{
	p->archived++;
	switch ((enum proof)i->proof) {
	case PROOF_MISSING:
		p->missing++;
		break;
	case PROOF_IDENTICAL:
		p->identical++;
		break;
	case PROOF_LINE_ENDS:
		p->line_ends++;
		break;
	case PROOF_HEADER:
		p->headers++;
		break;
	case PROOF_RELOCATED:
		p->relocated++;
		break;
	}
}

/* Fewer messages than the archive has: so many are missing at least. */
static void
count_places(struct audit *a)
{
	struct place *p;
	size_t k;

	for (k = 0; k < a->evidence.n; k++)
		a->place[a->place_of[a->evidence.v[k].folder]].archived++;
	for (k = 0; k < a->places; k++) {
		p = &a->place[k];
		if (p->archived > p->exists)
			p->missing = p->archived - p->exists;
		else
			p->extra = p->exists - p->archived;
	}
}

static void
count_all(struct audit *a)
{
	const struct item *i;
	size_t k;

	for (k = 0; k < a->evidence.n; k++) {
		i = &a->evidence.v[k];
		count_item(&a->place[a->place_of[i->folder]], i);
	}
	for (k = 0; k < a->extra.n; k++)
		a->place[a->extra.v[k].place].extra++;
	for (k = 0; k < a->match.drifts; k++) {
		i = &a->evidence.v[a->match.drift[k].item];
		a->place[a->place_of[i->folder]].drift++;
	}
}

void
audit_totals(const struct audit *a, struct place *r)
{
	const struct place *p;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < a->places; i++) {
		p = &a->place[i];
		r->exists += p->exists;
		r->read += p->read;
		r->unreadable += p->unreadable;
		r->archived += p->archived;
		r->identical += p->identical;
		r->line_ends += p->line_ends;
		r->headers += p->headers;
		r->relocated += p->relocated;
		r->missing += p->missing;
		r->extra += p->extra;
		r->drift += p->drift;
	}
}

void
audit_source_gaps(const struct audit *a, uint64_t *refused_r,
    uint64_t *unlisted_r)
{
	const struct archive_final *final =
	    lineage_final(a->chain, lineage_at(a->chain));
	const struct folder_claim *c;
	size_t i;

	*refused_r = final->refusals;
	*unlisted_r = 0;
	for (i = 0; i < lineage_folders(a->chain); i++) {
		c = &lineage_folder(a->chain, (uint32_t)i)->claim;
		if (c->exists > c->seen)
			*unlisted_r += c->exists - c->seen;
	}
}

static int
by_name(const void *x, const void *y, void *arg)
{
	const struct place *place = arg;

	return strcmp(place[*(const uint32_t *)x].name,
	    place[*(const uint32_t *)y].name);
}

static void
sort_places(struct audit *a)
{
	uint32_t i;

	a->shown = xcalloc(a->places + 1, sizeof(*a->shown));
	for (i = 0; i < a->places; i++)
		a->shown[i] = i;
	qsort_r(a->shown, a->places, sizeof(*a->shown), by_name, a->place);
}

void
audit_conclude(struct audit *a)
{
	struct outcome *o = &a->outcome;
	struct place t;

	audit_source_gaps(a, &o->refused, &o->unlisted);
	if (a->target == NULL) {
		o->done = a->messages;
		return;
	}
	if (a->level == LEVEL_COUNT)
		count_places(a);
	else
		count_all(a);
	sort_places(a);
	audit_totals(a, &t);
	o->done = t.identical + t.line_ends;
	o->missing = t.missing;
	if (a->strict)
		o->differences = t.extra + t.relocated + t.drift;
}

/* What is claimed when nothing is missing. */
static const char *
claim(const struct audit *a)
{
	if (a->target == NULL)
		return "whole";
	switch (a->level) {
	case LEVEL_FULL:
		return "proved";
	case LEVEL_HEADER:
		return "headers-agree";
	case LEVEL_COUNT:
		break;
	}
	return "counts-agree";
}

void
audit_verdict(const struct audit *a, struct buf *word)
{
	if (a->outcome.missing > 0) {
		buf_adds(word, "missing");
		return;
	}
	if (a->outcome.differences > 0) {
		buf_adds(word, "different");
		return;
	}
	buf_adds(word, claim(a));
	if (a->outcome.refused > 0 || a->outcome.unlisted > 0)
		buf_adds(word, "-with-gaps");
}

uint64_t
audit_segments_read(const struct audit *a, uint32_t generation)
{
	const struct opened *o;

	if (a->target == NULL)
		return lineage_final(a->chain, generation)->totals.segments;
	/* the one that holds the final always is */
	if (a->opened == NULL)
		return 1;
	o = &a->opened[generation - 1];
	return o->segments + !o->last;
}

bool
audit_whole_signed(const struct audit *a, uint32_t generation)
{
	return a->target == NULL && lineage_is_detached(a->chain, generation);
}
