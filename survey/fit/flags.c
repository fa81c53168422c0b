/* Flags and keywords that the target will not keep. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fit_priv.h"
#include "mail/glob.h"
#include "util/buf.h"

static bool
is_barred(const struct fitting *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->to->no_flag.n; i++)
		if (glob_match(t->to->no_flag.v[i], name))
			return true;
	return false;
}

static bool
allows_keyword(const struct side *s, const char *name)
{
	size_t i;

	if (!s->permanent_known || s->permanent_any)
		return true;
	for (i = 0; i < s->permanent_keywords.n; i++)
		if (strcasecmp(s->permanent_keywords.v[i], name) == 0)
			return true;
	return false;
}

static void
tell(struct fitting *t, const char *name, uint64_t messages, bool barred)
{
	struct finding *f = fit_add(t, FIT_FLAG, FIT_WARNING, name, "%s",
	    barred ? "is a flag that the target refuses: the mail comes "
		     "without it" :
		     "is not among the flags that the target keeps "
		     "(PERMANENTFLAGS): the mail comes without it");

	f->messages = messages;
}

static void
check_flags(struct fitting *t)
{
	const struct side *to = &t->s->target;
	struct buf name = BUF_INIT;
	unsigned bit;
	bool barred;
	size_t i;

	for (i = 0, bit = 1; (bit & FLAG_ALL) != 0; i++, bit <<= 1) {
		if (t->s->total.flag[i] == 0)
			continue;
		buf_clear(&name);
		flags_format(&name, bit);
		barred = is_barred(t, buf_str(&name));
		if (barred ||
		    (to->permanent_known && (to->permanent_flags & bit) == 0))
			tell(t, buf_str(&name), t->s->total.flag[i], barred);
	}
	buf_release(&name);
}

static void
check_number(struct fitting *t, const struct box *b)
{
	const uint64_t max = t->to->keywords_max;
	const size_t n = b->sums.keywords;
	struct finding *f;
	size_t i;

	if (max == 0 || n <= max)
		return;
	f = fit_add(t, FIT_FLAG, FIT_WARNING, b->folder.name,
	    "has %zu keywords, and %s keeps %" PRIu64
	    " a folder where mail lies as Maildir",
	    n, t->to->name, max);
	/* They come by messages, falling: the first ones may find room. */
	for (i = (size_t)max; i < n; i++)
		f->messages += b->sums.keyword[i].messages;
	fit_way(f, "ask how the target stores mail");
}

void
fit_flags(struct fitting *t)
{
	const struct sums *all = &t->s->total;
	const struct keyword *k;
	size_t i;

	if (!t->target)
		return;
	check_flags(t);
	for (i = 0; i < all->keywords; i++) {
		k = &all->keyword[i];
		if (is_barred(t, k->name))
			tell(t, k->name, k->messages, true);
		else if (!allows_keyword(&t->s->target, k->name))
			tell(t, k->name, k->messages, false);
	}
	for (i = 0; i < t->s->boxes; i++)
		check_number(t, &t->s->box[i]);
}
