#include "stores/imap/listline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/token.h"
#include "util/mem.h"

static const struct {
	const char *word;
	unsigned attr;
} attributes[] = {
	{ "\\Noselect", FOLDER_NOSELECT },
	{ "\\NonExistent", FOLDER_NOSELECT },
	{ "\\NoInferiors", FOLDER_NOINFERIORS },
	{ "\\Subscribed", FOLDER_SUBSCRIBED },
};

/* RFC 6154 and RFC 8457. */
static const char *const special_uses[] = {
	"\\All",
	"\\Archive",
	"\\Drafts",
	"\\Flagged",
	"\\Important",
	"\\Junk",
	"\\Sent",
	"\\Trash",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_word(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(p, word, n) == 0;
}

static void
take_attribute(struct folder *r, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < COUNT(attributes); i++)
		if (is_word(p, n, attributes[i].word))
			r->attr |= attributes[i].attr;
	for (i = 0; i < COUNT(special_uses) && r->special == NULL; i++)
		if (is_word(p, n, special_uses[i]))
			r->special = xstrdup(special_uses[i]);
}

static bool
take_name(struct tokens *t, struct folder *r)
{
	struct buf scratch = BUF_INIT;
	const char *p;
	size_t n, i;
	bool ok;

	ok = token_string(t, &scratch, &p, &n, NULL);
	if (ok) {
		r->wire = xmalloc(n + 1);
		for (i = 0; i < n; i++)
			r->wire[i] = p[i] == '\0' ? '\n' : p[i];
		r->wire[n] = '\0';
	}
	buf_release(&scratch);
	return ok;
}

static bool
take_separator(struct tokens *t, struct folder *r)
{
	struct buf scratch = BUF_INIT;
	const char *p;
	size_t n;
	bool ok, nil;

	ok = token_string(t, &scratch, &p, &n, &nil) && n <= 1;
	if (ok && n == 1)
		r->sep = p[0];
	buf_release(&scratch);
	return ok;
}

/* (\HasNoChildren \Sent) "/" name [extended data] */
static bool
take_list(struct tokens *t, struct folder *r)
{
	const char *p;
	size_t n;

	if (!token_byte(t, '('))
		return false;
	while (token_atom(t, &p, &n))
		take_attribute(r, p, n);
	return token_byte(t, ')') && take_separator(t, r) && take_name(t, r);
}

static void
take_count(struct folder *r, const char *word, size_t n, uint64_t v)
{
	if (is_word(word, n, "MESSAGES") && v <= UINT32_MAX) {
		r->messages = (uint32_t)v;
		r->status_known = true;
	} else if (is_word(word, n, "UIDNEXT") && v <= UINT32_MAX) {
		r->uidnext = (uint32_t)v;
	} else if (is_word(word, n, "UIDVALIDITY") && v <= UINT32_MAX) {
		r->uidvalidity = (uint32_t)v;
	} else if (is_word(word, n, "SIZE")) {
		r->bytes = v;
	} else if (is_word(word, n, "HIGHESTMODSEQ")) {
		r->modseq = v;
	}
}

/* name (MESSAGES 3 UIDNEXT 8) */
static bool
take_status(struct tokens *t, struct folder *r)
{
	const char *word;
	size_t n;
	uint64_t v;

	if (!take_name(t, r) || !token_byte(t, '('))
		return false;
	while (token_atom(t, &word, &n)) {
		if (token_u64(t, &v))
			take_count(r, word, n, v);
		else if (!token_skip(t))
			return false;
	}
	return token_byte(t, ')');
}

enum listline_kind
listline_parse(const char *text, size_t n, struct folder *r)
{
	struct tokens t;
	enum listline_kind kind;
	bool ok;

	memset(r, 0, sizeof(*r));
	tokens_init(&t, text, n);
	if (!token_byte(&t, '*'))
		return LISTLINE_OTHER;
	if (token_word(&t, "LIST")) {
		kind = LISTLINE_LIST;
		ok = take_list(&t, r);
	} else if (token_word(&t, "LSUB")) {
		kind = LISTLINE_LSUB;
		ok = take_list(&t, r);
	} else if (token_word(&t, "STATUS")) {
		kind = LISTLINE_STATUS;
		ok = take_status(&t, r);
	} else {
		return LISTLINE_OTHER;
	}
	if (ok)
		return kind;
	folder_release(r);
	memset(r, 0, sizeof(*r));
	return LISTLINE_BROKEN;
}

/* NIL, or (("prefix" "/") ...); prefixes may be NULL. */
static bool
namespaces(struct tokens *t, struct strs *prefixes)
{
	struct buf scratch = BUF_INIT;
	const char *p;
	size_t n;
	bool ok = true;

	if (!token_byte(t, '('))
		return token_word(t, "NIL");
	while (ok && token_byte(t, '(')) {
		ok = token_string(t, &scratch, &p, &n, NULL);
		if (ok && prefixes != NULL && n > 0)
			strs_addn(prefixes, p, n);
		while (ok && !token_byte(t, ')'))
			ok = token_skip(t);
	}
	buf_release(&scratch);
	return ok && token_byte(t, ')');
}

bool
listline_foreign(const char *text, size_t n, struct strs *prefixes)
{
	struct tokens t;

	tokens_init(&t, text, n);
	return token_byte(&t, '*') && token_word(&t, "NAMESPACE") &&
	    namespaces(&t, NULL) && namespaces(&t, prefixes) &&
	    namespaces(&t, prefixes);
}

