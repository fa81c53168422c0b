/* What is left of a damaged archive: each message whose octets and whose
 * manifest are whole comes back, and nothing that is wrong ever does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/salvage_kit.h"

static const char *const FOLDERS[] = { "INBOX", "A/B" };
static const struct kit_mail MAIL[] = {
	{ 0, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, FLAG_SEEN, "x" },
	{ 0, 2, "S: two\r\n\r\n2\n", 0, 100, false, 0, NULL },
	{ 1, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, 0, NULL },
	{ 1, 2, "S: three\r\n\r\n3\r\n", 0, 101, false, 0, NULL },
	{ 1, 3, "S: one\r\n\r\n1\r\n", 0, 102, false, 0, NULL },
	{ 0, 3, "S: five\r\n\r\n5\r\n", 0, 0, true, 0, NULL },
};
enum { MAILS = sizeof(MAIL) / sizeof(MAIL[0]) };
static const struct kit_plan PLAN = { .folder = FOLDERS,
	.folders = 2,
	.mail = MAIL,
	.n = MAILS,
	.flush_every = 2 };

/* H, D1, M1, D2, M2, D3, M3, D4 (indexes, final), M4, seek table.  The
 * segments of MAIL[i]: 1 1 2 2 3 3; the third is a link to the first, the
 * fifth has the same octets and another date. */
enum { H, D1, M1, D2, M2, D3, M3, D4, M4, SEEK, PARTS };

struct lab {
	struct kit kit;
	struct kit_archive a;
	struct frames f;
};

static void
salvage(struct lab *l, const struct buf *b, struct rescue *r)
{
	rescue_bytes(&l->kit, &PLAN, b->data, b->len, r);
	if (r->wrong > 0)
		fail_msg("%zu wrong", r->wrong);
}

static void
a_whole_archive_comes_back_whole(void **state)
{
	struct lab *l = *state;
	struct rescue r;

	salvage(l, &l->a.bytes, &r);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.messages, MAILS);
	assert_int_equal(r.lost, 0);
	assert_int_equal(r.strays, 0);
	assert_true(r.ended);
	assert_true(r.headed);
	assert_int_equal(r.segments, 4);
	assert_int_equal(r.manifests, 4);
}

static size_t
frame_at(const struct lab *l, size_t at)
{
	size_t i;

	for (i = 0; i + 1 < l->f.n && l->f.at[i + 1] <= at; i++)
		;
	return i;
}

/* Wherever one octet is changed, all in other segments comes back; and so
 * does all in the same, but for what the octet is of. */
static void
check_one_octet(struct lab *l, size_t at, const struct rescue *r)
{
	const size_t part = frame_at(l, at);
	size_t i, whole = 0;

	if (r->rc != RC_OK)
		fail_msg("octet %zu: %s", at, r->fault.text);
	for (i = 0; i < MAILS; i++)
		whole += r->given[i];
	if (part == H || part >= D4) {
		if (whole != MAILS)
			fail_msg("octet %zu: %zu left", at, whole);
		return;
	}
	for (i = 0; i < MAILS; i++)
		if (!r->given[i] && (part - 1) / 2 != i / 2 && i != 2)
			fail_msg("octet %zu: message %zu is gone", at, i);
	/* All but a manifest that is lost names what it was about. */
	if ((part - 1) % 2 == 0 && r->messages + r->lost != MAILS)
		fail_msg("octet %zu: %zu and %zu", at, r->messages, r->lost);
	/* The next manifest vouches for a text that is whole. */
	if ((part - 1) % 2 == 1 && r->messages + r->strays != MAILS)
		fail_msg("octet %zu: %zu and %zu strays", at, r->messages,
		    r->strays);
}

