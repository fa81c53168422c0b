#include <stdlib.h>
#include <string.h>

#include "mail/listing.h"
#include "only.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/table.h"

enum { ONLY_MAX = 1 << 30 };

struct named {
	struct listing line;
	bool found;
};

struct only {
	struct named *v;
	size_t n;
	size_t cap;
	struct table by_hash;
};

struct key {
	const struct only *only;
	const char *folder;
	uint32_t uidvalidity;
	uint32_t uid;
	const struct hash *hash;
};

static bool
is_named(const void *arg, uint32_t id)
{
	const struct key *k = arg;
	const struct listing *l = &k->only->v[id].line;

	return hash_equal(&l->hash, k->hash) && l->uid == k->uid &&
	    l->uidvalidity == k->uidvalidity &&
	    strcmp(l->folder, k->folder) == 0;
}

static uint64_t
key_of(const struct hash *h)
{
	uint64_t r;

	memcpy(&r, h->b, sizeof(r));
	return r;
}

static void
add(struct only *o, const struct listing *line)
{
	o->v = xgrow(o->v, o->n, &o->cap, sizeof(*o->v));
	o->v[o->n].line = *line;
	o->v[o->n].found = false;
	table_add(&o->by_hash, key_of(&line->hash), (uint32_t)o->n);
	o->n++;
}

static enum rc
load_lines(struct only *o, const char *path, struct buf *text, struct fault *f)
{
	char *at = buf_str(text), *end;
	struct listing line;
	size_t number = 0;
	enum rc rc;

	if (memchr(text->data, '\0', text->len) != NULL)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "%s: not a message list", path);
	for (; *at != '\0'; at = end) {
		end = at + strcspn(at, "\n");
		if (*end == '\n')
			*end++ = '\0';
		number++;
		rc = listing_parse(at, &line, f);
		if (rc == RC_OK)
			add(o, &line);
		else if (rc != RC_END)
			return fault_wrap(f, rc, "%s:%zu", path, number);
	}
	return RC_OK;
}

enum rc
only_load(const char *path, struct only **r, struct fault *f)
{
	struct only *o = xcalloc(1, sizeof(*o));
	struct buf text = BUF_INIT;
	enum rc rc;

	rc = file_slurp(strcmp(path, "-") == 0 ? "/dev/stdin" : path, ONLY_MAX,
	    &text, f);
	if (rc == RC_OK)
		rc = load_lines(o, path, &text, f);
	buf_release(&text);
	if (rc != RC_OK) {
		only_free(o);
		return rc;
	}
	*r = o;
	return RC_OK;
}

void
only_free(struct only *o)
{
	size_t i;

	if (o == NULL)
		return;
	for (i = 0; i < o->n; i++)
		listing_release(&o->v[i].line);
	free(o->v);
	table_release(&o->by_hash);
	free(o);
}

bool
only_has(struct only *o, const char *folder, uint32_t uidvalidity, uint32_t uid,
    const struct hash *hash)
{
	struct key k = { o, folder, uidvalidity, uid, hash };
	struct table_cursor c;
	uint32_t id;

	id = table_first(&o->by_hash, key_of(hash), is_named, &k, &c);
	if (id == TABLE_NONE)
		return false;
	o->v[id].found = true;
	return true;
}

size_t
only_unfound(const struct only *o)
{
	size_t i, n = 0;

	for (i = 0; i < o->n; i++)
		if (!o->v[i].found)
			n++;
	return n;
}
