#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/archive_kit.h"
#include "util/mem.h"

static const char *const FOLDERS[] = { "INBOX", "Archive/2019", "Gr\303\274n",
	"Empty" };
enum { FOLDER_N = 4 };

static const struct kit_mail UGLY[] = {
	{ 0, 1, "", 0, 1, false, 0, NULL },
	{ 0, 2, "\r\n", 0, 1500000000, false, FLAG_SEEN, NULL },
	{ 0, 3, "A: b\r\n\r\nx\0y\r\n", 13, -5, false, FLAG_ALL, "a b" },
	{ 0, 4, "A: b\n\nbare\r\nmixed\n", 0, 1, false, 0, "$Forwarded" },
	{ 0, 5, "A: b\r\r\n\r\n", 0, 0, true, 0, NULL },
	{ 0, 4294967295, "no header", 0, INT64_C(1) << 40, false, 0, NULL },
	{ 1, 1, "A: b\r\n\r\nno end", 0, 1, false, FLAG_DRAFT, "a" },
	{ 1, 7, "\r", 0, 1, false, 0, "% - x \303\274" },
	{ 2, 9, "\n", 0, 1, false, 0, "-" },
	{ 2, 10, "A: \377\376\r\n\r\n\r\n", 0, 1, false, 0, NULL },
};

static const struct kit_mail TWINS[] = {
	{ 0, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, 0, NULL },
	{ 0, 2, "S: two\r\n\r\n2\r\n", 0, 100, false, 0, NULL },
	{ 0, 3, "S: one\r\n\r\n1\r\n", 0, 100, false, FLAG_SEEN, "x" },
	{ 1, 1, "S: one\r\n\r\n1\r\n", 0, 100, false, 0, NULL },
	{ 1, 2, "S: two\r\n\r\n2\r\n", 0, 101, false, 0, NULL },
	{ 1, 3, "S: one\n\n1\n", 0, 100, false, 0, NULL },
	{ 2, 1, "S: two\r\n\r\n2\r\n", 0, 100, false, 0, NULL },
	{ 2, 2, "S: one\r\n\r\n1\r\n", 0, 0, true, 0, NULL },
	{ 2, 3, "S: one\r\n\r\n1\r\n", 0, 0, true, 0, NULL },
};

static struct kit_plan
plan_of(const struct kit_mail *mail, size_t n)
{
	const struct kit_plan p = { .folder = FOLDERS,
		.folders = FOLDER_N,
		.mail = mail,
		.n = n };

	return p;
}

static void
read_back(struct kit *k, const struct kit_plan *p, const struct kit_archive *a,
    struct kit_read *r)
{
	kit_read(k, p, a->bytes.data, a->bytes.len, &a->minisig, r);
	if (r->rc != RC_END)
		fail_msg("%s", r->fault.text);
	assert_int_equal(r->messages, p->n);
	assert_int_equal(r->wrong, 0);
	assert_int_equal(r->totals.messages, a->totals.messages);
	assert_int_equal(r->totals.links, a->totals.links);
	assert_int_equal(r->totals.octets, a->totals.octets);
	assert_int_equal(r->totals.written, a->totals.written);
	assert_int_equal(r->totals.segments, a->totals.segments);
}

/* All at once, and the manifests first. */
static void
round_trip(struct kit *k, const struct kit_plan *p, struct kit_read *r)
{
	const unsigned options = r->options;
	struct kit_archive a;

	kit_write(k, p, &a);
	r->options = ARCHIVE_MANIFESTS;
	read_back(k, p, &a, r);
	r->options = options;
	read_back(k, p, &a, r);
	kit_release(&a);
}

static void
ugly_messages_come_back_octet_by_octet(void **state)
{
	static const struct {
		uint64_t size;
		size_t flush;
		bool pipe;
	} t[] = { { 0, 0, false }, { 0, 0, true }, { 1, 0, false },
		{ 600, 0, true }, { 0, 1, false }, { 0, 3, true } };
	struct kit_plan p = plan_of(UGLY, sizeof(UGLY) / sizeof(UGLY[0]));
	struct kit_read r = { .options = ARCHIVE_DETACHED };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p.segment_size = t[i].size;
		p.flush_every = t[i].flush;
		r.pipe = t[i].pipe;
		round_trip(*state, &p, &r);
	}
}

static void
an_archive_without_messages_is_whole(void **state)
{
	struct kit_plan p = plan_of(NULL, 0);
	struct kit_read r = { 0 };

	round_trip(*state, &p, &r);
	p.folders = 0;
	round_trip(*state, &p, &r);
}

