#include <stdlib.h>
#include <string.h>

#include "restore.h"
#include "util/mem.h"

size_t
destination_index(struct restore *r, const char *archive_name)
{
	char *name = mapping_apply(r->mapping, archive_name);
	struct destination *d;
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->v[i].name, name) == 0) {
			free(name);
			return i;
		}
	r->v = xgrow(r->v, r->n, &r->cap, sizeof(*r->v));
	r->selected = NULL; /* the array may have moved */
	d = &r->v[r->n];
	memset(d, 0, sizeof(*d));
	d->name = name;
	folder_state_init(&d->state);
	held_init(&d->held);
	return r->n++;
}

void
destination_release(struct destination *d)
{
	free(d->name);
	free(d->why);
	folder_release(&d->folder);
	folder_state_release(&d->state);
	held_release(&d->held);
}

void
destination_lost(struct restore *r)
{
	r->selected = NULL;
}

static enum rc
spoil(struct destination *d, struct fault *f)
{
	d->broken = true;
	free(d->why);
	d->why = xstrdup(f->text);
	return RC_FOLDER;
}

/* RC_END: a dry run, and it is not there. */
static enum rc
make(struct restore *r, struct destination *d, struct fault *f)
{
	const struct folder *there;

	if (d->made)
		return RC_OK;
	there = folders_find(&r->existing, d->name);
	if (there != NULL && (there->attr & FOLDER_NOSELECT) == 0) {
		folder_copy(&d->folder, there);
	} else {
		enum rc rc;

		if (r->dry_run)
			return RC_END;
		rc = r->target->ops->create(r->target, d->name, &d->folder, f);
		if (rc != RC_OK)
			return fault_name(f, rc, d->name);
	}
	d->made = true;
	return RC_OK;
}

/*
 * What earlier runs put there stands for their messages and for no others:
 * by UID where the target told it, by content where it did not.  A folder
 * with another UIDVALIDITY is another folder: then content alone decides.
 */
static void
claim_journaled(struct restore *r, struct destination *d)
{
	const struct journal_entry *e;
	struct held_debt debt;
	size_t i;

	for (i = 0; i < journal_count(r->journal); i++) {
		e = journal_at(r->journal, i);
		if (e->to_uidvalidity != d->state.uidvalidity ||
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

static enum rc
select_folder(struct restore *r, struct destination *d, struct fault *f)
{
	uint32_t before = d->state.uidvalidity;
	enum rc rc;

	folder_state_release(&d->state);
	folder_state_init(&d->state);
	rc = r->target->ops->select(r->target, &d->folder,
	    r->dry_run ? STORE_READ : STORE_APPEND, &d->state, f);
	if (rc != RC_OK)
		return fault_name(f, rc, d->name);
	if (d->known && d->state.uidvalidity != before)
		return fault_set(f, RC_FOLDER, CAUSE_TEMPORARY,
		    "%s: UIDVALIDITY changed while running: run again",
		    d->name);
	r->selected = d;
	return RC_OK;
}

/* First all there is, later (after a lost line) what is new at the end. */
static enum rc
learn(struct restore *r, struct destination *d, struct fault *f)
{
	enum rc rc = RC_OK;

	if (d->state.exists > 0)
		rc = held_scan(&d->held, r->target, f);
	else if (!d->known && d->state.uidnext > 0)
		d->held.next = d->state.uidnext;
	if (rc != RC_OK)
		return fault_name(f, rc, d->name);
	if (!d->known)
		claim_journaled(r, d);
	d->known = true;
	return RC_OK;
}

enum rc
destination_select(struct restore *r, struct destination *d, struct fault *f)
{
	enum rc rc;

	if (d->broken)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED, "%s", d->why);
	if (r->selected == d)
		return RC_OK;
	progress_where(r->report, d->name);
	rc = make(r, d, f);
	if (rc == RC_END)
		return RC_OK;
	if (rc == RC_OK)
		rc = select_folder(r, d, f);
	if (rc == RC_OK)
		rc = learn(r, d, f);
	if (rc == RC_OK)
		return RC_OK;
	r->selected = NULL;
	return rc == RC_STORE ? rc : spoil(d, f);
}

enum rc
destination_make(struct restore *r, struct destination *d, bool subscribe,
    struct fault *f)
{
	const struct folder *there;
	enum rc rc;

	if (d->broken || r->dry_run)
		return RC_OK;
	rc = make(r, d, f);
	there = folders_find(&r->existing, d->name);
	if (rc == RC_OK && subscribe && r->target->ops->subscribe != NULL &&
	    (there == NULL || (there->attr & FOLDER_SUBSCRIBED) == 0))
		rc = r->target->ops->subscribe(r->target, &d->folder, f);
	if (rc == RC_OK || rc == RC_STORE)
		return rc;
	return spoil(d, f);
}
