#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stores/archive/column.h"
#include "stores/archive/manifest.h"
#include "stores/archive/parser.h"
#include "util/mem.h"

#define H32 "0123456789abcdef0123456789abcdef"
#define H64 H32 H32
#define MESSAGE \
	"m\t" H64 "\t" H32 "\t5\t6\tcrlf\t-7\t-480\t0\t42\tFS\ta b\t512\t"

static const char SEGMENT[] =
    "#mailproof\t1\tsegment\nid\t" H32 "\nsegment\t3\nprev\t" H64 "\t" H64
    "\nframe\t10\t20\t30\t" H64 "\n"
    "folder\t0\t77\t/\tx%09y\tx%09y\t\\Sent\tsubscribed\t"
    "maildir/.x&AAk-y\n" MESSAGE "maildir/cur/50%25\n"
    "l\t" H64 "\t" H32 "\t5\t5\traw\t-\t-\t0\t43\t-\t-\t1024\tmaildir/cur/b\n"
    "f\t" H64 "\t9\t2048\tmaildir/subscriptions\nd\t4096\tmaildir/new\n"
    "count\t1\t1\t1\t1\nend\n";

static const char HEADER[] =
    "#mailproof\t1\theader\nid\t" H32 "\ncreated\t2026-11-23T21:45:00Z\n"
    "account\timap://a@b\nserver\t%2D\nkind\tfull\ngeneration\t1\n"
    "parent\t-\t-\nselect\tfolder a*\nselect\tsince 2020-01-01T00:00:00Z\n"
    "key\t0123456789ABCDEF\ntool\tt 1\nlimits\t1000\t2000\t3000\nend\n";

static const char FINAL[] =
    "#mailproof\t1\tfinal\nid\t" H32 "\nsegments\t2\nsegment\t1\t1\t2\t3\t" H64
    "\nclaim\t0\t44\t18446744073709551615\t3\t-\t3\t1\t1\t1\t0\n"
    "refused\t0\t9\t100\t60\t5\tS\t-\tNO [SERVERBUG] x%0Ay\n"
    "state\tfull\t1\t" H64 "\ntotals\t1\t0\t1\t5\t0\nseek\t1\nend\n";

static enum rc
parse_segment(const char *text, size_t n, struct manifest_segment *r,
    struct fault *f)
{
	char *copy = xmalloc(n + 1);
	struct atoms *atoms = atoms_new();
	enum rc rc;

	memcpy(copy, text, n);
	memset(r, 0, sizeof(*r));
	r->atoms = atoms;
	rc = manifest_parse_segment(copy, n, r, f);
	manifest_segment_release(r);
	atoms_free(atoms);
	free(copy);
	return rc;
}

static enum rc
parse_final(const char *text, size_t n, struct fault *f)
{
	char *copy = xmalloc(n + 1);
	struct manifest_final m = { .atoms = atoms_new() };
	struct atoms *atoms = m.atoms;
	struct parser *p = manifest_final_new(&m);
	enum rc rc;

	memcpy(copy, text, n);
	rc = parser_text(p, copy, n, f);
	parser_free(p);
	manifest_final_release(&m);
	atoms_free(atoms);
	free(copy);
	return rc;
}

static enum rc
parse_header(const char *text, size_t n, struct fault *f)
{
	char *copy = xmalloc(n + 1);
	struct manifest_header h = { .about = { .created = 0 } };
	enum rc rc;

	memcpy(copy, text, n);
	rc = manifest_parse_header(copy, n, &h, f);
	archive_header_release(&h.about);
	free(copy);
	return rc;
}

