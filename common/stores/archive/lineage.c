#include "stores/archive/lineage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "stores/archive/lineaging.h"
#include "util/mem.h"

enum { KIN_BOUND = 4 << 20 }; /* octets of records in memory */

void
lineage_free(struct lineage *l)
{
	struct generation *g;
	size_t i, k;

	if (l == NULL)
		return;
	for (i = 0; i < l->n; i++) {
		g = &l->generation[i];
		for (k = 0;
		     g->words != NULL && k < archive_reader_folders(g->reader);
		     k++)
			strs_release(&g->words[k]);
		free(g->words);
		free(g->segment);
		free(g->name);
		archive_reader_free(g->reader);
	}
	free(l->generation);
	spool_free(l->kin);
	atoms_free(l->atoms);
	free(l->now.v);
	free(l->first);
	free(l->placed);
	table_release(&l->octets);
	table_release(&l->folders);
	free(l);
}

/* Where the messages of each folder start. */
static void
find_folders(struct lineage *l)
{
	const size_t n = lineage_folders(l);
	const char *name;
	size_t at = 0, i;

	l->first = xcalloc(n + 1, sizeof(*l->first));
	for (i = 0; i < n; i++) {
		l->first[i] = (uint32_t)at;
		while (at < l->now.n && l->now.v[at].folder == i)
			at++;
		name = lineage_folder(l, (uint32_t)i)->folder.name;
		table_add(&l->folders, XXH3_64bits(name, strlen(name)),
		    (uint32_t)i);
	}
	l->first[n] = (uint32_t)at;
}

static enum rc
glance_all(struct lineage *l, struct fault *f)
{
	uint32_t g;
	enum rc rc = RC_OK;

	for (g = 1; g <= l->n && rc == RC_OK; g++) {
		rc = lineage_check_parent(l, g, f);
		if (rc == RC_OK)
			rc = archive_reader_glance(l->generation[g - 1].reader,
			    g == l->at, f);
	}
	return rc;
}

static enum rc
load_all(struct lineage *l, struct fault *f)
{
	struct mailbox before = { .v = NULL }, box;
	uint32_t g;
	enum rc rc = RC_OK;

	for (g = 1; g <= l->n && rc == RC_OK; g++) {
		box = (struct mailbox){ .v = NULL };
		rc = lineage_check_parent(l, g, f);
		if (rc == RC_OK)
			rc = lineage_load(l, g, &box, f);
		if (rc == RC_OK)
			rc = lineage_succeed(l, g, &before, &box, f);
		/* The one that is shown stays. */
		if (g - 1 != l->at)
			free(before.v);
		before = box;
		if (g == l->at)
			l->now = box;
	}
	if (g - 1 != l->at)
		free(before.v);
	return rc;
}

enum rc
lineage_gather(const struct lineage_source *source, size_t n,
    const struct lineage_options *options, struct lineage **r, struct fault *f)
{
	struct lineage *l;
	enum rc rc;

	assert(n > 0);
	l = xcalloc(1, sizeof(*l));
	l->options = *options;
	l->kin = spool_new(KIN_BOUND);
	l->atoms = atoms_new();
	rc = lineage_order(l, source, n, f);
	l->at = options->at > 0 ? options->at : (uint32_t)n;
	if (rc == RC_OK && l->at > n)
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "generation %u was asked for, and the last one given is "
		    "%zu",
		    l->at, n);
	if (rc != RC_OK) {
		lineage_free(l);
		return rc;
	}
	*r = l;
	return RC_OK;
}

enum rc
lineage_read(struct lineage *l, struct fault *f)
{
	enum rc rc;

	rc = l->options.glance ? glance_all(l, f) : load_all(l, f);
	if (rc == RC_OK)
		rc = lineage_index(l, f);
	if (rc == RC_OK)
		find_folders(l);
	return rc;
}

enum rc
lineage_open(const struct lineage_source *source, size_t n,
    const struct lineage_options *options, struct lineage **r, struct fault *f)
{
	struct lineage *l;
	enum rc rc;

	rc = lineage_gather(source, n, options, &l, f);
	if (rc != RC_OK)
		return rc;
	rc = lineage_read(l, f);
	if (rc != RC_OK)
		lineage_free(l);
	else
		*r = l;
	return rc;
}

void
lineage_stop(struct lineage *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		archive_reader_stop(l->generation[i].reader);
}

