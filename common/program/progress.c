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
progress_clear(struct report *r)
{
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

static void
tick(struct report *r)
{
	int64_t now = clock_ms();

	if (r->moving_ms == -1) {
		r->moving_ms = now;
		r->shown_ms = r->terminal ? now - REDRAW_MS : now;
	}
	if (r->quiet)
		return;
	if (now - r->shown_ms >= (r->terminal ? REDRAW_MS : REPEAT_MS))
		show(r, now);
}

void
progress_expect(struct report *r, uint64_t messages, uint64_t octets)
{
	r->meter.want_messages = messages;
	r->meter.want_octets = octets;
	tick(r);
}

void
progress_where(struct report *r, const char *folder)
{
	free(r->meter.folder);
	r->meter.folder = folder == NULL ? NULL : xstrdup(folder);
	tick(r);
}

void
progress_add(struct report *r, uint64_t messages, uint64_t octets)
{
	r->meter.messages += messages;
	r->meter.octets += octets;
	tick(r);
}
