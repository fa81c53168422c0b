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

/* A member's octets, as far as its line tells of them. */
struct content {
	struct hash hash;
	uint64_t lines; /* LFs */
	bool crlf;      /* one of them behind a CR */
};

static void
count_lines(struct content *c, const unsigned char *p, size_t n, bool *cr)
{
	const unsigned char *const start = p, *const end = p + n;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		c->lines++;
		c->crlf |= p > start ? p[-1] == '\r' : *cr;
		p++;
	}
	*cr = n > 0 && end[-1] == '\r';
}

/* Of n octets at off in the tar. */
static enum rc
look(const struct check *k, uint64_t off, uint64_t n, struct content *r)
{
	struct hasher h;
	const unsigned char *p;
	bool cr = false;
	size_t got;
	enum rc rc;

	memset(r, 0, sizeof(*r));
	hasher_init(&h);
	for (; n > 0; n -= got, off += got) {
		rc = spool_view(k->r->tar, off,
		    n < SIZE_MAX ? (size_t)n : SIZE_MAX, &p, &got, k->f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&h, p, got);
		count_lines(r, p, got, &cr);
	}
	hasher_end(&h, &r->hash);
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
	struct content content;
	enum rc rc;

	if (c->m->type != (line->is_dir ? TAR_DIR : TAR_FILE) ||
	    c->m->size != line->size || strcmp(c->m->path, line->path) != 0 ||
	    c->m->mtime != layout_clamp_time(c->r->header.about.created))
		return bad(c, "is not the one that the manifest names");
	rc = look(c, c->m->data, c->m->size, &content);
	if (rc != RC_OK)
		return rc;
	if (!line->is_dir && !hash_equal(&content.hash, &line->hash))
		return bad(c, "does not have the hash that it has to");
	if (strcmp(line->path, FINAL_PATH) == 0) {
		at->data = c->m->data;
		at->size = c->m->size;
		c->r->shown.hash = content.hash;
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

static enum rc
check_stored(struct check *c, const struct record *r, struct found *found)
{
	struct content content;
	uint64_t wire;
	enum rc rc;

	if (c->m->size != r->size)
		return bad(c, "does not have the size that it has to");
	rc = look(c, c->m->data, c->m->size, &content);
	if (rc != RC_OK)
		return rc;
	wire = r->size + ((r->bits & RECORD_RAW) != 0 ? 0 : content.lines);
	if (!hash_equal(&content.hash, &r->hash))
		return bad(c, "does not have the hash that it has to");
	if ((r->bits & RECORD_RAW) == 0 && content.crlf)
		return bad(c, "does not have the line ends that it has to");
	if (wire != r->wire)
		return bad(c, "does not have the size that it has to");
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
	*found = (struct found){ 0, 0 };
	if (!e->link)
		rc = check_stored(c, &rec, found);
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
