#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restore/twins.h"

enum { COPIES = 3 };

/* Of one content: what stands at UID 1 and up, what the archive has for the
 * first of them, and the UIDs that are to be those in the end. */
static const struct row {
	unsigned now[COPIES];
	const char *words[COPIES];
	size_t n; /* that the archive has */
	unsigned then[COPIES];
	const char *wanted[COPIES];
	uint32_t uid[COPIES];
} rows[] = {
	{ { 1, 1, 1 }, { "", "", "" }, 2, { 1, 1 }, { "", "" }, { 1, 2 } },
	{ { 0, 1, 2 }, { "", "", "" }, 1, { 2 }, { "" }, { 3 } },
	{ { 0, 1, 2 }, { "", "", "" }, 3, { 2, 0, 1 }, { "", "", "" },
	    { 3, 1, 2 } },
	{ { 4, 1, 4 }, { "", "", "" }, 2, { 1, 2 }, { "", "" }, { 2, 1 } },
	{ { 0, 0, 0 }, { "x", "B a", "a" }, 2, { 0, 0 }, { "A b", "" },
	    { 2, 1 } },
	/* keywords that the folder cannot keep, and a flag */
	{ { 8, 0, 1 }, { "a", "b", "" }, 2, { 1, 0 }, { "no", "b" }, { 3, 2 } },
};

static void
add(struct held *h, struct held_message *v, const struct row *row,
    struct stoods *s)
{
	const struct fingerprint fp = { { 0 } };
	struct msg m;
	size_t i;

	memset(v, 0, COPIES * sizeof(*v));
	held_init(h);
	h->v = v;
	h->n = h->sorted = COPIES;
	for (i = 0; i < COPIES; i++) {
		v[i].uid = (uint32_t)i + 1;
		v[i].state = i < row->n ? HELD_CLAIMED : HELD_READ;
		m = (struct msg){ .flags = row->then[i],
			.keywords = row->wanted[i] };
		if (i < row->n)
			stood_add(s, v[i].uid, &m, &fp);
	}
}

static void
check(const struct row *row, const struct held *h, struct stoods *s)
{
	const struct stood *stood;
	unsigned claimed = 0;
	size_t i;

	for (i = 0; i < row->n; i++) {
		stood = stood_find(s, row->uid[i]);
		assert_non_null(stood);
		assert_int_equal(row->then[i], stood->flags);
		assert_string_equal(row->wanted[i], stood->keywords);
		assert_int_equal(HELD_CLAIMED,
		    held_find(h, row->uid[i])->state);
	}
	for (i = 0; i < COPIES; i++)
		claimed += h->v[i].state == HELD_CLAIMED;
	assert_int_equal(row->n, claimed);
}

static void
those_that_agree_are_paired(void **state)
{
	struct folder_state keeps;
	struct held_message v[COPIES];
	struct held h;
	struct twins t;
	struct stoods s;
	struct msg m;
	size_t i;
	uint32_t k;

	(void)state;
	folder_state_init(&keeps);
	keeps.permanent_flags = 1 | 2 | 4;
	keeps.permanent_any = false;
	strs_add(&keeps.permanent_keywords, "a");
	strs_add(&keeps.permanent_keywords, "B");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&s, 0, sizeof(s));
		add(&h, v, &rows[i], &s);
		twins_find(&t, &h, &s);
		for (k = 0; k < COPIES; k++) {
			m = (struct msg){ .uid = k + 1,
				.flags = rows[i].now[k],
				.keywords = rows[i].words[k] };
			assert_true(twins_take(&t, &m));
		}
		twins_pair(&t, &h, &s, &keeps);
		check(&rows[i], &h, &s);
		twins_release(&t);
		stood_release(&s);
	}
	folder_state_release(&keeps);
}

static void
one_that_is_alone_is_no_twin(void **state)
{
	struct held_message v[COPIES];
	struct held h;
	struct twins t;
	struct stoods s = { .n = 0 };
	const struct msg m = { .uid = 1, .keywords = "" };
	uint32_t k;

	(void)state;
	add(&h, v, &rows[0], &s);
	for (k = 0; k < COPIES; k++)
		v[k].key[0] = (unsigned char)k;
	twins_find(&t, &h, &s);
	assert_false(twins_take(&t, &m));
	twins_pair(&t, &h, &s, NULL);
	check(&rows[0], &h, &s);
	twins_release(&t);
	stood_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_agree_are_paired),
		cmocka_unit_test(one_that_is_alone_is_no_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
