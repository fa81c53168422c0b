#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "mail/civil.h"
#include "mail/date.h"
#include "mail/header.h"
#include "util/buf.h"

/* Octets of a Date or Received field that are looked at. */
enum { DATE_FIELD_MAX = 4096 };

/* The text that is left to read. */
struct text {
	const char *p;
	size_t n;
};

static void
skip(struct text *t, size_t n)
{
	t->p += n;
	t->n -= n;
}

static bool
at_digit(const struct text *t)
{
	return t->n > 0 && *t->p >= '0' && *t->p <= '9';
}

static bool
at_letter(const struct text *t)
{
	return t->n > 0 &&
	    ((*t->p >= 'A' && *t->p <= 'Z') || (*t->p >= 'a' && *t->p <= 'z'));
}

static bool
at(const struct text *t, const char *set)
{
	return t->n > 0 && *t->p != '\0' && strchr(set, *t->p) != NULL;
}

/* Blanks, line ends and comments, which nest. */
static void
skip_cfws(struct text *t)
{
	size_t depth = 0;

	while (t->n > 0 && (depth > 0 || at(t, " \t\r\n("))) {
		if (*t->p == '(')
			depth++;
		else if (*t->p == ')')
			depth--;
		else if (*t->p == '\\' && t->n > 1)
			skip(t, 1);
		skip(t, 1);
	}
}

static struct text
take_word(struct text *t)
{
	struct text word = { t->p, 0 };

	while (at_letter(t)) {
		skip(t, 1);
		word.n++;
	}
	return word;
}

/* The number of digits read, at most max; 0 for none. */
static size_t
take_number(struct text *t, size_t max, int *r)
{
	size_t n;

	*r = 0;
	for (n = 0; n < max && at_digit(t); n++) {
		*r = *r * 10 + (*t->p - '0');
		skip(t, 1);
	}
	return n;
}

/* Up to the day, past a weekday in whatever language; *month_r is set if
 * the month comes first (asctime), else 0. */
static void
skip_weekday(struct text *t, int *month_r)
{
	struct text word;

	*month_r = 0;
	for (skip_cfws(t); t->n > 0 && !at_digit(t); skip_cfws(t)) {
		if (!at_letter(t)) {
			skip(t, 1);
			continue;
		}
		word = take_word(t);
		skip_cfws(t);
		/* "Mar," is a Tuesday in French. */
		if (!at(t, ",."))
			*month_r = civil_month(word.p, word.n);
	}
}

static void
skip_separator(struct text *t)
{
	skip_cfws(t);
	while (at(t, "-.,/")) {
		skip(t, 1);
		skip_cfws(t);
	}
}

static bool
take_year(struct text *t, int *r)
{
	size_t digits = take_number(t, 4, r);

	if (digits < 2 || at_digit(t))
		return false;
	/* RFC 5322 section 4.3. */
	if (digits == 2 && *r < 50)
		*r += 2000;
	else if (digits < 4)
		*r += 1900;
	return true;
}

static bool
take_time(struct text *t, struct civil *c)
{
	int fraction;

	if (take_number(t, 2, &c->hour) == 0 || !at(t, ":"))
		return false;
	skip(t, 1);
	if (take_number(t, 2, &c->minute) == 0)
		return false;
	c->second = 0;
	if (!at(t, ":"))
		return true;
	skip(t, 1);
	if (take_number(t, 2, &c->second) == 0)
		return false;
	if (at(t, ".")) {
		skip(t, 1);
		while (take_number(t, 1, &fraction) > 0)
			continue;
	}
	return true;
}

/* "+0130", "-8:00": minutes; 0, which is what -0000 means, for rubbish. */
static int
take_offset(struct text *t)
{
	int sign = *t->p == '-' ? -1 : 1;
	int value, minutes;
	size_t digits;

	skip(t, 1);
	digits = take_number(t, 4, &value);
	if (digits <= 2 && at(t, ":")) {
		skip(t, 1);
		(void)take_number(t, 2, &minutes);
		value = value * 100 + minutes;
	} else if (digits < 3) {
		value *= 100;
	}
	if (at_digit(t) || value / 100 > 23 || value % 100 > 59)
		return 0;
	return sign * (value / 100 * 60 + value % 100);
}

