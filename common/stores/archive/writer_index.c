/*
 * Dovecot's files for each folder.  They go to the end, when all is known,
 * into as many segments as they need.  The canonical state is hashed on
 * the same walk over the sorted records.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/manifest.h"
#include "stores/archive/writer_delta.h"
#include "stores/archive/writing.h"
#include "util/mem.h"

enum { TEXT_BOUND = 1 << 20 };

struct indexer {
	struct archive_writer *w;
	struct mailbox_walk walk;
	struct hasher state;
	struct spool *list; /* the folder's dovecot-uidlist */
	struct buf line;
};

enum rc
writer_add_file(struct archive_writer *w, const char *path, struct spool *text,
    struct fault *f)
{
	enum rc rc = RC_OK;

	if (segment_is_full(w->segment, spool_size(text)))
		rc = writer_close(w, f);
	if (rc != RC_OK)
		return rc;
	return segment_add_file(w->segment, path, w->stream.mtime, text, f);
}

static enum rc
add_text(struct archive_writer *w, const char *dir, const char *name,
    const struct buf *text, struct fault *f)
{
	struct spool *s;
	char *path;
	enum rc rc;

	path = xasprintf("%s/%s", dir, name);
	s = spool_new(text->len);
	rc = spool_add(s, text->data, text->len, f);
	if (rc == RC_OK)
		rc = writer_add_file(w, path, s, f);
	spool_free(s);
	free(path);
	return rc;
}

static enum rc
add_dir(struct archive_writer *w, const char *path, struct fault *f)
{
	enum rc rc = RC_OK;

	if (segment_is_full(w->segment, 0))
		rc = writer_close(w, f);
	if (rc != RC_OK)
		return rc;
	return segment_add_dir(w->segment, path, w->stream.mtime, f);
}

/* The directory itself, and what makes it a Maildir. */
static enum rc
add_maildir(struct archive_writer *w, const char *dir, struct fault *f)
{
	static const char *const part[] = { "cur", "new", "tmp" };
	const struct buf nothing = BUF_INIT;
	char *path;
	size_t i;
	enum rc rc;

	rc = add_dir(w, dir, f);
	for (i = 0; rc == RC_OK && i < sizeof(part) / sizeof(part[0]); i++) {
		path = xasprintf("%s/%s", dir, part[i]);
		rc = add_dir(w, path, f);
		free(path);
	}
	if (rc == RC_OK && strchr(dir, '/') != NULL)
		rc = add_text(w, dir, "maildirfolder", &nothing, f);
	return rc;
}

/* Stays the same from one archive of an account to the next. */
static void
make_guid(const struct written_folder *p, unsigned char *guid)
{
	struct hash h;
	struct buf b = BUF_INIT;

	buf_addf(&b, "mailproof folder\n%" PRIu32 "\n%s", p->uidvalidity,
	    p->folder.name);
	hash_of(b.data, b.len, &h);
	memcpy(guid, h.b, LAYOUT_GUID);
	buf_release(&b);
}

static enum rc
put_list(struct indexer *x, struct fault *f)
{
	return spool_add(x->list, x->line.data, x->line.len, f);
}

/* The folder's messages: lines of its list and of the state.  *last_r is
 * the highest UID, 0 for none. */
static enum rc
walk_folder(struct indexer *x, uint32_t number, uint32_t *last_r,
    struct fault *f)
{
	struct written_folder *p = &x->w->folder[number];
	struct record r;
	enum rc rc;

	*last_r = 0;
	p->claim.stored = 0;
	rc = mailbox_begin(&x->walk, number, f);
	for (; rc == RC_OK; p->claim.stored++) {
		rc = mailbox_next(&x->walk, &r, f);
		if (rc == RC_END)
			break;
		if (rc != RC_OK)
			return rc;
		*last_r = r.uid;
		buf_clear(&x->line);
		state_put_message(&x->line, &r);
		hasher_add(&x->state, x->line.data, x->line.len);
		buf_clear(&x->line);
		layout_uidlist_line(&x->line, p->uidvalidity, &r);
		rc = put_list(x, f);
	}
	x->w->totals.state += p->claim.stored;
	return rc == RC_END ? RC_OK : rc;
}

