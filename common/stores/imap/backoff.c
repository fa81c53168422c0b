#include "stores/imap/backoff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/session.h"
#include "util/pace.h"

/*
 * What servers say, in any case, with where it was seen.  The first row that
 * fits counts; one that is a response code fits at the start only.  "OK
 * Success [THROTTLED]" (Gmail: node-imap #593, MailKit #1396) is no refusal:
 * the server is slow on purpose, and nothing is gained by waiting too.
 */
static const struct {
	const char *words;
	enum backoff kind;
} rows[] = {
	/* RFC 5530.  A password that is wrong stays so, and accounts are
	 * locked when it is tried again, whatever the text promises. */
	{ "[AUTHENTICATIONFAILED]", BACKOFF_NEVER },
	{ "[AUTHORIZATIONFAILED]", BACKOFF_NEVER },
	{ "[EXPIRED]", BACKOFF_NEVER },
	/* Fastmail's APPEND: "NO [LIMIT] Too many identical emails"
	 * (offlineimap3 #140). */
	{ "too many identical", BACKOFF_NEVER },
	/* Yahoo: "NO [UNAVAILABLE] UID FETCH Server error while fetching
	 * messages", of a message that it cannot read, and never will
	 * (imapsync #119, MailKit #358). */
	{ "server error while fetching", BACKOFF_NEVER },

	/* Microsoft 365: "NO Request is throttled. Suggested Backoff Time:
	 * 299609 milliseconds" (imapsync #198, imap_tools #135); with BAD, and
	 * "* BYE Connection closed. 14" behind it (email-oauth2-proxy #191,
	 * imapsync #212, #272). */
	{ "request is throttled", BACKOFF_ALL },
	{ "suggested backoff time", BACKOFF_ALL },
	/* Gmail: "NO [ALERT] Account exceeded command or bandwidth limits.
	 * (Failure)"; "[OVERQUOTA]" to FETCH (ha-email-sensor #16), which is
	 * not the quota of the mailbox but 2,500 MB a day (Google Workspace
	 * Admin Help, "Gmail bandwidth limits"). */
	{ "command or bandwidth limits", BACKOFF_ALL },
	/* Yahoo and AOL: "NO [LIMIT] CAPABILITY Rate limit hit." and BYE
	 * (imapflow #75). */
	{ "rate limit", BACKOFF_ALL },
	/* Yahoo: "NO [UNAVAILABLE] UID FETCH Server error - Please try again
	 * later" (imap-backup #218, imap_tools #229). */
	{ "server error - please try again later", BACKOFF_ALL },
	/* Exchange: "NO Server Unavailable. 15", when asked for much
	 * (imapfilter #146); what it means to APPEND refusal.c knows. */
	{ "server unavailable. 15", BACKOFF_ALL },
	{ "[THROTTLED]", BACKOFF_ALL },
	{ "too many requests", BACKOFF_ALL },
	{ "throttled", BACKOFF_ALL },
	{ "backoff", BACKOFF_ALL },

	/* Gmail at login: "NO [ALERT] Too many simultaneous connections.
	 * (Failure)" (wildduck #35, mailcore2 #382). */
	{ "too many simultaneous connections", BACKOFF_LINE },
	/* Dovecot at login: "NO [UNAVAILABLE] Maximum number of connections
	 * from user+IP exceeded (mail_max_userip_connections=16)" (node-imap
	 * #606, #882). */
	{ "maximum number of connections", BACKOFF_LINE },
	/* Dovecot at login, older ones without [UNAVAILABLE]: its password
	 * database cannot be asked. */
	{ "temporary authentication failure", BACKOFF_LINE },
	/* RFC 5530, and RFC 9051 7.1. */
	{ "[UNAVAILABLE]", BACKOFF_LINE },
	{ "[INUSE]", BACKOFF_LINE },
	{ "[LIMIT]", BACKOFF_LINE },
	{ "try again later", BACKOFF_LINE },
};

/* What is said to one who was let in, to a command or with BYE: as above. */
static const char *const expired[] = {
	/* RFC 5530; Gmail's "NO [AUTHENTICATIONFAILED] Invalid credentials
	 * (Failure)". */
	"[AUTHENTICATIONFAILED]",
	"[EXPIRED]",
	/* Microsoft 365: "BYE Session invalidated - AccessTokenExpired"
	 * (aioimaplib #83, imapsync #250, imap-backup #198). */
	"accesstokenexpired",
	"session invalidated",
	/* Gmail: "BYE Session expired, please login again." (yugo #38,
	 * emailjs-imap-client #142). */
	"session expired",
	"session has expired",
	"token expired",
	"token has expired",
};

