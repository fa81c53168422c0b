/* What can happen to an archive on its way: nothing passes unseen, and
 * nothing wrong is handed out before it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "tests/unit/archive_kit.h"
#include "tests/unit/tempdir.h"

enum { FRAMES_MAX = 32 };

static const char *const FOLDERS[] = { "INBOX", "A/B" };
static const struct kit_mail MAIL[] = {
	{ 0, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, FLAG_SEEN, "x" },
	{ 0, 2, "S: two\r\n\r\n2\n", 0, 100, false, 0, NULL },
	{ 1, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, 0, NULL },
	{ 1, 2, "S: three\r\n\r\n3\r\n", 0, 101, false, 0, NULL },
};
static const struct kit_plan PLAN = { .folder = FOLDERS,
	.folders = 2,
	.mail = MAIL,
	.n = 4,
	.flush_every = 2 };

/* H, D1, M1, D2, M2, D3, M3, seek table. */
enum { PARTS = 8 };

struct parts {
	size_t at[FRAMES_MAX], len[FRAMES_MAX];
	size_t n;
};

struct damage {
	struct kit kit;
	struct kit_archive a; /* the one that is damaged */
	struct kit_archive b; /* the same mail, another id */
	struct parts pa, pb;
};

static void
split(const struct buf *b, struct parts *r)
{
	size_t at, len;

	r->n = 0;
	for (at = 0; at < b->len; at += len) {
		len = ZSTD_findFrameCompressedSize(b->data + at, b->len - at);
		assert_false(ZSTD_isError(len));
		assert_true(r->n < FRAMES_MAX);
		r->at[r->n] = at;
		r->len[r->n++] = len;
	}
	assert_int_equal(r->n, PARTS);
}

static void
read_bytes(struct damage *d, const struct buf *b, struct kit_read *r)
{
	kit_read(&d->kit, &PLAN, b->data, b->len, &d->a.minisig, r);
}

/* Whether all is read, or the manifests first and then what they tell of. */
static bool
must_fail(struct damage *d, const struct buf *b, const char *what, size_t i)
{
	static const unsigned way[] = { 0, ARCHIVE_MANIFESTS };
	bool incomplete[2];
	size_t k;

	for (k = 0; k < 2; k++) {
		struct kit_read r = { .options = way[k] };

		read_bytes(d, b, &r);
		if (r.rc != RC_STORE || r.fault.cause != CAUSE_DATA ||
		    r.wrong > 0)
			fail_msg("%s %zu, way %u: rc %d cause %d, %zu of %zu "
				 "wrong: %s",
			    what, i, way[k], (int)r.rc, (int)r.fault.cause,
			    r.wrong, r.messages, r.fault.text);
		incomplete[k] = r.incomplete;
	}
	assert_int_equal(incomplete[0], incomplete[1]);
	return incomplete[0];
}

static void
every_changed_octet_is_seen(void **state)
{
	struct damage *d = *state;
	struct buf b = d->a.bytes;
	size_t i, turn;
	unsigned char was;
	unsigned mask;

	for (i = 0; i < b.len; i++)
		for (turn = 0; turn < 2; turn++) {
			was = b.data[i];
			mask = turn > 0 ? 0xff : 1U << i % 8;
			b.data[i] = (unsigned char)(was ^ mask);
			must_fail(d, &b, "octet", i);
			b.data[i] = was;
		}
}

/* D1 and D2; D3 holds the final, and is read. */
static bool
is_passed_over(const struct damage *d, size_t at)
{
	const struct parts *p = &d->pa;

	return (at >= p->at[1] && at < p->at[2]) ||
	    (at >= p->at[3] && at < p->at[4]);
}

static void
only_data_that_nobody_needs_may_differ(void **state)
{
	struct damage *d = *state;
	struct buf b = d->a.bytes;
	struct kit_read r = { .options = ARCHIVE_MANIFESTS, .no_bodies = true };
	size_t i, unseen = 0;

	read_bytes(d, &b, &r);
	assert_int_equal(r.rc, RC_END);
	assert_int_equal(r.messages, PLAN.n);
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 0x10;
		read_bytes(d, &b, &r);
		b.data[i] ^= 0x10;
		assert_int_equal(r.wrong, 0);
		unseen += r.rc == RC_END;
		if (r.rc == RC_END && !is_passed_over(d, i))
			fail_msg("octet %zu: not seen", i);
		if (r.rc != RC_END && r.fault.cause != CAUSE_DATA)
			fail_msg("octet %zu: %s", i, r.fault.text);
	}
	/* or the data would have been read after all */
	assert_true(unseen > (d->pa.len[1] + d->pa.len[3]) / 2);
}

