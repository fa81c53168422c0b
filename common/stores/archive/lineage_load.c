/* The lines of an archive, remembered for the states that they make. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/lineaging.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "util/num.h"

enum rc
kin_get(struct lineage *l, uint32_t id, struct kin *r, struct fault *f)
{
	return spool_read(l->kin, (uint64_t)id * sizeof(*r), r, sizeof(*r), f);
}

enum rc
kin_add(struct lineage *l, const struct kin *k, uint32_t *id_r, struct fault *f)
{
	if (l->kins == TABLE_NONE - 1)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "a chain cannot hold more than %u lines", l->kins);
	*id_r = l->kins++;
	return spool_add(l->kin, k, sizeof(*k), f);
}

enum rc
kin_at(struct lineage *l, const struct lineage_place *line, struct kin *r,
    struct fault *f)
{
	const struct generation *g;
	const struct kin_segment *s;

	if (line->generation == 0 || line->generation > l->n)
		return RC_END;
	g = &l->generation[line->generation - 1];
	if (line->segment == 0 || line->segment > g->segments)
		return RC_END;
	s = &g->segment[line->segment - 1];
	return line->line < s->lines ? kin_get(l, s->first + line->line, r, f) :
				       RC_END;
}

struct record
lineage_record(const struct lineage_message *m)
{
	struct record r = {
		.hash = m->hash,
		.epoch = m->msg.date.epoch,
		.size = m->file_size,
		.wire = m->msg.size,
		.virtual_size = m->virtual_size,
		.keywords = m->msg.keywords,
		.folder = m->msg.folder,
		.uid = m->msg.uid,
		.zone = m->msg.date.zone,
		.flags = (unsigned char)m->msg.flags,
	};

	if (m->msg.date.known)
		r.bits |= RECORD_DATED;
	if (m->eol == EOL_RAW)
		r.bits |= RECORD_RAW;
	return r;
}

void
kin_path(const struct lineage *l, const struct kin *k, struct buf *b)
{
	const struct archive_reader *reader =
	    l->generation[k->m.line.generation - 1].reader;
	const struct record r = lineage_record(&k->m);
	int i;

	layout_path(b, archive_reader_dir(reader, r.folder),
	    archive_reader_folder(reader, r.folder)->uidvalidity, &r);
	flags_to_letters(b, k->flags);
	for (i = 0; i < LETTERS_MAX; i++)
		if ((k->letters >> i & 1) != 0)
			buf_addc(b, 'a' + i);
}

/* What only the path tells; the reader has checked its form. */
static void
take_path(struct kin *k, const char *path)
{
	const char *p = strstr(path, ",W=");
	size_t n;

	if (p == NULL)
		return;
	p += 3;
	n = strspn(p, "0123456789");
	if (!num_u64(p, n, UINT64_MAX, &k->m.virtual_size))
		return;
	for (p += n; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			k->letters |= UINT32_C(1) << (*p - 'a');
}

static struct kin
make_kin(struct lineage *l, const struct archive_entry *e,
    const struct lineage_place *line)
{
	struct kin k;

	/* no octet of a record is left to chance */
	memset(&k, 0, sizeof(k));
	k.m.msg = e->msg;
	k.m.msg.keywords =
	    atoms_get(l->atoms, e->msg.keywords, strlen(e->msg.keywords));
	k.m.hash = e->hash;
	k.m.fingerprint = e->fingerprint;
	k.m.eol = e->eol;
	k.m.file_size = e->file_size;
	k.m.line = k.m.place = *line;
	k.m.offset = e->offset;
	k.flags = (unsigned char)e->msg.flags;
	k.link = e->link;
	take_path(&k, e->path);
	return k;
}

/* The path of the ancestor's member, by its hash. */
static uint64_t
path_hash(const struct lineage *l, const struct kin *k)
{
	struct buf b = BUF_INIT;
	uint64_t r;

	kin_path(l, k, &b);
	r = XXH3_64bits(b.data, b.len);
	buf_release(&b);
	return r;
}

/* Line i of the segment refers to what an ancestor must have. */
static enum rc
take_reference(struct lineage *l, struct archive_reader *reader, size_t i,
    const struct archive_entry *e, struct kin *k, struct fault *f)
{
	struct kin old;
	enum rc rc;

	k->m.place = (struct lineage_place){ e->reference.generation,
		e->reference.segment, e->reference.line };
	rc = kin_at(l, &k->m.place, &old, f);
	if (rc == RC_STORE)
		return rc;
	if (rc == RC_OK && !old.link && hash_equal(&old.m.hash, &k->m.hash) &&
	    old.m.eol == k->m.eol && old.m.file_size == k->m.file_size &&
	    old.m.msg.size == k->m.msg.size &&
	    (!l->options.verify ||
		path_hash(l, &old) == archive_reader_target(reader, i)))
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "'%s' refers to a message that generation %u does not have",
	    e->path, e->reference.generation);
}

static enum rc
add_line(struct lineage *l, struct archive_reader *reader, size_t i,
    const struct archive_entry *e, struct kin *k, struct fault *f)
{
	struct archive_place to;

	if (e->reference.generation > 0)
		return take_reference(l, reader, i, e, k, f);
	if (!e->link || l->options.verify)
		return RC_OK;
	to = archive_reader_place(reader, i);
	k->m.place.segment = to.segment;
	k->m.place.line = to.line;
	return RC_OK;
}

static enum rc
add_segment(struct lineage *l, uint32_t g, const struct archive_segment *s,
    struct mailbox *box, struct fault *f)
{
	struct generation *to = &l->generation[g - 1];
	struct lineage_place line = { g, s->number, 0 };
	const struct archive_entry *e;
	struct kin k;
	uint32_t id = 0;
	enum rc rc;

	/* segments without messages are passed over */
	while (to->segments < s->number) {
		to->segment = xgrow(to->segment, to->segments, &to->segment_cap,
		    sizeof(*to->segment));
		to->segment[to->segments++] =
		    (struct kin_segment){ l->kins, 0 };
	}
	for (; line.line < s->n; line.line++) {
		e = &s->entry[line.line];
		k = make_kin(l, e, &line);
		rc = add_line(l, to->reader, line.line, e, &k, f);
		if (rc == RC_OK)
			rc = kin_add(l, &k, &id, f);
		if (rc != RC_OK)
			return fault_wrap(f, rc, "%s: segment %u", to->name,
			    s->number);
		to->segment[s->number - 1].lines++;
		box->v = xgrow(box->v, box->n, &box->cap, sizeof(*box->v));
		box->v[box->n++] =
		    (struct member){ e->msg.folder, e->msg.uid, id };
	}
	return RC_OK;
}

enum rc
lineage_load(struct lineage *l, uint32_t g, struct mailbox *box,
    struct fault *f)
{
	struct archive_reader *reader = l->generation[g - 1].reader;
	const struct archive_segment *s;
	enum rc rc;

	for (;;) {
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = archive_reader_next(reader, &s, f);
		if (rc == RC_END)
			return RC_OK;
		if (rc == RC_OK)
			rc = add_segment(l, g, s, box, f);
		if (rc != RC_OK)
			return rc;
		if (l->options.seen != NULL)
			l->options.seen(l->options.arg, g, s);
	}
}
