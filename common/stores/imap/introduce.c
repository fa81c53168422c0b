#include "stores/imap/introduce.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/lex.h"
#include "stores/imap/listline.h"
#include "util/mem.h"
#include "util/version.h"

/* "* ID ("name" "Dovecot" "version" "2.3")" */
static void
take_id(struct session *s, const char *text, size_t n)
{
	struct buf key = BUF_INIT, value = BUF_INIT, software = BUF_INIT;
	struct lex l;
	bool nil;

	lex_start(&l, text, n);
	if (!lex_char(&l, '*') || !lex_char(&l, ' ') || !lex_word(&l, "ID") ||
	    !lex_char(&l, ' ') || !lex_char(&l, '('))
		return;
	while (lex_string(&l, &key, &nil) && lex_char(&l, ' ') &&
	    lex_string(&l, &value, &nil)) {
		if (!nil &&
		    (strcasecmp(buf_str(&key), "name") == 0 ||
			strcasecmp(buf_str(&key), "version") == 0)) {
			if (software.len > 0)
				buf_addc(&software, ' ');
			buf_add(&software, value.data, value.len);
		}
		(void)lex_char(&l, ' ');
	}
	if (software.len > 0) {
		free(s->software);
		s->software = buf_steal(&software);
		s->info.software = s->software;
	}
	buf_release(&software);
	buf_release(&key);
	buf_release(&value);
}

/* "* NAMESPACE (("INBOX." ".")) NIL NIL": the first personal one. */
static void
take_namespace(struct session *s, const char *text, size_t n)
{
	struct buf prefix = BUF_INIT, sep = BUF_INIT;
	struct lex l;
	bool nil;

	lex_start(&l, text, n);
	if (lex_char(&l, '*') && lex_char(&l, ' ') &&
	    lex_word(&l, "NAMESPACE") && lex_char(&l, ' ') &&
	    lex_char(&l, '(') && lex_char(&l, '(') &&
	    lex_string(&l, &prefix, &nil) && !nil && lex_char(&l, ' ') &&
	    lex_string(&l, &sep, &nil)) {
		free(s->prefix);
		s->prefix = xstrdup(buf_str(&prefix));
		s->sep = nil || sep.len != 1 ? '\0' : (char)sep.data[0];
	}
	buf_release(&prefix);
	buf_release(&sep);
	/* Where mail begins that is not this account's. */
	(void)listline_foreign(text, n, &s->foreign);
}

static enum rc
take_any(void *arg, const char *text, size_t n, struct fault *f)
{
	(void)f;
	take_id(arg, text, n);
	take_namespace(arg, text, n);
	return RC_OK;
}

static enum rc
send(struct session *s, const char *command, int *tag_r, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	buf_adds(&b, command);
	rc = session_send(s, &b, tag_r, f);
	buf_release(&b);
	return rc;
}

/* Whether to ask for compression; s->line tells why not where the user
 * wants it. */
static bool
wants_compression(struct session *s)
{
	enum imap_compress want = s->config.compress;

	if (want == IMAP_COMPRESS_OFF)
		return false;
	if (s->never_compress) {
		s->line = "not compressed: it went wrong before";
		return false;
	}
	if (want == IMAP_COMPRESS_AUTO && !net_is_far(s->net))
		return false;
	if (!s->caps.compress)
		s->line = "not compressed: the server does not offer "
			  "COMPRESS=DEFLATE";
	return s->caps.compress;
}

static enum rc
compress_line(struct session *s, int tag, struct fault *f)
{
	struct imap_reply r;
	enum rc rc;

	rc = session_read(s, tag, NULL, NULL, &r, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "COMPRESS");
	if (r.status != IMAP_OK) {
		s->line = "not compressed: the server offers it, and refuses";
		return RC_OK;
	}
	s->line = "compressed";
	return net_compress(s->net, s->im->imap_stream, f);
}

enum rc
introduce(struct session *s, struct fault *f)
{
	int tag = 0;
	enum rc rc = RC_OK;

	if (s->caps.id)
		rc = send(s,
		    "ID (\"name\" \"mailproof\" \"version\" "
		    "\"" MAILPROOF_VERSION "\")",
		    &s->id_tag, f);
	if (rc == RC_OK && s->caps.namespace)
		rc = send(s, "NAMESPACE", &s->namespace_tag, f);
	if (rc == RC_OK && wants_compression(s)) {
		rc = send(s, "COMPRESS DEFLATE", &tag, f);
		if (rc == RC_OK)
			rc = compress_line(s, tag, f);
		return rc;
	}
	return rc == RC_OK ? session_flush(s, f) : rc;
}

/* A server without ID or NAMESPACE is none the worse for it; one that cannot
 * answer now has its folders under names that we do not know. */
static enum rc
read_answer(struct session *s, int tag, struct fault *f)
{
	struct imap_reply r;
	enum rc rc;

	rc = session_read(s, tag, take_any, s, &r, f);
	if (rc != RC_OK || r.status == IMAP_OK ||
	    backoff_heard(s, r.text) == BACKOFF_NONE)
		return rc;
	rc = session_refusal(s, &r, "NAMESPACE", f);
	session_drop(s);
	return rc;
}

enum rc
introduce_finish(struct session *s, struct fault *f)
{
	int tag[2] = { s->id_tag, s->namespace_tag };
	enum rc rc = RC_OK;
	size_t i;

	/* Reading asks for this again. */
	s->id_tag = s->namespace_tag = 0;
	for (i = 0; rc == RC_OK && i < 2; i++)
		if (tag[i] != 0)
			rc = read_answer(s, tag[i], f);
	return rc;
}
