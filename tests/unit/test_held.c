#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "restore/held.h"

/* A target of at most eight messages: kind tells fingerprint and content. */
struct toy {
	struct store store;
	struct {
		uint32_t uid;
		int fp;
		int canon;
	} v[8];
	size_t n;
	unsigned reads;
	bool cut; /* the next read fails half-way */
};

/* Many, all equal. */
enum { COPIES = 100000 };

static struct fingerprint
fp_of(int kind)
{
	struct fingerprint fp;

	memset(fp.b, kind, sizeof(fp.b));
	return fp;
}

static enum rc
toy_scan(struct store *s, uint32_t first, unsigned want, store_scan_fn *fn,
    void *arg, uint64_t *seen_r, struct fault *f)
{
	struct toy *t = (struct toy *)s;
	struct msg m = { .keywords = "" };
	struct fingerprint fp;
	size_t i;

	assert_true(want & SCAN_FINGERPRINT);
	for (*seen_r = i = 0; i < t->n; i++) {
		if (t->v[i].uid < first)
			continue;
		m.uid = t->v[i].uid;
		fp = fp_of(t->v[i].fp);
		assert_int_equal(fn(arg, &m, &fp, f), RC_OK);
		++*seen_r;
	}
	return RC_OK;
}

static enum rc
toy_read(struct store *s, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct toy *t = (struct toy *)s;
	struct body body;
	size_t i, k;

	memset(&body, 0, sizeof(body));
	for (i = 0; i < n; i++) {
		if (t->cut && i == n / 2) {
			t->cut = false;
			return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "cut");
		}
		for (k = 0; k < t->n; k++) {
			if (t->v[k].uid != m[i].uid)
				continue;
			t->reads++;
			memset(body.digest.canon, t->v[k].canon,
			    sizeof(body.digest.canon));
			assert_int_equal(
			    fn(arg, &m[i], READ_BODY, &body, "", f), RC_OK);
		}
	}
	return RC_OK;
}

static const struct store_ops toy_ops = { .scan = toy_scan, .read = toy_read };

static struct toy
toy_with(size_t n)
{
	struct toy t;
	size_t i;

	memset(&t, 0, sizeof(t));
	t.store.ops = &toy_ops;
	t.n = n;
	for (i = 0; i < n; i++) {
		t.v[i].uid = 10 + (uint32_t)i;
		t.v[i].fp = t.v[i].canon = 1;
	}
	return t;
}

static void
look(struct held *h, struct toy *t, int fp)
{
	struct fingerprint want_fp = fp_of(fp);
	struct msgs want = MSGS_INIT;
	struct fault f = FAULT_INIT;

	assert_int_equal(held_scan(h, &t->store, &f), RC_OK);
	held_want(h, &want_fp, &want);
	assert_int_equal(held_read(h, &t->store, &want, &f), RC_OK);
	msgs_release(&want);
}

static bool
claim(struct held *h, int content, uint32_t *uid_r)
{
	unsigned char canon[16];

	memset(canon, content, sizeof(canon));
	return held_claim(h, canon, uid_r);
}

static void
each_message_stands_for_one(void **state)
{
	struct toy t = toy_with(2);
	uint32_t uid, other;
	struct held h;

	(void)state;
	held_init(&h);
	look(&h, &t, 1);
	assert_true(claim(&h, 1, &uid));
	assert_true(claim(&h, 1, &other));
	assert_int_not_equal(uid, other);
	assert_false(claim(&h, 1, &uid));
	held_release(&h);
}

static void
an_equal_header_alone_claims_nothing(void **state)
{
	struct toy t = toy_with(1);
	struct held h;
	uint32_t uid;

	(void)state;
	t.v[0].canon = 2;
	held_init(&h);
	look(&h, &t, 1);
	assert_false(claim(&h, 1, &uid));
	assert_true(claim(&h, 2, &uid));
	held_release(&h);
}

static void
only_candidates_are_read_and_only_once(void **state)
{
	struct toy t = toy_with(3);
	struct held h;

	(void)state;
	t.v[1].fp = 7;
	held_init(&h);
	look(&h, &t, 1);
	assert_int_equal(t.reads, 2);
	look(&h, &t, 1);
	assert_int_equal(t.reads, 2);
	held_release(&h);
}

static void
what_a_journal_knows_by_uid_is_taken(void **state)
{
	struct toy t = toy_with(1);
	struct held h;
	uint32_t uid;

	(void)state;
	held_init(&h);
	look(&h, &t, 1);
	assert_true(held_claim_uid(&h, 10));
	assert_false(held_claim_uid(&h, 11));
	assert_false(claim(&h, 1, &uid));
	held_release(&h);
}

/* Two copies went out, the answer to the second was lost: one of what lies
 * there pays for the first, and only one more may stand for the second. */
static void
debts_are_paid_before_anything_is_claimed(void **state)
{
	struct toy t = toy_with(1);
	struct fingerprint fp = fp_of(1);
	unsigned char canon[16];
	struct held h;
	uint32_t uid;

	(void)state;
	memset(canon, 1, sizeof(canon));
	held_init(&h);
	held_appended(&h, 0, &fp, canon);
	look(&h, &t, 1);
	assert_false(claim(&h, 1, &uid));
	assert_false(held_owes(&h, NULL));
	held_release(&h);
}

