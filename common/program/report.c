#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/history.h"
#include "program/report.h"
#include "program/voice.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum {
	LINE_MAX_OCTETS = 4096, /* of one message */
	WORDS_MAX = 512,
};

/* A descriptor that somebody left open for us: not for our children. */
static enum rc
take_descriptor(struct report *r, const char *number, struct fault *f)
{
	uint64_t fd;

	if (!num_u64(number, strlen(number), INT_MAX, &fd) ||
	    fcntl((int)fd, F_GETFD) == -1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--json fd:%s: no open descriptor", number);
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	r->json_fd = (int)fd;
	r->json_ours = r->json_fd > STDERR_FILENO;
	r->json_live = true;
	return RC_OK;
}

static enum rc
open_json(struct report *r, const char *name, struct fault *f)
{
	if (strcmp(name, "-") == 0) {
		r->json_fd = STDERR_FILENO;
		return RC_OK;
	}
	if (strncmp(name, "fd:", 3) == 0)
		return take_descriptor(r, name + 3, f);
	r->json_fd = open(name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	if (r->json_fd == -1)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot write '%s' (--json)", name);
	r->json_ours = true;
	return RC_OK;
}

enum rc
report_new(const char *program, const struct common_options *o,
    struct report **r_r, struct fault *f)
{
	struct report *r = xcalloc(1, sizeof(*r));
	enum rc rc = RC_OK;

	*r_r = NULL;
	pthread_mutex_init(&r->lock, NULL);
	r->program = program;
	r->quiet = o->quiet;
	r->verbose = o->verbose;
	r->began_ms = clock_ms();
	r->connections = o->connections;
	r->dry_run = o->dry_run;
	r->json_fd = -1;
	r->json_name = o->json;
	r->moving_ms = -1;
	r->terminal = isatty(STDERR_FILENO) == 1;
	if (o->json != NULL)
		rc = open_json(r, o->json, f);
	if (rc == RC_OK) {
		*r_r = r;
		return RC_OK;
	}
	pthread_mutex_destroy(&r->lock);
	free(r);
	return rc;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	progress_clear(r);
	if (r->json_ours)
		(void)close(r->json_fd);
	free(r->meter.folder);
	free(r->place);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void
voice_line(struct report *r, const char *text)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s: ", r->program);
	text_visible(&b, text, strlen(text), LINE_MAX_OCTETS);
	buf_addc(&b, '\n');
	pthread_mutex_lock(&r->lock);
	voice_wipe(r);
	/* Nowhere to complain when this fails. */
	(void)fwrite(b.data, 1, b.len, stderr);
	pthread_mutex_unlock(&r->lock);
	buf_release(&b);
}

static char *format(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static char *
format(const char *fmt, va_list ap)
{
	char *s = xcalloc(1, LINE_MAX_OCTETS);

	(void)vsnprintf(s, LINE_MAX_OCTETS, fmt, ap);
	return s;
}

void
report_note(struct report *r, const char *fmt, ...)
{
	va_list ap;
	char *s;

	if (r->quiet)
		return;
	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	voice_line(r, s);
	free(s);
}

void
report_detail(struct report *r, const char *fmt, ...)
{
	va_list ap;
	char *s;

	if (r->verbose == 0)
		return;
	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	voice_line(r, s);
	free(s);
}

void
report_warn(struct report *r, const char *fmt, ...)
{
	struct event *e;
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	voice_line(r, s);
	e = event_begin(r, "warning");
	event_text(e, "text", s);
	event_send(e);
	free(s);
}

void
report_relay(struct report *r, const char *account, const char *text)
{
	char *s = xasprintf("%s: %s", account, text);

	voice_line(r, s);
	free(s);
}

void
report_fault(struct report *r, const struct fault *f)
{
	struct event *e;

	voice_line(r, f->text);
	e = event_begin(r, "error");
	event_text(e, "cause", cause_word(f->cause));
	event_text(e, "text", f->text);
	event_send(e);
}

void
report_trust(struct report *r, const struct store_info *i, bool allow_plaintext)
{
	free(r->place);
	r->place = xstrdup(i->location);
	if (r->connections == 0)
		r->connections = i->connections;
	if (i->plaintext && allow_plaintext)
		report_warn(r,
		    "%s: password and mail cross the line in the "
		    "clear (--allow-plaintext)",
		    i->location);
	else if (strstr(i->tls, "accepted unverified") != NULL)
		report_warn(r, "%s: %s (--insecure)", i->location, i->tls);
	else if (i->tls[0] != '\0')
		report_detail(r, "%s: %s", i->location, i->tls);
	if (i->line != NULL && i->line[0] != '\0')
		report_detail(r, "%s: line %s", i->location, i->line);
}

static void
send_summary(struct report *r, const struct outcome *o)
{
	char words[WORDS_MAX];
	struct event *e = event_begin(r, "summary");

	outcome_words(o, words, sizeof(words));
	event_signed(e, "status", outcome_status(o));
	event_text(e, "words", words);
	event_text(e, "cause", cause_word(o->worst));
	event_number(e, "done", o->done);
	event_number(e, "already", o->already);
	event_number(e, "gone", o->gone);
	event_number(e, "refused", o->refused);
	event_number(e, "unlisted", o->unlisted);
	event_number(e, "unproved", o->unproved);
	event_number(e, "missing", o->missing);
	event_number(e, "differences", o->differences);
	event_number(e, "folders_failed", o->folders_failed);
	event_number(e, "octets", r->meter.octets);
	event_signed(e, "elapsed_ms", clock_ms() - r->began_ms);
	event_send(e);
}

/* A full disk may show only here. */
static void
close_json(struct report *r)
{
	int fd = r->json_fd;

	r->json_fd = -1;
	if (!r->json_ours)
		return;
	r->json_ours = false;
	if (close(fd) == -1 && r->json_fault.cause == CAUSE_NONE)
		(void)fault_errno(&r->json_fault, RC_STORE, CAUSE_IO,
		    "write '%s'", r->json_name);
}

/* How long a whole run took, for who foresaw it; a file that cannot be
 * written spoils nothing. */
static void
remember(struct report *r)
{
	const struct history_run run = { r->program, r->place,
		r->meter.messages, r->meter.octets };
	struct fault f = FAULT_INIT;

	if (r->place == NULL || r->dry_run || r->meter.octets == 0)
		return;
	if (history_took(&run, r->connections > 0 ? r->connections : 1,
		clock_ms() - r->began_ms, &f) != RC_OK)
		report_detail(r, "%s", f.text);
}

int
report_finish(struct report *r, const struct outcome *o)
{
	struct outcome all = *o;

	progress_clear(r);
	/* An earlier line that is lacking is known to the last one. */
	if (r->json_fault.cause != CAUSE_NONE)
		outcome_fault(&all, &r->json_fault);
	if (outcome_status(&all) <= STATUS_REFUSED)
		remember(r);
	send_summary(r, &all);
	close_json(r);
	if (r->json_fault.cause != CAUSE_NONE) {
		voice_line(r, r->json_fault.text);
		outcome_fault(&all, &r->json_fault);
	}
	return outcome_status(&all);
}
