#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>

#include "mail/civil.h"

/* Days of 400 years, after which the calendar is the same again. */
#define ERA_DAYS INT64_C(146097)
#define DAY_SECONDS INT64_C(86400)
/* Days from 1 March of the year 0 to 1 January 1970. */
#define EPOCH_DAYS INT64_C(719468)

static const char month_names[12][4] = {
	"Jan",
	"Feb",
	"Mar",
	"Apr",
	"May",
	"Jun",
	"Jul",
	"Aug",
	"Sep",
	"Oct",
	"Nov",
	"Dec",
};

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (leap && month == 2 ? 1 : 0);
}

bool
civil_is_valid(const struct civil *c)
{
	return c->year >= 0 && c->year <= 9999 && c->month >= 1 &&
	    c->month <= 12 && c->day >= 1 &&
	    c->day <= days_in(c->year, c->month) && c->hour >= 0 &&
	    c->hour <= 23 && c->minute >= 0 && c->minute <= 59 &&
	    c->second >= 0 && c->second <= 60;
}

/*
 * Years are counted from March here, so that the leap day is the last of
 * its year; then the days before a month are (153 * month + 2) / 5.  400 is
 * added to the year because January of the year 0 is in March's year -1.
 */
int64_t
civil_to_epoch(const struct civil *c)
{
	int64_t year = c->year + 400 - (c->month <= 2 ? 1 : 0);
	int64_t month = (c->month + 9) % 12;
	int64_t days, epoch;

	days = year * 365 + year / 4 - year / 100 + year / 400;
	days += (153 * month + 2) / 5 + c->day - 1;
	days -= ERA_DAYS + EPOCH_DAYS;
	epoch =
	    days * DAY_SECONDS + c->hour * 3600 + c->minute * 60 + c->second;
	/* A leap second after all that can be told. */
	return epoch > CIVIL_LAST ? CIVIL_LAST : epoch;
}

void
civil_from_epoch(int64_t epoch, struct civil *r)
{
	int64_t days, seconds, era, year, month;

	if (epoch < CIVIL_FIRST)
		epoch = CIVIL_FIRST;
	if (epoch > CIVIL_LAST)
		epoch = CIVIL_LAST;
	/* From here on nothing is negative. */
	seconds = epoch + (ERA_DAYS + EPOCH_DAYS) * DAY_SECONDS;
	days = seconds / DAY_SECONDS;
	seconds %= DAY_SECONDS;
	era = days / ERA_DAYS;
	days %= ERA_DAYS;
	year = (days - days / 1460 + days / 36524 - days / 146096) / 365;
	days -= year * 365 + year / 4 - year / 100;
	month = (5 * days + 2) / 153;
	r->day = (int)(days - (153 * month + 2) / 5) + 1;
	r->month = (int)(month < 10 ? month + 3 : month - 9);
	r->year = (int)(year + (era - 1) * 400) + (r->month <= 2 ? 1 : 0);
	r->hour = (int)(seconds / 3600);
	r->minute = (int)(seconds / 60 % 60);
	r->second = (int)(seconds % 60);
}

int
civil_month(const char *s, size_t n)
{
	int i;

	if (n < 3)
		return 0;
	for (i = 0; i < 12; i++)
		if (strncasecmp(s, month_names[i], 3) == 0)
			return i + 1;
	return 0;
}

const char *
civil_month_name(int month)
{
	return month_names[month - 1];
}
