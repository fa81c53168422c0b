#include "origin.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/location.h"
#include "accounts/open.h"
#include "journal.h"
#include "origin_parts.h"
#include "util/buf.h"
#include "util/mem.h"

void
origin_add(struct origin_items *l, const struct origin_item *item)
{
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = *item;
}

void
origin_free(struct origin *o)
{
	if (o == NULL)
		return;
	archive_reader_free(o->stream);
	lineage_free(o->chain);
	free(o->items.v);
	free(o->refs.v);
	free(o->onto);
	free(o);
}

static enum rc
open_chain(struct origin *o, const struct location *const *archive, size_t n,
    const struct origin_options *opt, struct fault *f)
{
	const struct lineage_options lo = { .key = opt->key, .at = opt->at };
	struct lineage_source *v = xcalloc(n + 1, sizeof(*v));
	struct buf unused = BUF_INIT;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		v[i].name = archive[i]->text;
		rc = archive_open_fd(archive[i], &v[i].fd, &unused, f);
		buf_clear(&unused);
	}
	if (rc == RC_OK)
		rc = lineage_open(v, n, &lo, &o->chain, f);
	else
		while (i-- > 0)
			if (v[i].fd != -1)
				(void)close(v[i].fd);
	buf_release(&unused);
	free(v);
	return rc;
}

static enum rc
open_stream(struct origin *o, const struct location *archive,
    const struct origin_options *opt, struct fault *f)
{
	struct buf unused = BUF_INIT;
	struct stat st;
	enum rc rc;
	int fd;

	rc = archive_open_fd(archive, &fd, &unused, f);
	buf_release(&unused);
	if (rc == RC_OK && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		o->stream_size = (uint64_t)st.st_size;
	if (rc == RC_OK)
		rc = archive_reader_new(fd, archive->text, opt->key,
		    ARCHIVE_KEEP, NULL, &o->stream, f);
	return rc == RC_OK ? stream_check_parent(o, f) : rc;
}

/* What the user kept elsewhere: that nobody put older archives, or fewer, in
 * the place of the newest. */
static enum rc
check_expected(const struct origin *o, const struct origin_options *opt,
    struct fault *f)
{
	const uint32_t last = lineage_last(o->chain);
	const char *name = lineage_name(o->chain, last);
	struct buf hex = BUF_INIT;
	enum rc rc;

	if (opt->last != 0 && opt->last != last)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "%s: is of generation %u, and the last one was to be %u "
		    "(--expect-generation)%s",
		    name, last, opt->last,
		    last < opt->last ? ": newer archives are missing" : "");
	if (opt->final == NULL ||
	    hash_equal(opt->final, &lineage_final(o->chain, last)->hash))
		return RC_OK;
	hash_hex(&hex, opt->final);
	rc = fault_set(f, RC_STORE, CAUSE_DATA,
	    "%s: its final does not have the hash %s (--expect-final): it is "
	    "not the archive that was made last",
	    name, buf_str(&hex));
	buf_release(&hex);
	return rc;
}

/* Standard input last; false when it is there twice. */
static bool
arrange(const struct location *archive, size_t n, const struct location **v,
    bool *input_r)
{
	const struct location *input = NULL;
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (archive[i].kind != LOCATION_STDIO)
			v[k++] = &archive[i];
		else if (input != NULL)
			return false;
		else
			input = &archive[i];
	}
	if (input != NULL)
		v[k] = input;
	*input_r = input != NULL;
	return true;
}

enum rc
origin_open(const struct location *archive, size_t n,
    const struct origin_options *opt, struct origin **r, struct fault *f)
{
	const struct location **v = xcalloc(n, sizeof(*v));
	struct origin *o = xcalloc(1, sizeof(*o));
	bool input, stream;
	enum rc rc = RC_OK;

	if (!arrange(archive, n, v, &input)) {
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "standard input is one archive, and was given twice");
		goto out;
	}
	stream = !opt->chain && opt->at == 0 && opt->last == 0 &&
	    opt->final == NULL && (input || n == 1);
	if (n > 1 || !stream)
		rc = open_chain(o, v, stream ? n - 1 : n, opt, f);
	if (rc == RC_OK && stream)
		rc = open_stream(o, v[n - 1], opt, f);
	else if (rc == RC_OK)
		rc = check_expected(o, opt, f);
