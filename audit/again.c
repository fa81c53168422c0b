/*
 * A message that conforms for longer than what is kept of it, and then does
 * not, has to be hashed from its start in another form: it is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

static int
by_place_and_uid(const void *x, const void *y)
{
	const struct msg *a = &((const struct again *)x)->msg;
	const struct msg *b = &((const struct again *)y)->msg;

	if (a->folder != b->folder)
		return a->folder < b->folder ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	const struct harvest_message message = { m, fate, body, reason, NULL };
	bool again;
	enum rc rc;

	rc = audit_take(arg, &message, &again, f);
	if (rc == RC_OK && again)
		rc = fault_set(f, RC_STORE, CAUSE_BUG, "a body was not kept");
	return rc;
}

/* As a harvest does: what was listed must lie in the same folder still. */
static enum rc
read_folder(struct audit *a, const struct again *e, size_t n, struct fault *f)
{
	struct place *p = &a->place[e->msg.folder];
	struct msg *m = xcalloc(n, sizeof(*m));
	struct folder_state state;
	size_t i;
	enum rc rc;

	for (i = 0; i < n; i++)
		m[i] = e[i].msg;
	folder_state_init(&state);
	rc = store_select(a->target, p->folder, STORE_READ, &state, f);
	if (rc == RC_OK && state.uidvalidity != e->uidvalidity)
		rc = fault_set(f, RC_FOLDER, CAUSE_TEMPORARY,
		    "UIDVALIDITY changed while the folder was read: run "
		    "again");
	if (rc == RC_OK)
		rc = a->target->ops->read(a->target, m, n, on_read, a, f);
	folder_state_release(&state);
	free(m);
	return rc;
}

enum rc
audit_read_again(struct audit *a, struct fault *f)
{
	const struct agains *l = &a->again;
	size_t i, end;
	enum rc rc;

	if (l->n == 0)
		return RC_OK;
	qsort(l->v, l->n, sizeof(*l->v), by_place_and_uid);
	a->target->ops->keep(a->target, UINT64_MAX);
	if (a->target->ops->ahead != NULL)
		a->target->ops->ahead(a->target, NULL, 0);
	for (i = 0; i < l->n; i = end) {
		for (end = i + 1;
		     end < l->n && l->v[end].msg.folder == l->v[i].msg.folder;
		     end++)
			;
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = read_folder(a, &l->v[i], end - i, f);
		if (rc == RC_STORE)
			return rc;
		if (rc != RC_OK)
			audit_place_failed(a, &a->place[l->v[i].msg.folder], f);
	}
	return RC_OK;
}
