#include <stdlib.h>
#include <string.h>

#include "held.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { BUCKETS_FIRST = 16 }; /* a power of two */

void
held_init(struct held *h)
{
	memset(h, 0, sizeof(*h));
	h->next = 1;
}

void
held_release(struct held *h)
{
	free(h->v);
	free(h->bucket);
	free(h->debt);
	held_init(h);
}

/* Of random octets. */
static uint32_t *
bucket_of(const struct held *h, const unsigned char *key)
{
	uint32_t head;

	memcpy(&head, key, sizeof(head));
	return &h->bucket[head & (h->buckets - 1)];
}

static void
chain(struct held *h, uint32_t id)
{
	uint32_t *bucket = bucket_of(h, h->v[id].key);

	h->v[id].next = *bucket;
	*bucket = id + 1;
}

/* Takes the first with that state and key off its chain, and what was
 * claimed by its UID as well. */
static struct held_message *
unchain(struct held *h, enum held_state state, const unsigned char *key)
{
	struct held_message *m;
	uint32_t *link;

	if (h->buckets == 0)
		return NULL;
	for (link = bucket_of(h, key); *link != 0;) {
		m = &h->v[*link - 1];
		h->steps++;
		if (m->state == state &&
		    memcmp(m->key, key, sizeof(m->key)) == 0) {
			*link = m->next;
			return m;
		}
		if (m->state == HELD_CLAIMED)
			*link = m->next;
		else
			link = &m->next;
	}
	return NULL;
}

static int
by_uid(const void *x, const void *y)
{
	const struct held_message *a = x, *b = y;

	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

/* Of those that stand in order. */
static struct held_message *
find_uid(const struct held *h, uint32_t uid)
{
	const struct held_message key = { .uid = uid };

	if (h->sorted == 0)
		return NULL;
	return bsearch(&key, h->v, h->sorted, sizeof(*h->v), by_uid);
}

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct held *h = arg;
	struct held_message *to;
	bool rises = h->n == 0 || m->uid > h->v[h->n - 1].uid;

	_Static_assert(sizeof(to->key) == sizeof(fp->b), "one key for both");
	if (!rises && find_uid(h, m->uid) != NULL)
		return interrupt_check(f);
	h->v = xgrow(h->v, h->n, &h->cap, sizeof(*h->v));
	if (rises && h->sorted == h->n)
		h->sorted++;
	to = &h->v[h->n++];
	*to = (struct held_message){ .uid = m->uid, .state = HELD_LISTED };
	memcpy(to->key, fp->b, sizeof(to->key));
	if (m->uid >= h->next && m->uid < UINT32_MAX)
		h->next = m->uid + 1;
	return interrupt_check(f);
}

/* Stores list by rising UID, nearly always.  True when what stood where has
 * changed. */
static bool
sort(struct held *h)
{
	size_t i, n = 0;

	if (h->sorted == h->n)
		return false;
	qsort(h->v, h->n, sizeof(*h->v), by_uid);
	for (i = 0; i < h->n; i++)
		if (n == 0 || h->v[i].uid != h->v[n - 1].uid)
			h->v[n++] = h->v[i];
	h->sorted = h->n = n;
	return true;
}

static void
chain_from(struct held *h, size_t first)
{
	const bool moved = sort(h);
	size_t i, buckets = h->buckets > 0 ? h->buckets : BUCKETS_FIRST;

	while (buckets < h->n)
		buckets *= 2;
	if (moved || buckets > h->buckets) {
		free(h->bucket);
		h->bucket = xcalloc(buckets, sizeof(*h->bucket));
		h->buckets = buckets;
		first = 0;
	}
	/* from the last to the first, so that the first is found first */
	for (i = h->n; i-- > first;)
		if (h->v[i].state == HELD_LISTED || h->v[i].state == HELD_READ)
			chain(h, (uint32_t)i);
}

enum rc
held_scan(struct held *h, struct store *s, struct fault *f)
{
	const size_t before = h->n;
	uint64_t seen;
	enum rc rc;

	rc = s->ops->scan(s, h->next, SCAN_FINGERPRINT, on_listed, h, &seen, f);
	if (h->n > before)
		chain_from(h, before);
	return rc;
}

