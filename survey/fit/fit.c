#include "fit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit_priv.h"
#include "util/mem.h"

enum { TEXT_MAX = 2048 };

static const struct quirk nothing;

static char *format(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static char *
format(const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	return xstrdup(text);
}

struct finding *
fit_add(struct fitting *t, enum fit_kind kind, enum fit_level level,
    const char *name, const char *why, ...)
{
	struct fit *r = t->r;
	struct finding *f;
	va_list ap;

	r->v = xgrow(r->v, r->n, &r->cap, sizeof(*r->v));
	f = &r->v[r->n++];
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->level = level;
	f->name = xstrdup(name);
	va_start(ap, why);
	f->why = format(why, ap);
	va_end(ap);
	f->way = xstrdup("");
	return f;
}

void
fit_way(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	free(f->way);
	va_start(ap, fmt);
	f->way = format(fmt, ap);
	va_end(ap);
}

/* In single quotes a shell takes all but these for itself. */
void
fit_rule(struct finding *f, const char *rule)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "--map '");
	for (; *rule != '\0'; rule++) {
		if (*rule == '\'')
			buf_adds(&b, "'\\''");
		else
			buf_addc(&b, *rule);
	}
	buf_addc(&b, '\'');
	free(f->way);
	f->way = buf_steal(&b);
}

void
fit_rule_text(struct buf *b, const char *from, const char *to)
{
	for (; *from != '\0'; from++)
		buf_adds(b, *from == '=' ? "==" : (char[]){ *from, '\0' });
	buf_addc(b, '=');
	for (; *to != '\0'; to++)
		buf_adds(b, *to == '=' ? "==" : (char[]){ *to, '\0' });
}

static int
by_kind(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->level != y->level)
		return x->level > y->level ? -1 : 1;
	if (x->messages != y->messages && x->kind != FIT_FOLDER)
		return x->messages > y->messages ? -1 : 1;
	order = strcmp(x->name, y->name);
	return order != 0 ? order : strcmp(x->why, y->why);
}

static void
conclude(struct fitting *t)
{
	struct fit *r = t->r;
	size_t i;

	if (r->n > 0)
		qsort(r->v, r->n, sizeof(*r->v), by_kind);
	for (i = 0; i < r->n; i++)
		r->count[r->v[i].level]++;
	if (!t->target)
		r->verdict = FIT_UNKNOWN;
	else if (r->count[FIT_PROBLEM] > 0)
		r->verdict = FIT_NOT;
	else
		r->verdict = r->count[FIT_WARNING] > 0 ? FIT_CHANGES : FIT_WELL;
}

static void
set_message_max(struct fitting *t)
{
	const uint64_t told = t->s->target.append_limit;

	t->r->message_max = told > 0 ? told : t->to->message_max;
	t->r->max_told = told > 0;
}

void
fit_survey(const struct survey *s, const struct mapping *map,
    const struct quirk *source, const struct quirk *target, struct fit *r)
{
	struct fitting t = { .s = s,
		.map = map,
		.from = source == NULL ? &nothing : source,
		.to = target == NULL ? &nothing : target,
		.target = s->target.kind != NULL,
		.r = r };
	char **to = xcalloc(s->boxes + 1, sizeof(*to));
	size_t i;

	memset(r, 0, sizeof(*r));
	set_message_max(&t);
	fit_folders(&t, to);
	fit_clashes(&t, to);
	fit_room(&t);
	fit_mail(&t);
	fit_flags(&t);
	conclude(&t);
	for (i = 0; i < s->boxes; i++)
		free(to[i]);
	free(to);
}

void
fit_release(struct fit *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->v[i].name);
		free(f->v[i].why);
		free(f->v[i].way);
	}
	free(f->v);
	strs_release(&f->rules);
	memset(f, 0, sizeof(*f));
}

static const struct {
	const char *word;
	const char *title;
} kinds[FIT_KINDS] = {
	[FIT_UNSEEN] = { "unseen", "Mail that the source does not show" },
	[FIT_FOLDER] = { "folder", "Folders" },
	[FIT_CLASH] = { "clash", "Folders that may be taken for one" },
	[FIT_QUOTA] = { "quota", "Room at the target" },
	[FIT_TOO_BIG] = { "too-big", "Messages that are too big" },
	[FIT_REFUSED] = { "refused", "Messages that may be refused" },
	[FIT_CHANGED] = { "changed", "Messages that will be changed" },
	[FIT_FLAG] = { "flag", "Flags and keywords" },
	[FIT_PACE] = { "pace", "Pace" },
};

const char *
fit_kind_word(enum fit_kind k)
{
	return kinds[k].word;
}

const char *
fit_kind_title(enum fit_kind k)
{
	return kinds[k].title;
}

const char *
fit_level_word(enum fit_level l)
{
	static const char *const word[] = { "note", "warning", "problem" };

	return word[l];
}

const char *
fit_verdict_word(enum fit_verdict v)
{
	static const char *const word[] = { "no target was looked at", "fits",
		"fits, with warnings", "does not fit" };

	return word[v];
}
