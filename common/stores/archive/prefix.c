#include "stores/archive/prefix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores/archive/format.h"
#include "stores/archive/scan.h"
#include "stores/archive/tar.h"
#include "util/mem.h"
#include "util/num.h"

enum { CHUNK = 65536 };

static const unsigned char MAGIC[] = { 0x28, 0xb5, 0x2f, 0xfd };

static enum rc
again(int fd, int *fd_r, struct fault *f)
{
	*fd_r = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (*fd_r < 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot read");
	return RC_OK;
}

/* A power failure may leave a length and none of the octets. */
static enum rc
is_all_nul(struct scan *s, bool *r, struct fault *f)
{
	unsigned char *p = xmalloc(CHUNK);
	uint64_t at;
	size_t i, n;
	enum rc rc = RC_OK;

	*r = true;
	for (at = 0; rc == RC_OK && *r && at < scan_size(s); at += n) {
		rc = scan_read(s, at, p, CHUNK, &n, f);
		for (i = 0; rc == RC_OK && *r && i < n; i++)
			*r = p[i] == 0;
		if (rc == RC_OK && n == 0)
			break;
	}
	free(p);
	return rc;
}

/* The file ends in its first frame, and no other one starts in it. */
static enum rc
is_cut_at_once(int fd, struct scan *s, bool *r, struct fault *f)
{
	const struct frame_caps caps = { .size = MANIFEST_MAX,
		.window = MANIFEST_WINDOW };
	unsigned char p[sizeof(MAGIC)];
	struct input *in;
	struct frame frame;
	uint64_t at;
	bool cut = false;
	size_t n;
	int own;
	enum rc rc;

	*r = false;
	rc = scan_read(s, 0, p, sizeof(p), &n, f);
	if (rc != RC_OK || memcmp(p, MAGIC, n) != 0)
		return rc;
	rc = again(fd, &own, f);
	if (rc != RC_OK)
		return rc;
	in = input_new(own, false);
	rc = frame_copy(in, &caps, NULL, &frame, &cut, f);
	input_free(in);
	if (rc == RC_OK || !cut)
		return rc == RC_OK || f->cause == CAUSE_DATA ? RC_OK : rc;
	rc = scan_frame(s, 1, &at, f);
	*r = rc == RC_END;
	return rc == RC_END ? RC_OK : rc;
}

enum rc
prefix_is_nothing(int fd, bool *nothing_r, struct fault *f)
{
	struct scan *s;
	int own;
	enum rc rc;

	rc = again(fd, &own, f);
	if (rc == RC_OK)
		rc = scan_new(own, &s, f);
	if (rc != RC_OK)
		return rc;
	rc = is_all_nul(s, nothing_r, f);
	if (rc == RC_OK && !*nothing_r)
		rc = is_cut_at_once(fd, s, nothing_r, f);
	scan_free(s);
	return rc;
}

/* The text of H, whose tar is at hand until the next manifest is read. */
static enum rc
header_text(struct archive_reader *r, struct buf *text, struct fault *f)
{
	struct tar_member *m = xmalloc(sizeof(*m));
	uint64_t at = 0;
	enum rc rc;

	rc = tar_next(r->pair_tar, &at, m, f);
	if (rc == RC_OK)
		rc = spool_read(r->pair_tar, m->data,
		    buf_room(text, (size_t)m->size + 1), (size_t)m->size, f);
	if (rc == RC_OK)
		text->len = (size_t)m->size;
	free(m);
	return rc;
}

/* The line at *p, which moves on; what may differ is passed over. */
static const char *
next_line(const char **p, size_t *n)
{
	static const char *const free_to_differ[] = { "server\t", "tool\t" };
	const char *line;
	size_t i, skip;

	do {
		line = *p;
		*n = strcspn(line, "\n");
		*p = line + *n + (line[*n] == '\n');
		skip = 0;
		for (i = 0; i < 2; i++)
			skip += strncmp(line, free_to_differ[i],
				    strlen(free_to_differ[i])) == 0;
	} while (skip > 0);
	return line;
}

static bool
starts(const char *line, const char *name)
{
	const size_t n = strlen(name);

	return strncmp(line, name, n) == 0 && line[n] == '\t';
}

/* The two first lines that are not equal. */
static enum rc
differs(const char *have, size_t n_have, const char *want, size_t n_want,
    struct fault *f)
{
	static const struct {
		const char *name;
		const char *text;
	} rows[] = {
		{ "select",
		    "it was begun with another selection of folders and "
		    "dates" },
		{ "kind", "it is an archive of another kind" },
		{ "generation", "it was begun from another parent" },
		{ "parent", "it was begun from another parent" },
		{ "root", "it was begun from another parent" },
		{ "limits", "it was begun with another --segment-size" },
	};
	size_t i;

	if (starts(have, "account") && starts(want, "account"))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "it is a backup of '%.*s', not of '%.*s'",
		    (int)(n_have - 8), have + 8, (int)(n_want - 8), want + 8);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (starts(have, rows[i].name) || starts(want, rows[i].name))
			return fault_set(f, RC_STORE, CAUSE_USAGE, "%s",
			    rows[i].text);
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "it was begun otherwise: its header says '%.*s'", (int)n_have,
	    have);
}

