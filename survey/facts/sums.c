#include "sums.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

uint64_t
size_limit(size_t i)
{
	static const uint64_t limit[SIZE_CLASSES] = { 1 << 10, 4 << 10,
		16 << 10, 64 << 10, 256 << 10, 1 << 20, 2 << 20, 5 << 20,
		10 << 20, 20 << 20, 25 << 20, 35 << 20, 50 << 20, 100 << 20,
		150 << 20, 1 << 30, UINT64_MAX };

	return limit[i];
}

void
sums_init(struct sums *t)
{
	memset(t, 0, sizeof(*t));
}

void
sums_release(struct sums *t)
{
	size_t i;

	for (i = 0; i < t->types; i++)
		free(t->type[i].type);
	for (i = 0; i < t->keywords; i++)
		free(t->keyword[i].name);
	free(t->year);
	free(t->type);
	free(t->keyword);
	memset(t, 0, sizeof(*t));
}

void
sums_add_year(struct sums *t, int year, uint64_t messages, uint64_t bytes)
{
	size_t at = t->years;

	if (year < YEAR_FIRST || year > YEAR_LAST)
		year = 0;
	while (at > 0 && t->year[at - 1].year > year)
		at--;
	if (at == 0 || t->year[at - 1].year != year) {
		t->year =
		    xgrow(t->year, t->years, &t->years_cap, sizeof(t->year[0]));
		memmove(&t->year[at + 1], &t->year[at],
		    (t->years - at) * sizeof(t->year[0]));
		t->year[at] = (struct year){ year, 0, 0 };
		t->years++;
		at++;
	}
	t->year[at - 1].messages += messages;
	t->year[at - 1].bytes += bytes;
}

void
sums_add_size(struct sums *t, uint64_t size)
{
	size_t i = 0;

	while (i + 1 < SIZE_CLASSES && size >= size_limit(i))
		i++;
	t->size[i].messages++;
	t->size[i].bytes += size;
}

void
sums_add_type(struct sums *t, const char *type, uint64_t parts, uint64_t bytes)
{
	size_t i;

	for (i = 0; i < t->types; i++)
		if (strcmp(t->type[i].type, type) == 0)
			break;
	/* the last place is for all others */
	if (i == t->types && i + 1 >= TYPES_MAX &&
	    strcmp(type, TYPE_OTHERS) != 0) {
		sums_add_type(t, TYPE_OTHERS, parts, bytes);
		return;
	}
	if (i == t->types) {
		t->type =
		    xgrow(t->type, t->types, &t->types_cap, sizeof(t->type[0]));
		t->type[t->types++] = (struct part_type){ xstrdup(type), 0, 0 };
	}
	t->type[i].parts += parts;
	t->type[i].bytes += bytes;
}

void
sums_add_keyword(struct sums *t, const char *name, size_t n, uint64_t messages)
{
	size_t i;

	for (i = 0; i < t->keywords; i++)
		if (strlen(t->keyword[i].name) == n &&
		    memcmp(t->keyword[i].name, name, n) == 0)
			break;
	if (i == t->keywords && i == KEYWORDS_MAX) {
		t->other_keywords += messages;
		return;
	}
	if (i == t->keywords) {
		t->keyword = xgrow(t->keyword, t->keywords, &t->keywords_cap,
		    sizeof(t->keyword[0]));
		t->keyword[t->keywords++] =
		    (struct keyword){ xstrndup(name, n), 0 };
	}
	t->keyword[i].messages += messages;
}

static void
add_ugly(struct ugly_count *to, const struct ugly_count *from)
{
	to->messages += from->messages;
	to->bytes += from->bytes;
}

static void
add_lists(struct sums *to, const struct sums *from)
{
	size_t i;

	for (i = 0; i < from->years; i++)
		sums_add_year(to, from->year[i].year, from->year[i].messages,
		    from->year[i].bytes);
	for (i = 0; i < from->types; i++)
		sums_add_type(to, from->type[i].type, from->type[i].parts,
		    from->type[i].bytes);
	for (i = 0; i < from->keywords; i++)
		sums_add_keyword(to, from->keyword[i].name,
		    strlen(from->keyword[i].name), from->keyword[i].messages);
}

void
sums_add(struct sums *to, const struct sums *from)
{
	size_t i;

	to->messages += from->messages;
	to->bytes += from->bytes;
	to->left_out += from->left_out;
	to->with_attachments += from->with_attachments;
	to->attachments += from->attachments;
	to->attachment_bytes += from->attachment_bytes;
	to->structured += from->structured;
	to->unflagged += from->unflagged;
	to->other_keywords += from->other_keywords;
	for (i = 0; i < SIZE_CLASSES; i++) {
		to->size[i].messages += from->size[i].messages;
		to->size[i].bytes += from->size[i].bytes;
	}
	for (i = 0; i < sizeof(to->flag) / sizeof(to->flag[0]); i++)
		to->flag[i] += from->flag[i];
	for (i = 0; i < UGLY_KINDS; i++)
		add_ugly(&to->ugly[i], &from->ugly[i]);
	add_ugly(&to->sample, &from->sample);
	if (from->longest_line > to->longest_line)
		to->longest_line = from->longest_line;
	add_lists(to, from);
}

/* What comes first has more, or the name that comes first. */
static int
order(uint64_t a, uint64_t b, const char *a_name, const char *b_name)
{
	if (a != b)
		return a > b ? -1 : 1;
	return strcmp(a_name, b_name);
}

static int
by_bytes(const void *a, const void *b)
{
	const struct part_type *x = a, *y = b;

	return order(x->bytes, y->bytes, x->type, y->type);
}

static int
by_messages(const void *a, const void *b)
{
	const struct keyword *x = a, *y = b;

	return order(x->messages, y->messages, x->name, y->name);
}

void
sums_sort(struct sums *t)
{
	if (t->types > 0)
		qsort(t->type, t->types, sizeof(t->type[0]), by_bytes);
	if (t->keywords > 0)
		qsort(t->keyword, t->keywords, sizeof(t->keyword[0]),
		    by_messages);
}
