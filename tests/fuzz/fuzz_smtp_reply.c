/* Answers of an SMTP server, in pieces of any size, are the same as in one, and
 * are bounded whatever it says; capabilities are read of each. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct heard {
	enum reply_step step;
	size_t used;
	struct smtp_reply reply;
};

/* step 0: all at once. */
static void
hear(const uint8_t *data, size_t len, size_t step, struct heard *h)
{
	struct reply_reader reader = { .reply = &h->reply };
	size_t part, used;

	memset(h, 0, sizeof(*h));
	h->step = REPLY_MORE;
	while (h->used < len && h->step == REPLY_MORE) {
		part = len - h->used;
		if (step > 0 && part > step)
			part = step;
		h->step = reply_feed(&reader, data + h->used, part, &used);
		assert(used <= part);
		assert(h->step != REPLY_MORE || used == part);
		h->used += used;
		assert(reader.octets <= REPLY_MAX);
		assert(reader.line.len <= REPLY_LINE_MAX);
	}
	assert((h->step == REPLY_BAD) == (reader.why != NULL));
	reply_reader_release(&reader);
}

static void
check(const struct smtp_reply *r)
{
	struct smtp_caps caps;
	struct buf b = BUF_INIT;
	size_t i;

	assert(r->code >= 200 && r->code <= 599);
	assert(r->line.n > 0 && r->line.n <= REPLY_LINES_MAX);
	assert(r->enhanced[0] == '\0' || r->enhanced[0] == '0' + r->code / 100);
	smtp_reply_add(&b, r);
	assert(b.len >= 3);
	buf_release(&b);
	memset(&caps, 0, sizeof(caps));
	smtp_caps_take(&caps, r);
	for (i = 0; i < caps.auth.n; i++)
		assert(strpbrk(caps.auth.v[i], " \tabc") == NULL);
	smtp_caps_release(&caps);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct heard whole, cut;
	size_t i;

	if (len == 0)
		return 0;
	hear(data + 1, len - 1, 0, &whole);
	hear(data + 1, len - 1, 1 + (size_t)data[0], &cut);
	/* What is too long may be seen a piece earlier or later. */
	if (whole.step != REPLY_BAD || cut.step != REPLY_BAD) {
		assert(whole.step == cut.step && whole.used == cut.used);
		assert(whole.reply.line.n == cut.reply.line.n);
		for (i = 0; i < whole.reply.line.n; i++)
			assert(strcmp(whole.reply.line.v[i],
				   cut.reply.line.v[i]) == 0);
	}
	if (whole.step == REPLY_WHOLE)
		check(&whole.reply);
	smtp_reply_release(&whole.reply);
	smtp_reply_release(&cut.reply);
	return 0;
}
