#include "stores/imap/auth.h"

#include <string.h>

#include "stores/imap/mech.h"
#include "util/buf.h"
#include "util/strs.h"

enum rc
auth_choose(const struct imap_caps *caps, struct sasl_want *w,
    enum sasl_mechanism *r, bool *command_r, struct fault *f)
{
	enum rc rc;

	w->login = caps->login_disabled ? NULL : "the LOGIN command";
	rc = sasl_choose(&caps->auth, w, r, f);
	*command_r = rc == RC_OK && *r == SASL_LOGIN &&
	    !strs_has(&caps->auth, sasl_name(SASL_LOGIN));
	return rc;
}

static enum rc
refused(struct session *s, const char *name, const char *hint,
    const struct imap_reply *r, struct fault *f)
{
	const char *status = r->status == IMAP_BAD ? "BAD" : "NO";

	if (backoff_heard(s, r->text) != BACKOFF_NONE ||
	    strcmp(r->code, "SERVERBUG") == 0)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "login is not possible now: %s %s", status, r->text);
	if (strcmp(r->code, "PRIVACYREQUIRED") == 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "login needs TLS (use imaps:// or imap://): %s %s", status,
		    r->text);
	return fault_set(f, RC_STORE, CAUSE_LOGIN,
	    "login refused: %s %s (sent with %s%s)", status, r->text, name,
	    hint);
}

static enum rc
attempt(struct login *l, struct fault *f)
{
	struct session *s = l->s;
	const struct credentials *who = &s->config.who;
	struct sasl *sasl = NULL;
	struct sasl_want w;
	enum sasl_mechanism m;
	bool command;
	enum rc rc;

	rc = sasl_prepare(who, &s->config.at, &l->secret, &w, f);
	if (rc == RC_OK)
		rc = auth_choose(&s->caps, &w, &m, &command, f);
	if (rc != RC_OK)
		return rc;
	(void)net_raw(s->net, true);
	if (!command)
		sasl = sasl_new(m, who, &l->secret, &s->config.at);
	/* The command knows no other user. */
	rc = command ? mech_command(l, who->user, f) : mech_sasl(l, m, sasl, f);
	if (rc != RC_OK) {
		rc = s->im == NULL && f->cause == CAUSE_LOGIN ?
		    RC_STORE :
		    fault_wrap(f, RC_STORE, "login");
	} else {
		(void)net_raw(s->net, false);
		s->info.mechanism = command ? "LOGIN" : sasl_name(m);
		if (l->r->status != IMAP_OK)
			rc = refused(s, sasl_name(m),
			    command ? "" : sasl_hint(sasl), l->r, f);
	}
	sasl_free(sasl);
	return rc;
}

enum rc
auth_login(struct session *s, struct imap_reply *r, struct fault *f)
{
	struct login l = { .s = s, .r = r };
	enum rc rc;

	rc = attempt(&l, f);
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
