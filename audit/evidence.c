/* The archive's side: every message that its verified segments hold. */
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

static enum rc
add_message(struct audit *a, const struct archive_entry *e, size_t i,
    struct fault *f)
{
	struct msg m = e->msg;
	struct buf note = BUF_INIT;
	struct item *item;
	struct body body;
	enum rc rc;

	m.keywords = atoms_get(a->atoms, m.keywords, strlen(m.keywords));
	rc = archive_reader_body(a->archive, i, &body, f);
	if (rc != RC_OK)
		return rc;
	item = items_add(&a->evidence, &m, &body.digest);
	item->offset = e->offset;
	if (a->level == LEVEL_HEADER)
		item_key_header(item, &e->fingerprint);
	a->octets += item->msg.size;
	progress_add(a->report, 1, item->msg.size);
	rc = notes_make(&body, &note, f);
	if (rc == RC_OK)
		rc = notes_add(&a->notes, &note, &item->note, f);
	buf_release(&note);
	return rc;
}

static bool
wanted(const struct audit *a, const struct archive_entry *e)
{
	const struct archive_folder *from =
	    archive_reader_folder(a->archive, e->msg.folder);

	return selection_has_folder(a->selection, from->folder.name) &&
	    selection_has_date(a->selection, &e->msg.date);
}

static enum rc
add_segment(struct audit *a, const struct archive_segment *s, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < s->n && rc == RC_OK; i++) {
		if (!wanted(a, &s->entry[i]))
			continue;
		rc = add_message(a, &s->entry[i], i, f);
		if (rc == RC_OK)
			a->evidence.v[a->evidence.n - 1].segment = s->number;
	}
	return rc;
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
		if (rc == RC_END)
			return RC_OK;
		if (rc == RC_OK)
			rc = add_segment(a, s, f);
		if (rc != RC_OK)
			return rc;
	}
}