static void
every_changed_octet_costs_what_it_is_of(void **state)
{
	struct lab *l = *state;
	struct buf b = l->a.bytes;
	struct rescue r;
	unsigned char was;
	size_t i, vouched = 0, lost = 0;

	for (i = 0; i < b.len; i++) {
		was = b.data[i];
		b.data[i] ^= (unsigned char)(i % 3 > 0 ? 0xff : 1U << i % 8);
		salvage(l, &b, &r);
		check_one_octet(l, i, &r);
		b.data[i] = was;
		if (frame_at(l, i) == M1) {
			vouched += r.manifests == 4;
			lost += r.manifests < 4;
		}
	}
	/* Where its own signature is damaged the next manifest stands in. */
	if (vouched < 100 || lost < 100)
		fail_msg("%zu vouched for, %zu lost", vouched, lost);
}

/* All whose segment, data and manifest, ends before the cut. */
static void
a_cut_costs_what_lies_behind_it(void **state)
{
	struct lab *l = *state;
	struct buf b = l->a.bytes;
	struct rescue r;
	size_t i, whole;

	for (b.len = 0; b.len < l->a.bytes.len; b.len += 7) {
		salvage(l, &b, &r);
		whole = 0;
		for (i = 0; i < 3; i++)
			if (b.len >= l->f.at[M1 + 2 * i] + l->f.len[M1 + 2 * i])
				whole += 2;
		if (b.len < l->f.len[H] - 100)
			assert_int_equal(r.rc, RC_STORE);
		if (r.rc != RC_OK) {
			assert_int_equal(r.fault.cause, CAUSE_DATA);
			assert_int_equal(whole, 0);
			continue;
		}
		if (r.messages < whole || r.lost > 0)
			fail_msg("cut at %zu: %zu of %zu", b.len, r.messages,
			    whole);
		assert_int_equal(r.ended,
		    b.len >= l->f.at[D4] + l->f.len[D4] - 4);
	}
}

static bool
touches(const struct lab *l, size_t part, size_t from, size_t to)
{
	return from < l->f.at[part] + l->f.len[part] && to > l->f.at[part];
}

enum harm { ZEROED, REMOVED, PUT_IN, REPEATED, HARMS };

static void
harm(const struct buf *from, enum harm how, size_t at, size_t len,
    struct buf *r)
{
	static const unsigned char zeros[4096];

	buf_clear(r);
	buf_add(r, from->data, at);
	if (how == ZEROED)
		buf_add(r, zeros, len);
	else if (how == PUT_IN)
		buf_add(r, from->data + from->len / 2 - len / 2, len);
	else if (how == REPEATED)
		buf_add(r, from->data + at, len);
	if (how == PUT_IN || how == REPEATED)
		buf_add(r, from->data + at, from->len - at);
	else
		buf_add(r, from->data + at + len, from->len - at - len);
}

/* Segments whose two frames the damage does not touch come back whole. */
static void
check_harm(struct lab *l, enum harm how, size_t at, size_t len)
{
	const size_t to = how < PUT_IN ? at + len : at + 1;
	struct buf b = BUF_INIT;
	struct rescue r;
	size_t i, part;

	harm(&l->a.bytes, how, at, len, &b);
	salvage(l, &b, &r);
	if (r.rc != RC_OK)
		fail_msg("harm %d at %zu of %zu: %s", (int)how, at, len,
		    r.fault.text);
	for (i = 0; i < MAILS; i++) {
		part = D1 + i / 2 * 2;
		/* What a link leads to lies in the first. */
		if (touches(l, part, at, to) || touches(l, part + 1, at, to) ||
		    (i == 2 && touches(l, D1, at, to)))
			continue;
		if (!r.given[i])
			fail_msg("harm %d at %zu of %zu: message %zu is gone",
			    (int)how, at, len, i);
	}
	buf_release(&b);
}

static void
holes_losses_and_garbage_cost_what_they_touch(void **state)
{
	struct lab *l = *state;
	const size_t len[] = { 1, 100, 512, 1500 };
	size_t at, i;
	int how;

	for (i = 0; i < sizeof(len) / sizeof(len[0]); i++)
		for (how = ZEROED; how < HARMS; how++)
			for (at = 0; at + len[i] < l->a.bytes.len; at += 97)
				check_harm(l, (enum harm)how, at, len[i]);
}

static void
put_part(const struct lab *l, size_t part, struct buf *r)
{
	buf_add(r, l->a.bytes.data + l->f.at[part], l->f.len[part]);
}

