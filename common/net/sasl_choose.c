#include <stdlib.h>
#include <strings.h>

#include "net/sasl.h"

enum {
	FOR_OTHERS = 1 << 0, /* can log in for another user */
	BY_TOKEN = 1 << 1,
};

static const struct mechanism {
	const char *name;
	unsigned can;
} mechanisms[] = {
	[SASL_SCRAM] = { "SCRAM-SHA-256", FOR_OTHERS },
	[SASL_PLAIN] = { "PLAIN", FOR_OTHERS },
	[SASL_LOGIN] = { "LOGIN", 0 },
	[SASL_CRAM] = { "CRAM-MD5", 0 },
	/* Whose mail is named, the token says who asks. */
	[SASL_OAUTHBEARER] = { "OAUTHBEARER", FOR_OTHERS | BY_TOKEN },
	[SASL_XOAUTH2] = { "XOAUTH2", FOR_OTHERS | BY_TOKEN },
};

enum { ALL = sizeof(mechanisms) / sizeof(mechanisms[0]) };

const char *
sasl_name(enum sasl_mechanism m)
{
	return mechanisms[m].name;
}

static bool
is_offered(const struct strs *offered, const struct sasl_want *w,
    enum sasl_mechanism m)
{
	return strs_has(offered, mechanisms[m].name) ||
	    (m == SASL_LOGIN && w->login != NULL);
}

static bool
takes_tokens(const struct strs *offered, const struct sasl_want *w)
{
	return is_offered(offered, w, SASL_OAUTHBEARER) ||
	    is_offered(offered, w, SASL_XOAUTH2);
}

static enum rc
nothing_fits(const struct strs *offered, const struct sasl_want *w,
    struct fault *f)
{
	char *list = strs_join(offered, " ");
	const char *more = w->login == NULL ? "" : w->login;
	const char *and = *list != '\0' && *more != '\0' ? " and " : "";

	if (*list == '\0' && *more == '\0')
		more = "nothing that passwords can be sent with";
	if (w->named != NULL)
		(void)fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "cannot log in with %s: the server offers %s%s%s", w->named,
		    list, and, more);
	else if (w->token)
		(void)fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "cannot log in with a token: that needs OAUTHBEARER or "
		    "XOAUTH2, and the server offers %s%s%s%s",
		    list, and, more,
		    w->secure ? "" : " without TLS: use imaps:// or imap://");
	else if (takes_tokens(offered, w))
		(void)fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "cannot log in with a password: the server offers %s%s%s; "
		    "give an OAuth2 token with token-cmd:",
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
choose_named(const struct strs *offered, const struct sasl_want *w,
    enum sasl_mechanism *r, struct fault *f)
{
	const struct mechanism *m;
	size_t i;

	for (i = 0; i < ALL; i++) {
		m = &mechanisms[i];
		if (strcasecmp(m->name, w->named) != 0 ||
		    !is_offered(offered, w, (enum sasl_mechanism)i))
			continue;
		if (w->proxied && (m->can & FOR_OTHERS) == 0)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "%s cannot log in for another user: use "
			    "SCRAM-SHA-256 or PLAIN",
			    w->named);
		*r = (enum sasl_mechanism)i;
		return RC_OK;
	}
	return nothing_fits(offered, w, f);
}

static const enum sasl_mechanism *
order_for(const struct sasl_want *w)
{
	static const enum sasl_mechanism secure[ALL] = { SASL_SCRAM, SASL_PLAIN,
		SASL_LOGIN, SASL_CRAM, SASL_OAUTHBEARER, SASL_XOAUTH2 },
					 open[ALL] = { SASL_SCRAM, SASL_CRAM,
						 SASL_PLAIN, SASL_LOGIN,
						 SASL_OAUTHBEARER,
						 SASL_XOAUTH2 },
					 master[ALL] = { SASL_PLAIN, SASL_SCRAM,
						 SASL_LOGIN, SASL_CRAM,
						 SASL_OAUTHBEARER,
						 SASL_XOAUTH2 };

	if (!w->secure)
		return open;
	return w->master ? master : secure;
}

enum rc
sasl_choose(const struct strs *offered, const struct sasl_want *w,
    enum sasl_mechanism *r, struct fault *f)
{
	const enum sasl_mechanism *order = order_for(w);
	const struct mechanism *m;
	bool second = false;
	size_t i;

	if (w->named != NULL)
		return choose_named(offered, w, r, f);
	for (i = 0; i < ALL; i++) {
		m = &mechanisms[order[i]];
		if (!is_offered(offered, w, order[i]) ||
		    w->token != ((m->can & BY_TOKEN) != 0) ||
		    (w->proxied && (m->can & FOR_OTHERS) == 0))
			continue;
		if (order[i] == SASL_SCRAM && !w->ascii && w->secure) {
			second = true;
			continue;
		}
		*r = order[i];
		return RC_OK;
	}
	if (!second)
		return nothing_fits(offered, w, f);
	*r = SASL_SCRAM;
	return RC_OK;
}
