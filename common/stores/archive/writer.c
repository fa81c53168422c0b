#include "stores/archive/writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/manifest.h"
#include "stores/archive/writer_delta.h"
#include "stores/archive/writing.h"
#include "util/clock.h"
#include "util/mem.h"

enum {
	REFUSED_BOUND = 1 << 20,
	MANY = 250000, /* messages */
};

static enum rc
write_header(struct archive_writer *w, const struct archive_about *a,
    struct fault *f)
{
	const int64_t now = clock_utc();
	struct buf key = BUF_INIT, text = BUF_INIT;
	struct pubkey pk;
	enum rc rc;

	w->stream.mtime = layout_clamp_time(now);
	seckey_public(w->stream.key, &pk);
	pubkey_id(&pk, &key);
	manifest_put_header(&text,
	    &(struct header_facts){ .about = a,
		.id = w->stream.id,
		.key_id = buf_str(&key),
		.created = now,
		.segment_size = w->segment_size });
	rc = stream_pair(&w->stream, "header", 0, &text, false, f);
	buf_release(&key);
	buf_release(&text);
	return rc;
}

enum rc
writer_start(struct archive_writer *w, bool many, struct fault *f)
{
	const bool alone = many || sysconf(_SC_NPROCESSORS_ONLN) < 2;
	const struct packer_plan plan = {
		.threads = w->threads > 0 ? w->threads :
		    alone                 ? 1 :
					    2,
		.segment_size = many && w->segment_size > SEGMENT_LEAN ?
		    SEGMENT_LEAN :
		    w->segment_size,
		.effort = w->effort,
		.write = stream_segment,
		.arg = &w->stream,
	};
	enum rc rc;

	rc = packer_new(&plan, &w->packer, f);
	if (rc == RC_OK)
		w->segment = packer_segment(w->packer);
	return rc;
}

struct archive_writer *
writer_make(const struct archive_about *a, const struct seckey *key,
    struct outfile *out)
{
	struct archive_writer *w;

	assert(a->segment_size <= SEGMENT_MAX);
	w = xcalloc(1, sizeof(*w));
	w->segment_size = a->segment_size > 0 ? a->segment_size : SEGMENT_SIZE;
	w->effort = a->best ? FRAME_BEST : FRAME_USUAL;
	w->threads = a->threads;
	w->parent = a->parent;
	w->number = 1;
	stream_init(&w->stream, out, key, w->effort);
	w->ledger = ledger_new();
	w->atoms = atoms_new();
	w->refused = spool_new(REFUSED_BOUND);
	return w;
}

enum rc
archive_writer_new(const struct archive_about *a, const struct seckey *key,
    struct outfile *out, struct archive_writer **r, struct fault *f)
{
	struct archive_writer *w = writer_make(a, key, out);
	enum rc rc;

	rc = write_header(w, a, f);
	if (rc == RC_OK)
		rc = writer_start(w, false, f);
	if (rc != RC_OK) {
		archive_writer_free(w);
		return rc;
	}
	*r = w;
	return RC_OK;
}

void
archive_writer_free(struct archive_writer *w)
{
	size_t i;

	if (w == NULL)
		return;
	packer_free(w->packer);
	for (i = 0; i < w->folders; i++) {
		folder_release(&w->folder[i].folder);
		strs_release(&w->folder[i].words);
		free(w->folder[i].dir);
	}
	free(w->folder);
	table_release(&w->dirs);
	earlier_free(w->earlier);
	free(w->removal);
	free(w->change);
	spool_free(w->refused);
	atoms_free(w->atoms);
	ledger_free(w->ledger);
	stream_release(&w->stream);
	free(w);
}

enum rc
writer_settle(struct archive_writer *w, enum rc rc)
{
	if (rc == RC_STORE)
		w->dead = true;
	return rc;
}

enum rc
writer_check(struct archive_writer *w, struct fault *f)
{
	if (w->dead)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "the archive was written to after a failure");
	return writer_settle(w, packer_check(w->packer, f));
}

