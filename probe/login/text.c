#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"
#include "mail/date.h"
#include "program/meter.h"
#include "util/text.h"

enum {
	LABEL_COLUMNS = 48,
	SIDE_COLUMNS = 6,
	WORD_COLUMNS = 13,
	MECHANISM_COLUMNS = 13,
	SHOWN_MAX = 400,  /* octets of a text */
	DATE_OCTETS = 10, /* "2026-11-25" */
};

static const char *
label(const struct login *l)
{
	return l->name != NULL ? l->name : l->location->text;
}

/* A column, cut or filled up. */
static void
put(struct buf *b, const char *text, size_t columns)
{
	struct buf shown = BUF_INIT;
	size_t used;

	if (text == NULL || *text == '\0')
		text = "-";
	text_visible(&shown, text, strlen(text), SHOWN_MAX);
	used = meter_cut(&shown, columns);
	buf_addf(b, "%s%*s  ", buf_str(&shown), (int)(columns - used), "");
	buf_release(&shown);
}

static void
put_rest(struct buf *b, const char *text)
{
	if (text != NULL)
		text_visible(b, text, strlen(text), SHOWN_MAX);
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		b->len--;
	buf_addc(b, '\n');
}

static size_t
label_columns(const struct logins *all)
{
	size_t i, n, most = 7;

	for (i = 0; i < all->n; i++) {
		n = strlen(label(&all->v[i]));
		if (n > most)
			most = n;
	}
	return most > LABEL_COLUMNS ? LABEL_COLUMNS : most;
}

static void
put_who(struct buf *b, const struct login *l, size_t columns)
{
	put(b, label(l), columns);
	if (l->name != NULL)
		put(b, l->side, SIDE_COLUMNS);
	put(b, login_word(l), WORD_COLUMNS);
}

static void
put_failed(const struct logins *all, const size_t *order, size_t columns,
    struct buf *b)
{
	const struct login *l;
	size_t i;

	if (all->failed == 0)
		return;
	buf_addf(b, "%zu of %zu login%s failed:\n\n", all->failed, all->n,
	    all->n == 1 ? "" : "s");
	for (i = 0; i < all->failed; i++) {
		l = &all->v[order[i]];
		put_who(b, l, columns);
		put_rest(b, l->result.why);
	}
	buf_addc(b, '\n');
}

static void
put_number(struct buf *b, int64_t n, bool known)
{
	if (known)
		buf_addf(b, "%7" PRId64 "  ", n);
	else
		buf_addf(b, "%7s  ", "-");
}

static void
put_one(const struct logins *all, const struct login *l, size_t columns,
    struct buf *b)
{
	const struct login_result *r = &l->result;
	int64_t days = 0;
	bool known = login_days(all, r, &days);

	put_who(b, l, columns);
	put(b, r->mechanism, MECHANISM_COLUMNS);
	put(b, r->tls, 7);
	put_number(b, days, known);
	put_number(b, r->folders, l->tried && r->folders >= 0);
	put_number(b, r->inbox, l->tried && r->inbox >= 0);
	put_number(b, r->ms, l->tried);
	if (r->sender != NULL) {
		buf_adds(b, "sends as ");
		text_visible(b, r->sender, strlen(r->sender), SHOWN_MAX);
		if (r->software != NULL)
			buf_adds(b, "; ");
	}
	put_rest(b, r->software);
}

static void
put_all(const struct logins *all, size_t columns, struct buf *b)
{
	size_t i;

	put(b, all->n > 0 && all->v[0].name == NULL ? "location" : "account",
	    columns);
	if (all->n > 0 && all->v[0].name != NULL)
		put(b, "side", SIDE_COLUMNS);
	put(b, "result", WORD_COLUMNS);
	put(b, "mechanism", MECHANISM_COLUMNS);
	put(b, "TLS", 7);
	buf_addf(b, "%7s  %7s  %7s  %7s  server\n", "days", "folders", "INBOX",
	    "ms");
	for (i = 0; i < all->n; i++)
		put_one(all, &all->v[i], columns, b);
}

static bool
same(const char *x, const char *y)
{
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static bool
same_certificate(const struct login *x, const struct login *y)
{
	return x->location->port == y->location->port &&
	    strcmp(x->location->host, y->location->host) == 0 &&
	    x->result.until == y->result.until &&
	    same(x->result.subject, y->result.subject) &&
	    same(x->result.issuer, y->result.issuer);
}

/* Was it told with an earlier login? */
static bool
is_told(const struct logins *all, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (same_certificate(&all->v[i], &all->v[n]))
			return true;
	return false;
}

static void
put_certificate(const struct logins *all, const struct login *l, struct buf *b)
{
	const struct login_result *r = &l->result;
	struct buf date = BUF_INIT;
	int64_t days = 0;

	(void)login_days(all, r, &days);
	date_format_utc(&date, r->until);
	buf_addf(b, "%s:%u  until %.*s, ", l->location->host,
	    (unsigned)l->location->port, DATE_OCTETS, buf_str(&date));
	if (days < 0)
		buf_adds(b, "has EXPIRED");
	else
		buf_addf(b, "%" PRId64 " day%s left%s", days,
		    days == 1 ? "" : "s",
		    days < DAYS_URGENT  ? ": URGENT" :
			days < DAYS_FEW ? ": renew it soon" :
					  "");
	buf_adds(b, "; ");
	text_visible(b, r->subject, strlen(r->subject), SHOWN_MAX);
	buf_adds(b, "; issued by ");
	put_rest(b, r->issuer);
	if (r->unverified != NULL) {
		buf_adds(b, "    accepted unverified: ");
		put_rest(b, r->unverified);
	}
	buf_release(&date);
}

static void
put_certificates(const struct logins *all, struct buf *b)
{
	bool headed = false;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (all->v[i].result.until == 0 ||
		    all->v[i].result.subject == NULL || is_told(all, i))
			continue;
		if (!headed)
			buf_adds(b, "\ncertificates:\n");
		headed = true;
		put_certificate(all, &all->v[i], b);
	}
}

void
login_text(const struct logins *all, struct buf *b)
{
	const size_t columns = label_columns(all);
	size_t *order = login_order(all);

	put_failed(all, order, columns, b);
	put_all(all, columns, b);
	put_certificates(all, b);
	free(order);
}
