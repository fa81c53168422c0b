#include "util/clock.h"

#include <assert.h>
#include <time.h>

int64_t
clock_us(void)
{
	struct timespec t;
	int rc;

	rc = clock_gettime(CLOCK_MONOTONIC, &t);
	assert(rc == 0);
	(void)rc;
	return (int64_t)t.tv_sec * 1000000 + (int64_t)t.tv_nsec / 1000;
}

int64_t
clock_ms(void)
{
	return clock_us() / 1000;
}

int64_t
clock_utc(void)
{
	return (int64_t)time(NULL);
}
