#include "stores/archive/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "stores/archive/column.h"
#include "stores/archive/format.h"
#include "stores/archive/parser.h"
#include "util/mem.h"
#include "util/text.h"

enum { ID_DIGITS = 32 };

static const struct {
	const char *name;
	unsigned bit;
} ATTRIBUTES[] = {
	{ "noselect", FOLDER_NOSELECT },
	{ "noinferiors", FOLDER_NOINFERIORS },
	{ "subscribed", FOLDER_SUBSCRIBED },
};

enum { ATTRIBUTE_N = sizeof(ATTRIBUTES) / sizeof(ATTRIBUTES[0]) };

static void
put_attributes(struct buf *b, unsigned attr)
{
	const size_t start = b->len;
	size_t i;

	for (i = 0; i < ATTRIBUTE_N; i++) {
		if ((attr & ATTRIBUTES[i].bit) == 0)
			continue;
		if (b->len > start)
			buf_addc(b, ',');
		buf_adds(b, ATTRIBUTES[i].name);
	}
	if (b->len == start)
		buf_addc(b, '-');
}

static bool
parse_attributes(const char *s, unsigned *r)
{
	size_t i, n;

	*r = 0;
	if (strcmp(s, "-") == 0)
		return true;
	for (;; s += n + 1) {
		n = strcspn(s, ",");
		for (i = 0; i < ATTRIBUTE_N; i++)
			if (strlen(ATTRIBUTES[i].name) == n &&
			    strncmp(ATTRIBUTES[i].name, s, n) == 0)
				break;
		if (i == ATTRIBUTE_N || (*r & ATTRIBUTES[i].bit) != 0)
			return false;
		*r |= ATTRIBUTES[i].bit;
		if (s[n] == '\0')
			return true;
	}
}

void
manifest_put_folder(struct buf *b, uint32_t number, const struct folder *f,
    uint32_t uidvalidity, const char *dir)
{
	const char sep[2] = { f->sep, '\0' };

	buf_addf(b, "folder\t%u\t%u\t", number, uidvalidity);
	column_put_text(b, f->sep != '\0' ? sep : NULL);
	buf_addc(b, '\t');
	column_put_text(b, f->wire);
	buf_addc(b, '\t');
	column_put_text(b, f->name);
	buf_addc(b, '\t');
	column_put_text(b, f->special);
	buf_addc(b, '\t');
	put_attributes(b, f->attr);
	buf_addc(b, '\t');
	column_put_text(b, dir);
	buf_addc(b, '\n');
}

void
manifest_put_message(struct buf *b, const struct record *r,
    const struct fingerprint *fp, const struct archive_reference *from,
    const char *path)
{
	const struct mdate date = { r->epoch, r->zone,
		(r->bits & RECORD_DATED) != 0 };

	if (from->generation > 0)
		buf_addf(b, "r\t%u\t%u\t%u\t", from->generation, from->segment,
		    from->line);
	else
		buf_adds(b, (r->bits & RECORD_LINK) != 0 ? "l\t" : "m\t");
	hash_hex(b, &r->hash);
	buf_addc(b, '\t');
	text_hex(b, fp->b, sizeof(fp->b));
	buf_addf(b, "\t%llu\t%llu\t%s\t", (unsigned long long)r->size,
	    (unsigned long long)r->wire,
	    (r->bits & RECORD_RAW) != 0 ? "raw" : "crlf");
	column_put_date(b, &date);
	buf_addf(b, "\t%u\t%u\t", r->folder, r->uid);
	column_put_flags(b, r->flags);
	buf_addc(b, '\t');
	column_put_words(b, r->keywords);
	buf_addf(b, "\t%llu\t", (unsigned long long)r->offset);
	column_put_text(b, path);
	buf_addc(b, '\n');
}

void
manifest_put_file(struct buf *b, const struct manifest_file *m)
{
	if (m->is_dir) {
		buf_adds(b, "d\t");
	} else {
		buf_adds(b, "f\t");
		hash_hex(b, &m->hash);
		buf_addf(b, "\t%llu\t", (unsigned long long)m->size);
	}
	buf_addf(b, "%llu\t", (unsigned long long)m->offset);
	column_put_text(b, m->path);
	buf_addc(b, '\n');
}

