#include <stdlib.h>
#include <string.h>

#include "accounts/reach.h"
#include "accounts/submit.h"
#include "login.h"
#include "util/clock.h"
#include "util/mem.h"

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

/* "TLSv1.3 CIPHER sha256:.., accepted unverified: .." */
static void
take_line(struct login_result *r, const char *line)
{
	static const char mark[] = "accepted unverified: ";
	const size_t version = strcspn(line, " ");
	const char *cipher = line + version + strspn(line + version, " ");
	const char *unverified = strstr(line, mark);

	r->tls = xstrndup(line, version);
	r->cipher = xstrndup(cipher, strcspn(cipher, " "));
	if (unverified != NULL)
		r->unverified = xstrdup(unverified + sizeof(mark) - 1);
}

static size_t
count_selectable(const struct folders *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += (l->v[i].attr & FOLDER_NOSELECT) == 0;
	return n;
}

/* A login alone does not show that there is a mailbox behind it. */
static enum rc
look(struct store *s, struct login_result *r, struct fault *f)
{
	struct folders folders = FOLDERS_INIT;
	struct folder_state state;
	const struct folder *inbox;
	enum rc rc;

	folder_state_init(&state);
	rc = s->ops->folders(s, &folders, f);
	if (rc == RC_OK) {
		r->folders = (int64_t)count_selectable(&folders);
		inbox = folders_find(&folders, "INBOX");
		rc = inbox == NULL ?
		    fault_set(f, RC_FOLDER, CAUSE_NOINPUT,
			"the server lists no INBOX") :
		    store_select(s, inbox, STORE_READ, &state, f);
	}
	if (rc == RC_OK)
		r->inbox = state.exists;
	folder_state_release(&state);
	folders_release(&folders);
	return rc;
}

static enum rc
try_store(const struct login *l, const struct access *how,
    struct login_result *r, struct fault *f)
{
	const struct store_info *info;
	struct store *s;
	enum rc rc;

	rc = store_open(l->location, how, false, &s, f);
	if (rc != RC_OK)
		return rc;
	rc = look(s, r, f);
	/* The software is known after the first operation only. */
	info = s->ops->info(s);
	r->mechanism = copy(info->mechanism);
	r->subject = copy(info->subject);
	r->issuer = copy(info->issuer);
	r->until = info->until;
	r->software = copy(info->software);
	take_line(r, info->tls);
	store_free(s);
	return rc;
}

/*
 * Who may log in may still not be allowed to send as this address.  Nothing
 * is sent; but Postfix, for one, judges the sender only when it knows a
 * recipient, so the address is that, too.
 */
static enum rc
try_sender(struct smtp *s, const char *address, struct login_result *r,
    struct fault *f)
{
	const struct smtp_envelope e = { .from = address };
	enum rc rc;

	rc = smtp_mail(s, &e, f);
	if (rc == RC_OK)
		rc = smtp_rcpt(s, address, f);
	if (rc == RC_OK)
		r->sender = xstrdup(address);
	return rc == RC_OK ? smtp_reset(s, f) : rc;
}

static enum rc
try_submit(const struct login *l, const struct access *how,
    struct login_result *r, struct fault *f)
{
	const char *address = l->address;
	struct smtp_facts facts;
	struct smtp *s;
	enum rc rc;

	rc = submit_open(l->location, how, &s, f);
	if (rc != RC_OK)
		return rc;
	facts = smtp_facts(s);
	r->mechanism = copy(facts.mechanism);
	r->software = copy(facts.greeting);
	take_line(r, facts.line);
	if (facts.tls != NULL) {
		r->subject = copy(facts.tls->subject);
		r->issuer = copy(facts.tls->issuer);
		r->until = facts.tls->until;
	}
	/* Most users are the address that they write from. */
	if (address == NULL && l->location->user != NULL &&
	    strchr(l->location->user, '@') != NULL)
		address = l->location->user;
	if (address != NULL)
		rc = try_sender(s, address, r, f);
	smtp_close(s);
	return rc;
}

void
login_try(const struct logins *all, const struct login *l,
    struct login_result *r)
{
	const int64_t began = clock_ms();
	struct access how = *all->access;
	struct fault f = FAULT_INIT;
	enum rc rc;

	memset(r, 0, sizeof(*r));
	r->folders = r->inbox = -1;
	how.secret = l->secret;
	if (l->place != NULL && l->place->password != NULL)
		reach_tell(l->location, &how, l->place->password,
		    l->place->password_len);
	rc = location_is_smtp(l->location) ? try_submit(l, &how, r, &f) :
					     try_store(l, &how, r, &f);
	if (rc != RC_OK) {
		r->cause = f.cause == CAUSE_NONE ? CAUSE_BUG : f.cause;
		r->why = xstrdup(f.text);
	}
	r->ms = clock_ms() - began;
}
