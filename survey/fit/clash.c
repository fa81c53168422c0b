/*
 * Folders whose names a server may take for one: they differ in case only,
 * or only in how Unicode writes a letter (e-acute is one code point or two).
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "fit_priv.h"
#include "util/mem.h"

/* A folder's name at the target, and what it is compared by. */
struct named {
	const char *name;
	char *normal; /* NFC */
	char *folded; /* and without case */
	size_t box;   /* SIZE_MAX: it is at the target already */
};

static char *
map(const char *name, int options)
{
	utf8proc_uint8_t *r = NULL;

	(void)utf8proc_map((const utf8proc_uint8_t *)name, 0, &r,
	    (utf8proc_option_t)(UTF8PROC_NULLTERM | UTF8PROC_STABLE |
		UTF8PROC_COMPOSE | options));
	/* Names that are no UTF-8 stay as they are. */
	return r == NULL ? xstrdup(name) : (char *)r;
}

static void
add(struct named *v, size_t *n, const char *name, size_t box)
{
	v[*n].name = name;
	v[*n].normal = map(name, 0);
	v[*n].folded = map(name, UTF8PROC_CASEFOLD);
	v[*n].box = box;
	(*n)++;
}

static int
by_folded(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->folded, y->folded);

	if (order == 0)
		order = strcmp(x->normal, y->normal);
	if (order == 0)
		order = strcmp(x->name, y->name);
	if (order != 0)
		return order;
	/* What is at the target comes first: the others go elsewhere. */
	if (x->box == y->box)
		return 0;
	if (x->box == SIZE_MAX || y->box == SIZE_MAX)
		return x->box == SIZE_MAX ? -1 : 1;
	return x->box < y->box ? -1 : 1;
}

static bool
is_used(const struct named *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return true;
	return false;
}

/* A free name for the later one of two; --into comes before it anyway. */
static void
part(struct fitting *t, struct finding *f, const struct named *v, size_t n,
    const char *from, const char *to)
{
	const bool into = t->map != NULL && t->map->into != NULL;
	const size_t skip = into ? strlen(t->map->into) + 1 : 0;
	struct buf rule = BUF_INIT;
	char *other = NULL;
	unsigned i;

	for (i = 2; other == NULL || is_used(v, n, other); i++) {
		free(other);
		other = xasprintf("%s (%u)", to, i);
	}
	fit_rule_text(&rule, from, strlen(other) > skip ? other + skip : other);
	fit_rule(f, buf_str(&rule));
	buf_release(&rule);
	free(other);
}

/* How bad it is that the two are so near. */
static enum fit_level
judge(const struct fitting *t, const struct named *a, const struct named *b)
{
	if (strcmp(a->name, b->name) == 0)
		return FIT_WARNING;
	if (strcmp(a->normal, b->normal) == 0)
		return (t->to->folders & QUIRK_NORMAL) != 0 ? FIT_PROBLEM :
							      FIT_WARNING;
	return (t->to->folders & QUIRK_CASE) != 0 ? FIT_PROBLEM : FIT_NOTE;
}

static const char *
source_name(const struct fitting *t, const struct named *n)
{
	return n->box == SIZE_MAX ? n->name : t->s->box[n->box].folder.name;
}

static struct finding *
tell(struct fitting *t, enum fit_level level, const struct named *a,
    const struct named *b)
{
	const char *one = source_name(t, b), *other = source_name(t, a);

	if (strcmp(a->name, b->name) == 0)
		return fit_add(t, FIT_CLASH, level, one,
		    "it and '%s' become one folder at the target: '%s'", other,
		    b->name);
	if (strcmp(a->normal, b->normal) == 0)
		return fit_add(t, FIT_CLASH, level, one,
		    "looks the same as '%s': only Unicode's forms differ (NFC, "
		    "NFD), which some servers and programs take for one",
		    other);
	return fit_add(t, FIT_CLASH, level, one,
	    "differs from '%s' in case only, which %s", other,
	    level == FIT_PROBLEM ?
		"the target takes for one" :
		"some servers and file systems do not tell apart");
}

/* Two neighbours in the order of what they are compared by. */
static void
compare(struct fitting *t, const struct named *v, size_t n, size_t i)
{
	const struct named *a = &v[i - 1], *b = &v[i];
	struct finding *f;

	if (strcmp(a->folded, b->folded) != 0 ||
	    (a->box == SIZE_MAX && b->box == SIZE_MAX))
		return;
	/* A folder that is there already takes what comes under its name. */
	if (strcmp(a->name, b->name) == 0 && a->box == SIZE_MAX)
		return;
	if (b->box == SIZE_MAX) {
		b = a;
		a = &v[i];
	}
	f = tell(t, judge(t, a, b), a, b);
	f->messages = box_messages(t->s, &t->s->box[b->box]);
	f->bytes = t->s->box[b->box].sums.bytes;
	part(t, f, v, n, source_name(t, b), b->name);
}

void
fit_clashes(struct fitting *t, char **to)
{
	const struct folders *l = &t->s->target.folders;
	struct named *v;
	size_t i, n = 0;

	v = xcalloc(t->s->boxes + l->n + 1, sizeof(*v));
	for (i = 0; i < t->s->boxes; i++)
		if (to[i] != NULL)
			add(v, &n, to[i], i);
	for (i = 0; i < l->n; i++)
		add(v, &n, l->v[i].name, SIZE_MAX);
	if (n > 0)
		qsort(v, n, sizeof(*v), by_folded);
	for (i = 1; i < n; i++)
		compare(t, v, n, i);
	for (i = 0; i < n; i++) {
		free(v[i].normal);
		free(v[i].folded);
	}
	free(v);
}