static void
a_debt_that_nothing_pays_stays(void **state)
{
	struct toy t = toy_with(1);
	struct held_debt d = { .fp = fp_of(9), .owner = &t };
	struct held h;
	uint32_t uid;

	(void)state;
	held_init(&h);
	held_owe(&h, &d);
	look(&h, &t, 1);
	assert_true(held_owes(&h, &t));
	assert_true(claim(&h, 1, &uid));
	held_release(&h);
}

static void
only_new_mail_is_listed_again(void **state)
{
	struct toy t = toy_with(1);
	struct fingerprint fp = fp_of(1);
	unsigned char canon[16] = { 0 };
	struct held h;

	(void)state;
	held_init(&h);
	look(&h, &t, 1);
	held_appended(&h, 11, &fp, canon);
	t = toy_with(3);
	look(&h, &t, 1);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.v[1].uid, 12);
	held_release(&h);
}

static enum rc
copies_scan(struct store *s, uint32_t first, unsigned want, store_scan_fn *fn,
    void *arg, uint64_t *seen_r, struct fault *f)
{
	const struct fingerprint fp = fp_of(1);
	struct msg m = { .keywords = "" };

	(void)s;
	(void)want;
	for (m.uid = first; m.uid <= COPIES; m.uid++)
		assert_int_equal(fn(arg, &m, &fp, f), RC_OK);
	*seen_r = COPIES;
	return RC_OK;
}

static enum rc
copies_read(struct store *s, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct toy *t = (struct toy *)s;
	struct body body;
	size_t i;

	memset(&body, 0, sizeof(body));
	memset(body.digest.canon, 2, sizeof(body.digest.canon));
	t->reads += (unsigned)n;
	for (i = 0; i < n; i++)
		assert_int_equal(fn(arg, &m[i], READ_BODY, &body, "", f),
		    RC_OK);
	return RC_OK;
}

/* As a run does that restores as many. */
static void
many_copies_of_one_message_cost_no_more_than_others(void **state)
{
	static const struct store_ops ops = { .scan = copies_scan,
		.read = copies_read };
	struct toy t = { .store.ops = &ops };
	uint32_t uid, i;
	struct held h;

	(void)state;
	held_init(&h);
	for (i = 1; i <= COPIES; i++) {
		if (i % 100 == 1)
			look(&h, &t, 1);
		if (i % 3 == 0)
			assert_true(held_claim_uid(&h, i / 3));
		else
			assert_true(claim(&h, 2, &uid));
	}
	assert_int_equal(t.reads, COPIES);
	assert_false(claim(&h, 2, &uid));
	printf("# %llu steps\n", (unsigned long long)h.steps);
	assert_true(h.steps <= 4 * COPIES);
	held_release(&h);
}

static void
a_list_in_any_order_is_taken(void **state)
{
	static const uint32_t uids[] = { 12, 15, 11, 15, 13, 11, 14 };
	struct toy t = toy_with(7);
	struct held h;
	uint32_t uid;
	size_t i;

	(void)state;
	for (i = 0; i < 7; i++)
		t.v[i].uid = uids[i];
	held_init(&h);
	look(&h, &t, 1);
	assert_int_equal(h.n, 5);
	for (uid = 11; uid <= 15; uid++)
		assert_true(held_claim_uid(&h, uid));
	assert_false(claim(&h, 1, &uid));
	held_release(&h);
}

static void
what_did_not_come_is_asked_for_again(void **state)
{
	struct fingerprint fp = fp_of(1);
	struct toy t = toy_with(4);
	struct msgs want = MSGS_INIT;
	struct fault f = FAULT_INIT;
	struct held h;
	uint32_t uid;
	size_t i;

	(void)state;
	held_init(&h);
	assert_int_equal(held_scan(&h, &t.store, &f), RC_OK);
	held_want(&h, &fp, &want);
	assert_int_equal(want.n, 4);
	t.cut = true;
	assert_int_equal(held_read(&h, &t.store, &want, &f), RC_STORE);
	held_want(&h, &fp, &want);
	assert_int_equal(want.n, 2);
	assert_int_equal(held_read(&h, &t.store, &want, &f), RC_OK);
	for (i = 0; i < 4; i++)
		assert_true(claim(&h, 1, &uid));
	assert_false(claim(&h, 1, &uid));
	msgs_release(&want);
	held_release(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_stands_for_one),
		cmocka_unit_test(an_equal_header_alone_claims_nothing),
		cmocka_unit_test(only_candidates_are_read_and_only_once),
		cmocka_unit_test(what_a_journal_knows_by_uid_is_taken),
		cmocka_unit_test(debts_are_paid_before_anything_is_claimed),
		cmocka_unit_test(a_debt_that_nothing_pays_stays),
		cmocka_unit_test(only_new_mail_is_listed_again),
		cmocka_unit_test(
		    many_copies_of_one_message_cost_no_more_than_others),
		cmocka_unit_test(a_list_in_any_order_is_taken),
		cmocka_unit_test(what_did_not_come_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
