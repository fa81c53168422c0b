#include "destination.h"

#include <stdlib.h>
#include <string.h>

#include "settle.h"
#include "util/mem.h"

struct destination *
destination_new(char *name)
{
	struct destination *d = xcalloc(1, sizeof(*d));

	d->name = name;
	folder_state_init(&d->state);
	held_init(&d->held);
	folder_state_init(&d->question.state);
	return d;
}

static void
forget_question(struct destination *d)
{
	folder_release(&d->question.folder);
	folder_state_release(&d->question.state);
	memset(&d->question, 0, sizeof(d->question));
	folder_state_init(&d->question.state);
	d->asked = false;
}

void
destination_free(struct destination *d)
{
	forget_question(d);
	free(d->name);
	free(d->why);
	free(d->source);
	stood_release(&d->stood);
	folder_release(&d->folder);
	folder_state_release(&d->state);
	held_release(&d->held);
	free(d);
}

void
destination_lost(struct destination *d)
{
	forget_question(d);
	d->stale = d->known;
}

static enum rc
spoil(struct destination *d, struct fault *f)
{
	d->broken = true;
	free(d->why);
	d->why = xstrdup(f->text);
	return RC_FOLDER;
}

/* The folder when it was there before we came. */
static const struct folder *
existing(const struct restore *r, const struct destination *d)
{
	const struct folder *there = folders_find(&r->existing, d->name);

	if (there == NULL || (there->attr & FOLDER_NOSELECT) != 0)
		return NULL;
	return there;
}

void
destination_adopt(const struct restore *r, struct destination *d)
{
	const struct folder *there = existing(r, d);

	if (d->made || there == NULL)
		return;
	folder_copy(&d->folder, there);
	d->made = true;
}

/* RC_END: a dry run, and it is not there. */
static enum rc
make(struct lane *l, struct destination *d, struct fault *f)
{
	enum rc rc;

	destination_adopt(l->restore, d);
	if (d->made)
		return RC_OK;
	if (l->restore->dry_run)
		return RC_END;
	rc = lane_await(l, f);
	if (rc == RC_OK)
		rc = l->store->ops->create(l->store, d->name, &d->folder, f);
	if (rc != RC_OK)
		return fault_name(f, rc, d->name);
	d->made = true;
	return RC_OK;
}

static struct destination_source *
find_source(const struct destination *d, const char *folder)
{
	size_t i;

	for (i = 0; i < d->sources; i++)
		if (d->source[i].folder == folder ||
		    strcmp(d->source[i].folder, folder) == 0)
			return &d->source[i];
	return NULL;
}

static bool
is_outdated(const struct restore *r, const struct destination *d,
    const struct journal_entry *e)
{
	const struct destination_source *s =
	    find_source(d, journal_folder(r->journal, e->folder));

	return s != NULL && s->uidvalidity != e->uidvalidity;
}

static bool
has_outdated(const struct restore *r, const struct destination *d)
{
	size_t i;

	for (i = 0; i < journal_count(r->journal); i++)
		if (is_outdated(r, d, journal_at(r->journal, i)))
			return true;
	return false;
}

enum rc
destination_expect(struct lane *l, struct destination *d, const char *folder,
    uint32_t uidvalidity, struct fault *f)
{
	struct destination_source *s = find_source(d, folder);
	enum rc rc;
	bool new = s == NULL;

	if (!new && s->uidvalidity == uidvalidity)
		return RC_OK;
	if (new) {
		d->source = xgrow(d->source, d->sources, &d->sources_cap,
		    sizeof(*d->source));
		s = &d->source[d->sources++];
	}
	*s = (struct destination_source){ folder, uidvalidity };
	if (!d->known || (new && !has_outdated(l->restore, d)))
		return RC_OK;
	/* What is on its way there is known when it has arrived. */
	rc = lane_await(l, f);
	held_release(&d->held);
	d->known = d->stale = false;
	return rc;
}

/*
 * What earlier runs put there stands for their messages and for no others:
 * by UID where the target told it, by content where it did not.  A folder
 * with another UIDVALIDITY is another folder: then content alone decides; so
 * it does about what stands for a message that the source has no more, or
 * has under another name (a chain knows).
 */
static void
claim_journaled(const struct restore *r, struct destination *d)
{
	const struct journal_entry *e;
	struct held_debt debt;
	size_t i;

	/* Of a rollback the content decides about everything. */
	if (r->rollback != NULL)
		return;
	for (i = 0; i < journal_count(r->journal); i++) {
		e = journal_at(r->journal, i);
		if (e->doubted || e->gone ||
		    e->to_uidvalidity != d->state.uidvalidity ||
		    is_outdated(r, d, e) ||
		    strcmp(journal_folder(r->journal, e->to_folder), d->name) !=
			0)
			continue;
		if (e->to_uid != 0) {
			(void)held_claim_uid(&d->held, e->to_uid);
			continue;
		}
		debt.fp = e->fp;
		memcpy(debt.canon, e->canon, sizeof(debt.canon));
		debt.owner = e;
		held_owe(&d->held, &debt);
	}
}

