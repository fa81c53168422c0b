#include <assert.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/reading.h"
#include "util/text.h"

bool
archive_reader_incomplete(const struct archive_reader *r)
{
	return r->incomplete;
}

size_t
archive_reader_folders(const struct archive_reader *r)
{
	return r->folders;
}

const struct archive_folder *
archive_reader_folder(const struct archive_reader *r, uint32_t number)
{
	return number < r->folders ? &r->folder[number] : NULL;
}

const struct archive_final *
archive_reader_final(const struct archive_reader *r)
{
	return r->complete ? &r->shown : NULL;
}

uint64_t
archive_final_lost(const struct archive_final *final)
{
	const size_t n = sizeof(LOST_REASON) - 1;
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < final->refusals; i++)
		lost += strncmp(final->refusal[i].reason, LOST_REASON, n) == 0;
	return lost;
}

void
archive_lost_text(struct buf *b, const struct archive_header *header,
    const struct archive_final *final)
{
	uint64_t lost = archive_final_lost(final);
	const bool endless = !header->origin_ended && lost > 0;

	lost -= endless;
	if (lost > 0 || !endless) {
		text_count(b, lost, "message");
		buf_adds(b, lost == 1 ? " was lost" : " were lost");
	}
	if (endless)
		buf_addf(b,
		    "%swhat lay behind its end was lost, and nobody knows how "
		    "many messages that were",
		    lost > 0 ? ", and " : "");
}

struct archive_place
archive_reader_place(const struct archive_reader *r, size_t i)
{
	assert(i < r->segment.entries && i < r->place_cap);
	return r->place[i];
}

uint64_t
archive_reader_target(const struct archive_reader *r, size_t i)
{
	assert(i < r->segment.entries && i < r->found_cap);
	assert((r->options & ARCHIVE_MANIFESTS) == 0);
	return r->found[i].target;
}

const char *
archive_reader_dir(const struct archive_reader *r, uint32_t folder)
{
	assert(folder < r->folders);
	return r->more[folder].dir;
}

static enum rc
find_body(struct archive_reader *r, size_t i, struct body *b, struct fault *f)
{
	const struct archive_entry *e = &r->segment.entry[i];
	const struct found *found = &r->found[i];
	struct spool *s = r->tar;
	uint64_t at = found->data;
	enum rc rc = RC_OK;

	if (e->reference.generation > 0)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "its octets lie in the archive of generation %u of the "
		    "chain",
		    e->reference.generation);
	assert(found->segment != 0);
	if (!e->link) {
		*b = (struct body){ s, at, found->digest };
		return RC_OK;
	}
	if (found->segment != r->segment.number) {
		/* The compressed D is not needed any more. */
		rc = links_fetch(r->links, found->segment, found->data,
		    e->file_size, r->frame, &at, f);
		s = links_spool(r->links);
	}
	if (rc == RC_OK)
		rc = body_at(s, at, e->file_size, e->eol, b, f);
	if (rc == RC_OK && !hash_equal(&b->digest.hash, &e->hash))
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "it does not have the hash that it has to");
	return rc;
}

enum rc
archive_reader_body(struct archive_reader *r, size_t i, struct body *body_r,
    struct fault *f)
{
	enum rc rc;

	assert(i < r->segment.entries && !r->failed);
	rc = find_body(r, i, body_r, f);
	if (rc == RC_OK)
		return RC_OK;
	return fault_wrap(f, RC_STORE, "%s: segment %u: '%s'", r->name,
	    r->segment.number, r->segment.entry[i].path);
}
