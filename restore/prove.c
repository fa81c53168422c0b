#include "prove.h"

#include <stdlib.h>
#include <string.h>

#include "destination.h"
#include "mail/listing.h"
#include "provepriv.h"
#include "util/buf.h"
#include "util/mem.h"

enum {
	NAMES_IN_MEMORY = 256 << 10,
	HEADER_MAX = 64 << 10, /* of it, so much shows the headline */
};

struct prove *
prove_new(void)
{
	struct prove *v = xcalloc(1, sizeof(*v));

	v->names = spool_new(NAMES_IN_MEMORY);
	return v;
}

void
prove_free(struct prove *v)
{
	size_t i;

	if (v == NULL)
		return;
	for (i = 0; i < v->n; i++) {
		promises_release(&v->v[i]->list);
		free(v->v[i]->name);
		free(v->v[i]->failed);
		free(v->v[i]);
	}
	free(v->v);
	spool_free(v->names);
	free(v);
}

uint64_t
prove_count(const struct restore *r)
{
	return r->prove == NULL ? 0 : r->prove->proved;
}

/* How p is named if need be. */
static enum rc
add_name(struct buf *name, const struct pending *p, struct fault *f)
{
	static const struct listing_place none = { .segment = 0 };
	struct buf header = BUF_INIT;
	struct headline head;
	enum rc rc;

	rc = body_header(&p->body, HEADER_MAX, &header, f);
	if (rc == RC_OK) {
		headline_of(header.data, header.len, &head);
		listing_format(name, &p->body.digest.hash, p->from,
		    p->uidvalidity, &p->msg, &head, &none);
		headline_release(&head);
	}
	buf_release(&header);
	return rc;
}

static struct proof *
proof_of(struct prove *v, struct destination *d)
{
	struct proof *p = d->proof;

	if (p == NULL) {
		p = xcalloc(1, sizeof(*p));
		p->name = xstrdup(d->name);
		p->uidvalidity = d->state.uidvalidity;
		v->v = xgrow(v->v, v->n, &v->cap, sizeof(struct proof *));
		v->v[v->n++] = d->proof = p;
	}
	if (p->uidvalidity != d->state.uidvalidity)
		p->mixed = true;
	p->uidvalidity = d->state.uidvalidity;
	return p;
}

enum rc
prove_owe(struct restore *r, const struct pending *p, uint32_t uid,
    struct fault *f)
{
	struct destination *d = p->parcel->to;
	struct prove *v = r->prove;
	struct buf name = BUF_INIT;
	uint64_t at;
	enum rc rc;

	if (v == NULL)
		return RC_OK;
	at = spool_size(v->names);
	rc = add_name(&name, p, f);
	if (rc == RC_OK)
		rc = spool_add(v->names, &name.len, sizeof(name.len), f);
	if (rc == RC_OK)
		rc = spool_add(v->names, name.data, name.len, f);
	if (rc == RC_OK)
		promises_add(&proof_of(v, d)->list, uid, d->held.next,
		    p->body.digest.canon, at);
	buf_release(&name);
	return rc;
}

void
prove_read(struct restore *r)
{
	if (r->prove != NULL)
		r->prove->proved++;
}

void
prove_not(struct restore *r, const struct pending *p, const char *why)
{
	struct event *e;

	if (r->prove == NULL)
		return;
	r->outcome.unproved++;
	report_warn(r->report, "%s/%u: not proved in %s: %s", p->from,
	    p->msg.uid, p->parcel->to->name, why);
	e = event_begin(r->report, "unproved");
	event_text(e, "folder", p->from);
	event_number(e, "uid", p->msg.uid);
	event_text(e, "target", p->parcel->to->name);
	event_text(e, "reason", why);
	event_send(e);
}
