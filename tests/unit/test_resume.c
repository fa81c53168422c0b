/* Going on with an archive whose writer was cut short: wherever that was,
 * what comes out is the archive that would have been, octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/salvage_kit.h"

static const char *const FOLDERS[] = { "INBOX", "A/B", "Empty" };
static const struct kit_mail MAIL[] = {
	{ 0, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, FLAG_SEEN, "x y" },
	{ 0, 2, "S: two\r\n\r\n2\n", 0, 100, false, 0, "z" },
	{ 1, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, 0, NULL },
	{ 1, 9, "S: three\r\n\r\n3\r\n", 0, 101, false, 0, "y" },
	{ 1, 3, "S: one\r\n\r\n1\r\n", 0, 102, false, 0, NULL },
	{ 0, 3, "S: five\r\n\r\n5\r\n", 0, 0, true, 0, "a z" },
	{ 0, 4, "S: two\r\n\r\n2\n", 0, 100, false, 0, "x" },
};
enum { MAILS = sizeof(MAIL) / sizeof(MAIL[0]) };
static const struct kit_plan PLAN = { .folder = FOLDERS,
	.folders = 3,
	.mail = MAIL,
	.n = MAILS,
	.flush_every = 2 };

/* The last D is Dovecot's files and the final.  Links lead over each border;
 * folders go on behind them. */
enum { H, D1, M1, D2, M2, D3, M3, D4, M4, D5, M5, SEEK, PARTS };

struct lab {
	struct kit kit;
	struct kit_archive a;
	struct frames f;
};

/* Octets up to and with a part. */
static size_t
end_of(const struct lab *l, size_t part)
{
	return l->f.at[part] + l->f.len[part];
}

static size_t
whole_segments(const struct lab *l, size_t n)
{
	size_t i, whole = 0;

	for (i = M1; i <= M4; i += 2)
		whole += end_of(l, i) <= n;
	return whole;
}

static bool
is_the_same(struct lab *l, struct kit_archive *a)
{
	return a->bytes.len == l->a.bytes.len &&
	    memcmp(a->bytes.data, l->a.bytes.data, a->bytes.len) == 0 &&
	    strcmp(buf_str(&l->a.minisig), buf_str(&a->minisig)) == 0;
}

/* The first n octets are good. */
static void
goes_on(struct lab *l, const struct buf *b, size_t n)
{
	struct kit_resumed r;

	kit_resume(&l->kit, &PLAN, b->data, b->len, &r);
	if (r.rc != RC_OK)
		fail_msg("%zu of %zu octets: %s", n, b->len, r.fault.text);
	if (!is_the_same(l, &r.a))
		fail_msg("%zu of %zu octets: another archive", n, b->len);
	assert_false(r.was.anew);
	if (n < end_of(l, M5)) {
		assert_false(r.was.complete);
		assert_int_equal(r.was.segments, whole_segments(l, n));
	} else {
		assert_true(r.was.complete);
	}
	assert_int_equal(r.was.kept + r.was.cut, b->len);
	kit_release(&r.a);
}

static void
is_whole(struct lab *l, struct kit_archive *a)
{
	struct kit_read read = { .options = ARCHIVE_DETACHED };

	kit_read(&l->kit, &PLAN, a->bytes.data, a->bytes.len, &a->minisig,
	    &read);
	assert_int_equal(read.rc, RC_END);
	assert_int_equal(read.messages, MAILS);
	assert_int_equal(read.wrong, 0);
}

static void
begins_anew(struct lab *l, const struct buf *b)
{
	struct kit_resumed r;

	kit_resume(&l->kit, &PLAN, b->data, b->len, &r);
	assert_int_equal(r.rc, RC_OK);
	assert_true(r.was.anew);
	assert_int_equal(r.was.messages, 0);
	is_whole(l, &r.a);
	kit_release(&r.a);
}

static void
is_refused(struct lab *l, const struct kit_plan *p, const struct buf *b,
    enum cause cause, const char *text)
{
	struct kit_resumed r;

