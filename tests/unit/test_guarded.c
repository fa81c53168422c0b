#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/guarded.h"

/* What passes the guard, in libetpan's real parser. */

/* The parser's verdict on an answer; counts what the handlers saw. */
static int
parse(const char *words, size_t *body_r, unsigned *messages_r)
{
	struct mailimap_response *r;
	struct guarded g;
	int code;

	guarded_open(&g, words, strlen(words), 3);
	guarded_stream(&g);
	code = guarded_parse(&g, &r);
	if (code == MAILIMAP_NO_ERROR)
		mailimap_response_free(r);
	*body_r = g.body;
	*messages_r = g.messages;
	guarded_close_all(&g);
	return code;
}

static void
the_parser_lives_through_what_would_end_it(void **state)
{
	static const char *const words[] = {
		"* OK [ALERT]\r\n1 OK\r\n",
		"* NO [ALERT]\r\n1 NO [ALERT]\r\n",
		"* OK [PARSE]\r\n1 OK [PARSE]\r\n",
		"* OK [PERMANENTFLAGS (\\]\r\n1 OK done\r\n",
		"* OK [BADCHARSET (\"x\" {1}\r\n1 OK done\r\n",
		"\r\n* FOO\r\n* ESEARCH (TAG \"1\")\r\n1 OK [FOO (] done\r\n",
		"* FLAGS (\\ [)\r\n1 OK x\r\n",
		"* 1 FETCH (FLAGS (\\ \\Seen [x]) UID 1)\r\n1 OK x\r\n",
	};
	unsigned messages;
	size_t i, body;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(parse(words[i], &body, &messages),
		    MAILIMAP_NO_ERROR);
}

static void
bodies_reach_the_handlers(void **state)
{
	static const char words[] =
	    "* 1 FETCH (UID 7 BODY[] {5}\r\na\r\nb) INTERNALDATE NIL)\r\n"
	    "* 4 EXISTS\r\n* OK still here\r\n"
	    "* 2 FETCH (BODY[] \"x\\\\\x80\" UID 8 EMAILID (abc))\r\n"
	    "* 3 FETCH (UID 9 BODY[] NIL)\r\n1 OK done\r\n";
	unsigned messages;
	size_t body;

	(void)state;
	assert_int_equal(parse(words, &body, &messages), MAILIMAP_NO_ERROR);
	assert_int_equal(body, 8);
	assert_int_equal(messages, 3);
}

static void
a_bad_answer_is_told_from_a_lost_line(void **state)
{
	unsigned messages;
	size_t body;

	(void)state;
	assert_int_equal(parse("1 BAD no\r\n", &body, &messages),
	    MAILIMAP_ERROR_PROTOCOL);
	assert_int_equal(parse("* BYE\r\n", &body, &messages),
	    MAILIMAP_ERROR_STREAM);
	assert_int_equal(parse("* 1 FETCH (UID 7 BODY[] {5}\r\nab", &body,
			     &messages),
	    MAILIMAP_ERROR_STREAM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parser_lives_through_what_would_end_it),
		cmocka_unit_test(bodies_reach_the_handlers),
		cmocka_unit_test(a_bad_answer_is_told_from_a_lost_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
