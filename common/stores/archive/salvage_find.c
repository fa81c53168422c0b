/* Everything in a damaged archive that is signed. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/salvaging.h"
#include "stores/archive/tar.h"
#include "util/mem.h"
#include "util/num.h"

enum {
	MARKS_MAX = 1 << 22, /* frames that are looked at */
	GLANCE = TAR_BLOCK,  /* octets that tell what a frame holds */
	ID_DIGITS = 32,
};

struct find {
	struct salvage *s;
	struct tar_member *m;
	struct buf text, sig;
	struct fault why; /* of the last signature that did not hold */
	bool refused;     /* there was one */
	struct fault *f;
};

/* manifest/NNNNNN.tsv; false: another member. */
static bool
parse_path(const char *path, uint32_t *number_r)
{
	static const char start[] = "manifest/";
	const char *digits = path + sizeof(start) - 1;
	size_t n;

	if (strncmp(path, start, sizeof(start) - 1) != 0)
		return false;
	n = strspn(digits, "0123456789");
	return n >= 6 && strcmp(digits + n, ".tsv") == 0 &&
	    num_u32(digits, n, number_r);
}

static enum rc
take_member(struct find *x, size_t max, struct buf *r)
{
	const size_t n = (size_t)x->m->size;
	enum rc rc;

	buf_clear(r);
	if (x->m->size > max)
		return RC_END;
	rc = spool_read(x->s->tar, x->m->data, buf_room(r, n + 1), n, x->f);
	if (rc == RC_OK)
		r->len = n;
	return rc;
}

/* The two members of a pair; the signature may be missing.  RC_END: this
 * is no pair. */
static enum rc
take_pair(struct find *x, uint32_t *number_r)
{
	uint64_t at = 0;
	enum rc rc;

	buf_clear(&x->sig);
	rc = tar_next(x->s->tar, &at, x->m, x->f);
	if (rc != RC_OK)
		return RC_END;
	if (x->m->type != TAR_FILE || !parse_path(x->m->path, number_r))
		return RC_END;
	rc = take_member(x, MANIFEST_MAX, &x->text);
	if (rc != RC_OK)
		return rc;
	/* The one before may end where nothing starts that reads as one. */
	rc = tar_find(x->s->tar, &at, x->m, x->f);
	if (rc == RC_END || x->m->type != TAR_FILE)
		return RC_OK;
	if (rc == RC_OK)
		rc = take_member(x, SIGNATURE_MAX, &x->sig);
	return rc == RC_END ? RC_OK : rc;
}

/* The id that the text claims; false: none. */
static bool
peek_id(struct buf *text, char *id)
{
	const char *p = strstr(buf_str(text), "\nid\t");

	if (p == NULL || strspn(p + 4, "0123456789abcdef") != ID_DIGITS)
		return false;
	memcpy(id, p + 4, ID_DIGITS);
	id[ID_DIGITS] = '\0';
	return true;
}

/* True when the signature holds, and is that of such a manifest. */
static bool
is_signed(struct find *x, uint32_t number, const char *id)
{
	struct buf told = BUF_INIT;
	struct hash512 h;
	char *want;
	bool ok;

	if (x->sig.len == 0)
		return false;
	hash512_of(x->text.data, x->text.len, &h);
	want = manifest_comment(number == 0 ? "header" : "segment", id, number);
	ok = minisign_verify(&x->s->key, &h, x->sig.data, x->sig.len, &told,
		 &x->why) == RC_OK;
	x->refused |= !ok;
	ok = ok && strcmp(buf_str(&told), want) == 0;
	buf_release(&told);
	free(want);
	return ok;
}

/* What a manifest says of its neighbours. */
static enum rc
read_links(struct salvage *s, struct part *p, struct fault *f)
{
	struct manifest_segment m = { .atoms = s->atoms };
	struct buf text = BUF_INIT;
	size_t i;
	enum rc rc;

	rc = salvage_parse(s, p, &text, &m, f);
	p->prev = m.prev;
	p->data = m.frame;
	if (rc == RC_OK && m.number != p->number)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "a manifest has another number inside");
	for (i = 0; i < m.entries && rc == RC_OK; i++)
		if (m.entry[i].msg.folder >= FOLDERS_MAX)
			rc = fault_set(f, RC_STORE, CAUSE_DATA,
			    "a folder number is too large");
	manifest_segment_release(&m);
	buf_release(&text);
	return rc;
}

static enum rc
take_header(struct find *x)
{
	struct salvage *s = x->s;

	if (s->headed)
		return RC_OK;
	if (manifest_parse_header(buf_str(&x->text), x->text.len, &s->header,
		x->f) == RC_OK) {
		s->headed = true;
		return RC_OK;
	}
	archive_header_release(&s->header.about);
	return RC_OK;
}

