#ifndef UTIL_BUCKET_H
#define UTIL_BUCKET_H

#include <stdint.h>

/*
 * A token bucket, kept as the time at which everything taken so far is paid
 * for.  It knows no clock: the caller tells the microseconds, which must not
 * run backwards.  All zero is a bucket without a bottom.
 */
struct bucket {
	double us_each;  /* the price of one token; 0: none */
	double burst_us; /* what may be saved up while nothing is taken */
	double due_us;   /* when the bucket is even */
};

/* tokens are filled in each us; at most burst of them are saved up. */
void bucket_set(struct bucket *b, double tokens, double us, double burst);
/* Takes n.  Microseconds until it is the taker's turn: that is, until what
 * others took before is paid for. */
int64_t bucket_take(struct bucket *b, uint64_t n, int64_t now_us);
/* Microseconds until all that was taken is paid for; 0: it is. */
int64_t bucket_debt(const struct bucket *b, int64_t now_us);

#endif
