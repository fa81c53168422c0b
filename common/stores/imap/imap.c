#include "stores/imap/imap.h"

#include <stdlib.h>
#include <string.h>

#include "stores/imap/caps.h"
#include "stores/imap/ops.h"
#include "stores/imap/pipeline.h"
#include "util/mem.h"

/* Octets of a message kept in memory before the spool takes a file. */
enum { SPOOL_BOUND = 2 << 20 };

/* Operations that need nothing selected are done again over a new line, or
 * after a pause, by themselves. */
static bool
again(struct store *st, unsigned *tries, enum rc *rc, struct fault *f)
{
	if (*rc != RC_STORE)
		return false;
	*rc = mend_store(st, ++*tries, f);
	return *rc == RC_OK;
}

static enum rc
folders(struct store *st, struct folders *r, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	do {
		rc = imap_folders(st, r, f);
	} while (again(st, &tries, &rc, f));
	return rc;
}

static enum rc
count(struct store *st, struct folder *v, size_t n, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	do {
		rc = imap_count(st, v, n, f);
	} while (again(st, &tries, &rc, f));
	return rc;
}

static enum rc
about(struct store *st, struct about *r, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	do {
		rc = imap_about(st, r, f);
	} while (again(st, &tries, &rc, f));
	return rc;
}

static enum rc
create(struct store *st, const char *name, struct folder *r, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	do {
		rc = imap_create(st, name, r, f);
	} while (again(st, &tries, &rc, f));
	return rc;
}

static enum rc
subscribe(struct store *st, const struct folder *folder, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	do {
		rc = imap_subscribe(st, folder, f);
	} while (again(st, &tries, &rc, f));
	return rc;
}

static enum rc
unsubscribe(struct store *st, const struct folder *folder, struct fault *f)
{
	unsigned tries = 0;
	enum rc rc;

	do {
		rc = imap_unsubscribe(st, folder, f);
	} while (again(st, &tries, &rc, f));
	return rc;
}

static enum rc
reopen(struct store *st, unsigned tries, struct fault *f)
{
	pipeline_drop((struct imap_store *)st);
	return mend_store(st, tries, f);
}

/* A server that answered OK has it on disk, as far as we can know. */
static enum rc
commit(struct store *st, struct fault *f)
{
	(void)st;
	(void)f;
	return RC_OK;
}

static const struct store_info *
info(const struct store *st)
{
	const struct imap_store *is = (const struct imap_store *)st;

	return &is->s.info;
}

static void
config_release(struct imap_config *c)
{
	const char *const owned[] = { c->at.location, c->at.host, c->at.ca_file,
		c->who.user, c->who.auth_user, c->who.mechanism };
	size_t i;

	for (i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		free((void *)(uintptr_t)owned[i]);
}

static void
close_store(struct store *st)
{
	struct imap_store *is = (struct imap_store *)st;
	struct session *s = &is->s;

	session_close(s);
	if (is->joined)
		pace_leave(s->config.at.pace);
	config_release(&s->config);
	strs_release(&s->pins);
	caps_release(&s->caps);
	strs_release(&s->foreign);
	free(s->prefix);
	free(s->software);
	free(s->tls);
	free(s->subject);
	free(s->issuer);
	atoms_free(s->atoms);
	intake_free(s->intake);
	folder_release(&s->selected);
	folder_state_release(&is->state);
	free(is->told.v);
	pipeline_free(is->pipeline);
	free(is);
}

static void
keep(struct store *s, uint64_t most)
{
	intake_keep(((struct imap_store *)s)->s.intake, most);
}

static const struct store_ops ops = {
	.kind = "imap",
	.folders = folders,
	.count = count,
	.select = imap_select,
	.scan = imap_scan,
	.glance = imap_glance,
	.about = about,
	.changes = imap_changes,
	.read = imap_read,
	.watch = imap_watch,
	.ahead = imap_ahead,
	.keep = keep,
	.create = create,
	.subscribe = subscribe,
	.unsubscribe = unsubscribe,
	.set_flags = imap_set_flags,
	.remove = imap_remove,
	.remove_folder = imap_remove_folder,
	.append = imap_append,
	.await = imap_await,
	.ask = imap_ask,
	.commit = commit,
	.reopen = reopen,
	.info = info,
	.free = close_store,
};

static const char *
copy(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

static void
config_copy(struct session *s, const struct imap_config *c)
{
	struct imap_config *to = &s->config;

	*to = *c;
	to->at.location = copy(c->at.location);
	to->at.host = copy(c->at.host);
	to->who.user = copy(c->who.user);
	to->who.auth_user = copy(c->who.auth_user);
	to->who.mechanism = copy(c->who.mechanism);
	to->at.ca_file = copy(c->at.ca_file);
	to->at.pins = NULL;
	if (c->at.pins != NULL) {
		strs_copy(&s->pins, c->at.pins);
		to->at.pins = &s->pins;
	}
}

enum rc
imap_open(const struct imap_config *c, struct store **r, struct fault *f)
{
	struct imap_store *is = xcalloc(1, sizeof(*is));
	enum rc rc;

	is->s.store.ops = &ops;
	config_copy(&is->s, c);
	is->s.atoms = atoms_new();
	is->s.intake = intake_new(SPOOL_BOUND);
	is->pipeline = pipeline_new();
	folder_state_init(&is->state);
	rc = session_open(&is->s, f);
	/* The first connection is waited for; others the run can do without. */
	if (rc != RC_OK && is->s.plea.kind != BACKOFF_NONE &&
	    pace_joined(c->at.pace) == 0)
		rc = mend_store(&is->s.store, 1, f);
	if (rc != RC_OK) {
		close_store(&is->s.store);
		return rc;
	}
	pace_join(c->at.pace);
	is->joined = true;
	*r = &is->s.store;
	return RC_OK;
}
