#include "stood.h"

#include <ctype.h>
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
stood_move(struct stoods *s, const struct stood *from, uint32_t uid)
{
	s->v[from - s->v].uid = uid;
	s->sorted = false;
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

/* NULL: all can be kept. */
static bool
can_keep(const struct folder_state *keeps, const char *word)
{
	return keeps == NULL || keeps->permanent_any ||
	    has_word(&keeps->permanent_keywords, word);
}

/* All words of a are in b, but those that cannot be kept. */
static bool
is_part(const struct strs *a, const struct strs *b,
    const struct folder_state *keeps)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!has_word(b, a->v[i]) && can_keep(keeps, a->v[i]))
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

void
stood_words(const char *keywords, const struct folder_state *keeps,
    struct strs *r)
{
	struct strs all = STRS_INIT;
	size_t i;
	char *p;

	keywords_split(keywords, &all);
	for (i = 0; i < all.n; i++) {
		if (!can_keep(keeps, all.v[i]))
			continue;
		for (p = all.v[i]; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		strs_add(r, all.v[i]);
	}
	strs_release(&all);
	strs_sort(r);
}
