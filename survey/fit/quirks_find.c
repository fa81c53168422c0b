#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mail/glob.h"
#include "quirks.h"
#include "util/buf.h"

/* Names of servers, hosts and capabilities are the same in any case. */
static char *
lower(const char *s)
{
	struct buf b = BUF_INIT;

	for (; *s != '\0'; s++)
		buf_addc(&b, tolower((unsigned char)*s));
	return buf_steal(&b);
}

static bool
matches(const struct strs *globs, const char *text)
{
	char *t = lower(text), *g;
	bool is = false;
	size_t i;

	for (i = 0; i < globs->n && !is; i++) {
		g = lower(globs->v[i]);
		is = glob_match(g, t);
		free(g);
	}
	free(t);
	return is;
}

/* What stands between the user and the port of imaps://USER@HOST:PORT. */
static char *
host_of(const char *location)
{
	struct buf b = BUF_INIT;
	const char *at = strrchr(location, '@'), *end;

	if (at == NULL) {
		at = strstr(location, "://");
		at = at == NULL ? NULL : at + 2;
	}
	if (at != NULL) {
		at++;
		end = *at == '[' ? strchr(at, ']') : strpbrk(at, ":/");
		buf_add(&b, at, end == NULL ? strlen(at) : (size_t)(end - at));
	}
	return buf_steal(&b);
}

static bool
is_for(const struct quirk *q, const struct side *s, const char *host)
{
	size_t i;

	if (matches(&q->kind, s->kind) ||
	    (s->software != NULL && matches(&q->software, s->software)) ||
	    (host[0] != '\0' && matches(&q->host, host)))
		return true;
	for (i = 0; i < s->capability.n; i++)
		if (matches(&q->capability, s->capability.v[i]))
			return true;
	return false;
}

const struct quirk *
quirks_find(const struct quirks *l, const struct side *s)
{
	const struct quirk *found = NULL;
	char *host;
	size_t i;

	if (s->kind == NULL)
		return NULL;
	host = host_of(s->location == NULL ? "" : s->location);
	for (i = 0; i < l->n && found == NULL; i++)
		if (is_for(&l->v[i], s, host))
			found = &l->v[i];
	free(host);
	return found;
}