static const struct generation *
generation(const struct lineage *l, uint32_t n)
{
	assert(n >= 1 && n <= l->n);
	return &l->generation[n - 1];
}

bool
lineage_is_glance(const struct lineage *l)
{
	return l->options.glance;
}

uint32_t
lineage_last(const struct lineage *l)
{
	return (uint32_t)l->n;
}

uint32_t
lineage_at(const struct lineage *l)
{
	return l->at;
}

const struct archive_header *
lineage_header(const struct lineage *l, uint32_t n)
{
	return archive_reader_header(generation(l, n)->reader);
}

const struct archive_final *
lineage_final(const struct lineage *l, uint32_t n)
{
	return archive_reader_final(generation(l, n)->reader);
}

const char *
lineage_name(const struct lineage *l, uint32_t n)
{
	return generation(l, n)->name;
}

bool
lineage_is_detached(const struct lineage *l, uint32_t n)
{
	return generation(l, n)->detached;
}

size_t
lineage_folders(const struct lineage *l)
{
	return archive_reader_folders(generation(l, l->at)->reader);
}

const struct archive_folder *
lineage_folder(const struct lineage *l, uint32_t number)
{
	return archive_reader_folder(generation(l, l->at)->reader, number);
}

struct name_search {
	const struct lineage *l;
	const char *name;
};

static bool
is_named(const void *arg, uint32_t id)
{
	const struct name_search *s = arg;

	return strcmp(lineage_folder(s->l, id)->folder.name, s->name) == 0;
}

uint32_t
lineage_folder_named(const struct lineage *l, const char *name)
{
	const struct name_search s = { l, name };
	struct table_cursor c;

	return table_first(&l->folders, XXH3_64bits(name, strlen(name)),
	    is_named, &s, &c);
}

const char *
lineage_dir(const struct lineage *l, uint32_t folder)
{
	return archive_reader_dir(generation(l, l->at)->reader, folder);
}

const struct strs *
lineage_words(const struct lineage *l, uint32_t folder)
{
	assert(l->options.next && folder < lineage_folders(l));
	return &generation(l, l->at)->words[folder];
}

uint32_t
lineage_count(const struct lineage *l)
{
	return (uint32_t)l->now.n;
}

uint32_t
lineage_first(const struct lineage *l, uint32_t folder)
{
	assert(folder <= lineage_folders(l));
	return l->first[folder];
}

enum rc
lineage_get(struct lineage *l, uint32_t i, struct lineage_message *r,
    struct fault *f)
{
	const struct member *m = &l->now.v[i];
	struct kin k;
	enum rc rc;

	assert(i < l->now.n);
	rc = kin_get(l, m->id, &k, f);
	if (rc != RC_OK)
		return rc;
	*r = k.m;
	r->msg.folder = m->folder;
	r->id = m->id;
	return RC_OK;
}

enum rc
lineage_again(struct lineage *l, uint32_t id, struct lineage_message *r,
    struct fault *f)
{
	struct kin k;
	enum rc rc;

	rc = kin_get(l, id, &k, f);
	if (rc != RC_OK)
		return rc;
	*r = k.m;
	r->id = id;
	return RC_OK;
}

void
lineage_rest(struct lineage *l)
{
	free(l->now.v);
	free(l->first);
	free(l->placed);
	l->now = (struct mailbox){ .v = NULL };
	l->first = l->placed = NULL;
}

enum rc
lineage_placed(struct lineage *l, uint32_t i, struct lineage_message *r,
    struct fault *f)
{
	assert(l->placed != NULL && i < l->now.n);
	return lineage_get(l, l->placed[i], r, f);
}

enum rc
lineage_path(struct lineage *l, const struct lineage_place *line, struct buf *b,
    struct fault *f)
{
	struct kin k;
	enum rc rc;

	rc = kin_at(l, line, &k, f);
	assert(rc != RC_END);
	if (rc == RC_OK)
		kin_path(l, &k, b);
	return rc;
}

enum rc
lineage_segment(struct lineage *l, uint32_t n, uint32_t segment,
    const struct archive_segment **seg_r, struct fault *f)
{
	return archive_reader_reopen(generation(l, n)->reader, segment, seg_r,
	    f);
}

struct archive_reader *
lineage_reader(struct lineage *l, uint32_t n)
{
	return generation(l, n)->reader;
}
