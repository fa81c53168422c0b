/* What a source or a target tells before any mail is looked at. */
#include <stdlib.h>
#include <string.h>

#include "survey/facts/side.h"
#include "util/clock.h"
#include "util/mem.h"

static void
set(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text == NULL ? "" : text);
}

static void
take_info(struct side *s, const struct store *st)
{
	const struct store_info *i = st->ops->info(st);

	s->kind = st->ops->kind;
	set(&s->location, i->location);
	set(&s->software, i->software);
	set(&s->tls, i->tls);
	s->plaintext = i->plaintext;
	if (s->append_limit == 0)
		s->append_limit = i->append_max;
}

/* Moves what was told. */
static void
take_about(struct side *s, struct about *a)
{
	strs_copy(&s->capability, &a->capability);
	strs_copy(&s->foreign, &a->foreign);
	s->namespaces = a->namespaces;
	set(&s->prefix, a->prefix);
	s->sep = a->sep;
	s->append_limit = a->append_limit;
	s->quota_known = a->quota_known;
	s->quota = a->quota;
	s->quotas = a->quotas;
	a->quota = NULL;
	a->quotas = 0;
	if (a->round_trips > 0) {
		s->round_trip_us = a->round_trip_us[a->round_trips / 2];
		s->round_trip_least_us = a->round_trip_us[0];
	}
}

static enum rc
ask(struct side *s, struct store *st, struct fault *f)
{
	struct about a;
	enum rc rc;

	if (st->ops->about == NULL)
		return RC_OK;
	about_init(&a);
	rc = st->ops->about(st, &a, f);
	if (rc == RC_OK)
		take_about(s, &a);
	about_release(&a);
	return rc;
}

static enum rc
list(struct side *s, struct store *st, struct fault *f)
{
	size_t i;
	enum rc rc;

	rc = st->ops->folders(st, &s->folders, f);
	if (rc == RC_OK && st->ops->count != NULL)
		rc = st->ops->count(st, s->folders.v, s->folders.n, f);
	for (i = 0; s->sep == 0 && i < s->folders.n; i++)
		s->sep = s->folders.v[i].sep;
	return rc;
}

/* An INBOX that cannot be selected is found when it is to be read. */
static enum rc
ask_flags(struct side *s, struct store *st, bool target, struct fault *f)
{
	const struct folder *inbox = folders_find(&s->folders, "INBOX");
	struct folder_state state;
	enum rc rc;

	if (inbox == NULL || (inbox->attr & FOLDER_NOSELECT) != 0)
		return RC_OK;
	folder_state_init(&state);
	rc = store_select(st, inbox, target ? STORE_APPEND : STORE_READ, &state,
	    f);
	if (rc == RC_OK) {
		s->permanent_known = true;
		s->permanent_flags = state.permanent_flags;
		s->permanent_any = state.permanent_any;
		strs_copy(&s->permanent_keywords, &state.permanent_keywords);
	}
	folder_state_release(&state);
	return rc == RC_STORE ? rc : RC_OK;
}

enum rc
side_learn(struct side *s, struct opener *o, bool target, struct store **r,
    struct fault *f)
{
	const int64_t began = clock_us();
	enum rc rc;

	*r = NULL;
	set(&s->location, o->location->text);
	s->kind = "";
	rc = opener_open(o, r, f);
	s->open_us = clock_us() - began;
	if (rc == RC_OK)
		rc = ask(s, *r, f);
	if (rc == RC_OK)
		rc = list(s, *r, f);
	if (rc == RC_OK)
		rc = ask_flags(s, *r, target, f);
	if (*r != NULL)
		take_info(s, *r);
	if (rc != RC_OK)
		s->failed = xstrdup(f->text);
	return rc;
}
