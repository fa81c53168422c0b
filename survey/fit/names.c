#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/mutf7.h"
#include "mail/utf8.h"
#include "util/mem.h"
#include "util/text.h"

enum { RAW_MARK = 0xFF }; /* folder_components */

/* One component: what is wrong with it, and what it may be instead. */
struct part {
	const char *text; /* decoded, without the mark */
	bool raw;
	bool first;
	struct buf wire;
	struct buf fixed; /* UTF-8 */
};

typedef const char *part_fn(const struct fitting *t, struct part *p);

/* All of it, with "_" for what bad names. */
static void
replace(struct part *p, const char *bad)
{
	const char *s;

	for (s = p->text; *s != '\0'; s++)
		buf_addc(&p->fixed, strchr(bad, *s) != NULL ? '_' : *s);
}

static const char *
empty(const struct fitting *t, struct part *p)
{
	(void)t;
	if (p->text[0] != '\0')
		return NULL;
	buf_addc(&p->fixed, '_');
	return "has an empty part";
}

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static const char *
control(const struct fitting *t, struct part *p)
{
	const char *s = p->text;
	bool has = false;

	(void)t;
	for (; *s != '\0'; s++) {
		has = has || is_control((unsigned char)*s);
		buf_addc(&p->fixed,
		    is_control((unsigned char)*s) ||
			    (p->raw && (unsigned char)*s > 0x7f) ?
			'_' :
			*s);
	}
	return has ? "holds a control character" : NULL;
}

/* Plain UTF-8, or "&" that stands for itself, is what was meant. */
static void
plain(struct part *p)
{
	const char *s = p->text;
	const bool utf8 = text_is_utf8(s, strlen(s));

	for (; *s != '\0'; s++)
		buf_addc(&p->fixed,
		    !utf8 && (unsigned char)*s > 0x7f ? '_' : *s);
}

static const char *
not_utf7(const struct fitting *t, struct part *p)
{
	if (!p->raw || (t->to->folders & QUIRK_NOT_UTF7) == 0)
		return NULL;
	plain(p);
	return "is not in modified UTF-7, which the target insists on";
}

static const char *
maybe_not_utf7(const struct fitting *t, struct part *p)
{
	if (!p->raw || (t->to->folders & QUIRK_NOT_UTF7) != 0)
		return NULL;
	plain(p);
	return "is not in modified UTF-7, which most servers insist on";
}

static const char *
separator(const struct fitting *t, struct part *p)
{
	const char sep[] = { t->s->target.sep, '\0' };

	if (sep[0] == '\0' ||
	    memchr(buf_str(&p->wire), sep[0], p->wire.len) == NULL)
		return NULL;
	replace(p, sep);
	return "holds the character that separates folders at the target";
}

static const char *
forbidden(const struct fitting *t, struct part *p)
{
	struct buf bad = BUF_INIT;
	bool has;

	buf_add(&bad, t->to->forbids.data, t->to->forbids.len);
	if ((t->to->folders & QUIRK_SLASH) != 0)
		buf_addc(&bad, '/');
	has = strpbrk(p->text, buf_str(&bad)) != NULL;
	if (has)
		replace(p, buf_str(&bad));
	buf_release(&bad);
	return has ? "holds a character that the target does not take" : NULL;
}

/* Blanks at the ends, and all but one of those that run, go. */
static bool
trim(struct part *p, bool ends, bool inside)
{
	const char *s = p->text;
	size_t n = strlen(s);

	for (; ends && *s == ' '; s++)
		n--;
	while (ends && n > 0 && s[n - 1] == ' ')
		n--;
	for (; n > 0; s++, n--)
		if (!inside || *s != ' ' || n == 1 || s[1] != ' ')
			buf_addc(&p->fixed, *s);
	if (p->fixed.len == 0)
		buf_addc(&p->fixed, '_');
	return strcmp(buf_str(&p->fixed), p->text) != 0;
}

static const char *
blanks(const struct fitting *t, struct part *p)
{
	const bool edges = (t->to->folders & QUIRK_EDGES) != 0;

	if (!trim(p, edges, (t->to->folders & QUIRK_BLANKS) != 0))
		return NULL;
	return "has blanks that the target does not take";
}

static const char *
maybe_blanks(const struct fitting *t, struct part *p)
{
	if ((t->to->folders & QUIRK_EDGES) != 0 || !trim(p, true, false))
		return NULL;
	return "starts or ends with a blank, which some servers and programs "
	       "take off";
}

