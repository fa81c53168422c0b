/* Waiting for mail at a store, folder by folder. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mailbox.h"
#include "util/mem.h"
#include "util/wait.h"

enum { TRIES_MAX = 5 }; /* new connections without any progress */

static bool
is_any(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasecmp(s, *words) == 0)
			return true;
	return false;
}

enum place_kind
place_kind_of(const struct folder *folder)
{
	/* The last component: it may stand below INBOX. */
	static const char *const junk[] = { "Junk", "Spam", "Junk E-mail",
		"Junk Email", "Bulk Mail", NULL };
	static const char *const sent[] = { "Sent", "Sent Items",
		"Sent Messages", "Sent Mail", NULL };
	const char *slash = strrchr(folder->name, '/');
	const char *name = slash == NULL ? folder->name : slash + 1;

	if (strcmp(folder->name, "INBOX") == 0)
		return PLACE_INBOX;
	if (folder->special != NULL) {
		if (strcasecmp(folder->special, "\\Junk") == 0)
			return PLACE_JUNK;
		if (strcasecmp(folder->special, "\\Sent") == 0)
			return PLACE_SENT;
		return PLACE_OTHER;
	}
	if (is_any(name, junk))
		return PLACE_JUNK;
	return is_any(name, sent) ? PLACE_SENT : PLACE_OTHER;
}

/* After the fault *f with rc: a new connection, where that may mend it. */
static enum rc
mend(struct mailbox *m, enum rc rc, struct fault *f)
{
	if (rc != RC_STORE || m->store->ops->reopen == NULL ||
	    m->tries == TRIES_MAX)
		return rc;
	return m->store->ops->reopen(m->store, ++m->tries, f);
}

static enum rc
select_place(struct mailbox *m, const struct place *p, enum store_mode mode,
    struct folder_state *state, struct fault *f)
{
	folder_state_init(state);
	return store_select(m->store, &p->folder, mode, state, f);
}

static enum rc
note_last(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	uint32_t *last = arg;

	(void)fp;
	(void)f;
	if (m->uid > *last)
		*last = m->uid;
	return RC_OK;
}

/* Where the folder is now. */
static enum rc
note_state(struct mailbox *m, struct place *p, struct fault *f)
{
	struct folder_state state;
	uint32_t last = 0;
	uint64_t seen;
	enum rc rc = select_place(m, p, STORE_READ, &state, f);

	if (rc == RC_OK && state.uidnext == 0)
		rc = m->store->ops->scan(m->store, 1, 0, note_last, &last,
		    &seen, f);
	if (rc == RC_OK) {
		p->uidvalidity = state.uidvalidity;
		p->told = state.uidnext;
		p->next = state.uidnext > 0 ? state.uidnext : last + 1;
		p->exists = state.exists;
	}
	folder_state_release(&state);
	return rc == RC_FOLDER && p->kind != PLACE_INBOX ? RC_OK : rc;
}

/* Others than INBOX and junk are taken as LIST has told of them: there may be
 * thousands.  \All and \Trash have what was elsewhere before. */
static bool
is_watched(const struct folder *l, enum place_kind kind)
{
	if ((l->attr & FOLDER_NOSELECT) != 0)
		return false;
	if (kind == PLACE_OTHER)
		return l->special == NULL && l->status_known && l->uidnext > 0;
	return true;
}

static struct place *
add_place(struct mailbox *m, const struct folder *l, enum place_kind kind)
{
	struct place *p = xcalloc(1, sizeof(*p));

	m->place = xreallocarray(m->place, m->n + 1, sizeof(*m->place));
	m->place[m->n++] = p;
	folder_copy(&p->folder, l);
	/* as it was then: not for those that select it later */
	p->folder.status_known = false;
	p->kind = kind;
	p->uidvalidity = l->uidvalidity;
	p->next = l->uidnext;
	return p;
}

static bool
is_known(const struct mailbox *m, const struct folder *l)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->place[i]->folder.name, l->name) == 0)
			return true;
	return false;
}

/* later: folders that are not known yet were made since. */
static enum rc
list_places(struct mailbox *m, bool later, struct fault *f)
{
	struct folders l = FOLDERS_INIT;
	enum place_kind kind;
	enum rc rc;
	size_t i;

	rc = m->store->ops->folders(m->store, &l, f);
	m->folders = l.n;
	for (i = 0; rc == RC_OK && i < l.n; i++) {
		kind = place_kind_of(&l.v[i]);
		if (!is_watched(&l.v[i], kind) || is_known(m, &l.v[i]))
			continue;
		add_place(m, &l.v[i], kind)->next = later ? 1 : l.v[i].uidnext;
	}
	folders_release(&l);
	return rc;
}

enum rc
mailbox_relist(struct mailbox *m, struct fault *f)
{
	enum rc rc;

	do {
		rc = list_places(m, true, f);
	} while (rc != RC_OK && mend(m, rc, f) == RC_OK);
	return rc;
}

