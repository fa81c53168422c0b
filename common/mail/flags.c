#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "mail/flags.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/strs.h"
#include "util/table.h"

struct flag_name {
	unsigned flag;
	char letter;
	const char *name;
};

/* In the order in which they are written: the bits'. */
static const struct flag_name flag_names[] = {
	{ FLAG_SEEN, 'S', "\\Seen" },
	{ FLAG_ANSWERED, 'R', "\\Answered" },
	{ FLAG_FLAGGED, 'F', "\\Flagged" },
	{ FLAG_DELETED, 'T', "\\Deleted" },
	{ FLAG_DRAFT, 'D', "\\Draft" },
};

enum { FLAG_COUNT = sizeof(flag_names) / sizeof(flag_names[0]) };

unsigned
flag_parse(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < FLAG_COUNT; i++)
		if (strlen(flag_names[i].name) == n &&
		    strncasecmp(flag_names[i].name, s, n) == 0)
			return flag_names[i].flag;
	return 0;
}

void
flags_format(struct buf *b, unsigned flags)
{
	const char *blank = "";
	size_t i;

	for (i = 0; i < FLAG_COUNT; i++) {
		if ((flags & flag_names[i].flag) == 0)
			continue;
		buf_adds(b, blank);
		buf_adds(b, flag_names[i].name);
		blank = " ";
	}
}

static unsigned
flag_of_letter(char letter)
{
	size_t i;

	for (i = 0; i < FLAG_COUNT; i++)
		if (flag_names[i].letter == letter)
			return flag_names[i].flag;
	return 0;
}

void
flags_to_letters(struct buf *b, unsigned flags)
{
	const char *p;

	for (p = "DFRST"; *p != '\0'; p++)
		if ((flags & flag_of_letter(*p)) != 0)
			buf_addc(b, *p);
}

unsigned
flags_from_letters(const char *s, size_t n)
{
	unsigned flags = 0;
	size_t i;

	for (i = 0; i < n; i++)
		flags |= flag_of_letter(s[i]);
	return flags;
}

struct atoms {
	struct strs all;
	struct table index;
};

struct wanted {
	const struct atoms *atoms;
	const char *s;
	size_t n;
};

struct atoms *
atoms_new(void)
{
	return xcalloc(1, sizeof(struct atoms));
}

void
atoms_free(struct atoms *a)
{
	if (a == NULL)
		return;
	strs_release(&a->all);
	table_release(&a->index);
	free(a);
}

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct wanted *w = arg;
	const char *s = w->atoms->all.v[id];

	return strncmp(s, w->s, w->n) == 0 && s[w->n] == '\0';
}

const char *
atoms_get(struct atoms *a, const char *s, size_t n)
{
	struct table_cursor cursor;
	struct wanted wanted;
	uint64_t hash;
	uint32_t id;

	/* A string ends at its first NUL, here as everywhere. */
	n = strnlen(s, n);
	wanted = (struct wanted){ a, s, n };
	hash = XXH3_64bits(s, n);
	id = table_first(&a->index, hash, is_wanted, &wanted, &cursor);
	if (id == TABLE_NONE) {
		id = num_to_u32(a->all.n);
		strs_addn(&a->all, s, n);
		table_add(&a->index, hash, id);
	}
	return a->all.v[id];
}

const char *
keywords_canonical(struct atoms *a, struct strs *list)
{
	struct buf b = BUF_INIT;
	const char *r, *last = "";
	size_t i;

	strs_sort(list);
	for (i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], last) == 0)
			continue;
		last = list->v[i];
		if (b.len > 0)
			buf_addc(&b, ' ');
		buf_adds(&b, last);
	}
	r = atoms_get(a, buf_str(&b), b.len);
	buf_release(&b);
	return r;
}

void
keywords_split(const char *canonical, struct strs *r)
{
	size_t n;

	*r = (struct strs)STRS_INIT;
	while (*canonical != '\0') {
		n = strcspn(canonical, " ");
		if (n > 0)
			strs_addn(r, canonical, n);
		canonical += n;
		canonical += strspn(canonical, " ");
	}
}