static const char *
wildcard(const struct fitting *t, struct part *p)
{
	(void)t;
	if (strpbrk(p->text, "%*") == NULL)
		return NULL;
	replace(p, "%*");
	return "holds a wildcard (% or *), which some servers refuse";
}

static const char *
dots(const struct fitting *t, struct part *p)
{
	(void)t;
	if (strcmp(p->text, ".") != 0 && strcmp(p->text, "..") != 0)
		return NULL;
	replace(p, ".");
	return "has a part that a file system means otherwise";
}

static const char *
reserved(const struct fitting *t, struct part *p)
{
	const struct strs *l = &t->to->reserved;
	size_t i;

	for (i = 0; i < l->n && p->first; i++)
		if (strcasecmp(l->v[i], p->text) == 0) {
			buf_addf(&p->fixed, "%s_", p->text);
			return "is a name that the target keeps for itself";
		}
	return NULL;
}

static const char *
too_long(const struct fitting *t, struct part *p)
{
	const uint64_t max = t->to->name_max;

	if (max == 0 || p->wire.len <= max)
		return NULL;
	name_shorten(p->text, max, &p->fixed);
	return "has a part that is longer than the target takes";
}

static const char *
maybe_too_long(const struct fitting *t, struct part *p)
{
	if (t->to->name_max != 0 || p->wire.len <= NAME_USUAL_MAX ||
	    strcmp(t->s->target.kind, "maildir") == 0)
		return NULL;
	name_shorten(p->text, NAME_USUAL_MAX, &p->fixed);
	return "has a part of over 255 octets, which file systems do not take";
}

static const struct {
	enum fit_level level;
	part_fn *fn;
} checks[] = {
	{ FIT_PROBLEM, empty },
	{ FIT_PROBLEM, control },
	{ FIT_PROBLEM, not_utf7 },
	{ FIT_PROBLEM, separator },
	{ FIT_PROBLEM, forbidden },
	{ FIT_PROBLEM, blanks },
	{ FIT_PROBLEM, reserved },
	{ FIT_PROBLEM, too_long },
	{ FIT_WARNING, maybe_not_utf7 },
	{ FIT_WARNING, maybe_blanks },
	{ FIT_WARNING, wildcard },
	{ FIT_WARNING, dots },
	{ FIT_WARNING, maybe_too_long },
};

static const char *
check_part(const struct fitting *t, struct part *p, enum fit_level level)
{
	const char *why = NULL;
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (checks[i].level != level)
			continue;
		buf_clear(&p->fixed);
		why = checks[i].fn(t, p);
		if (why != NULL)
			break;
	}
	return why;
}

/* The first of a name's components that is at fault, put right. */
static const char *
check_parts(const struct fitting *t, struct strs *part, enum fit_level level,
    size_t *at_r)
{
	const char *why = NULL;
	size_t i;

	for (i = 0; i < part->n && why == NULL; i++) {
		const bool raw = (unsigned char)part->v[i][0] == RAW_MARK;
		struct part p = { .text = part->v[i] + raw,
			.raw = raw,
			.first = i == 0 };

		if (raw)
			buf_adds(&p.wire, p.text);
		else
			mutf7_encode(&p.wire, p.text, strlen(p.text));
		why = check_part(t, &p, level);
		if (why != NULL) {
			*at_r = i;
			free(part->v[i]);
			part->v[i] = buf_steal(&p.fixed);
		}
		buf_release(&p.wire);
		buf_release(&p.fixed);
	}
	return why;
}

bool
name_check(const struct fitting *t, const char *name, enum fit_level level,
    struct name_fault *r)
{
	struct strs part;
	size_t keep;

	memset(r, 0, sizeof(*r));
	r->level = level;
	if (strcmp(name, "INBOX") == 0)
		return false;
	folder_components(name, &part);
	r->components = part.n;
	if (name[0] == '/' && level == FIT_PROBLEM) {
		r->why = "is not the user's own: it lies outside of the "
			 "personal namespace";
		r->at = part.n - 1;
		r->to = xstrdup(name + 1);
	} else if (name[0] != '/') {
		r->why = check_parts(t, &part, level, &r->at);
		if (r->why == NULL && level == FIT_PROBLEM)
			r->why = name_check_place(t, &part, &r->at);
		if (r->why == NULL)
			r->why = name_check_length(t, &part, level, &r->at);
		/* What is below the part keeps its name. */
		keep = r->at + 1 - (r->components - part.n);
		while (r->why != NULL && part.n > keep)
			free(part.v[--part.n]);
		if (r->why != NULL)
			r->to = folder_join(&part);
	}
	strs_release(&part);
	return r->why != NULL;
}
