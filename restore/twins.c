#include "twins.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/strs.h"

enum { CANON = sizeof(((struct held_message *)0)->key) };

/* One that was read, while groups are looked for. */
struct copy {
	const unsigned char *canon;
	uint32_t uid;
	bool stands; /* for a message of the archive */
};

static int
by_canon(const void *a, const void *b)
{
	const struct copy *l = a, *r = b;
	const int order = memcmp(l->canon, r->canon, CANON);

	return order != 0 ? order : (l->uid > r->uid) - (l->uid < r->uid);
}

static size_t
list_copies(const struct held *h, struct stoods *s, struct copy *c)
{
	const struct held_message *m;
	size_t i, n = 0;

	for (i = 0; i < h->n; i++) {
		m = &h->v[i];
		if (m->state != HELD_READ && m->state != HELD_CLAIMED)
			continue;
		c[n] = (struct copy){ .canon = m->key, .uid = m->uid };
		c[n].stands =
		    m->state == HELD_CLAIMED && stood_find(s, m->uid) != NULL;
		/* What is claimed otherwise is nobody's to choose. */
		if (m->state == HELD_READ || c[n].stands)
			n++;
	}
	return n;
}

static int
by_uid(const void *a, const void *b)
{
	const struct twin *l = a, *r = b;

	return (l->uid > r->uid) - (l->uid < r->uid);
}

void
twins_find(struct twins *t, const struct held *h, struct stoods *s)
{
	struct copy *c = xcalloc(h->n + 1, sizeof(*c));
	const size_t n = list_copies(h, s, c);
	size_t first, i, end, stand;

	memset(t, 0, sizeof(*t));
	if (n > 0)
		qsort(c, n, sizeof(*c), by_canon);
	t->v = xcalloc(n + 1, sizeof(*t->v));
	for (first = 0; first < n; first = end) {
		stand = 0;
		for (end = first; end < n; end++) {
			if (memcmp(c[end].canon, c[first].canon, CANON) != 0)
				break;
			stand += c[end].stands;
		}
		if (stand == 0 || end - first < 2)
			continue;
		for (i = first; i < end; i++)
			t->v[t->n++] = (struct twin){ .uid = c[i].uid,
				.group = (uint32_t)first };
	}
	if (t->n > 0)
		qsort(t->v, t->n, sizeof(*t->v), by_uid);
	free(c);
}

void
twins_release(struct twins *t)
{
	free(t->v);
	msgs_release(&t->seen);
	memset(t, 0, sizeof(*t));
}

static struct twin *
find(const struct twins *t, uint32_t uid)
{
	const struct twin key = { .uid = uid };

	if (t->n == 0)
		return NULL;
	return bsearch(&key, t->v, t->n, sizeof(*t->v), by_uid);
}

bool
twins_take(struct twins *t, const struct msg *m)
{
	struct twin *twin = find(t, m->uid);

	if (twin == NULL)
		return false;
	if (!twin->seen)
		msgs_add(&t->seen, m);
	twin->seen = true;
	return true;
}

/* A copy at the target, or what the archive says of one; equal texts
 * agree. */
struct half {
	const struct stood *then; /* NULL: a copy */
	char *text;               /* of its flags */
	uint32_t group;
	uint32_t uid; /* of the copy; in the end of that which it became */
	bool paired;
};

struct halves {
	struct half *v;
	size_t n;
};

static char *
flag_text(unsigned flags, const char *keywords,
    const struct folder_state *keeps)
{
	const unsigned can = keeps != NULL ? keeps->permanent_flags : FLAG_ALL;
	struct strs words = STRS_INIT;
	char *joined, *text;

	stood_words(keywords, keeps, &words);
	joined = strs_join(&words, " ");
	text = xasprintf("%x %s", flags & can, joined);
	free(joined);
	strs_release(&words);
	return text;
}

static void
release(struct halves *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		free(h->v[i].text);
	free(h->v);
}

static int
by_group(const void *a, const void *b)
{
	const struct half *l = a, *r = b;

	if (l->group != r->group)
		return l->group > r->group ? 1 : -1;
	return (l->uid > r->uid) - (l->uid < r->uid);
}

static int
by_text(const void *a, const void *b)
{
	const struct half *l = a, *r = b;
	int order = 0;

	if (l->group == r->group)
		order = strcmp(l->text, r->text);
	return order != 0 ? order : by_group(a, b);
}

/* Which of the two is behind the other; 0: they are a pair. */
static int
compare(const struct half *a, const struct half *b, bool alike)
{
	if (a->group != b->group)
		return a->group > b->group ? 1 : -1;
	return alike ? strcmp(a->text, b->text) : 0;
}

/* Those that are free, and alike or of one content only. */
static void
pair(struct halves *then, struct halves *now, bool alike)
{
	struct half *a = then->v, *b = now->v;
	const struct half *a_end = a + then->n, *b_end = b + now->n;
	int order;

	qsort(then->v, then->n, sizeof(*a), alike ? by_text : by_group);
	qsort(now->v, now->n, sizeof(*b), alike ? by_text : by_group);
	while (a < a_end && b < b_end) {
		order = compare(a, b, alike);
		if (a->paired || (!b->paired && order < 0)) {
			a++;
		} else if (b->paired || order > 0) {
			b++;
		} else {
			a->paired = b->paired = true;
			(a++)->uid = (b++)->uid;
		}
	}
}

static void
fill(const struct twins *t, struct stoods *s, const struct folder_state *keeps,
    struct halves *then, struct halves *now)
{
	const struct twin *twin;
	const struct stood *stood;
	const struct msg *m;
	struct half half = { .paired = false };
	size_t i;

	then->v = xcalloc(t->seen.n, sizeof(*then->v));
	now->v = xcalloc(t->seen.n, sizeof(*now->v));
	for (i = 0; i < t->seen.n; i++) {
		m = &t->seen.v[i];
		twin = find(t, m->uid);
		if (twin == NULL)
			continue;
		half.uid = m->uid;
		half.group = twin->group;
		half.then = NULL;
		half.text = flag_text(m->flags, m->keywords, keeps);
		now->v[now->n++] = half;
		stood = stood_find(s, m->uid);
		if (stood == NULL)
			continue;
		half.then = stood;
		half.text = flag_text(stood->flags, stood->keywords, keeps);
		then->v[then->n++] = half;
	}
}

void
twins_pair(const struct twins *t, struct held *h, struct stoods *s,
    const struct folder_state *keeps)
{
	struct halves then = { NULL, 0 }, now = { NULL, 0 };
	size_t i;

	if (t->seen.n == 0)
		return;
	fill(t, s, keeps, &then, &now);
	pair(&then, &now, true);
	pair(&then, &now, false);
	for (i = 0; i < now.n; i++)
		held_choose(h, now.v[i].uid, now.v[i].paired);
	for (i = 0; i < then.n; i++)
		stood_move(s, then.v[i].then, then.v[i].uid);
	release(&then);
	release(&now);
}
