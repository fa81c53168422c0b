#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/lineage_kit.h"
#include "util/file.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const NAMES[] = { "INBOX", "Sent", "Leer" };
static const struct kit_mail FIRST[] = {
	{ .folder = 0, .uid = 1, .bytes = "one", .epoch = 100 },
	{ .folder = 0, .uid = 2, .bytes = "two", .epoch = 200 },
	{ .folder = 1, .uid = 1, .bytes = "sent", .epoch = 600 },
};
static const struct kit_plan FULL = { .folder = NAMES,
	.folders = 3,
	.mail = FIRST,
	.n = N(FIRST),
	.flush_every = 1 };

static const struct kit_mail SECOND[] = {
	{ .folder = 1, .uid = 3, .bytes = "two", .epoch = 200 },
};
static const struct kit_mail GONE[] = { { .folder = 0, .uid = 2 } };
static const uint32_t ALL[] = { 1, 2, 3 };
static const struct kit_plan DELTA = { .folder = NAMES,
	.folders = 3,
	.mail = SECOND,
	.n = N(SECOND),
	.base = ALL,
	.gone = GONE,
	.gones = N(GONE) };
static const struct kit_plan NOTHING = { .folder = NAMES,
	.folders = 3,
	.base = ALL };

static const struct lineage_options GLANCE = { .glance = true };

static const size_t ORDER[] = { 0, 1, 2 };

/* Folders, claims and state as a text; "" when it cannot be had. */
static enum rc
tell(struct kin_kit *k, size_t n, const struct lineage_options *o,
    struct buf *b)
{
	struct fault f = FAULT_INIT;
	const struct archive_folder *p;
	const struct archive_final *final;
	struct lineage *l;
	uint32_t i;
	enum rc rc;

	buf_clear(b);
	rc = kin_kit_lineage(k, ORDER, n, o, &l, &f);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < lineage_folders(l); i++) {
		p = lineage_folder(l, i);
		buf_addf(b, "%s %u %s %llu\n", p->folder.name, p->uidvalidity,
		    lineage_dir(l, i), (unsigned long long)p->claim.stored);
	}
	for (i = 1; i <= n; i++) {
		final = lineage_final(l, i);
		buf_addf(b, "%s %llu ", lineage_header(l, i)->id,
		    (unsigned long long) final->totals.state);
		hash_hex(b, &final->hash);
		hash_hex(b, &final->state);
		buf_addc(b, '\n');
	}
	if (o->glance) {
		assert_true(lineage_is_glance(l));
		assert_int_equal(lineage_count(l), 0);
	}
	lineage_free(l);
	return RC_OK;
}

static void
a_glance_tells_what_a_look_tells(void **state)
{
	static const struct lineage_options look = { .next = true };
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct kin_kit k;
	size_t n;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	kin_kit_add(&k, &DELTA);
	kin_kit_add(&k, &NOTHING);
	for (n = 1; n <= 3; n++) {
		assert_int_equal(tell(&k, n, &look, &a), RC_OK);
		assert_int_equal(tell(&k, n, &GLANCE, &b), RC_OK);
		assert_string_equal(buf_str(&b), buf_str(&a));
	}
	buf_release(&a);
	buf_release(&b);
	kin_kit_close(&k);
}

/* The next generation, on a parent that was glanced at. */
static void
add_at_a_glance(struct kin_kit *k, const struct kit_plan *plan)
{
	struct kit_plan p = *plan;
	struct fault f = FAULT_INIT;

	assert_int_equal(
	    kin_kit_lineage(k, ORDER, k->n, &GLANCE, &p.parent, &f), RC_OK);
	kit_write(&k->kit, &p, &k->archive[k->n++]);
	lineage_free(p.parent);
}

static void
a_delta_of_nothing_needs_no_more(void **state)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct kin_kit k;
	struct lineage *l;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	kin_kit_add(&k, &DELTA);
	l = kin_kit_must(&k, 0, true);
	kin_kit_show(l, &before);
	lineage_free(l);
	add_at_a_glance(&k, &NOTHING);
	assert_true(k.archive[2].totals.state == 3);
	/* its state is checked there */
	l = kin_kit_must(&k, 0, true);
	assert_int_equal(lineage_last(l), 3);
	kin_kit_show(l, &after);
	lineage_free(l);
	assert_string_equal(buf_str(&after), buf_str(&before));
	buf_release(&before);
	buf_release(&after);
	kin_kit_close(&k);
}

enum wrong { WRONG_REMOVAL, WRONG_FLAGS, WRONG_BASE, WRONG_FOLDER, WRONGS };

