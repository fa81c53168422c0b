#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/mapping.h"
#include "util/buf.h"
#include "util/mem.h"

/* Cuts "FROM=TO" at its first single "="; "==" is a literal one. */
static bool
split(const char *rule, struct buf *from, struct buf *to)
{
	struct buf *side = from;
	const char *p;

	for (p = rule; *p != '\0'; p++) {
		if (*p == '=' && p[1] == '=')
			p++;
		else if (*p == '=') {
			if (side == to)
				return false;
			side = to;
			continue;
		}
		buf_addc(side, *p);
	}
	return side == to && from->len > 0 && to->len > 0;
}

static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && s[0] != '/' && s[n - 1] != '/' &&
	    strstr(s, "//") == NULL;
}

/* A name outside of the personal namespace starts with "/"; it can be
 * mapped, but nothing is mapped to it. */
static bool
is_source(const char *s)
{
	return is_name(s[0] == '/' ? s + 1 : s);
}

/* INBOX is INBOX in any case (RFC 3501 section 5.1). */
static char *
canonical(const char *s)
{
	char *name = xstrdup(s);

	if (strncasecmp(name, "INBOX", 5) == 0 &&
	    (name[5] == '\0' || name[5] == '/'))
		memcpy(name, "INBOX", 5);
	return name;
}

enum rc
mapping_add(struct mapping *m, const char *rule, struct fault *f)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	enum rc rc = RC_OK;
	char *name = NULL;
	size_t i;

	if (!split(rule, &from, &to) || !is_source(buf_str(&from)) ||
	    !is_name(buf_str(&to))) {
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--map '%s': give FROM=TO, two folder names ('==' for a "
		    "'=' in a name)",
		    rule);
		goto out;
	}
	name = canonical(buf_str(&from));
	for (i = 0; i < m->n; i++)
		if (strcmp(m->rule[i].from, name) == 0) {
			rc = fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--map '%s': '%s' is mapped already", rule, name);
			goto out;
		}
	m->rule = xgrow(m->rule, m->n, &m->cap, sizeof(*m->rule));
	m->rule[m->n].from = name;
	m->rule[m->n++].to = canonical(buf_str(&to));
	name = NULL;
out:
	free(name);
	buf_release(&from);
	buf_release(&to);
	return rc;
}

enum rc
mapping_set_into(struct mapping *m, const char *prefix, struct fault *f)
{
	if (!is_name(prefix))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--into '%s': give a folder name", prefix);
	free(m->into);
	m->into = canonical(prefix);
	return RC_OK;
}

/* Octets of name that the rule covers: the folder or a parent; 0: none. */
static size_t
covers(const struct mapping_rule *r, const char *name)
{
	size_t n = strlen(r->from);

	if (strncmp(name, r->from, n) == 0 &&
	    (name[n] == '\0' || name[n] == '/'))
		return n;
	return 0;
}

char *
mapping_apply(const struct mapping *m, const char *name)
{
	const char *to = "";
	size_t best = 0, i, n;

	for (i = 0; i < m->n; i++) {
		n = covers(&m->rule[i], name);
		if (n > best) {
			best = n;
			to = m->rule[i].to;
		}
	}
	if (m->into == NULL)
		return xasprintf("%s%s", to, name + best);
	if (best == 0 && name[0] == '/')
		return xasprintf("%s%s", m->into, name);
	return xasprintf("%s/%s%s", m->into, to, name + best);
}

void
mapping_release(struct mapping *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->rule[i].from);
		free(m->rule[i].to);
	}
	free(m->rule);
	free(m->into);
	*m = (struct mapping)MAPPING_INIT;
}