static void
every_cut_is_seen(void **state)
{
	struct damage *d = *state;
	struct buf b = d->a.bytes;
	const size_t len = b.len, seek = d->pa.at[PARTS - 1];

	for (b.len = 0; b.len < len; b.len++)
		assert_int_equal(must_fail(d, &b, "cut at", b.len),
		    b.len >= d->pa.len[0] && b.len < seek);
}

static void
a_cut_between_segments_reads_otherwise_than_one_inside(void **state)
{
	struct damage *d = *state;
	struct buf b = d->a.bytes;
	struct kit_read r = { 0 };

	b.len = d->pa.at[3];
	read_bytes(d, &b, &r);
	assert_non_null(strstr(r.fault.text,
	    "ends after segment 1 of an "
	    "unfinished backup"));
	assert_int_equal(r.messages, 2);
	b.len = d->pa.at[3] + 20;
	read_bytes(d, &b, &r);
	assert_non_null(strstr(r.fault.text, "truncated at octet"));
	assert_non_null(strstr(r.fault.text, "inside segment 2"));
	assert_int_equal(r.messages, 2);
	b.len = 10;
	read_bytes(d, &b, &r);
	assert_non_null(strstr(r.fault.text, "truncated"));
	b.len = 0;
	read_bytes(d, &b, &r);
	assert_non_null(strstr(r.fault.text, "is empty"));
}

static void
put_part(struct buf *to, const struct buf *from, const struct parts *p,
    size_t i)
{
	buf_add(to, from->data + p->at[i], p->len[i]);
}

/* Letters: a..h the parts of the archive, A..H those of the other. */
static void
compose(struct damage *d, const char *order, struct buf *r)
{
	buf_clear(r);
	for (; *order != '\0'; order++)
		if (*order >= 'a')
			put_part(r, &d->a.bytes, &d->pa,
			    (size_t)(*order - 'a'));
		else
			put_part(r, &d->b.bytes, &d->pb,
			    (size_t)(*order - 'A'));
}

static void
parts_left_out_doubled_swapped_and_spliced_are_seen(void **state)
{
	static const char *const order[] = {
		"adefgh",          /* a segment left out */
		"abcfgh",          /* the one before the final */
		"abcbcdefgh",      /* doubled */
		"adebcfgh",        /* swapped */
		"abcdeh",          /* the final left out */
		"afgh",            /* only the final */
		"abdefgh",         /* a manifest left out */
		"acdefgh",         /* data left out */
		"abedcfgh",        /* data under another manifest */
		"Abcdefgh",        /* another header */
		"aBCdefgh",        /* a segment of the other archive */
		"abCdefgh",        /* its manifest */
		"aBcdefgh",        /* its data */
		"abcdeFGH",        /* its final */
		"abcdefGH",        /* its last manifest */
		"abcdefgH",        /* its seek table: the same but for sizes */
		"abcdefg",         /* no seek table */
		"abcdefghh",       /* two */
		"abcdefgha",       /* something behind */
		"habcdefg",        /* before */
		"abchdefg",        /* between */
		"bcdefgh",         /* no header */
		"aabcdefgh",       /* two */
		"abcdefgABCDEFGH", /* two archives */
	};
	struct damage *d = *state;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		compose(d, order[i], &b);
		if (b.len == d->a.bytes.len &&
		    memcmp(b.data, d->a.bytes.data, b.len) == 0)
			continue;
		must_fail(d, &b, order[i], i);
	}
	buf_release(&b);
}

