#include "util/num.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

bool
num_u64(const char *s, size_t n, uint64_t max, uint64_t *r)
{
	uint64_t v = 0;
	unsigned digit;
	size_t i;

	if (n == 0)
		return false;
	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		digit = (unsigned)(s[i] - '0');
		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (v > max)
		return false;
	*r = v;
	return true;
}

bool
num_u32(const char *s, size_t n, uint32_t *r)
{
	uint64_t v;

	if (!num_u64(s, n, UINT32_MAX, &v))
		return false;
	*r = (uint32_t)v;
	return true;
}

bool
num_i64(const char *s, size_t n, int64_t *r)
{
	const uint64_t most = INT64_MAX;
	uint64_t v;

	if (n > 0 && s[0] == '-') {
		if (!num_u64(s + 1, n - 1, most + 1, &v))
			return false;
		/* INT64_MIN has no positive twin. */
		*r = v > most ? INT64_MIN : -(int64_t)v;
		return true;
	}
	if (!num_u64(s, n, most, &v))
		return false;
	*r = (int64_t)v;
	return true;
}

static unsigned
unit_shift(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 10;
	case 'm':
	case 'M':
		return 20;
	case 'g':
	case 'G':
		return 30;
	case 't':
	case 'T':
		return 40;
	default:
		return 0;
	}
}

bool
num_size(const char *s, uint64_t *r)
{
	size_t n = strlen(s);
	unsigned shift;
	uint64_t v;

	shift = n > 0 ? unit_shift(s[n - 1]) : 0;
	if (shift > 0)
		n--;
	if (!num_u64(s, n, UINT64_MAX >> shift, &v))
		return false;
	*r = v << shift;
	return true;
}

/* What stands behind a rate's number: seconds; 0 for what is no unit. */
static unsigned
unit_seconds(const char *unit)
{
	if (*unit == '\0' || strcmp(unit, "/s") == 0)
		return 1;
	if (strcmp(unit, "/min") == 0)
		return 60;
	return strcmp(unit, "/h") == 0 ? 3600 : 0;
}

bool
num_rate(const char *s, double *r)
{
	size_t whole = strspn(s, "0123456789"), part = 0;
	uint64_t v, thousandths = 0;
	unsigned seconds;
	const char *p = s + whole;

	if (!num_u64(s, whole, 999999, &v))
		return false;
	if (*p == '.') {
		part = strspn(++p, "0123456789");
		if (part > 3 || !num_u64(p, part, 999, &thousandths))
			return false;
		p += part;
	}
	for (; part < 3; part++)
		thousandths *= 10;
	seconds = unit_seconds(p);
	if (seconds == 0)
		return false;
	*r = ((double)v + (double)thousandths / 1000) / seconds;
	return true;
}

bool
num_duration(const char *s, int64_t *ms_r)
{
	static const struct {
		char letter;
		int64_t s;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const int64_t most = INT64_MAX / 1000;
	size_t i, n = strspn(s, "0123456789");
	int64_t unit = s[n] == '\0' ? 1 : 0;
	uint64_t v;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (s[n] == units[i].letter && s[n + 1] == '\0')
			unit = units[i].s;
	if (unit == 0 || !num_u64(s, n, (uint64_t)(most / unit), &v))
		return false;
	*ms_r = (int64_t)v * unit * 1000;
	return true;
}

uint32_t
num_to_u32(uint64_t v)
{
	assert(v <= UINT32_MAX);
	return (uint32_t)v;
}

int
num_to_int(size_t v)
{
	assert(v <= INT_MAX);
	return (int)v;
}
