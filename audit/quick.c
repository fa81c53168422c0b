/* What can be told of a target without its bodies.  It proves nothing. */
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"

struct glance {
	struct audit *audit;
	uint32_t place;
};

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct glance *g = arg;
	struct audit *a = g->audit;
	struct facts found;
	enum rc rc;

	rc = interrupt_check(f);
	if (rc != RC_OK || !selection_has_date(a->selection, &m->date))
		return rc;
	a->place[g->place].read++;
	progress_add(a->report, 1, m->size);
	audit_facts(a, g->place, m, &found);
	key_of_header(fp, m->size, &found.key);
	found.size = m->size;
	return audit_hold(a, &found, NULL, f);
}

static enum rc
glance_at_headers(struct audit *a, uint32_t place, struct fault *f)
{
	struct glance g = { .audit = a, .place = place };
	struct place *p = &a->place[place];
	struct folder_state state;
	uint64_t seen;
	enum rc rc;

	folder_state_init(&state);
	progress_where(a->report, p->name);
	rc = store_select(a->target, p->folder, STORE_READ, &state, f);
	p->exists = state.exists;
	if (rc == RC_OK && state.exists > 0)
		rc = a->target->ops->scan(a->target, 1, SCAN_FINGERPRINT,
		    on_listed, &g, &seen, f);
	folder_state_release(&state);
	return rc;
}

static enum rc
count(struct audit *a, struct place *p, struct fault *f)
{
	struct folder_state state;
	enum rc rc = RC_OK;

	p->exists = p->folder->messages;
	if (p->folder->status_known)
		return RC_OK;
	folder_state_init(&state);
	rc = store_select(a->target, p->folder, STORE_READ, &state, f);
	p->exists = state.exists;
	folder_state_release(&state);
	return rc;
}

enum rc
audit_glance(struct audit *a, struct fault *f)
{
	struct place *p;
	enum rc rc;
	size_t i;

	for (i = 0; i < a->places; i++) {
		p = &a->place[i];
		if (p->folder == NULL)
			continue;
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = a->level == LEVEL_COUNT ?
			    count(a, p, f) :
			    glance_at_headers(a, (uint32_t)i, f);
		if (rc == RC_STORE)
			return rc;
		if (rc != RC_OK)
			audit_place_failed(a, p, f);
	}
	return RC_OK;
}
