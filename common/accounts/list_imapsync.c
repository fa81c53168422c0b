#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/list_priv.h"
#include "util/buf.h"
#include "util/mem.h"

/* imapsync's file of accounts, as its documentation loops over it:
 * "host1;user1;password1;host2;user2;password2;", no quotes. */
enum { HOST, USER, PASSWORD, SIDE_FIELDS, FIELDS = 2 * SIDE_FIELDS };

struct cell {
	const unsigned char *p;
	size_t n;
};

bool
account_imapsync_is(const unsigned char *line, size_t n)
{
	size_t i, separators = 0;

	for (i = 0; i < n; i++)
		separators += line[i] == ';';
	return separators >= FIELDS - 1;
}

/* Cuts the line; what stands behind the sixth field goes to rest. */
static bool
cut(const unsigned char *line, size_t n, struct cell *cell, struct cell *rest)
{
	const unsigned char *end = line + n, *to;
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		if (line == NULL)
			return false;
		to = memchr(line, ';', (size_t)(end - line));
		cell[i].p = line;
		cell[i].n = (size_t)((to == NULL ? end : to) - line);
		line = to == NULL ? NULL : to + 1;
	}
	rest->p = line;
	rest->n = line == NULL ? 0 : (size_t)(end - line);
	return true;
}

static bool
is_blank(const struct cell *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->p[i] != ';' && c->p[i] != ' ' && c->p[i] != '\t')
			return false;
	return true;
}

/* The host may have a scheme and a port; else it is TLS from the start. */
static void
locate(struct account_list *l, struct account *a, enum account_side side,
    const struct cell *cell)
{
	char *host = xstrndup((const char *)cell[HOST].p, cell[HOST].n);
	const char *mark = strstr(host, "://");
	size_t scheme = mark == NULL ? 0 : (size_t)(mark - host) + 3, i;
	struct buf text = BUF_INIT;

	if (scheme == 0)
		buf_adds(&text, "imaps://");
	buf_add(&text, host, scheme);
	for (i = 0; i < cell[USER].n; i++) {
		if (strchr("%:/?#", cell[USER].p[i]) != NULL)
			buf_addf(&text, "%%%02X", cell[USER].p[i]);
		else
			buf_addc(&text, cell[USER].p[i]);
	}
	buf_addc(&text, '@');
	buf_adds(&text, host + scheme);
	a->place[side].unread = strchr(host, '@') != NULL;
	if (a->place[side].unread)
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "%s: '@' in the host", account_side_word(side));
	else
		account_list_locate(l, a, side, buf_str(&text));
	buf_release(&text);
	free(host);
}

static void
keep_password(struct account_list *l, struct account *a, enum account_side side,
    const struct cell *c)
{
	unsigned char *to = l->vault + l->vault_used;

	if (c->n == 0) {
		account_list_fault(l, a->line, CAUSE_CONFIG,
		    "%s: the password is empty", account_side_word(side));
		return;
	}
	memcpy(to, c->p, c->n);
	l->vault_used += c->n;
	a->place[side].password = to;
	a->place[side].password_len = c->n;
}

void
account_imapsync_line(struct account_list *l, size_t number,
    const unsigned char *line, size_t n)
{
	struct cell cell[FIELDS], rest, *at;
	struct account *a;
	size_t side;

	if (!cut(line, n, cell, &rest)) {
		account_list_fault(l, number, CAUSE_CONFIG,
		    "not a line host1;user1;password1;host2;user2;password2;");
		return;
	}
	if (!is_blank(&rest))
		account_list_fault(l, number, CAUSE_CONFIG,
		    "options of imapsync stand behind the sixth field: take "
		    "them off, and give ours on the command line");
	a = account_list_add(l, number);
	for (side = 0; side <= ACCOUNT_TARGET; side++) {
		at = cell + side * SIDE_FIELDS;
		locate(l, a, (enum account_side)side, at);
		keep_password(l, a, (enum account_side)side, at + PASSWORD);
	}
}
