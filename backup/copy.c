/* What the archive, its final and the events say of a folder. */
#include "copy.h"

enum rc
copy_enter(struct backup *b, const struct folder *folder, uint32_t uidvalidity,
    struct copy *c, struct fault *f)
{
	struct known_folder *p = NULL;
	enum rc rc;

	if (b->known != NULL)
		p = known_find(b->known, folder->name, uidvalidity);
	if (b->known != NULL && p == NULL)
		p = known_add_folder(b->known, folder->name, uidvalidity);
	c->known = p;
	if (p != NULL && p->number != KNOWN_NONE) {
		c->number = p->number;
		return RC_OK;
	}
	rc = archive_writer_folder(b->archive, folder, uidvalidity, &c->number,
	    f);
	if (rc != RC_OK || p == NULL)
		return rc;
	p->number = c->number;
	if (p->parent != KNOWN_NONE)
		archive_writer_base(b->archive, p->number, p->parent);
	return RC_OK;
}

static void
tell_folder(struct backup *b, const struct folder *folder, const struct copy *c,
    uint32_t uidvalidity)
{
	struct event *e = event_begin(b->report, "folder");

	event_text(e, "folder", folder->name);
	event_number(e, "uidvalidity", uidvalidity);
	event_number(e, "exists", c->claim.exists);
	event_number(e, "seen", c->claim.seen);
	event_number(e, "stored", c->claim.stored);
	event_number(e, "gone", c->claim.gone);
	event_number(e, "refused", c->claim.refused);
	event_number(e, "unselected", c->claim.unselected);
	if (c->known != NULL) {
		event_number(e, "kept", c->news.kept);
		event_number(e, "changed", c->news.changed);
		event_number(e, "removed", c->news.removed);
	}
	event_send(e);
	report_detail(b->report, "%s: %llu stored", folder->name,
	    (unsigned long long)c->claim.stored);
}

void
copy_settle(struct backup *b, const struct folder *folder, const struct copy *c,
    uint32_t uidvalidity)
{
	archive_writer_claim(b->archive, c->number, &c->claim);
	tell_folder(b, folder, c, uidvalidity);
	if (c->known == NULL)
		return;
	c->known->claim = c->claim;
	b->news.added += c->claim.stored;
	b->news.kept += c->news.kept;
	b->news.changed += c->news.changed;
	b->news.removed += c->news.removed;
	b->outcome.already += c->news.kept;
}

enum rc
copy_same(struct backup *b, const struct folder *folder, struct known_folder *p,
    struct fault *f)
{
	struct copy c = { .claim = p->claim };
	enum rc rc;

	rc = copy_enter(b, folder, folder->uidvalidity, &c, f);
	if (rc != RC_OK) {
		b->sink_failed = true;
		return RC_STORE;
	}
	c.claim.uidnext = folder->uidnext;
	c.claim.highestmodseq = folder->modseq;
	c.claim.status_known = true;
	c.claim.status = folder->messages;
	c.claim.stored = 0;
	c.news.kept = p->n - p->gone + p->kept;
	copy_settle(b, folder, &c, folder->uidvalidity);
	return RC_OK;
}

/* A folder of the parent's that is not in the archive. */
static void
tell_missing(struct backup *b, const struct known_folder *p)
{
	const struct known_folder *now = known_named(b->known, p->name, true);
	struct event *e;

	b->news.removed += p->n - p->gone;
	e = event_begin(b->report, "folder-gone");
	event_text(e, "folder", p->name);
	event_number(e, "uidvalidity", p->uidvalidity);
	event_number(e, "removed", p->n - p->gone);
	event_send(e);
	report_note(b->report,
	    now != NULL ? "%s: made anew since then: its UIDVALIDITY was %lu" :
			  "%s: is not there any more (UIDVALIDITY %lu)",
	    p->name, (unsigned long)p->uidvalidity);
}

void
backup_end(struct backup *b)
{
	const struct known_folder *p;
	size_t i;

	if (b->known == NULL)
		return;
	for (i = 0; i < known_folders(b->known); i++) {
		p = known_folder(b->known, i);
		if (p->parent != KNOWN_NONE && p->number == KNOWN_NONE)
			tell_missing(b, p);
	}
	known_write(b->known, b->archive);
}