static void
identical_messages_are_links_and_come_back(void **state)
{
	static const struct {
		uint64_t size;
		size_t flush;
		bool pipe;
	} t[] = { { 0, 0, false }, { 0, 1, false }, { 0, 2, true },
		{ 1, 0, true } };
	struct kit_plan p = plan_of(TWINS, sizeof(TWINS) / sizeof(TWINS[0]));
	struct kit_read r = { .options = ARCHIVE_KEEP };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p.segment_size = t[i].size;
		p.flush_every = t[i].flush;
		r.pipe = t[i].pipe;
		round_trip(*state, &p, &r);
		assert_int_equal(r.links, 4);
	}
}

static void
a_segment_that_is_moved_outlives_the_next_ones(void **state)
{
	static const size_t bounds[] = { 1, 700, 1 << 20 };
	struct kit_plan ugly = plan_of(UGLY, sizeof(UGLY) / sizeof(UGLY[0]));
	struct kit_plan twins =
	    plan_of(TWINS, sizeof(TWINS) / sizeof(TWINS[0]));
	struct kit_read r = { .options = ARCHIVE_KEEP };
	size_t i;

	ugly.flush_every = 2;
	twins.flush_every = 1;
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		r.moved = bounds[i];
		r.pipe = !r.pipe;
		round_trip(*state, &ugly, &r);
		round_trip(*state, &twins, &r);
		assert_int_equal(r.links, 4);
	}
}

static void
a_reader_that_is_stopped_does_not_wait_for_input(void **state)
{
	struct kit_plan p = plan_of(UGLY, sizeof(UGLY) / sizeof(UGLY[0]));
	const struct archive_segment *s;
	struct fault f = FAULT_INIT;
	struct archive_reader *r;
	struct kit_archive a;
	struct kit *k = *state;
	int fd[2];

	p.flush_every = 1;
	kit_write(k, &p, &a);
	assert_int_equal(pipe(fd), 0);
	/* the header is there, and the first segments are not whole */
	assert_int_equal(write(fd[1], a.bytes.data, 1500), 1500);
	assert_int_equal(
	    archive_reader_new(fd[0], "a", &k->pub, 0, NULL, &r, &f), RC_OK);
	archive_reader_stop(r);
	while (archive_reader_next(r, &s, &f) == RC_OK)
		continue;
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	archive_reader_free(r);
	assert_int_equal(close(fd[1]), 0);
	kit_release(&a);
}

static void
a_link_into_a_segment_gone_by_says_what_to_do(void **state)
{
	struct kit_plan p = plan_of(TWINS, sizeof(TWINS) / sizeof(TWINS[0]));
	struct kit_read r = { .pipe = true };
	struct kit_archive a;

	p.flush_every = 1;
	kit_write(*state, &p, &a);
	kit_read(*state, &p, a.bytes.data, a.bytes.len, NULL, &r);
	assert_int_equal(r.rc, RC_STORE);
	assert_non_null(strstr(r.fault.text, "read the archive from a file"));
	/* Whoever wants no bodies needs nothing kept. */
	r.no_bodies = true;
	kit_read(*state, &p, a.bytes.data, a.bytes.len, NULL, &r);
	assert_int_equal(r.rc, RC_END);
	kit_release(&a);
}

static void
links_into_many_segments_are_all_found(void **state)
{
	enum { SOURCES = 20, N = 3 * SOURCES };
	struct kit_mail mail[N];
	char text[SOURCES][64];
	struct kit_plan p = plan_of(mail, N);
	struct kit_read r = { 0 };
	size_t i;

	memset(mail, 0, sizeof(mail));
	for (i = 0; i < N; i++) {
		if (i < SOURCES)
			snprintf(text[i], sizeof(text[i]), "S: %zu\r\n\r\n", i);
		mail[i].uid = (uint32_t)i + 1;
		mail[i].bytes = text[i * 7 % SOURCES];
		mail[i].folder = i < SOURCES ? 0 : 1;
		if (i < SOURCES)
			mail[i].bytes = text[i];
	}
	p.flush_every = 1;
	round_trip(*state, &p, &r);
	assert_int_equal(r.links, N - SOURCES);
}

static void
a_large_message_is_a_segment_of_its_own(void **state)
{
	enum { SIZE = 100 << 20 };
	struct kit_mail mail[3] = {
		{ 0, 1, "S: before\r\n\r\n", 0, 1, false, 0, NULL },
		{ 0, 2, NULL, SIZE, 1, false, 0, NULL },
		{ 0, 3, "S: behind\r\n\r\n", 0, 1, false, 0, NULL },
	};
	struct kit_plan p = plan_of(mail, 3);
	struct kit_read r = { 0 };
	char *text = xmalloc(SIZE);
	size_t i;

	for (i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 23 + (i >> 16) % 3);
	mail[1].bytes = text;
	round_trip(*state, &p, &r);
	assert_int_equal(r.last_segment, 3);
	free(text);
}

/* With the lists of so many messages there is no memory for more; and where
 * it is known how much will come, packing begins soon, and ends soon. */
