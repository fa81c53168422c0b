/* What there is no room for, or no time. */
#include <inttypes.h>
#include <string.h>

#include "fit_priv.h"
#include "util/text.h"

enum {
	MARGIN = 20, /* a twentieth: servers count sizes in their own way */
};

static void
bytes(struct buf *b, const char *before, uint64_t n)
{
	buf_adds(b, before);
	text_bytes(b, n);
}

/* "User quota: 1.2 GB used + 3 GB that come = 4.2 GB of 4 GB" */
static void
tell_quota(struct fitting *t, enum fit_level level, const struct quota *q,
    uint64_t comes)
{
	const bool octets = strcmp(q->resource, "STORAGE") == 0;
	struct buf b = BUF_INIT;
	struct finding *f;

	if (octets) {
		bytes(&b, "holds ", q->usage);
		bytes(&b, " and gets ", comes);
		bytes(&b, ", together ", q->usage + comes);
		bytes(&b, " of ", q->limit);
	} else {
		buf_addf(&b,
		    "holds %" PRIu64 " messages and gets %" PRIu64
		    ", together %" PRIu64 " of %" PRIu64,
		    q->usage, comes, q->usage + comes, q->limit);
	}
	f = fit_add(t, FIT_QUOTA, level, q->resource, "quota root '%s' %s%s",
	    q->root, buf_str(&b),
	    level == FIT_PROBLEM ? ", more than it may" :
		level == FIT_WARNING ?
				   ", less than a twentieth below its limit" :
				   "");
	f->messages = t->s->total.messages;
	f->bytes = t->s->total.bytes;
	if (level != FIT_NOTE) {
		buf_clear(&b);
		if (octets)
			bytes(&b, "", q->usage + comes + comes / MARGIN);
		else
			buf_addf(&b, "%" PRIu64 " messages", q->usage + comes);
		fit_way(f,
		    "raise the quota to %s, or choose with --folder, "
		    "--since, --before",
		    buf_str(&b));
	}
	buf_release(&b);
}

static void
check_quota(struct fitting *t, const struct quota *q)
{
	const bool octets = strcmp(q->resource, "STORAGE") == 0;
	const uint64_t comes =
	    octets ? t->s->total.bytes : t->s->total.messages;
	enum fit_level level = FIT_NOTE;

	if (!octets && strcmp(q->resource, "MESSAGE") != 0)
		return;
	if (q->usage > q->limit || comes > q->limit - q->usage)
		level = FIT_PROBLEM;
	else if (octets && comes + comes / MARGIN > q->limit - q->usage)
		level = FIT_WARNING;
	tell_quota(t, level, q, comes);
}

/* One finding a message, as far as they are known by name. */
static void
check_size(struct fitting *t)
{
	const struct survey *s = t->s;
	const uint64_t max = t->r->message_max;
	const enum fit_level level = t->r->max_told ? FIT_PROBLEM : FIT_WARNING;
	struct buf b = BUF_INIT;
	struct finding *f;
	uint64_t more = 0;
	size_t i;

	for (i = 0; max > 0 && i < s->largests && s->largest[i].size > max;
	     i++) {
		const struct example *m = &s->largest[i];

		buf_clear(&b);
		bytes(&b, "has ", m->size);
		bytes(&b, ", and the target takes ", max);
		f = fit_add(t, FIT_TOO_BIG, level, s->box[m->box].folder.name,
		    "UID %" PRIu32 " %s%s: %.200s", m->uid, buf_str(&b),
		    t->r->max_told ? "" : " unless somebody has changed that",
		    m->subject);
		f->messages = 1;
		f->bytes = m->size;
		fit_way(f, "raise the limit at the target%s",
		    t->r->max_told ? "" : " (it does not tell it)");
	}
	if (s->total.ugly[UGLY_OVER_LIMIT].messages > i && t->r->max_told)
		more = s->total.ugly[UGLY_OVER_LIMIT].messages - i;
	if (more > 0) {
		f = fit_add(t, FIT_TOO_BIG, level, "",
		    "and %" PRIu64 " more messages are too big", more);
		f->messages = more;
	}
	buf_release(&b);
}

static void
check_day(struct fitting *t, const struct quirk *q, uint64_t day,
    const char *what)
{
	const uint64_t all = t->s->total.bytes;
	struct buf b = BUF_INIT;
	struct finding *f;

	if (day == 0 || all <= day)
		return;
	bytes(&b, "about ", day);
	f = fit_add(t, FIT_PACE, FIT_WARNING, q->name,
	    "%s %s a day: this mailbox takes at least %" PRIu64 " days", what,
	    buf_str(&b), (all + day - 1) / day);
	f->messages = t->s->total.messages;
	f->bytes = all;
	fit_way(f, "start early; mbackup and mrestore go on where they ended");
	buf_release(&b);
}

static void
check_pace(struct fitting *t)
{
	const uint64_t n = t->s->total.messages, hour = t->to->hour_in;
	struct finding *f;

	check_day(t, t->from, t->from->day_out, "gives out");
	check_day(t, t->to, t->to->day_in, "takes");
	if (hour == 0 || n <= hour)
		return;
	f = fit_add(t, FIT_PACE, FIT_WARNING, t->to->name,
	    "takes about %" PRIu64
	    " messages an hour: this mailbox takes at least %" PRIu64 " hours",
	    hour, (n + hour - 1) / hour);
	f->messages = n;
	f->bytes = t->s->total.bytes;
	fit_way(f, "--max-messages %" PRIu64 "/h", hour);
}

void
fit_room(struct fitting *t)
{
	size_t i;

	if (t->s->depth == DEPTH_NONE)
		return;
	for (i = 0; i < t->s->target.quotas; i++)
		check_quota(t, &t->s->target.quota[i]);
	check_size(t);
	check_pace(t);
}