static const struct {
	const char *word; /* "s" may follow */
	int64_t ms;
} units[] = { { "millisecond", 1 }, { "ms", 1 }, { "second", 1000 },
	{ "sec", 1000 }, { "minute", 60000 }, { "min", 60000 } };

/* What stands behind a number: its unit in ms, 0 for anything else. */
static int64_t
unit_at(const char *p)
{
	size_t i, n;

	p += strspn(p, " ");
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		n = strlen(units[i].word);
		if (strncasecmp(p, units[i].word, n) != 0)
			continue;
		n += tolower((unsigned char)p[n]) == 's';
		if (!isalpha((unsigned char)p[n]))
			return units[i].ms;
	}
	return 0;
}

/* The first number of the text that is a time. */
static int64_t
told(const char *text)
{
	const char *p = text;
	int64_t v, unit;

	while (*p != '\0') {
		if (!isdigit((unsigned char)*p)) {
			p++;
			continue;
		}
		for (v = 0; isdigit((unsigned char)*p); p++)
			if (v < BACKOFF_TOLD_MAX_MS)
				v = v * 10 + (*p - '0');
		unit = unit_at(p);
		if (unit == 0)
			continue;
		return v < BACKOFF_TOLD_MAX_MS / unit ? v * unit :
							BACKOFF_TOLD_MAX_MS;
	}
	return 0;
}

static bool
fits(const char *text, const char *words)
{
	if (*words == '[')
		return strncasecmp(text, words, strlen(words)) == 0 ||
		    (strncasecmp(text, words, strlen(words) - 1) == 0 &&
			text[strlen(words) - 1] == ' ');
	return strcasestr(text, words) != NULL;
}

enum backoff
backoff_parse(const char *text, int64_t *ms_r)
{
	size_t i;

	*ms_r = 0;
	text += strspn(text, " ");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!fits(text, rows[i].words))
			continue;
		if (rows[i].kind != BACKOFF_NEVER)
			*ms_r = told(text);
		return rows[i].kind;
	}
	return BACKOFF_NONE;
}

int64_t
backoff_ms(unsigned nth, unsigned most, int64_t told_ms, int64_t max_ms)
{
	int64_t ms = told_ms > 0 ? told_ms : BACKOFF_START_MS;

	if (nth > most || max_ms <= 0)
		return -1;
	while (--nth > 0 && ms < max_ms)
		ms *= 2;
	return ms < max_ms ? ms : max_ms;
}

enum rc
backoff_gate(struct session *s, struct fault *f)
{
	enum rc rc = RC_OK;

	if (!s->leaving)
		rc = pace_gate(s->config.at.pace, f);
	if (rc == RC_OK)
		s->plea.kind = BACKOFF_NONE;
	return rc;
}

/* Before login such words are about the secret that was just shown. */
static bool
has_expired(const struct session *s, const char *text)
{
	size_t i;

	if (s->im == NULL ||
	    s->im->imap_state == MAILIMAP_STATE_NON_AUTHENTICATED)
		return false;
	text += strspn(text, " ");
	for (i = 0; i < sizeof(expired) / sizeof(expired[0]); i++)
		if (fits(text, expired[i]))
			return true;
	return false;
}

enum backoff
backoff_heard(struct session *s, const char *text)
{
	struct plea p = { .ms = 0 };

	p.kind =
	    has_expired(s, text) ? BACKOFF_RENEW : backoff_parse(text, &p.ms);
	if (p.kind == BACKOFF_NONE || p.kind == BACKOFF_NEVER)
		return BACKOFF_NONE;
	(void)snprintf(p.words, sizeof(p.words), "%.*s", BACKOFF_WORDS_MAX - 1,
	    text + strspn(text, " "));
	s->plea = p;
	return p.kind;
}

/* Where others do the work, this one is not waited for as long. */
static unsigned
most_of(const struct session *s, const struct plea *p)
{
	return p->kind == BACKOFF_LINE && pace_joined(s->config.at.pace) > 1 ?
	    BACKOFF_TRIES_SPARE :
	    BACKOFF_TRIES;
}

enum rc
backoff_wait(struct session *s, unsigned nth, struct fault *f)
{
	struct plea p = s->plea;
	int64_t ms;

	s->plea.kind = BACKOFF_NONE;
	ms = backoff_ms(nth, most_of(s, &p), p.ms,
	    pace_pause_max(s->config.at.pace));
	if (ms >= 0)
		return pace_pause(s->config.at.pace, p.kind == BACKOFF_ALL, ms,
		    p.words, f);
	s->spent = true;
	if (nth > 1)
		return fault_wrap(f, RC_STORE,
		    "no progress after %u pauses for the server", nth - 1);
	return RC_STORE;
}
