#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/introduce.h"
#include "stores/imap/ops.h"
#include "stores/imap/quotaline.h"
#include "util/clock.h"
#include "util/mem.h"

/* What the account's server tells of itself: RFC 2342, 7889, 9208. */

static enum rc
take_line(void *arg, const char *text, size_t n, struct fault *f)
{
	struct about *a = arg;
	uint64_t limit;

	(void)f;
	if (quotaline_words(text, n, &a->capability) ||
	    quotaline_parse(text, n, a))
		return RC_OK;
	if (quotaline_limit(text, n, &limit) && limit > 0 &&
	    (a->append_limit == 0 || limit < a->append_limit))
		a->append_limit = limit;
	return RC_OK;
}

/* What a server will not tell is not known, and no failure. */
static enum rc
ask(struct session *s, const char *command, struct about *a, bool *told_r,
    struct fault *f)
{
	struct buf cmd = BUF_INIT;
	struct imap_reply reply;
	enum rc rc;

	buf_adds(&cmd, command);
	rc = session_raw(s, &cmd, take_line, a, &reply, f);
	buf_release(&cmd);
	*told_r = rc == RC_OK && reply.status == IMAP_OK;
	return rc;
}

static bool
offers(const struct about *a, const char *word)
{
	size_t i;

	for (i = 0; i < a->capability.n; i++)
		if (strcasecmp(a->capability.v[i], word) == 0)
			return true;
	return false;
}

static int
by_time(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static enum rc
measure(struct session *s, struct about *a, struct fault *f)
{
	int64_t began;
	bool told;
	enum rc rc = RC_OK;

	a->round_trips = 0;
	while (rc == RC_OK && a->round_trips < ROUND_TRIPS) {
		began = clock_us();
		rc = ask(s, "NOOP", a, &told, f);
		a->round_trip_us[a->round_trips++] = clock_us() - began;
	}
	qsort(a->round_trip_us, a->round_trips, sizeof(a->round_trip_us[0]),
	    by_time);
	return rc;
}

static void
take_known(const struct session *s, struct about *a)
{
	free(a->prefix);
	a->prefix = xstrdup(s->prefix == NULL ? "" : s->prefix);
	a->sep = s->sep;
	a->namespaces = s->caps.namespace;
	strs_copy(&a->foreign, &s->foreign);
	a->append_limit = s->caps.append_limit;
}

enum rc
imap_about(struct store *st, struct about *r, struct fault *f)
{
	struct session *s = &((struct imap_store *)st)->s;
	bool told;
	enum rc rc;

	about_release(r);
	about_init(r);
	rc = introduce_finish(s, f);
	if (rc != RC_OK)
		return rc;
	take_known(s, r);
	rc = ask(s, "CAPABILITY", r, &told, f);
	/* without a number: it is to be asked for each folder */
	if (rc == RC_OK && offers(r, "APPENDLIMIT"))
		rc = ask(s, "STATUS INBOX (APPENDLIMIT)", r, &told, f);
	/* "QUOTA" of RFC 2087; RFC 9208 has it as well */
	if (rc == RC_OK && offers(r, "QUOTA"))
		rc = ask(s, "GETQUOTAROOT INBOX", r, &r->quota_known, f);
	return rc == RC_OK ? measure(s, r, f) : rc;
}
