/* The state of a generation, made of the one before it. */
#include <stdlib.h>
#include <string.h>

#include "stores/archive/layout.h"
#include "stores/archive/lineaging.h"
#include "stores/archive/manifest.h"
#include "util/mem.h"

#define NOWHERE UINT32_MAX

/* What is known of generation g while its state is made. */
struct succession {
	struct lineage *l;
	const struct generation *g;
	uint32_t number;
	const struct archive_final *final;
	uint32_t *heir; /* of each folder of the parent: the folder, NOWHERE */
	uint32_t parents;
};

static enum rc
bad(const struct succession *s, const char *why, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "%s: generation %u does not fit what it was made from: %s",
	    s->g->name, s->number, why);
}

static int
compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->folder != y->folder)
		return x->folder < y->folder ? -1 : 1;
	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Mostly it is in order. */
static void
sort(struct mailbox *box)
{
	size_t i;

	for (i = 1; i < box->n; i++)
		if (compare(&box->v[i - 1], &box->v[i]) > 0)
			break;
	if (i < box->n)
		qsort(box->v, box->n, sizeof(*box->v), compare);
}

/* Who goes on with which folder of the parent. */
static enum rc
find_heirs(struct succession *s, struct fault *f)
{
	const struct archive_reader *now = s->g->reader;
	const struct archive_reader *then = s->g[-1].reader;
	const struct archive_base *b;
	size_t i;

	s->parents = (uint32_t)archive_reader_folders(then);
	s->heir = xcalloc((size_t)s->parents + 1, sizeof(*s->heir));
	for (i = 0; i < s->parents; i++)
		s->heir[i] = NOWHERE;
	for (i = 0; i < s->final->bases; i++) {
		b = &s->final->base[i];
		if (b->parent >= s->parents)
			return bad(s, "a folder that was not there", f);
		if (s->heir[b->parent] != NOWHERE)
			return bad(s, "two folders go on with one", f);
		if (archive_reader_folder(now, b->folder)->uidvalidity !=
		    archive_reader_folder(then, b->parent)->uidvalidity)
			return bad(s,
			    "a folder goes on with one of another UIDVALIDITY",
			    f);
		s->heir[b->parent] = b->folder;
	}
	return RC_OK;
}

/* The members of the parent's state whose folders go on. */
static void
inherit(const struct succession *s, const struct mailbox *before,
    struct mailbox *r)
{
	uint32_t heir;
	size_t i;

	for (i = 0; i < before->n; i++) {
		heir = s->heir[before->v[i].folder];
		if (heir == NOWHERE)
			continue;
		r->v = xgrow(r->v, r->n, &r->cap, sizeof(*r->v));
		r->v[r->n] = before->v[i];
		r->v[r->n++].folder = heir;
	}
	sort(r);
}

/* Takes out what was removed: each UID of each range was there. */
static enum rc
take_out(const struct succession *s, struct mailbox *box, struct fault *f)
{
	const struct archive_removal *x = s->final->removal;
	const size_t removals = s->final->removals;
	uint64_t named = 0;
	size_t at, i, n = 0;

	for (i = 0; i < removals; i++)
		named += (uint64_t)x[i].last - x[i].first + 1;
	for (i = at = 0; i < box->n; i++) {
		const struct member *m = &box->v[i];

		while (at < removals &&
		    (x[at].folder < m->folder ||
			(x[at].folder == m->folder && x[at].last < m->uid)))
			at++;
		if (at < removals && x[at].folder == m->folder &&
		    x[at].first <= m->uid)
			continue;
		box->v[n++] = *m;
	}
	if (box->n - n != named)
		return bad(s, "a message was removed that was not there", f);
	box->n = n;
	return RC_OK;
}

/* A record of its own for each message with other flags. */
static enum rc
change(const struct succession *s, struct mailbox *box, struct fault *f)
{
	const struct archive_change *c;
	struct kin k;
	size_t i, at = 0;
	enum rc rc;

	for (i = 0; i < box->n && at < s->final->changes; i++) {
		c = &s->final->change[at];
		if (box->v[i].folder != c->folder || box->v[i].uid != c->uid)
			continue;
		rc = kin_get(s->l, box->v[i].id, &k, f);
		if (rc != RC_OK)
			return rc;
		k.m.msg.flags = c->flags;
		k.m.msg.keywords =
		    atoms_get(s->l->atoms, c->keywords, strlen(c->keywords));
		rc = kin_add(s->l, &k, &box->v[i].id, f);
		if (rc != RC_OK)
			return rc;
		at++;
	}
	return at == s->final->changes ?
	    RC_OK :
	    bad(s, "flags of a message that is not there", f);
}

