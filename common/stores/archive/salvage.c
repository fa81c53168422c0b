#include "stores/archive/salvage.h"

#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/salvaging.h"
#include "util/mem.h"

enum {
	TAR_BOUND = 20 << 20, /* octets in memory */
	TEXTS_BOUND = 4 << 20,
	PATHS_BOUND = 1 << 20,
	END_REGIONS = 3,
};

static struct salvage *
make(const struct pubkey *key)
{
	struct salvage *s;

	s = xcalloc(1, sizeof(*s));
	s->key = *key;
	s->torn = torn_new();
	s->tar = spool_new(TAR_BOUND);
	s->texts = spool_new(TEXTS_BOUND);
	s->paths = spool_new(PATHS_BOUND);
	s->atoms = atoms_new();
	s->found = ledger_new();
	s->at_hand = REGION_STRAY;
	return s;
}

void
salvage_free(struct salvage *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->folders; i++) {
		folder_release(&s->folder[i].folder);
		free(s->dir[i]);
	}
	free(s->folder);
	free(s->dir);
	manifest_final_release(&s->final);
	archive_header_release(&s->header.about);
	table_release(&s->lines);
	table_release(&s->seen);
	ledger_free(s->found);
	atoms_free(s->atoms);
	spool_free(s->tar);
	spool_free(s->texts);
	spool_free(s->paths);
	torn_free(s->torn);
	scan_free(s->scan);
	free(s->mark);
	free(s->part);
	free(s->region);
	free(s->pending);
	free(s->stray);
	free(s);
}

/* The final lies in the last D, or in what took its place. */
static enum rc
find_end(struct salvage *s, struct fault *f)
{
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; i < END_REGIONS && i < s->regions && !s->ended; i++) {
		rc = salvage_unpack(s, (uint32_t)(s->regions - 1 - i), f);
		if (rc == RC_OK)
			rc = salvage_final(s, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
salvage_new(int fd, const struct pubkey *key, struct salvage **r,
    struct fault *f)
{
	struct salvage *s = make(key);
	enum rc rc;

	rc = scan_new(fd, &s->scan, f);
	if (rc == RC_OK)
		rc = salvage_find(s, f);
	if (rc == RC_OK)
		rc = salvage_learn(s, f);
	if (rc == RC_OK)
		salvage_place(s);
	if (rc == RC_OK)
		rc = find_end(s, f);
	if (rc != RC_OK) {
		salvage_free(s);
		return rc;
	}
	*r = s;
	return RC_OK;
}

const char *
salvage_id(const struct salvage *s)
{
	return s->id;
}

const struct archive_header *
salvage_header(const struct salvage *s)
{
	return s->headed ? &s->header.about : NULL;
}

const struct hash *
salvage_final_hash(const struct salvage *s)
{
	return s->ended ? &s->shown.hash : NULL;
}

size_t
salvage_folders(const struct salvage *s)
{
	return s->folders;
}

const struct archive_folder *
salvage_folder(const struct salvage *s, uint32_t number)
{
	return number < s->folders ? &s->folder[number] : NULL;
}

/* Frames without a manifest, but for those inside of one that was whole. */
static enum rc
read_strays(struct salvage *s, struct fault *f)
{
	uint64_t covered = 0;
	uint32_t i;
	enum rc rc = RC_OK;

	for (i = 0; i < s->regions && rc == RC_OK; i++) {
		if (s->region[i].part != REGION_STRAY ||
		    s->region[i].from < covered)
			continue;
		rc = salvage_keep_strays(s, i, f);
		covered = s->region[i].ended ? s->region[i].to : 0;
	}
	return rc;
}

static void
take_claims(struct salvage *s)
{
	size_t i;

	if (s->final.claims > 0)
		salvage_need_folder(s, (uint32_t)s->final.claims - 1);
	for (i = 0; i < s->final.claims; i++)
		s->folder[i].claim = s->final.claim[i].claim;
}

enum rc
salvage_run(struct salvage *s, const struct salvage_sink *sink, struct fault *f)
{
	uint32_t i;
	enum rc rc = RC_OK;

	s->sink = sink;
	for (i = 0; i < s->regions && rc == RC_OK; i++)
		if (s->region[i].part != REGION_STRAY)
			rc = salvage_signed(s, i, f);
	if (rc == RC_OK)
		rc = read_strays(s, f);
	if (rc == RC_OK)
		rc = salvage_pending(s, f);
	if (rc == RC_OK)
		rc = salvage_give_strays(s, f);
	if (rc == RC_OK && s->ended)
		take_claims(s);
	return rc;
}

void
salvage_ending(const struct salvage *s, struct salvage_end *r)
{
	size_t i;

	*r = (struct salvage_end){ .final = s->ended ? &s->shown : NULL,
		.segments = s->ended ? s->final.segments : 0,
		.manifests = (uint32_t)s->parts };
	for (i = 0; i < s->parts; i++) {
		r->damaged += s->part[i].harmed;
		if (s->part[i].number > r->segments)
			r->segments = s->part[i].number;
	}
}
