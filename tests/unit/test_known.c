#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backup/known.h"
#include "mail/flags.h"

/* Two folders of one name, and three messages in one of them. */
static struct known *
make(struct known_folder **r)
{
	static const struct msg m[] = { { .uid = 5, .keywords = "" },
		{ .uid = 2, .flags = FLAG_SEEN, .keywords = "a b" },
		{ .uid = 9, .keywords = "" } };
	struct known *k = known_new();
	size_t i;

	(void)known_add_folder(k, "INBOX", 7);
	*r = known_add_folder(k, "INBOX", 8);
	(*r)->claim = (struct folder_claim){ .uidnext = 10,
		.highestmodseq = 100,
		.exists = 3,
		.seen = 3 };
	for (i = 0; i < 3; i++)
		known_add(k, *r, &m[i]);
	return k;
}

static void
a_folder_is_its_name_and_uidvalidity(void **state)
{
	struct known_folder *p;
	struct known *k = make(&p);

	(void)state;
	assert_ptr_equal(known_find(k, "INBOX", 8), p);
	assert_ptr_equal(known_find(k, "INBOX", 7), known_folder(k, 0));
	assert_null(known_find(k, "INBOX", 9));
	assert_null(known_find(k, "Inbox", 8));
	assert_null(known_find(k, "INBOX", 0));
	assert_null(known_named(k, "INBOX", true));
	p->number = 3;
	assert_ptr_equal(known_named(k, "INBOX", true), p);
	assert_null(known_named(k, "INBOX", false));
	p->parent = 1;
	assert_ptr_equal(known_named(k, "INBOX", false), p);
	known_free(k);
}

static void
status_shows_what_did_not_change(void **state)
{
	static const struct {
		struct folder folder;
		struct folder_claim claim;
		bool same;
		uint64_t since;
	} cases[] = {
#define STATUS(u, m, n, q)          \
	{ .status_known = true,     \
		.uidvalidity = (u), \
		.messages = (m),    \
		.uidnext = (n),     \
		.modseq = (q) }
#define CLAIM(n, q, e, s)                                            \
	{                                                            \
		.uidnext = (n), .highestmodseq = (q), .exists = (e), \
		.seen = (s)                                          \
	}
		{ STATUS(8, 3, 10, 100), CLAIM(10, 100, 3, 3), true, 100 },
		{ STATUS(9, 3, 10, 100), CLAIM(10, 100, 3, 3), false, 0 },
		{ STATUS(8, 2, 10, 100), CLAIM(10, 100, 3, 3), false, 100 },
		{ STATUS(8, 3, 11, 100), CLAIM(10, 100, 3, 3), false, 100 },
		{ STATUS(8, 3, 10, 101), CLAIM(10, 100, 3, 3), false, 100 },
		{ STATUS(8, 3, 10, 99), CLAIM(10, 100, 3, 3), false, 0 },
		{ STATUS(8, 3, 10, 0), CLAIM(10, 0, 3, 3), false, 0 },
		{ STATUS(8, 3, 10, 1), CLAIM(10, 1, 3, 3), false, 0 },
		{ STATUS(8, 3, 0, 100), CLAIM(0, 100, 3, 3), false, 100 },
		/* the server did not show all */
		{ STATUS(8, 3, 10, 100), CLAIM(10, 100, 3, 2), false, 0 },
		/* nothing in it, then and now */
		{ STATUS(8, 0, 11, 0), CLAIM(10, 0, 0, 0), true, 0 },
		{ { .uidvalidity = 8 }, CLAIM(10, 100, 3, 3), false, 0 },
	};
	struct known_folder *p;
	struct known *k = make(&p);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p->claim = cases[i].claim;
		assert_int_equal(known_is_unchanged(p, &cases[i].folder),
		    cases[i].same);
		assert_true(known_since(p, &cases[i].folder) == cases[i].since);
	}
	/* What was refused is asked for again, and what was left out by the
	 * selection cannot be counted. */
	p->claim = cases[0].claim;
	p->claim.refused = 1;
	assert_false(known_is_unchanged(p, &cases[0].folder));
	assert_true(known_since(p, &cases[0].folder) == 0);
	p->claim.refused = 0;
	p->claim.unselected = 1;
	assert_true(known_is_unchanged(p, &cases[0].folder));
	assert_true(known_since(p, &cases[0].folder) == 0);
	known_free(k);
}

