/* What happened to a folder since it was known. */
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "mail/flags.h"

/* Some servers say 1, always, for they keep none. */
enum { MODSEQ_LEAST = 2 };

/* Nothing was hidden, refused or lost on the way when it was looked at. */
static bool
is_whole(const struct known_folder *p)
{
	const struct folder_claim *c = &p->claim;

	return !p->partial && c->refused == 0 && c->gone == 0 &&
	    c->seen == c->exists;
}

bool
known_is_unchanged(const struct known_folder *p, const struct folder *folder)
{
	const struct folder_claim *c = &p->claim;

	if (!folder->status_known || folder->uidvalidity != p->uidvalidity ||
	    !is_whole(p) || folder->messages != c->exists)
		return false;
	if (folder->messages == 0)
		return true;
	return folder->uidnext != 0 && folder->uidnext == c->uidnext &&
	    folder->modseq >= MODSEQ_LEAST &&
	    folder->modseq == c->highestmodseq;
}

uint64_t
known_since(const struct known_folder *p, const struct folder *folder)
{
	const struct folder_claim *c = &p->claim;

	/* What the selection left out was not kept, and cannot be counted. */
	if (!folder->status_known || folder->uidvalidity != p->uidvalidity ||
	    !is_whole(p) || c->unselected > 0 ||
	    c->highestmodseq < MODSEQ_LEAST ||
	    folder->modseq < c->highestmodseq)
		return 0;
	return c->highestmodseq;
}

static int
by_uid(const void *a, const void *b)
{
	const struct known_message *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

static void
sort(struct known_folder *p)
{
	if (!p->sorted)
		qsort(p->v, p->n, sizeof(*p->v), by_uid);
	p->sorted = true;
}

/* The first message at or above uid, from i on. */
static size_t
seek(const struct known_folder *p, size_t i, uint32_t uid)
{
	size_t end = p->n, mid;

	while (i < end) {
		mid = i + (end - i) / 2;
		if (p->v[mid].uid < uid)
			i = mid + 1;
		else
			end = mid;
	}
	return i;
}

/* The live message with this UID, from *i on, which moves there; NULL: there
 * is none. */
static struct known_message *
live(const struct known_folder *p, size_t *i, uint32_t uid)
{
	*i = seek(p, *i, uid);
	if (*i == p->n || p->v[*i].uid != uid ||
	    (p->v[*i].marks & KNOWN_GONE) != 0)
		return NULL;
	return &p->v[*i];
}

/* MODSEQ rises for a reason, which was not told. */
static bool
is_silent(const struct known_folder *p, const struct harvest_folder *h)
{
	return h->highestmodseq > p->claim.highestmodseq &&
	    h->listed.n + h->gone_n + h->unselected == 0;
}

bool
known_suffices(struct known_folder *p, const struct harvest_folder *h)
{
	uint64_t left = p->n - p->gone;
	size_t i, at = 0;

	if (h->uidvalidity != p->uidvalidity ||
	    h->highestmodseq < p->claim.highestmodseq || is_silent(p, h))
		return false;
	sort(p);
	for (i = 0; i < h->listed.n; i++)
		if (live(p, &at, h->listed.v[i].uid) == NULL)
			left++;
	for (i = 0; i < h->gone_n; i++)
		for (at = seek(p, 0, h->gone[i].first);
		     at < p->n && p->v[at].uid <= h->gone[i].last; at++)
			left -= (p->v[at].marks & KNOWN_GONE) == 0;
	return left + h->unselected == h->exists;
}

static void
remove_one(struct known_folder *p, struct known_message *m,
    struct known_news *r)
{
	if ((m->marks & KNOWN_GONE) != 0)
		return;
	m->marks |= KNOWN_GONE;
	p->gone++;
	r->removed++;
}

/* Of a list from the first UID on: what is not in it is gone, unless the
 * server shows less than it says there is. */
static void
remove_unlisted(struct known_folder *p, const struct harvest_folder *h,
    struct known_news *r)
{
	size_t i, at = 0;

	if (h->first > 1 || h->seen < h->exists)
		return;
	for (i = 0; i < p->n; i++) {
		while (at < h->listed.n && h->listed.v[at].uid < p->v[i].uid)
			at++;
		if (at == h->listed.n || h->listed.v[at].uid != p->v[i].uid)
			remove_one(p, &p->v[i], r);
	}
}

static void
remove_told(struct known_folder *p, const struct harvest_folder *h,
    struct known_news *r)
{
	size_t i, at;

	for (i = 0; i < h->gone_n; i++)
		for (at = seek(p, 0, h->gone[i].first);
		     at < p->n && p->v[at].uid <= h->gone[i].last; at++)
			remove_one(p, &p->v[at], r);
}

static void
compare(struct known *k, struct known_message *to, const struct msg *m,
    struct known_news *r)
{
	const unsigned flags = m->flags & FLAG_ALL;

	if (to->flags == flags && strcmp(to->keywords, m->keywords) == 0)
		return;
	to->flags = (unsigned char)flags;
	to->keywords = known_words(k, m->keywords);
	r->changed += (to->marks & KNOWN_CHANGED) == 0;
	to->marks |= KNOWN_CHANGED;
}

void
known_look(struct known *k, struct known_folder *p, struct harvest_folder *h,
    struct known_news *r)
{
	struct known_message *to;
	size_t i, at = 0, kept = 0;

	memset(r, 0, sizeof(*r));
	sort(p);
	if (h->changes)
		remove_told(p, h, r);
	else
		remove_unlisted(p, h, r);
	for (i = 0; i < h->listed.n; i++) {
		to = live(p, &at, h->listed.v[i].uid);
		if (to != NULL)
			compare(k, to, &h->listed.v[i], r);
		else
			h->listed.v[kept++] = h->listed.v[i];
	}
	h->listed.n = kept;
	r->added = kept;
	r->kept = p->n - p->gone;
}