static bool
take_id(void *into, char **c)
{
	struct manifest_segment *s = into;

	return column_id(c[0], s->id, ID_DIGITS);
}

static bool
take_number(void *into, char **c)
{
	struct manifest_segment *s = into;

	return column_u32(c[0], &s->number);
}

static bool
take_prev(void *into, char **c)
{
	struct manifest_segment *s = into;

	return column_hash(c[0], &s->prev) && column_hash(c[1], &s->prev_frame);
}

static bool
take_frame(void *into, char **c)
{
	struct manifest_segment *s = into;

	return column_number(c[0], INT64_MAX, &s->frame.offset) &&
	    column_number(c[1], INT64_MAX, &s->frame.compressed) &&
	    column_number(c[2], INT64_MAX, &s->frame.size) &&
	    column_hash(c[3], &s->frame.hash);
}

static bool
take_folder(void *into, char **c)
{
	struct manifest_segment *s = into;
	struct manifest_folder *m;
	struct folder *f;
	char *sep;
	bool ok;

	s->folder =
	    xgrow(s->folder, s->folders, &s->folder_cap, sizeof(*s->folder));
	m = &s->folder[s->folders++];
	memset(m, 0, sizeof(*m));
	f = &m->entry.folder;
	if (!column_text(c[2], &sep))
		return false;
	ok = sep == NULL || strlen(sep) == 1;
	f->sep = ok && sep != NULL ? sep[0] : '\0';
	free(sep);
	return ok && column_u32(c[0], &m->number) && m->number < FOLDERS_MAX &&
	    column_u32(c[1], &m->entry.uidvalidity) &&
	    column_text_given(c[3], &f->wire) &&
	    column_text_given(c[4], &f->name) &&
	    column_text(c[5], &f->special) &&
	    parse_attributes(c[6], &f->attr) &&
	    column_text_given(c[7], &m->dir) && manifest_path_ok(m->dir);
}

/* c: from HASH on. */
static bool
take_entry(struct manifest_segment *s, char **c, bool link)
{
	struct archive_entry *e;

	s->entry =
	    xgrow(s->entry, s->entries, &s->entry_cap, sizeof(*s->entry));
	e = &s->entry[s->entries];
	memset(e, 0, sizeof(*e));
	e->link = link;
	e->eol = strcmp(c[4], "raw") == 0 ? EOL_RAW : EOL_CRLF;
	if (e->eol == EOL_CRLF && strcmp(c[4], "crlf") != 0)
		return false;
	if (!column_hash(c[0], &e->hash) ||
	    !text_unhex(c[1], strlen(c[1]), e->fingerprint.b,
		sizeof(e->fingerprint.b)) ||
	    !column_number(c[2], MEMBER_MAX, &e->file_size) ||
	    !column_number(c[3], 2 * MEMBER_MAX, &e->msg.size) ||
	    !column_date(c[5], c[6], &e->msg.date) ||
	    !column_u32(c[7], &e->msg.folder) ||
	    !column_u32(c[8], &e->msg.uid) ||
	    !column_flags(c[9], &e->msg.flags) ||
	    !column_words(s->atoms, c[10], &e->msg.keywords) ||
	    !column_number(c[11], INT64_MAX, &e->offset) ||
	    !column_path(c[12]) || !manifest_path_ok(c[12]))
		return false;
	e->path = c[12];
	s->entries++;
	if (link)
		s->links++;
	return true;
}

static bool
take_message(void *into, char **c)
{
	return take_entry(into, c, false);
}

static bool
take_link(void *into, char **c)
{
	return take_entry(into, c, true);
}

