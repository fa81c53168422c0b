/* A source that is followed as a delta: what its parent knows of it. */
#include "followed.h"
#include "known.h"

static enum rc
inherit(struct backup *b, struct followed *p, struct known_folder *k,
    struct fault *f)
{
	if (copy_enter(b, &p->folder, k->uidvalidity, &p->copy, f) != RC_OK) {
		b->sink_failed = true;
		return RC_STORE;
	}
	p->copy.claim = k->claim;
	p->copy.claim.uidnext = p->folder.uidnext;
	p->copy.claim.highestmodseq = p->folder.modseq;
	p->copy.claim.status_known = true;
	p->copy.claim.status = p->folder.messages;
	p->copy.claim.stored = 0; /* by this one */
	p->uidvalidity = k->uidvalidity;
	p->seen = p->all = folder_facts(&p->folder);
	p->announced = p->known = true;
	p->due = false;
	return RC_OK;
}

enum rc
followeds_inherit(struct followeds *l, struct backup *b, struct fault *f)
{
	struct known_folder *k;
	struct followed *p;
	enum rc rc = RC_OK;

	if (b->known == NULL)
		return RC_OK;
	for (p = l->first; rc == RC_OK && p != NULL; p = p->next) {
		if (!p->listed || p->announced)
			continue;
		k = known_find(b->known, p->folder.name, p->folder.uidvalidity);
		/* Which are left out by their dates is not known. */
		if (k != NULL && k->claim.unselected == 0 &&
		    known_is_unchanged(k, &p->folder))
			rc = inherit(b, p, k, f);
	}
	return rc;
}

void
followed_compare(struct backup *b, struct followed *p, struct harvest_folder *h)
{
	struct known_news news;

	if (p->copy.known == NULL)
		return;
	known_look(b->known, p->copy.known, h, &news);
	p->copy.news.changed += news.changed;
	p->copy.news.removed += news.removed;
}

uint32_t
followed_known_last(const struct followed *p)
{
	const struct known_folder *k = p->copy.known;
	uint32_t last = 0;
	size_t i;

	for (i = 0; k != NULL && i < k->n; i++)
		if (k->v[i].uid > last)
			last = k->v[i].uid;
	return last;
}

uint32_t
followed_uidvalidity(const struct backup *b, const struct followed *p)
{
	const struct known_folder *k = NULL;

	if (p->uidvalidity != 0 || p->folder.uidvalidity != 0)
		return p->uidvalidity != 0 ? p->uidvalidity :
					     p->folder.uidvalidity;
	if (b->known != NULL)
		k = known_named(b->known, p->folder.name, false);
	return k != NULL ? k->uidvalidity : 0;
}

uint64_t
followed_known_there(const struct followed *p)
{
	const struct known_folder *k = p->copy.known;

	return k == NULL ? 0 : k->n - k->gone;
}

void
followed_lose_known(struct backup *b, struct followed *p)
{
	struct harvest_folder none = { .first = 1 };
	struct folder_claim *c = &p->copy.claim;
	struct known_news news;

	if (p->copy.known == NULL)
		return;
	known_look(b->known, p->copy.known, &none, &news);
	p->copy.news.removed += news.removed;
	/* What it claimed of these it does not claim any more. */
	c->exists -= c->exists < news.removed ? c->exists : news.removed;
	c->status_known = false;
}

/* Flags too are only as they were if the server counts changes. */
static bool
is_as_before(const struct followed *p)
{
	const struct folder *then = &p->all, *now = &p->folder;

	return then->status_known && now->status_known &&
	    then->messages == now->messages && then->uidnext == now->uidnext &&
	    then->uidvalidity == now->uidvalidity &&
	    then->modseq == now->modseq && now->modseq > 1;
}

void
followeds_close(struct followeds *l)
{
	struct followed *p;

	for (p = l->first; p != NULL; p = p->next)
		if (p->listed && followed_known_there(p) > 0 &&
		    !is_as_before(p))
			p->due = p->whole = true;
}
