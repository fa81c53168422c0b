/*
 * An answer that nobody wants any more is read to its end and dropped: what
 * comes behind it must be what libetpan's parser, which reads the same words,
 * finds behind it.  The first octet says how many octets come at once.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/imap/skip.h"
#include "tests/unit/guarded.h"

enum { TAG = 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* As in fuzz_guard.c. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libetpan";
}

/* What is left behind the answer has to be the same, octet for octet. */
static void
check_rest(struct guarded *a, struct guarded *b)
{
	char x, y;
	ssize_t n, m;

	do {
		n = mailstream_read(a->im->imap_stream, &x, 1);
		m = mailstream_read(b->im->imap_stream, &y, 1);
		assert((n > 0) == (m > 0));
		assert(n <= 0 || x == y);
	} while (n > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct guarded skipped, parsed;
	struct mailimap_response *r;
	enum skip_end end;
	const char *words;
	int result;

	if (len == 0)
		return 0;
	words = (const char *)data + 1;
	guarded_open(&skipped, words, len - 1, 1 + data[0]);
	guarded_open(&parsed, words, len - 1, 1 + data[0]);
	end = skip_answer(skipped.im->imap_stream,
	    skipped.im->imap_stream_buffer, TAG);
	guarded_stream(&parsed);
	result = guarded_parse(&parsed, &r);
	if (result == MAILIMAP_NO_ERROR) {
		mailimap_response_free(r);
		assert(end == SKIP_DONE);
		check_rest(&skipped, &parsed);
	}
	guarded_close_all(&skipped);
	guarded_close_all(&parsed);
	return 0;
}
