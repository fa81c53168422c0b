/* A date that can be read can be written and read again as the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mail/date.h"
#include "util/buf.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_internal(const struct mdate *d)
{
	struct buf b = BUF_INIT;
	struct mdate again;

	date_format_internal(&b, d);
	assert(b.len == 28);
	assert(
	    date_parse_internal((const char *)b.data + 1, b.len - 2, &again));
	assert(again.epoch == d->epoch && again.zone == d->zone);
	buf_release(&b);
}

static void
check_utc(int64_t epoch)
{
	struct buf b = BUF_INIT;
	int64_t again;

	date_format_utc(&b, epoch);
	assert(date_parse_utc((const char *)b.data, b.len, &again));
	assert(again == epoch);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *s = (const char *)data;
	struct mdate d;
	int64_t epoch;
	char *copy;

	if (date_parse_internal(s, len, &d))
		check_internal(&d);
	if (date_parse_5322(s, len, &d))
		check_internal(&d);
	if (date_parse_utc(s, len, &epoch))
		check_utc(epoch);
	copy = xstrndup(s, len);
	(void)date_parse_argument(copy, &epoch);
	free(copy);
	return 0;
}
