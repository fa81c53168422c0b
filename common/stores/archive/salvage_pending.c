/* What was put off until all was seen: messages whose octets are not in
 * their own segment. */
#include <stdlib.h>

#include "stores/archive/salvaging.h"

/* The parsed manifest of the part at hand. */
struct open_part {
	struct salvage *s;
	uint32_t part;
	bool open;
	struct manifest_segment m;
	struct buf text;
};

static enum rc
open_part(struct open_part *o, uint32_t part, struct fault *f)
{
	if (o->open && o->part == part)
		return RC_OK;
	manifest_segment_release(&o->m);
	o->m.atoms = o->s->atoms;
	o->open = true;
	o->part = part;
	return salvage_parse(o->s, &o->s->part[part], &o->text, &o->m, f);
}

static void
close_part(struct open_part *o)
{
	manifest_segment_release(&o->m);
	buf_release(&o->text);
}

/* Where each lies; what lies nowhere is told and taken off the list. */
static enum rc
locate(struct salvage *s, struct open_part *o, struct fault *f)
{
	const struct archive_entry *e;
	struct record have;
	struct pending *p;
	size_t i, n = 0;
	enum rc rc;

	for (i = 0; i < s->pendings; i++) {
		p = &s->pending[i];
		rc = open_part(o, p->part, f);
		if (rc != RC_OK)
			return rc;
		e = &o->m.entry[p->entry];
		rc = salvage_lookup(s, e->hash.b, sizeof(e->hash.b),
		    e->file_size, &have, f);
		if (rc == RC_OK) {
			p->region = have.segment;
			p->data = have.data;
			s->pending[n++] = *p;
		} else if (rc == RC_END) {
			/* a delta refers to what others hold */
			if (e->reference.generation == 0)
				s->part[p->part].harmed = true;
			rc = s->sink->lost(s->sink->arg, e,
			    s->part[p->part].number, f);
		}
		if (rc != RC_OK)
			return rc;
	}
	s->pendings = n;
	return RC_OK;
}

static int
by_region(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;

	if (x->region != y->region)
		return x->region < y->region ? -1 : 1;
	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static enum rc
give_pending(struct salvage *s, struct open_part *o, const struct pending *p,
    struct fault *f)
{
	const struct archive_entry *e;
	struct body b;
	enum rc rc;

	rc = open_part(o, p->part, f);
	if (rc == RC_OK)
		rc = salvage_unpack(s, p->region, f);
	if (rc != RC_OK)
		return rc;
	e = &o->m.entry[p->entry];
	rc = salvage_body(s, e, p->data, &b, f);
	if (rc == RC_OK)
		return s->sink->message(s->sink->arg, e, &b, f);
	if (rc != RC_END)
		return rc;
	/* The line is at odds with itself. */
	s->part[p->part].harmed = true;
	return s->sink->lost(s->sink->arg, e, s->part[p->part].number, f);
}

enum rc
salvage_pending(struct salvage *s, struct fault *f)
{
	struct open_part o = { .s = s };
	size_t i;
	enum rc rc;

	rc = locate(s, &o, f);
	if (rc == RC_OK && s->pendings > 0)
		qsort(s->pending, s->pendings, sizeof(*s->pending), by_region);
	for (i = 0; i < s->pendings && rc == RC_OK; i++)
		rc = give_pending(s, &o, &s->pending[i], f);
	close_part(&o);
	return rc;
}