static void
a_segment_says_what_it_holds(void **state)
{
	char text[sizeof(SEGMENT)];
	struct manifest_segment s = { .atoms = atoms_new() };
	struct atoms *atoms = s.atoms;
	struct fault f = FAULT_INIT;

	(void)state;
	memcpy(text, SEGMENT, sizeof(text));
	if (manifest_parse_segment(text, sizeof(text) - 1, &s, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_int_equal(s.number, 3);
	assert_int_equal(s.frame.offset, 10);
	assert_int_equal(s.frame.size, 30);
	assert_int_equal(s.folders, 1);
	assert_string_equal(s.folder[0].entry.folder.wire, "x\ty");
	assert_string_equal(s.folder[0].entry.folder.special, "\\Sent");
	assert_int_equal(s.folder[0].entry.folder.attr, FOLDER_SUBSCRIBED);
	assert_int_equal(s.folder[0].entry.folder.sep, '/');
	assert_string_equal(s.folder[0].dir, "maildir/.x&AAk-y");
	assert_int_equal(s.entries, 2);
	assert_string_equal(s.entry[0].path, "maildir/cur/50%");
	assert_int_equal(s.entry[0].file_size, 5);
	assert_int_equal(s.entry[0].msg.size, 6);
	assert_int_equal(s.entry[0].msg.date.epoch, -7);
	assert_int_equal(s.entry[0].msg.date.zone, -480);
	assert_int_equal(s.entry[0].msg.flags, FLAG_FLAGGED | FLAG_SEEN);
	assert_string_equal(s.entry[0].msg.keywords, "a b");
	assert_false(s.entry[1].msg.date.known);
	assert_true(s.entry[1].link);
	assert_int_equal(s.entry[1].eol, EOL_RAW);
	assert_int_equal(s.files, 2);
	assert_true(s.file[1].is_dir);
	manifest_segment_release(&s);
	atoms_free(atoms);
}

/* Replaces the first occurrence. */
static char *
changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	struct buf b = BUF_INIT;

	if (at == NULL)
		fail_msg("no '%s'", from);
	buf_add(&b, text, (size_t)(at - text));
	buf_adds(&b, to);
	buf_adds(&b, at + strlen(from));
	return buf_steal(&b);
}

struct change {
	const char *from, *to;
};

static const struct change SEGMENT_BAD[] = {
	{ "\t1\tsegment", "\t2\tsegment" },
	{ "\t1\tsegment", "\t1\theader" },
	{ "\t1\tsegment", "\t01\tsegmen" },
	{ "#mailproof", "#mailproo" },
	{ "segment\t3\n", "" },
	{ "segment\t3\n", "segment\t3\nsegment\t3\n" },
	{ "segment\t3\n", "segment\t3\t4\n" },
	{ "segment\t3", "segment\t4294967296" },
	{ "segment\t3", "segment\t-3" },
	{ "segment\t3", "segment\t" },
	{ "segment\t3", "segment\t 3" },
	{ "prev\t0", "prev\tg" },
	{ "prev\t0", "prev\t" },
	{ "prev\t0", "prev\t00" },
	{ "folder\t0", "folder\t0x0" },
	{ "folder\t0", "folder\t4294967295" },
	{ "\t/\t", "\t//\t" },
	{ "x%09y", "x%0" },
	{ "x%09y", "x%00y" },
	{ "subscribed", "subscribed,subscribed" },
	{ "subscribed", "" },
	{ "subscribed", "hidden" },
	{ "maildir/.x", "/maildir/.x" },
	{ "maildir/.x", "maildir//.x" },
	{ "maildir/.x", "maildir/../.x" },
	{ "maildir/.x&AAk-y", "maildir/.x%C3%BC" },
	{ "crlf", "lf" },
	{ "-7\t-480", "-\t-480" },
	{ "-7\t-480", "-7\t-" },
	{ "-7\t-480", "-7\t1441" },
	{ "\tFS\t", "\tSF\t" },
	{ "\tFS\t", "\tFX\t" },
	{ "\tFS\t", "\t\t" },
	{ "a b", "b a" },
	{ "a b", "a a" },
	{ "a b", "a  b" },
	{ "a b", " a" },
	{ "a b", "a " },
	{ "a b", "" },
	{ "\t5\t6\t", "\t99999999999999\t6\t" },
	{ "maildir/cur/50%25", "./cur" },
	{ "maildir/cur/50%25", "a/../b" },
	{ "maildir/cur/50%25", "" },
	{ "maildir/cur/50%25", "a%0Ab" },
	{ "maildir/cur/50%25", "a%" },
	{ "count\t1", "count\t2" },
	{ "count\t1\t1\t1\t1\n", "" },
	{ "m\t0", "q\t0" },
	{ "m\t0", "folder\t0" },
	{ "end\n", "" },
	{ "end\n", "end" },
	{ "end\n", "end\t\n" },
	{ "end\n", "end\nend\n" },
	{ "end\n", "end\n\n" },
	{ "id\t", "\nid\t" },
};

static const struct change HEADER_BAD[] = {
	{ "kind\tfull", "kind\tdelta" },
	{ "kind\tfull", "kind\tsalvage" },
	{ "kind\tfull\ngeneration", "generation" },
	{ "parent\t-\t-", "parent\t" H32 "\t" H64 },
	{ "generation\t1", "generation\t2" },
	{ "parent\t-\t-", "parent\t-\t" H64 },
	{ "2026-11-23T21:45:00Z", "2026-11-23" },
	{ "2000\t3000", "2000\t99999999999" },
	{ "key\t0", "key\tx" },
	{ "tool\tt 1\n", "" },
	{ "select\tfolder a*", "tool\tx" },
};

static const struct change FINAL_BAD[] = {
	{ "segment\t1\t1", "segment\t2\t1" },
	{ "claim\t0", "claim\t1" },
	{ "18446744073709551615", "18446744073709551616" },
	{ "refused\t0", "refused\t1" },
	{ "state\tfull", "state\tpart" },
	{ "seek\t1", "seek\t2" },
	{ "totals\t1", "totals\t-1" },
};

static void
what_is_well_formed_is_taken(void **state)
{
	struct manifest_segment s;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(parse_segment(SEGMENT, sizeof(SEGMENT) - 1, &s, &f),
	    RC_OK);
	assert_int_equal(parse_header(HEADER, sizeof(HEADER) - 1, &f), RC_OK);
	assert_int_equal(parse_final(FINAL, sizeof(FINAL) - 1, &f), RC_OK);
}

/* With the final of the damaged archive, and with one that is lost. */
static void
a_header_says_what_was_salvaged(void **state)
{
	const struct hash final = { { 1, 2, 3 } };
	struct archive_about about = { .account = "a", .origin = H32 };
	const struct header_facts facts = { .about = &about,
		.id = H32,
		.key_id = "0123456789ABCDEF" };
	struct manifest_header h;
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;
	int turn;

	(void)state;
	for (turn = 0; turn < 2; turn++) {
		about.origin_final = turn > 0 ? &final : NULL;
		buf_clear(&b);
		manifest_put_header(&b, &facts);
		memset(&h, 0, sizeof(h));
		if (manifest_parse_header(buf_str(&b), b.len, &h, &f) != RC_OK)
			fail_msg("%s", f.text);
		assert_string_equal(h.about.kind, "salvage");
		assert_string_equal(h.about.origin, H32);
		assert_int_equal(h.about.origin_ended, turn);
		if (turn > 0)
			assert_true(hash_equal(&h.about.origin_final, &final));
		archive_header_release(&h.about);
	}
	buf_release(&b);
}

static void
what_is_not_well_formed_is_refused(void **state)
{
	struct manifest_segment s;
	struct fault f = FAULT_INIT;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(SEGMENT_BAD) / sizeof(SEGMENT_BAD[0]); i++) {
		text = changed(SEGMENT, SEGMENT_BAD[i].from, SEGMENT_BAD[i].to);
		if (parse_segment(text, strlen(text), &s, &f) != RC_STORE)
			fail_msg("segment: %s", SEGMENT_BAD[i].to);
		assert_int_equal(f.cause, CAUSE_DATA);
		free(text);
	}
	for (i = 0; i < sizeof(HEADER_BAD) / sizeof(HEADER_BAD[0]); i++) {
		text = changed(HEADER, HEADER_BAD[i].from, HEADER_BAD[i].to);
		if (parse_header(text, strlen(text), &f) != RC_STORE)
			fail_msg("header: %s", HEADER_BAD[i].to);
		free(text);
	}
	for (i = 0; i < sizeof(FINAL_BAD) / sizeof(FINAL_BAD[0]); i++) {
		text = changed(FINAL, FINAL_BAD[i].from, FINAL_BAD[i].to);
		if (parse_final(text, strlen(text), &f) != RC_STORE)
			fail_msg("final: %s", FINAL_BAD[i].to);
		free(text);
	}
}

