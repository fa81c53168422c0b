#include <inttypes.h>
#include <string.h>

#include "program/meter.h"
#include "util/text.h"

enum {
	RATE_AFTER_MS = 1000,    /* before this a rate means nothing */
	FOLDER_MAX = 200,        /* octets of a folder's name shown */
	LEFT_MAX_S = 100 * 3600, /* more is no estimate */
};

int64_t
meter_left(const struct meter *m, int64_t elapsed_ms)
{
	uint64_t done = m->want_octets > 0 ? m->octets : m->messages;
	uint64_t want = m->want_octets > 0 ? m->want_octets : m->want_messages;
	double left;

	if (want == 0 || done == 0 || elapsed_ms < RATE_AFTER_MS)
		return -1;
	if (done >= want)
		return 0;
	left = (double)elapsed_ms * (double)(want - done) / (double)done;
	if (left > LEFT_MAX_S * 1000.0)
		return -1;
	return (int64_t)left;
}

static void
add_left(struct buf *out, int64_t left_ms)
{
	int64_t s = (left_ms + 999) / 1000;

	if (s >= 3600)
		buf_addf(out, ", %" PRId64 ":%02d:%02d left", s / 3600,
		    (int)(s / 60 % 60), (int)(s % 60));
	else
		buf_addf(out, ", %d:%02d left", (int)(s / 60), (int)(s % 60));
}

void
meter_text(const struct meter *m, int64_t elapsed_ms, struct buf *out)
{
	int64_t left = meter_left(m, elapsed_ms);

	buf_addf(out, "%" PRIu64, m->messages);
	if (m->want_messages > 0)
		buf_addf(out, "/%" PRIu64, m->want_messages);
	buf_adds(out, " messages, ");
	text_bytes(out, m->octets);
	if (m->want_octets > 0) {
		buf_addc(out, '/');
		text_bytes(out, m->want_octets);
	}
	if (elapsed_ms >= RATE_AFTER_MS && m->octets > 0) {
		buf_adds(out, ", ");
		text_bytes(out,
		    (unsigned long long)((double)m->octets * 1000.0 /
			(double)elapsed_ms));
		buf_adds(out, "/s");
	}
	if (left >= 0)
		add_left(out, left);
	if (m->folder != NULL) {
		buf_adds(out, ", ");
		text_visible(out, m->folder, strlen(m->folder), FOLDER_MAX);
	}
}

size_t
meter_cut(struct buf *text, size_t columns)
{
	size_t used = 0, i, next, width;

	for (i = 0; i < text->len; i = next) {
		next = i + 1;
		while (next < text->len && (text->data[next] & 0xc0) == 0x80)
			next++;
		/* From U+0800 on characters may be wide; one column too few
		 * used is better than a line that wraps. */
		width = next - i > 2 ? 2 : 1;
		if (used + width > columns)
			break;
		used += width;
	}
	text->len = i;
	return used;
}