enum rc
mailbox_init(struct mailbox *m, struct store *s, struct fault *f)
{
	enum rc rc;
	size_t i;

	memset(m, 0, sizeof(*m));
	m->store = s;
	rc = list_places(m, false, f);
	if (rc == RC_OK && (m->n == 0 || m->place[0]->kind != PLACE_INBOX))
		rc = fault_set(f, RC_STORE, CAUSE_NOINPUT,
		    "%s: there is no INBOX", s->ops->info(s)->location);
	for (i = 0; rc == RC_OK && i < m->n; i++)
		if (m->place[i]->kind != PLACE_OTHER)
			rc = note_state(m, m->place[i], f);
	return rc;
}

const struct place *
mailbox_place(struct mailbox *m, enum place_kind kind, const char *name)
{
	struct place *p;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->place[i]->folder.name, name) == 0)
			return m->place[i];
	p = xcalloc(1, sizeof(*p));
	m->place = xreallocarray(m->place, m->n + 1, sizeof(*m->place));
	m->place[m->n++] = p;
	p->folder.name = xstrdup(name);
	p->kind = kind;
	return p;
}

void
mailbox_close(struct mailbox *m)
{
	store_free(m->store);
	m->store = NULL;
}

void
mailbox_release(struct mailbox *m)
{
	size_t i;

	mailbox_close(m);

	for (i = 0; i < m->n; i++) {
		folder_release(&m->place[i]->folder);
		free(m->place[i]);
	}
	free(m->place);
	memset(m, 0, sizeof(*m));
}

struct look {
	struct mailbox *m;
	struct place *place;
	struct msgs new;
	uint32_t last; /* the highest UID of all */
	arrival_fn *fn;
	void *arg;
};

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct look *l = arg;

	(void)fp;
	(void)f;
	if (m->uid > l->last)
		l->last = m->uid;
	if (m->size <= MAILBOX_MESSAGE_MAX)
		msgs_add(&l->new, m);
	return RC_OK;
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct look *l = arg;
	struct buf raw = BUF_INIT;
	struct arrival a = { l->place, l->place->uidvalidity, m->uid, NULL, 0 };
	enum rc rc;

	(void)reason;
	/* A size that a server tells may be wrong. */
	if (fate != READ_BODY || body->digest.wire_size > MAILBOX_MESSAGE_MAX)
		return RC_OK;
	rc = body_add_wire(body, &raw, f);
	if (rc == RC_OK) {
		a.raw = raw.data;
		a.n = raw.len;
		rc = l->fn(l->arg, &a, f);
	}
	buf_release(&raw);
	return rc;
}

static enum rc
read_new(struct look *l, struct fault *f)
{
	const struct store_ops *ops = l->m->store->ops;
	uint64_t seen;
	enum rc rc;

	rc = ops->scan(l->m->store, l->place->next, 0, on_listed, l, &seen, f);
	msgs_sort(&l->new);
	if (rc == RC_OK && l->new.n > 0)
		rc = ops->read(l->m->store, l->new.v, l->new.n, on_read, l, f);
	if (rc == RC_OK && l->last >= l->place->next)
		l->place->next = l->last + 1;
	/* What is gone again would be looked for each time. */
	if (rc == RC_OK && l->place->told > l->place->next)
		l->place->next = l->place->told;
	msgs_release(&l->new);
	return rc;
}

static enum rc
look_at(struct mailbox *m, struct place *p, arrival_fn *fn, void *arg,
    struct fault *f)
{
	struct look l = { .m = m, .place = p, .fn = fn, .arg = arg };
	struct folder_state state;
	enum rc rc = select_place(m, p, STORE_READ, &state, f);

	if (rc == RC_OK && state.uidvalidity != p->uidvalidity) {
		/* The folder was made anew: all of it is. */
		p->uidvalidity = state.uidvalidity;
		p->next = 1;
	}
	if (rc == RC_OK) {
		p->exists = state.exists;
		p->told = state.uidnext;
	}
	if (rc == RC_OK && state.exists > 0 &&
	    (state.uidnext == 0 || state.uidnext > p->next))
		rc = read_new(&l, f);
	folder_state_release(&state);
	/* One that cannot be selected any more holds nothing. */
	return rc == RC_FOLDER && p->kind != PLACE_INBOX ? RC_OK : rc;
}

enum rc
mailbox_look(struct mailbox *m, unsigned kinds, arrival_fn *fn, void *arg,
    struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i = 0;

	while (rc == RC_OK && i < m->n) {
		if ((kinds & 1U << m->place[i]->kind) == 0) {
			i++;
			continue;
		}
		rc = look_at(m, m->place[i], fn, arg, f);
		if (rc == RC_OK) {
			m->tries = 0;
			i++;
		} else {
			rc = mend(m, rc, f);
		}
	}
	return rc;
}

enum rc
mailbox_wait(struct mailbox *m, int ms, struct fault *f)
{
	const struct place *inbox = m->place[0];
	struct store_watch w = { .folder = &inbox->folder,
		.uidvalidity = inbox->uidvalidity,
		.uidnext = inbox->told,
		.exists = inbox->exists,
		.ms = ms };
	enum rc rc;

	if (m->store->ops->watch == NULL)
		return wait_ms(ms, f);
	rc = m->store->ops->watch(m->store, &w, f);
	return rc == RC_OK ? rc : mend(m, rc, f);
}
