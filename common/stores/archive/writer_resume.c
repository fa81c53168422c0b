/*
 * An archive gone on with.  The reader verifies what is there and tells it
 * line by line; the writer keeps each line as if it had written it itself.
 */
#include "stores/archive/resume.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "stores/archive/earlier.h"
#include "stores/archive/layout.h"
#include "stores/archive/prefix.h"
#include "stores/archive/reading.h"
#include "stores/archive/writer_delta.h"
#include "stores/archive/writing.h"
#include "util/mem.h"

/* What the stream is to be, behind the last whole manifest. */
struct mark {
	struct hasher whole;
	struct hash prev, prev_frame;
	uint64_t offset, tar;
	size_t seek; /* octets */
	bool seekable;
	uint32_t segments;
};

struct resume {
	struct archive_writer *w;
	struct archive_reader *r;
	struct outfile *out;
	struct mark mark;
	uint64_t whole;  /* octets of what was verified */
	uint32_t number; /* of segments, then */
};

static void
set_mark(struct resume *x)
{
	const struct archive_reader *r = x->r;

	x->mark = (struct mark){ .prev = r->prev,
		.prev_frame = r->prev_frame,
		.offset = input_offset(r->in),
		.tar = r->tar_size,
		.seek = r->seek.len,
		.seekable = r->seekable,
		.segments = (uint32_t)r->pasts };
	input_hasher(r->in, &x->mark.whole);
}

/* The folders that the last segment announced. */
static void
take_folders(struct resume *x)
{
	const struct archive_reader *r = x->r;
	const struct archive_folder *p;
	uint32_t i;

	for (i = (uint32_t)x->w->folders; i < r->folders; i++) {
		p = &r->folder[i];
		(void)writer_keep_folder(x->w, &p->folder, p->uidvalidity,
		    xstrdup(r->more[i].dir));
		earlier_add_folder(x->w->earlier, p->folder.name);
		writer_find_base(x->w, i);
	}
}

static enum rc
take_entry(struct resume *x, const struct archive_entry *e, struct fault *f)
{
	struct archive_writer *w = x->w;
	struct record r = line_record(e);
	struct layout_name name;
	struct buf path = BUF_INIT;
	bool lettered, same;

	r.keywords = atoms_get(w->atoms, r.keywords, strlen(r.keywords));
	r.segment = x->r->segment.number;
	if (layout_parse(e->path, &name))
		r.virtual_size = name.wide;
	lettered = writer_path(w, &r, &path);
	same = strcmp(buf_str(&path), e->path) == 0;
	buf_release(&path);
	/* Links to it must have the name that it has. */
	if (!same)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "segment %u: another version has named '%s': it cannot "
		    "be gone on with",
		    r.segment, e->path);
	earlier_add(w->earlier, r.folder, &e->msg);
	return writer_keep(w, &r, lettered, f);
}

/*
 * The last segment that the reader has verified.  Dovecot's files are made
 * when all is known, which it is not before the final: without it they go,
 * and are made again.
 */
static enum rc
take_segment(struct resume *x, struct fault *f)
{
	const struct manifest_segment *s = &x->r->segment;
	size_t i;
	enum rc rc = RC_OK;

	x->whole = input_offset(x->r->in);
	x->number = s->number;
	if (s->files + s->dirs > 0 && !x->r->finished)
		return RC_OK;
	take_folders(x);
	for (i = 0; rc == RC_OK && i < s->entries; i++)
		rc = take_entry(x, &s->entry[i], f);
	if (rc != RC_OK)
		return rc;
	manifest_put_past(&x->w->stream.past, s->number, &s->frame,
	    &x->r->prev);
	set_mark(x);
	return RC_OK;
}

/* Not the next whole segment.  What ends there was being written; what does
 * not is damaged, and what is behind must not be thrown away. */
static enum rc
judge_end(struct resume *x, struct fault *f)
{
	const struct fault why = *f;
	uint32_t number = 0;
	enum rc rc;

	if (why.cause != CAUSE_DATA)
		return RC_STORE;
	/* Among Dovecot's files, which are made again. */
	if (x->number > x->mark.segments)
		return RC_OK;
	rc = prefix_behind(x->r, x->out->fd, x->whole, x->number + 1, &number,
	    f);
	if (rc == RC_END)
		return RC_OK;
	if (rc != RC_OK)
		return RC_STORE;
	*f = why;
	return fault_wrap(f, RC_STORE,
	    "segment %u is damaged and segment %u behind it is whole: "
	    "maudit --salvage gets out what is there",
	    x->number + 1, number);
}

/* Whole segments up to the final, or to where none is. */
static enum rc
read_all(struct resume *x, struct fault *f)
{
	enum rc rc;

	set_mark(x);
	while (!x->r->finished) {
		rc = segment_read(x->r, f);
		if (rc != RC_OK)
			return judge_end(x, f);
		rc = take_segment(x, f);
		if (rc != RC_OK)
			return rc;
	}
	earlier_end(x->w->earlier, &x->r->shown.hash);
	return RC_OK;
}

