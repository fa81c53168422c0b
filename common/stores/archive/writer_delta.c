/* What only a delta has: it goes on with the folders of its parent. */
#include "stores/archive/writer_delta.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/lineage.h"
#include "stores/archive/manifest_delta.h"
#include "stores/archive/writing.h"
#include "util/mem.h"

enum {
	PUT_CLOSE = 65536, /* octets of lines in memory */
	/* Octets of a line of the final, at most. */
	BASE_MAX = 32,
	REMOVAL_MAX = 24,
	CHANGE_MAX = 64,
};

void
archive_writer_base(struct archive_writer *w, uint32_t folder,
    uint32_t parent_folder)
{
	struct written_folder *p = &w->folder[folder];

	assert(w->parent != NULL && folder < w->folders);
	assert(parent_folder < lineage_folders(w->parent));
	/* of an archive gone on with it is known before */
	if (p->base == parent_folder + 1)
		return;
	assert(p->base == 0);
	p->base = parent_folder + 1;
	/* The files that are there keep their letters. */
	if (!lineage_is_glance(w->parent))
		strs_copy(&p->words, lineage_words(w->parent, parent_folder));
}

void
writer_find_base(struct archive_writer *w, uint32_t folder)
{
	const struct written_folder *p = &w->folder[folder];
	uint32_t i;

	if (w->parent == NULL)
		return;
	i = lineage_folder_named(w->parent, p->folder.name);
	if (i != UINT32_MAX &&
	    lineage_folder(w->parent, i)->uidvalidity == p->uidvalidity)
		archive_writer_base(w, folder, i);
}

void
archive_writer_remove(struct archive_writer *w, uint32_t folder, uint32_t uid)
{
	assert(w->parent != NULL && folder < w->folders);
	w->removal = xgrow(w->removal, w->removals, &w->removal_cap,
	    sizeof(*w->removal));
	w->removal[w->removals++] =
	    (struct archive_removal){ folder, uid, uid };
}

void
archive_writer_flags(struct archive_writer *w, uint32_t folder, uint32_t uid,
    unsigned flags, const char *keywords)
{
	assert(w->parent != NULL && folder < w->folders);
	w->change =
	    xgrow(w->change, w->changes, &w->change_cap, sizeof(*w->change));
	w->change[w->changes++] =
	    (struct archive_change){ folder, uid, flags & FLAG_ALL,
		    atoms_get(w->atoms, keywords, strlen(keywords)) };
}

/* The folder goes on with the parent's of the same number, whole. */
static bool
is_same(const struct archive_writer *w, uint32_t i)
{
	const struct archive_folder *then = lineage_folder(w->parent, i);
	const struct written_folder *now = &w->folder[i];

	return now->base == i + 1 && now->uidvalidity == then->uidvalidity &&
	    strcmp(now->folder.name, then->folder.name) == 0;
}

enum rc
delta_same(struct archive_writer *w, struct hash *state_r, struct fault *f)
{
	const struct archive_final *then =
	    lineage_final(w->parent, lineage_last(w->parent));
	bool same = w->folders == lineage_folders(w->parent) &&
	    w->totals.messages == 0 && w->removals == 0 && w->changes == 0;
	uint32_t i;

	for (i = 0; same && i < w->folders; i++) {
		same = is_same(w, i);
		w->folder[i].claim.stored =
		    lineage_folder(w->parent, i)->claim.stored;
	}
	if (!same)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "a delta of nothing has something in it");
	*state_r = then->state;
	w->totals.state = then->totals.state;
	return RC_OK;
}

char *
writer_parent_dir(const struct archive_writer *w, const char *name)
{
	uint32_t i;

	if (w->parent == NULL)
		return NULL;
	i = lineage_folder_named(w->parent, name);
	return i != UINT32_MAX ? xstrdup(lineage_dir(w->parent, i)) : NULL;
}

uint32_t
delta_generation(const struct archive_writer *w)
{
	return w->parent != NULL ? lineage_last(w->parent) + 1 : 1;
}

