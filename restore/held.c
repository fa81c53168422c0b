#include <stdlib.h>
#include <string.h>

#include "held.h"
#include "util/interrupt.h"
#include "util/mem.h"

struct fp_key {
	const struct held *held;
	const struct fingerprint *fp;
};

struct uid_key {
	const struct held *held;
	uint32_t uid;
};

static uint64_t
fp_hash(const struct fingerprint *fp)
{
	uint64_t h;

	memcpy(&h, fp->b, sizeof(h));
	return h;
}

/* Neighbouring UIDs must not land in neighbouring slots. */
static uint64_t
uid_hash(uint32_t uid)
{
	return uid * UINT64_C(0x9e3779b97f4a7c15);
}

static bool
is_fp(const void *arg, uint32_t id)
{
	const struct fp_key *k = arg;

	return fingerprint_equal(&k->held->v[id].fp, k->fp);
}

static bool
is_uid(const void *arg, uint32_t id)
{
	const struct uid_key *k = arg;

	return k->held->v[id].uid == k->uid;
}

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
	free(h->debt);
	table_release(&h->by_fp);
	table_release(&h->by_uid);
	held_init(h);
}

static uint32_t
find_uid(const struct held *h, uint32_t uid)
{
	struct uid_key k = { h, uid };
	struct table_cursor c;

	return table_first(&h->by_uid, uid_hash(uid), is_uid, &k, &c);
}

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct held *h = arg;
	uint32_t id;

	if (find_uid(h, m->uid) != TABLE_NONE)
		return interrupt_check(f);
	h->v = xgrow(h->v, h->n, &h->cap, sizeof(*h->v));
	id = (uint32_t)h->n++;
	memset(&h->v[id], 0, sizeof(h->v[id]));
	h->v[id].uid = m->uid;
	h->v[id].fp = *fp;
	table_add(&h->by_fp, fp_hash(fp), id);
	table_add(&h->by_uid, uid_hash(m->uid), id);
	if (m->uid >= h->next && m->uid < UINT32_MAX)
		h->next = m->uid + 1;
	return interrupt_check(f);
}

enum rc
held_scan(struct held *h, struct store *s, struct fault *f)
{
	uint64_t seen;

	return s->ops->scan(s, h->next, SCAN_FINGERPRINT, on_listed, h, &seen,
	    f);
}

static void
add_candidate(struct held_message *m, struct msgs *want)
{
	struct msg msg = { .uid = m->uid, .keywords = "" };

	if (m->claimed || m->read)
		return;
	m->read = true; /* only asked for once */
	msgs_add(want, &msg);
}

void
held_want(struct held *h, const struct fingerprint *fp, struct msgs *want)
{
	struct fp_key k = { h, fp };
	struct table_cursor c;
	uint32_t id;

	for (id = table_first(&h->by_fp, fp_hash(fp), is_fp, &k, &c);
	     id != TABLE_NONE; id = table_next(&h->by_fp, is_fp, &k, &c))
		add_candidate(&h->v[id], want);
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct held *h = arg;
	uint32_t id = find_uid(h, m->uid);

	(void)reason;
	if (id == TABLE_NONE)
		return interrupt_check(f);
	if (fate == READ_BODY)
		memcpy(h->v[id].canon, body->digest.canon,
		    sizeof(h->v[id].canon));
	else /* what cannot be read cannot stand for anything */
		h->v[id].claimed = true;
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
		if (!held_claim(h, &h->debt[i].fp, h->debt[i].canon, &uid))
			h->debt[left++] = h->debt[i];
	h->debts = left;
}

/*
 * A message may have been listed with claimed false and read true without
 * its body having come, when the line was cut: it is asked for again.
 */
static void
forget(struct held *h, const struct msgs *want)
{
	uint32_t id;
	size_t i;

	for (i = 0; i < want->n; i++) {
		id = find_uid(h, want->v[i].uid);
		if (id != TABLE_NONE)
			h->v[id].read = false;
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
held_claim(struct held *h, const struct fingerprint *fp,
    const unsigned char canon[16], uint32_t *uid_r)
{
	struct fp_key k = { h, fp };
	struct table_cursor c;
	struct held_message *m;
	uint32_t id;

	for (id = table_first(&h->by_fp, fp_hash(fp), is_fp, &k, &c);
	     id != TABLE_NONE; id = table_next(&h->by_fp, is_fp, &k, &c)) {
		m = &h->v[id];
		if (m->claimed || !m->read ||
		    memcmp(m->canon, canon, sizeof(m->canon)) != 0)
			continue;
		m->claimed = true;
		*uid_r = m->uid;
		return true;
	}
	return false;
}

bool
held_claim_uid(struct held *h, uint32_t uid)
{
	uint32_t id = find_uid(h, uid);

	if (id == TABLE_NONE)
		return false;
	h->v[id].claimed = true;
	return true;
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
