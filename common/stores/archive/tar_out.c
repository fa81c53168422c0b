#include "stores/archive/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "util/mem.h"

struct tar_out {
	struct archive *archive; /* NULL until the first member */
	struct archive_entry *entry;
	tar_sink_fn *sink;
	void *arg;
	struct fault *fault; /* where the sink may put its story */
	enum rc rc;          /* what the sink said last */
};

struct tar_out *
tar_out_new(tar_sink_fn *sink, void *arg)
{
	struct tar_out *t;

	t = xcalloc(1, sizeof(*t));
	t->sink = sink;
	t->arg = arg;
	return t;
}

void
tar_out_free(struct tar_out *t)
{
	if (t == NULL)
		return;
	/* libarchive wants to write the end of an archive, and leaks when it
	 * may not: nobody listens any more. */
	t->sink = NULL;
	if (t->archive != NULL)
		(void)archive_write_free(t->archive);
	archive_entry_free(t->entry);
	free(t);
}

static la_ssize_t
take(struct archive *a, void *arg, const void *p, size_t n)
{
	struct tar_out *t = arg;

	(void)a;
	/* A failure is kept from libarchive, too: see result. */
	if (t->sink != NULL && t->rc == RC_OK)
		t->rc = t->sink(t->arg, p, n, t->fault);
	return (la_ssize_t)n;
}

/* What libarchive said; the sink's own story is already in *f. */
static enum rc
result(struct tar_out *t, int code, struct fault *f)
{
	t->fault = NULL;
	if (t->rc != RC_OK)
		return t->rc;
	if (code == ARCHIVE_OK)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_BUG, "libarchive: %s",
	    archive_error_string(t->archive));
}

static enum rc
make_archive(struct tar_out *t, struct fault *f)
{
	int code;

	t->archive = archive_write_new();
	t->entry = archive_entry_new();
	if (t->archive == NULL || t->entry == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	code = archive_write_set_format_pax_restricted(t->archive);
	/* Without blocks of its own nothing stays behind in libarchive. */
	if (code == ARCHIVE_OK)
		code = archive_write_set_bytes_per_block(t->archive, 0);
	if (code == ARCHIVE_OK)
		code = archive_write_open(t->archive, t, NULL, take, NULL);
	return result(t, code, f);
}

enum rc
tar_out_begin(struct tar_out *t, const struct tar_head *h, struct fault *f)
{
	struct archive_entry *e;
	enum rc rc;

	t->rc = RC_OK;
	if (t->archive == NULL) {
		rc = make_archive(t, f);
		if (rc != RC_OK)
			return rc;
	}
	e = archive_entry_clear(t->entry);
	archive_entry_set_pathname(e, h->path);
	archive_entry_set_filetype(e, h->type == TAR_DIR ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(e, h->type == TAR_DIR ? 0700 : 0600);
	archive_entry_set_mtime(e, h->mtime, 0);
	archive_entry_set_size(e,
	    h->type == TAR_FILE ? (la_int64_t)h->size : 0);
	if (h->type == TAR_LINK)
		archive_entry_set_hardlink(e, h->target);
	t->fault = f;
	return result(t, archive_write_header(t->archive, e), f);
}

enum rc
tar_out_data(struct tar_out *t, const void *p, size_t n, struct fault *f)
{
	la_ssize_t put;

	if (n == 0)
		return RC_OK;
	t->fault = f;
	put = archive_write_data(t->archive, p, n);
	if (t->rc == RC_OK && put >= 0 && (size_t)put != n)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "a member gets more than was announced");
	return result(t, put < 0 ? ARCHIVE_FATAL : ARCHIVE_OK, f);
}

enum rc
tar_out_spool(struct tar_out *t, struct spool *s, struct fault *f)
{
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	for (off = 0; off < spool_size(s); off += n) {
		rc = spool_view(s, off, SIZE_MAX, &p, &n, f);
		if (rc == RC_OK)
			rc = tar_out_data(t, p, n, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
tar_out_end(struct tar_out *t, struct fault *f)
{
	t->fault = f;
	return result(t, archive_write_finish_entry(t->archive), f);
}
