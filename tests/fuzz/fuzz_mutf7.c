/* UTF-8 survives modified UTF-7, and what decodes is UTF-8. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mail/mutf7.h"
#include "util/buf.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_round_trip(const char *utf8, size_t n)
{
	struct buf wire = BUF_INIT, again = BUF_INIT;
	size_t i;

	mutf7_encode(&wire, utf8, n);
	for (i = 0; i < wire.len; i++)
		assert(wire.data[i] >= 0x20 && wire.data[i] < 0x7F);
	assert(mutf7_decode(&again, buf_str(&wire), wire.len));
	assert(again.len == n);
	assert(n == 0 || memcmp(again.data, utf8, n) == 0);
	buf_release(&wire);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *s = (const char *)data;
	struct buf b = BUF_INIT;

	buf_adds(&b, "before");
	if (mutf7_decode(&b, s, len)) {
		assert(text_is_utf8(b.data, b.len));
		check_round_trip((const char *)b.data, b.len);
	} else {
		assert(b.len == strlen("before"));
	}
	if (text_is_utf8(data, len))
		check_round_trip(s, len);
	mutf7_encode(&b, s, len);
	assert(text_is_utf8(b.data, b.len));
	buf_release(&b);
	return 0;
}
