#include "stores/imap/imap.h"

#include <stdlib.h>
#include <string.h>

#include "stores/imap/caps.h"
#include "stores/imap/ops.h"
#include "util/mem.h"

/* Octets of a message kept in memory before the spool takes a file. */
enum { SPOOL_BOUND = 2 << 20 };

static enum rc
reopen(struct store *st, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;

	session_close(&is->s);
	return session_open(&is->s, f);
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
	const char *const owned[] = { c->location, c->host, c->user,
		c->auth_user, c->mechanism, c->ca_file };
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
	config_release(&s->config);
	strs_release(&s->pins);
	caps_release(&s->caps);
	strs_release(&s->foreign);
	free(s->prefix);
	free(s->software);
	free(s->tls);
	atoms_free(s->atoms);
	intake_free(s->intake);
	folder_release(&s->selected);
	folder_state_release(&is->state);
	free(is);
}

static const struct store_ops ops = {
	.kind = "imap",
	.folders = imap_folders,
	.select = imap_select,
	.scan = imap_scan,
	.read = imap_read,
	.create = imap_create,
	.subscribe = imap_subscribe,
	.append = imap_append,
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
	to->location = copy(c->location);
	to->host = copy(c->host);
	to->user = copy(c->user);
	to->auth_user = copy(c->auth_user);
	to->mechanism = copy(c->mechanism);
	to->ca_file = copy(c->ca_file);
	to->pins = NULL;
	if (c->pins != NULL) {
		strs_copy(&s->pins, c->pins);
		to->pins = &s->pins;
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
	folder_state_init(&is->state);
	rc = session_open(&is->s, f);
	if (rc != RC_OK) {
		close_store(&is->s.store);
		return rc;
	}
	*r = &is->s.store;
	return RC_OK;
}
