#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/cache.h"
#include "accounts/open.h"
#include "accounts/secret.h"
#include "bytes/minisign.h"
#include "stores/imap/imap.h"
#include "stores/maildir/maildir.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	TIMEOUT_DEFAULT_MS = 60 * 1000,
	SHOWN_MAX = 200, /* octets of a login in a prompt */
	INPUT_FD = 0,    /* where "-" is */
};

void
access_init(struct access *a)
{
	memset(a, 0, sizeof(*a));
	a->cache = access_cache_new();
	a->pace = pace_new(NULL);
}

void
access_release(struct access *a)
{
	access_cache_free(a->cache);
	a->cache = NULL;
	pace_free(a->pace);
	a->pace = NULL;
}

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

static enum imap_compress
compress_as(enum access_compress want)
{
	switch (want) {
	case ACCESS_COMPRESS_AUTO:
		break;
	case ACCESS_COMPRESS_ON:
		return IMAP_COMPRESS_ON;
	case ACCESS_COMPRESS_OFF:
		return IMAP_COMPRESS_OFF;
	}
	return IMAP_COMPRESS_AUTO;
}

static enum rc
open_imap(const struct location *l, const struct access *a, struct store **r,
    struct fault *f)
{
	struct imap_config c;
	struct asker *asker;
	char *user;
	enum rc rc;

	if (l->kind == LOCATION_IMAP_PLAIN && !a->allow_plaintext &&
	    !host_is_loopback(l->host))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "%s: would send the password in the clear: use imaps:// "
		    "or imap://, or insist with --allow-plaintext",
		    l->text);
	rc = find_user(l, a, &user, f);
	if (rc != RC_OK)
		return rc;
	memset(&c, 0, sizeof(c));
	c.at.location = l->text;
	c.at.host = l->host;
	c.at.port = l->port;
	c.at.security = l->kind == LOCATION_IMAPS ? SECURITY_TLS :
	    l->kind == LOCATION_IMAP              ? SECURITY_STARTTLS :
						    SECURITY_NONE;
	c.who.user = user;
	c.who.auth_user = a->auth_user;
	c.who.mechanism = a->mechanism;
	c.who.token = a->secret != NULL && secret_is_token(a->secret);
	c.who.secret = fetch;
	asker = access_cache_asker(a->cache, l, a->secret,
	    a->auth_user == NULL ? user : a->auth_user);
	asker->timeout_ms = a->timeout_ms;
	c.who.secret_arg = asker;
	c.at.ca_file = a->ca_file;
	c.at.pins = &a->pins;
	c.at.insecure = a->insecure;
	c.at.timeout_ms =
	    a->timeout_ms > 0 ? a->timeout_ms : TIMEOUT_DEFAULT_MS;
	c.compress = compress_as(a->compress);
	c.at.pace = a->pace;
	rc = imap_open(&c, r, f);
	free(user);
	return rc;
}

enum rc
store_open(const struct location *l, const struct access *a, bool create,
    struct store **r, struct fault *f)
{
	assert(a->cache != NULL); /* access_init was forgotten */
	*r = NULL;
	switch (l->kind) {
	case LOCATION_IMAPS:
	case LOCATION_IMAP:
	case LOCATION_IMAP_PLAIN:
		return open_imap(l, a, r, f);
	case LOCATION_MAILDIR:
		return maildir_open(l->path, l->layout, create, r, f);
	case LOCATION_ARCHIVE:
	case LOCATION_STDIO:
		break;
	}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "'%s' is an archive: a live mailbox is written imaps://USER@HOST "
	    "or maildir:DIR",
	    l->text);
}

static enum rc
open_stdin(int *fd_r, struct fault *f)
{
	if (isatty(INPUT_FD) == 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "an archive cannot be typed: standard input is a terminal");
	*fd_r = fcntl(INPUT_FD, F_DUPFD_CLOEXEC, 3);
	if (*fd_r == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard input");
	return RC_OK;
}

static enum rc
read_minisig(const char *path, struct buf *minisig, struct fault *f)
{
	char *name = xasprintf("%s.minisig", path);
	enum rc rc = RC_OK;

	if (access(name, F_OK) == 0)
		rc = file_slurp(name, MINISIGN_FILE_MAX, minisig, f);
	/* Empty to the caller means that there is none. */
	if (rc == RC_OK && minisig->len == 0 && access(name, F_OK) == 0)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "'%s' is empty: it was cut, and signs nothing", name);
	free(name);
	return rc;
}

enum rc
archive_open_fd(const struct location *l, int *fd_r, struct buf *minisig,
    struct fault *f)
{
	struct stat st;
	enum rc rc;

	*fd_r = -1;
	if (l->kind == LOCATION_STDIO)
		return open_stdin(fd_r, f);
	if (l->kind != LOCATION_ARCHIVE)
		return fault_set(f, RC_STORE, CAUSE_USAGE, "%s: not an archive",
		    l->text);
	*fd_r = open(l->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd_r == -1)
		return fault_errno(f, RC_STORE, CAUSE_NOINPUT,
		    "cannot open '%s'", l->path);
	if (fstat(*fd_r, &st) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "'%s'", l->path);
	else if (S_ISDIR(st.st_mode))
		rc = fault_set(f, RC_STORE, CAUSE_NOINPUT,
		    "'%s' is a directory; a Maildir is written maildir:%s",
		    l->path, l->path);
	else
		rc = read_minisig(l->path, minisig, f);
	if (rc != RC_OK) {
		(void)close(*fd_r);
		*fd_r = -1;
	}
	return rc;
}
