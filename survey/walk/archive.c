/* The mail of archives: each segment that holds any is read once. */
#include "archive.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/open.h"
#include "program/options.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "walk.h"

bool
side_is_archive(const struct side *s)
{
	return s->kind != NULL && strcmp(s->kind, SIDE_ARCHIVE) == 0;
}

/* lineage_open takes the descriptors in any case. */
static enum rc
open_chain(const struct archive_set *a, const struct pubkey *key,
    struct lineage **r, struct fault *f)
{
	const struct lineage_options options = { .key = key };
	struct lineage_source *v = xcalloc(a->n, sizeof(*v));
	struct buf unused = BUF_INIT;
	size_t i, opened = 0;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < a->n; i++) {
		v[i].name = a->v[i].text;
		rc = archive_open_fd(&a->v[i], &v[i].fd, &unused, f);
		opened += rc == RC_OK ? 1 : 0;
		buf_clear(&unused);
	}
	if (rc == RC_OK)
		rc = lineage_open(v, a->n, &options, r, f);
	else
		while (opened > 0)
			(void)close(v[--opened].fd);
	buf_release(&unused);
	free(v);
	return rc;
}

static void
take_folders(struct side *s, const struct lineage *l)
{
	const struct archive_folder *from;
	struct folder *to;
	uint32_t i;

	for (i = 0; i < lineage_folders(l); i++) {
		from = lineage_folder(l, i);
		to = folders_add(&s->folders);
		folder_copy(to, &from->folder);
		to->uidvalidity = from->uidvalidity;
		to->status_known = true;
		to->messages = (uint32_t)from->claim.stored;
		if (s->sep == 0)
			s->sep = to->sep;
	}
	folders_sort(&s->folders);
}

static void
set(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text == NULL ? "" : text);
}

enum rc
archive_learn(struct side *s, const struct archive_set *a, struct lineage **r,
    struct fault *f)
{
	char *path = options_key_path(a->public_key, "public.key");
	const int64_t began = clock_us();
	struct pubkey key;
	enum rc rc;

	*r = NULL;
	s->kind = SIDE_ARCHIVE;
	set(&s->location, a->v[a->n - 1].text);
	rc = pubkey_load(path, &key, f);
	if (rc == RC_OK)
		rc = open_chain(a, &key, r, f);
	s->open_us = clock_us() - began;
	if (rc == RC_OK) {
		set(&s->location, lineage_name(*r, lineage_at(*r)));
		set(&s->software, lineage_header(*r, lineage_at(*r))->tool);
		take_folders(s, *r);
	} else {
		s->failed = xstrdup(f->text);
	}
	free(path);
	return rc;
}

/* Way through the messages, by where their octets lie. */
struct reading {
	struct walk *walk;
	uint32_t *box; /* of each folder; UINT32_MAX: is not asked about */
	const struct archive_segment *segment;
	struct lineage_place at; /* of note, and of the segment */
	struct buf note;         /* what the body there tells */
	uint64_t size;           /* of that body on the wire */
};

static enum rc
misplaced(const struct lineage_message *m, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "UID %u is said to lie in generation %u, segment %u, line %u, "
	    "which is not so",
	    m->msg.uid, m->place.generation, m->place.segment, m->place.line);
}

/* What is signed may be wrong all the same. */
static enum rc
open_segment(struct reading *r, const struct lineage_message *m,
    struct fault *f)
{
	struct lineage *l = r->walk->chain;
	const struct lineage_place *p = &m->place;
	enum rc rc;

	if (r->segment != NULL && p->generation == r->at.generation &&
	    p->segment == r->at.segment)
		return RC_OK;
	if (p->generation == 0 || p->generation > lineage_last(l) ||
	    p->segment == 0 ||
	    p->segment > lineage_final(l, p->generation)->totals.segments)
		return misplaced(m, f);
	r->segment = NULL;
	buf_clear(&r->note);
	rc = lineage_segment(l, p->generation, p->segment, &r->segment, f);
	if (rc == RC_OK)
		r->at = *p;
	return rc;
}

/* Many may be links to one place: that is looked at once. */
static enum rc
look(struct reading *r, const struct lineage_message *m, struct fault *f)
{
	const uint32_t line = m->place.line;
	struct body body;
	enum rc rc = open_segment(r, m, f);

	if (rc != RC_OK)
		return rc;
	if (r->note.len > 0 && r->at.line == line)
		return RC_OK;
	if (line >= r->segment->n || r->segment->entry[line].link)
		return misplaced(m, f);
	buf_clear(&r->note);
	rc = archive_reader_body(lineage_reader(r->walk->chain,
				     m->place.generation),
	    line, &body, f);
	if (rc == RC_OK && !hash_equal(&body.digest.hash, &m->hash))
		return misplaced(m, f);
	if (rc == RC_OK)
		rc = look_at_body(&body, r->walk->seed, &r->note, f);
	r->at.line = line;
	r->size = body.digest.wire_size;
	return rc;
}

static enum rc
take(struct reading *r, struct lineage_message *m, struct fault *f)
{
	struct walk *w = r->walk;
	const uint32_t box = r->box[m->msg.folder];
	enum rc rc;

	if (box == UINT32_MAX)
		return RC_OK;
	if (!selection_has_date(w->survey->selection, &m->msg.date)) {
		w->survey->box[box].sums.left_out++;
		return RC_OK;
	}
	rc = look(r, m, f);
	if (rc != RC_OK)
		return rc;
	m->msg.folder = box;
	progress_where(w->report, w->survey->box[box].folder.name);
	count_message(w, box, &m->msg, &r->note);
	w->pass->messages++;
	w->pass->bytes += r->size;
	progress_add(w->report, 1, r->size);
	return RC_OK;
}

static uint32_t *
map_boxes(const struct walk *w)
{
	const struct survey *s = w->survey;
	const size_t n = lineage_folders(w->chain);
	uint32_t *box = xcalloc(n + 1, sizeof(*box)), number;
	size_t i;

	for (i = 0; i < n; i++)
		box[i] = UINT32_MAX;
	for (i = 0; i < s->boxes; i++) {
		number = lineage_folder_named(w->chain, s->box[i].folder.name);
		if (number != UINT32_MAX)
			box[number] = (uint32_t)i;
	}
	return box;
}

/* It ended early: which folders are not whole. */
static void
tell_rest(struct survey *s, const struct fault *f)
{
	struct box *b;
	size_t i;

	if (s->source.failed == NULL)
		s->source.failed = xstrdup(f->text);
	for (i = 0; i < s->boxes; i++) {
		b = &s->box[i];
		if (b->sums.messages + b->sums.left_out >= b->claimed)
			continue;
		b->failed = true;
		b->why = xstrdup(f->text);
	}
}

enum rc
walk_archive(struct walk *w, struct fault *f)
{
	struct reading r = { .walk = w, .note = BUF_INIT };
	const int64_t began = clock_us();
	struct survey *s = w->survey;
	struct lineage_message m;
	uint32_t i;
	enum rc rc;

	s->depth = DEPTH_ALL;
	w->pass = &s->read[s->reads++];
	w->pass->connections = 1;
	r.box = map_boxes(w);
	rc = lineage_place_order(w->chain, f);
	for (i = 0; rc == RC_OK && i < lineage_count(w->chain); i++) {
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = lineage_placed(w->chain, i, &m, f);
		if (rc == RC_OK)
			rc = take(&r, &m, f);
	}
	if (rc != RC_OK)
		tell_rest(s, f);
	w->pass->us = clock_us() - began;
	buf_release(&r.note);
	free(r.box);
	return rc;
}
