/* Which folders a run has to look at. */
#include "plan.h"

#include <stdlib.h>

#include "util/mem.h"

/* A folder that is as it is known. */
struct same {
	const struct folder *folder;
	struct known_folder *known;
};

static int
by_parent(const void *a, const void *b)
{
	const struct same *x = a, *y = b;

	return x->known->parent < y->known->parent ?
	    -1 :
	    x->known->parent > y->known->parent;
}

enum rc
plan_count(struct backup *b, struct folders *folders, struct fault *f)
{
	struct store *s = b->source;
	struct folder *v = xcalloc(folders->n + 1, sizeof(*v));
	size_t i, n = 0;
	enum rc rc = RC_OK;

	for (i = 0; i < folders->n; i++)
		if (backup_wants(b, &folders->v[i]))
			v[n++] = folders->v[i];
	if (s->ops->count != NULL)
		rc = s->ops->count(s, v, n, f);
	/* The texts are the same. */
	for (i = n = 0; rc == RC_OK && i < folders->n; i++)
		if (backup_wants(b, &folders->v[i]))
			folders->v[i] = v[n++];
	free(v);
	return rc;
}

static struct known_folder *
find_same(struct backup *b, const struct folder *folder)
{
	struct known_folder *p;

	p = known_find(b->known, folder->name, folder->uidvalidity);
	return p != NULL && known_is_unchanged(p, folder) ? p : NULL;
}

bool
plan_is_same(struct backup *b, const struct folders *folders)
{
	size_t i, n = 0;

	for (i = 0; i < folders->n; i++) {
		if (!backup_wants(b, &folders->v[i]))
			continue;
		if (find_same(b, &folders->v[i]) == NULL)
			return false;
		n++;
	}
	return n == known_folders(b->known);
}

static void
select_folders(const struct backup *b, const struct folders *folders,
    struct plan *r)
{
	size_t i;

	for (i = 0; i < folders->n; i++)
		if (backup_wants(b, &folders->v[i]))
			r->folder[r->n++] = folders->v[i];
}

/* Sorts out what is as it is known. */
static size_t
leave_out(struct backup *b, struct plan *r, struct same *same)
{
	struct known_folder *p;
	struct folder *folder;
	size_t i, n = 0, left = 0;

	for (i = 0; i < r->n; i++) {
		folder = &r->folder[i];
		p = b->known == NULL ?
		    NULL :
		    known_find(b->known, folder->name, folder->uidvalidity);
		if (p != NULL && known_is_unchanged(p, folder)) {
			same[n++] = (struct same){ folder, p };
			continue;
		}
		if (p != NULL)
			folder->since = known_since(p, folder);
		r->list[left++] = folder;
	}
	r->n = left;
	return n;
}

enum rc
plan_make(struct backup *b, const struct folders *folders, plan_same_fn *told,
    struct plan *r, struct fault *f)
{
	struct same *same = xcalloc(folders->n + 1, sizeof(*same));
	size_t i, n;
	enum rc rc = RC_OK;

	r->folder = xcalloc(folders->n + 1, sizeof(*r->folder));
	r->list = xcalloc(folders->n + 1, sizeof(*r->list));
	r->n = 0;
	select_folders(b, folders, r);
	n = leave_out(b, r, same);
	qsort(same, n, sizeof(*same), by_parent);
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = told(b, same[i].folder, same[i].known, f);
	free(same);
	return rc;
}

void
plan_release(struct plan *p)
{
	free(p->folder);
	free(p->list);
}
