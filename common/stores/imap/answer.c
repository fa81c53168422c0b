#include "stores/imap/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/guard.h"
#include "util/interrupt.h"
#include "util/text.h"

/* How much of a server's words goes into a message. */
enum { WORDS_MAX = 300 };

bool
answer_alive(const struct session *s, struct fault *f)
{
	if (s->im != NULL)
		return true;
	(void)fault_set(f, RC_STORE, CAUSE_TEMPORARY,
	    "the connection is closed");
	return false;
}

static enum rc
lost(struct session *s, struct fault *f)
{
	const char *text, *words = net_words(s->net);
	enum rc rc;

	switch (net_trouble(s->net, &text)) {
	case NET_INTERRUPT:
		rc = interrupt_check(f);
		if (rc != RC_OK)
			return rc;
		break;
	case NET_EOF:
		if (*words != '\0') {
			(void)backoff_heard(s, words);
			return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
			    "the server closed the connection, saying: %.*s",
			    WORDS_MAX, words);
		}
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "the server closed the connection");
	case NET_STALL:
	case NET_ERROR:
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "%s", text);
	case NET_HOSTILE:
		return fault_set(f, RC_STORE, CAUSE_DATA, "%s", text);
	case NET_FINE:
		break;
	}
	if (*words != '\0') {
		(void)backoff_heard(s, words);
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "the server ends the session, saying: %.*s", WORDS_MAX,
		    words);
	}
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "cannot make sense of the server's answer; its last line: %.*s",
	    WORDS_MAX, net_last_line(s->net));
}

/* A server whose answers make no sense when they are compressed is asked
 * again without. */
static void
drop(struct session *s, const struct fault *f)
{
	if (f->cause == CAUSE_DATA && net_is_compressed(s->net))
		s->never_compress = true;
	session_drop(s);
}

enum rc
answer_lost(struct session *s, struct fault *f)
{
	enum rc rc = lost(s, f);

	drop(s, f);
	return rc;
}

enum rc
answer_broken(struct session *s, struct fault *f, const char *why)
{
	(void)fault_set(f, RC_STORE, CAUSE_DATA, "%s: %.*s", why, WORDS_MAX,
	    net_last_line(s->net));
	drop(s, f);
	return RC_STORE;
}

static enum rc
read_literal(struct session *s, uint64_t size, struct buf *line,
    struct fault *f)
{
	ssize_t got;

	while (size > 0) {
		/* The guard has capped size. */
		got = mailstream_read(s->im->imap_stream,
		    buf_room(line, (size_t)size), (size_t)size);
		if (got <= 0)
			return answer_lost(s, f);
		line->len += (size_t)got;
		size -= (uint64_t)got;
	}
	return RC_OK;
}

/* The guard gives whole lines: where a wait ends none has begun. */
static bool
nothing_came(const struct session *s)
{
	const char *text;

	return s->im->imap_stream_buffer->len == 0 &&
	    net_trouble(s->net, &text) == NET_FINE;
}

/* linger_ms 0: for as long as a server may take. */
static enum rc
read_answer(struct session *s, int linger_ms, struct buf *line, struct fault *f)
{
	MMAPString *in = s->im->imap_stream_buffer;
	uint64_t size;
	char *got;
	size_t n;
	enum rc rc;

	buf_clear(line);
	for (;;) {
		net_linger(s->net, linger_ms);
		got = mailstream_read_line(s->im->imap_stream, in);
		net_linger(s->net, 0);
		if (got == NULL && linger_ms > 0 && line->len == 0 &&
		    nothing_came(s))
			return RC_END;
		linger_ms = 0;
		if (got == NULL || in->len == 0)
			return answer_lost(s, f);
		n = in->len;
		if (n >= 2 && in->str[n - 2] == '\r')
			n--;
		n--;
		buf_add(line, in->str, n);
		if (guard_is_text(buf_str(line), line->len) ||
		    !guard_announces(in->str, n, &size))
			break;
		buf_adds(line, "\r\n");
		rc = read_literal(s, size, line, f);
		if (rc != RC_OK)
			return rc;
	}
	(void)buf_str(line);
	return RC_OK;
}

enum rc
answer_line(struct session *s, struct buf *line, struct fault *f)
{
	return read_answer(s, 0, line, f);
}

enum rc
answer_line_within(struct session *s, int ms, struct buf *line, struct fault *f)
{
	return read_answer(s, ms > 0 ? ms : 1, line, f);
}

static void
take_code(struct imap_reply *r)
{
	const char *p = r->text;
	size_t n;

	r->code[0] = '\0';
	if (*p != '[')
		return;
	p++;
	for (n = 0; p[n] != '\0' && p[n] != ' ' && p[n] != ']' &&
	     n < sizeof(r->code) - 1;
	     n++)
		r->code[n] = (char)toupper((unsigned char)p[n]);
	r->code[n] = '\0';
}

bool
answer_tagged(const char *line, int tag, struct imap_reply *r)
{
	static const struct {
		const char *word;
		enum imap_status status;
	} words[] = { { "OK", IMAP_OK }, { "NO", IMAP_NO },
		{ "BAD", IMAP_BAD } };
	char start[16];
	size_t i, n;

	(void)snprintf(start, sizeof(start), "%d ", tag);
	n = strlen(start);
	if (strncmp(line, start, n) != 0)
		return false;
	line += n;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if (strncasecmp(line, words[i].word, n) != 0 ||
		    (line[n] != ' ' && line[n] != '\0'))
			continue;
		r->status = words[i].status;
		line += n;
		while (*line == ' ')
			line++;
		(void)snprintf(r->text, sizeof(r->text), "%s", line);
		take_code(r);
		return true;
	}
	return false;
}

bool
answer_put(struct session *s, const void *p, size_t n)
{
	const char *at = p;
	ssize_t put;

	/* libetpan tells when it wrote less only by the count. */
	while (n > 0) {
		put = mailstream_write(s->im->imap_stream, at, n);
		if (put <= 0)
			return false;
		at += put;
		n -= (size_t)put;
	}
	return true;
}

bool
answer_put_tag(struct session *s, int *tag_r)
{
	char tag[16];

	/* Not libetpan's number, which it compares while it reads. */
	*tag_r = ++s->tag;
	(void)snprintf(tag, sizeof(tag), "%d ", s->tag);
	return answer_put(s, tag, strlen(tag));
}

enum rc
answer_write(struct session *s, const void *p, size_t n, struct fault *f)
{
	return answer_put(s, p, n) ? RC_OK : answer_lost(s, f);
}

enum rc
answer_tag(struct session *s, int *tag_r, struct fault *f)
{
	if (!answer_alive(s, f))
		return RC_STORE;
	if (backoff_gate(s, f) != RC_OK)
		return RC_STORE;
	return answer_put_tag(s, tag_r) ? RC_OK : answer_lost(s, f);
}
