/* What a person is shown of a header is UTF-8 without control characters;
 * the fingerprint does not see line ends. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mail/date.h"
#include "mail/fingerprint.h"
#include "mail/rfc2047.h"
#include "mail/utf8.h"
#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
assert_clean(const char *s, size_t n)
{
	uint32_t cp;
	size_t i, step;

	assert(n <= 300);
	for (i = 0; i < n; i += step) {
		step = utf8_decode(s + i, n - i, &cp);
		assert(step > 0);
		assert(cp >= 0x20 && !(cp >= 0x7F && cp < 0xA0));
	}
}

static void
check_line_ends(const uint8_t *data, size_t len, const struct fingerprint *is)
{
	struct fingerprint other;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < len; i++) {
		if (data[i] == '\n')
			buf_addc(&b, '\r');
		buf_addc(&b, data[i]);
	}
	fingerprint_of(buf_str(&b), b.len, &other);
	assert(fingerprint_equal(is, &other));
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fingerprint print;
	struct headline line;
	struct buf b = BUF_INIT;
	struct mdate date;

	fingerprint_of(data, len, &print);
	check_line_ends(data, len, &print);
	headline_of(data, len, &line);
	assert_clean(line.from, strlen(line.from));
	assert_clean(line.subject, strlen(line.subject));
	assert_clean(line.message_id, strlen(line.message_id));
	assert_clean(line.date, strlen(line.date));
	headline_release(&line);
	(void)date_from_header(data, len, &date);
	rfc2047_decode(&b, data, len, 300);
	assert_clean(buf_str(&b), b.len);
	buf_release(&b);
	return 0;
}
