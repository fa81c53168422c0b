#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smtp/wire.h"
#include "util/mem.h"

enum {
	HOST_ROOM = 256,
	TEXT_MAX = 300,    /* octets of a greeting in a fault */
	GOODBYE_MS = 2000, /* for QUIT */
};

/* The fully qualified name of this machine, or false. */
static bool
own_name(char *name, size_t n)
{
	const char *good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			   "XYZ0123456789-.";

	if (gethostname(name, n) != 0)
		return false;
	name[n - 1] = '\0';
	return strchr(name, '.') != NULL && strspn(name, good) == strlen(name);
}

/* Our own address in brackets: what a client says that has no name of its own
 * (RFC 5321, 4.1.4). */
static void
own_address(const struct smtp *s, char *text, size_t max)
{
	struct sockaddr_storage own = { 0 };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	char address[INET6_ADDRSTRLEN] = "127.0.0.1";
	socklen_t n = sizeof(own);
	const char *family = "";
	struct buf b = BUF_INIT;

	(void)getsockname(s->link.fd, (struct sockaddr *)&own, &n);
	if (own.ss_family == AF_INET) {
		memcpy(&in, &own, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, address,
		    sizeof(address));
	} else if (own.ss_family == AF_INET6) {
		memcpy(&in6, &own, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, address,
		    sizeof(address));
		family = "IPv6:";
	}
	buf_addf(&b, "[%s%s]", family, address);
	memcpy(text, buf_str(&b), b.len < max ? b.len + 1 : max);
	text[max - 1] = '\0';
	buf_release(&b);
}

static enum rc
hello(struct smtp *s, struct fault *f)
{
	struct smtp_reply r = { .code = 0 };
	char name[HOST_ROOM], command[HOST_ROOM + 8];
	enum rc rc;

	if (s->config.name != NULL)
		(void)snprintf(name, sizeof(name), "%s", s->config.name);
	else if (!own_name(name, sizeof(name)))
		own_address(s, name, sizeof(name));
	(void)snprintf(command, sizeof(command), "EHLO %s", name);
	rc = wire_ask(s, command, &r, f);
	if (rc == RC_OK && r.code == 250) {
		smtp_caps_take(&s->caps, &r);
	} else if (rc == RC_OK && r.code / 100 == 5) {
		/* One from before 1993 knows no EHLO. */
		smtp_caps_release(&s->caps);
		(void)snprintf(command, sizeof(command), "HELO %s", name);
		rc = wire_ask(s, command, &r, f);
	}
	if (rc != RC_OK)
		rc = fault_wrap(f, rc, "EHLO");
	else if (r.code != 250)
		rc = wire_refusal(&r, command, f);
	smtp_reply_release(&r);
	return rc;
}

/* The reader has said that it is no answer of SMTP; s->in holds it. */
static enum rc
no_smtp(const struct smtp *s, struct fault *f)
{
	const char *p = (const char *)s->in;
	size_t n = strcspn(p, "\r\n");

	return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
	    "this is no SMTP server, it says: %.*s",
	    n > TEXT_MAX ? TEXT_MAX : (int)n, p);
}

static enum rc
greeting(struct smtp *s, struct fault *f)
{
	struct smtp_reply r = { .code = 0 };
	struct buf b = BUF_INIT;
	enum rc rc;

	rc = wire_reply(s, &r, f);
	if (rc != RC_OK && s->link.trouble == NET_HOSTILE && r.line.n == 0) {
		s->in[sizeof(s->in) - 1] = '\0';
		rc = no_smtp(s, f);
	} else if (rc != RC_OK) {
		rc = fault_wrap(f, rc, "no greeting");
	} else if (r.code == 220) {
		s->greeting = strs_join(&r.line, " ");
	} else {
		smtp_reply_add(&b, &r);
		rc = fault_set(f, RC_STORE,
		    r.code / 100 == 4 ? CAUSE_TEMPORARY : CAUSE_UNREACHABLE,
		    "the server turns the connection away: %.*s", TEXT_MAX,
		    buf_str(&b));
	}
	buf_release(&b);
	smtp_reply_release(&r);
	return rc;
}

