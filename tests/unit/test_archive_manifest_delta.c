#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stores/archive/manifest.h"
#include "stores/archive/manifest_delta.h"
#include "stores/archive/parser.h"
#include "util/mem.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define H32 "0123456789abcdef0123456789abcdef"
#define O32 "fedcba9876543210fedcba9876543210"
#define H64 H32 H32

static const char HEADER[] =
    "#mailproof\t1\theader\nid\t" H32 "\ncreated\t2026-11-23T21:45:00Z\n"
    "account\timap://a@b\nserver\t%2D\nkind\tdelta\ngeneration\t2\n"
    "parent\t" O32 "\t" H64 "\nroot\t" O32 "\n"
    "key\t0123456789ABCDEF\ntool\tt 1\nlimits\t1000\t2000\t3000\nend\n";

static const char SEGMENT[] =
    "#mailproof\t1\tsegment\nid\t" H32 "\nsegment\t1\nprev\t" H64 "\t" H64
    "\nframe\t10\t20\t30\t" H64 "\n"
    "r\t3\t2\t7\t" H64 "\t" H32 "\t5\t6\tcrlf\t-7\t60\t0\t42\tFS\ta b\t512\t"
    "maildir/cur/a\n"
    "count\t0\t1\t0\t0\nend\n";

static const char FINAL[] =
    "#mailproof\t1\tfinal\nid\t" H32 "\nsegments\t1\n"
    "claim\t0\t44\t1\t3\t-\t3\t1\t1\t1\t0\n"
    "claim\t1\t44\t1\t3\t-\t3\t1\t1\t1\t0\n"
    "base\t0\t9\nbase\t1\t4\nx\t0\t3,7:9\nx\t0\t11\nx\t1\t2:4294967295\n"
    "f\t0\t1\tFS\ta b\nf\t0\t2\t-\t-\nf\t1\t1\tS\t-\n"
    "state\tdelta\t2\t" H64 "\ntotals\t0\t0\t0\t0\t0\nseek\t1\nend\n";

/* A copy with the first occurrence of from replaced. */
static char *
changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (at == NULL)
		fail_msg("no '%s'", from);
	return xasprintf("%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
}

static enum rc
parse_header(char *text, struct manifest_header *h, struct fault *f)
{
	memset(h, 0, sizeof(*h));
	return manifest_parse_header(text, strlen(text), h, f);
}

