/* Messages that the source hides, and those that the target refuses or
 * changes. */
#include <inttypes.h>

#include "fit_priv.h"

enum {
	ROUND = 1000, /* a server that stops at so many says nothing of it */
};

/*
 * What a message has, what is known of the target about it, and what is to be
 * said.  usual: what is said of a target of which nothing is known.
 */
struct trait {
	enum ugly ugly;
	unsigned bit; /* 0: no quirk is about it */
	enum fit_level usual;
	const char *refused;
	const char *changed; /* NULL: nobody changes it */
	const char *open;    /* of a target that is not known; NULL: nothing */
};

static const struct trait traits[] = {
	{ UGLY_EMPTY, QUIRK_EMPTY, FIT_WARNING, "are refused: they are empty",
	    NULL, "are empty, which many servers refuse" },
	{ UGLY_NUL, QUIRK_NUL, FIT_WARNING, "are refused: they hold NUL",
	    "hold NUL, which the target replaces",
	    "hold NUL, which servers refuse or replace" },
	{ UGLY_NUL_HEADER, QUIRK_NUL, FIT_WARNING,
	    "are refused: their headers hold NUL",
	    "hold NUL in the header, which the target replaces",
	    "hold NUL in the header, which servers refuse or replace" },
	{ UGLY_BARE_LF, QUIRK_BARE_LF, FIT_WARNING,
	    "are refused: they hold LF that no CR precedes",
	    "hold LF that no CR precedes: the target makes it CR LF",
	    "hold LF that no CR precedes, which servers refuse or change" },
	{ UGLY_BARE_CR, QUIRK_BARE_CR, FIT_NOTE,
	    "are refused: they hold CR that no LF follows",
	    "hold CR that no LF follows: the target takes some of it off",
	    "hold CR that no LF follows, which some servers change" },
	{ UGLY_BAD_HEADER, QUIRK_BAD_HEADER, FIT_WARNING,
	    "are refused: a header line is no field",
	    "have a header line that is no field, which the target changes",
	    "have a header line that is no field, which some servers refuse" },
	{ UGLY_NO_HEADER, QUIRK_NO_HEADER, FIT_WARNING,
	    "are refused: they have no header", "have no header, and get one",
	    "have no header, which some servers refuse" },
	{ UGLY_8BIT_HEADER, QUIRK_8BIT_HEADER, FIT_NOTE,
	    "are refused: their headers are not ASCII",
	    "have headers that are not ASCII, which the target replaces",
	    "have headers that are not ASCII, which some servers replace" },
	{ UGLY_NO_END, QUIRK_NO_END, FIT_NOTE,
	    "are refused: their last line has no end",
	    "get a line end behind their last line", NULL },
	{ UGLY_NO_DATE, QUIRK_NO_DATE, FIT_NOTE,
	    "are refused: they have no INTERNALDATE", NULL,
	    "have no INTERNALDATE: the target takes the day of the restore" },
};

/* So many of all, from what was counted among those that were read. */
static void
count(const struct fitting *t, enum ugly u, struct finding *f)
{
	const struct sums *all = &t->s->total;
	const struct ugly_count *n = &all->ugly[u], *of = &all->sample;

	f->messages = n->messages;
	f->bytes = n->bytes;
	if ((unsigned)u < UGLY_OF_BODIES || u == UGLY_REFUSED ||
	    of->messages >= all->messages || of->messages == 0)
		return;
	f->sampled = n->messages;
	f->messages = (uint64_t)((double)n->messages * (double)all->messages /
	    (double)of->messages);
	f->bytes = (uint64_t)((double)n->bytes * (double)all->messages /
	    (double)of->messages);
}

static void
check_trait(struct fitting *t, const struct trait *r)
{
	const char *why = r->open;
	enum fit_level level = r->usual;
	enum fit_kind kind = r->usual == FIT_NOTE ? FIT_CHANGED : FIT_REFUSED;
	struct finding *f;

	if (t->s->total.ugly[r->ugly].messages == 0)
		return;
	if ((t->to->refuses & r->bit) != 0) {
		kind = FIT_REFUSED;
		level = FIT_PROBLEM;
		why = r->refused;
	} else if ((t->to->changes & r->bit) != 0 && r->changed != NULL) {
		kind = FIT_CHANGED;
		level = FIT_NOTE;
		why = r->changed;
	} else if (t->to->name != NULL && r->ugly != UGLY_NO_DATE) {
		/* The target is known, and nothing is known against it. */
		return;
	}
	if (why == NULL)
		return;
	f = fit_add(t, kind, level, ugly_word(r->ugly), "%s", why);
	count(t, r->ugly, f);
	if (kind == FIT_REFUSED)
		fit_way(f,
		    "mrestore names each that is refused; they stay in the "
		    "archive, and maudit lists them");
}