static void
the_order_of_the_parts_does_not_matter(void **state)
{
	static const int order[] = { D3, M3, D2, M2, D4, M4, D1, M1, D2, M2,
		H };
	struct lab *l = *state;
	struct buf b = BUF_INIT;
	struct rescue r;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_part(l, (size_t)order[i], &b);
	salvage(l, &b, &r);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.messages, MAILS);
	assert_true(r.ended && r.headed);
	buf_release(&b);
}

/* Without a manifest there are the names alone; with the next one, what is
 * the same octets is signed there. */
static void
messages_without_a_manifest_are_strays(void **state)
{
	static const int order[] = { H, D1, D2, M2, D3, M3, D4, M4 };
	struct lab *l = *state;
	struct buf b = BUF_INIT;
	struct rescue r;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_part(l, (size_t)order[i], &b);
	salvage(l, &b, &r);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.strays, 2);
	assert_true(r.stray[0] && r.stray[1]);
	assert_int_equal(r.messages, MAILS - 2);
	/* The link to the first, which is there as a stray. */
	assert_true(r.given[2]);
	buf_release(&b);
}

static void
a_manifest_without_its_data_names_what_is_lost(void **state)
{
	static const int order[] = { H, M1, D2, M2, D3, M3, D4, M4 };
	struct lab *l = *state;
	struct buf b = BUF_INIT;
	struct rescue r;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_part(l, (size_t)order[i], &b);
	salvage(l, &b, &r);
	assert_int_equal(r.rc, RC_OK);
	assert_int_equal(r.strays, 0);
	/* The second is gone; the first has a twin in the third segment,
	 * which the link lives from, too. */
	assert_int_equal(r.lost, 1);
	assert_true(r.named_lost[1]);
	assert_true(r.given[0] && r.given[2]);
	buf_release(&b);
}

static void
what_another_key_signed_does_not_count(void **state)
{
	struct lab *l = *state;
	struct kit other;
	struct kit_archive a;
	struct kit_plan p = PLAN;
	struct rescue r;
	struct buf b = BUF_INIT;

	kit_open(&other);
	p.key = other.key;
	kit_write(&other, &p, &a);
	salvage(l, &a.bytes, &r);
	assert_int_equal(r.rc, RC_STORE);
	assert_int_equal(r.fault.cause, CAUSE_DATA);
	assert_non_null(strstr(r.fault.text, "key"));
	/* Behind one of ours: nothing of it is taken. */
	buf_add(&b, l->a.bytes.data, l->a.bytes.len);
	buf_add(&b, a.bytes.data, a.bytes.len);
	salvage(l, &b, &r);
	assert_int_equal(r.messages, MAILS);
	assert_int_equal(r.strays, 0);
	buf_release(&b);
	kit_release(&a);
	kit_close(&other);
}

static void
what_is_no_archive_is_named_so(void **state)
{
	static const char *const text[] = { "x", "hello, world\n",
		"\x28\xb5\x2f\xfd", "\x28\xb5\x2f\xfd\x24\x00\x01" };
	struct lab *l = *state;
	struct rescue r;
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		rescue_bytes(&l->kit, &PLAN, text[i], strlen(text[i]), &r);
		assert_int_equal(r.rc, RC_STORE);
		assert_int_equal(r.fault.cause, CAUSE_DATA);
	}
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
		cmocka_unit_test(a_whole_archive_comes_back_whole),
		cmocka_unit_test(every_changed_octet_costs_what_it_is_of),
		cmocka_unit_test(a_cut_costs_what_lies_behind_it),
		cmocka_unit_test(holes_losses_and_garbage_cost_what_they_touch),
		cmocka_unit_test(the_order_of_the_parts_does_not_matter),
		cmocka_unit_test(messages_without_a_manifest_are_strays),
		cmocka_unit_test(
		    a_manifest_without_its_data_names_what_is_lost),
		cmocka_unit_test(what_another_key_signed_does_not_count),
		cmocka_unit_test(what_is_no_archive_is_named_so),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
