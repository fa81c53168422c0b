#include "util/bucket.h"

/* No wait is longer than an hour, whatever is taken. */
static const double debt_max_us = 3600e6;

void
bucket_set(struct bucket *b, double tokens, double us, double burst)
{
	b->us_each = us / tokens;
	b->burst_us = burst * b->us_each;
	b->due_us = 0;
}

int64_t
bucket_take(struct bucket *b, uint64_t n, int64_t now_us)
{
	double now = (double)now_us;
	int64_t turn;

	turn = bucket_debt(b, now_us);
	if (b->due_us < now - b->burst_us)
		b->due_us = now - b->burst_us;
	b->due_us += (double)n * b->us_each;
	if (b->due_us > now + debt_max_us)
		b->due_us = now + debt_max_us;
	return turn;
}

int64_t
bucket_debt(const struct bucket *b, int64_t now_us)
{
	double left = b->due_us - (double)now_us;

	return b->us_each > 0 && left > 0 ? (int64_t)left : 0;
}