out:
	free(v);
	if (rc != RC_OK) {
		origin_free(o);
		o = NULL;
	}
	*r = o;
	return rc;
}

bool
origin_has_chain(const struct origin *o)
{
	return o->chain != NULL;
}

const char *
origin_root(const struct origin *o)
{
	return o->chain != NULL ? lineage_header(o->chain, 1)->id :
				  archive_reader_header(o->stream)->root;
}

const struct archive_header *
origin_header(const struct origin *o)
{
	return o->stream != NULL ?
	    archive_reader_header(o->stream) :
	    lineage_header(o->chain, lineage_at(o->chain));
}

const struct archive_final *
origin_final(const struct origin *o)
{
	return o->stream != NULL ?
	    archive_reader_final(o->stream) :
	    lineage_final(o->chain, lineage_at(o->chain));
}

size_t
origin_folders(const struct origin *o)
{
	return o->stream != NULL ? archive_reader_folders(o->stream) :
				   lineage_folders(o->chain);
}

const struct archive_folder *
origin_folder(const struct origin *o, size_t i)
{
	return o->stream != NULL ?
	    archive_reader_folder(o->stream, (uint32_t)i) :
	    lineage_folder(o->chain, (uint32_t)i);
}

enum rc
origin_next(struct origin *o, origin_wants_fn *wants, void *arg,
    struct fault *f)
{
	enum rc rc = RC_END;

	if (o->stream != NULL && !o->streamed)
		rc = stream_next(o, wants, arg, f);
	if (rc != RC_END)
		return rc;
	o->streamed = true;
	return o->chain != NULL ? chain_next(o, wants, arg, f) : RC_END;
}

size_t
origin_count(const struct origin *o)
{
	return o->items.n;
}

const struct origin_message *
origin_message(const struct origin *o, size_t i)
{
	return &o->items.v[i].m;
}

enum rc
origin_body(struct origin *o, size_t i, struct body *r, struct fault *f)
{
	const struct origin_item *item = &o->items.v[i];
	enum rc rc;

	rc = archive_reader_body(o->at, item->place.line, r, f);
	if (rc == RC_OK && !hash_equal(&r->digest.hash, &item->m.hash))
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "%s/%u: does not have the hash that it has to",
		    item->m.folder, item->m.msg.uid);
	return rc;
}

void
origin_move(struct origin *o, struct archive_load *l)
{
	archive_reader_move(o->at, l);
}

void
origin_share(const struct origin *o, uint64_t *read_r, uint64_t *all_r)
{
	/* what comes behind a delta is known at its end only */
	const bool told = o->stream_size > 0 && o->chain == NULL;

	if (o->stream == NULL || (o->streamed && o->chain != NULL)) {
		*read_r = o->next;
		*all_r = lineage_count(o->chain);
	} else {
		*read_r = told ? o->stream_read : 0;
		*all_r = told ? o->stream_size : UINT64_MAX;
	}
}

void
origin_stop(struct origin *o)
{
	if (o->stream != NULL)
		archive_reader_stop(o->stream);
}

/* A stream may bring messages that the journal knows of an earlier run: in
 * the parents' folders these have UIDs that were not given away then. */
static void
doubt(const struct origin *o, struct journal *j)
{
	const struct archive_folder *from;
	size_t i;

	if (o->stream == NULL)
		journal_doubt(j, NULL, 0, 0);
	for (i = 0; o->stream != NULL && i < lineage_folders(o->chain); i++) {
		from = lineage_folder(o->chain, (uint32_t)i);
		journal_doubt(j, from->folder.name, from->uidvalidity,
		    from->claim.uidnext);
	}
}

enum rc
origin_vouch(struct origin *o, struct journal *j, struct fault *f)
{
	const struct archive_folder *from;
	struct lineage_message m;
	enum rc rc = RC_OK;
	uint32_t i;

	if (journal_count(j) == 0)
		return RC_OK;
	doubt(o, j);
	for (i = 0; rc == RC_OK && i < lineage_count(o->chain); i++) {
		rc = lineage_get(o->chain, i, &m, f);
		if (rc != RC_OK)
			break;
		from = lineage_folder(o->chain, m.msg.folder);
		journal_vouch(j, from->folder.name, from->uidvalidity,
		    m.msg.uid);
	}
	return rc;
}
