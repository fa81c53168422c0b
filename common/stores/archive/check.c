/*
 * The members of a segment's tar against the lines of its manifest: one to
 * one, in order, with nothing between and nothing behind.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/reading.h"
#include "stores/archive/tar.h"
#include "util/mem.h"

struct check {
	struct archive_reader *r;
	struct tar_member *m;
	bool taken;         /* the lines were, by lines_take */
	size_t entry, file; /* next lines */
	struct fault *f;
};

static enum rc
bad(const struct check *c, const char *why)
{
	return fault_set(c->f, RC_STORE, CAUSE_DATA, "member '%s' %s",
	    c->m->path, why);
}

/* The hash of n octets at off in the tar. */
static enum rc
hash_range(const struct check *c, uint64_t off, uint64_t n, struct hash *r)
{
	struct hasher h;
	const unsigned char *p;
	size_t got;
	enum rc rc;

	hasher_init(&h);
	for (; n > 0; n -= got, off += got) {
		rc = spool_view(c->r->tar, off,
		    n < SIZE_MAX ? (size_t)n : SIZE_MAX, &p, &got, c->f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&h, p, got);
	}
	hasher_end(&h, r);
	return RC_OK;
}

static bool
is_same_path(const void *want, const struct record *have)
{
	const struct record *r = want;

	return r->path == have->path;
}

/* Remembers the member; its path must be new. */
static enum rc
remember(struct check *c, struct record *r)
{
	struct record twin;
	enum rc rc;

	r->path = XXH3_64bits(c->m->path, strlen(c->m->path));
	r->segment = c->r->segment.number;
	r->data = c->m->data;
	rc = ledger_find(c->r->ledger, r->path, is_same_path, r, &twin, c->f);
	if (rc == RC_OK)
		return bad(c, "comes a second time");
	return rc == RC_END ? ledger_add(c->r->ledger, r, &r->path, c->f) : rc;
}

static enum rc
check_file(struct check *c, const struct manifest_file *line)
{
	struct record r = { .bits = RECORD_FILE, .keywords = "" };
	struct final_place *at = &c->r->final_at;
	struct hash hash;
	enum rc rc;

	if (c->m->type != (line->is_dir ? TAR_DIR : TAR_FILE) ||
	    c->m->size != line->size || strcmp(c->m->path, line->path) != 0 ||
	    c->m->mtime != layout_clamp_time(c->r->header.about.created))
		return bad(c, "is not the one that the manifest names");
	rc = hash_range(c, c->m->data, c->m->size, &hash);
	if (rc != RC_OK)
		return rc;
	if (!line->is_dir && !hash_equal(&hash, &line->hash))
		return bad(c, "does not have the hash that it has to");
	if (strcmp(line->path, FINAL_PATH) == 0) {
		at->data = c->m->data;
		at->size = c->m->size;
		c->r->shown.hash = hash;
	} else if (strcmp(line->path, FINAL_PATH SIGNATURE_SUFFIX) == 0) {
		at->sig_data = c->m->data;
		at->sig_size = c->m->size;
	} else if (strcmp(line->path, "maildir") != 0 &&
	    strncmp(line->path, "maildir/", 8) != 0) {
		return bad(c, "lies where nothing may");
	}
	return c->taken ? RC_OK : remember(c, &r);
}

/* What a hard link leads to must have been stored before, and be equal. */
static enum rc
check_link(struct check *c, const struct record *r, struct found *found)
{
	const unsigned bits = RECORD_DATED | RECORD_RAW;
	struct record want = { .path = XXH3_64bits(c->m->target,
				   strlen(c->m->target)) };
	struct record twin;
	enum rc rc;

	rc = ledger_find(c->r->ledger, want.path, is_same_path, &want, &twin,
	    c->f);
	if (rc == RC_END)
		return bad(c, "is a link to nothing");
	if (rc != RC_OK)
		return rc;
	if ((twin.bits & (RECORD_LINK | RECORD_FILE)) != 0 ||
	    (twin.bits & bits) != (r->bits & bits) ||
	    !hash_equal(&twin.hash, &r->hash) || twin.epoch != r->epoch ||
	    twin.size != r->size || twin.wire != r->wire)
		return bad(c, "is a link to another message");
	found->segment = twin.segment;
	found->data = twin.data;
	return RC_OK;
}

