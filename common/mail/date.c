#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "mail/civil.h"
#include "mail/date.h"
#include "util/buf.h"

/* The text that is left to read. */
struct text {
	const char *p;
	size_t n;
};

static bool
take_char(struct text *t, char c)
{
	if (t->n == 0 || *t->p != c)
		return false;
	t->p++;
	t->n--;
	return true;
}

/* Exactly n decimal digits. */
static bool
take_digits(struct text *t, size_t n, int *r)
{
	int v = 0;
	size_t i;

	if (t->n < n)
		return false;
	for (i = 0; i < n; i++) {
		if (t->p[i] < '0' || t->p[i] > '9')
			return false;
		v = v * 10 + (t->p[i] - '0');
	}
	t->p += n;
	t->n -= n;
	*r = v;
	return true;
}

static bool
take_month(struct text *t, int *r)
{
	*r = civil_month(t->p, t->n);
	if (*r == 0)
		return false;
	t->p += 3;
	t->n -= 3;
	return true;
}

/* date-day-fixed, and the ways in which servers write it. */
static bool
take_day(struct text *t, int *r)
{
	(void)take_char(t, ' ');
	return take_digits(t, 2, r) || take_digits(t, 1, r);
}

static bool
take_time(struct text *t, struct civil *c)
{
	return take_digits(t, 2, &c->hour) && take_char(t, ':') &&
	    take_digits(t, 2, &c->minute) && take_char(t, ':') &&
	    take_digits(t, 2, &c->second);
}

/* "+0130", in minutes. */
static bool
take_zone(struct text *t, int *r)
{
	bool west = take_char(t, '-');
	int hours, minutes;

	if (!west && !take_char(t, '+'))
		return false;
	if (!take_digits(t, 2, &hours) || !take_digits(t, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*r = (west ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

bool
date_parse_internal(const char *s, size_t n, struct mdate *r)
{
	struct text t = { s, n };
	struct civil c;
	int zone;

	if (!take_day(&t, &c.day) || !take_char(&t, '-') ||
	    !take_month(&t, &c.month) || !take_char(&t, '-') ||
	    !take_digits(&t, 4, &c.year) || !take_char(&t, ' ') ||
	    !take_time(&t, &c) || !take_char(&t, ' ') ||
	    !take_zone(&t, &zone) || t.n != 0 || !civil_is_valid(&c))
		return false;
	r->epoch = civil_to_epoch(&c) - (int64_t)zone * 60;
	r->zone = (int16_t)zone;
	r->known = true;
	return true;
}

void
date_format_internal(struct buf *b, const struct mdate *d)
{
	int zone = d->zone;
	int64_t shift = (int64_t)zone * 60;
	struct civil c;

	/* Such zones and years cannot be written; the instant matters. */
	if (zone <= -1440 || zone >= 1440 || d->epoch < CIVIL_FIRST - shift ||
	    d->epoch > CIVIL_LAST - shift) {
		zone = 0;
		civil_from_epoch(d->epoch, &c);
	} else {
		civil_from_epoch(d->epoch + shift, &c);
	}
	buf_addf(b, "\"%2d-%s-%04d %02d:%02d:%02d ", c.day,
	    civil_month_name(c.month), c.year, c.hour, c.minute, c.second);
	buf_addc(b, zone < 0 ? '-' : '+');
	if (zone < 0)
		zone = -zone;
	buf_addf(b, "%02d%02d\"", zone / 60, zone % 60);
}

/* YYYY-MM-DD */
static bool
take_iso_date(struct text *t, struct civil *c)
{
	return take_digits(t, 4, &c->year) && take_char(t, '-') &&
	    take_digits(t, 2, &c->month) && take_char(t, '-') &&
	    take_digits(t, 2, &c->day);
}

/* Local time, as the person at the terminal means it. */
static bool
local_to_epoch(const struct civil *c, int64_t *r)
{
	struct tm tm = {
		.tm_year = c->year - 1900,
		.tm_mon = c->month - 1,
		.tm_mday = c->day,
		.tm_hour = c->hour,
		.tm_min = c->minute,
		.tm_sec = c->second,
		.tm_isdst = -1,
		.tm_wday = -1, /* set by mktime, unless it fails */
	};
	time_t when = mktime(&tm);

	if (tm.tm_wday == -1)
		return false;
	*r = when;
	return true;
}

bool
date_parse_argument(const char *s, int64_t *r)
{
	struct text t = { s, strlen(s) };
	struct civil c = { 0 };
	bool utc;

	if (!take_iso_date(&t, &c))
		return false;
	if (take_char(&t, 'T')) {
		if (!take_digits(&t, 2, &c.hour) || !take_char(&t, ':') ||
		    !take_digits(&t, 2, &c.minute))
			return false;
		if (take_char(&t, ':') && !take_digits(&t, 2, &c.second))
			return false;
	}
	utc = take_char(&t, 'Z');
	if (t.n != 0 || !civil_is_valid(&c))
		return false;
	if (!utc)
		return local_to_epoch(&c, r);
	*r = civil_to_epoch(&c);
	return true;
}

void
date_format_utc(struct buf *b, int64_t epoch)
{
	struct civil c;

	civil_from_epoch(epoch, &c);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day,
	    c.hour, c.minute, c.second);
}

bool
date_parse_utc(const char *s, size_t n, int64_t *r)
{
	struct text t = { s, n };
	struct civil c;

	if (!take_iso_date(&t, &c) || !take_char(&t, 'T') ||
	    !take_time(&t, &c) || !take_char(&t, 'Z') || t.n != 0 ||
	    !civil_is_valid(&c))
		return false;
	*r = civil_to_epoch(&c);
	return true;
}