static bool
take_reference(void *into, char **c)
{
	struct manifest_segment *s = into;
	struct archive_reference from;

	if (!column_u32(c[0], &from.generation) || from.generation == 0 ||
	    !column_u32(c[1], &from.segment) || from.segment == 0 ||
	    !column_u32(c[2], &from.line) || !take_entry(s, c + 3, true))
		return false;
	s->entry[s->entries - 1].reference = from;
	return true;
}

static bool
add_file(struct manifest_segment *s, const struct manifest_file *m, char *path)
{
	if (!column_path(path) || !manifest_path_ok(path))
		return false;
	s->file = xgrow(s->file, s->files, &s->file_cap, sizeof(*s->file));
	s->file[s->files] = *m;
	s->file[s->files++].path = path;
	return true;
}

static bool
take_file(void *into, char **c)
{
	struct manifest_file m = { .is_dir = false };

	return column_hash(c[0], &m.hash) &&
	    column_number(c[1], MEMBER_MAX, &m.size) &&
	    column_number(c[2], INT64_MAX, &m.offset) &&
	    add_file(into, &m, c[3]);
}

static bool
take_dir(void *into, char **c)
{
	struct manifest_segment *s = into;
	struct manifest_file m = { .is_dir = true };

	s->dirs++;
	return column_number(c[0], INT64_MAX, &m.offset) &&
	    add_file(into, &m, c[1]);
}

static bool
take_count(void *into, char **c)
{
	const struct manifest_segment *s = into;
	uint64_t m, l, f, d;

	return column_number(c[0], UINT32_MAX, &m) &&
	    column_number(c[1], UINT32_MAX, &l) &&
	    column_number(c[2], UINT32_MAX, &f) &&
	    column_number(c[3], UINT32_MAX, &d) && m == s->entries - s->links &&
	    l == s->links && f == s->files - s->dirs && d == s->dirs;
}

static const struct rule RULES[] = {
	{ "id", 1, 1, true, take_id },
	{ "segment", 1, 2, true, take_number },
	{ "prev", 2, 3, true, take_prev },
	{ "frame", 4, 4, true, take_frame },
	{ "folder", 8, 5, false, take_folder },
	{ "m", 13, 6, false, take_message },
	{ "l", 13, 6, false, take_link },
	{ "r", 16, 6, false, take_reference },
	{ "f", 4, 6, false, take_file },
	{ "d", 2, 6, false, take_dir },
	{ "count", 4, 7, true, take_count },
};

enum rc
manifest_parse_segment(char *text, size_t n, struct manifest_segment *r,
    struct fault *f)
{
	struct parser *p;
	enum rc rc;

	p = parser_new("segment", RULES, sizeof(RULES) / sizeof(RULES[0]), r);
	rc = parser_text(p, text, n, f);
	parser_free(p);
	return rc;
}

enum rc
manifest_parse_folders(char *text, size_t n, struct manifest_segment *r,
    struct fault *f)
{
	char *end, *stop = text + n;
	struct parser *p;
	enum rc rc = RC_OK;

	p = parser_new("segment", RULES, sizeof(RULES) / sizeof(RULES[0]), r);
	for (; rc == RC_OK && text < stop; text = end + 1) {
		end = memchr(text, '\n', (size_t)(stop - text));
		/* what stands behind the folders is of no concern */
		if (end == NULL || (end > text && text[1] == '\t'))
			break;
		rc = parser_line(p, text, (size_t)(end - text), f);
	}
	parser_free(p);
	return rc;
}

void
manifest_folder_release(struct manifest_folder *m)
{
	folder_release(&m->entry.folder);
	free(m->dir);
}

void
manifest_segment_release(struct manifest_segment *s)
{
	size_t i;

	for (i = 0; i < s->folders; i++)
		manifest_folder_release(&s->folder[i]);
	free(s->folder);
	free(s->entry);
	free(s->file);
	memset(s, 0, sizeof(*s));
}

bool
manifest_path_ok(const char *path)
{
	const char *p;
	size_t n;

	for (p = path; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return false;
	if (p - path > MEMBER_PATH_MAX)
		return false;
	for (p = path;; p += n + 1) {
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		if (p[n] == '\0')
			return true;
	}
}