static int
compare_removals(const void *a, const void *b)
{
	const struct archive_removal *x = a, *y = b;

	if (x->folder != y->folder)
		return x->folder < y->folder ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static int
compare_changes(const void *a, const void *b)
{
	const struct archive_change *x = a, *y = b;

	if (x->folder != y->folder)
		return x->folder < y->folder ? -1 : 1;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

void
delta_sort(struct archive_writer *w)
{
	if (w->removals > 0)
		qsort(w->removal, w->removals, sizeof(*w->removal),
		    compare_removals);
	if (w->changes > 0)
		qsort(w->change, w->changes, sizeof(*w->change),
		    compare_changes);
}

uint64_t
delta_bound(const struct archive_writer *w)
{
	uint64_t n = w->folders * BASE_MAX + w->removals * REMOVAL_MAX;
	size_t i;

	for (i = 0; i < w->changes; i++)
		n += CHANGE_MAX + 3 * strlen(w->change[i].keywords);
	return n;
}

void
delta_put_bases(const struct archive_writer *w, struct buf *b)
{
	uint32_t i;

	for (i = 0; i < w->folders; i++)
		if (w->folder[i].base > 0)
			manifest_put_base(b,
			    &(struct archive_base){ i, w->folder[i].base - 1 });
}

static enum rc
put_lines(struct spool *to, struct buf *b, struct fault *f)
{
	enum rc rc;

	rc = spool_add(to, b->data, b->len, f);
	buf_clear(b);
	return rc;
}

/* Neighbours become one range. */
static enum rc
put_removals(struct archive_writer *w, struct spool *to, struct fault *f)
{
	struct archive_removal range, before;
	const struct archive_removal *last = NULL;
	struct buf b = BUF_INIT;
	size_t i, end, line = 0;
	enum rc rc;

	for (i = 0; i < w->removals; i = end) {
		range = w->removal[i];
		for (end = i + 1; end < w->removals &&
		     w->removal[end].folder == range.folder &&
		     w->removal[end].first == range.last + 1;
		     end++)
			range.last = w->removal[end].first;
		manifest_put_removal(&b, &range, last, &line);
		before = range;
		last = &before;
	}
	manifest_end_removals(&b, last);
	rc = put_lines(to, &b, f);
	buf_release(&b);
	return rc;
}

enum rc
delta_put_lines(struct archive_writer *w, struct spool *to, struct fault *f)
{
	struct buf b = BUF_INIT;
	size_t i;
	enum rc rc;

	rc = put_removals(w, to, f);
	for (i = 0; i < w->changes && rc == RC_OK; i++) {
		manifest_put_change(&b, &w->change[i]);
		if (b.len > PUT_CLOSE)
			rc = put_lines(to, &b, f);
	}
	if (rc == RC_OK)
		rc = put_lines(to, &b, f);
	buf_release(&b);
	return rc;
}

/* Removals that lie before it name a UID that is not there. */
static bool
is_removed(struct mailbox_walk *x, const struct record *r)
{
	const struct archive_writer *w = x->w;
	const struct archive_removal key = { r->folder, r->uid, r->uid };
	int order = 1;

	while (x->removal < w->removals) {
		order = compare_removals(&w->removal[x->removal], &key);
		if (order > 0)
			break;
		x->removal++;
		x->touched = true;
		if (order == 0)
			return true;
		x->astray++;
	}
	return false;
}

static void
change(struct mailbox_walk *x, struct record *r)
{
	const struct archive_writer *w = x->w;
	const struct archive_change key = { r->folder, r->uid, 0, NULL };
	int order;

	while (x->change < w->changes) {
		order = compare_changes(&w->change[x->change], &key);
		if (order > 0)
			return;
		x->touched = true;
		if (order == 0) {
			r->flags = (unsigned char)w->change[x->change].flags;
			r->keywords = w->change[x->change].keywords;
		}
		x->astray += order < 0;
		x->change++;
	}
}

/* The next that the folder has of its parent's. */
static enum rc
next_inherited(struct mailbox_walk *x, struct fault *f)
{
	struct lineage_message m;
	enum rc rc;

	while (x->at < x->end) {
		rc = lineage_get(x->w->parent, x->at++, &m, f);
		if (rc != RC_OK)
			return rc;
		x->inherited = lineage_record(&m);
		x->inherited.folder = x->folder;
		if (is_removed(x, &x->inherited))
			continue;
		change(x, &x->inherited);
		x->has_inherited = true;
		return RC_OK;
	}
	x->has_inherited = false;
	return RC_OK;
}

static enum rc
next_own(struct mailbox_walk *x, struct fault *f)
{
	enum rc rc;

	rc = ledger_sorted(x->w->ledger, x->own_at, &x->own, f);
	x->has_own = rc == RC_OK && x->own.folder == x->folder;
	x->own_at += x->has_own;
	x->touched |= x->has_own;
	return rc == RC_END ? RC_OK : rc;
}

enum rc
mailbox_begin(struct mailbox_walk *x, uint32_t folder, struct fault *f)
{
	const uint32_t base = x->w->folder[folder].base;
	enum rc rc;

	x->folder = folder;
	x->touched = base == 0;
	x->at = x->end = 0;
	if (base > 0) {
		x->at = lineage_first(x->w->parent, base - 1);
		x->end = lineage_first(x->w->parent, base);
	}
	rc = next_inherited(x, f);
	return rc == RC_OK ? next_own(x, f) : rc;
}

enum rc
mailbox_next(struct mailbox_walk *x, struct record *r, struct fault *f)
{
	if (!x->has_inherited && !x->has_own)
		return RC_END;
	if (x->has_inherited && x->has_own && x->inherited.uid == x->own.uid)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "%s: UID %" PRIu32 " was stored again",
		    x->w->folder[x->folder].folder.name, x->own.uid);
	if (x->has_own &&
	    (!x->has_inherited || x->own.uid < x->inherited.uid)) {
		*r = x->own;
		return next_own(x, f);
	}
	*r = x->inherited;
	return next_inherited(x, f);
}

enum rc
mailbox_end(const struct mailbox_walk *x, struct fault *f)
{
	const struct archive_writer *w = x->w;

	if (x->astray == 0 && x->removal == w->removals &&
	    x->change == w->changes)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_BUG,
	    "a message was removed or changed that the parent does not have");
}