static void
no_manifest_may_be_cut_or_hold_a_nul(void **state)
{
	char text[sizeof(SEGMENT)];
	struct manifest_segment s;
	struct fault f = FAULT_INIT;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(SEGMENT) - 1; n++)
		assert_int_equal(parse_segment(SEGMENT, n, &s, &f), RC_STORE);
	for (n = 0; n < sizeof(SEGMENT) - 1; n++) {
		memcpy(text, SEGMENT, sizeof(text));
		text[n] = '\0';
		assert_int_equal(parse_segment(text, sizeof(text) - 1, &s, &f),
		    RC_STORE);
	}
}

static void
a_newer_version_is_named(void **state)
{
	static const char text[] = "#mailproof\t2\tsegment\nnew\n";
	struct manifest_segment s;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(parse_segment(text, sizeof(text) - 1, &s, &f),
	    RC_STORE);
	assert_non_null(strstr(f.text, "a newer mailproof is needed"));
}

static void
a_dash_and_odd_octets_survive_a_column(void **state)
{
	static const char *const text[] = { "-", "", "a\tb\n%", "\377\376",
		"%2D", "--", "\303\274" };
	struct buf b = BUF_INIT;
	char *back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		buf_clear(&b);
		column_put_text(&b, text[i]);
		assert_true(column_text_given(buf_str(&b), &back));
		assert_string_equal(back, text[i]);
		free(back);
	}
	buf_clear(&b);
	column_put_text(&b, NULL);
	assert_true(column_text(buf_str(&b), &back));
	assert_null(back);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_says_what_it_holds),
		cmocka_unit_test(what_is_well_formed_is_taken),
		cmocka_unit_test(a_header_says_what_was_salvaged),
		cmocka_unit_test(what_is_not_well_formed_is_refused),
		cmocka_unit_test(no_manifest_may_be_cut_or_hold_a_nul),
		cmocka_unit_test(a_newer_version_is_named),
		cmocka_unit_test(a_dash_and_odd_octets_survive_a_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
