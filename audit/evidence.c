/* The archive's side: what its signed manifests tell. */
#include <pthread.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { BLOCK = 512 }; /* members of a tar start at multiples of it */

static bool
wanted(const struct audit *a, const struct archive_entry *e)
{
	const struct archive_folder *from =
	    archive_reader_folder(a->archive, e->msg.folder);

	return selection_has_folder(a->selection, from->folder.name) &&
	    selection_has_date(a->selection, &e->msg.date);
}

static void
add_link(struct items *l, struct item *item, const struct archive_entry *e,
    struct archive_place target)
{
	l->link = xgrow(l->link, l->links, &l->link_cap, sizeof(*l->link));
	item->linked = true;
	item->line = (uint32_t)l->links;
	l->link[l->links++] =
	    (struct link){ target, (uint32_t)(e->offset / BLOCK) };
}

static void
add_item(struct audit *a, const struct archive_segment *s, size_t i)
{
	const struct archive_entry *e = &s->entry[i];
	struct items *l = &a->evidence;
	struct item *item;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	item = &l->v[l->n++];
	*item = (struct item){ .key = e->hash,
		.epoch = e->msg.date.epoch,
		.folder = e->msg.folder,
		.uid = e->msg.uid,
		.segment = s->number,
		.line = (uint32_t)i,
		.label = labels_add(a->labels, &e->msg),
		.eol = (uint8_t)e->eol,
		.dated = e->msg.date.known };
	if (a->level != LEVEL_FULL) {
		key_of_header(&e->fingerprint, e->msg.size, &item->key);
		item->eol = 0; /* a header does not show it */
	}
	if (e->link)
		add_link(l, item, e, archive_reader_place(a->archive, i));
}

static void
add_segment(struct audit *a, const struct archive_segment *s)
{
	size_t i;

	pthread_mutex_lock(&a->walk.lock);
	for (i = 0; i < s->n; i++) {
		if (!wanted(a, &s->entry[i]))
			continue;
		a->messages++;
		if (a->target != NULL)
			add_item(a, s, i);
		else
			progress_add(a->report, 1, s->entry[i].msg.size);
	}
	pthread_mutex_unlock(&a->walk.lock);
}

enum rc
audit_load_archive(struct audit *a, struct fault *f)
{
	const struct archive_segment *s;
	enum rc rc;

	for (;;) {
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = archive_reader_next(a->archive, &s, f);
		if (rc != RC_OK)
			return rc == RC_END ? RC_OK : rc;
		add_segment(a, s);
	}
}