static enum rc
make_state(const struct succession *s, const struct mailbox *before,
    struct mailbox *box, struct fault *f)
{
	struct mailbox all = { .v = NULL };
	size_t i;
	enum rc rc;

	inherit(s, before, &all);
	rc = take_out(s, &all, f);
	if (rc == RC_OK)
		rc = change(s, &all, f);
	for (i = 0; i < box->n; i++) {
		all.v = xgrow(all.v, all.n, &all.cap, sizeof(*all.v));
		all.v[all.n++] = box->v[i];
	}
	free(box->v);
	*box = all;
	sort(box);
	for (i = 1; i < box->n && rc == RC_OK; i++)
		if (box->v[i].folder == box->v[i - 1].folder &&
		    box->v[i].uid == box->v[i - 1].uid)
			rc = bad(s, "a UID is there twice", f);
	return rc;
}

/* The BLAKE2b-256 of the canonical state; the claims count the same. */
static enum rc
check_state(const struct succession *s, const struct mailbox *box,
    struct fault *f)
{
	const size_t folders = archive_reader_folders(s->g->reader);
	const struct archive_folder *folder;
	struct buf line = BUF_INIT;
	struct hasher h;
	struct hash hash;
	struct record r;
	struct kin k;
	size_t at = 0, start;
	uint32_t i;
	enum rc rc = RC_OK;

	hasher_init(&h);
	for (i = 0; i < folders && rc == RC_OK; i++) {
		folder = archive_reader_folder(s->g->reader, i);
		buf_clear(&line);
		state_put_folder(&line, i, folder->uidvalidity,
		    folder->folder.name);
		hasher_add(&h, line.data, line.len);
		start = at;
		for (; at < box->n && box->v[at].folder == i; at++) {
			rc = kin_get(s->l, box->v[at].id, &k, f);
			if (rc != RC_OK)
				break;
			r = lineage_record(&k.m);
			buf_clear(&line);
			state_put_message(&line, &r);
			hasher_add(&h, line.data, line.len);
		}
		if (rc == RC_OK && at - start != folder->claim.stored)
			rc = bad(s, "the number of messages", f);
	}
	hasher_end(&h, &hash);
	buf_release(&line);
	if (rc == RC_OK && !hash_equal(&hash, &s->final->state))
		rc = bad(s, "the state", f);
	return rc;
}

/* The keywords that have letters, as the writer gave them: those of the
 * parent's folder, then those of each line. */
static enum rc
learn_words(const struct succession *s, const struct mailbox *lines,
    struct fault *f)
{
	struct generation *g = &s->l->generation[s->number - 1];
	const struct archive_base *b;
	struct buf letters = BUF_INIT;
	struct record r;
	struct kin k;
	size_t i;
	enum rc rc = RC_OK;

	g->words =
	    xcalloc(archive_reader_folders(g->reader) + 1, sizeof(*g->words));
	for (i = 0; i < s->final->bases; i++) {
		b = &s->final->base[i];
		strs_copy(&g->words[b->folder], &g[-1].words[b->parent]);
	}
	for (i = 0; i < lines->n && rc == RC_OK; i++) {
		rc = kin_get(s->l, lines->v[i].id, &k, f);
		if (rc != RC_OK || k.m.msg.keywords[0] == '\0')
			continue;
		r = lineage_record(&k.m);
		buf_clear(&letters);
		(void)layout_letters(&letters, &r, &g->words[r.folder]);
	}
	buf_release(&letters);
	return rc;
}

static enum rc
succeed(struct succession *s, const struct mailbox *before, struct mailbox *box,
    struct fault *f)
{
	enum rc rc;

	rc = find_heirs(s, f);
	if (rc == RC_OK && s->l->options.next)
		rc = learn_words(s, box, f);
	if (rc == RC_OK)
		rc = make_state(s, before, box, f);
	if (rc == RC_OK)
		rc = check_state(s, box, f);
	free(s->heir);
	return rc;
}

enum rc
lineage_succeed(struct lineage *l, uint32_t g, const struct mailbox *before,
    struct mailbox *box, struct fault *f)
{
	struct succession s = { .l = l,
		.g = &l->generation[g - 1],
		.number = g };
	enum rc rc = RC_OK;

	s.final = archive_reader_final(s.g->reader);
	if (g != 1)
		return succeed(&s, before, box, f);
	/* The reader has checked the state of a full archive. */
	if (l->options.next)
		rc = learn_words(&s, box, f);
	sort(box);
	return rc;
}
