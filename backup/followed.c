#include "followed.h"

#include <stdlib.h>
#include <string.h>

#include "stores/archive/resume.h"
#include "util/mem.h"

struct folder
folder_facts(const struct folder *folder)
{
	return (struct folder){ .status_known = folder->status_known,
		.messages = folder->messages,
		.uidnext = folder->uidnext,
		.uidvalidity = folder->uidvalidity,
		.modseq = folder->modseq,
		.version = folder->version };
}

void
followeds_init(struct followeds *l)
{
	memset(l, 0, sizeof(*l));
	l->atoms = atoms_new();
}

static void
followed_free(struct followed *p)
{
	followed_close(p);
	uidset_release(&p->settled);
	uidset_release(&p->unselected);
	uidset_release(&p->there);
	uidset_release(&p->gone);
	folder_release(&p->folder);
	past_free(p->past);
	free(p->former);
	free(p->open);
	free(p->why);
	free(p);
}

void
followeds_release(struct followeds *l)
{
	struct followed *p;

	while ((p = l->first) != NULL) {
		l->first = p->next;
		followed_free(p);
	}
	atoms_free(l->atoms);
	memset(l, 0, sizeof(*l));
}

struct followed *
followeds_find(struct followeds *l, const char *name)
{
	struct followed *p = l->next;

	/* Lists come in one order: two thousand names need no table. */
	if (p == NULL || strcmp(p->folder.name, name) != 0)
		for (p = l->first; p != NULL; p = p->next)
			if (strcmp(p->folder.name, name) == 0)
				break;
	if (p != NULL)
		l->next = p->next;
	return p;
}

struct followed *
followeds_add(struct followeds *l, const char *name)
{
	struct followed *p = xcalloc(1, sizeof(*p)), **at = &l->first;

	p->folder.name = xstrdup(name);
	p->copy.followed = true;
	while (*at != NULL)
		at = &(*at)->next;
	*at = p;
	l->n++;
	return p;
}

static void
take_earlier(struct followeds *l, struct backup *b,
    const struct archive_earlier *e)
{
	struct followed *p = followeds_find(l, e->name);
	size_t i;

	if (p == NULL)
		p = followeds_add(l, e->name);
	if (p->announced)
		followed_renew(b, p);
	p->announced = p->resumed = p->due = p->whole = true;
	p->uidvalidity = e->uidvalidity;
	p->copy.followed = true;
	p->copy.number = e->number;
	p->copy.claim.exists = e->stored;
	if (b->known != NULL)
		p->copy.known = known_find(b->known, e->name, e->uidvalidity);
	for (i = 0; i < e->stored; i++)
		(void)uidset_add(&p->settled, e->uid[i]);
	b->outcome.already += e->stored;
}

enum rc
followeds_take_earlier(struct followeds *l, struct backup *b, struct fault *f)
{
	const uint32_t n = archive_writer_earlier(b->archive);
	struct archive_earlier e;
	struct followed *p;
	enum rc rc = RC_OK;
	uint32_t i;

	for (i = 0; i < n; i++) {
		archive_writer_get_earlier(b->archive, i, &e);
		take_earlier(l, b, &e);
	}
	for (p = l->first; rc == RC_OK && p != NULL; p = p->next)
		rc = followed_recall(b, p, f);
	return rc;
}

static uint32_t
last_of(const struct uidset *s)
{
	return s->n > 0 ? s->v[s->n - 1].last : 0;
}

uint32_t
followed_from(const struct followed *p)
{
	uint32_t next = followed_known_last(p);
	size_t i;

	if (p->whole)
		return 1;
	if (last_of(&p->settled) > next)
		next = last_of(&p->settled);
	if (last_of(&p->unselected) > next)
		next = last_of(&p->unselected);
	if (next < UINT32_MAX)
		next++;
	for (i = 0; i < p->opens; i++)
		if (p->open[i].msg.uid < next)
			next = p->open[i].msg.uid;
	return next;
}

