#include "stood.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"
#include "util/strs.h"

void
stood_add(struct stoods *s, uint32_t uid, const struct msg *then,
    const struct fingerprint *fp)
{
	s->v = xgrow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = (struct stood){ then->keywords, *fp, uid, then->flags };
	s->sorted = false;
}

static int
by_uid(const void *a, const void *b)
{
	const struct stood *l = a, *r = b;

	return (l->uid > r->uid) - (l->uid < r->uid);
}

const struct stood *
stood_find(struct stoods *s, uint32_t uid)
{
	const struct stood key = { .uid = uid };

	if (s->n == 0)
		return NULL;
	if (!s->sorted)
		qsort(s->v, s->n, sizeof(*s->v), by_uid);
	s->sorted = true;
	return bsearch(&key, s->v, s->n, sizeof(*s->v), by_uid);
}

void
stood_release(struct stoods *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

static bool
has_word(const struct strs *l, const char *word)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcasecmp(l->v[i], word) == 0)
			return true;
	return false;
}

/* All words of a are in b, but those that cannot be kept (NULL: all can). */
static bool
is_part(const struct strs *a, const struct strs *b,
    const struct folder_state *keeps)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!has_word(b, a->v[i]) &&
		    (keeps == NULL || keeps->permanent_any ||
			has_word(&keeps->permanent_keywords, a->v[i])))
			return false;
	return true;
}

static bool
is_same_words(const char *now, const char *then,
    const struct folder_state *keeps)
{
	struct strs a = STRS_INIT, b = STRS_INIT;
	bool same;

	if (strcmp(now, then) == 0)
		return true;
	keywords_split(now, &a);
	keywords_split(then, &b);
	same = is_part(&b, &a, keeps) && is_part(&a, &b, NULL);
	strs_release(&a);
	strs_release(&b);
	return same;
}

bool
stood_is(const struct msg *now, const struct stood *then,
    const struct folder_state *keeps)
{
	const unsigned can = keeps != NULL ? keeps->permanent_flags : FLAG_ALL;

	return (now->flags & can) == (then->flags & can) &&
	    is_same_words(now->keywords, then->keywords, keeps);
}
