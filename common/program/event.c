#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mail/date.h"
#include "program/report.h"
#include "program/voice.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

struct event {
	struct report *report;
	struct buf line;
};

static void
add_key(struct event *e, const char *key)
{
	buf_addc(&e->line, ',');
	text_json(&e->line, key, strlen(key));
	buf_addc(&e->line, ':');
}

struct event *
event_begin(struct report *r, const char *name)
{
	struct event *e = xcalloc(1, sizeof(*e));

	e->report = r;
	buf_adds(&e->line, "{\"event\":");
	text_json(&e->line, name, strlen(name));
	buf_adds(&e->line, ",\"time\":\"");
	date_format_utc(&e->line, clock_utc());
	buf_addc(&e->line, '"');
	return e;
}

void
event_text(struct event *e, const char *key, const char *value)
{
	add_key(e, key);
	if (value == NULL)
		buf_adds(&e->line, "null");
	else
		text_json(&e->line, value, strlen(value));
}

void
event_number(struct event *e, const char *key, uint64_t value)
{
	add_key(e, key);
	buf_addf(&e->line, "%" PRIu64, value);
}

void
event_signed(struct event *e, const char *key, int64_t value)
{
	add_key(e, key);
	buf_addf(&e->line, "%" PRId64, value);
}

void
event_flag(struct event *e, const char *key, bool value)
{
	add_key(e, key);
	buf_adds(&e->line, value ? "true" : "false");
}

/* After one failure the file would have a hole: no more lines. */
static void
write_line(struct report *r, const struct buf *line)
{
	if (r->json_fd == -1 || r->json_fault.cause != CAUSE_NONE)
		return;
	if (!r->json_ours)
		voice_wipe(r);
	(void)!file_write(r->json_fd, r->json_name, line->data, line->len,
	    &r->json_fault);
}

void
voice_send(struct event *e)
{
	buf_adds(&e->line, "}\n");
	write_line(e->report, &e->line);
	buf_release(&e->line);
	free(e);
}

void
event_send(struct event *e)
{
	struct report *r = e->report;

	pthread_mutex_lock(&r->lock);
	voice_send(e);
	pthread_mutex_unlock(&r->lock);
}

void
event_relay(struct report *r, const char *account, const char *line)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"account\":");
	text_json(&b, account, strlen(account));
	buf_addc(&b, ',');
	buf_adds(&b, line + 1);
	buf_addc(&b, '\n');
	pthread_mutex_lock(&r->lock);
	write_line(r, &b);
	pthread_mutex_unlock(&r->lock);
	buf_release(&b);
}