static struct msg listed[] = { { .uid = 2, .keywords = "a b" },
	{ .uid = 5, .keywords = "" }, { .uid = 11, .keywords = "" } };

/* UIDs of what is left of the list. */
static void
look(struct known *k, struct known_folder *p, struct harvest_folder *h,
    size_t from, size_t n, struct known_news *r)
{
	size_t i;

	msgs_clear(&h->listed);
	for (i = from; i < from + n; i++)
		msgs_add(&h->listed, &listed[i]);
	known_look(k, p, h, r);
}

static void
a_list_shows_what_is_new_changed_and_gone(void **state)
{
	struct harvest_folder h = { .seen = 3, .exists = 3 };
	struct known_folder *p;
	struct known *k = make(&p);
	struct known_news news;

	(void)state;
	look(k, p, &h, 0, 3, &news);
	assert_int_equal(news.added, 1);
	assert_int_equal(news.kept, 2);
	assert_int_equal(news.changed, 1); /* 2 is not seen any more */
	assert_int_equal(news.removed, 1); /* 9 */
	assert_int_equal(h.listed.n, 1);
	assert_int_equal(h.listed.v[0].uid, 11);
	/* and is known then; 11 as soon as it is stored */
	look(k, p, &h, 0, 3, &news);
	assert_int_equal(news.added, 1);
	assert_int_equal(news.changed + news.removed, 0);
	known_add(k, p, &listed[2]);
	look(k, p, &h, 0, 3, &news);
	assert_int_equal(news.kept, 3);
	assert_int_equal(news.added + news.changed + news.removed, 0);
	/* a server that does not show all it has */
	h.seen = 1;
	look(k, p, &h, 0, 1, &news);
	assert_int_equal(news.kept, 3);
	assert_int_equal(news.removed, 0);
	msgs_release(&h.listed);
	known_free(k);
}

static void
changes_count_as_a_list_does(void **state)
{
	struct harvest_gone gone[] = { { 3, 4 }, { 6, 10 } };
	struct harvest_folder h = { .uidvalidity = 8,
		.highestmodseq = 102,
		.exists = 3,
		.changes = true,
		.gone = gone,
		.gone_n = 2 };
	struct known_folder *p;
	struct known *k = make(&p);
	struct known_news news;

	(void)state;
	msgs_add(&h.listed, &listed[0]);
	msgs_add(&h.listed, &listed[2]);
	assert_true(known_suffices(p, &h)); /* 3 and 11, without 9 */
	h.exists = 2;
	assert_false(known_suffices(p, &h));
	h.exists = 4;
	assert_false(known_suffices(p, &h));
	h.unselected = 1;
	assert_true(known_suffices(p, &h));
	h.unselected = 0;
	h.exists = 3;
	h.uidvalidity = 9;
	assert_false(known_suffices(p, &h));
	h.uidvalidity = 8;
	h.highestmodseq = 99;
	assert_false(known_suffices(p, &h));
	h.highestmodseq = 102;
	known_look(k, p, &h, &news);
	assert_int_equal(news.added, 1);
	assert_int_equal(news.kept, 2);
	assert_int_equal(news.changed, 1);
	assert_int_equal(news.removed, 1);
	/* MODSEQ rose, and nothing is told */
	h.gone_n = h.listed.n = 0;
	h.exists = 2;
	assert_false(known_suffices(p, &h));
	h.highestmodseq = 100;
	assert_true(known_suffices(p, &h));
	msgs_release(&h.listed);
	known_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_its_name_and_uidvalidity),
		cmocka_unit_test(status_shows_what_did_not_change),
		cmocka_unit_test(a_list_shows_what_is_new_changed_and_gone),
		cmocka_unit_test(changes_count_as_a_list_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
