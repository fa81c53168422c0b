#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "accounts/location.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum {
	USER_MAX = 1024, /* octets */
	HOST_MAX = 253,  /* RFC 1035 section 2.3.4, as text */
	PORT_MAX = 65535,
	SCHEME_MAX = 32, /* octets of an unknown one that are shown */
};

struct scheme {
	const char *name; /* with "://" */
	enum location_kind kind;
	uint16_t port;
};

static const struct scheme schemes[] = {
	{ "imaps://", LOCATION_IMAPS, 993 },
	{ "imap://", LOCATION_IMAP, 143 },
	{ "imap+plain://", LOCATION_IMAP_PLAIN, 143 },
	{ "smtps://", LOCATION_SMTPS, 465 }, /* RFC 8314 */
	{ "smtp://", LOCATION_SMTP, 587 },   /* RFC 6409 */
	{ "smtp+plain://", LOCATION_SMTP_PLAIN, 587 },
};

enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };

static enum rc
usage(struct fault *f, const char *text)
{
	return fault_set(f, RC_STORE, CAUSE_USAGE, "location: %s", text);
}

/*
 * No message here shows what stands before the host: it might hold a
 * password.
 */
static enum rc
parse_user(const char *s, size_t n, struct location *l, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc = RC_OK;
	size_t i;

	if (n == 0)
		return usage(f, "the user before '@' is empty");
	if (memchr(s, ':', n) != NULL)
		return usage(f,
		    "a password in a location is refused, since "
		    "everybody on this machine can read it: use --secret; a "
		    "':' in a user's name is written %3A");
	if (!text_unpercent(&b, s, n))
		rc = usage(f,
		    "bad %XX in the user's name; a '%' itself is "
		    "written %25");
	else if (b.len > USER_MAX)
		rc = usage(f, "the user's name is too long");
	for (i = 0; rc == RC_OK && i < b.len; i++)
		if (b.data[i] < 0x20 || b.data[i] == 0x7f)
			rc = usage(f, "control byte in the user's name");
	if (rc == RC_OK)
		l->user = buf_steal(&b);
	buf_release(&b);
	return rc;
}

static enum rc
parse_port(const char *s, size_t n, struct location *l, struct fault *f)
{
	uint64_t port;

	if (!num_u64(s, n, PORT_MAX, &port) || port == 0)
		return usage(f, "a port is a number from 1 to 65535");
	l->port = (uint16_t)port;
	return RC_OK;
}

/* An address in brackets, with or without %zone; s is behind the "[". */
static enum rc
parse_ipv6(const char *s, size_t n, struct location *l, struct fault *f)
{
	const char *end = memchr(s, ']', n);
	struct in6_addr address;
	char *bare;
	bool good;

	if (end == NULL)
		return usage(f, "']' is missing behind an IPv6 address");
	l->host = xstrndup(s, (size_t)(end - s));
	bare = xstrndup(l->host, strcspn(l->host, "%"));
	good = inet_pton(AF_INET6, bare, &address) == 1 &&
	    strpbrk(l->host, " /?#@[\t\r\n") == NULL;
	free(bare);
	if (!good)
		return usage(f, "bad IPv6 address between '[' and ']'");
	n -= (size_t)(end + 1 - s);
	if (n == 0)
		return RC_OK;
	if (end[1] != ':')
		return usage(f, "only ':PORT' can follow an IPv6 address");
	return parse_port(end + 2, n - 1, l, f);
}

static enum rc
parse_host(const char *s, size_t n, struct location *l, struct fault *f)
{
	const char *colon = memchr(s, ':', n);
	size_t len = colon == NULL ? n : (size_t)(colon - s), i;

	if (colon != NULL && memchr(colon + 1, ':', n - len - 1) != NULL)
		return usage(f,
		    "an IPv6 address is written in brackets, [::1]");
	if (len == 0)
		return usage(f, "the host is missing");
	if (len > HOST_MAX)
		return usage(f, "the host's name is too long");
	for (i = 0; i < len; i++) {
		if ((s[i] & 0x80) != 0)
			return usage(f,
			    "a host's name is written in ASCII "
			    "(its xn-- form)");
		if (s[i] == '/' || s[i] == '?' || s[i] == '#')
			return usage(f,
			    "nothing can follow the host and "
			    "port; folders are chosen with --folder");
		if (!isalnum((unsigned char)s[i]) &&
		    strchr("-._", s[i]) == NULL)
			return usage(f, "bad character in the host's name");
	}
	l->host = xstrndup(s, len);
	/* DNS knows no case, and reports compare locations. */
	for (i = 0; i < len; i++)
		l->host[i] = (char)tolower((unsigned char)l->host[i]);
	if (colon == NULL)
		return RC_OK;
	return parse_port(colon + 1, n - len - 1, l, f);
}

/* The user for the canonical text; it parses back to the same bytes. */
static void
add_user(struct buf *b, const char *user)
{
	bool utf8 = text_is_utf8(user, strlen(user));
	const char *p;

	for (p = user; *p != '\0'; p++) {
		if (strchr("%:/?# \"<>\\", *p) != NULL ||
		    (!utf8 && (*p & 0x80) != 0))
			buf_addf(b, "%%%02X", (unsigned char)*p);
		else
			buf_addc(b, (unsigned char)*p);
	}
}

static char *
server_text(const struct location *l, const struct scheme *scheme)
{
	bool v6 = strchr(l->host, ':') != NULL;
	struct buf b = BUF_INIT;

	buf_adds(&b, scheme->name);
	if (l->user != NULL) {
		add_user(&b, l->user);
		buf_addc(&b, '@');
	}
	buf_addf(&b, v6 ? "[%s]" : "%s", l->host);
	if (l->port != scheme->port)
		buf_addf(&b, ":%u", l->port);
	return buf_steal(&b);
}