/* Keeps the text of a pair in the tar at hand.  RC_END: it is none. */
static enum rc
keep_pair(struct find *x, const struct part *where)
{
	struct salvage *s = x->s;
	struct part p = *where;
	char id[ID_DIGITS + 1];
	enum rc rc;

	rc = take_pair(x, &p.number);
	if (rc != RC_OK)
		return rc;
	if (!peek_id(&x->text, id))
		return RC_END;
	p.counts = is_signed(x, p.number, id);
	/* Two archives in one file: the first counts. */
	if (p.counts && s->id[0] == '\0')
		memcpy(s->id, id, sizeof(id));
	if (s->id[0] != '\0' && strcmp(s->id, id) != 0)
		return RC_END;
	if (p.number == 0)
		return p.counts ? take_header(x) : RC_END;
	hash_of(x->text.data, x->text.len, &p.hash);
	p.text = spool_size(s->texts);
	p.length = x->text.len;
	rc = spool_add(s->texts, x->text.data, x->text.len, x->f);
	if (rc == RC_OK && read_links(s, &p, x->f) != RC_OK)
		return x->f->cause == CAUSE_DATA ? RC_END : RC_STORE;
	if (rc != RC_OK)
		return rc;
	s->part = xgrow(s->part, s->parts, &s->part_cap, sizeof(*s->part));
	s->part[s->parts++] = p;
	return RC_OK;
}

/* The frame at `at`: a manifest, or a place where D may start.  *next_r is
 * where to look on. */
static enum rc
look(struct find *x, uint64_t at, uint64_t *next_r)
{
	struct salvage *s = x->s;
	struct torn_frame w = { .from = at, .octets = GLANCE };
	struct torn_state state;
	struct part where = { .at = at };
	char start[9];
	enum rc rc;

	*next_r = at + 1;
	spool_clear(s->tar);
	rc = torn_unpack(s->torn, s->scan, &w, s->tar, &state, x->f);
	if (rc == RC_OK && spool_size(s->tar) >= sizeof(start)) {
		rc = spool_read(s->tar, 0, start, sizeof(start), x->f);
		if (rc == RC_OK && memcmp(start, "manifest/", 9) == 0) {
			w.octets = MANIFEST_MAX + TAR_SLACK;
			spool_clear(s->tar);
			rc = torn_unpack(s->torn, s->scan, &w, s->tar, &state,
			    x->f);
			if (rc == RC_OK) {
				where.end = state.end;
				rc = keep_pair(x, &where);
			}
			if (rc == RC_OK)
				*next_r = state.end;
			if (rc != RC_END)
				return rc;
			rc = RC_OK;
		}
	}
	if (rc == RC_OK && s->marks < MARKS_MAX) {
		s->mark =
		    xgrow(s->mark, s->marks, &s->mark_cap, sizeof(*s->mark));
		s->mark[s->marks++] = at;
	}
	return rc;
}

/* A text whose own signature is damaged counts when one that counts tells
 * its hash; which may vouch for the one before it, and so on. */
static void
vouch(struct salvage *s)
{
	size_t i, k;
	bool more = true;

	while (more) {
		more = false;
		for (i = 0; i < s->parts; i++)
			for (k = 0; k < s->parts && s->part[i].counts; k++)
				if (!s->part[k].counts &&
				    s->part[k].number + 1 ==
					s->part[i].number &&
				    hash_equal(&s->part[k].hash,
					&s->part[i].prev))
					s->part[k].counts = more = true;
	}
}

static int
by_number(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->counts != y->counts)
		return x->counts ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Only those that count, each once. */
static void
choose(struct salvage *s)
{
	size_t i, n = 0;

	vouch(s);
	if (s->parts > 0)
		qsort(s->part, s->parts, sizeof(*s->part), by_number);
	for (i = 0; i < s->parts && s->part[i].counts; i++)
		if (n == 0 || s->part[i].number != s->part[n - 1].number)
			s->part[n++] = s->part[i];
	s->parts = n;
}

enum rc
salvage_parse(struct salvage *s, const struct part *p, struct buf *text,
    struct manifest_segment *r, struct fault *f)
{
	enum rc rc;

	buf_clear(text);
	rc = spool_read(s->texts, p->text, buf_room(text, p->length + 1),
	    p->length, f);
	if (rc != RC_OK)
		return rc;
	text->len = p->length;
	return manifest_parse_segment(buf_str(text), text->len, r, f);
}

enum rc
salvage_find(struct salvage *s, struct fault *f)
{
	struct find x = { .s = s, .f = f };
	uint64_t at = 0;
	enum rc rc;

	x.m = xmalloc(sizeof(*x.m));
	do {
		rc = scan_frame(s->scan, at, &at, f);
		if (rc == RC_OK)
			rc = look(&x, at, &at);
	} while (rc == RC_OK);
	choose(s);
	if (rc == RC_END)
		rc = RC_OK;
	if (rc == RC_OK && s->id[0] == '\0' && x.refused) {
		*f = x.why;
		rc = fault_wrap(f, RC_STORE,
		    "nothing in it is signed with this key");
	} else if (rc == RC_OK && s->id[0] == '\0') {
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "nothing of a mailproof archive is left in it");
	}
	free(x.m);
	buf_release(&x.text);
	buf_release(&x.sig);
	return rc;
}