/* What was said without TLS anyone may have said: it is forgotten. */
static enum rc
secure(struct smtp *s, struct fault *f)
{
	struct endpoint at = s->config.at;

	if (s->from < s->to)
		return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "STARTTLS: there is something behind its answer: somebody "
		    "may have put it into the line");
	/* Where nobody says whom to trust any certificate is better than
	 * none: who listens only hears nothing. */
	if (s->config.opportunistic && at.ca_file == NULL &&
	    (at.pins == NULL || at.pins->n == 0))
		at.insecure = true;
	return link_secure(&s->link, &at, f);
}

static enum rc
starttls(struct smtp *s, struct fault *f)
{
	struct smtp_reply r = { .code = 0 };
	struct buf b = BUF_INIT;
	enum rc rc;

	if (!s->caps.starttls && s->config.opportunistic)
		return RC_OK;
	if (!s->caps.starttls)
		return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "the server does not offer STARTTLS: use smtps:// instead, "
		    "or smtp+plain:// on a line that you trust");
	rc = wire_ask(s, "STARTTLS", &r, f);
	if (rc == RC_OK && r.code != 220) {
		smtp_reply_add(&b, &r);
		rc = fault_set(f, RC_STORE,
		    r.code / 100 == 4 ? CAUSE_TEMPORARY : CAUSE_UNREACHABLE,
		    "the server refuses STARTTLS: %.*s", TEXT_MAX, buf_str(&b));
	}
	if (rc == RC_OK)
		rc = secure(s, f);
	if (rc == RC_OK)
		rc = hello(s, f);
	buf_release(&b);
	smtp_reply_release(&r);
	return rc;
}

static enum rc
begin(struct smtp *s, struct fault *f)
{
	enum rc rc;

	rc = greeting(s, f);
	if (rc == RC_OK)
		rc = hello(s, f);
	if (rc == RC_OK && s->config.at.security == SECURITY_STARTTLS)
		rc = starttls(s, f);
	if (rc == RC_OK && s->config.who != NULL)
		rc = smtp_auth(s, f);
	s->config.who = NULL;
	return rc == RC_OK ? rc : wire_name(s, RC_STORE, f);
}

static void
drop(struct smtp *s)
{
	link_close(&s->link);
	smtp_caps_release(&s->caps);
	free(s->greeting);
	free(s);
}

static enum rc
connect_once(const struct smtp_config *c, struct smtp **r, struct fault *f)
{
	struct smtp *s = xcalloc(1, sizeof(*s));
	enum rc rc;

	s->config = *c;
	rc = link_open(&s->link, &c->at, f);
	if (rc == RC_OK)
		rc = begin(s, f);
	if (rc == RC_OK)
		*r = s;
	else
		drop(s);
	return rc;
}

enum rc
smtp_open(const struct smtp_config *c, struct smtp **r, struct fault *f)
{
	enum rc rc;

	*r = NULL;
	rc = connect_once(c, r, f);
	/* The token may have run out a moment ago (credentials.token). */
	if (rc != RC_OK && f->cause == CAUSE_LOGIN && c->who->token)
		rc = connect_once(c, r, f);
	return rc;
}

void
smtp_close(struct smtp *s)
{
	struct smtp_reply r = { .code = 0 };
	struct fault f = FAULT_INIT;

	if (s == NULL)
		return;
	if (s->link.trouble == NET_FINE) {
		if (s->link.timeout_ms > GOODBYE_MS)
			s->link.timeout_ms = GOODBYE_MS;
		(void)!wire_ask(s, "QUIT", &r, &f);
		smtp_reply_release(&r);
	}
	drop(s);
}

struct smtp_facts
smtp_facts(const struct smtp *s)
{
	struct smtp_facts facts = { .greeting = s->greeting,
		.mechanism = s->mechanism,
		.line = "",
		.caps = &s->caps };

	if (s->link.tls != NULL) {
		facts.line = tls_describe(s->link.tls);
		facts.tls = tls_facts(s->link.tls);
	}
	return facts;
}