void
held_want(struct held *h, const struct fingerprint *fp, struct msgs *want)
{
	struct msg msg = { .keywords = "" };
	struct held_message *m;

	while ((m = unchain(h, HELD_LISTED, fp->b)) != NULL) {
		m->state = HELD_ASKED;
		msg.uid = m->uid;
		msgs_add(want, &msg);
	}
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct held *h = arg;
	struct held_message *to = find_uid(h, m->uid);

	(void)reason;
	if (to == NULL || to->state != HELD_ASKED)
		return interrupt_check(f);
	if (fate == READ_BODY) {
		to->state = HELD_READ;
		memcpy(to->key, body->digest.canon, sizeof(to->key));
		chain(h, (uint32_t)(to - h->v));
	} else { /* what cannot be read cannot stand for anything */
		to->state = HELD_CLAIMED;
	}
	return interrupt_check(f);
}

/* A message whose UID we were not told is found by its content, before
 * anything else can claim it. */
static void
settle_debts(struct held *h)
{
	size_t i, left = 0;
	uint32_t uid;

	for (i = 0; i < h->debts; i++)
		if (!held_claim(h, h->debt[i].canon, &uid))
			h->debt[left++] = h->debt[i];
	h->debts = left;
}

/* What did not come when the line was cut is asked for again. */
static void
forget(struct held *h, const struct msgs *want)
{
	struct held_message *m;
	size_t i;

	for (i = 0; i < want->n; i++) {
		m = find_uid(h, want->v[i].uid);
		if (m == NULL || m->state != HELD_ASKED)
			continue;
		m->state = HELD_LISTED;
		chain(h, (uint32_t)(m - h->v));
	}
}

enum rc
held_read(struct held *h, struct store *s, struct msgs *want, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	if (h->n == 0)
		return RC_OK;
	for (i = 0; i < h->debts; i++)
		held_want(h, &h->debt[i].fp, want);
	if (want->n > 0) {
		msgs_sort(want);
		rc = s->ops->read(s, want->v, want->n, on_read, h, f);
		if (rc != RC_OK)
			forget(h, want);
	}
	if (rc == RC_OK)
		settle_debts(h);
	msgs_clear(want);
	return rc;
}

bool
held_claim(struct held *h, const unsigned char canon[16], uint32_t *uid_r)
{
	struct held_message *m = unchain(h, HELD_READ, canon);

	if (m == NULL)
		return false;
	m->state = HELD_CLAIMED;
	*uid_r = m->uid;
	return true;
}

const struct held_message *
held_find(const struct held *h, uint32_t uid)
{
	return find_uid(h, uid);
}

bool
held_claim_uid(struct held *h, uint32_t uid)
{
	struct held_message *m = find_uid(h, uid);

	if (m == NULL)
		return false;
	m->state = HELD_CLAIMED;
	return true;
}

void
held_choose(struct held *h, uint32_t uid, bool claimed)
{
	struct held_message *m = find_uid(h, uid);

	if (m != NULL)
		m->state = claimed ? HELD_CLAIMED : HELD_READ;
}

void
held_owe(struct held *h, const struct held_debt *debt)
{
	h->debt = xgrow(h->debt, h->debts, &h->debts_cap, sizeof(*h->debt));
	h->debt[h->debts++] = *debt;
}

bool
held_owes(const struct held *h, const void *owner)
{
	size_t i;

	for (i = 0; i < h->debts; i++)
		if (h->debt[i].owner == owner)
			return true;
	return false;
}

void
held_appended(struct held *h, uint32_t uid, const struct fingerprint *fp,
    const unsigned char canon[16])
{
	struct held_debt d = { .fp = *fp, .owner = NULL };

	if (uid == 0) {
		memcpy(d.canon, canon, sizeof(d.canon));
		held_owe(h, &d);
	} else if (uid >= h->next && uid < UINT32_MAX) {
		h->next = uid + 1;
	}
}