static void
check_lines(struct fitting *t)
{
	const struct sums *all = &t->s->total;
	const uint64_t max = t->to->line_max;
	const enum ugly u = max >= 10000 ? UGLY_LINE_10000 : UGLY_LINE_998;
	struct finding *f;

	if (max > 0 && all->longest_line > max) {
		f = fit_add(t, FIT_REFUSED, FIT_PROBLEM, ugly_word(u),
		    "are refused where a line is longer than %" PRIu64
		    " octets; the longest one has %" PRIu64,
		    max, all->longest_line);
		/* Of shorter ones it is not known how long they are. */
		count(t, UGLY_LINE_10000, f);
		if (f->messages == 0)
			f->messages = 1;
		fit_way(f, "mrestore names each that is refused");
	}
	if (all->ugly[UGLY_LINE_998].messages == 0 || max > 0)
		return;
	f = fit_add(t, FIT_CHANGED, FIT_NOTE, ugly_word(UGLY_LINE_998),
	    "have lines over 998 octets, more than RFC 5322 allows; the "
	    "longest one has %" PRIu64,
	    all->longest_line);
	count(t, UGLY_LINE_998, f);
	if (all->ugly[UGLY_LINE_10000].messages == 0 || t->to->name != NULL)
		return;
	f = fit_add(t, FIT_REFUSED, FIT_WARNING, ugly_word(UGLY_LINE_10000),
	    "have lines over 10,000 octets, which Exchange and others refuse");
	count(t, UGLY_LINE_10000, f);
}

/* What it does to any message. */
static void
check_habits(struct fitting *t)
{
	const struct sums *all = &t->s->total;
	struct finding *f;

	if ((t->to->changes & QUIRK_ANY) != 0) {
		f = fit_add(t, FIT_CHANGED, FIT_NOTE, t->to->name,
		    "stores mail in its own form: what is read back differs");
		f->messages = all->messages;
		f->bytes = all->bytes;
		fit_way(f, "audit with --level %s where it can be had",
		    t->to->level == NULL ? "header" : t->to->level);
	}
	if ((t->to->changes & QUIRK_COPY) != 0 && t->s->copies.spare > 0) {
		f = fit_add(t, FIT_CHANGED, FIT_WARNING, t->to->name,
		    "keeps one of several copies: %" PRIu64
		    " messages are copies of others",
		    t->s->copies.spare);
		f->messages = t->s->copies.spare;
		f->bytes = t->s->copies.bytes;
	}
}

static void
tell_hidden(struct fitting *t, const struct box *b)
{
	const uint64_t seen = b->sums.messages + b->sums.left_out;
	struct finding *f;

	if (b->failed) {
		f = fit_add(t, FIT_UNSEEN, FIT_PROBLEM, b->folder.name,
		    "could not be read to its end: %.300s",
		    b->why == NULL ? "no reason is told" : b->why);
		f->messages = b->claimed > seen ? b->claimed - seen : 0;
		fit_way(f, "run msurvey again; ask the source's administrator");
		return;
	}
	if (b->claimed > seen) {
		f = fit_add(t, FIT_UNSEEN, FIT_PROBLEM, b->folder.name,
		    "the source claims %" PRIu64
		    " messages, and lists %" PRIu64,
		    b->claimed, seen);
		f->messages = b->claimed - seen;
		return;
	}
	if (t->from->listed_max > 0 && seen >= t->from->listed_max)
		f = fit_add(t, FIT_UNSEEN, FIT_WARNING, b->folder.name,
		    "%s lists no more than %" PRIu64
		    " messages a folder: there may be older ones",
		    t->from->name, t->from->listed_max);
	else if (seen > 0 && seen % ROUND == 0)
		f = fit_add(t, FIT_UNSEEN, FIT_NOTE, b->folder.name,
		    "lists just %" PRIu64
		    " messages, as a server does that stops there",
		    seen);
	else
		return;
	fit_way(f, "compare with what the user sees on the web");
}

void
fit_mail(struct fitting *t)
{
	struct finding *f;
	size_t i;

	if (t->s->depth == DEPTH_NONE)
		return;
	for (i = 0; i < t->s->boxes; i++)
		if (t->s->box[i].selectable)
			tell_hidden(t, &t->s->box[i]);
	if (t->s->total.ugly[UGLY_REFUSED].messages > 0) {
		f = fit_add(t, FIT_UNSEEN, FIT_PROBLEM, ugly_word(UGLY_REFUSED),
		    "are listed by the source, which does not give them");
		count(t, UGLY_REFUSED, f);
	}
	for (i = 0; i < sizeof(traits) / sizeof(traits[0]); i++)
		check_trait(t, &traits[i]);
	check_lines(t);
	check_habits(t);
}