	kit_resume(&l->kit, p, b->data, b->len, &r);
	if (r.rc == RC_OK)
		fail_msg("wanted: %s", text);
	assert_int_equal(r.rc, RC_STORE);
	assert_int_equal(r.fault.cause, cause);
	if (strstr(r.fault.text, text) == NULL)
		fail_msg("wanted: %s\ngot: %s", text, r.fault.text);
	assert_true(r.untouched);
}

static void
a_cut_at_any_octet_leaves_no_trace(void **state)
{
	struct lab *l = *state;
	struct buf b = BUF_INIT;
	size_t n, border = H;

	for (n = 0; n <= l->a.bytes.len; n++) {
		while (border < SEEK && n > end_of(l, border) + 2)
			border++;
		/* All near a border, and every 11th elsewhere. */
		if (n + 2 < end_of(l, border) && n % 11 != 0)
			continue;
		buf_clear(&b);
		buf_add(&b, l->a.bytes.data, n);
		if (n < end_of(l, H))
			begins_anew(l, &b);
		else
			goes_on(l, &b, n);
	}
	buf_release(&b);
}

/* What a file system leaves of what was not written yet. */
static void
fill_up(struct lab *l, struct buf *b, unsigned kind)
{
	const size_t n = l->a.bytes.len - b->len + 1000;
	size_t i;

	switch (kind) {
	case 0:
		memset(buf_room(b, n), 0, n);
		b->len += n;
		break;
	case 1:
		for (i = 0; i < n; i++)
			buf_addc(b, (int)(i * 2654435761U >> 11 & 0xff));
		break;
	case 2: /* blocks of a file that was there before: authentic ones */
		buf_add(b, l->a.bytes.data, end_of(l, M1));
		break;
	default: /* the end was written, what lies before it was not */
		memset(buf_room(b, n), 0, 40);
		b->len += 40;
		if (b->len < l->a.bytes.len)
			buf_add(b, l->a.bytes.data + b->len,
			    l->a.bytes.len - b->len);
		break;
	}
}

static void
nul_and_garbage_behind_the_last_segment_are_cut_off(void **state)
{
	struct lab *l = *state;
	struct buf b = BUF_INIT;
	size_t i, part, n;
	unsigned kind;

	for (part = H; part <= M5; part++) {
		for (i = 0; i < 3; i++) {
			for (kind = 0; kind < 3; kind++) {
				n = end_of(l, part) - i * l->f.len[part] / 3;
				if (n < end_of(l, H))
					continue;
				buf_clear(&b);
				buf_add(&b, l->a.bytes.data, n);
				fill_up(l, &b, kind);
				goes_on(l, &b, n);
			}
		}
	}
	buf_release(&b);
}

static void
a_hole_with_whole_segments_behind_it_is_refused(void **state)
{
	struct lab *l = *state;
	struct buf b = BUF_INIT;

	buf_add(&b, l->a.bytes.data, end_of(l, M1) + 10);
	fill_up(l, &b, 3);
	is_refused(l, &PLAN, &b, CAUSE_DATA,
	    "segment 2 is damaged and segment 3 behind it is whole");
	/* a manifest whose data is lost, too, is no whole segment */
	memset(b.data + l->f.at[D3], 0, l->f.len[D3]);
	memset(b.data + l->f.at[D4], 0, l->f.len[D4]);
	memset(b.data + l->f.at[D5], 0, l->f.len[D5]);
	goes_on(l, &b, end_of(l, M1));
	buf_release(&b);
}

/* What a frame's header says beyond its content no one but the next manifest
 * vouches for: that one is cut off then, and made again. */
static void
is_refused_or_goes_on(struct lab *l, const struct buf *b)
{
	struct kit_resumed r;

	kit_resume(&l->kit, &PLAN, b->data, b->len, &r);
	if (r.rc == RC_OK)
		is_whole(l, &r.a);
	else
		assert_true(r.untouched);
	kit_release(&r.a);
}