static enum rc
compare(const char *have, const char *want, struct fault *f)
{
	const char *a, *b;
	size_t m, n;

	do {
		a = next_line(&have, &m);
		b = next_line(&want, &n);
		if (m != n || memcmp(a, b, m) != 0)
			return differs(a, m, b, n, f);
	} while (m > 0);
	return RC_OK;
}

enum rc
prefix_check_header(struct archive_reader *r, const struct archive_about *a,
    struct fault *f)
{
	const struct manifest_header *h = &r->header;
	struct buf have = BUF_INIT, want = BUF_INIT;
	enum rc rc;

	manifest_put_header(&want,
	    &(struct header_facts){ .about = a,
		.id = h->about.id,
		.key_id = h->about.key_id,
		.created = h->about.created,
		.segment_size = a->segment_size > 0 ? a->segment_size :
						      h->limits.segment });
	rc = header_text(r, &have, f);
	if (rc == RC_OK)
		rc = compare(buf_str(&have), buf_str(&want), f);
	buf_release(&have);
	buf_release(&want);
	return rc;
}

/* A search behind what could not be read. */
struct search {
	struct archive_reader *r;
	struct tar_member *m;
	uint32_t above;
	struct fault *f;
};

/* What is damaged is no hit; a file that cannot be read is a failure. */
static enum rc
no_hit(const struct search *x, enum rc rc)
{
	return rc == RC_OK || x->f->cause != CAUSE_DATA ? rc : RC_END;
}

/* The number that a manifest at this octet claims. */
static enum rc
peek_number(struct search *x, uint64_t at, uint32_t *number_r)
{
	const struct frame_caps caps = { .size = MANIFEST_MAX,
		.window = MANIFEST_WINDOW };
	static const char start[] = "manifest/";
	struct archive_reader *r = x->r;
	const char *digits = x->m->path + sizeof(start) - 1;
	struct frame frame;
	uint64_t from = 0;
	bool cut;
	enum rc rc;

	spool_clear(r->pair_frame);
	spool_clear(r->pair_tar);
	input_seek(r->in, at);
	rc = frame_copy(r->in, &caps, r->pair_frame, &frame, &cut, x->f);
	if (rc == RC_OK)
		rc = frame_in_spool(r->z, r->pair_frame, frame.size,
		    r->pair_tar, x->f);
	if (rc == RC_OK)
		rc = tar_next(r->pair_tar, &from, x->m, x->f);
	if (rc != RC_OK)
		return no_hit(x, rc);
	if (strncmp(x->m->path, start, sizeof(start) - 1) != 0 ||
	    !num_u32(digits, strspn(digits, "0123456789"), number_r) ||
	    *number_r <= x->above)
		return RC_END;
	return RC_OK;
}

/* Its data lies before it, and is what it says. */
static enum rc
check_data(struct search *x, uint64_t at)
{
	struct archive_reader *r = x->r;
	const struct frame *want = &r->segment.frame;
	const struct frame_caps caps = { r->header.limits.member +
		    r->header.limits.segment + TAR_SLACK,
		DATA_WINDOW, true };
	struct frame d;
	bool cut;
	enum rc rc;

	if (want->offset > at || at - want->offset != want->compressed)
		return RC_END;
	input_seek(r->in, want->offset);
	rc = frame_copy(r->in, &caps, NULL, &d, &cut, x->f);
	if (rc != RC_OK)
		return no_hit(x, rc);
	return hash_equal(&d.hash, &want->hash) ? RC_OK : RC_END;
}

/* RC_OK: M of a whole segment lies at this octet. */
static enum rc
look(struct search *x, uint64_t at, uint32_t *number_r)
{
	struct archive_reader *r = x->r;
	struct pair p;
	bool cut;
	enum rc rc;

	rc = peek_number(x, at, number_r);
	if (rc != RC_OK)
		return rc;
	input_seek(r->in, at);
	rc = pair_read(r, "segment", *number_r, &p, &cut, x->f);
	if (rc == RC_OK) {
		manifest_segment_release(&r->segment);
		r->segment.atoms = r->atoms;
		rc = manifest_parse_segment(buf_str(&r->text), r->text.len,
		    &r->segment, x->f);
	}
	return rc == RC_OK ? check_data(x, at) : no_hit(x, rc);
}

enum rc
prefix_behind(struct archive_reader *r, int fd, uint64_t from, uint32_t above,
    uint32_t *number_r, struct fault *f)
{
	struct search x = { r, NULL, above, f };
	struct scan *s;
	uint64_t at = from;
	int own;
	enum rc rc;

	rc = again(fd, &own, f);
	if (rc == RC_OK)
		rc = scan_new(own, &s, f);
	if (rc != RC_OK)
		return rc;
	x.m = xmalloc(sizeof(*x.m));
	for (;; at++) {
		rc = scan_frame(s, at, &at, f);
		if (rc != RC_OK)
			break;
		rc = look(&x, at, number_r);
		if (rc != RC_END)
			break;
	}
	free(x.m);
	scan_free(s);
	return rc;
}
