#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdint.h>

/* Monotonic milliseconds and microseconds, for timeouts and rates. */
int64_t clock_ms(void);
int64_t clock_us(void);
/* Seconds since the epoch, UTC. */
int64_t clock_utc(void);

#endif
