#include "accounts/submit.h"

#include "accounts/reach.h"

enum rc
submit_open(const struct location *l, const struct access *a, struct smtp **r,
    struct fault *f)
{
	struct smtp_config c = { .name = NULL };
	struct reach to;
	enum rc rc;

	*r = NULL;
	if (!location_is_smtp(l))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' takes no mail by SMTP: that is written "
		    "smtps://USER@HOST or smtp://USER@HOST",
		    l->text);
	rc = reach_fill(l, a, &to, f);
	if (rc != RC_OK)
		return rc;
	c.at = to.at;
	c.opportunistic = l->kind == LOCATION_MX;
	c.who = c.opportunistic ? NULL : &to.who;
	rc = smtp_open(&c, r, f);
	reach_release(&to);
	return rc;
}
