#include "stores/imap/auth.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/mech.h"
#include "util/buf.h"
#include "util/strs.h"

enum {
	SECRET_ROOM = 4096,
	FOR_OTHERS = 1 << 0, /* can log in for another user */
};

static const struct mechanism {
	const char *name; /* in AUTH=; NULL: the command */
	unsigned can;
	enum rc (*talk)(struct login *, struct fault *);
} mechanisms[] = {
	[AUTH_SCRAM] = { "SCRAM-SHA-256", FOR_OTHERS, mech_scram },
	[AUTH_PLAIN] = { "PLAIN", FOR_OTHERS, mech_plain },
	[AUTH_LOGIN] = { "LOGIN", 0, mech_login },
	[AUTH_COMMAND] = { NULL, 0, mech_command },
	[AUTH_CRAM] = { "CRAM-MD5", 0, mech_cram },
};

static bool
offered(const struct imap_caps *caps, const struct mechanism *m)
{
	if (m->name == NULL)
		return !caps->login_disabled;
	return strs_has(&caps->auth, m->name);
}

static enum rc
nothing_fits(const struct imap_caps *caps, const struct auth_want *w,
    struct fault *f)
{
	char *list = strs_join(&caps->auth, " ");
	const char *more = caps->login_disabled ? "" : "the LOGIN command";
	const char *and = *list != '\0' && *more != '\0' ? " and " : "";

	if (*list == '\0' && *more == '\0')
		more = "nothing that passwords can be sent with";
	if (w->named != NULL)
		(void)fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "cannot log in with %s: the server offers %s%s%s", w->named,
		    list, and, more);
	else if (w->proxied)
		(void)fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "cannot log in for another user: that needs SCRAM-SHA-256 "
		    "or PLAIN, and the server offers %s%s%s",
		    list, and, more);
	else
		(void)fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "no way to log in that both know: the server offers "
		    "%s%s%s%s",
		    list, and, more,
		    w->secure ? "" : " without TLS: use imaps:// or imap://");
	free(list);
	return RC_STORE;
}

static enum rc
choose_named(const struct imap_caps *caps, const struct auth_want *w,
    enum auth_mechanism *r, struct fault *f)
{
	const struct mechanism *m;
	size_t i;

	for (i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		m = &mechanisms[i];
		if (strcasecmp(m->name != NULL ? m->name : "LOGIN", w->named) !=
			0 ||
		    !offered(caps, m))
			continue;
		if (w->proxied && !(m->can & FOR_OTHERS))
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "%s cannot log in for another user: use "
			    "SCRAM-SHA-256 or PLAIN",
			    w->named);
		*r = (enum auth_mechanism)i;
		return RC_OK;
	}
	return nothing_fits(caps, w, f);
}

enum rc
auth_choose(const struct imap_caps *caps, const struct auth_want *w,
    enum auth_mechanism *r, struct fault *f)
{
	static const enum auth_mechanism secure[] = { AUTH_SCRAM, AUTH_PLAIN,
		AUTH_LOGIN, AUTH_COMMAND, AUTH_CRAM };
	static const enum auth_mechanism open[] = { AUTH_SCRAM, AUTH_CRAM,
		AUTH_PLAIN, AUTH_LOGIN, AUTH_COMMAND };
	static const enum auth_mechanism master[] = { AUTH_PLAIN, AUTH_SCRAM,
		AUTH_LOGIN, AUTH_COMMAND, AUTH_CRAM };
	const enum auth_mechanism *order = !w->secure ? open :
	    w->master                                 ? master :
							secure;
	const struct mechanism *m;
	bool second = false;
	size_t i;

