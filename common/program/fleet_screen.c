#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "program/fleet_priv.h"
#include "program/voice.h"
#include "util/text.h"

enum {
	REDRAW_MS = 200,
	REPEAT_MS = 60 * 1000, /* where there is no terminal */
	ROWS = 24,
	COLUMNS = 80,
	NAME_COLUMNS = 24, /* of a running account */
	NAME_OCTETS = 200,
};

void
fleet_add_amount(struct buf *b, const struct job_result *r)
{
	uint64_t messages = r->outcome.done + r->outcome.already;

	buf_addf(b, ", %" PRIu64 " message%s, ", messages,
	    messages == 1 ? "" : "s");
	text_bytes(b, r->octets);
	buf_addf(b, ", %" PRId64 ".%d s", r->ms / 1000,
	    (int)(r->ms % 1000 / 100));
}

/* Several lines need a terminal that can go up. */
bool
fleet_has_screen(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) == 1 && term != NULL && *term != '\0' &&
	    strcmp(term, "dumb") != 0;
}

static void
add_left(struct buf *b, int64_t ms)
{
	int64_t s = (ms + 999) / 1000;

	buf_addf(b, ", %" PRId64 ":%02d:%02d left", s / 3600,
	    (int)(s / 60 % 60), (int)(s % 60));
}

void
fleet_totals(const struct fleet *t, int64_t now, struct buf *b)
{
	int64_t ms = now - t->began_ms, left = meter_left(&t->meter, ms);
	uint64_t octets = t->octets;
	size_t i;

	for (i = 0; i < t->n; i++)
		octets += t->job[i].octets;
	buf_addf(b, "%zu/%zu accounts, %zu running", t->ended, t->n,
	    t->running);
	if (t->failed > 0)
		buf_addf(b, ", %zu not complete", t->failed);
	buf_adds(b, ", ");
	text_bytes(b, octets);
	if (ms > 1000 && octets > t->octets_before) {
		buf_adds(b, ", ");
		text_bytes(b,
		    (octets - t->octets_before) * 1000 / (uint64_t)ms);
		buf_adds(b, "/s");
	}
	if (left >= 0)
		add_left(b, left);
}

static void
add_job(const struct job *j, struct buf *b)
{
	struct buf name = BUF_INIT;
	size_t used;

	text_visible(&name, j->account->name, strlen(j->account->name),
	    NAME_OCTETS);
	used = meter_cut(&name, NAME_COLUMNS);
	buf_addf(b, "%s%*s  %s", buf_str(&name), (int)(NAME_COLUMNS - used), "",
	    j->progress == NULL ? "starts" : j->progress);
	buf_release(&name);
}

static void
put_line(struct buf *screen, struct buf *line, size_t columns)
{
	(void)meter_cut(line, columns - 1);
	buf_add(screen, line->data, line->len);
	buf_addc(screen, '\n');
	buf_clear(line);
}

size_t
fleet_screen(const struct fleet *t, int64_t now, size_t rows, size_t columns,
    struct buf *screen)
{
	size_t room = rows > 2 ? rows - 2 : 0, shown = 0, lines = 0, i;
	struct buf line = BUF_INIT;

	/* One line goes to those for which there is no room. */
	if (t->running > room && room > 0)
		room--;
	for (i = 0; i < t->n && shown < room && shown < t->running; i++) {
		if (t->job[i].state != JOB_RUNNING)
			continue;
		add_job(&t->job[i], &line);
		put_line(screen, &line, columns);
		shown++;
		lines++;
	}
	if (shown < t->running && rows > 2) {
		buf_addf(&line, "and %zu more", t->running - shown);
		put_line(screen, &line, columns);
		lines++;
	}
	fleet_totals(t, now, &line);
	put_line(screen, &line, columns);
	buf_release(&line);
	return lines + 1;
}

static void
draw(struct fleet *t, int64_t now)
{
	struct buf screen = BUF_INIT;
	struct winsize w = { .ws_row = 0 };
	size_t rows = ROWS, columns = COLUMNS, lines;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 &&
	    w.ws_row > 1) {
		rows = w.ws_row;
		columns = w.ws_col;
	}
	lines = fleet_screen(t, now, rows, columns, &screen);
	pthread_mutex_lock(&t->report->lock);
	voice_wipe(t->report);
	(void)fwrite(screen.data, 1, screen.len, stderr);
	t->report->shown_lines = lines;
	pthread_mutex_unlock(&t->report->lock);
	buf_release(&screen);
}

void
fleet_show(struct fleet *t, int64_t now)
{
	struct buf b = BUF_INIT;

	if (t->options->quiet ||
	    now - t->shown_ms < (t->screen ? REDRAW_MS : REPEAT_MS))
		return;
	t->shown_ms = now;
	if (t->screen) {
		draw(t, now);
		return;
	}
	fleet_totals(t, now, &b);
	report_note(t->report, "%s", buf_str(&b));
	buf_release(&b);
}
