/*
 * A hostile server's bytes through the guard into libetpan's parser, both
 * ways of reading: whole answers and streamed bodies.  The parser must live
 * through it, and understand all that it gets.  The first octet says how,
 * and how many octets come at once.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/guarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* libetpan forgets memory where an answer breaks off; we cannot mend that,
 * and look for our own leaks only. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libetpan";
}

static void
raw(const char *p, size_t n)
{
	struct guard *g = guard_new(UINT32_MAX);
	char out[64];
	size_t used;
	bool keep;
	uint64_t left;

	(void)guard_raw(g, true);
	while (n > 0) {
		while (guard_take(g, out, sizeof(out)) > 0)
			;
		left = guard_literal(g, &keep);
		if (left > 0) {
			used = left < n ? (size_t)left : n;
			guard_passed(g, used);
		} else if (guard_feed(g, p, n, &used) == GUARD_REFUSED)
			break;
		p += used;
		n -= used;
	}
	guard_free(g);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mailimap_response *r;
	struct guarded g;
	const char *words;
	int result;

	if (len == 0)
		return 0;
	words = (const char *)data + 1;
	if ((data[0] & 2) != 0) {
		raw(words, len - 1);
		return 0;
	}
	guarded_open(&g, words, len - 1, 1 + (data[0] >> 2));
	if ((data[0] & 1) != 0)
		guarded_stream(&g);
	result = guarded_parse(&g, &r);
	if (result == MAILIMAP_NO_ERROR)
		mailimap_response_free(r);
	/* What the guard lets through, the parser understands. */
	assert(result != MAILIMAP_ERROR_PARSE);
	guarded_close_all(&g);
	return 0;
}
