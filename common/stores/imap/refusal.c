#include <stddef.h>
#include <string.h>

#include "stores/imap/ops.h"

/* Words in a refusal, any case, that mean a full quota and have no code. */
static const struct {
	const char *words;
	const char *what; /* the only command that they mean it to; NULL */
} full[] = {
	/* Exchange; to others it is asked too much (backoff.c). */
	{ "server unavailable. 15", "append" },
	{ "quota exceeded", NULL },
	{ "over quota", NULL },
};

static bool
is_full(const char *text, const char *what)
{
	size_t i;

	for (i = 0; i < sizeof(full) / sizeof(full[0]); i++)
		if ((full[i].what == NULL || strcmp(full[i].what, what) == 0) &&
		    strcasestr(text, full[i].words) != NULL)
			return true;
	return false;
}

enum rc
imap_refusal(struct session *s, const struct imap_reply *r, const char *what,
    struct fault *f)
{
	enum rc rc;

	rc = session_refusal(s, r, what, f);
	if (!is_full(r->text, what))
		return rc;
	s->plea.kind = BACKOFF_NONE;
	f->cause = CAUSE_CANTCREATE;
	return RC_STORE;
}

bool
imap_is_particular(struct session *s, const struct imap_reply *r,
    const char *what, enum rc *rc_r, struct fault *f)
{
	*rc_r = imap_refusal(s, r, what, f);
	/* Dovecot says [SERVERBUG] to a message whose file it cannot read. */
	return *rc_r != RC_STORE && f->cause != CAUSE_NOINPUT;
}
