#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "survey/facts/sums.h"
#include "survey/walk/copies.h"
#include "survey/walk/look.h"
#include "util/buf.h"

#define GOOD "Message-ID: <1>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n"
#define BIT(u) (1U << (u))

enum { SEED = 7 };

static void
look(const char *mail, size_t n, struct buf *note, struct look *l,
    struct look_cursor *c)
{
	struct intake *in = intake_new(1 << 20);
	struct fault f = FAULT_INIT;
	struct body b;

	intake_begin(in);
	assert_int_equal(intake_add(in, mail, n, &f), RC_OK);
	assert_int_equal(intake_end(in, &b, &f), RC_OK);
	buf_clear(note);
	assert_int_equal(look_at_body(&b, SEED, note, &f), RC_OK);
	look_open(note, l, c);
	intake_free(in);
}

static void
what_is_ugly_is_seen(void **state)
{
	static const struct {
		const char *mail;
		size_t n; /* 0: up to its NUL */
		unsigned ugly;
	} rows[] = {
		{ GOOD "\r\nbody\r\n", 0, 0 },
		{ GOOD "message-id: <2>\r\n\r\n", 0, 0 },
		{ GOOD "X: \xc3\xbc\r\n\r\n", 0,
		    BIT(UGLY_8BIT_HEADER) | BIT(UGLY_UTF8_HEADER) },
		{ GOOD "X: \xfc\r\n\r\n", 0, BIT(UGLY_8BIT_HEADER) },
		{ GOOD "no field\r\n\r\n", 0, BIT(UGLY_BAD_HEADER) },
		{ GOOD "a b: c\r\n\r\n", 0, BIT(UGLY_BAD_HEADER) },
		{ "Message-ID:\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\n",
		    0, BIT(UGLY_NO_ID) },
		{ "Message-ID: x\r\nDate: yesterday\r\n\r\n", 0,
		    BIT(UGLY_DATE_FIELD) },
		{ "\r\nbody\r\n", 0,
		    BIT(UGLY_NO_ID) | BIT(UGLY_DATE_FIELD) |
			BIT(UGLY_NO_HEADER) },
		{ GOOD "\r\nb\xfc\r\n", 0, BIT(UGLY_8BIT_BODY) },
		{ GOOD "\r\na\nb\r\n", 0, BIT(UGLY_BARE_LF) },
		{ GOOD "\r\na\rb\r\n", 0, BIT(UGLY_BARE_CR) },
		{ GOOD "\r\na\r\r\n", 0, BIT(UGLY_BARE_CR) },
		{ GOOD "\r\na", 0, BIT(UGLY_NO_END) },
		{ GOOD "\r\na\r", 0, BIT(UGLY_NO_END) | BIT(UGLY_BARE_CR) },
		{ GOOD "\r\na\0b\r\n", sizeof(GOOD "\r\na\0b\r\n") - 1,
		    BIT(UGLY_NUL) },
		{ GOOD "X: a\0\r\n\r\n", sizeof(GOOD "X: a\0\r\n\r\n") - 1,
		    BIT(UGLY_NUL) | BIT(UGLY_NUL_HEADER) },
	};
	struct buf note = BUF_INIT;
	struct look_cursor c;
	struct look l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		look(rows[i].mail,
		    rows[i].n > 0 ? rows[i].n : strlen(rows[i].mail), &note, &l,
		    &c);
		assert_int_equal(l.ugly, rows[i].ugly);
	}
	look("", 0, &note, &l, &c);
	assert_true((l.ugly & BIT(UGLY_EMPTY)) != 0);
	assert_true((l.ugly & BIT(UGLY_NO_END)) == 0);
	buf_release(&note);
}

static void
lines_are_measured_without_their_end(void **state)
{
	static const struct {
		size_t octets;
		unsigned ugly;
	} rows[] = { { 998, 0 }, { 999, BIT(UGLY_LINE_998) },
		{ 10000, BIT(UGLY_LINE_998) },
		{ 10001, BIT(UGLY_LINE_998) | BIT(UGLY_LINE_10000) } };
	static const char *const ends[] = { "\r\n", "\n", "" };
	const unsigned both = BIT(UGLY_LINE_998) | BIT(UGLY_LINE_10000);
	struct buf mail = BUF_INIT, note = BUF_INIT;
	struct look_cursor c;
	struct look l;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (k = 0; k < 3; k++) {
			buf_clear(&mail);
			buf_adds(&mail, GOOD "\r\n");
			for (n = 0; n < rows[i].octets; n++)
				buf_addc(&mail, 'x');
			buf_adds(&mail, ends[k]);
			look((char *)mail.data, mail.len, &note, &l, &c);
			assert_int_equal(l.longest, rows[i].octets);
			assert_int_equal(l.ugly & both, rows[i].ugly);
		}
	buf_release(&mail);
	buf_release(&note);
}

static void
a_note_holds_subject_and_attachments(void **state)
{
	static const char mail[] =
	    "Subject: =?utf-8?Q?=C3=9Cber?=\r\n" GOOD
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	    "--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png\r\n\r\nabc\r\n"
	    "--b\r\nContent-Type: application/octet-stream; name=a.zip\r\n\r\n"
	    "abcd\r\n--b--\r\n";
	struct buf note = BUF_INIT;
	struct look_cursor c;
	struct look l;

	(void)state;
	look(mail, strlen(mail), &note, &l, &c);
	assert_string_equal(c.subject, "Über");
	assert_true(l.structured && l.read && l.has_id && l.date.known);
	assert_int_equal(l.size, strlen(mail));
	assert_int_equal(l.attachments, 2);
	assert_true(look_next(&c));
	assert_string_equal(c.type, "image/png");
	assert_int_equal(c.octets, 3);
	assert_true(look_next(&c));
	assert_string_equal(c.type, "application/octet-stream .zip");
	assert_int_equal(c.octets, 4);
	assert_false(look_next(&c));
	buf_release(&note);
}

