#include "parent.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/location.h"
#include "accounts/open.h"
#include "util/buf.h"
#include "util/mem.h"

static enum rc
open_one(const char *path, int *fd_r, struct fault *f)
{
	struct buf minisig = BUF_INIT;
	struct location l;
	enum rc rc;

	rc = location_parse(path, &l, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "--base");
	/* The detached signature is over octets that are not read here. */
	if (l.kind == LOCATION_ARCHIVE)
		rc = archive_open_fd(&l, fd_r, &minisig, f);
	else
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--base %s: give the file of an archive", path);
	location_release(&l);
	buf_release(&minisig);
	return rc;
}

enum rc
parent_open(const struct strs *path, const struct pubkey *key, bool glance,
    struct lineage **r, struct fault *f)
{
	struct lineage_source *source = xcalloc(path->n, sizeof(*source));
	const struct lineage_options options = { .key = key,
		.next = !glance,
		.glance = glance };
	size_t i, opened = 0;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < path->n; i++) {
		source[i].name = path->v[i];
		rc = open_one(path->v[i], &source[i].fd, f);
		opened += rc == RC_OK;
	}
	if (rc == RC_OK)
		rc = lineage_open(source, path->n, &options, r, f);
	else
		while (opened > 0)
			(void)close(source[--opened].fd);
	free(source);
	return rc;
}

const struct archive_header *
parent_header(const struct lineage *l)
{
	return lineage_header(l, lineage_last(l));
}

static const char *
behind_scheme(const char *account)
{
	const char *p = strstr(account, "://");

	return p != NULL ? p + 3 : account;
}

/* The first of a that b lacks; NULL: none. */
static const char *
first_other(const struct strs *a, const struct strs *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!strs_has(b, a->v[i]))
			return a->v[i];
	return NULL;
}

static enum rc
check_selection(const struct lineage *l, const struct selection *s,
    struct fault *f)
{
	const struct archive_header *h = parent_header(l);
	const char *name = lineage_name(l, lineage_last(l));
	struct strs now = STRS_INIT;
	const char *lacks, *adds;
	enum rc rc = RC_OK;

	selection_lines(s, &now);
	lacks = first_other(&h->selection, &now);
	adds = first_other(&now, &h->selection);
	if (lacks != NULL)
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' was made with --%s: give that again, or make a new "
		    "full backup, without --base",
		    name, lacks);
	else if (adds != NULL)
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' was made without --%s: leave that out, or make a "
		    "new full backup, without --base",
		    name, adds);
	strs_release(&now);
	return rc;
}

enum rc
parent_check(const struct lineage *l, const char *account,
    const struct selection *s, struct fault *f)
{
	const struct archive_header *h = parent_header(l);

	if (strcmp(behind_scheme(h->account), behind_scheme(account)) != 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' is of another account, %s, and not of %s: give the "
		    "chain of this one, or make a full backup, without --base",
		    lineage_name(l, lineage_last(l)), h->account, account);
	if (strcmp(h->kind, "salvage") == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' was salvaged: nothing can go on with it; make a new "
		    "full backup, without --base",
		    lineage_name(l, lineage_last(l)));
	return check_selection(l, s, f);
}
