#include <stddef.h>
#include <string.h>

#include "stores/imap/ops.h"

/* Words in a refusal, any case, that tell more than its code. */
static const struct {
	const char *words;
	enum cause cause;
} hints[] = {
	{ "server unavailable. 15", CAUSE_CANTCREATE }, /* Exchange's quota */
	{ "quota exceeded", CAUSE_CANTCREATE },
	{ "over quota", CAUSE_CANTCREATE },
	{ "throttled", CAUSE_TEMPORARY },
	{ "backoff", CAUSE_TEMPORARY },
	{ "too many requests", CAUSE_TEMPORARY },
	{ "try again later", CAUSE_TEMPORARY },
};

enum rc
imap_refusal(struct session *s, const struct imap_reply *r, const char *what,
    struct fault *f)
{
	enum rc rc;
	size_t i;

	rc = session_refusal(s, r, what, f);
	if (strcmp(r->code, "LIMIT") == 0 || strcmp(r->code, "INUSE") == 0)
		return RC_STORE;
	if (f->cause != CAUSE_REFUSED)
		return rc;
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcasestr(r->text, hints[i].words) != NULL) {
			f->cause = hints[i].cause;
			return RC_STORE;
		}
	return rc;
}

bool
imap_is_particular(struct session *s, const struct imap_reply *r,
    const char *what, enum rc *rc_r, struct fault *f)
{
	*rc_r = imap_refusal(s, r, what, f);
	/* Dovecot says [SERVERBUG] to a message whose file it cannot read. */
	return *rc_r != RC_STORE && f->cause != CAUSE_NOINPUT;
}
