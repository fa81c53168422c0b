/* The archives' side: what their signed manifests tell. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { BLOCK = 256 }; /* messages taken under one lock */

void
audit_seen(void *arg, uint32_t generation, const struct archive_segment *s)
{
	struct audit *a = arg;
	struct archive_reader *r = lineage_reader(a->chain, generation);
	const struct archive_folder *from;
	const struct msg *m;
	size_t i;

	for (i = 0; i < s->n; i++) {
		m = &s->entry[i].msg;
		from = archive_reader_folder(r, m->folder);
		if (selection_has_folder(a->selection, from->folder.name) &&
		    selection_has_date(a->selection, &m->date))
			progress_add(a->report, 1, m->size);
	}
}

static bool
wanted(const struct audit *a, const struct msg *m)
{
	const struct archive_folder *from = lineage_folder(a->chain, m->folder);

	return selection_has_folder(a->selection, from->folder.name) &&
	    selection_has_date(a->selection, &m->date);
}

static void
add_item(struct audit *a, const struct lineage_message *m)
{
	struct items *l = &a->evidence;
	struct item *item = &l->v[l->n++];

	*item = (struct item){ .key = m->hash,
		.epoch = m->msg.date.epoch,
		.folder = m->msg.folder,
		.uid = m->msg.uid,
		.id = m->id,
		.label = labels_add(a->labels, &m->msg),
		.eol = (uint8_t)m->eol,
		.dated = m->msg.date.known };
	if (a->level != LEVEL_FULL) {
		key_of_header(&m->fingerprint, m->msg.size, &item->key);
		item->eol = 0; /* a header does not show it */
	}
}

static enum rc
add_messages(struct audit *a, uint32_t from, uint32_t to, struct fault *f)
{
	struct lineage_message m;
	enum rc rc = RC_OK;

	pthread_mutex_lock(&a->walk.lock);
	for (; from < to && rc == RC_OK; from++) {
		rc = lineage_get(a->chain, from, &m, f);
		if (rc != RC_OK)
			break;
		a->octets += m.msg.size;
		if (!wanted(a, &m.msg))
			continue;
		a->messages++;
		if (a->target != NULL)
			add_item(a, &m);
	}
	pthread_mutex_unlock(&a->walk.lock);
	return rc;
}

/* What the user knows of the archive that was made last. */
static enum rc
check_final(const struct audit *a, struct fault *f)
{
	const uint32_t last = lineage_last(a->chain);
	const struct hash *final = &lineage_final(a->chain, last)->hash;
	struct buf have = BUF_INIT, want = BUF_INIT;
	enum rc rc;

	if (a->final == NULL || hash_equal(a->final, final))
		return RC_OK;
	hash_hex(&have, final);
	hash_hex(&want, a->final);
	rc = fault_set(f, RC_STORE, CAUSE_DATA,
	    "%s: its final has the hash %s, and not %s (--expect-final): it "
	    "is not the archive that was made last",
	    lineage_name(a->chain, last), buf_str(&have), buf_str(&want));
	buf_release(&have);
	buf_release(&want);
	return rc;
}

enum rc
audit_load_chain(struct audit *a, struct fault *f)
{
	struct items *l = &a->evidence;
	uint32_t n, i, end;
	enum rc rc;

	rc = lineage_read(a->chain, f);
	if (rc == RC_OK)
		rc = check_final(a, f);
	if (rc != RC_OK)
		return rc;
	n = lineage_count(a->chain);
	if (a->target != NULL) {
		l->cap = n;
		l->v = xcalloc((size_t)n + 1, sizeof(*l->v));
	}
	for (i = 0; i < n && rc == RC_OK; i = end) {
		end = n - i > BLOCK ? i + BLOCK : n;
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = add_messages(a, i, end, f);
	}
	if (rc == RC_OK)
		lineage_rest(a->chain);
	return rc;
}
