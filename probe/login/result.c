#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum { DAY_S = 86400 };

struct text_field {
	const char *key;
	size_t at;
};

static const struct text_field texts[] = {
	{ "why", offsetof(struct login_result, why) },
	{ "mechanism", offsetof(struct login_result, mechanism) },
	{ "tls", offsetof(struct login_result, tls) },
	{ "cipher", offsetof(struct login_result, cipher) },
	{ "subject", offsetof(struct login_result, subject) },
	{ "issuer", offsetof(struct login_result, issuer) },
	{ "unverified", offsetof(struct login_result, unverified) },
	{ "software", offsetof(struct login_result, software) },
	{ "sender", offsetof(struct login_result, sender) },
};

static const struct text_field numbers[] = {
	{ "until", offsetof(struct login_result, until) },
	{ "folders", offsetof(struct login_result, folders) },
	{ "inbox", offsetof(struct login_result, inbox) },
	{ "ms", offsetof(struct login_result, ms) },
};

enum {
	TEXTS = sizeof(texts) / sizeof(texts[0]),
	NUMBERS = sizeof(numbers) / sizeof(numbers[0]),
};

static char *
text_get(const struct login_result *r, size_t i)
{
	char *p;

	memcpy(&p, (const char *)r + texts[i].at, sizeof(p));
	return p;
}

static void
text_set(struct login_result *r, size_t i, char *p)
{
	free(text_get(r, i));
	memcpy((char *)r + texts[i].at, &p, sizeof(p));
}

void
login_result_release(struct login_result *r)
{
	size_t i;

	for (i = 0; i < TEXTS; i++)
		text_set(r, i, NULL);
}

void
login_result_write(struct buf *b, const struct login_result *r)
{
	const char *p;
	int64_t number;
	size_t i;

	buf_addf(b, "cause\t%s\n", cause_word(r->cause));
	for (i = 0; i < TEXTS; i++) {
		p = text_get(r, i);
		if (p == NULL)
			continue;
		buf_addf(b, "%s\t", texts[i].key);
		text_percent(b, p, strlen(p));
		buf_addc(b, '\n');
	}
	for (i = 0; i < NUMBERS; i++) {
		memcpy(&number, (const char *)r + numbers[i].at,
		    sizeof(number));
		buf_addf(b, "%s\t%" PRId64 "\n", numbers[i].key, number);
	}
}

static bool
take(struct login_result *r, const char *key, const char *value)
{
	struct buf b = BUF_INIT;
	int64_t number;
	size_t i;

	if (strcmp(key, "cause") == 0) {
		r->cause = cause_of_word(value);
		return true;
	}
	for (i = 0; i < TEXTS; i++) {
		if (strcmp(key, texts[i].key) != 0)
			continue;
		if (!text_unpercent(&b, value, strlen(value)))
			return false;
		text_set(r, i, buf_steal(&b));
		return true;
	}
	for (i = 0; i < NUMBERS; i++) {
		if (strcmp(key, numbers[i].key) != 0)
			continue;
		if (!num_i64(value, strlen(value), &number))
			return false;
		memcpy((char *)r + numbers[i].at, &number, sizeof(number));
		return true;
	}
	return false;
}

bool
login_result_read(const struct buf *b, struct login_result *r)
{
	char *copy = xstrndup((const char *)b->data, b->len);
	char *rest = copy, *line, *field[2];
	bool good = b->len > 0;

	memset(r, 0, sizeof(*r));
	while (good && (line = strsep(&rest, "\n")) != NULL) {
		if (*line == '\0' && rest == NULL)
			break;
		good = text_fields(line, field, 2) == 2 &&
		    take(r, field[0], field[1]);
	}
	free(copy);
	if (!good)
		login_result_release(r);
	return good;
}

bool
login_days(const struct logins *all, const struct login_result *r,
    int64_t *days_r)
{
	const int64_t left = r->until - all->now;

	if (r->until == 0)
		return false;
	*days_r = left >= 0 ? left / DAY_S : -((DAY_S - 1 - left) / DAY_S);
	return true;
}

const char *
login_word(const struct login *l)
{
	if (!l->tried)
		return "not-tried";
	return l->result.cause == CAUSE_NONE ? "ok" :
					       cause_word(l->result.cause);
}

struct rank {
	int badness; /* a higher one goes first */
	size_t index;
};

static int
by_badness(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->badness != y->badness)
		return x->badness > y->badness ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

size_t *
login_order(const struct logins *all)
{
	struct rank *rank = xcalloc(all->n + 1, sizeof(*rank));
	size_t *order = xcalloc(all->n + 1, sizeof(*order)), i;

	for (i = 0; i < all->n; i++)
		rank[i] =
		    (struct rank){ cause_rank(all->v[i].result.cause), i };
	qsort(rank, all->n, sizeof(*rank), by_badness);
	for (i = 0; i < all->n; i++)
		order[i] = rank[i].index;
	free(rank);
	return order;
}
