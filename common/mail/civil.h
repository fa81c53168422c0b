#ifndef MAIL_CIVIL_H
#define MAIL_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A date and time as people write them: proleptic Gregorian, no zone. */
struct civil {
	int year;  /* 0 to 9999 */
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
	int hour;
	int minute;
	int second; /* to 60: leap seconds are told */
};

/* First and last second that four digits of a year can tell. */
#define CIVIL_FIRST INT64_C(-62167219200)
#define CIVIL_LAST INT64_C(253402300799)

/* Every field in its range, and the day in its month. */
bool civil_is_valid(const struct civil *c);
/* Seconds since the epoch if c were UTC, at most CIVIL_LAST; c is valid. */
int64_t civil_to_epoch(const struct civil *c);
/* The opposite; epoch is taken to the nearest that can be told. */
void civil_from_epoch(int64_t epoch, struct civil *r);

/* 1 to 12 for a word whose first three letters name a month in English,
 * any case; 0 for none. */
int civil_month(const char *s, size_t n);
const char *civil_month_name(int month);

#endif
