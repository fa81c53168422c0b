#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "program/report.h"
#include "program/voice.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/mem.h"

enum {
	REDRAW_MS = 200,       /* on a terminal */
	REPEAT_MS = 60 * 1000, /* elsewhere */
	TELL_MS = 1000,        /* to who follows the events */
	COLUMNS = 80,          /* when the terminal does not tell */
};

static size_t
terminal_columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col < 2)
		return COLUMNS;
	return w.ws_col;
}

void
voice_wipe(struct report *r)
{
	/* Up, and clear to the end of the screen: only who draws several
	 * lines has seen to it that the terminal can. */
	if (r->shown_lines > 0)
		(void)fprintf(stderr, "\033[%zuA\r\033[J", r->shown_lines);
	r->shown_lines = 0;
	if (r->shown_columns == 0)
		return;
	(void)fprintf(stderr, "\r%*s\r", (int)r->shown_columns, "");
	r->shown_columns = 0;
}

/* Blanks over what was longer, no escape sequence: any terminal can. */
static void
draw(struct report *r, struct buf *text)
{
	size_t columns = meter_cut(text, terminal_columns() - 1);
	int gap = 0;

	if (r->shown_columns > columns)
		gap = (int)(r->shown_columns - columns);
	(void)fprintf(stderr, "\r%s%*s", buf_str(text), gap, "");
	if (gap > 0)
		(void)fprintf(stderr, "\r%s", buf_str(text));
	r->shown_columns = columns;
}

static void
show(struct report *r, int64_t now)
{
	struct buf text = BUF_INIT;

	meter_text(&r->meter, now - r->moving_ms, &text);
	if (r->terminal)
		draw(r, &text);
	else
		(void)fprintf(stderr, "%s: %s\n", r->program, buf_str(&text));
	r->shown_ms = now;
	buf_release(&text);
}

/* Milliseconds since the first progress, which this may be.  Under the lock,
 * as all that follows. */
static int64_t
elapsed(struct report *r, int64_t now)
{
	if (r->moving_ms == -1) {
		r->moving_ms = now;
		r->shown_ms = r->terminal ? now - REDRAW_MS : now;
	}
	return now - r->moving_ms;
}

/* For a program that runs this one, see program/fleet.h. */
static void
tell(struct report *r, int64_t now)
{
	int64_t at = now - r->moving_ms;
	struct event *e = event_begin(r, "progress");
	struct buf text = BUF_INIT;

	meter_text(&r->meter, at, &text);
	event_number(e, "messages", r->meter.messages);
	event_number(e, "of", r->meter.want_messages);
	event_number(e, "octets", r->meter.octets);
	event_signed(e, "left_ms", meter_left(&r->meter, at));
	event_text(e, "text", buf_str(&text));
	voice_send(e);
	r->told_ms = now;
	buf_release(&text);
}

static void
tick(struct report *r, int64_t now)
{
	(void)elapsed(r, now);
	if (r->json_live && now - r->told_ms >= TELL_MS)
		tell(r, now);
	if (r->quiet)
		return;
	if (now - r->shown_ms >= (r->terminal ? REDRAW_MS : REPEAT_MS))
		show(r, now);
}

void
progress_clear(struct report *r)
{
	pthread_mutex_lock(&r->lock);
	voice_wipe(r);
	pthread_mutex_unlock(&r->lock);
}

void
progress_expect(struct report *r, uint64_t messages)
{
	pthread_mutex_lock(&r->lock);
	r->meter.want_messages += messages;
	tick(r, clock_ms());
	pthread_mutex_unlock(&r->lock);
}

void
progress_listed(struct report *r, uint64_t expected, uint64_t messages,
    uint64_t octets)
{
	pthread_mutex_lock(&r->lock);
	r->meter.want_messages += messages - expected;
	r->meter.listed_messages += messages;
	r->meter.listed_octets += octets;
	tick(r, clock_ms());
	pthread_mutex_unlock(&r->lock);
}

void
progress_share(struct report *r, uint64_t read, uint64_t size)
{
	pthread_mutex_lock(&r->lock);
	meter_share(&r->meter, read, size);
	pthread_mutex_unlock(&r->lock);
}

void
progress_where(struct report *r, const char *folder)
{
	pthread_mutex_lock(&r->lock);
	free(r->meter.folder);
	r->meter.folder = folder == NULL ? NULL : xstrdup(folder);
	tick(r, clock_ms());
	pthread_mutex_unlock(&r->lock);
}

void
progress_add(struct report *r, uint64_t messages, uint64_t octets)
{
	int64_t now = clock_ms();

	pthread_mutex_lock(&r->lock);
	meter_add(&r->meter, elapsed(r, now), messages, octets);
	tick(r, now);
	pthread_mutex_unlock(&r->lock);
}

static void
tell_pause(struct report *r, int64_t ms, const char *why)
{
	struct buf length = BUF_INIT;
	struct event *e;

	meter_seconds(&length, ms);
	report_note(r, "the server asks for a pause of %s: %s",
	    buf_str(&length), why);
	e = event_begin(r, "pause");
	event_signed(e, "ms", ms);
	event_text(e, "text", why);
	event_send(e);
	buf_release(&length);
}

static void
tell_resume(struct report *r, int64_t ms)
{
	struct event *e = event_begin(r, "resume");

	event_signed(e, "ms", ms);
	event_send(e);
}

void
progress_pause(struct report *r, enum pace_news news, int64_t ms,
    const char *why)
{
	int64_t now = clock_ms();

	switch (news) {
	case PACE_PAUSE:
		tell_pause(r, ms, why);
		break;
	case PACE_WAIT:
		pthread_mutex_lock(&r->lock);
		meter_pause(&r->meter, elapsed(r, now), ms);
		tick(r, now);
		pthread_mutex_unlock(&r->lock);
		break;
	case PACE_RESUME:
		tell_resume(r, ms);
		break;
	}
}

static void
on_pause(void *arg, enum pace_news news, int64_t ms, const char *why)
{
	progress_pause(arg, news, ms, why);
}

void
progress_follow(struct report *r, struct pace *p)
{
	pace_listen(p, on_pause, r);
}