/* Zones of RFC 5322 section 4.3.  Others, with the military ones that
 * RFC 822 had the wrong way round, are to be read as -0000. */
static int
zone_of_word(const struct text *word)
{
	static const struct {
		char name[4];
		int hours;
	} zones[] = {
		{ "EST", -5 },
		{ "EDT", -4 },
		{ "CST", -6 },
		{ "CDT", -5 },
		{ "MST", -7 },
		{ "MDT", -6 },
		{ "PST", -8 },
		{ "PDT", -7 },
	};
	size_t i;

	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (word->n == 3 && strncasecmp(word->p, zones[i].name, 3) == 0)
			return zones[i].hours * 60;
	return 0;
}

static int
take_zone(struct text *t)
{
	struct text word;

	skip_cfws(t);
	if (at_letter(t)) {
		word = take_word(t);
		/* "GMT+0200" */
		if (!at(t, "+-"))
			return zone_of_word(&word);
	}
	return at(t, "+-") ? take_offset(t) : 0;
}

/* "1 Feb 2020 10:11:12 +0100" */
static bool
take_rfc(struct text *t, struct civil *c, int *zone_r)
{
	struct text word;

	if (take_number(t, 2, &c->day) == 0 || at_digit(t))
		return false;
	skip_separator(t);
	word = take_word(t);
	c->month = civil_month(word.p, word.n);
	if (c->month == 0)
		return false;
	skip_separator(t);
	if (!take_year(t, &c->year))
		return false;
	skip_separator(t);
	if (!take_time(t, c))
		return false;
	*zone_r = take_zone(t);
	return true;
}

/* "Feb  1 10:11:12 CET 2020 +0100" behind the month. */
static bool
take_asctime(struct text *t, struct civil *c, int *zone_r)
{
	int late;

	if (take_number(t, 2, &c->day) == 0)
		return false;
	skip_separator(t);
	if (!take_time(t, c))
		return false;
	*zone_r = take_zone(t);
	skip_cfws(t);
	if (!take_year(t, &c->year))
		return false;
	late = take_zone(t);
	if (late != 0)
		*zone_r = late;
	return true;
}

bool
date_parse_5322(const char *s, size_t n, struct mdate *r)
{
	struct text t = { s, n < DATE_FIELD_MAX ? n : DATE_FIELD_MAX };
	struct civil c;
	int zone;

	skip_weekday(&t, &c.month);
	if (c.month != 0) {
		if (!take_asctime(&t, &c, &zone))
			return false;
	} else if (!take_rfc(&t, &c, &zone)) {
		return false;
	}
	if (!civil_is_valid(&c))
		return false;
	r->epoch = civil_to_epoch(&c) - (int64_t)zone * 60;
	r->zone = (int16_t)zone;
	r->known = true;
	return true;
}

/* The first field called name whose date can be read. */
static bool
date_of_field(const void *header, size_t n, const char *name, bool behind,
    struct mdate *r)
{
	struct header_cursor cursor;
	struct header_field f;
	const char *semicolon;

	header_start(&cursor, header, n);
	while (header_next(&cursor, &f)) {
		if (!header_is(&f, name))
			continue;
		if (behind) {
			semicolon = memrchr(f.body, ';', f.body_len);
			if (semicolon == NULL)
				continue;
			f.body_len -= (size_t)(semicolon + 1 - f.body);
			f.body = semicolon + 1;
		}
		if (date_parse_5322(f.body, f.body_len, r))
			return true;
	}
	return false;
}

bool
date_from_header(const void *header, size_t n, struct mdate *r)
{
	return date_of_field(header, n, "Date", false, r) ||
	    date_of_field(header, n, "Received", true, r);
}