struct dir_search {
	const struct archive_writer *w;
	const char *dir;
};

static bool
is_dir(const void *arg, uint32_t id)
{
	const struct dir_search *s = arg;

	return strcmp(s->w->folder[id].dir, s->dir) == 0;
}

/* Two names may give one directory: the second gets "~2" and so on. */
static char *
unique_dir(struct archive_writer *w, const char *name)
{
	char *plain, *dir;
	struct table_cursor c;
	struct dir_search s = { w, NULL };
	unsigned n;

	/* What a delta goes on with stays where it is. */
	plain = writer_parent_dir(w, name);
	if (plain == NULL)
		plain = layout_dir(name);
	dir = xstrdup(plain);
	for (n = 2;; n++) {
		s.dir = dir;
		if (table_first(&w->dirs, XXH3_64bits(dir, strlen(dir)), is_dir,
			&s, &c) == TABLE_NONE)
			break;
		free(dir);
		/* INBOX has no name of its own to put the number behind. */
		dir = xasprintf("%s%s~%u", plain,
		    strchr(plain, '/') == NULL ? "/.INBOX" : "", n);
	}
	free(plain);
	return dir;
}

struct written_folder *
writer_keep_folder(struct archive_writer *w, const struct folder *folder,
    uint32_t uidvalidity, char *dir)
{
	struct written_folder *p;

	w->folder =
	    xgrow(w->folder, w->folders, &w->folder_cap, sizeof(*w->folder));
	p = &w->folder[w->folders];
	memset(p, 0, sizeof(*p));
	folder_copy(&p->folder, folder);
	p->uidvalidity = uidvalidity;
	p->dir = dir;
	table_add(&w->dirs, XXH3_64bits(dir, strlen(dir)),
	    (uint32_t)w->folders++);
	return p;
}

enum rc
archive_writer_folder(struct archive_writer *w, const struct folder *folder,
    uint32_t uidvalidity, uint32_t *number_r, struct fault *f)
{
	struct written_folder *p;
	enum rc rc;

	rc = writer_check(w, f);
	if (rc != RC_OK)
		return rc;
	if (w->folders >= FOLDERS_MAX)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "an archive cannot hold more than %d folders", FOLDERS_MAX);
	if (segment_is_full(w->segment, 0)) {
		rc = writer_settle(w, writer_close(w, f));
		if (rc != RC_OK)
			return rc;
	}
	p = writer_keep_folder(w, folder, uidvalidity,
	    unique_dir(w, folder->name));
	*number_r = (uint32_t)w->folders - 1;
	segment_add_folder(w->segment, *number_r, folder, uidvalidity, p->dir);
	return RC_OK;
}

enum rc
writer_close(struct archive_writer *w, struct fault *f)
{
	enum rc rc;

	if (segment_is_empty(w->segment))
		return RC_OK;
	rc = packer_give(w->packer, f);
	w->segment = packer_segment(w->packer);
	w->number++;
	return rc;
}

enum rc
archive_writer_flush(struct archive_writer *w, struct fault *f)
{
	enum rc rc;

	rc = writer_check(w, f);
	if (rc == RC_OK)
		rc = writer_close(w, f);
	if (rc == RC_OK)
		rc = packer_drain(w->packer, f);
	return writer_settle(w, rc);
}

enum rc
archive_writer_expect(struct archive_writer *w, uint64_t messages,
    uint64_t octets, struct fault *f)
{
	const uint64_t before = w->expected;
	struct packer *old = w->packer;
	enum rc rc;

	w->expected += messages;
	w->coming += octets;
	if (before >= MANY || w->expected < MANY)
		return RC_OK;
	rc = archive_writer_flush(w, f);
	if (rc == RC_OK)
		rc = writer_settle(w, writer_start(w, true, f));
	if (rc == RC_OK)
		packer_free(old);
	return rc;
}