/* Something new after all: the state would not be the parent's. */
static enum rc
write_wrong(struct kin_kit *k, struct lineage *l, enum wrong what,
    struct fault *f)
{
	const struct archive_about about = { .account = "a", .parent = l };
	struct outfile out = { .fd = -1 };
	struct folder folder = { .wire = NULL };
	struct buf sig = BUF_INIT;
	struct archive_writer *w;
	uint32_t i, number;
	const char *dir;
	enum rc rc;

	assert_int_equal(file_unlinked(&out.fd, &dir, f), RC_OK);
	assert_int_equal(archive_writer_new(&about, k->kit.key, &out, &w, f),
	    RC_OK);
	for (i = 0; i < (what == WRONG_FOLDER ? 2 : 3); i++) {
		folder.wire = folder.name = (char *)(uintptr_t)NAMES[i];
		assert_int_equal(archive_writer_folder(w, &folder, 1000 + i,
				     &number, f),
		    RC_OK);
		if (what != WRONG_BASE || i != 1)
			archive_writer_base(w, number, i);
	}
	if (what == WRONG_REMOVAL)
		archive_writer_remove(w, 0, 1);
	if (what == WRONG_FLAGS)
		archive_writer_flags(w, 0, 1, FLAG_SEEN, "");
	rc = archive_writer_final(w, &sig, f);
	archive_writer_free(w);
	(void)close(out.fd);
	buf_release(&sig);
	return rc;
}

static void
a_delta_of_something_needs_more(void **state)
{
	struct fault f = FAULT_INIT;
	struct kin_kit k;
	struct lineage *l;
	enum wrong what;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	for (what = 0; what < WRONGS; what++) {
		assert_int_equal(kin_kit_lineage(&k, ORDER, 1, &GLANCE, &l, &f),
		    RC_OK);
		assert_int_equal(write_wrong(&k, l, what, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_BUG);
		lineage_free(l);
	}
	kin_kit_close(&k);
}

/* Whatever happens to an octet, nothing else is told. */
static void
a_damaged_archive_tells_nothing_else(void **state)
{
	struct buf good = BUF_INIT, b = BUF_INIT;
	struct kin_kit k;
	unsigned char *p;
	size_t i, refused = 0;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	assert_int_equal(tell(&k, 1, &GLANCE, &good), RC_OK);
	p = k.archive[0].bytes.data;
	for (i = 0; i < k.archive[0].bytes.len; i++) {
		p[i] ^= 1;
		if (tell(&k, 1, &GLANCE, &b) == RC_OK)
			assert_string_equal(buf_str(&b), buf_str(&good));
		else
			refused++;
		p[i] ^= 1;
	}
	/* all but the data of the messages, and sizes in the table */
	assert_true(refused > k.archive[0].bytes.len / 2);
	buf_release(&good);
	buf_release(&b);
	kin_kit_close(&k);
}

static void
a_cut_archive_tells_nothing(void **state)
{
	struct buf b = BUF_INIT;
	struct kin_kit k;
	size_t len;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	len = k.archive[0].bytes.len;
	while (k.archive[0].bytes.len > 0) {
		k.archive[0].bytes.len--;
		assert_int_not_equal(tell(&k, 1, &GLANCE, &b), RC_OK);
	}
	k.archive[0].bytes.len = len;
	buf_release(&b);
	kin_kit_close(&k);
}

/* Without the table it may be good, but has to be read. */
static void
without_its_table_an_archive_must_be_read(void **state)
{
	struct buf b = BUF_INIT;
	struct kin_kit k;
	size_t len;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	len = k.archive[0].bytes.len;
	k.archive[0].bytes.len -= 1;
	assert_int_equal(tell(&k, 1, &GLANCE, &b), RC_END);
	k.archive[0].bytes.len = len;
	buf_release(&b);
	kin_kit_close(&k);
}

static void
another_parent_shows_at_a_glance(void **state)
{
	static const size_t swapped[] = { 0, 3 };
	struct fault f = FAULT_INIT;
	struct kin_kit k;
	struct lineage *l;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	kin_kit_add(&k, &DELTA);
	kin_kit_child(&k, &FULL, NULL, 0, 0);
	kin_kit_child(&k, &DELTA, &(size_t){ 2 }, 1, 0);
	assert_int_equal(kin_kit_lineage(&k, swapped, 2, &GLANCE, &l, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_DATA);
	kin_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_glance_tells_what_a_look_tells),
		cmocka_unit_test(a_delta_of_nothing_needs_no_more),
		cmocka_unit_test(a_delta_of_something_needs_more),
		cmocka_unit_test(a_damaged_archive_tells_nothing_else),
		cmocka_unit_test(a_cut_archive_tells_nothing),
		cmocka_unit_test(without_its_table_an_archive_must_be_read),
		cmocka_unit_test(another_parent_shows_at_a_glance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
