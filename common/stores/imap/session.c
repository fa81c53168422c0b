#include "stores/imap/session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/answer.h"
#include "stores/imap/auth.h"
#include "stores/imap/caps.h"
#include "stores/imap/introduce.h"
#include "util/mem.h"

enum {
	/* Courier lets four in from one address, others ten and more; and the
	 * user's own programs want some of them. */
	CONNECTIONS = 3,
	GOODBYE_MS = 2000, /* to get LOGOUT sent */
};

static char *
replace(char **p, char *with)
{
	free(*p);
	*p = with;
	return with;
}

/* The text of a greeting, behind any response code. */
static const char *
greeting_text(const char *p)
{
	const char *close;

	if (*p == '[') {
		close = strchr(p, ']');
		p = close != NULL ? close + 1 : p;
	}
	return p + strspn(p, " ");
}

static enum rc
read_greeting(struct session *s, bool *preauth_r, struct fault *f)
{
	struct buf line = BUF_INIT;
	const char *p;
	enum rc rc;

	(void)net_raw(s->net, true);
	rc = answer_line(s, &line, f);
	if (rc != RC_OK) {
		buf_release(&line);
		return fault_wrap(f, rc, "no greeting");
	}
	(void)net_raw(s->net, false);
	p = buf_str(&line);
	*preauth_r = strncasecmp(p, "* PREAUTH", 9) == 0;
	if (strncasecmp(p, "* BYE", 5) == 0) {
		(void)backoff_heard(s, p + 5);
		rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "the server turns the connection away:%.300s", p + 5);
	} else if (!*preauth_r && strncasecmp(p, "* OK", 4) != 0) {
		rc = fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "this is no IMAP server, it says: %.300s", p);
	} else {
		p += *preauth_r ? 9 : 4;
		p += strspn(p, " ");
		(void)caps_from_code(&s->caps, p);
		(void)replace(&s->software, xstrdup(greeting_text(p)));
	}
	buf_release(&line);
	return rc;
}

static enum rc
take_caps(void *arg, const char *text, size_t n, struct fault *f)
{
	struct session *s = arg;

	(void)f;
	if (n > 2)
		(void)caps_parse(&s->caps, text + 2, n - 2);
	return RC_OK;
}

static enum rc
simple(struct session *s, const char *command, session_line_fn *fn,
    struct imap_reply *r, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	buf_adds(&b, command);
	rc = session_raw(s, &b, fn, s, r, f);
	buf_release(&b);
	return rc;
}

static enum rc
ask_caps(struct session *s, struct fault *f)
{
	struct imap_reply r;
	enum rc rc;

	caps_release(&s->caps);
	rc = simple(s, "CAPABILITY", take_caps, &r, f);
	if (rc == RC_OK && r.status != IMAP_OK)
		rc = session_refusal(s, &r, "CAPABILITY", f);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

static enum rc
starttls(struct session *s, bool preauth, struct fault *f)
{
	struct imap_reply r;
	enum rc rc = RC_OK;

	/* Logged in before TLS: nobody knows by whom. */
	if (preauth)
		rc = fault_lasts(f,
		    fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
			"the server skips STARTTLS (PREAUTH): use imaps:// "
			"instead"));
	/* The greeting may have told. */
	if (rc == RC_OK && !s->caps.starttls)
		rc = ask_caps(s, f);
	if (rc == RC_OK && !s->caps.starttls)
		rc = fault_lasts(f,
		    fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
			"the server does not offer STARTTLS: use imaps:// "
			"instead, or imap+plain:// on a line that you trust"));
	if (rc == RC_OK)
		rc = simple(s, "STARTTLS", NULL, &r, f);
	if (rc == RC_OK && r.status != IMAP_OK)
		rc = fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "the server refuses STARTTLS: %s", r.text);
	if (rc == RC_OK)
		rc = net_starttls(s->net, s->im->imap_stream, &s->config.at, f);
	/* What was said without TLS anyone may have said. */
	if (rc == RC_OK)
		rc = ask_caps(s, f);
	return rc;
}

static enum rc
log_in(struct session *s, bool preauth, struct fault *f)
{
	struct imap_reply r = { .text = "" };
	enum rc rc = RC_OK;

	if (!preauth) {
		/* After STARTTLS they were asked for; else the greeting may
		 * have told them. */
		if (s->caps.auth.n == 0 && !s->caps.login_disabled)
			rc = ask_caps(s, f);
		if (rc == RC_OK)
			rc = auth_login(s, &r, f);
	}
	if (rc != RC_OK)
		return rc;
	s->im->imap_state = MAILIMAP_STATE_AUTHENTICATED;
	/* The reply holds only the start of a long line. */
	if (preauth || !caps_from_code(&s->caps, net_tagged_line(s->net)))
		rc = ask_caps(s, f);
	return rc;
}

