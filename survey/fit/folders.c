/*
 * Folders that cannot exist at the target under their names.  What is wrong
 * with a parent is wrong with all below it: one rule is made for the highest
 * folder that has it, and those below are looked at as that rule leaves them.
 */
#include <stdlib.h>
#include <string.h>

#include "fit_priv.h"
#include "names.h"
#include "util/mem.h"
#include "util/text.h"

enum { FIXES_EACH = 8, FIXES_MORE = 16 }; /* of one folder */

/* A rule made, or a warning given, and the finding that tells it. */
struct told {
	char *from; /* the source's folder that it begins with */
	const char *why;
	size_t finding;
};

struct work {
	struct fitting *t;
	struct mapping m;  /* the user's rules, and those made here */
	size_t given;      /* of them: the user's, which come first */
	struct strs taken; /* names at the target, sorted no way */
	struct told *told;
	size_t n;
	size_t cap;
};

static void
add_rule(struct mapping *m, const char *from, const char *to)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->rule[i].from, from) == 0) {
			free(m->rule[i].to);
			m->rule[i].to = xstrdup(to);
			return;
		}
	m->rule = xgrow(m->rule, m->n, &m->cap, sizeof(*m->rule));
	m->rule[m->n].from = xstrdup(from);
	m->rule[m->n++].to = xstrdup(to);
}

static bool
is_below(const char *name, const char *from)
{
	const size_t n = strlen(from);

	return strncmp(name, from, n) == 0 &&
	    (name[n] == '\0' || name[n] == '/');
}

/* The rule that decides about a folder; there is one. */
static const struct mapping_rule *
rule_for(const struct mapping *m, const char *from)
{
	const struct mapping_rule *r = NULL;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (is_below(from, m->rule[i].from) &&
		    (r == NULL || strlen(m->rule[i].from) > strlen(r->from)))
			r = &m->rule[i];
	return r;
}

/* A folder may have had several faults: its last rule is right for all. */
static void
offer(struct work *w)
{
	struct fit *r = w->t->r;
	struct buf rule = BUF_INIT;
	size_t k;

	for (k = 0; k < w->n; k++) {
		const struct told *told = &w->told[k];
		const struct mapping_rule *m = rule_for(&w->m, told->from);

		if (r->v[told->finding].level != FIT_PROBLEM || m == NULL)
			continue;
		buf_clear(&rule);
		fit_rule_text(&rule, m->from, m->to);
		fit_rule(&r->v[told->finding], buf_str(&rule));
		if (!strs_has(&r->rules, buf_str(&rule)))
			strs_add(&r->rules, buf_str(&rule));
	}
	buf_release(&rule);
}

/* What was made for folders below it rests on what it was before: the
 * longest FROM decides. */
static void
drop_below(struct work *w, const char *from)
{
	struct mapping *m = &w->m;
	size_t i, kept = w->given;

	for (i = w->given; i < m->n; i++) {
		if (strcmp(m->rule[i].from, from) != 0 &&
		    is_below(m->rule[i].from, from)) {
			free(m->rule[i].from);
			free(m->rule[i].to);
		} else {
			m->rule[kept++] = m->rule[i];
		}
	}
	m->n = kept;
}

static void
start(struct work *w, struct fitting *t)
{
	const struct survey *s = t->s;
	size_t i;

	memset(w, 0, sizeof(*w));
	w->t = t;
	for (i = 0; t->map != NULL && i < t->map->n; i++)
		add_rule(&w->m, t->map->rule[i].from, t->map->rule[i].to);
	w->given = w->m.n;
	if (t->map != NULL && t->map->into != NULL)
		w->m.into = xstrdup(t->map->into);
	for (i = 0; i < s->boxes; i++)
		strs_take(&w->taken,
		    mapping_apply(&w->m, s->box[i].folder.name));
	for (i = 0; i < s->target.folders.n; i++)
		strs_add(&w->taken, s->target.folders.v[i].name);
}

static void
finish(struct work *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		free(w->told[i].from);
	free(w->told);
	strs_release(&w->taken);
	mapping_release(&w->m);
}

/* Without the --into that mrestore puts before it, and free to be given. */
static char *
settle(struct work *w, char *to)
{
	const size_t into = w->m.into == NULL ? 0 : strlen(w->m.into) + 1;
	char *plain, *unique;
	unsigned n;

	if (into > 0 && strlen(to) > into)
		memmove(to, to + into, strlen(to + into) + 1);
	/* No rule can say that TO starts so. */
	if (to[0] == '=' || to[0] == '/')
		to[0] = '_';
	plain = to;
	unique = xstrdup(to);
	for (n = 2; n < 10000; n++) {
		char *whole = into > 0 ? xasprintf("%s/%s", w->m.into, unique) :
					 xstrdup(unique);
		const bool taken = strs_has(&w->taken, whole);

		if (!taken)
			strs_add(&w->taken, whole);
		free(whole);
		if (!taken)
			break;
		free(unique);
		unique = xasprintf("%s (%u)", plain, n);
	}
	free(plain);
	return unique;
}

