#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mail/date.h"
#include "mail/glob.h"
#include "mail/utf8.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/strs.h"

void
selection_init(struct selection *s)
{
	*s = (struct selection){
		.folder = STRS_INIT,
		.exclude = STRS_INIT,
		.since = INT64_MIN,
		.before = INT64_MAX,
	};
}

void
selection_release(struct selection *s)
{
	strs_release(&s->folder);
	strs_release(&s->exclude);
	selection_init(s);
}

bool
selection_is_everything(const struct selection *s)
{
	return s->folder.n == 0 && s->exclude.n == 0 && s->since == INT64_MIN &&
	    s->before == INT64_MAX;
}

static void
add_line(struct strs *r, const char *what, const char *value)
{
	char *line = xasprintf("%s %s", what, value);

	strs_take(r, line);
}

static void
add_time(struct strs *r, const char *what, int64_t epoch)
{
	struct buf b = BUF_INIT;

	date_format_utc(&b, epoch);
	add_line(r, what, buf_str(&b));
	buf_release(&b);
}

void
selection_lines(const struct selection *s, struct strs *r)
{
	size_t i;

	for (i = 0; i < s->folder.n; i++)
		add_line(r, "folder", s->folder.v[i]);
	for (i = 0; i < s->exclude.n; i++)
		add_line(r, "exclude", s->exclude.v[i]);
	if (s->since != INT64_MIN)
		add_time(r, "since", s->since);
	if (s->before != INT64_MAX)
		add_time(r, "before", s->before);
}

static bool
any_match(const struct strs *globs, const char *name)
{
	size_t i;

	for (i = 0; i < globs->n; i++)
		if (glob_match(globs->v[i], name))
			return true;
	return false;
}

bool
selection_has_folder(const struct selection *s, const char *name)
{
	if (s->folder.n > 0 && !any_match(&s->folder, name))
		return false;
	return !any_match(&s->exclude, name);
}

bool
selection_has_date(const struct selection *s, const struct mdate *d)
{
	if (!d->known)
		return true;
	return d->epoch >= s->since &&
	    (d->epoch < s->before || s->before == INT64_MAX);
}

/* One character of the name, and how it may also be read. */
struct subject {
	uint32_t cp;
	uint32_t other; /* small letter in INBOX, else cp */
};

/* The character at *s, which moves on; bytes that are not UTF-8 count as
 * characters above all others. */
static uint32_t
next(const char **s)
{
	uint32_t cp;
	size_t len;

	len = utf8_decode(*s, strnlen(*s, 4), &cp);
	if (len == 0) {
		cp = 0x110000U + (unsigned char)**s;
		len = 1;
	}
	*s += len;
	return cp;
}

static uint32_t
next_escaped(const char **s)
{
	if (**s == '\\' && (*s)[1] != '\0')
		(*s)++;
	return next(s);
}

static bool
is_in(const struct subject *c, uint32_t low, uint32_t high)
{
	return (c->cp >= low && c->cp <= high) ||
	    (c->other >= low && c->other <= high);
}

/* *p is behind a '['.  False when there is no ']': then *p is unmoved and
 * the '[' stands for itself. */
static bool
class_match(const char **p, const struct subject *c, bool *match_r)
{
	const char *s = *p;
	bool found = false, first = true, negated;
	uint32_t low, high;

	negated = *s == '!' || *s == '^';
	if (negated)
		s++;
	while (*s != '\0' && (*s != ']' || first)) {
		first = false;
		low = next_escaped(&s);
		high = low;
		if (*s == '-' && s[1] != ']' && s[1] != '\0') {
			s++;
			high = next_escaped(&s);
		}
		found = found || is_in(c, low, high);
	}
	if (*s != ']')
		return false;
	*p = s + 1;
	*match_r = found != negated;
	return true;
}

/* Matches one character against one element of the glob, not '*'. */
static bool
element_match(const char **glob, const struct subject *c)
{
	uint32_t cp;
	bool match;

	if (**glob == '?') {
		(*glob)++;
		return true;
	}
	if (**glob == '[') {
		(*glob)++;
		if (class_match(glob, c, &match))
			return match;
		return c->cp == '[';
	}
	cp = next_escaped(glob);
	return is_in(c, cp, cp);
}

/* Octets at the start of name that may be in any case. */
static size_t
inbox_length(const char *name)
{
	if (strncmp(name, "INBOX", 5) == 0 &&
	    (name[5] == '\0' || name[5] == '/'))
		return 5;
	return 0;
}

/*
 * Only the last '*' is ever tried again: what an earlier one could take
 * more, the last can take as well.  So the time is at most the product of
 * the lengths.
 */
bool
glob_match(const char *glob, const char *name)
{
	const char *star = NULL, *retry = NULL, *before;
	const char *caseless = name + inbox_length(name);
	struct subject c;

	/* "[Gmail]/Drafts" is more often a name than a class. */
	if (strcmp(glob, name) == 0)
		return true;
	while (*name != '\0') {
		if (*glob == '*') {
			star = ++glob;
			retry = name;
			continue;
		}
		before = name;
		c.cp = next(&name);
		c.other = before < caseless ? c.cp + ('a' - 'A') : c.cp;
		if (*glob != '\0' && element_match(&glob, &c))
			continue;
		if (star == NULL)
			return false;
		(void)next(&retry);
		name = retry;
		glob = star;
	}
	return glob[strspn(glob, "*")] == '\0';
}