void
followed_leave_open(struct followeds *l, struct followed *p,
    const struct msg *m, const char *reason)
{
	struct followed_open *o;

	p->open = xgrow(p->open, p->opens, &p->open_cap, sizeof(*p->open));
	o = &p->open[p->opens++];
	o->msg = *m;
	o->msg.keywords = atoms_get(l->atoms, m->keywords, strlen(m->keywords));
	o->reason = reason == NULL ? NULL : xstrdup(reason);
}

void
followed_close(struct followed *p)
{
	while (p->opens > 0)
		free(p->open[--p->opens].reason);
}

void
followed_refuse_open(struct backup *b, struct followed *p,
    struct harvest_folder *h, const char *reason)
{
	struct harvest_message m = { .fate = READ_REFUSED };
	struct fault f = FAULT_INIT;
	size_t i;

	for (i = 0; i < p->opens; i++) {
		m.msg = &p->open[i].msg;
		m.reason = p->open[i].reason;
		if (m.reason == NULL)
			m.reason = reason;
		/* what is refused cannot fail */
		if (uidset_add(&p->settled, m.msg->uid))
			(void)!copy_message(b, h, &m, &f);
	}
	followed_close(p);
}

static void
claim(struct backup *b, struct followed *p)
{
	p->copy.claim.unselected = p->unselected.count;
	p->copy.news.kept = followed_known_there(p);
	p->copy.claim.seen =
	    p->settled.count + p->unselected.count + p->copy.news.kept;
	copy_settle(b, &p->folder, &p->copy, p->uidvalidity);
}

enum rc
followed_recall(struct backup *b, struct followed *p, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	if (p->formers > 0)
		p->past = past_new();
	for (i = 0; rc == RC_OK && i < p->formers; i++)
		rc = past_add(p->past, b->archive, p->former[i], f);
	if (rc == RC_OK)
		return RC_OK;
	b->sink_failed = true;
	return RC_STORE;
}

void
followed_renew(struct backup *b, struct followed *p)
{
	size_t i;

	/* Their UIDs mean nothing any more; if they are there they come
	 * under others. */
	for (i = 0; i < p->opens; i++)
		if (uidset_add(&p->settled, p->open[i].msg.uid)) {
			p->copy.claim.gone++;
			b->outcome.gone++;
		}
	followed_close(p);
	followed_lose_known(b, p);
	claim(b, p);
	p->former =
	    xgrow(p->former, p->formers, &p->former_cap, sizeof(*p->former));
	p->former[p->formers++] = p->copy.number;
	p->copy = (struct copy){ .followed = true };
	p->announced = p->resumed = p->whole = p->left = false;
	p->all = (struct folder){ .status_known = false };
	uidset_clear(&p->settled);
	uidset_clear(&p->unselected);
	uidset_clear(&p->gone);
	past_free(p->past);
	p->past = NULL;
}

/* A folder that never could be opened stands there with one refusal of UID 0,
 * so that it does not look like an empty one. */
static void
refuse_whole(struct backup *b, struct followed *p)
{
	struct msg whole = { .keywords = "", .folder = p->copy.number };

	(void)fault_name(p->why, RC_FOLDER, p->folder.name);
	archive_writer_refuse(b->archive, &whole, p->why->text);
	b->outcome.folders_failed++;
	report_fault(b->report, p->why);
}

void
followed_finish(struct backup *b, struct followed *p, const char *reason)
{
	const struct folder *folder = &p->folder;
	struct harvest_folder h = { .folder = folder,
		.uidvalidity = followed_uidvalidity(b, p),
		.owner = &p->copy };
	struct fault f = FAULT_INIT;

	if (!p->announced && (!p->listed || p->why == NULL))
		return;
	if (!p->announced && copy_announce(b, &h, h.uidvalidity, &f) != RC_OK)
		return; /* the final tells */
	followed_refuse_open(b, p, &h, reason);
	if (p->why != NULL && p->listed)
		refuse_whole(b, p);
	claim(b, p);
}