/* What a reference leads to lies in another archive; its name tells some of
 * what it must be. */
static enum rc
check_reference(struct check *c, const struct record *r, struct found *found)
{
	struct layout_name name;

	if (!manifest_path_ok(c->m->target) ||
	    !layout_parse(c->m->target, &name) || name.size != r->size ||
	    memcmp(name.hash, r->hash.b, LAYOUT_SHORT) != 0)
		return bad(c, "is a link to another message");
	found->target = XXH3_64bits(c->m->target, strlen(c->m->target));
	return RC_OK;
}

static enum rc
check_stored(struct check *c, const struct record *r, struct found *found)
{
	struct body body;
	enum rc rc;

	if (c->m->size != r->size)
		return bad(c, "does not have the size that it has to");
	rc = body_at(c->r->tar, c->m->data, c->m->size,
	    (r->bits & RECORD_RAW) != 0 ? EOL_RAW : EOL_CRLF, &body, c->f);
	if (rc == RC_MESSAGE)
		return bad(c, "does not have the line ends that it has to");
	if (rc != RC_OK)
		return rc;
	if (!hash_equal(&body.digest.hash, &r->hash))
		return bad(c, "does not have the hash that it has to");
	if (body.digest.wire_size != r->wire)
		return bad(c, "does not have the size that it has to");
	found->digest = body.digest;
	found->segment = c->r->segment.number;
	found->data = c->m->data;
	return RC_OK;
}

static enum rc
check_entry(struct check *c, const struct archive_entry *e, struct found *found)
{
	struct archive_reader *r = c->r;
	struct record rec = line_record(e);
	const char *why;
	size_t letters;
	enum rc rc;

	if (c->m->type != (e->link ? TAR_LINK : TAR_FILE) ||
	    strcmp(c->m->path, e->path) != 0 ||
	    c->m->mtime != layout_time(&rec))
		return bad(c, "is not the one that the manifest names");
	why = line_fault(r, e, &rec, &letters);
	if (why != NULL)
		return bad(c, why);
	*found = (struct found){ .segment = 0 };
	if (!e->link)
		rc = check_stored(c, &rec, found);
	else if (e->reference.generation > 0)
		rc = check_reference(c, &rec, found);
	else
		rc = c->taken ? RC_OK : check_link(c, &rec, found);
	if (rc != RC_OK || c->taken)
		return rc;
	rc = remember(c, &rec);
	if (rc == RC_OK)
		line_count(r, &rec, letters);
	return rc;
}

/* The line that tells of the member at this offset. */
static enum rc
check_member(struct check *c)
{
	const struct manifest_segment *s = &c->r->segment;
	size_t i;

	if (c->entry < s->entries &&
	    s->entry[c->entry].offset == c->m->offset) {
		i = c->entry++;
		return check_entry(c, &s->entry[i], &c->r->found[i]);
	}
	if (c->file < s->files && s->file[c->file].offset == c->m->offset)
		return check_file(c, &s->file[c->file++]);
	return bad(c, "is not in the manifest");
}

enum rc
check_members(struct archive_reader *r, bool taken, struct fault *f)
{
	const struct manifest_segment *s = &r->segment;
	struct check c = { .r = r, .f = f, .taken = taken };
	uint64_t at = 0;
	enum rc rc;

	if (s->entries > r->found_cap) {
		r->found =
		    xreallocarray(r->found, s->entries, sizeof(*r->found));
		r->found_cap = s->entries;
	}
	c.m = xmalloc(sizeof(*c.m));
	do {
		rc = tar_next(r->tar, &at, c.m, f);
		if (rc == RC_OK)
			rc = check_member(&c);
	} while (rc == RC_OK);
	free(c.m);
	if (rc != RC_END)
		return rc;
	if (at != spool_size(r->tar))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "something lies behind the last member");
	if (c.entry != s->entries || c.file != s->files)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "the manifest names a member that is not there");
	return RC_OK;
}
