/* Which archives are a chain. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores/archive/lineaging.h"
#include "util/interrupt.h"
#include "util/mem.h"

static const struct archive_header *
header(const struct generation *g)
{
	return archive_reader_header(g->reader);
}

static bool
is_delta(const struct generation *g)
{
	return header(g)->parent[0] != '\0';
}

void
lineage_describe(const struct generation *g, struct buf *b)
{
	buf_addf(b, "%s (generation %u, id %s)", g->name, header(g)->generation,
	    header(g)->id);
}

/* Two archives that cannot stand beside each other. */
static enum rc
refuse(const struct generation *a, const char *why, const struct generation *b,
    struct fault *f)
{
	struct buf text = BUF_INIT;
	enum rc rc;

	lineage_describe(b, &text);
	buf_addf(&text, " %s ", why);
	lineage_describe(a, &text);
	rc = fault_set(f, RC_STORE, CAUSE_DATA, "%s", buf_str(&text));
	buf_release(&text);
	return rc;
}

/* What an archive tells by itself. */
static enum rc
verify_alone(const struct generation *g, struct fault *f)
{
	const struct archive_segment *s;
	enum rc rc;

	do {
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = archive_reader_next(g->reader, &s, f);
	} while (rc == RC_OK);
	return rc == RC_END ? RC_OK : rc;
}

/* A child whose parent is not among the archives. */
static enum rc
refuse_orphan(const struct lineage *l, struct fault *f)
{
	const struct generation *g = &l->generation[0];
	size_t i;
	enum rc rc;

	for (i = 0; l->options.verify && i < l->n; i++) {
		rc = verify_alone(&l->generation[i], f);
		if (rc != RC_OK)
			return rc;
	}
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "%s: is %sgeneration %u of a chain, a delta against archive %s, "
	    "which was not given: name all archives of the chain, from "
	    "generation 1 (id %s) on",
	    g->name, l->options.verify ? "whole and authentic, and " : "",
	    header(g)->generation, header(g)->parent, header(g)->root);
}

static enum rc
open_one(struct lineage *l, const struct lineage_source *s,
    struct generation *g, struct fault *f)
{
	unsigned options = l->options.verify ? 0 : ARCHIVE_MANIFESTS;

	g->name = xstrdup(s->name);
	g->detached = s->minisig != NULL;
	if (g->detached && l->options.verify)
		options |= ARCHIVE_DETACHED;
	return archive_reader_new(s->fd, s->name, l->options.key, options,
	    s->minisig, &g->reader, f);
}

static enum rc
open_all(struct lineage *l, const struct lineage_source *s, size_t n,
    struct fault *f)
{
	size_t i;
	enum rc rc = RC_OK;

	l->generation = xcalloc(n, sizeof(*l->generation));
	l->n = n;
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = open_one(l, &s[i], &l->generation[i], f);
	for (; i < n; i++)
		(void)close(s[i].fd);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	const struct archive_header *x = header(a), *y = header(b);

	if (x->generation != y->generation)
		return x->generation < y->generation ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Two of one generation, which come one after the other. */
static enum rc
check_twins(const struct lineage *l, struct fault *f)
{
	const struct generation *a, *b;
	size_t i;

	for (i = 1; i < l->n; i++) {
		a = &l->generation[i - 1];
		b = &l->generation[i];
		if (header(a)->generation != header(b)->generation)
			continue;
		if (strcmp(header(a)->id, header(b)->id) == 0)
			return refuse(a, "is the same archive as", b, f);
		if (!is_delta(a))
			return refuse(a, "starts another chain than", b, f);
		if (strcmp(header(a)->parent, header(b)->parent) == 0)
			return refuse(a, "has the same parent as", b, f);
		return refuse(a, "is of another branch of the chain than", b,
		    f);
	}
	return RC_OK;
}

static bool
selection_is_same(const struct strs *a, const struct strs *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* What two neighbours' headers say of each other. */
static enum rc
check_pair(const struct generation *a, const struct generation *b,
    struct fault *f)
{
	const struct archive_header *x = header(a), *y = header(b);

	if (strcmp(x->root, y->root) != 0)
		return refuse(a, "belongs to another chain than", b, f);
	if (y->generation != x->generation + 1)
		return refuse(a, "needs its parent, which is missing behind", b,
		    f);
	if (strcmp(y->parent, x->id) != 0)
		return refuse(a, "was not made from", b, f);
	if (x->origin[0] != '\0')
		return refuse(a, "cannot go on with a salvaged archive,", b, f);
	if (strcmp(x->account, y->account) != 0)
		return refuse(a, "is of another account than", b, f);
	if (!selection_is_same(&x->selection, &y->selection))
		return refuse(a, "selects other mail than", b, f);
	return RC_OK;
}

enum rc
lineage_order(struct lineage *l, const struct lineage_source *source, size_t n,
    struct fault *f)
{
	size_t i;
	enum rc rc;

	rc = open_all(l, source, n, f);
	if (rc != RC_OK)
		return rc;
	qsort(l->generation, n, sizeof(*l->generation), compare);
	rc = check_twins(l, f);
	if (rc == RC_OK && is_delta(&l->generation[0]))
		rc = refuse_orphan(l, f);
	for (i = 1; i < n && rc == RC_OK; i++)
		rc = check_pair(&l->generation[i - 1], &l->generation[i], f);
	return rc;
}

enum rc
lineage_check_parent(const struct lineage *l, uint32_t g, struct fault *f)
{
	const struct generation *a, *b = &l->generation[g - 1];

	if (g == 1)
		return RC_OK;
	a = b - 1;
	if (hash_equal(&header(b)->parent_final,
		&archive_reader_final(a->reader)->hash))
		return RC_OK;
	return refuse(a,
	    "was made from an archive of the same id that ends otherwise "
	    "than",
	    b, f);
}