	if (w->named != NULL)
		return choose_named(caps, w, r, f);
	for (i = 0; i < sizeof(secure) / sizeof(secure[0]); i++) {
		m = &mechanisms[order[i]];
		if (!offered(caps, m) || (w->proxied && !(m->can & FOR_OTHERS)))
			continue;
		if (order[i] == AUTH_SCRAM && !w->ascii && w->secure) {
			second = true;
			continue;
		}
		*r = order[i];
		return RC_OK;
	}
	if (!second)
		return nothing_fits(caps, w, f);
	*r = AUTH_SCRAM;
	return RC_OK;
}

static enum rc
refused(struct session *s, const struct mechanism *m,
    const struct imap_reply *r, struct fault *f)
{
	const char *status = r->status == IMAP_BAD ? "BAD" : "NO";
	const char *name = m->name != NULL ? m->name : "LOGIN";
	const char *hint = "";

	if (backoff_heard(s, r->text) != BACKOFF_NONE ||
	    strcmp(r->code, "SERVERBUG") == 0)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "login is not possible now: %s %s", status, r->text);
	if (strcmp(r->code, "PRIVACYREQUIRED") == 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "login needs TLS (use imaps:// or imap://): %s %s", status,
		    r->text);
	if (m->talk == mech_scram || m->talk == mech_cram)
		hint = "; some servers keep passwords that only --auth PLAIN "
		       "can check";
	return fault_set(f, RC_STORE, CAUSE_LOGIN,
	    "login refused: %s %s (sent with %s%s)", status, r->text, name,
	    hint);
}

static bool
is_ascii(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if (b->data[i] > 0x7e)
			return false;
	return true;
}

/* A NUL ends a password in PLAIN and may not be in a literal at all. */
static enum rc
fetch_secret(struct login *l, struct fault *f)
{
	const struct credentials *c = &l->s->config.who;
	enum rc rc;

	(void)buf_room(&l->secret, SECRET_ROOM);
	rc = c->secret(c->secret_arg, &l->secret, f);
	if (rc == RC_OK && l->secret.len > 0 &&
	    memchr(l->secret.data, '\0', l->secret.len) != NULL)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the password holds a NUL: no login can carry it");
	return rc;
}

static enum rc
talk(struct login *l, struct fault *f)
{
	struct session *s = l->s;
	struct auth_want w = { .named = s->config.who.mechanism };
	const struct mechanism *m;
	enum auth_mechanism id;
	enum rc rc;

	rc = fetch_secret(l, f);
	if (rc != RC_OK)
		return RC_STORE;
	w.secure = s->config.at.security != SECURITY_NONE;
	w.proxied = l->user != l->who;
	w.master = w.proxied || strchr(l->user, '*') != NULL;
	w.ascii = is_ascii(&l->secret);
	rc = auth_choose(&s->caps, &w, &id, f);
	if (rc != RC_OK)
		return rc;
	m = &mechanisms[id];
	(void)net_raw(s->net, true);
	rc = m->talk(l, f);
	if (rc != RC_OK)
		return s->im == NULL && f->cause == CAUSE_LOGIN ?
		    rc :
		    fault_wrap(f, RC_STORE, "login");
	(void)net_raw(s->net, false);
	if (l->r->status != IMAP_OK)
		return refused(s, m, l->r, f);
	return RC_OK;
}

enum rc
auth_login(struct session *s, struct imap_reply *r, struct fault *f)
{
	const struct credentials *c = &s->config.who;
	struct login l = { .s = s, .user = c->user, .r = r };
	enum rc rc;

	l.who = c->auth_user != NULL && strcmp(c->auth_user, c->user) != 0 ?
	    c->auth_user :
	    c->user;
	rc = talk(&l, f);
	buf_wipe(&l.secret);
	buf_wipe(&l.line);
	buf_wipe(&l.out);
	/* What was sent still stands in libetpan's buffers. */
	if (s->im != NULL) {
		explicit_bzero(s->im->imap_stream->write_buffer,
		    s->im->imap_stream->buffer_max_size);
		explicit_bzero(s->im->imap_stream_buffer->str,
		    s->im->imap_stream_buffer->allocated_len);
	}
	return rc;
}