static enum rc
parse_server(const char *s, const struct scheme *scheme, struct location *l,
    struct fault *f)
{
	const char *at = strrchr(s, '@'), *host = at == NULL ? s : at + 1;
	size_t n = strlen(host);
	enum rc rc = RC_OK;

	l->kind = scheme->kind;
	l->port = scheme->port;
	if (at != NULL)
		rc = parse_user(s, (size_t)(at - s), l, f);
	if (rc != RC_OK)
		return rc;
	if (n > 0 && host[n - 1] == '/')
		n--;
	if (n > 0 && host[0] == '[')
		rc = parse_ipv6(host + 1, n - 1, l, f);
	else
		rc = parse_host(host, n, l, f);
	if (rc == RC_OK)
		l->text = server_text(l, scheme);
	return rc;
}

static size_t
trim_slashes(const char *s, size_t n)
{
	while (n > 1 && s[n - 1] == '/')
		n--;
	return n;
}

/* Where "?name=value" starts in s[0..n), n when there is none; any other
 * '?' belongs to the directory's name. */
static size_t
find_query(const char *s, size_t n)
{
	const char *query = memrchr(s, '?', n);
	size_t rest;

	if (query == NULL)
		return n;
	rest = n - (size_t)(query - s);
	if (memchr(query, '=', rest) == NULL ||
	    memchr(query, '/', rest) != NULL)
		return n;
	return n - rest;
}

static enum rc
parse_maildir(const char *s, struct location *l, struct fault *f)
{
	size_t whole = trim_slashes(s, strlen(s)), n = find_query(s, whole);
	char *query = xstrndup(s + n, whole - n);
	const char *suffix;

	l->kind = LOCATION_MAILDIR;
	l->layout = strcmp(query, "?layout=fs") == 0 ? MAILDIR_NESTED :
						       MAILDIR_PLUSPLUS;
	if (*query != '\0' && l->layout != MAILDIR_NESTED &&
	    strcmp(query, "?layout=++") != 0) {
		free(query);
		return usage(f,
		    "a Maildir's layout is ?layout=++ or "
		    "?layout=fs");
	}
	free(query);
	n = trim_slashes(s, n);
	if (n == 0)
		return usage(f, "the directory after 'maildir:' is missing");
	l->path = xstrndup(s, n);
	/* A directory's name must not read as a layout. */
	suffix = l->layout == MAILDIR_NESTED ? "?layout=fs" :
	    find_query(s, n) < n             ? "?layout=++" :
					       "";
	l->text = xasprintf("maildir:%s%s", l->path, suffix);
	return RC_OK;
}

/* Octets of a scheme "abc://" or of one of ours that lacks its "//". */
static size_t
scheme_length(const char *s)
{
	size_t n = 0, i;

	while (isalnum((unsigned char)s[n]) ||
	    (s[n] != '\0' && strchr("+-.", s[n]) != NULL))
		n++;
	if (n == 0 || s[n] != ':')
		return 0;
	if (strncmp(s + n, "://", 3) == 0)
		return n;
	for (i = 0; i < SCHEMES; i++)
		if (strlen(schemes[i].name) == n + 3 &&
		    strncasecmp(s, schemes[i].name, n) == 0)
			return n;
	return 0;
}

static enum rc
parse(const char *s, struct location *l, struct fault *f)
{
	size_t i, n;

	for (i = 0; i < SCHEMES; i++) {
		n = strlen(schemes[i].name);
		if (strncasecmp(s, schemes[i].name, n) == 0)
			return parse_server(s + n, &schemes[i], l, f);
	}
	if (strncasecmp(s, "maildir:", 8) == 0)
		return parse_maildir(s + 8, l, f);
	n = scheme_length(s);
	if (n > 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "location: '%.*s:' is none of imaps://, imap://, "
		    "imap+plain://, smtps://, smtp://, smtp+plain://, maildir: "
		    "and an archive's path",
		    n > SCHEME_MAX ? SCHEME_MAX : (int)n, s);
	if (*s == '\0')
		return usage(f, "empty");
	l->kind = strcmp(s, "-") == 0 ? LOCATION_STDIO : LOCATION_ARCHIVE;
	if (l->kind == LOCATION_ARCHIVE)
		l->path = xstrdup(s);
	l->text = xstrdup(s);
	return RC_OK;
}

enum rc
location_parse(const char *s, struct location *r, struct fault *f)
{
	enum rc rc;

	memset(r, 0, sizeof(*r));
	rc = parse(s, r, f);
	if (rc != RC_OK)
		location_release(r);
	return rc;
}

enum rc
location_parse_mx(const char *s, struct location *r, struct fault *f)
{
	static const struct scheme mx = { "", LOCATION_MX, 25 };
	enum rc rc;

	memset(r, 0, sizeof(*r));
	if (strchr(s, '@') != NULL)
		rc = usage(f, "nobody logs in at an MX: HOST[:PORT]");
	else
		rc = parse_server(s, &mx, r, f);
	if (rc != RC_OK)
		location_release(r);
	return rc;
}

void
location_release(struct location *l)
{
	free(l->text);
	free(l->user);
	free(l->host);
	free(l->path);
	memset(l, 0, sizeof(*l));
}

bool
location_is_archive(const struct location *l)
{
	return l->kind == LOCATION_ARCHIVE || l->kind == LOCATION_STDIO;
}

bool
location_is_smtp(const struct location *l)
{
	return l->kind == LOCATION_SMTPS || l->kind == LOCATION_SMTP ||
	    l->kind == LOCATION_SMTP_PLAIN || l->kind == LOCATION_MX;
}
