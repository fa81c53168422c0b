/* Messages that no manifest is left of. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/salvaging.h"
#include "util/mem.h"

enum { STRAYS_MAX = 1 << 24 };

/* One message a folder and UID, whoever made the names. */
static uint64_t
key_of(const char *path, const struct layout_name *n)
{
	return XXH3_64bits_withSeed(path, n->dir,
	    (uint64_t)n->uidvalidity << 32 | n->uid);
}

struct seen {
	const struct salvage *s;
	uint64_t key;
};

static bool
is_key(const void *arg, uint32_t id)
{
	const struct seen *x = arg;

	return x->s->stray[id].key == x->key;
}

static enum rc
keep(struct salvage *s, const struct tar_member *m, uint32_t region,
    const struct hash *hash, struct fault *f)
{
	struct found_stray *x;
	struct layout_name name;
	struct seen seen = { .s = s };
	struct table_cursor c;

	if (!layout_parse(m->path, &name) || s->strays >= STRAYS_MAX ||
	    salvage_is_named(s, m->path))
		return RC_OK;
	if (m->type == TAR_FILE &&
	    (memcmp(name.hash, hash->b, sizeof(name.hash)) != 0 ||
		name.size != m->size))
		return RC_OK;
	seen.key = key_of(m->path, &name);
	if (table_first(&s->seen, seen.key, is_key, &seen, &c) != TABLE_NONE)
		return RC_OK;
	table_add(&s->seen, seen.key, (uint32_t)s->strays);
	s->stray = xgrow(s->stray, s->strays, &s->stray_cap, sizeof(*s->stray));
	x = &s->stray[s->strays++];
	*x = (struct found_stray){ .region = region,
		.data = m->data,
		.size = name.size,
		.path = spool_size(s->paths),
		.length = strlen(m->path),
		.key = seen.key,
		.is_link = m->type == TAR_LINK };
	return spool_add(s->paths, m->path, x->length, f);
}

enum rc
salvage_keep_strays(struct salvage *s, uint32_t region, struct fault *f)
{
	struct tar_member *m;
	struct hash hash;
	bool final = false;
	uint64_t at = 0;
	enum rc rc;

	rc = salvage_unpack(s, region, f);
	if (rc != RC_OK)
		return rc;
	m = xmalloc(sizeof(*m));
	do {
		rc = tar_find(s->tar, &at, m, f);
		if (rc != RC_OK)
			break;
		final |= strcmp(m->path, FINAL_PATH) == 0;
		if (m->type == TAR_FILE)
			rc = salvage_remember(s, m, region, &hash, f);
		if (rc == RC_OK && m->type != TAR_DIR)
			rc = keep(s, m, region, &hash, f);
	} while (rc == RC_OK);
	free(m);
	if (rc == RC_END)
		rc = final ? salvage_final(s, f) : RC_OK;
	return rc;
}

/* The octets of a link are those of a member with its short hash. */
static enum rc
follow_links(struct salvage *s, struct fault *f)
{
	struct layout_name name;
	struct record r;
	size_t i, n = 0;
	char *path;
	enum rc rc = RC_OK;

	for (i = 0; i < s->strays && rc == RC_OK; i++) {
		if (!s->stray[i].is_link) {
			s->stray[n++] = s->stray[i];
			continue;
		}
		path = xcalloc(s->stray[i].length + 1, 1);
		rc = spool_read(s->paths, s->stray[i].path, path,
		    s->stray[i].length, f);
		if (rc == RC_OK && !layout_parse(path, &name))
			rc = RC_END;
		if (rc == RC_OK)
			rc = salvage_lookup(s, name.hash, sizeof(name.hash),
			    name.size, &r, f);
		free(path);
		if (rc == RC_OK) {
			s->stray[i].region = r.segment;
			s->stray[i].data = r.data;
			s->stray[n++] = s->stray[i];
		}
		if (rc == RC_END)
			rc = RC_OK;
	}
	s->strays = n;
	return rc;
}

static int
by_region(const void *a, const void *b)
{
	const struct found_stray *x = a, *y = b;

	if (x->region != y->region)
		return x->region < y->region ? -1 : 1;
	return x->path < y->path ? -1 : x->path > y->path;
}

/* The octets of CRLF for LF, unless they can only be those of the wire: the
 * name does not tell. */
static enum rc
read_body(struct salvage *s, const struct found_stray *x, struct body *b,
    struct fault *f)
{
	enum rc rc;

	rc = body_at(s->tar, x->data, x->size, EOL_CRLF, b, f);
	return rc == RC_MESSAGE ?
	    body_at(s->tar, x->data, x->size, EOL_RAW, b, f) :
	    rc;
}

static enum rc
give(struct salvage *s, const struct found_stray *x, const char *path,
    struct fault *f)
{
	struct salvage_stray m = { .msg = { .keywords = "" } };
	struct layout_name name;
	struct body b;
	char *folder;
	enum rc rc;

	if (!layout_parse(path, &name))
		return RC_OK;
	rc = salvage_unpack(s, x->region, f);
	if (rc == RC_OK)
		rc = read_body(s, x, &b, f);
	/* It was whole when it was found. */
	if (rc == RC_MESSAGE ||
	    (rc == RC_OK &&
		memcmp(b.digest.hash.b, name.hash, sizeof(name.hash)) != 0))
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	m.msg.uid = name.uid;
	m.msg.size = b.digest.wire_size;
	m.msg.date = (struct mdate){ name.epoch, 0, name.epoch != 0 };
	m.msg.flags = name.flags;
	m.hash = b.digest.hash;
	m.uidvalidity = name.uidvalidity;
	m.folder = salvage_folder_at(s, path, name.dir, name.uidvalidity);
	folder = salvage_folder_name(path, name.dir);
	m.name =
	    m.folder != UINT32_MAX ? s->folder[m.folder].folder.name : folder;
	rc = s->sink->stray(s->sink->arg, &m, &b, f);
	free(folder);
	return rc;
}

enum rc
salvage_give_strays(struct salvage *s, struct fault *f)
{
	const struct found_stray *x;
	char *path;
	size_t i;
	enum rc rc;

	rc = follow_links(s, f);
	if (s->strays > 0)
		qsort(s->stray, s->strays, sizeof(*s->stray), by_region);
	for (i = 0; i < s->strays && rc == RC_OK; i++) {
		x = &s->stray[i];
		path = xcalloc(x->length + 1, 1);
		rc = spool_read(s->paths, x->path, path, x->length, f);
		if (rc == RC_OK)
			rc = give(s, x, path, f);
		free(path);
	}
	return rc;
}
