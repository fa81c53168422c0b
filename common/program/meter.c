#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "program/meter.h"
#include "util/text.h"

enum {
	RATE_AFTER_MS = 1000,    /* before this a rate means nothing */
	WINDOW_MS = 60 * 1000,   /* what "of late" is */
	MARK_MS = 2 * 1000,      /* WINDOW_MS of these fit the ring */
	SETTLE_MS = 60 * 1000,   /* pauses of a run this young say little */
	FOLDER_MAX = 200,        /* octets of a folder's name shown */
	LEFT_MAX_S = 100 * 3600, /* more is no estimate */
};

/* Time without pauses. */
static int64_t
moving(const struct meter *m, int64_t now_ms)
{
	if (m->pause_left_ms > 0)
		now_ms = m->pause_began_ms;
	return now_ms - m->paused_ms;
}

static int64_t
paused(const struct meter *m, int64_t now_ms)
{
	return now_ms - moving(m, now_ms);
}

void
meter_pause(struct meter *m, int64_t now_ms, int64_t left_ms)
{
	if (m->pause_left_ms == 0 && left_ms > 0)
		m->pause_began_ms = now_ms;
	if (m->pause_left_ms > 0 && left_ms <= 0)
		m->paused_ms += now_ms - m->pause_began_ms;
	m->pause_left_ms = left_ms > 0 ? left_ms : 0;
}

/* The oldest mark of the window; the run's start while there is none. */
static struct meter_mark
since(const struct meter *m)
{
	return m->marks > 0 ? m->mark[m->first] : (struct meter_mark){ 0 };
}

/* Notes where the run is, and forgets what is older than the window but for
 * the last mark before it. */
static void
set_mark(struct meter *m, int64_t ms)
{
	const struct meter_mark *last, *second;
	struct meter_mark *to;

	if (m->marks == 0) /* the start */
		m->mark[m->marks++] = (struct meter_mark){ 0 };
	last = &m->mark[(m->first + m->marks - 1) % METER_MARKS];
	if (ms - last->ms < MARK_MS)
		return;
	while (m->marks > 1) {
		second = &m->mark[(m->first + 1) % METER_MARKS];
		if (m->marks < METER_MARKS && ms - second->ms < WINDOW_MS)
			break;
		m->first = (m->first + 1) % METER_MARKS;
		m->marks--;
	}
	to = &m->mark[(m->first + m->marks++) % METER_MARKS];
	*to = (struct meter_mark){ ms, m->messages, m->octets };
}

void
meter_add(struct meter *m, int64_t now_ms, uint64_t messages, uint64_t octets)
{
	set_mark(m, moving(m, now_ms));
	m->messages += messages;
	m->octets += octets;
}

/* Milliseconds that so much more takes at the rate of late; -1: unknown. */
static double
at_rate(uint64_t done, uint64_t before, double want, int64_t ms)
{
	if (want <= (double)done)
		return 0;
	if (done <= before || ms < RATE_AFTER_MS)
		return -1;
	return (want - (double)done) * (double)ms / (double)(done - before);
}

void
meter_share(struct meter *m, uint64_t read, uint64_t size)
{
	m->share_read = read < size ? read : size;
	m->share_size = size;
	m->share_octets = m->listed_octets;
}

/* All that is to be done is listed. */
static bool
is_listed(const struct meter *m)
{
	return m->listed_octets > 0 && m->share_read == m->share_size &&
	    m->listed_messages >= m->want_messages;
}

/* What is not listed yet is taken to weigh as much as what is; 0: nothing
 * can be told. */
static double
want_octets(const struct meter *m)
{
	double octets = (double)m->listed_octets;

	if (m->share_read < m->share_size)
		return m->share_octets == 0 ? 0 :
					      (double)m->share_octets *
			(double)m->share_size / (double)m->share_read;
	if (m->listed_messages > 0 && m->want_messages > m->listed_messages)
		octets *= (double)m->want_messages / (double)m->listed_messages;
	return octets;
}

int64_t
meter_left(const struct meter *m, int64_t now_ms)
{
	struct meter_mark from = since(m);
	int64_t ran = moving(m, now_ms), ms = ran - from.ms;
	double by_messages = -1, by_octets = -1, left;

	if (m->want_messages > 0)
		by_messages = at_rate(m->messages, from.messages,
		    (double)m->want_messages, ms);
	if (want_octets(m) > 0)
		by_octets = at_rate(m->octets, from.octets, want_octets(m), ms);
	/* Where large mail passes one is too high and the other too low. */
	left = by_messages >= 0 && by_octets >= 0 ?
	    (by_messages + by_octets) / 2 :
	    by_octets >= 0 ? by_octets :
			     by_messages;
	if (left < 0)
		return -1;
	left *= 1 + (double)paused(m, now_ms) / (double)(ran + SETTLE_MS);
	return left > LEFT_MAX_S * 1000.0 ? -1 : (int64_t)left;
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
meter_seconds(struct buf *out, int64_t ms)
{
	int64_t tenths = (ms + 99) / 100;

	if (tenths < 100 && tenths % 10 != 0)
		buf_addf(out, "%" PRId64 ".%d s", tenths / 10,
		    (int)(tenths % 10));
	else
		buf_addf(out, "%" PRId64 " s", (tenths + 9) / 10);
}

static void
add_rate(const struct meter *m, int64_t now_ms, struct buf *out)
{
	struct meter_mark from = since(m);
	int64_t ms = moving(m, now_ms) - from.ms;

	if (ms < RATE_AFTER_MS || m->octets <= from.octets)
		return;
	buf_adds(out, ", ");
	text_bytes(out,
	    (unsigned long long)((double)(m->octets - from.octets) * 1000.0 /
		(double)ms));
	buf_adds(out, "/s");
}

static void
add_pause(const struct meter *m, struct buf *out)
{
	buf_adds(out, ", waiting ");
	meter_seconds(out, (m->pause_left_ms + 999) / 1000 * 1000);
	buf_adds(out, " for the server");
}

void
meter_text(const struct meter *m, int64_t now_ms, struct buf *out)
{
	int64_t left = meter_left(m, now_ms);

	buf_addf(out, "%" PRIu64, m->messages);
	if (m->want_messages > 0)
		buf_addf(out, "/%" PRIu64, m->want_messages);
	buf_adds(out, " messages, ");
	text_bytes(out, m->octets);
	if (is_listed(m)) {
		buf_addc(out, '/');
		text_bytes(out, m->listed_octets);
	}
	if (m->pause_left_ms > 0)
		add_pause(m, out);
	else
		add_rate(m, now_ms, out);
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