static enum rc
connect_all(struct session *s, struct fault *f)
{
	mailstream *stream;
	bool preauth = false;
	enum rc rc;

	rc = net_open(&s->config.at, &stream, &s->net, f);
	if (rc != RC_OK)
		return rc;
	s->im = mailimap_new(0, NULL);
	if (s->im == NULL) {
		(void)mailstream_close(stream);
		s->net = NULL;
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	}
	s->im->imap_stream = stream;
	s->im->imap_connection_info = mailimap_connection_info_new();
	s->im->imap_state = MAILIMAP_STATE_NON_AUTHENTICATED;
	rc = read_greeting(s, &preauth, f);
	if (rc == RC_OK && s->config.at.security == SECURITY_STARTTLS)
		rc = starttls(s, preauth, f);
	if (rc == RC_OK) {
		(void)replace(&s->tls, xstrdup(net_tls(s->net)));
		rc = log_in(s, preauth, f);
	}
	if (rc == RC_OK)
		rc = introduce(s, f);
	if (rc != RC_OK)
		return fault_wrap(f, RC_STORE, "%s:%u", s->config.at.host,
		    (unsigned)s->config.at.port);
	return RC_OK;
}

/* What another connection told. */
static void
forget(struct session *s)
{
	session_drop(s);
	caps_release(&s->caps);
	(void)replace(&s->prefix, xstrdup(""));
	s->info.software = replace(&s->software, xstrdup(""));
	s->info.tls = replace(&s->tls, xstrdup(""));
	s->sep = '\0';
	strs_release(&s->foreign);
	s->line = "";
	s->info.mechanism = NULL;
	s->info.subject = replace(&s->subject, NULL);
	s->info.issuer = replace(&s->issuer, NULL);
	s->info.until = 0;
}

static void
learn_tls(struct session *s)
{
	const struct tls_facts *facts = net_tls_facts(s->net);

	if (facts == NULL)
		return;
	s->info.subject = replace(&s->subject, xstrdup(facts->subject));
	s->info.issuer = replace(&s->issuer, xstrdup(facts->issuer));
	s->info.until = facts->until;
}

enum rc
session_open(struct session *s, struct fault *f)
{
	enum rc rc;

	forget(s);
	rc = connect_all(s, f);
	/* A command may hand out a token that it keeps, and that has run out a
	 * moment ago: it is asked once more. */
	if (rc != RC_OK && f->cause == CAUSE_LOGIN && s->config.who.token) {
		forget(s);
		rc = connect_all(s, f);
	}
	if (rc != RC_OK) {
		session_drop(s);
		return rc;
	}
	s->im->imap_tag = s->tag; /* for commands of libetpan's own */
	s->info.location = s->config.at.location;
	s->info.software = s->software;
	s->info.tls = s->tls;
	learn_tls(s);
	s->info.line = s->line;
	s->info.append_max = s->caps.append_limit;
	s->info.plaintext = s->config.at.security == SECURITY_NONE;
	/* Here more would only take turns on the same processors. */
	s->info.connections = net_is_local(s->net) ? 1 : CONNECTIONS;
	return RC_OK;
}

void
session_drop(struct session *s)
{
	if (s->im != NULL) {
		/* Else mailimap_free would say LOGOUT and wait. */
		if (s->im->imap_stream != NULL)
			(void)mailstream_close(s->im->imap_stream);
		s->im->imap_stream = NULL;
		mailimap_free(s->im);
	}
	s->im = NULL;
	s->net = NULL;
	s->leaving = s->qresync = false;
	s->id_tag = s->namespace_tag = s->tag = 0;
	if (ahead_last(s) != NULL)
		ahead_lost(s);
	ahead_release(s);
	folder_release(&s->selected);
	memset(&s->selected, 0, sizeof(s->selected));
}

void
session_close(struct session *s)
{
	struct fault f = FAULT_INIT;
	struct buf logout = BUF_INIT;
	const char *text;
	int tag;

	if (s->im != NULL && net_trouble(s->net, &text) == NET_FINE) {
		(void)net_timeout(s->net, GOODBYE_MS);
		s->leaving = true;
		/* Nothing that it may answer is of interest. */
		buf_adds(&logout, "LOGOUT");
		if (session_send(s, &logout, &tag, &f) == RC_OK)
			(void)!session_flush(s, &f);
		buf_release(&logout);
	}
	session_drop(s);
}
