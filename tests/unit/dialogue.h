#ifndef UNIT_DIALOGUE_H
#define UNIT_DIALOGUE_H

#include <stdbool.h>

#include "tests/unit/peer.h"

#include "stores/imap/caps.h"
#include "stores/imap/session.h"

/* A session of anna's with a scripted server, in plaintext. */

static const char secret[] = "p\"a\\s";

static enum rc
give_secret(void *arg, struct buf *b, struct fault *f)
{
	(void)f;
	buf_adds(b, arg);
	return RC_OK;
}

static void
session_start(struct session *s, const struct peer *p)
{
	memset(s, 0, sizeof(*s));
	s->config.at.location = "imap+plain://anna@127.0.0.1";
	s->config.at.host = "127.0.0.1";
	s->config.at.port = p->port;
	s->config.at.security = SECURITY_NONE;
	s->config.who.user = "anna";
	s->config.who.secret = give_secret;
	s->config.who.secret_arg = (void *)(uintptr_t)secret;
	s->config.at.timeout_ms = 5000;
}

static void
session_end(struct session *s)
{
	session_drop(s);
	caps_release(&s->caps);
	strs_release(&s->foreign);
	free(s->prefix);
	free(s->software);
	free(s->tls);
}

#define TURNS(t) (t), sizeof(t) / sizeof((t)[0])

#define GREETING \
	"* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN] hello\r\n"
#define LOGIN_PLAIN "1 AUTHENTICATE PLAIN AGFubmEAcCJhXHM="
#define LOGGED_IN "1 OK [CAPABILITY IMAP4rev1 LITERAL+] in\r\n"

#endif
