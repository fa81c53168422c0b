#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/fleet_json.h"
#include "program/fleet_priv.h"
#include "util/mem.h"

enum { READ_MAX = 64 * 1024, LINE_OCTETS = 256 * 1024 };

static void
keep_reason(struct job *j, char *text, bool error)
{
	free(j->result.reason);
	j->result.reason = text;
	j->error = error;
}

/* A warning is told at once.  So is an error, when another one follows: the
 * last one is the reason, and comes with the account's last line. */
static void
take_warning(struct fleet *t, struct job *j, const char *line)
{
	char *text = json_text(line, "text");

	if (text == NULL)
		return;
	report_relay(t->report, j->account->name, text);
	if (j->error)
		free(text);
	else
		keep_reason(j, text, false);
}

static void
take_error(struct fleet *t, struct job *j, const char *line)
{
	char *text = json_text(line, "text");

	if (text == NULL)
		return;
	if (j->error)
		report_relay(t->report, j->account->name, j->result.reason);
	keep_reason(j, text, true);
}

static void
take_progress(struct job *j, const char *line)
{
	int64_t octets;

	if (json_number(line, "octets", &octets))
		j->octets = (uint64_t)octets;
	free(j->progress);
	j->progress = json_text(line, "text");
}

static void
take_summary(struct job *j, const char *line)
{
	struct job_result *r = &j->result;
	struct outcome *o = &r->outcome;
	const struct {
		const char *key;
		uint64_t *to;
	} rows[] = {
		{ "done", &o->done },
		{ "already", &o->already },
		{ "gone", &o->gone },
		{ "refused", &o->refused },
		{ "unlisted", &o->unlisted },
		{ "unproved", &o->unproved },
		{ "missing", &o->missing },
		{ "differences", &o->differences },
		{ "folders_failed", &o->folders_failed },
		{ "octets", &r->octets },
	};
	int64_t n, status;
	char *cause;
	size_t i;

	if (!json_number(line, "status", &status))
		return;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (json_number(line, rows[i].key, &n) && n >= 0)
			*rows[i].to = (uint64_t)n;
	cause = json_text(line, "cause");
	o->worst = cause_of_word(cause == NULL ? "" : cause);
	free(cause);
	r->status = (int)status;
	r->words = json_text(line, "words");
	j->told = true;
}

/* It looks now and then, or waits for its server: others may work. */
static void
settle(struct fleet *t, struct job *j)
{
	if (j->settled)
		return;
	j->settled = true;
	t->settled++;
}

static void
take_line(struct fleet *t, struct job *j, const char *line)
{
	if (json_event_is(line, "progress")) {
		take_progress(j, line);
		return;
	}
	if (line[0] != '{' || j->told)
		return;
	event_relay(t->report, j->account->name, line);
	if (json_event_is(line, "warning"))
		take_warning(t, j, line);
	else if (json_event_is(line, "error"))
		take_error(t, j, line);
	else if (json_event_is(line, "summary"))
		take_summary(j, line);
	else if (json_event_is(line, "heartbeat"))
		settle(t, j);
}

static void
take_octets(struct fleet *t, struct job *j, const char *p, size_t n)
{
	const char *end;
	size_t len;

	while (n > 0) {
		end = memchr(p, '\n', n);
		len = end == NULL ? n : (size_t)(end - p);
		if (j->line.len + len > LINE_OCTETS)
			j->overlong = true;
		if (!j->overlong)
			buf_add(&j->line, p, len);
		if (end == NULL)
			return;
		if (!j->overlong)
			take_line(t, j, buf_str(&j->line));
		buf_clear(&j->line);
		j->overlong = false;
		p += len + 1;
		n -= len + 1;
	}
}

static void
hang_up(struct job *j)
{
	(void)close(j->events);
	j->events = -1;
	buf_release(&j->line);
}

void
job_listen(struct fleet *t, struct job *j)
{
	char *room = xmalloc(READ_MAX);
	ssize_t n;

	do {
		n = read(j->events, room, READ_MAX);
		if (n > 0)
			take_octets(t, j, room, (size_t)n);
	} while (n == READ_MAX || (n == -1 && errno == EINTR));
	free(room);
	if (n == 0 || (n == -1 && errno != EAGAIN))
		hang_up(j);
}

/* A command that it started may hold the other end still. */
void
job_close(struct fleet *t, struct job *j)
{
	if (j->events != -1)
		job_listen(t, j);
	if (j->events != -1)
		hang_up(j);
}