static void
become_known(const struct restore *r, struct destination *d)
{
	if (!d->known && d->state.exists == 0 && d->state.uidnext > 0)
		d->held.next = d->state.uidnext;
	if (!d->known)
		claim_journaled(r, d);
	d->known = true;
	d->stale = false;
}

bool
destination_may_ask(const struct restore *r, const struct destination *d)
{
	const struct folder *there;

	if (r->target->ops->ask == NULL || r->dry_run || d->known ||
	    d->broken || d->asked || d->made)
		return false;
	there = existing(r, d);
	return there == NULL || !there->status_known || there->messages == 0;
}

enum rc
destination_ask(struct lane *l, struct destination *d, unsigned what,
    struct fault *f)
{
	struct store_question *q = &d->question;
	const struct folder *there =
	    d->made ? &d->folder : existing(l->restore, d);

	q->name = d->name;
	q->what = what;
	if (there != NULL) {
		q->what &= ~(unsigned)ASK_CREATE;
		folder_copy(&q->folder, there);
	}
	d->asked = true;
	if ((what & ASK_SELECT) != 0)
		l->selected = NULL;
	return l->store->ops->ask(l->store, q, f);
}

void
destination_answered(struct restore *r, struct destination *d)
{
	struct store_question *q = &d->question;

	if (!d->asked)
		return;
	/* A folder that can be selected is there, whatever CREATE said. */
	if (!d->made && (q->done & (ASK_SELECT | ASK_CREATE)) != 0) {
		d->folder = q->folder;
		memset(&q->folder, 0, sizeof(q->folder));
		d->made = true;
	}
	if (!d->known && (q->done & ASK_SELECT) != 0 && q->state.exists == 0) {
		d->state = q->state;
		folder_state_init(&q->state);
		become_known(r, d);
	}
	forget_question(d);
}

static enum rc
select_folder(struct lane *l, struct destination *d, struct fault *f)
{
	uint32_t before = d->state.uidvalidity;
	enum rc rc;

	l->selected = NULL;
	folder_state_release(&d->state);
	folder_state_init(&d->state);
	rc = l->store->ops->select(l->store, &d->folder,
	    l->restore->dry_run ? STORE_READ : STORE_APPEND, &d->state, f);
	if (rc != RC_OK)
		return fault_name(f, rc, d->name);
	if (d->known && d->state.uidvalidity != before)
		return fault_set(f, RC_FOLDER, CAUSE_TEMPORARY,
		    "%s: UIDVALIDITY changed while running: run again",
		    d->name);
	l->selected = d;
	return RC_OK;
}

enum rc
destination_select(struct lane *l, struct destination *d, struct fault *f)
{
	enum rc rc;

	if (l->selected == d)
		return RC_OK;
	rc = lane_await(l, f);
	if (rc == RC_OK)
		rc = select_folder(l, d, f);
	return rc == RC_OK || rc == RC_STORE ? rc : spoil(d, f);
}

/* First all there is, later (after a lost line) what is new at the end. */
static enum rc
learn(struct lane *l, struct destination *d, struct fault *f)
{
	enum rc rc = RC_OK;

	if (d->state.exists > 0)
		rc = held_scan(&d->held, l->store, f);
	if (rc != RC_OK)
		return fault_name(f, rc, d->name);
	become_known(l->restore, d);
	return RC_OK;
}

enum rc
destination_open(struct lane *l, struct destination *d, struct fault *f)
{
	enum rc rc = RC_OK;

	if (d->broken)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED, "%s", d->why);
	if (d->asked) {
		if (d->question.open != 0)
			rc = lane_await(l, f);
		if (rc != RC_OK)
			return rc;
		destination_answered(l->restore, d);
	}
	if (d->known && !d->stale)
		return RC_OK;
	settle_where(l->restore, d->name);
	rc = make(l, d, f);
	if (rc == RC_END)
		return RC_OK;
	if (rc == RC_OK)
		rc = lane_await(l, f);
	if (rc == RC_OK)
		rc = select_folder(l, d, f);
	if (rc == RC_OK)
		rc = learn(l, d, f);
	if (rc == RC_OK)
		return RC_OK;
	l->selected = NULL;
	return rc == RC_STORE ? rc : spoil(d, f);
}

enum rc
destination_make(struct lane *l, struct destination *d, bool subscribe,
    struct fault *f)
{
	enum rc rc;

	if (d->broken || l->restore->dry_run)
		return RC_OK;
	rc = make(l, d, f);
	if (rc == RC_OK && subscribe && l->store->ops->subscribe != NULL)
		rc = l->store->ops->subscribe(l->store, &d->folder, f);
	if (rc == RC_OK || rc == RC_STORE)
		return rc;
	return spoil(d, f);
}