static void
a_glance_without_anything_counts_nothing(void **state)
{
	const struct store_glance nothing = { .header = NULL };
	struct buf note = BUF_INIT;
	struct look_cursor c;
	struct look l;

	(void)state;
	look_at_glance(&nothing, 5, SEED, &note);
	look_open(&note, &l, &c);
	assert_false(l.keyed || l.has_id || l.structured || l.read);
	assert_int_equal(l.ugly, BIT(UGLY_STRUCTURE));
	assert_false(look_next(&c));
	buf_release(&note);
}

/* "folder key id": each letter or number the same thing. */
static void
count(const char *what, struct copies *r)
{
	struct copy_list list = { NULL, 0, 0 };
	struct look l;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; what[i] != '\0'; i += what[i + 3] == ' ' ? 4 : 3) {
		memset(&l, 0, sizeof(l));
		l.key[15] = (unsigned char)what[i + 1];
		l.keyed = what[i + 1] != '-';
		l.id = (uint64_t)what[i + 2];
		l.has_id = what[i + 2] != '-';
		copies_add(&list, (uint32_t)(what[i] - '0'), &l, 10);
	}
	copies_end(&list, r);
	copies_release(&list);
}

static void
copies_and_shared_ids_are_counted(void **state)
{
	static const struct {
		const char *messages;
		struct copies want;
	} rows[] = {
		{ "", { .groups = 0 } },
		{ "0ax 0by 1cz", { .groups = 0 } },
		/* n copies: n - 1 to spare */
		{ "0ax 0ax 1ax",
		    { .groups = 1,
			.spare = 2,
			.spare_here = 1,
			.bytes = 20,
			.largest = 3 } },
		/* one in another folder alone */
		{ "0ax 1ax 2by",
		    { .groups = 1, .spare = 1, .bytes = 10, .largest = 2 } },
		/* the same identifier on other mail */
		{ "0ax 0bx 1ax",
		    { .groups = 1,
			.spare = 1,
			.bytes = 10,
			.largest = 2,
			.shared_ids = 1,
			.shared = 3 } },
		{ "0ax 0bx 0cy 0dy", { .shared_ids = 2, .shared = 4 } },
		/* what is not known is like nothing else */
		{ "0-- 0-- 0a- 0b-", { .groups = 0 } },
		{ "0a- 0-- 0ax",
		    { .groups = 1,
			.spare = 1,
			.spare_here = 1,
			.bytes = 10,
			.largest = 2 } },
	};
	struct copies got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		count(rows[i].messages, &got);
		assert_int_equal(got.groups, rows[i].want.groups);
		assert_int_equal(got.spare, rows[i].want.spare);
		assert_int_equal(got.spare_here, rows[i].want.spare_here);
		assert_int_equal(got.bytes, rows[i].want.bytes);
		assert_int_equal(got.largest, rows[i].want.largest);
		assert_int_equal(got.shared_ids, rows[i].want.shared_ids);
		assert_int_equal(got.shared, rows[i].want.shared);
	}
}

static void
sums_are_bounded_and_add_up(void **state)
{
	struct sums one, all;
	char type[32];
	size_t i;

	(void)state;
	sums_init(&one);
	sums_init(&all);
	for (i = 0; i < 2 * TYPES_MAX; i++) {
		(void)snprintf(type, sizeof(type), "x/%zu", i);
		sums_add_type(&one, type, 1, i);
	}
	for (i = 0; i < KEYWORDS_MAX + 5; i++) {
		(void)snprintf(type, sizeof(type), "k%zu", i);
		sums_add_keyword(&one, type, strlen(type), 1);
	}
	sums_add_year(&one, 2024, 1, 5);
	sums_add_year(&one, 1999, 1, 5);
	sums_add_year(&one, 9999, 1, 5);
	sums_add_year(&one, 2024, 1, 5);
	for (i = 0; i < SIZE_CLASSES; i++)
		sums_add_size(&one, size_limit(i) - 1);
	for (i = 0; i < 2; i++)
		sums_add(&all, &one);
	sums_sort(&all);
	assert_int_equal(all.types, TYPES_MAX);
	assert_string_equal(all.type[0].type, TYPE_OTHERS);
	assert_int_equal(all.type[0].parts, 2 * (TYPES_MAX + 1));
	assert_int_equal(all.keywords, KEYWORDS_MAX);
	assert_int_equal(all.other_keywords, 10);
	assert_int_equal(all.years, 3);
	assert_int_equal(all.year[0].year, 0);
	assert_int_equal(all.year[1].year, 1999);
	assert_int_equal(all.year[2].messages, 4);
	for (i = 0; i < SIZE_CLASSES; i++)
		assert_int_equal(all.size[i].messages, 2);
	sums_release(&one);
	sums_release(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ugly_is_seen),
		cmocka_unit_test(lines_are_measured_without_their_end),
		cmocka_unit_test(a_note_holds_subject_and_attachments),
		cmocka_unit_test(a_glance_without_anything_counts_nothing),
		cmocka_unit_test(copies_and_shared_ids_are_counted),
		cmocka_unit_test(sums_are_bounded_and_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