/* The list again, now that UIDNEXT is known, with its first line. */
static enum rc
add_uidlist(struct indexer *x, const struct written_folder *p, uint32_t last,
    struct fault *f)
{
	unsigned char guid[LAYOUT_GUID];
	uint32_t next = last < UINT32_MAX ? last + 1 : last;
	struct spool *whole;
	const unsigned char *part;
	uint64_t off;
	size_t n;
	char *path;
	enum rc rc;

	if (p->claim.uidnext > next)
		next = p->claim.uidnext;
	make_guid(p, guid);
	buf_clear(&x->line);
	layout_uidlist_begin(&x->line, p->uidvalidity, next, guid);
	whole = spool_new(TEXT_BOUND);
	rc = spool_add(whole, x->line.data, x->line.len, f);
	for (off = 0; rc == RC_OK && off < spool_size(x->list); off += n) {
		rc = spool_view(x->list, off, SIZE_MAX, &part, &n, f);
		if (rc == RC_OK)
			rc = spool_add(whole, part, n, f);
	}
	path = xasprintf("%s/dovecot-uidlist", p->dir);
	if (rc == RC_OK)
		rc = writer_add_file(x->w, path, whole, f);
	free(path);
	spool_free(whole);
	return rc;
}

/* What the ancestors' tar has of the folder is as it would be here. */
static bool
is_there(const struct indexer *x, const struct written_folder *p)
{
	const struct lineage *parent = x->w->parent;
	const struct archive_folder *then;

	if (x->walk.touched)
		return false;
	then = lineage_folder(parent, p->base - 1);
	return strcmp(lineage_dir(parent, p->base - 1), p->dir) == 0 &&
	    then->claim.uidnext == p->claim.uidnext;
}

static enum rc
index_folder(struct indexer *x, uint32_t number, struct fault *f)
{
	const struct written_folder *p = &x->w->folder[number];
	uint32_t last;
	enum rc rc;

	spool_clear(x->list);
	buf_clear(&x->line);
	state_put_folder(&x->line, number, p->uidvalidity, p->folder.name);
	hasher_add(&x->state, x->line.data, x->line.len);
	rc = walk_folder(x, number, &last, f);
	/* A directory would make it a folder that can be selected. */
	if (rc != RC_OK ||
	    ((p->folder.attr & FOLDER_NOSELECT) != 0 && p->claim.stored == 0) ||
	    is_there(x, p))
		return rc;
	if (strchr(p->dir, '/') != NULL)
		rc = add_maildir(x->w, p->dir, f);
	if (rc == RC_OK)
		rc = add_uidlist(x, p, last, f);
	if (rc == RC_OK && p->words.n > 0) {
		buf_clear(&x->line);
		layout_keywords(&x->line, &p->words);
		rc = add_text(x->w, p->dir, "dovecot-keywords", &x->line, f);
	}
	return rc;
}

static enum rc
add_subscriptions(struct indexer *x, struct fault *f)
{
	const struct archive_writer *w = x->w;
	size_t i;

	buf_clear(&x->line);
	for (i = 0; i < w->folders; i++)
		if ((w->folder[i].folder.attr & FOLDER_SUBSCRIBED) != 0)
			layout_subscription(&x->line, w->folder[i].dir);
	return add_text(x->w, "maildir", "subscriptions", &x->line, f);
}

/* Nothing changed: what the ancestors have of it is right. */
static enum rc
index_same(struct indexer *x, struct hash *state_r, struct fault *f)
{
	enum rc rc;

	rc = delta_same(x->w, state_r, f);
	if (rc == RC_OK)
		rc = add_subscriptions(x, f);
	buf_release(&x->line);
	return rc;
}

enum rc
writer_indexes(struct archive_writer *w, struct hash *state_r, struct fault *f)
{
	struct indexer x = { .w = w, .walk = { .w = w }, .line = BUF_INIT };
	uint32_t i;
	enum rc rc;

	if (w->parent != NULL && lineage_is_glance(w->parent))
		return index_same(&x, state_r, f);
	hasher_init(&x.state);
	x.list = spool_new(TEXT_BOUND);
	/* Even without an INBOX the root is a Maildir. */
	rc = add_maildir(w, "maildir", f);
	for (i = 0; rc == RC_OK && i < w->folders; i++)
		rc = index_folder(&x, i, f);
	if (rc == RC_OK)
		rc = mailbox_end(&x.walk, f);
	if (rc == RC_OK)
		rc = add_subscriptions(&x, f);
	hasher_end(&x.state, state_r);
	spool_free(x.list);
	buf_release(&x.line);
	return rc;
}
