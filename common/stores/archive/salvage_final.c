/* The final of a damaged archive: it is signed by itself. */
#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/parser.h"
#include "stores/archive/salvaging.h"
#include "stores/archive/tar.h"
#include "util/mem.h"

enum { LINE_LENGTH_MAX = 65536 };

struct look {
	struct salvage *s;
	uint64_t data, size; /* of final.tsv */
	struct buf sig;
	struct hash hash;
	struct fault *f;
};

/* Both members in the tar at hand; RC_END: they are not there. */
static enum rc
find_members(struct look *x)
{
	struct spool *tar = x->s->tar;
	struct tar_member *m;
	uint64_t at = 0;
	bool found = false;
	enum rc rc;

	m = xmalloc(sizeof(*m));
	do {
		rc = tar_find(tar, &at, m, x->f);
		if (rc == RC_OK && strcmp(m->path, FINAL_PATH) == 0) {
			found = true;
			x->data = m->data;
			x->size = m->size;
		}
	} while (rc == RC_OK &&
	    (!found || strcmp(m->path, FINAL_PATH SIGNATURE_SUFFIX) != 0));
	if (rc == RC_OK && m->size > SIGNATURE_MAX)
		rc = RC_END;
	if (rc == RC_OK)
		rc = spool_read(tar, m->data,
		    buf_room(&x->sig, (size_t)m->size + 1), (size_t)m->size,
		    x->f);
	if (rc == RC_OK)
		x->sig.len = (size_t)m->size;
	free(m);
	return rc;
}

/* The number is what the trusted comment says. */
static bool
is_ours(struct look *x, struct buf *told)
{
	char *start = manifest_comment("final", x->s->id, 0);
	const size_t n = strlen(start) - 1;
	bool ok;

	ok = strncmp(buf_str(told), start, n) == 0;
	free(start);
	return ok;
}

static enum rc
verify(struct look *x)
{
	struct buf told = BUF_INIT;
	struct hasher a, b;
	struct hash512 wide;
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc = RC_OK;

	hasher_init(&a);
	hasher512_init(&b);
	for (off = 0; off < x->size; off += n) {
		rc = spool_view(x->s->tar, x->data + off,
		    (size_t)(x->size - off), &p, &n, x->f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&a, p, n);
		hasher_add(&b, p, n);
	}
	hasher_end(&a, &x->hash);
	hasher512_end(&b, &wide);
	if (minisign_verify(&x->s->key, &wide, x->sig.data, x->sig.len, &told,
		x->f) != RC_OK ||
	    !is_ours(x, &told))
		rc = RC_END;
	buf_release(&told);
	return rc;
}

static enum rc
parse_lines(struct look *x, struct parser *p, struct buf *line)
{
	const unsigned char *s, *end;
	uint64_t off;
	size_t n;
	enum rc rc;

	for (off = 0; off < x->size; off += n) {
		rc = spool_view(x->s->tar, x->data + off,
		    (size_t)(x->size - off), &s, &n, x->f);
		if (rc != RC_OK)
			return rc;
		end = memchr(s, '\n', n);
		if (end != NULL)
			n = (size_t)(end - s) + 1;
		if (line->len + n > LINE_LENGTH_MAX)
			return RC_END;
		buf_add(line, s, end != NULL ? n - 1 : n);
		if (end == NULL)
			continue;
		rc = parser_line(p, buf_str(line), line->len, x->f);
		if (rc != RC_OK)
			return rc;
		buf_clear(line);
	}
	return parser_end(p, x->f);
}

static enum rc
parse(struct look *x)
{
	struct salvage *s = x->s;
	struct buf line = BUF_INIT;
	struct parser *p;
	enum rc rc;

	s->final.atoms = s->atoms;
	p = manifest_final_new(&s->final);
	rc = parse_lines(x, p, &line);
	parser_free(p);
	buf_release(&line);
	if (rc != RC_OK)
		manifest_final_release(&s->final);
	return rc;
}

enum rc
salvage_final(struct salvage *s, struct fault *f)
{
	struct look x = { .s = s, .f = f };
	enum rc rc = RC_END;

	if (!s->ended)
		rc = find_members(&x);
	if (rc == RC_OK)
		rc = verify(&x);
	if (rc == RC_OK)
		rc = parse(&x);
	buf_release(&x.sig);
	if (rc == RC_OK) {
		s->ended = true;
		s->shown = (struct archive_final){
			.totals = s->final.totals,
			.refusal = s->final.refusal,
			.refusals = s->final.refusals,
			.hash = x.hash,
		};
	}
	/* One that does not hold is one that is lost. */
	return rc == RC_END || f->cause == CAUSE_DATA ? RC_OK : rc;
}
