/* Where a folder may lie at the target, and how long its name may be. */
#include <stdlib.h>
#include <string.h>

#include "mail/mutf7.h"
#include "mail/utf8.h"
#include "names.h"
#include "util/mem.h"

enum {
	RAW_MARK = 0xFF, /* folder_components */
	SHORTEN_BY = 8,  /* room for what makes it unique */
};

void
name_shorten(const char *text, uint64_t max, struct buf *fixed)
{
	struct buf wire = BUF_INIT;
	size_t n = strlen(text), room;

	room = max > 2 * SHORTEN_BY ? (size_t)max - SHORTEN_BY : (size_t)max;
	do {
		n = utf8_cut(text, n, n - 1);
		buf_clear(&wire);
		mutf7_encode(&wire, text, n);
	} while (n > 1 && wire.len > room);
	buf_add(fixed, text, n);
	buf_release(&wire);
}

/* The components from first to last become one. */
static void
join(struct strs *part, size_t first, size_t last)
{
	char *both;

	while (last > first) {
		both = xasprintf("%s_%s", part->v[first],
		    part->v[first + 1] +
			((unsigned char)part->v[first + 1][0] == RAW_MARK));
		free(part->v[first]);
		free(part->v[first + 1]);
		part->v[first] = both;
		memmove(&part->v[first + 1], &part->v[first + 2],
		    (part->n - first - 2) * sizeof(*part->v));
		part->n--;
		last--;
	}
}

/* A folder that is at the target may say that it has none below it. */
static bool
is_childless(const struct fitting *t, const struct strs *part, size_t n)
{
	struct strs parent = { part->v, n, n };
	char *name = folder_join(&parent);
	const struct folder *f = folders_find(&t->s->target.folders, name);
	const bool is = f != NULL && (f->attr & FOLDER_NOINFERIORS) != 0;

	free(name);
	return is;
}

/* Where a folder may lie: NULL, or why not there. */
const char *
name_check_place(const struct fitting *t, struct strs *part, size_t *at_r)
{
	const bool inbox = strcmp(part->v[0], "INBOX") == 0;
	size_t i;

	*at_r = part->n - 1;
	if (part->n < 2)
		return NULL;
	if (t->s->target.sep == '\0' && t->s->target.folders.n > 0) {
		join(part, 0, part->n - 1);
		return "lies in a folder, and the target has none in folders";
	}
	if (inbox &&
	    ((t->to->folders & QUIRK_INBOX) != 0 || is_childless(t, part, 1))) {
		*at_r = 1;
		free(part->v[0]);
		memmove(part->v, part->v + 1, --part->n * sizeof(*part->v));
		return "lies below INBOX, where the target allows no folder";
	}
	for (i = 1; i < part->n; i++)
		if (is_childless(t, part, i)) {
			*at_r = i;
			join(part, i - 1, i);
			return "lies in a folder that has none below it at the "
			       "target (\\Noinferiors)";
		}
	if (t->to->depth_max == 0 || part->n <= t->to->depth_max)
		return NULL;
	/* All of the rest at once: what was made of it in part would be in
	 * the way. */
	*at_r = part->n - 1;
	join(part, (size_t)t->to->depth_max - 1, part->n - 1);
	return "lies deeper than the target takes";
}

/* The whole on the wire, without the target's prefix. */
const char *
name_check_length(const struct fitting *t, struct strs *part,
    enum fit_level level, size_t *at_r)
{
	const bool known = t->to->path_max != 0;
	const uint64_t max = known ? t->to->path_max : NAME_USUAL_MAX;
	struct buf wire = BUF_INIT, fixed = BUF_INIT;
	const char *last = part->v[part->n - 1];
	size_t i, n = 0, own = 0;

	if (known != (level == FIT_PROBLEM) ||
	    (!known && t->s->target.sep != '.'))
		return NULL;
	for (i = 0; i < part->n; i++) {
		own = wire.len;
		mutf7_encode(&wire, part->v[i], strlen(part->v[i]));
		own = wire.len - own;
		n += own + (i > 0);
	}
	buf_release(&wire);
	if (n <= max || strlen(last) < 2)
		return NULL;
	n -= own;
	*at_r = part->n - 1;
	name_shorten(last, n + 16 < max ? max - n : 16, &fixed);
	free(part->v[*at_r]);
	part->v[*at_r] = buf_steal(&fixed);
	return known ? "is longer than the target takes, with all above it" :
		       "has over 255 octets with all above it, which a "
		       "Maildir++ does not take";
}
