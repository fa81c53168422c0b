/* The last lines of the report for people. */
#include <inttypes.h>
#include <stdio.h>

#include "audit.h"

static void
print_proof(const struct audit *a, const struct place *t)
{
	if (t->relocated > 0)
		printf("\nverdict: proved: %" PRIu64
		       " messages are at the target, %" PRIu64
		       " of them in another folder%s\n",
		    a->messages, t->relocated,
		    a->strict ? ": a difference (--strict)" : "");
	else
		printf("\nverdict: proved: all %" PRIu64
		       " messages of the archive are at the target%s\n",
		    a->messages,
		    a->outcome.differences > 0 ?
			", with differences (--strict)" :
			"");
}

static void
print_agreement(const struct audit *a)
{
	const char *differences =
	    a->outcome.differences > 0 ? ", with differences (--strict)" : "";

	if (a->target == NULL)
		printf("\nverdict: the archive is whole and authentic: %" PRIu64
		       " messages\n",
		    a->messages);
	else if (a->level == LEVEL_HEADER)
		printf("\nverdict: the target has %" PRIu64
		       " messages with these headers and sizes%s: "
		       "no body was read\n",
		    a->messages, differences);
	else
		printf("\nverdict: no folder of the target has fewer messages "
		       "than the archive's"
		       " %" PRIu64 "%s: nothing was read\n",
		    a->messages, differences);
}

static void
print_gaps(const struct audit *a, const struct place *t)
{
	const struct outcome *o = &a->outcome;
	const uint32_t at = lineage_at(a->chain);
	const struct archive_final *f = lineage_final(a->chain, at);
	const uint64_t lost = archive_final_lost(f);
	struct buf text = BUF_INIT;

	if (lost > 0) {
		archive_lost_text(&text, lineage_header(a->chain, at), f);
		printf("verdict: no complete backup: %s, before it was "
		       "salvaged (above)\n",
		    buf_str(&text));
		buf_release(&text);
	}
	if (o->refused > lost)
		printf("verdict: the source refused %" PRIu64 " messages or "
		       "folders (above): these were never in the archive\n",
		    o->refused - lost);
	if (o->unlisted > 0)
		printf("verdict: complete as shown by IMAP only: the source "
		       "claimed %" PRIu64 " messages that it did not list\n",
		    o->unlisted);
	if (t->unreadable > 0)
		printf("verdict: the target did not give %" PRIu64
		       " messages that it lists: nothing is proved by these\n",
		    t->unreadable);
}

void
audit_print_verdict(const struct audit *a)
{
	struct place t;

	audit_totals(a, &t);
	if (a->outcome.missing > 0)
		printf("\nverdict: %" PRIu64 " OF %" PRIu64
		       " MESSAGES MISSING at the target%s\n",
		    a->outcome.missing, a->messages,
		    a->level == LEVEL_COUNT ? ", at least" : "");
	else if (a->target != NULL && a->level == LEVEL_FULL)
		print_proof(a, &t);
	else
		print_agreement(a);
	print_gaps(a, &t);
}