static void
a_delta_names_its_parent_and_its_root(void **state)
{
	char *text = xstrdup(HEADER);
	struct manifest_header h;
	struct fault f = FAULT_INIT;
	struct hash final;

	(void)state;
	if (parse_header(text, &h, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_true(hash_parse(H64, 64, &final));
	assert_string_equal(h.about.kind, "delta");
	assert_string_equal(h.about.parent, O32);
	assert_string_equal(h.about.root, O32);
	assert_string_equal(h.about.origin, "");
	assert_true(hash_equal(&h.about.parent_final, &final));
	assert_int_equal(h.about.generation, 2);
	archive_header_release(&h.about);
	free(text);
}

static void
a_reference_says_where_its_octets_are(void **state)
{
	char *text = xstrdup(SEGMENT);
	struct manifest_segment s = { .atoms = atoms_new() };
	struct atoms *atoms = s.atoms;
	struct fault f = FAULT_INIT;

	(void)state;
	if (manifest_parse_segment(text, strlen(text), &s, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_int_equal(s.entries, 1);
	assert_true(s.entry[0].link);
	assert_int_equal(s.entry[0].reference.generation, 3);
	assert_int_equal(s.entry[0].reference.segment, 2);
	assert_int_equal(s.entry[0].reference.line, 7);
	assert_string_equal(s.entry[0].path, "maildir/cur/a");
	manifest_segment_release(&s);
	atoms_free(atoms);
	free(text);
}

static enum rc
parse_final(char *text, struct manifest_final *m, struct fault *f)
{
	struct parser *p = manifest_final_new(m);
	enum rc rc;

	rc = parser_text(p, text, strlen(text), f);
	parser_free(p);
	return rc;
}

static void
a_final_says_what_changed(void **state)
{
	static const struct archive_removal want[] = { { 0, 3, 3 }, { 0, 7, 9 },
		{ 0, 11, 11 }, { 1, 2, UINT32_MAX } };
	char *text = xstrdup(FINAL);
	struct manifest_final m = { .atoms = atoms_new() };
	struct atoms *atoms = m.atoms;
	struct fault f = FAULT_INIT;

	(void)state;
	if (parse_final(text, &m, &f) != RC_OK)
		fail_msg("%s", f.text);
	assert_true(m.delta);
	assert_int_equal(m.bases, 2);
	assert_int_equal(m.base[1].parent, 4);
	assert_int_equal(m.removals, N(want));
	assert_memory_equal(m.removal, want, sizeof(want));
	assert_int_equal(m.changes, 3);
	assert_int_equal(m.change[0].flags, FLAG_FLAGGED | FLAG_SEEN);
	assert_string_equal(m.change[0].keywords, "a b");
	assert_int_equal(m.totals.state, 2);
	manifest_final_release(&m);
	atoms_free(atoms);
	free(text);
}

struct change {
	const char *from, *to;
};

static const struct change HEADER_BAD[] = {
	{ "kind\tdelta", "kind\tfull" },
	{ "kind\tdelta", "kind\tsalvage" },
	{ "generation\t2", "generation\t1" },
	{ "generation\t2", "generation\t0" },
	{ "parent\t" O32 "\t" H64, "parent\t-\t-" },
	{ "parent\t" O32 "\t" H64, "parent\t" O32 "\t-" },
	{ "root\t" O32 "\n", "" },
	{ "root\t" O32 "\n", "root\t-\n" },
	{ "root\t" O32 "\n", "root\t" O32 "\nroot\t" O32 "\n" },
};

static const struct change SEGMENT_BAD[] = {
	{ "r\t3", "r\t0" },
	{ "r\t3", "r\t-1" },
	{ "r\t3\t2", "r\t3\t0" },
	{ "r\t3\t2\t7", "r\t3\t2" },
	{ "r\t3\t2\t7", "r\t3\t2\t4294967296" },
	{ "r\t3\t2\t7", "m" },
	{ "count\t0\t1", "count\t1\t0" },
	{ "maildir/cur/a", "../a" },
};

static const struct change FINAL_BAD[] = {
	{ "state\tdelta", "state\tfull" },
	{ "base\t0\t9\nbase\t1", "base\t0\t9\nbase\t0" },
	{ "base\t1\t4", "base\t2\t4" },
	{ "base\t1\t4", "base\t1" },
	{ "base\t1\t4\n", "" },
	{ "base\t0\t9\n", "" },
	{ "3,7:9", "" },
	{ "3,7:9", "0" },
	{ "3,7:9", "3," },
	{ "3,7:9", "3,,7" },
	{ "3,7:9", "3,7:" },
	{ "3,7:9", "3,7:7" },
	{ "3,7:9", "3,9:7" },
	{ "3,7:9", "3,3" },
	{ "3,7:9", "4,3" },
	{ "3,7:9", "3,07" },
	{ "3,7:9", "3:*" },
	{ "3,7:9", "3,7:11" },
	{ "2:4294967295", "2:4294967296" },
	{ "x\t0\t11\nx\t1", "x\t1\t11\nx\t0" },
	{ "x\t1", "x\t7" },
	{ "x\t0\t11\n", "x\t0\t11\nf\t0\t1\t-\t-\n" },
	{ "f\t0\t2", "f\t0\t1" },
	{ "f\t1\t1\tS", "f\t0\t1\tS" },
	{ "f\t1\t1\tS", "f\t2\t1\tS" },
	{ "f\t1\t1\tS", "f\t1\t1\ts" },
};

static void
what_is_not_well_formed_is_refused(void **state)
{
	struct manifest_header h;
	struct manifest_segment s;
	struct manifest_final m;
	struct atoms *atoms = atoms_new();
	struct fault f = FAULT_INIT;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < N(HEADER_BAD); i++) {
		text = changed(HEADER, HEADER_BAD[i].from, HEADER_BAD[i].to);
		if (parse_header(text, &h, &f) != RC_STORE)
			fail_msg("header: %s", HEADER_BAD[i].to);
		archive_header_release(&h.about);
		free(text);
	}
	for (i = 0; i < N(SEGMENT_BAD); i++) {
		text = changed(SEGMENT, SEGMENT_BAD[i].from, SEGMENT_BAD[i].to);
		s = (struct manifest_segment){ .atoms = atoms };
		if (manifest_parse_segment(text, strlen(text), &s, &f) !=
		    RC_STORE)
			fail_msg("segment: %s", SEGMENT_BAD[i].to);
		manifest_segment_release(&s);
		free(text);
	}
	for (i = 0; i < N(FINAL_BAD); i++) {
		text = changed(FINAL, FINAL_BAD[i].from, FINAL_BAD[i].to);
		m = (struct manifest_final){ .atoms = atoms };
		if (parse_final(text, &m, &f) != RC_STORE)
			fail_msg("final: %s -> %s", FINAL_BAD[i].from,
			    FINAL_BAD[i].to);
		manifest_final_release(&m);
		free(text);
	}
	atoms_free(atoms);
}

/* A line ends where it is long, and with its folder. */
static void
removals_fill_lines(void **state)
{
	enum { MANY = 5000 };
	struct archive_removal x = { .folder = 0 }, before;
	const struct archive_removal *last = NULL;
	struct buf b = BUF_INIT;
	const char *p, *end;
	size_t line = 0, lines = 0, commas = 0;
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		x = (struct archive_removal){ i / (MANY / 2), 3 * i + 1,
			3 * i + 2 };
		manifest_put_removal(&b, &x, last, &line);
		before = x;
		last = &before;
	}
	manifest_end_removals(&b, last);
	for (p = buf_str(&b); *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		assert_non_null(end);
		assert_true(end - p < 4096);
		assert_int_equal(strncmp(p, "x\t", 2), 0);
		for (lines++; p < end; p++)
			commas += *p == ',';
	}
	assert_true(lines > 10 && lines < 40);
	assert_int_equal(commas + lines, MANY);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delta_names_its_parent_and_its_root),
		cmocka_unit_test(a_reference_says_where_its_octets_are),
		cmocka_unit_test(a_final_says_what_changed),
		cmocka_unit_test(what_is_not_well_formed_is_refused),
		cmocka_unit_test(removals_fill_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
