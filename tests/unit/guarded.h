#ifndef UNIT_GUARDED_H
#define UNIT_GUARDED_H

#include <libetpan/libetpan.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "stores/imap/guard.h"

/*
 * A server's words from memory, through the guard, into libetpan's parser:
 * what net.c does with a socket.  Shared by the unit test and the fuzzer.
 */
struct guarded {
	mailstream_low_driver driver;
	struct guard *guard;
	const char *at, *end;
	size_t portion; /* octets that come at once */
	bool refused;
	mailimap *im;
	size_t body;       /* octets that the body handler saw */
	unsigned messages; /* calls of the att handler */
};

static ssize_t
guarded_read(mailstream_low *low, void *to, size_t max)
{
	struct guarded *g = low->data;
	enum guard_state state = GUARD_MORE;
	size_t n, used;
	uint64_t left;
	bool keep;

	while (!g->refused) {
		n = guard_take(g->guard, to, max);
		if (n > 0)
			return (ssize_t)n;
		n = (size_t)(g->end - g->at);
		n = n < g->portion ? n : g->portion;
		if (n == 0)
			break;
		left = guard_literal(g->guard, &keep);
		if (left > 0) {
			n = n < left ? n : (size_t)left;
			n = n < max ? n : max;
			if (keep)
				memcpy(to, g->at, n);
			g->at += n;
			guard_passed(g->guard, n);
			if (keep)
				return (ssize_t)n;
			continue;
		}
		state = guard_feed(g->guard, g->at, n, &used);
		g->at += used;
		g->refused = state == GUARD_REFUSED || state == GUARD_BYE;
	}
	return -1;
}

static ssize_t
guarded_write(mailstream_low *low, const void *from, size_t n)
{
	(void)low;
	(void)from;
	return (ssize_t)n;
}

static int
guarded_close(mailstream_low *low)
{
	(void)low;
	return 0;
}

static void
guarded_free(mailstream_low *low)
{
	free(low);
}

static void
guarded_progress(size_t now, size_t all, void *arg)
{
	(void)now;
	(void)all;
	(void)arg;
}

static bool
guarded_body(int type, struct mailimap_msg_att_body_section *section,
    const char *p, size_t n, void *arg)
{
	struct guarded *g = arg;

	(void)type;
	(void)section;
	(void)p;
	g->body += n;
	return true;
}

static void
guarded_att(struct mailimap_msg_att *att, void *arg)
{
	struct guarded *g = arg;

	(void)att;
	g->messages++;
}

static void
guarded_open(struct guarded *g, const char *words, size_t n, size_t portion)
{
	memset(g, 0, sizeof(*g));
	g->driver.mailstream_read = guarded_read;
	g->driver.mailstream_write = guarded_write;
	g->driver.mailstream_close = guarded_close;
	g->driver.mailstream_free = guarded_free;
	g->guard = guard_new(UINT32_MAX);
	g->at = words;
	g->end = words + n;
	g->portion = portion;
	g->im = mailimap_new(0, NULL);
	g->im->imap_stream =
	    mailstream_new(mailstream_low_new(g, &g->driver), 4096);
	g->im->imap_state = MAILIMAP_STATE_SELECTED;
	g->im->imap_selection_info = mailimap_selection_info_new();
}

/* As session.c reads bodies: streaming. */
static void
guarded_stream(struct guarded *g)
{
	mailimap_set_progress_callback(g->im, guarded_progress,
	    guarded_progress, NULL);
	mailimap_set_msg_body_handler(g->im, guarded_body, g);
	mailimap_set_msg_att_handler(g->im, guarded_att, g);
}

/* The answer to the command tagged 1; libetpan's code. */
static int
guarded_parse(struct guarded *g, struct mailimap_response **r)
{
	*r = NULL;
	g->im->imap_tag = 1;
	if (mailimap_read_line(g->im) == NULL)
		return MAILIMAP_ERROR_STREAM;
	return mailimap_parse_response(g->im, r);
}

static void
guarded_close_all(struct guarded *g)
{
	mailstream_close(g->im->imap_stream);
	g->im->imap_stream = NULL;
	mailimap_free(g->im);
	guard_free(g->guard);
}

#endif