bool
listline_is_foreign(const struct strs *prefixes, const struct folder *f)
{
	size_t i, n;

	for (i = 0; i < prefixes->n; i++) {
		n = strlen(prefixes->v[i]);
		if (strncmp(f->wire, prefixes->v[i], n) == 0)
			return true;
		/* The root of such a namespace is listed without its end. */
		if (prefixes->v[i][n - 1] == f->sep &&
		    strlen(f->wire) == n - 1 &&
		    strncmp(f->wire, prefixes->v[i], n - 1) == 0)
			return true;
	}
	return false;
}

static int
wire_order(const char *a, const char *b)
{
	bool a_inbox = strcasecmp(a, "INBOX") == 0;
	bool b_inbox = strcasecmp(b, "INBOX") == 0;

	if (a_inbox || b_inbox)
		return (int)b_inbox - (int)a_inbox;
	return strcmp(a, b);
}

bool
listline_same(const char *wire_a, const char *wire_b)
{
	return wire_order(wire_a, wire_b) == 0;
}

static int
by_wire(const void *a, const void *b)
{
	const struct folder *x = a;
	const struct folder *y = b;

	return wire_order(x->wire, y->wire);
}

/* What two answers say of one folder; from is emptied. */
static void
join(struct folder *to, struct folder *from)
{
	/* Listed as selectable once is selectable. */
	to->attr = ((to->attr | from->attr) & ~(unsigned)FOLDER_NOSELECT) |
	    (to->attr & from->attr & FOLDER_NOSELECT);
	if (to->special == NULL) {
		to->special = from->special;
		from->special = NULL;
	}
	if (to->sep == 0)
		to->sep = from->sep;
	folder_release(from);
	memset(from, 0, sizeof(*from));
}

static void
drop_duplicates(struct folders *l)
{
	size_t i, kept = 0;

	if (l->n == 0)
		return;
	qsort(l->v, l->n, sizeof(l->v[0]), by_wire);
	for (i = 1; i < l->n; i++) {
		if (listline_same(l->v[kept].wire, l->v[i].wire)) {
			join(&l->v[kept], &l->v[i]);
		} else if (++kept != i) {
			l->v[kept] = l->v[i];
			memset(&l->v[i], 0, sizeof(l->v[i]));
		}
	}
	l->n = kept + 1;
}

/* list is in the order of by_wire. */
static struct folder *
find_wire(struct folders *list, const struct folder *key)
{
	if (list->n == 0)
		return NULL;
	return bsearch(key, list->v, list->n, sizeof(list->v[0]), by_wire);
}

static void
take_extra(struct folders *list, const struct folders *lsub,
    const struct folders *status)
{
	struct folder *at;
	size_t i;

	for (i = 0; i < lsub->n; i++) {
		at = find_wire(list, &lsub->v[i]);
		/* \Noselect in LSUB: only something below is subscribed. */
		if (at != NULL && (lsub->v[i].attr & FOLDER_NOSELECT) == 0)
			at->attr |= FOLDER_SUBSCRIBED;
	}
	for (i = 0; i < status->n; i++) {
		at = find_wire(list, &status->v[i]);
		if (at == NULL || !status->v[i].status_known)
			continue;
		at->status_known = true;
		at->messages = status->v[i].messages;
		at->uidnext = status->v[i].uidnext;
		at->uidvalidity = status->v[i].uidvalidity;
		at->bytes = status->v[i].bytes;
		at->modseq = status->v[i].modseq;
	}
}

static void
add_inbox(struct folders *list, char sep)
{
	struct folder *f;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (listline_same(list->v[i].wire, "INBOX"))
			return;
	f = folders_add(list);
	f->wire = xstrdup("INBOX");
	f->sep = sep;
}

/*
 * Two wire names may read the same to people: "INBOX.a" and "Inbox.a", which
 * some servers keep apart.  Neither is lost: a number tells them apart.
 */
static void
tell_apart(struct folders *list)
{
	struct folder *f;
	char *name, *shared = NULL;
	unsigned number = 2;
	size_t i;

	folders_sort(list);
	for (i = 1; i < list->n; i++) {
		f = &list->v[i];
		if (shared == NULL || strcmp(shared, f->name) != 0) {
			free(shared);
			shared = xstrdup(list->v[i - 1].name);
			number = 2;
		}
		if (strcmp(shared, f->name) != 0)
			continue;
		name = xasprintf("%s (%u)", shared, number++);
		while (folders_find(list, name) != NULL) {
			free(name);
			name = xasprintf("%s (%u)", shared, number++);
		}
		free(f->name);
		f->name = name;
	}
	free(shared);
	folders_sort(list);
}

void
listline_merge(struct folders *list, struct folders *lsub,
    struct folders *status, const char *prefix, char sep)
{
	struct folder *f;
	size_t i;

	drop_duplicates(list);
	add_inbox(list, sep);
	if (list->n > 0)
		qsort(list->v, list->n, sizeof(list->v[0]), by_wire);
	take_extra(list, lsub, status);
	for (i = 0; i < list->n; i++) {
		f = &list->v[i];
		f->name = folder_name_from_wire(f->wire, f->sep, prefix);
	}
	tell_apart(list);
}
