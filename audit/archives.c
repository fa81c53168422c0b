#include "archives.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/open.h"
#include "util/buf.h"
#include "util/mem.h"

enum rc
archives_parse(struct archives *r, int operands, char **operand,
    struct fault *f)
{
	struct location *l;
	size_t pipes = 0;
	int i;
	enum rc rc;

	memset(r, 0, sizeof(*r));
	if (operands < 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give an ARCHIVE ('-': standard input) or all of a chain, "
		    "and a TARGET to hold it against (maudit -h tells more)");
	r->archive = xcalloc((size_t)operands, sizeof(*r->archive));
	for (i = 0; i < operands; i++) {
		l = &r->archive[i];
		rc = location_parse(operand[i], l, f);
		if (rc != RC_OK)
			return rc;
		if (!location_is_archive(l)) {
			r->target = l;
			if (i > 0 && i == operands - 1)
				break;
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "'%s' is not an archive: the ARCHIVE comes first",
			    l->text);
		}
		pipes += l->kind == LOCATION_STDIO;
		r->n++;
	}
	if (pipes > 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "only one archive can come from standard input");
	return RC_OK;
}

void
archives_release(struct archives *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		location_release(&a->archive[i]);
	if (a->target != NULL)
		location_release(a->target);
	free(a->archive);
}

enum rc
archives_open(const struct archives *a, const struct lineage_options *options,
    struct lineage **r, struct fault *f)
{
	struct lineage_source *source = xcalloc(a->n, sizeof(*source));
	struct buf *minisig = xcalloc(a->n, sizeof(*minisig));
	size_t i, opened;
	enum rc rc = RC_OK;

	for (i = opened = 0; i < a->n && rc == RC_OK; i++) {
		source[i].name = a->archive[i].text;
		rc = archive_open_fd(&a->archive[i], &source[i].fd, &minisig[i],
		    f);
		if (rc != RC_OK)
			break;
		opened++;
		if (minisig[i].len > 0)
			source[i].minisig = &minisig[i];
	}
	if (rc == RC_OK)
		rc = lineage_gather(source, a->n, options, r, f);
	else
		while (opened > 0)
			(void)close(source[--opened].fd);
	for (i = 0; i < a->n; i++)
		buf_release(&minisig[i]);
	free(minisig);
	free(source);
	return rc;
}