static void
take_stream(struct resume *x)
{
	const struct mark *m = &x->mark;
	const struct archive_header *h = &x->r->header.about;
	struct stream *s = &x->w->stream;

	memcpy(s->id, h->id, sizeof(s->id));
	s->mtime = layout_clamp_time(h->created);
	s->whole = m->whole;
	s->offset = m->offset;
	s->tar = m->tar;
	s->prev = m->prev;
	s->prev_frame = m->prev_frame;
	s->segments = m->segments;
	s->seekable = m->seekable;
	buf_add(&s->seek, x->r->seek.data, m->seek);
	x->w->number = m->segments + 1;
	x->w->segment_size = x->r->header.limits.segment;
}

static void
tell(const struct resume *x, struct archive_resumed *r)
{
	const struct archive_totals *t = &x->w->totals;
	const struct folder_claim *c;
	size_t i;

	r->segments = x->mark.segments;
	r->messages = t->messages;
	r->octets = t->octets;
	r->kept = x->mark.offset;
	r->complete = x->r->finished;
	if (!r->complete)
		return;
	x->w->totals.refused = r->refused = x->r->totals.refused;
	x->w->totals.state = x->r->final.totals.state;
	for (i = 0; i < x->r->folders; i++) {
		c = &x->r->folder[i].claim;
		r->gone += c->gone;
		r->unlisted += c->exists > c->seen ? c->exists - c->seen : 0;
	}
}

/* Now the file is changed. */
static enum rc
go_on(struct resume *x, struct fault *f)
{
	enum rc rc;

	take_stream(x);
	earlier_sort(x->w->earlier);
	rc = outfile_cut(x->out, x->mark.offset, f);
	if (rc == RC_OK && x->r->finished && x->r->final.seek)
		rc = stream_seek_table(&x->w->stream, f);
	if (rc == RC_OK)
		rc = writer_start(x->w, false, f);
	if (rc == RC_OK)
		rc = archive_writer_expect(x->w, x->w->totals.messages, 0, f);
	return rc;
}

/* Whoever gave it that name said that it is whole. */
static enum rc
unfinished(const struct outfile *out, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "'%s' has no end: to go on with what is whole in it, rename it to "
	    "'%s'",
	    out->path, out->part);
}

static enum rc
open_reader(struct resume *x, const struct seckey *key, struct fault *f)
{
	struct pubkey pk;
	int fd;

	seckey_public(key, &pk);
	fd = fcntl(x->out->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot read '%s'",
		    x->out->part);
	return archive_reader_new(fd, x->out->part, &pk,
	    ARCHIVE_MANIFESTS | ARCHIVE_PREFIX, NULL, &x->r, f);
}

static enum rc
resume(struct resume *x, const struct archive_about *a,
    const struct seckey *key, struct archive_resumed *r, struct fault *f)
{
	enum rc rc;

	rc = open_reader(x, key, f);
	if (rc != RC_OK)
		return rc;
	rc = prefix_check_header(x->r, a, f);
	if (rc == RC_OK)
		rc = read_all(x, f);
	if (rc == RC_OK && x->out->reclaimed && !x->r->finished)
		rc = unfinished(x->out, f);
	if (rc == RC_OK) {
		tell(x, r);
		rc = go_on(x, f);
	}
	archive_reader_free(x->r);
	return rc;
}

enum rc
archive_writer_resume(const struct archive_about *a, const struct seckey *key,
    struct outfile *out, struct archive_resumed *r, struct archive_writer **w_r,
    struct fault *f)
{
	struct resume x = { .out = out };
	const off_t size = lseek(out->fd, 0, SEEK_END);
	enum rc rc;

	memset(r, 0, sizeof(*r));
	if (size < 0 || lseek(out->fd, 0, SEEK_SET) < 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot read '%s'",
		    out->part);
	rc = prefix_is_nothing(out->fd, &r->anew, f);
	if (rc == RC_OK && r->anew && out->reclaimed)
		return unfinished(out, f);
	if (rc == RC_OK && r->anew) {
		r->cut = (uint64_t)size;
		rc = outfile_cut(out, 0, f);
		return rc == RC_OK ? archive_writer_new(a, key, out, w_r, f) :
				     rc;
	}
	if (rc != RC_OK)
		return fault_wrap(f, rc, "%s", out->part);
	x.w = writer_make(a, key, out);
	x.w->earlier = earlier_new();
	rc = resume(&x, a, key, r, f);
	if (rc != RC_OK) {
		archive_writer_free(x.w);
		return fault_name(f, rc, out->part);
	}
	r->cut = (uint64_t)size - r->kept;
	*w_r = x.w;
	return RC_OK;
}

uint32_t
archive_writer_earlier(const struct archive_writer *w)
{
	return earlier_folders(w->earlier);
}

void
archive_writer_get_earlier(const struct archive_writer *w, uint32_t number,
    struct archive_earlier *r)
{
	r->number = number;
	r->before = earlier_before(w->earlier, number);
	r->uidvalidity = w->folder[number].uidvalidity;
	r->name = w->folder[number].folder.name;
	r->stored = earlier_uids(w->earlier, number, &r->uid);
	r->flags = earlier_sum(w->earlier, number);
	r->based = w->folder[number].base > 0;
}

bool
archive_writer_find_earlier(const struct archive_writer *w, const char *name,
    struct archive_earlier *r)
{
	const uint32_t number = earlier_find(w->earlier, name);

	if (number == UINT32_MAX)
		return false;
	archive_writer_get_earlier(w, number, r);
	return true;
}
