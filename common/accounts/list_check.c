#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/list_priv.h"
#include "accounts/secret.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/text.h"

/* What must not be there twice, and on which line it is. */
struct keyed {
	char *key;
	size_t line;
};

static const char *
name_fault(const char *name)
{
	const unsigned char *p;

	if (strlen(name) > ACCOUNT_NAME_MAX)
		return "is too long for a file's name";
	/* Also "." and "..". */
	if (name[0] == '.')
		return "starts with '.'";
	if (strchr(name, '/') != NULL)
		return "has a '/'";
	for (p = (const unsigned char *)name; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			return "has a control byte";
	return text_is_utf8(name, strlen(name)) ? NULL : "is not UTF-8";
}

/* Files are named after it. */
static void
check_name(struct account_list *l, const struct account *a)
{
	struct buf shown = BUF_INIT;
	const char *why;
	size_t side;

	if (a->name == NULL) {
		for (side = 0; side < ACCOUNT_SIDES; side++)
			if (a->place[side].unread)
				return;
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "no name, and no user to take it from");
		return;
	}
	why = name_fault(a->name);
	if (why == NULL)
		return;
	text_visible(&shown, a->name, strlen(a->name), ACCOUNT_NAME_MAX);
	account_list_fault(l, a->line, CAUSE_CONFIG,
	    "name '%s' %s, and files are named after it", buf_str(&shown), why);
	buf_release(&shown);
}

/* Would it be found?  Commands are for the run. */
static enum rc
try_secret(const char *spec, struct fault *f)
{
	struct buf secret = BUF_INIT;
	enum rc rc = RC_OK;

	if (!secret_is_command(spec))
		rc = secret_fetch(spec, &secret, f);
	buf_wipe(&secret);
	return rc;
}

static enum rc
try_netrc(const char *host, const char *login, struct fault *f)
{
	struct buf secret = BUF_INIT;
	char *user;
	enum rc rc = netrc_fetch(host, login, &user, &secret, f);

	free(user);
	buf_wipe(&secret);
	return rc == RC_END ?
	    fault_set(f, RC_STORE, CAUSE_CONFIG,
		"none here, by --secret or in ~/.netrc for %s at %s", login,
		host) :
	    rc;
}

/* What would end every run of the account. */
static void
check_secret(struct account_list *l, const struct account *a,
    enum account_side side, const struct account_need *need)
{
	const struct account_place *p = &a->place[side];
	const char *login = p->location.user;
	struct fault f = FAULT_INIT;
	enum rc rc = RC_OK;

	if (p->location.host == NULL || p->unread_secret)
		return;
	if (login == NULL) {
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "%s: whose mail? write USER@ before the host",
		    account_side_word(side));
		return;
	}
	if (p->secret != NULL)
		rc = try_secret(p->secret, &f);
	else if (p->password == NULL && need->secret == NULL)
		rc = try_netrc(p->location.host,
		    need->auth_user == NULL ? login : need->auth_user, &f);
	if (rc != RC_OK)
		account_list_fault(l, a->line, CAUSE_CONFIG, "%s_secret: %s",
		    account_side_word(side), f.text);
}

static void
check_side(struct account_list *l, const struct account *a,
    enum account_side side, const struct account_need *need)
{
	const struct account_place *p = &a->place[side];

	if (need->required[side] && p->location.text == NULL && !p->unread)
		account_list_fault(l, a->line, CAUSE_CONFIG, "no %s",
		    account_side_word(side));
	if (need->used[side] && p->location.text != NULL)
		check_secret(l, a, side, need);
}

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Takes the keys. */
static void
tell_twice(struct account_list *l, struct keyed *v, size_t n, const char *what)
{
	size_t i;

	if (n > 0)
		qsort(v, n, sizeof(*v), by_key);
	for (i = 1; i < n; i++)
		if (strcmp(v[i - 1].key, v[i].key) == 0)
			account_list_fault(l, v[i].line, CAUSE_CONFIG,
			    "the same %s as on line %zu", what, v[i - 1].line);
	for (i = 0; i < n; i++)
		free(v[i].key);
	free(v);
}

/* Not every file system can tell names apart that differ in case only. */
static void
check_names_once(struct account_list *l)
{
	struct keyed *v = xcalloc(l->n + 1, sizeof(*v));
	size_t i, n = 0;
	char *p;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].name == NULL)
			continue;
		v[n].key = xstrdup(l->v[i].name);
		for (p = v[n].key; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		v[n++].line = l->v[i].line;
	}
	tell_twice(l, v, n, "name (but for case)");
}

static void
check_places_once(struct account_list *l, enum account_side side)
{
	struct keyed *v = xcalloc(l->n + 1, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].place[side].location.text == NULL)
			continue;
		v[n].key = xstrdup(l->v[i].place[side].location.text);
		v[n++].line = l->v[i].line;
	}
	tell_twice(l, v, n, account_side_word(side));
}

static bool
check_columns(struct account_list *l, const struct account_need *need)
{
	size_t side;
	bool good = true;

	for (side = 0; side < ACCOUNT_SIDES; side++) {
		if (!need->required[side] || l->has[side] || l->n == 0)
			continue;
		account_list_fault(l, 0, CAUSE_CONFIG, "no column '%s'",
		    account_side_word((enum account_side)side));
		good = false;
	}
	return good;
}

void
account_list_check(struct account_list *l, const struct account_need *need)
{
	struct fault f = FAULT_INIT;
	size_t i, side;

	account_list_sort_faults(l);
	if (!check_columns(l, need))
		return;
	if (need->secret != NULL && try_secret(need->secret, &f) != RC_OK)
		account_list_fault(l, 0, CAUSE_CONFIG, "--secret: %s", f.text);
	for (i = 0; i < l->n; i++) {
		check_name(l, &l->v[i]);
		for (side = 0; side < ACCOUNT_SIDES; side++)
			check_side(l, &l->v[i], (enum account_side)side, need);
	}
	check_names_once(l);
	for (side = 0; side < ACCOUNT_SIDES; side++)
		if (need->single[side])
			check_places_once(l, (enum account_side)side);
}
