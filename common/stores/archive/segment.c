#include "stores/archive/segment.h"

#include <stdlib.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/manifest.h"
#include "stores/archive/tar.h"
#include "util/mem.h"

struct segment {
	uint64_t target; /* octets of tar to be closed at */
	struct spool *tar;
	struct tar_out *members; /* into tar */
	struct buf folders;      /* lines */
	struct buf lines;        /* of members */
	uint32_t messages, links, files, dirs;
};

static enum rc
put(void *arg, const void *p, size_t n, struct fault *f)
{
	return spool_add(arg, p, n, f);
}

static size_t
memory(uint64_t size)
{
	return (size_t)(size < SEGMENT_MEMORY ? size : SEGMENT_MEMORY) +
	    TAR_SLACK;
}

size_t
segment_packed_bound(uint64_t size)
{
	return frame_out_bound(memory(size));
}

struct segment *
segment_new(uint64_t size)
{
	struct segment *s;

	s = xcalloc(1, sizeof(*s));
	s->target = size;
	s->tar = spool_new(memory(size));
	s->members = tar_out_new(put, s->tar);
	return s;
}

void
segment_free(struct segment *s)
{
	if (s == NULL)
		return;
	tar_out_free(s->members);
	spool_free(s->tar);
	buf_release(&s->folders);
	buf_release(&s->lines);
	free(s);
}

void
segment_clear(struct segment *s)
{
	spool_clear(s->tar);
	buf_clear(&s->folders);
	buf_clear(&s->lines);
	s->messages = s->links = s->files = s->dirs = 0;
}

size_t
segment_memory(const struct segment *s)
{
	return spool_memory(s->tar);
}

void
segment_forget(struct segment *s)
{
	spool_forget(s->tar);
}

bool
segment_is_empty(const struct segment *s)
{
	return s->lines.len == 0 && s->folders.len == 0;
}

bool
segment_is_full(const struct segment *s, uint64_t octets)
{
	if (segment_lines(s) >= MANIFEST_CLOSE)
		return true;
	return s->lines.len > 0 &&
	    spool_size(s->tar) + TAR_BLOCK + octets > s->target;
}

size_t
segment_lines(const struct segment *s)
{
	return s->folders.len + s->lines.len;
}

uint64_t
segment_size(const struct segment *s)
{
	return spool_size(s->tar);
}

void
segment_add_folder(struct segment *s, uint32_t number,
    const struct folder *folder, uint32_t uidvalidity, const char *dir)
{
	manifest_put_folder(&s->folders, number, folder, uidvalidity, dir);
}

static enum rc
put_body(void *arg, const void *p, size_t n, struct fault *f)
{
	return tar_out_data(arg, p, n, f);
}

enum rc
segment_add(struct segment *s, const struct segment_message *m, struct fault *f)
{
	const struct tar_head head = {
		.type = m->target != NULL ? TAR_LINK : TAR_FILE,
		.path = m->path,
		.target = m->target,
		.size = m->record->size,
		.mtime = layout_time(m->record),
	};
	enum rc rc;

	m->record->offset = spool_size(s->tar);
	rc = tar_out_begin(s->members, &head, f);
	if (rc == RC_OK && m->target == NULL)
		rc = body_file(m->body, put_body, s->members, f);
	if (rc == RC_OK)
		rc = tar_out_end(s->members, f);
	if (rc != RC_OK)
		return rc;
	manifest_put_message(&s->lines, m->record, m->fingerprint, &m->from,
	    m->path);
	if (m->target != NULL)
		s->links++;
	else
		s->messages++;
	return RC_OK;
}

static enum rc
hash_spool(struct spool *s, struct hash *r, struct fault *f)
{
	struct hasher h;
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	hasher_init(&h);
	for (off = 0; off < spool_size(s); off += n) {
		rc = spool_view(s, off, SIZE_MAX, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&h, p, n);
	}
	hasher_end(&h, r);
	return RC_OK;
}

static enum rc
add_other(struct segment *s, const struct tar_head *head, struct spool *text,
    struct fault *f)
{
	struct manifest_file line = {
		.is_dir = text == NULL,
		.offset = spool_size(s->tar),
		.size = head->size,
		.path = head->path,
	};
	enum rc rc;

	rc = tar_out_begin(s->members, head, f);
	if (rc == RC_OK && text != NULL)
		rc = hash_spool(text, &line.hash, f);
	if (rc == RC_OK && text != NULL)
		rc = tar_out_spool(s->members, text, f);
	if (rc == RC_OK)
		rc = tar_out_end(s->members, f);
	if (rc != RC_OK)
		return rc;
	manifest_put_file(&s->lines, &line);
	return RC_OK;
}

enum rc
segment_add_file(struct segment *s, const char *path, int64_t mtime,
    struct spool *text, struct fault *f)
{
	const struct tar_head head = { .type = TAR_FILE,
		.path = path,
		.size = spool_size(text),
		.mtime = mtime };

	s->files++;
	return add_other(s, &head, text, f);
}

enum rc
segment_add_dir(struct segment *s, const char *path, int64_t mtime,
    struct fault *f)
{
	const struct tar_head head = { .type = TAR_DIR,
		.path = path,
		.mtime = mtime };

	s->dirs++;
	return add_other(s, &head, NULL, f);
}

enum rc
segment_pack(struct segment *s, struct frame_out *z, struct spool *to,
    struct frame *r, struct fault *f)
{
	return frame_out_spool(z, s->tar, to, r, f);
}

void
segment_lines_to(const struct segment *s, struct buf *out)
{
	buf_add(out, s->folders.data, s->folders.len);
	buf_add(out, s->lines.data, s->lines.len);
	buf_addf(out, "count\t%u\t%u\t%u\t%u\n", s->messages, s->links,
	    s->files, s->dirs);
}

void
segment_manifest(const struct segment_chain *c, const struct buf *lines,
    struct buf *out)
{
	const struct frame *d = c->frame;

	manifest_put_begin(out, "segment", c->id);
	buf_addf(out, "segment\t%u\nprev\t", c->number);
	hash_hex(out, c->prev);
	buf_addc(out, '\t');
	hash_hex(out, c->prev_frame);
	buf_addf(out, "\nframe\t%llu\t%llu\t%llu\t",
	    (unsigned long long)d->offset, (unsigned long long)d->compressed,
	    (unsigned long long)d->size);
	hash_hex(out, &d->hash);
	buf_addc(out, '\n');
	buf_add(out, lines->data, lines->len);
	buf_adds(out, "end\n");
}
