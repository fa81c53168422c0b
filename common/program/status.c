#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/status.h"
#include "util/buf.h"

/* Everything that is said of a cause, in one place. */
struct cause_row {
	enum cause cause;
	int status;
	int rank; /* the higher, the worse: status.h tells why */
	const char *word;
	const char *phrase;
};

static const struct cause_row rows[] = {
	{ CAUSE_NONE, STATUS_COMPLETE, 0, "none", "no fault" },
	{ CAUSE_REFUSED, STATUS_REFUSED, 1, "refused", "refused" },
	{ CAUSE_TEMPORARY, STATUS_TEMPORARY, 2, "temporary",
	    "cut short, run it again" },
	{ CAUSE_NOINPUT, STATUS_NOINPUT, 3, "no-input", "no such input" },
	{ CAUSE_UNREACHABLE, STATUS_UNREACHABLE, 4, "unreachable",
	    "unreachable" },
	{ CAUSE_LOGIN, STATUS_LOGIN, 5, "login", "login refused" },
	{ CAUSE_USAGE, STATUS_USAGE, 6, "usage", "wrong usage" },
	{ CAUSE_CONFIG, STATUS_CONFIG, 7, "config", "wrong configuration" },
	{ CAUSE_CANTCREATE, STATUS_CANTCREATE, 8, "cannot-create",
	    "no room or no right to write" },
	{ CAUSE_IO, STATUS_IO, 9, "io", "read or write error" },
	{ CAUSE_DATA, STATUS_DATA, 10, "data", "bad data" },
	{ CAUSE_BUG, STATUS_BUG, 11, "bug", "a bug of mailproof" },
};

static const struct cause_row *
row_of(enum cause c)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].cause == c)
			return &rows[i];
	return &rows[i - 1];
}

int
status_of_cause(enum cause c)
{
	return row_of(c)->status;
}

const char *
cause_word(enum cause c)
{
	return row_of(c)->word;
}

int
cause_rank(enum cause c)
{
	return row_of(c)->rank;
}

enum cause
cause_of_word(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].cause;
	return CAUSE_BUG;
}

enum cause
cause_of_status(int status)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].cause;
	return CAUSE_BUG;
}

static void
keep_worse(struct outcome *o, enum cause c)
{
	if (row_of(c)->rank > row_of(o->worst)->rank)
		o->worst = c;
}

void
outcome_fault(struct outcome *o, const struct fault *f)
{
	keep_worse(o, f->cause == CAUSE_NONE ? CAUSE_BUG : f->cause);
}

void
outcome_merge(struct outcome *all, const struct outcome *one)
{
	all->done += one->done;
	all->already += one->already;
	all->gone += one->gone;
	all->refused += one->refused;
	all->unlisted += one->unlisted;
	all->unproved += one->unproved;
	all->missing += one->missing;
	all->differences += one->differences;
	all->folders_failed += one->folders_failed;
	all->uncounted = all->uncounted || one->uncounted;
	keep_worse(all, one->worst);
}

int
outcome_status(const struct outcome *o)
{
	if (o->worst != CAUSE_NONE && o->worst != CAUSE_REFUSED)
		return status_of_cause(o->worst);
	if (o->missing > 0)
		return STATUS_DIFFERENCES;
	if (o->refused > 0 || o->unlisted > 0 || o->unproved > 0 ||
	    o->folders_failed > 0 || o->uncounted || o->worst == CAUSE_REFUSED)
		return STATUS_REFUSED;
	if (o->differences > 0)
		return STATUS_DIFFERENCES;
	return STATUS_COMPLETE;
}

/* ", 3 messages missing", the noun only once. */
static void
add_count(struct buf *b, uint64_t n, const char *noun, const char *what)
{
	if (n == 0)
		return;
	buf_addf(b, ", %" PRIu64 " %s%s %s", n, noun, n == 1 ? "" : "s", what);
}

void
outcome_words(const struct outcome *o, char *s, size_t n)
{
	struct buf b = BUF_INIT;
	int status = outcome_status(o);

	if (status == STATUS_COMPLETE)
		buf_adds(&b, "complete");
	else if (status == STATUS_DIFFERENCES || status == STATUS_REFUSED)
		buf_adds(&b, "finished");
	else
		buf_addf(&b, "stopped: %s", row_of(o->worst)->phrase);
	add_count(&b, o->missing, "message", "missing");
	add_count(&b, o->refused, "message", "refused");
	if (o->uncounted)
		buf_adds(&b, ", an unknown number lost");
	add_count(&b, o->unlisted, "message", "never listed");
	add_count(&b, o->unproved, "message", "not proved");
	add_count(&b, o->folders_failed, "folder", "failed");
	add_count(&b, o->differences, "difference", "at the target");
	add_count(&b, o->gone, "message", "gone while running");
	(void)snprintf(s, n, "%s", buf_str(&b));
	buf_release(&b);
}
