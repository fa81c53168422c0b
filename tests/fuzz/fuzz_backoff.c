/* What a server says about waiting is a time that can be waited for. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "stores/imap/backoff.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xstrndup((const char *)data, len);
	enum backoff kind;
	int64_t ms, pause, before = 0;
	unsigned nth;

	kind = backoff_parse(text, &ms);
	assert(kind <= BACKOFF_NEVER);
	assert(ms >= 0 && ms <= BACKOFF_TOLD_MAX_MS);
	assert(ms == 0 || kind == BACKOFF_ALL || kind == BACKOFF_LINE);
	for (nth = 1; nth <= BACKOFF_TRIES; nth++) {
		pause = backoff_ms(nth, BACKOFF_TRIES, ms, 600 * 1000);
		assert(pause > 0 && pause <= 600 * 1000 && pause >= before);
		before = pause;
	}
	free(text);
	return 0;
}
