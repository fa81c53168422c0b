#ifndef UTIL_NUM_H
#define UTIL_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only (no sign, blank or leading +), the whole of s[0..n),
 * at most max.  False leaves *r alone. */
bool num_u64(const char *s, size_t n, uint64_t max, uint64_t *r);
bool num_u32(const char *s, size_t n, uint32_t *r);
/* With an optional leading '-'. */
bool num_i64(const char *s, size_t n, int64_t *r);
/* Octets as a person writes them: 500, 64k, 20M, 1G (binary units). */
bool num_size(const char *s, uint64_t *r);
/* How many a second, as a person writes it: 4, 0.5, 30/min, 3600/h; at most
 * six digits before the point and three behind it. */
bool num_rate(const char *s, double *r);
/* A time as a person writes it: 90 or 90s, 30m, 48h, 2d; in milliseconds. */
bool num_duration(const char *s, int64_t *ms_r);
/* Narrowing that is known to fit: asserts. */
uint32_t num_to_u32(uint64_t v);
int num_to_int(size_t v);

#endif