/* The folder of the source whose last component is the one at place at of
 * what its name has become. */
static char *
prefix_of(const char *name, size_t components, size_t at)
{
	size_t below = components - 1 - at, n = strlen(name);

	while (below > 0 && n > 0) {
		n--;
		if (name[n] == '/' && n > 0)
			below--;
	}
	return below > 0 || n == 0 ? xstrdup(name) : xstrndup(name, n);
}

static bool
is_told(const struct work *w, const char *from, const char *why)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->told[i].from, from) == 0 &&
		    strcmp(w->told[i].why, why) == 0)
			return true;
	return false;
}

/* One finding; makes the rule, and applies it when it must be. */
static void
tell(struct work *w, const char *name, struct name_fault *d)
{
	char *from = prefix_of(name, d->components, d->at);
	char *to = settle(w, d->to);
	struct buf rule = BUF_INIT;

	if (d->level == FIT_PROBLEM) {
		drop_below(w, from);
		add_rule(&w->m, from, to);
	}
	if (!is_told(w, from, d->why)) {
		fit_rule_text(&rule, from, to);
		fit_rule(fit_add(w->t, FIT_FOLDER, d->level, from, "%s",
			     d->why),
		    buf_str(&rule));
		w->told = xgrow(w->told, w->n, &w->cap, sizeof(*w->told));
		w->told[w->n++] =
		    (struct told){ xstrdup(from), d->why, w->t->r->n - 1 };
	}
	buf_release(&rule);
	free(from);
	free(to);
}

static char *
look(struct work *w, const char *name)
{
	char *mapped = mapping_apply(&w->m, name);
	struct name_fault d;
	size_t n = FIXES_MORE;
	const char *s;

	/* A few for each of its components; a rule of the user's own below
	 * may stand against any. */
	for (s = name; *s != '\0'; s++)
		n += *s == '/' ? FIXES_EACH : 0;
	for (; n > 0; n--) {
		if (!name_check(w->t, mapped, FIT_PROBLEM, &d))
			break;
		tell(w, name, &d);
		free(mapped);
		mapped = mapping_apply(&w->m, name);
	}
	if (name_check(w->t, mapped, FIT_WARNING, &d))
		tell(w, name, &d);
	return mapped;
}

/* A finding touches all mail below its folder. */
static void
add_up(struct work *w)
{
	const struct survey *s = w->t->s;
	struct finding *f;
	size_t i, k;

	for (k = 0; k < w->n; k++) {
		f = &w->t->r->v[w->told[k].finding];
		for (i = 0; i < s->boxes; i++)
			if (is_below(s->box[i].folder.name, w->told[k].from)) {
				f->messages += box_messages(s, &s->box[i]);
				f->bytes += s->box[i].sums.bytes;
			}
	}
}

/* Where the target has a folder for the same use under another name. */
static void
tell_special(struct fitting *t, const struct box *b)
{
	const struct folders *l = &t->s->target.folders;
	struct buf rule = BUF_INIT;
	struct finding *f;
	char *to;
	size_t i;

	if (b->folder.special == NULL)
		return;
	to = t->map == NULL ? xstrdup(b->folder.name) :
			      mapping_apply(t->map, b->folder.name);
	for (i = 0; i < l->n; i++) {
		if (l->v[i].special == NULL ||
		    strcmp(l->v[i].special, b->folder.special) != 0 ||
		    strcmp(l->v[i].name, to) == 0)
			continue;
		f = fit_add(t, FIT_FOLDER, FIT_NOTE, b->folder.name,
		    "is the source's %s, and the target's is '%s'",
		    b->folder.special, l->v[i].name);
		fit_rule_text(&rule, b->folder.name, l->v[i].name);
		fit_rule(f, buf_str(&rule));
		f->messages = box_messages(t->s, b);
		f->bytes = b->sums.bytes;
		break;
	}
	buf_release(&rule);
	free(to);
}

void
fit_folders(struct fitting *t, char **to)
{
	struct work w;
	size_t i;

	start(&w, t);
	for (i = 0; i < t->s->boxes; i++) {
		const struct box *b = &t->s->box[i];

		if (!b->selectable)
			to[i] = NULL;
		else if (t->target)
			to[i] = look(&w, b->folder.name);
		else
			to[i] = mapping_apply(&w.m, b->folder.name);
		if (b->selectable && t->target)
			tell_special(t, b);
	}
	add_up(&w);
	offer(&w);
	finish(&w);
}
