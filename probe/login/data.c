#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"
#include "util/text.h"

/* The columns of the TSV report, the members of the JSON one and of events. */
enum field {
	FIELD_NAME,
	FIELD_SIDE,
	FIELD_LOCATION,
	FIELD_RESULT,
	FIELD_MECHANISM,
	FIELD_TLS,
	FIELD_CIPHER,
	FIELD_SUBJECT,
	FIELD_ISSUER,
	FIELD_UNVERIFIED,
	FIELD_DAYS,
	FIELD_SOFTWARE,
	FIELD_FOLDERS,
	FIELD_INBOX,
	FIELD_SENDER,
	FIELD_MS,
	FIELD_WHY,
	FIELDS,
};

static const char *const keys[] = {
	[FIELD_NAME] = "account",
	[FIELD_SIDE] = "side",
	[FIELD_LOCATION] = "location",
	[FIELD_RESULT] = "result",
	[FIELD_MECHANISM] = "mechanism",
	[FIELD_TLS] = "tls",
	[FIELD_CIPHER] = "cipher",
	[FIELD_SUBJECT] = "subject",
	[FIELD_ISSUER] = "issuer",
	[FIELD_UNVERIFIED] = "unverified",
	[FIELD_DAYS] = "days_left",
	[FIELD_SOFTWARE] = "software",
	[FIELD_FOLDERS] = "folders",
	[FIELD_INBOX] = "inbox",
	[FIELD_SENDER] = "sender",
	[FIELD_MS] = "ms",
	[FIELD_WHY] = "why",
};

/* One value: a text, or a number where text is NULL and known. */
struct value {
	const char *text;
	int64_t number;
	bool known;
};

static struct value
text_of(const char *text)
{
	return (struct value){ .text = text };
}

static struct value
number_of(int64_t n, bool known)
{
	return (struct value){ .number = n, .known = known };
}

static struct value
value_of(const struct logins *all, const struct login *l, enum field field)
{
	const struct login_result *r = &l->result;
	int64_t days = 0;
	bool known;

	switch (field) {
	case FIELD_NAME:
		return text_of(l->name);
	case FIELD_SIDE:
		return text_of(l->side);
	case FIELD_LOCATION:
		return text_of(l->location->text);
	case FIELD_RESULT:
		return text_of(login_word(l));
	case FIELD_MECHANISM:
		return text_of(r->mechanism);
	case FIELD_TLS:
		return text_of(r->tls);
	case FIELD_CIPHER:
		return text_of(r->cipher);
	case FIELD_SUBJECT:
		return text_of(r->subject);
	case FIELD_ISSUER:
		return text_of(r->issuer);
	case FIELD_UNVERIFIED:
		return text_of(r->unverified);
	case FIELD_DAYS:
		known = login_days(all, r, &days);
		return number_of(days, known);
	case FIELD_SOFTWARE:
		return text_of(r->software);
	case FIELD_FOLDERS:
		return number_of(r->folders, l->tried && r->folders >= 0);
	case FIELD_INBOX:
		return number_of(r->inbox, l->tried && r->inbox >= 0);
	case FIELD_SENDER:
		return text_of(r->sender);
	case FIELD_MS:
		return number_of(r->ms, l->tried);
	case FIELD_WHY:
		return text_of(r->why);
	case FIELDS:
		break;
	}
	return text_of(NULL);
}

void
login_tsv(const struct logins *all, struct buf *b)
{
	size_t *order = login_order(all), i, k;
	struct value v;

	buf_adds(b, "#mailproof 1 login\n#");
	for (k = 0; k < FIELDS; k++)
		buf_addf(b, "%s%s", k == 0 ? "" : "\t", keys[k]);
	buf_addc(b, '\n');
	for (i = 0; i < all->n; i++) {
		for (k = 0; k < FIELDS; k++) {
			v = value_of(all, &all->v[order[i]], (enum field)k);
			if (k > 0)
				buf_addc(b, '\t');
			if (v.text != NULL)
				text_percent(b, v.text, strlen(v.text));
			else if (v.known)
				buf_addf(b, "%" PRId64, v.number);
		}
		buf_addc(b, '\n');
	}
	free(order);
}

void
login_json(const struct logins *all, struct buf *b)
{
	size_t *order = login_order(all), i, k;
	struct value v;

	buf_addf(b, "{\"failed\":%zu,\"logins\":[", all->failed);
	for (i = 0; i < all->n; i++) {
		buf_adds(b, i == 0 ? "\n" : ",\n");
		for (k = 0; k < FIELDS; k++) {
			v = value_of(all, &all->v[order[i]], (enum field)k);
			buf_addf(b, "%s\"%s\":", k == 0 ? "{" : ",", keys[k]);
			if (v.text != NULL)
				text_json(b, v.text, strlen(v.text));
			else if (v.known)
				buf_addf(b, "%" PRId64, v.number);
			else
				buf_adds(b, "null");
		}
		buf_addc(b, '}');
	}
	buf_adds(b, "\n]}\n");
	free(order);
}

void
login_event(const struct logins *all, const struct login *l)
{
	struct event *e = event_begin(all->report, "login");
	struct value v;
	size_t k;

	for (k = 0; k < FIELDS; k++) {
		v = value_of(all, l, (enum field)k);
		if (v.text != NULL)
			event_text(e, keys[k], v.text);
		else if (v.known)
			event_signed(e, keys[k], v.number);
	}
	event_send(e);
}
