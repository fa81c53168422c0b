/* The records of a final that only a delta has. */
#include "stores/archive/manifest_delta.h"

#include <string.h>

#include "stores/archive/column.h"
#include "util/mem.h"
#include "util/num.h"

enum { LINE_CLOSE = 4000 }; /* octets of an x line: begin another one */

bool
manifest_take_base(void *into, char **c)
{
	struct manifest_final *m = into;
	struct archive_base *b;

	m->base = xgrow(m->base, m->bases, &m->base_cap, sizeof(*m->base));
	b = &m->base[m->bases];
	if (!column_u32(c[0], &b->folder) || b->folder >= m->claims ||
	    !column_u32(c[1], &b->parent) ||
	    (m->bases > 0 && b->folder <= b[-1].folder))
		return false;
	m->bases++;
	return true;
}

static bool
has_base(const struct manifest_final *m, uint32_t folder)
{
	size_t low = 0, high = m->bases, at;

	while (low < high) {
		at = low + (high - low) / 2;
		if (m->base[at].folder == folder)
			return true;
		if (m->base[at].folder < folder)
			low = at + 1;
		else
			high = at;
	}
	return false;
}

/* A number, which *s moves behind. */
static bool
take_uid(const char **s, uint32_t *r)
{
	const size_t n = strspn(*s, "0123456789");
	uint64_t uid;

	if ((n > 1 && **s == '0') || !num_u64(*s, n, UINT32_MAX, &uid) ||
	    uid == 0)
		return false;
	*r = (uint32_t)uid;
	*s += n;
	return true;
}

/* The next of a set, behind the one before it. */
static bool
take_range(struct manifest_final *m, uint32_t folder, const char **s)
{
	struct archive_removal *x;

	m->removal = xgrow(m->removal, m->removals, &m->removal_cap,
	    sizeof(*m->removal));
	x = &m->removal[m->removals];
	x->folder = folder;
	if (!take_uid(s, &x->first))
		return false;
	x->last = x->first;
	if (**s == ':') {
		++*s;
		if (!take_uid(s, &x->last) || x->last <= x->first)
			return false;
	}
	if (m->removals > 0 && x[-1].folder == folder && x->first <= x[-1].last)
		return false;
	m->removals++;
	return true;
}

bool
manifest_take_removal(void *into, char **c)
{
	struct manifest_final *m = into;
	const char *s = c[1];
	uint32_t folder;

	if (!column_u32(c[0], &folder) || !has_base(m, folder) ||
	    (m->removals > 0 && folder < m->removal[m->removals - 1].folder))
		return false;
	for (;; s++) {
		if (!take_range(m, folder, &s))
			return false;
		if (*s == '\0')
			return true;
		if (*s != ',')
			return false;
	}
}

bool
manifest_take_change(void *into, char **c)
{
	struct manifest_final *m = into;
	struct archive_change *f;

	m->change =
	    xgrow(m->change, m->changes, &m->change_cap, sizeof(*m->change));
	f = &m->change[m->changes];
	if (!column_u32(c[0], &f->folder) || !has_base(m, f->folder) ||
	    !column_u32(c[1], &f->uid) || !column_flags(c[2], &f->flags) ||
	    !column_words(m->atoms, c[3], &f->keywords))
		return false;
	if (m->changes > 0 &&
	    (f->folder < f[-1].folder ||
		(f->folder == f[-1].folder && f->uid <= f[-1].uid)))
		return false;
	m->changes++;
	return true;
}

void
manifest_put_base(struct buf *b, const struct archive_base *base)
{
	buf_addf(b, "base\t%u\t%u\n", base->folder, base->parent);
}

void
manifest_put_removal(struct buf *b, const struct archive_removal *x,
    const struct archive_removal *before, size_t *line)
{
	if (before == NULL || before->folder != x->folder ||
	    b->len - *line > LINE_CLOSE) {
		manifest_end_removals(b, before);
		*line = b->len;
		buf_addf(b, "x\t%u\t", x->folder);
	} else {
		buf_addc(b, ',');
	}
	buf_addf(b, "%u", x->first);
	if (x->last > x->first)
		buf_addf(b, ":%u", x->last);
}

void
manifest_end_removals(struct buf *b, const struct archive_removal *last)
{
	if (last != NULL)
		buf_addc(b, '\n');
}

void
manifest_put_change(struct buf *b, const struct archive_change *f)
{
	buf_addf(b, "f\t%u\t%u\t", f->folder, f->uid);
	column_put_flags(b, f->flags);
	buf_addc(b, '\t');
	column_put_words(b, f->keywords);
	buf_addc(b, '\n');
}
