#include "accounts/reach.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "accounts/cache.h"
#include "accounts/secret.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	TIMEOUT_DEFAULT_MS = 60 * 1000,
	SHOWN_MAX = 200, /* octets of a login in a prompt */
};

static bool
is_loopback(const struct sockaddr *sa)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		return ntohl(in.sin_addr.s_addr) >> 24 == 127;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&in6, sa, sizeof(in6));
	return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
	    (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) &&
		in6.sin6_addr.s6_addr[12] == 127);
}

/*
 * An address, or "localhost" when it means nothing else.  No other name is
 * looked up: what it means now it need not mean when we connect.
 */
static bool
host_is_loopback(const char *host)
{
	bool name = strcasecmp(host, "localhost") == 0, all = true;
	struct addrinfo hints, *list, *p;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = name ? 0 : AI_NUMERICHOST;
	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return false;
	for (p = list; p != NULL; p = p->ai_next)
		all = all && is_loopback(p->ai_addr);
	freeaddrinfo(list);
	return all;
}

static enum rc
ask_terminal(const struct asker *a, struct buf *secret, struct fault *f)
{
	size_t from = secret->len;
	struct buf prompt = BUF_INIT;
	enum rc rc;

	buf_adds(&prompt, "password of ");
	text_visible(&prompt, a->login, strlen(a->login), SHOWN_MAX);
	buf_addf(&prompt, " at %s: ", a->host);
	rc = secret_prompt(buf_str(&prompt), secret, f);
	buf_release(&prompt);
	if (rc == RC_END)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "no password for %s at %s: use --secret or ~/.netrc, or "
		    "run on a terminal",
		    a->login, a->host);
	if (rc == RC_OK)
		access_cache_put(a->cache, a->key, secret->data + from,
		    secret->len - from);
	return rc;
}

static enum rc
fetch_alone(const struct asker *a, struct buf *secret, struct fault *f)
{
	size_t from = secret->len;
	char *login;
	enum rc rc;

	if (access_cache_get(a->cache, a->key, secret))
		return RC_OK;
	if (a->spec != NULL) {
		rc = secret_fetch_within(a->spec, a->timeout_ms, secret, f);
		if (rc == RC_OK && secret_is_single(a->spec))
			access_cache_put(a->cache, a->key, secret->data + from,
			    secret->len - from);
		return rc == RC_OK ? rc : fault_wrap(f, rc, "--secret");
	}
	rc = netrc_fetch(a->host, a->login, &login, secret, f);
	free(login);
	return rc == RC_END ? ask_terminal(a, secret, f) : rc;
}

/* An secret_fn; arg is an asker. */
static enum rc
fetch(void *arg, struct buf *secret, struct fault *f)
{
	const struct asker *a = arg;
	enum rc rc;

	access_cache_lock(a->cache);
	rc = fetch_alone(a, secret, f);
	access_cache_unlock(a->cache);
	return rc;
}

/* The location's user, or ~/.netrc's; the caller frees. */
static enum rc
find_user(const struct location *l, const struct access *a, char **user_r,
    struct fault *f)
{
	struct buf dropped = BUF_INIT;
	enum rc rc = RC_END;

	*user_r = NULL;
	if (l->user != NULL) {
		*user_r = xstrdup(l->user);
		return RC_OK;
	}
	/* An administrator's login is not the user whose mail it is. */
	if (a->auth_user == NULL)
		rc = netrc_fetch(l->host, NULL, user_r, &dropped, f);
	buf_wipe(&dropped);
	if (rc == RC_END)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "%s: whose mail? write USER@ before the host", l->text);
	return rc;
}

static enum security
security_of(const struct location *l)
{
	switch (l->kind) {
	case LOCATION_IMAPS:
	case LOCATION_SMTPS:
		return SECURITY_TLS;
	case LOCATION_IMAP:
	case LOCATION_SMTP:
	case LOCATION_MX:
		return SECURITY_STARTTLS;
	case LOCATION_IMAP_PLAIN:
	case LOCATION_SMTP_PLAIN:
	case LOCATION_MAILDIR:
	case LOCATION_ARCHIVE:
	case LOCATION_STDIO:
		break;
	}
	return SECURITY_NONE;
}

/* An MX has no users that log in. */
static enum rc
fill_who(const struct location *l, const struct access *a, struct reach *r,
    struct fault *f)
{
	struct asker *asker;
	enum rc rc;

	if (l->kind == LOCATION_MX)
		return RC_OK;
	rc = find_user(l, a, &r->user, f);
	if (rc != RC_OK)
		return rc;
	r->who.user = r->user;
	r->who.auth_user = a->auth_user;
	r->who.mechanism = a->mechanism;
	r->who.token = a->secret != NULL && secret_is_token(a->secret);
	r->who.secret = fetch;
	asker = access_cache_asker(a->cache, l, a->secret,
	    a->auth_user == NULL ? r->user : a->auth_user);
	asker->timeout_ms = a->timeout_ms;
	r->who.secret_arg = asker;
	return RC_OK;
}

enum rc
reach_fill(const struct location *l, const struct access *a, struct reach *r,
    struct fault *f)
{
	struct endpoint *at = &r->at;

	assert(a->cache != NULL); /* access_init was forgotten */
	memset(r, 0, sizeof(*r));
	at->location = l->text;
	at->host = l->host;
	at->port = l->port;
	at->security = security_of(l);
	at->ca_file = a->ca_file;
	at->pins = &a->pins;
	at->insecure = a->insecure;
	at->timeout_ms = a->timeout_ms > 0 ? a->timeout_ms : TIMEOUT_DEFAULT_MS;
	at->pace = a->pace;
	if (at->security == SECURITY_NONE && !a->allow_plaintext &&
	    !host_is_loopback(l->host))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "%s: would send the password in the clear: use %ss:// "
		    "or %s://, or insist with --allow-plaintext",
		    l->text, endpoint_protocol(at), endpoint_protocol(at));
	return fill_who(l, a, r, f);
}

enum rc
reach_prepare(const struct location *l, const struct access *a, struct fault *f)
{
	struct buf secret = BUF_INIT;
	struct reach r;
	enum rc rc;

	rc = reach_fill(l, a, &r, f);
	if (rc == RC_OK && r.who.secret != NULL &&
	    (a->secret == NULL || secret_is_single(a->secret)))
		rc = fetch(r.who.secret_arg, &secret, f);
	buf_wipe(&secret);
	reach_release(&r);
	return rc;
}

void
reach_tell(const struct location *l, const struct access *a, const void *secret,
    size_t n)
{
	const char *login = a->auth_user == NULL ? l->user : a->auth_user;
	char *key = access_cache_key(l, NULL, login);

	access_cache_put(a->cache, key, secret, n);
	free(key);
}

void
reach_release(struct reach *r)
{
	free(r->user);
	r->user = NULL;
}
