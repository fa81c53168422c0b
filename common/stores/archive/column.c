#include "stores/archive/column.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/num.h"
#include "util/text.h"

enum { ZONE_MAX = 24 * 60 };

static bool
is_none(const char *s)
{
	return s[0] == '-' && s[1] == '\0';
}

void
column_put_text(struct buf *b, const char *s)
{
	if (s == NULL)
		buf_addc(b, '-');
	else if (is_none(s))
		buf_adds(b, "%2D");
	else
		text_percent(b, s, strlen(s));
}

void
column_put_date(struct buf *b, const struct mdate *d)
{
	if (d->known)
		buf_addf(b, "%" PRId64 "\t%d", d->epoch, d->zone);
	else
		buf_adds(b, "-\t-");
}

void
column_put_flags(struct buf *b, unsigned flags)
{
	if ((flags & FLAG_ALL) == 0)
		buf_addc(b, '-');
	else
		flags_to_letters(b, flags);
}

void
column_put_words(struct buf *b, const char *canonical)
{
	column_put_text(b, canonical[0] == '\0' ? NULL : canonical);
}

bool
column_number(const char *s, uint64_t max, uint64_t *r)
{
	return num_u64(s, strlen(s), max, r);
}

bool
column_u32(const char *s, uint32_t *r)
{
	return num_u32(s, strlen(s), r);
}

bool
column_hash(const char *s, struct hash *r)
{
	return hash_parse(s, strlen(s), r);
}

bool
column_id(const char *s, char *r, size_t digits)
{
	if (strlen(s) != digits ||
	    strspn(s, "0123456789abcdefABCDEF") != digits)
		return false;
	memcpy(r, s, digits + 1);
	return true;
}

static bool
unescape(const char *s, char **r)
{
	struct buf b = BUF_INIT;
	bool ok;

	/* An escaped NUL would end the string early. */
	ok = strstr(s, "%00") == NULL && text_unpercent(&b, s, strlen(s));
	if (ok)
		*r = buf_steal(&b);
	buf_release(&b);
	return ok;
}

bool
column_text(const char *s, char **r)
{
	*r = NULL;
	return is_none(s) || unescape(s, r);
}

bool
column_text_given(const char *s, char **r)
{
	*r = NULL;
	return !is_none(s) && unescape(s, r);
}

bool
column_path(char *s)
{
	char *plain;

	if (strchr(s, '%') == NULL)
		return true;
	if (!unescape(s, &plain))
		return false;
	memcpy(s, plain, strlen(plain) + 1);
	free(plain);
	return true;
}

bool
column_date(const char *epoch, const char *zone, struct mdate *r)
{
	int64_t seconds, minutes;

	*r = (struct mdate){ 0, 0, false };
	if (is_none(epoch) && is_none(zone))
		return true;
	if (!num_i64(epoch, strlen(epoch), &seconds) ||
	    !num_i64(zone, strlen(zone), &minutes) || minutes < -ZONE_MAX ||
	    minutes > ZONE_MAX)
		return false;
	r->epoch = seconds;
	r->zone = (int16_t)minutes;
	r->known = true;
	return true;
}

bool
column_flags(const char *s, unsigned *r)
{
	struct buf again = BUF_INIT;
	bool ok;

	*r = is_none(s) ? 0 : flags_from_letters(s, strlen(s));
	column_put_flags(&again, *r);
	ok = strcmp(buf_str(&again), s) == 0;
	buf_release(&again);
	return ok;
}

/* Sorted, unique, one blank between, none at the ends. */
static bool
is_canonical(const char *s)
{
	const char *last = NULL;
	size_t n, last_n = 0;
	int order;

	for (;; s += n + 1) {
		n = strcspn(s, " ");
		if (n == 0)
			return false;
		if (last != NULL) {
			order = memcmp(last, s, last_n < n ? last_n : n);
			if (order > 0 || (order == 0 && last_n >= n))
				return false;
		}
		last = s;
		last_n = n;
		if (s[n] == '\0')
			return true;
	}
}

bool
column_words(struct atoms *a, const char *s, const char **r)
{
	char *plain;
	bool ok;

	*r = atoms_get(a, "", 0);
	if (is_none(s))
		return true;
	if (!unescape(s, &plain))
		return false;
	ok = is_canonical(plain);
	if (ok)
		*r = atoms_get(a, plain, strlen(plain));
	free(plain);
	return ok;
}