static void
recompressed_parts_are_seen(void **state)
{
	struct damage *d = *state;
	unsigned char plain[65536], packed[65536];
	struct buf b = BUF_INIT;
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t part, i, n, m;

	assert_non_null(c);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, 19);
	for (part = 0; part < PARTS - 1; part++) {
		n = ZSTD_decompress(plain, sizeof(plain),
		    d->a.bytes.data + d->pa.at[part], d->pa.len[part]);
		assert_false(ZSTD_isError(n));
		m = ZSTD_compress2(c, packed, sizeof(packed), plain, n);
		assert_false(ZSTD_isError(m));
		buf_clear(&b);
		for (i = 0; i < PARTS; i++)
			if (i == part)
				buf_add(&b, packed, m);
			else
				put_part(&b, &d->a.bytes, &d->pa, i);
		must_fail(d, &b, "recompressed part", part);
	}
	ZSTD_freeCCtx(c);
	buf_release(&b);
}

static void
a_foreign_key_is_refused_before_anything_is_shown(void **state)
{
	struct damage *d = *state;
	struct kit other;
	struct kit_read r = { 0 };

	kit_open(&other);
	r.key = &other.pub;
	read_bytes(d, &d->a.bytes, &r);
	assert_int_equal(r.rc, RC_STORE);
	assert_int_equal(r.fault.cause, CAUSE_DATA);
	assert_int_equal(r.messages, 0);
	assert_non_null(strstr(r.fault.text, "key"));
	kit_close(&other);
}

static void
an_archive_by_another_signer_is_refused(void **state)
{
	struct damage *d = *state;
	struct kit other;
	struct kit_archive a;
	struct kit_plan p = PLAN;

	kit_open(&other);
	p.key = other.key;
	kit_write(&other, &p, &a);
	must_fail(d, &a.bytes, "another signer", 0);
	kit_release(&a);
	kit_close(&other);
}

static void
the_detached_signature_is_checked_when_asked_for(void **state)
{
	struct damage *d = *state;
	struct kit_read r = { .options = ARCHIVE_DETACHED };

	read_bytes(d, &d->a.bytes, &r);
	assert_int_equal(r.rc, RC_END);
	kit_read(&d->kit, &PLAN, d->a.bytes.data, d->a.bytes.len, &d->b.minisig,
	    &r);
	assert_int_equal(r.rc, RC_STORE);
	assert_non_null(strstr(r.fault.text, "detached signature"));
	kit_read(&d->kit, &PLAN, d->a.bytes.data, d->a.bytes.len, NULL, &r);
	assert_int_equal(r.rc, RC_STORE);
	assert_non_null(strstr(r.fault.text, "a.tar.zst.minisig"));
	assert_int_equal(r.messages, 0);
}

static void
what_is_no_archive_is_named_so(void **state)
{
	static const char *const text[] = { "x", "(", "hello, world\n",
		"\x28\xb5\x2f\xfd", "\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00" };
	struct damage *d = *state;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		buf_clear(&b);
		buf_adds(&b, text[i]);
		must_fail(d, &b, "text", i);
	}
	buf_release(&b);
}

static int
open_all(void **state)
{
	static struct damage d;

	kit_open(&d.kit);
	kit_write(&d.kit, &PLAN, &d.a);
	kit_write(&d.kit, &PLAN, &d.b);
	split(&d.a.bytes, &d.pa);
	split(&d.b.bytes, &d.pb);
	*state = &d;
	return 0;
}

static int
close_all(void **state)
{
	struct damage *d = *state;

	kit_release(&d->a);
	kit_release(&d->b);
	kit_close(&d->kit);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_changed_octet_is_seen),
		cmocka_unit_test(only_data_that_nobody_needs_may_differ),
		cmocka_unit_test(every_cut_is_seen),
		cmocka_unit_test(
		    a_cut_between_segments_reads_otherwise_than_one_inside),
		cmocka_unit_test(
		    parts_left_out_doubled_swapped_and_spliced_are_seen),
		cmocka_unit_test(recompressed_parts_are_seen),
		cmocka_unit_test(
		    a_foreign_key_is_refused_before_anything_is_shown),
		cmocka_unit_test(an_archive_by_another_signer_is_refused),
		cmocka_unit_test(
		    the_detached_signature_is_checked_when_asked_for),
		cmocka_unit_test(what_is_no_archive_is_named_so),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
