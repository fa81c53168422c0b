#include "stores/imap/uidset.h"

#include <stdlib.h>
#include <string.h>

#include "stores/imap/token.h"
#include "util/mem.h"

/* The number of runs that begin at or below uid. */
static size_t
runs_upto(const struct uidset *s, uint32_t uid)
{
	size_t low = 0, high = s->n, mid;

	/* Servers tell them in order: look at the end first. */
	if (s->n == 0 || s->v[s->n - 1].first <= uid)
		return s->n;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->v[mid].first <= uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
uidset_has(const struct uidset *s, uint32_t uid)
{
	size_t at = runs_upto(s, uid);

	return at > 0 && s->v[at - 1].last >= uid;
}

static void
insert_run(struct uidset *s, size_t at, uint32_t uid)
{
	s->v = xgrow(s->v, s->n, &s->cap, sizeof(s->v[0]));
	memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof(s->v[0]));
	s->v[at].first = s->v[at].last = uid;
	s->n++;
}

static void
remove_run(struct uidset *s, size_t at)
{
	s->n--;
	memmove(&s->v[at], &s->v[at + 1], (s->n - at) * sizeof(s->v[0]));
}

bool
uidset_add(struct uidset *s, uint32_t uid)
{
	size_t at = runs_upto(s, uid);
	bool joins_left, joins_right;

	if (at > 0 && s->v[at - 1].last >= uid)
		return false;
	joins_left = at > 0 && s->v[at - 1].last + 1 == uid;
	joins_right = at < s->n && s->v[at].first - 1 == uid;
	if (joins_left && joins_right) {
		s->v[at - 1].last = s->v[at].last;
		remove_run(s, at);
	} else if (joins_left) {
		s->v[at - 1].last = uid;
	} else if (joins_right) {
		s->v[at].first = uid;
	} else {
		insert_run(s, at, uid);
	}
	s->count++;
	return true;
}

void
uidset_format(const struct uidset *s, struct buf *b)
{
	const struct uidrun *r;

	for (r = s->v; r < s->v + s->n; r++) {
		if (r != s->v)
			buf_addc(b, ',');
		buf_addf(b, "%lu", (unsigned long)r->first);
		if (r->last != r->first)
			buf_addf(b, ":%lu", (unsigned long)r->last);
	}
}

void
uidset_clear(struct uidset *s)
{
	s->n = 0;
	s->count = 0;
}

void
uidset_release(struct uidset *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* One of "7" and "7:9"; *at_r moves on by what it holds. */
static bool
take_range(struct tokens *t, uint32_t *uid_r, size_t n, size_t *at_r)
{
	uint32_t first, last, i;

	if (!token_u32(t, &first))
		return false;
	last = first;
	if (t->p < t->end && *t->p == ':') {
		t->p++;
		if (!token_u32(t, &last))
			return false;
	}
	if (first > last) {
		i = first;
		first = last;
		last = i;
	}
	if (first == 0 || last - first >= n - *at_r)
		return false;
	for (i = 0; i <= last - first; i++)
		uid_r[(*at_r)++] = first + i;
	return true;
}

bool
uidset_appended(const char *text, uint32_t *uidvalidity_r, uint32_t *uid_r,
    size_t n)
{
	static const char code[] = "[APPENDUID ";
	const char *at = strstr(text, code);
	struct tokens t;
	size_t found = 0;

	/* A text that was cut short has lost the bracket. */
	if (at == NULL || strchr(at, ']') == NULL)
		return false;
	at += sizeof(code) - 1;
	tokens_init(&t, at, (size_t)(strchr(at, ']') - at));
	if (!token_u32(&t, uidvalidity_r))
		return false;
	do {
		if (!take_range(&t, uid_r, n, &found))
			return false;
	} while (token_byte(&t, ','));
	return found == n && token_end(&t);
}
