#include "sources.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static enum rc
check(const struct sources *s, size_t pipes, struct fault *f)
{
	if (s->archives != s->n || s->n == 0)
		return s->n == 1 ? RC_OK :
				   fault_set(f, RC_STORE, CAUSE_USAGE,
				       "give one SOURCE, or the archives of a "
				       "chain: msurvey [options] SOURCE (where "
				       "the mail is to go is --target)");
	if (pipes > 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "only one archive can come from standard input");
	return RC_OK;
}

enum rc
sources_parse(struct sources *r, int operands, char **operand, struct fault *f)
{
	size_t pipes = 0;
	int i;
	enum rc rc = RC_OK;

	memset(r, 0, sizeof(*r));
	r->v = xcalloc((size_t)operands + 1, sizeof(*r->v));
	for (i = 0; rc == RC_OK && i < operands; i++) {
		rc = location_parse(operand[i], &r->v[r->n++], f);
		if (rc != RC_OK)
			break;
		r->archives += location_is_archive(&r->v[i]) ? 1 : 0;
		pipes += r->v[i].kind == LOCATION_STDIO ? 1 : 0;
	}
	return rc == RC_OK ? check(r, pipes, f) : rc;
}

void
sources_release(struct sources *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		location_release(&s->v[i]);
	free(s->v);
	memset(s, 0, sizeof(*s));
}
