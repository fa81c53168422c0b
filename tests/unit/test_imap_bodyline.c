#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/bodyline.h"
#include "stores/imap/fetchline.h"
#include "util/buf.h"

#define TEXT "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 12 3)"

static const struct {
	const char *line;
	bool whole;
	const char *parts; /* as test_mime.c tells them */
} cases[] = {
	{ TEXT, true, "text/plain 12;" },
	{ "(\"TEXT\" \"HTML\" (\"CHARSET\" \"x\") NIL NIL \"8BIT\" 7 1 NIL NIL "
	  "NIL NIL)",
	    true, "text/html 7;" },
	{ "(\"application\" \"pdf\" (\"name\" \"=?utf-8?Q?=C3=9C?=.pdf\") NIL "
	  "NIL \"base64\" 400 NIL (\"attachment\" (\"filename\" \"a.pdf\")) "
	  "NIL)",
	    true, "!application/pdf 400 a.pdf;" },
	{ "(\"application\" \"pdf\" (\"name\" {5}\r\na)(.z) NIL NIL "
	  "\"base64\" 400)",
	    true, "!application/pdf 400 a)(.z;" },
	{ "(" TEXT "(\"image\" \"png\" NIL \"<id>\" \"d\" \"base64\" 9 NIL "
	  "(\"inline\" (\"filename*\" \"utf-8''%C3%BC\")) NIL NIL) "
	  "\"mixed\" (\"boundary\" \"b\") NIL NIL NIL)",
	    true, "text/plain 12;!image/png 9 ü;" },
	{ "((" TEXT TEXT " \"alternative\")" TEXT " \"mixed\")", true,
	    "text/plain 12;text/plain 12;text/plain 12;" },
	{ "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 500 (NIL \"s\" ((NIL "
	  "NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL) " TEXT " 20 NIL "
	  "(\"attachment\" NIL))",
	    true, "!message/rfc822 500;" },
	/* what some servers write */
	{ "(NIL NIL NIL NIL NIL NIL NIL)", true, "? 0;" },
	{ "(\"text\" \"plain\" () NIL NIL \"7bit\" 12 3 NIL \"attachment\")",
	    true, "!text/plain 12;" },
	{ "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 12)", true,
	    "text/plain 12;" },
	{ "(text plain NIL NIL NIL 7bit 12 3)", true, "text/plain 12;" },
	/* broken */
	{ "", false, "" },
	{ "NIL", false, "" },
	{ "()", false, "" },
	{ "(\"text\" \"plain\" NIL", false, "" },
	{ "(" TEXT " \"mixed\"", false, "text/plain 12;" },
	{ "(" TEXT "(\"text\"", false, "text/plain 12;" },
	{ "(\"text\" \"plain\" (\"name\" {99}\r\nx", false, "" },
};

static void
tell(const struct parts *p, struct buf *out)
{
	size_t i;

	buf_clear(out);
	for (i = 0; i < p->n; i++) {
		if (p->v[i].attachment)
			buf_addc(out, '!');
		buf_addf(out, "%s %u", p->v[i].type, (unsigned)p->v[i].octets);
		if (p->v[i].name[0] != '\0')
			buf_addf(out, " %s", p->v[i].name);
		buf_addc(out, ';');
	}
}

static void
bodystructure_tells_the_leaves(void **state)
{
	struct parts parts = PARTS_INIT;
	struct buf got = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(bodyline_parse(cases[i].line,
				     strlen(cases[i].line), &parts),
		    cases[i].whole);
		tell(&parts, &got);
		assert_string_equal(buf_str(&got), cases[i].parts);
	}
	parts_release(&parts);
	buf_release(&got);
}

static void
however_deep_it_is_it_is_read(void **state)
{
	static const size_t depths[] = { PARTS_DEPTH - 1, PARTS_DEPTH, 300000 };
	struct parts parts = PARTS_INIT;
	struct buf line = BUF_INIT;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		buf_clear(&line);
		for (k = 0; k < depths[i]; k++)
			buf_addc(&line, '(');
		buf_adds(&line, TEXT);
		for (k = 0; k < depths[i]; k++)
			buf_adds(&line, " \"mixed\")");
		assert_true(
		    bodyline_parse((char *)line.data, line.len, &parts));
		assert_int_equal(parts.cut, i > 0);
		assert_int_equal(parts.n, i > 0 ? 0 : 1);
	}
	parts_release(&parts);
	buf_release(&line);
}

static void
it_stands_in_a_fetch_line(void **state)
{
	static const char line[] =
	    "* 1 FETCH (BODYSTRUCTURE " TEXT " UID 7 RFC822.SIZE 5)";
	static const char nil[] = "* 1 FETCH (BODYSTRUCTURE NIL UID 7)";
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT;

	(void)state;
	assert_true(fetchline_parse(line, strlen(line), &scratch, &r));
	assert_int_equal(r.has, FETCHED_UID | FETCHED_SIZE | FETCHED_STRUCTURE);
	assert_int_equal(r.structure_len, strlen(TEXT));
	assert_memory_equal(r.structure, TEXT, r.structure_len);
	assert_true(fetchline_parse(nil, strlen(nil), &scratch, &r));
	assert_int_equal(r.has, FETCHED_UID);
	fetchline_release(&r);
	buf_release(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodystructure_tells_the_leaves),
		cmocka_unit_test(however_deep_it_is_it_is_read),
		cmocka_unit_test(it_stands_in_a_fetch_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
