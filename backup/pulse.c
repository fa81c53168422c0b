#include "pulse.h"

#include <inttypes.h>
#include <stdlib.h>

#include "util/buf.h"
#include "util/clock.h"
#include "util/mem.h"

enum { BEAT_MS = 60 * 1000 };

void
pulse_init(struct pulse *p, struct backup *b, int64_t end)
{
	*p = (struct pulse){ .backup = b, .end = end };
}

void
pulse_found(struct pulse *p, uint64_t messages)
{
	struct event *e = event_begin(p->backup->report, "found");

	p->looks++;
	event_number(e, "messages", messages);
	event_number(e, "total", p->backup->outcome.done);
	event_send(e);
	report_detail(p->backup->report, "%" PRIu64 " messages came", messages);
}

static void
show(struct pulse *p, int64_t s)
{
	char *where;

	where =
	    xasprintf("following, %" PRId64 ":%02" PRId64 ":%02" PRId64 " left",
		s / 3600, s / 60 % 60, s % 60);
	progress_where(p->backup->report, where);
	free(where);
}

void
pulse_beat(struct pulse *p)
{
	const int64_t now = clock_ms();
	const int64_t left = now < p->end ? (p->end - now) / 1000 : 0;
	struct event *e;

	show(p, left);
	if (now < p->beat)
		return;
	p->beat = now + BEAT_MS;
	e = event_begin(p->backup->report, "heartbeat");
	event_number(e, "messages", p->backup->outcome.done);
	event_number(e, "segments", p->looks);
	event_flag(e, "connected", p->lost == 0);
	event_signed(e, "left", left);
	event_send(e);
}

void
pulse_lost(struct pulse *p, const struct fault *f, unsigned tries, int64_t ms)
{
	struct event *e = event_begin(p->backup->report, "lost");

	if (p->lost == 0)
		p->lost = clock_ms();
	event_text(e, "text", f->text);
	event_number(e, "tries", tries);
	event_signed(e, "next", ms);
	event_send(e);
	report_note(p->backup->report,
	    "%s; trying again in %" PRId64 ".%" PRId64 " s", f->text, ms / 1000,
	    ms / 100 % 10);
}

void
pulse_back(struct pulse *p)
{
	struct event *e = event_begin(p->backup->report, "back");

	event_signed(e, "ms", clock_ms() - p->lost);
	event_send(e);
	report_note(p->backup->report, "connected again");
	p->lost = 0;
}