static void
what_is_expected_makes_segments_smaller(void **state)
{
	enum { N = 6, SIZE = 3 << 20 };
	static const struct {
		uint64_t expect, coming;
		uint32_t segments;
	} t[] = { { 0, 0, 2 }, { 249999, 0, 2 }, { 250000, 0, 4 },
		{ N - 1, (N - 1) * SIZE, N }, { N - 1, 1, 2 } };
	struct kit_mail mail[N];
	struct kit_plan p = plan_of(mail, N);
	struct kit_read r = { 0 };
	char *text = xmalloc(SIZE);
	size_t i;

	memset(mail, 0, sizeof(mail));
	for (i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 23);
	for (i = 0; i < N; i++) {
		mail[i].uid = (uint32_t)i + 1;
		mail[i].bytes = text;
		mail[i].n = SIZE - i;
	}
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p.expect = t[i].expect;
		p.coming = t[i].coming;
		round_trip(*state, &p, &r);
		assert_int_equal(r.last_segment, t[i].segments);
	}
	free(text);
}

static void
a_27th_keyword_is_counted_and_kept(void **state)
{
	enum { N = 30 };
	struct kit_mail mail[N];
	char word[N][8], text[N][32];
	struct kit_plan p = plan_of(mail, N);
	struct kit_read r = { 0 };
	size_t i;

	memset(mail, 0, sizeof(mail));
	for (i = 0; i < N; i++) {
		snprintf(word[i], sizeof(word[i]), "w%zu", i);
		snprintf(text[i], sizeof(text[i]), "S: %zu\r\n\r\n", i);
		mail[i].uid = (uint32_t)i + 1;
		mail[i].bytes = text[i];
		mail[i].keywords = word[i];
	}
	round_trip(*state, &p, &r);
	assert_int_equal(r.totals.unlettered, N - 26);
}

static void
two_folders_with_one_directory_are_told_apart(void **state)
{
	static const char *const same[] = { "INBOX", "A", "A", "INBOX" };
	struct kit_mail mail[4];
	struct kit_plan p = plan_of(mail, 4);
	struct kit_read r = { 0 };
	size_t i;

	memset(mail, 0, sizeof(mail));
	for (i = 0; i < 4; i++) {
		mail[i].folder = (unsigned)i;
		mail[i].uid = 1;
		mail[i].bytes = "S: x\r\n\r\n";
	}
	p.folder = same;
	round_trip(*state, &p, &r);
}

static void
a_uid_stored_twice_fails_at_the_final(void **state)
{
	struct kit *k = *state;
	const struct archive_about about = { .account = "x" };
	struct folder folder = { .name = (char[]){ "INBOX" },
		.wire = (char[]){ "INBOX" } };
	struct msg m = { .uid = 7, .keywords = "" };
	struct fingerprint fp = { { 0 } };
	struct intake *in = intake_new(4096);
	struct buf sig = BUF_INIT;
	struct archive_writer *w;
	struct outfile out;
	struct body body;
	struct fault f = FAULT_INIT;
	int fd = kit_fd("", 0, false);

	outfile_borrow(&out, fd);
	assert_int_equal(archive_writer_new(&about, k->key, &out, &w, &f),
	    RC_OK);
	assert_int_equal(archive_writer_folder(w, &folder, 1, &m.folder, &f),
	    RC_OK);
	intake_begin(in);
	assert_int_equal(intake_end(in, &body, &f), RC_OK);
	assert_int_equal(archive_writer_add(w, &m, &fp, &body, &f), RC_OK);
	assert_int_equal(archive_writer_add(w, &m, &fp, &body, &f), RC_OK);
	assert_int_equal(archive_writer_final(w, &sig, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_BUG);
	archive_writer_free(w);
	intake_free(in);
	buf_release(&sig);
	close(fd);
}

static int
open_kit(void **state)
{
	static struct kit k;

	kit_open(&k);
	*state = &k;
	return 0;
}

static int
close_kit(void **state)
{
	kit_close(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ugly_messages_come_back_octet_by_octet),
		cmocka_unit_test(an_archive_without_messages_is_whole),
		cmocka_unit_test(identical_messages_are_links_and_come_back),
		cmocka_unit_test(
		    a_segment_that_is_moved_outlives_the_next_ones),
		cmocka_unit_test(
		    a_reader_that_is_stopped_does_not_wait_for_input),
		cmocka_unit_test(a_link_into_a_segment_gone_by_says_what_to_do),
		cmocka_unit_test(links_into_many_segments_are_all_found),
		cmocka_unit_test(a_large_message_is_a_segment_of_its_own),
		cmocka_unit_test(what_is_expected_makes_segments_smaller),
		cmocka_unit_test(a_27th_keyword_is_counted_and_kept),
		cmocka_unit_test(two_folders_with_one_directory_are_told_apart),
		cmocka_unit_test(a_uid_stored_twice_fails_at_the_final),
	};

	return cmocka_run_group_tests(tests, open_kit, close_kit);
}