static void
a_changed_octet_is_refused_or_made_again(void **state)
{
	struct lab *l = *state;
	struct buf b = BUF_INIT;
	size_t n;

	buf_add(&b, l->a.bytes.data, l->a.bytes.len);
	for (n = 0; n < b.len; n += n % 3 + 5) {
		b.data[n] ^= (unsigned char)(1 << n % 8);
		if (n < end_of(l, H))
			is_refused(l, &PLAN, &b, CAUSE_DATA, "");
		else if (n < l->f.at[M4])
			is_refused(l, &PLAN, &b, CAUSE_DATA, "is damaged");
		else if (n < end_of(l, M4))
			is_refused_or_goes_on(l, &b);
		else
			goes_on(l, &b, n);
		b.data[n] ^= (unsigned char)(1 << n % 8);
	}
	buf_release(&b);
}

static void
what_is_not_of_this_run_is_refused(void **state)
{
	struct lab *l = *state;
	struct kit_plan p = PLAN;
	struct kit other;
	struct buf b = BUF_INIT;

	buf_add(&b, l->a.bytes.data, end_of(l, M2));
	p.account = "imap://bob@host";
	is_refused(l, &p, &b, CAUSE_USAGE,
	    "a backup of 'imap://anna@host', not of 'imap://bob@host'");
	p = PLAN;
	p.segment_size = 12345;
	is_refused(l, &p, &b, CAUSE_USAGE, "another --segment-size");
	kit_open(&other);
	p = PLAN;
	p.key = other.key;
	is_refused(l, &p, &b, CAUSE_DATA, "signature was made with key");
	kit_close(&other);
	buf_clear(&b);
	buf_adds(&b, "From: a note of somebody's\n");
	is_refused(l, &PLAN, &b, CAUSE_DATA, "is not a mailproof archive");
	buf_release(&b);
}

static void
what_holds_nothing_is_begun_anew(void **state)
{
	struct lab *l = *state;
	struct buf b = BUF_INIT;

	begins_anew(l, &b);
	memset(buf_room(&b, 100000), 0, 100000);
	b.len = 100000;
	begins_anew(l, &b);
	buf_release(&b);
}

/* The packer is slower to be cut in many segments of one message. */
static void
files_of_dovecot_without_the_final_are_made_again(void **state)
{
	struct lab *l = *state;
	struct kit_plan p = PLAN;
	struct kit_archive a;
	struct kit_resumed r;
	struct frames f;
	size_t i;

	p.segment_size = 1;
	kit_write(&l->kit, &p, &a);
	frames_of(&a.bytes, &f);
	assert_true(f.n > (size_t)2 * MAILS + 12);
	for (i = 2 * MAILS; i + 1 < f.n; i += 2) {
		kit_resume(&l->kit, &p, a.bytes.data, f.at[i] + f.len[i], &r);
		assert_int_equal(r.rc, RC_OK);
		assert_int_equal(r.was.messages, MAILS);
		assert_int_equal(r.a.bytes.len, a.bytes.len);
		assert_memory_equal(r.a.bytes.data, a.bytes.data, a.bytes.len);
		kit_release(&r.a);
	}
	kit_release(&a);
}

static int
open_all(void **state)
{
	static struct lab l;

	kit_open(&l.kit);
	kit_write(&l.kit, &PLAN, &l.a);
	frames_of(&l.a.bytes, &l.f);
	assert_int_equal(l.f.n, PARTS);
	*state = &l;
	return 0;
}

static int
close_all(void **state)
{
	struct lab *l = *state;

	kit_release(&l->a);
	kit_close(&l->kit);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_at_any_octet_leaves_no_trace),
		cmocka_unit_test(
		    nul_and_garbage_behind_the_last_segment_are_cut_off),
		cmocka_unit_test(
		    a_hole_with_whole_segments_behind_it_is_refused),
		cmocka_unit_test(a_changed_octet_is_refused_or_made_again),
		cmocka_unit_test(what_is_not_of_this_run_is_refused),
		cmocka_unit_test(what_holds_nothing_is_begun_anew),
		cmocka_unit_test(
		    files_of_dovecot_without_the_final_are_made_again),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
