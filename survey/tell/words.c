#include "words.h"

#include <inttypes.h>
#include <string.h>

#include "util/text.h"

enum { SHOWN_OCTETS = 300 };

void
words_number(struct buf *b, uint64_t n)
{
	char digits[24];
	size_t i, len;
	struct buf plain = BUF_INIT;

	buf_addf(&plain, "%" PRIu64, n);
	len = plain.len;
	memcpy(digits, buf_str(&plain), len + 1);
	buf_release(&plain);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_addc(b, ',');
		buf_addc(b, digits[i]);
	}
}

void
words_time(struct buf *b, int64_t ms)
{
	const int64_t s = (ms + 500) / 1000, min = (s + 30) / 60,
		      h = (min + 30) / 60;

	if (ms < 0)
		buf_adds(b, "not known");
	else if (ms < 9950)
		buf_addf(b, "%" PRId64 ".%d s", (ms + 50) / 1000,
		    (int)((ms + 50) % 1000 / 100));
	else if (s < 120)
		buf_addf(b, "%" PRId64 " s", s);
	else if (min < 120)
		buf_addf(b, "%" PRId64 " min", min);
	else if (h < 48)
		buf_addf(b, "%" PRId64 " h %d min", min / 60, (int)(min % 60));
	else
		buf_addf(b, "%" PRId64 " d %d h", h / 24, (int)(h % 24));
}

static void
limit(struct buf *b, uint64_t n)
{
	static const char unit[] = "kMG";
	size_t i = 0;

	n >>= 10;
	for (; n >= 1024 && n % 1024 == 0 && i < 2; i++)
		n >>= 10;
	buf_addf(b, "%" PRIu64 " %ciB", n, unit[i]);
}

void
words_size_class(struct buf *b, size_t i)
{
	const bool last = i + 1 >= SIZE_CLASSES;

	buf_adds(b, last ? "over " : "below ");
	limit(b, size_limit(last ? SIZE_CLASSES - 2 : i));
}

void
words_depth(struct buf *b, const struct survey *s)
{
	const uint64_t read = s->total.sample.messages;

	if (s->depth == DEPTH_NONE) {
		buf_adds(b, "no mail was looked at");
		return;
	}
	if (read >= s->total.messages) {
		buf_adds(b, "every body was read");
		return;
	}
	words_number(b, read);
	buf_adds(b, " of ");
	words_number(b, s->total.messages);
	buf_adds(b, " bodies were read: what is told of bodies rests on these");
}

void
words_day(struct buf *b, const struct mdate *d)
{
	struct buf utc = BUF_INIT;

	if (d->known)
		date_format_utc(&utc, d->epoch);
	else
		buf_adds(&utc, "no date");
	buf_add(b, utc.data, d->known && utc.len > 10 ? 10 : utc.len);
	buf_release(&utc);
}

void
words_text(struct buf *b, const char *text)
{
	if (text != NULL)
		text_visible(b, text, strlen(text), SHOWN_OCTETS);
}
