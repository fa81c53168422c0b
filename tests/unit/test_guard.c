#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/guard.h"
#include "util/buf.h"

/* Passes words through a guard, so many octets at once, literals included.
 * What it refuses ends with "REFUSED". */
static void
pass(struct guard *g, const char *words, size_t n, size_t portion,
    struct buf *out)
{
	enum guard_state state = GUARD_LINE;
	size_t used, m;
	char part[64];
	uint64_t left;
	bool keep;

	for (;;) {
		m = guard_take(g, part, sizeof(part));
		if (m > 0) {
			buf_add(out, part, m);
			continue;
		}
		m = n < portion ? n : portion;
		if (m == 0)
			break;
		left = guard_literal(g, &keep);
		if (left > 0) {
			used = left < m ? (size_t)left : m;
			if (keep)
				buf_add(out, words, used);
			guard_passed(g, used);
		} else {
			state = guard_feed(g, words, m, &used);
			if (state == GUARD_REFUSED || state == GUARD_BYE)
				break;
		}
		words += used;
		n -= used;
	}
	if (state == GUARD_REFUSED)
		buf_adds(out, "REFUSED");
	if (state == GUARD_BYE)
		buf_adds(out, "GOODBYE");
}

static void
becomes_with(bool raw, const char *in, const char *wanted)
{
	static const size_t portions[] = { 1, 2, 7, 4096 };
	struct buf out = BUF_INIT;
	struct guard *g;
	size_t i;

	for (i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		g = guard_new(1000);
		(void)guard_raw(g, raw);
		buf_clear(&out);
		pass(g, in, strlen(in), portions[i], &out);
		assert_string_equal(buf_str(&out), wanted);
		guard_free(g);
	}
	buf_release(&out);
}

static void
becomes(const char *in, const char *wanted)
{
	becomes_with(false, in, wanted);
}

struct pair {
	const char *in, *out;
};

static void
each_becomes(const struct pair *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		becomes(p[i].in, p[i].out);
}
#define EACH(p) each_becomes(p, sizeof(p) / sizeof((p)[0]))

static void
a_status_always_has_a_text(void **state)
{
	static const struct pair pairs[] = {
		{ "1 OK\r\n", "1 OK (no text)\r\n" },
		{ "1 OK \r\n", "1 OK (no text)\r\n" },
		{ "1 NO [ALERT]\r\n", "1 NO (no text)\r\n" },
		{ "1 ok all [fine]\r\n", "1 OK all [fine]\r\n" },
		{ "1 BAD [X] [y] z\r\n", "1 BAD (y] z\r\n" },
		{ "1 OK caf\xc3\xa9\r\n", "1 OK caf??\r\n" },
		{ "* OK [ALERT]\r\n", "" },
		{ "* OK still here\r\n", "" },
		{ "* NO [ALERT] full {3}\r\n1 OK x\r\n", "1 OK x\r\n" },
	};

	(void)state;
	EACH(pairs);
}

static void
response_codes_pass_when_well_formed(void **state)
{
	static const struct pair pairs[] = {
		{ "1 OK [APPENDUID 5 7:9,11] ok\r\n",
		    "1 OK [APPENDUID 5 7:9,11] ok\r\n" },
		{ "1 OK [APPENDUID 5] ok\r\n", "1 OK ok\r\n" },
		{ "1 OK [APPENDUID 5 4294967296] ok\r\n", "1 OK ok\r\n" },
		{ "1 OK [copyuid 1 2 3]\r\n",
		    "1 OK [COPYUID 1 2 3] (no text)\r\n" },
		{ "* OK [UIDVALIDITY 12] x\r\n",
		    "* OK [UIDVALIDITY 12] x\r\n" },
		{ "* OK [UIDNEXT 0] x\r\n", "" },
		{ "* OK [UIDNEXT 4294967296] x\r\n", "" },
		{ "* OK [PERMANENTFLAGS (a]b \\Seen \\*)] x\r\n",
		    "* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n" },
		{ "* OK [PERMANENTFLAGS (\\]\r\n", "" },
		{ "* OK [PERMANENTFLAGS ()] x\r\n",
		    "* OK [PERMANENTFLAGS ()] x\r\n" },
		{ "1 OK [READ-WRITE] x\r\n", "1 OK [READ-WRITE] x\r\n" },
		{ "1 OK [READ-WRITE x] x\r\n", "1 OK x\r\n" },
	};

	(void)state;
	EACH(pairs);
}

static void
a_broken_date_is_taken_out_of_its_line(void **state)
{
	static const struct pair pairs[] = {
		{ "* 1 FETCH (INTERNALDATE NIL UID 5)\r\n",
		    "* 1 FETCH (UID 5)\r\n" },
		{ "* 1 FETCH (UID 5 INTERNALDATE \"00-Jan-0000 00:00:00 "
		  "+0000\")\r\n",
		    "* 1 FETCH (UID 5)\r\n" },
		{ "* 1 FETCH (UID 5 INTERNALDATE \"yesterday\" FLAGS ())\r\n",
		    "* 1 FETCH (UID 5 FLAGS ())\r\n" },
		{ "* 1 FETCH (UID 5 INTERNALDATE \" 1-Jan-2020 00:00:00 "
		  "+0000\")\r\n",
		    "* 1 FETCH (UID 5 INTERNALDATE \" 1-Jan-"
		    "2020 00:00:00 +0000\")\r\n" },
		{ "* 1 FETCH (INTERNALDATE NIL)\r\n", "" },
	};

	(void)state;
	EACH(pairs);
}

static void
flags_that_are_no_atoms_are_taken_out(void **state)
{
	static const struct pair pairs[] = {
		{ "* 1 FETCH (FLAGS (\\Seen \\ a(b [x] \"q\" $ok) UID 1)\r\n",
		    "* 1 FETCH (FLAGS (\\Seen $ok) UID 1)\r\n" },
		{ "* FLAGS (a  b \\Seen caf\xc3\xa9)\r\n",
		    "* FLAGS (a b \\Seen)\r\n" },
		{ "* FLAGS (a\r\n", "REFUSED" },
	};

	(void)state;
	EACH(pairs);
}

static void
unknown_items_leave_with_their_literals(void **state)
{
	static const struct pair pairs[] = {
		{ "* 1 FETCH (ENVELOPE (NIL {3}\r\na)( ((\")\"))) UID 7 "
		  "PREVIEW {2}\r\nxx BODY[] {3}\r\nabc)\r\n",
		    "* 1 FETCH (UID 7 BODY[] {3}\r\nabc)\r\n" },
		{ "* 1 FETCH (RFC822.SIZE 4294967296 UID 7)\r\n",
		    "* 1 FETCH (UID 7)\r\n" },
		{ "* 1 FETCH (X-GM-LABELS (\\Inbox \"a b\") UID 7)\r\n",
		    "* 1 FETCH (UID 7)\r\n" },
		{ "* 1 FETCH (BODY[1.MIME] {1}\r\nx UID 7)\r\n",
		    "* 1 FETCH (UID 7)\r\n" },
		{ "* 1 FETCH (MODSEQ (12) UID 7)\r\n",
		    "* 1 FETCH (MODSEQ (12) UID 7)\r\n" },
	};

	(void)state;
	EACH(pairs);
}

static void
a_body_passes_in_any_form(void **state)
{
	static const struct pair pairs[] = {
		{ "* 1 FETCH (UID 7 BODY[] {5}\r\na\r\nb) FLAGS ())\r\n",
		    "* 1 FETCH (UID 7 BODY[] {5}\r\na\r\nb) FLAGS ())\r\n" },
		{ "* 1 FETCH (UID 7 BODY[] \"a\\\"b\")\r\n",
		    "* 1 FETCH (UID 7 BODY[] {3}\r\na\"b)\r\n" },
		{ "* 1 FETCH (UID 7 body[] nil)\r\n",
		    "* 1 FETCH (UID 7 body[] NIL)\r\n" },
		{ "* 1 FETCH (BODY[TEXT]<0> {0}\r\n UID 7)\r\n",
		    "* 1 FETCH (BODY[TEXT]<0> {0}\r\n UID 7)\r\n" },
		{ "* 1 FETCH (UID 7 BODY[] {1001}\r\n", "REFUSED" },
		{ "* 1 FETCH (UID 7 BODY[] ~{1}\r\n", "REFUSED" },
		{ "* 1 FETCH (UID 7 BINARY[] ~{1}\r\n", "REFUSED" },
		{ "* 1 FETCH (UID 7 BODY[] {-1}\r\n", "REFUSED" },
		{ "* 1 FETCH (UID 7 BODY[] \"a\r\n", "REFUSED" },
	};

	(void)state;
	EACH(pairs);
}

static void
other_untagged_lines_are_dropped(void **state)
{
	static const struct pair pairs[] = {
		{ "* FOO bar {3}\r\nabc {2}\r\n\r\n x\r\n* 3 EXISTS\r\n",
		    "* 3 EXISTS\r\n" },
		{ "* ESEARCH (TAG \"1\") ALL 1:3\r\n\r\n* 1 recent\r\n",
		    "* 1 RECENT\r\n" },
		{ "* 3 WOBBLE\r\n* 0 EXPUNGE\r\n* 2 EXPUNGE\r\n",
		    "* 2 EXPUNGE\r\n" },
		{ "* LIST () \"/\" {3}\r\nabc\r\n+ idling {3}\r\n",
		    "+ go ahead\r\n" },
	};

	(void)state;
	EACH(pairs);
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const struct pair pairs[] = {
		{ "220 mail.example.com ESMTP\r\n", "REFUSED" },
		{ "HTTP/1.1 400 Bad Request\r\n", "REFUSED" },
		{ "a7 OK not our tag\r\n", "REFUSED" },
		{ "*1 EXISTS\r\n", "REFUSED" },
		{ "* 4294967296 EXISTS\r\n", "REFUSED" },
		{ "* 1 FETCH (UID x)\r\n", "REFUSED" },
		{ "* 1 FETCH (UID 7\r\n", "REFUSED" },
		{ "* 1 FETCH (UID\r\n", "REFUSED" },
		{ "* BYE see you\r\n", "GOODBYE" },
	};

	(void)state;
	EACH(pairs);
}

static void
raw_lines_pass_as_they_are(void **state)
{
	static const struct pair pairs[] = {
		{ "* LIST () \"/\" {3}\r\na\nb\r\n* OK [ALERT]\r\n+ {3}\r\n",
		    "* LIST () \"/\" {3}\r\na\nb\r\n* OK [ALERT]\r\n"
		    "+ {3}\r\n" },
		{ "1 OK {3}\r\n* 1 FETCH (X {2}\r\n{1 {1}\r\n)\r\n",
		    "1 OK {3}\r\n* 1 FETCH (X {2}\r\n{1 {1}\r\n)\r\n" },
		{ "220 hello\r\n", "220 hello\r\n" },
		{ "* BYE\r\n", "* BYE\r\n" },
		{ "* LIST () \"/\" {8388609}\r\n", "REFUSED" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		becomes_with(true, pairs[i].in, pairs[i].out);
}

static void
refused(const char *in, size_t n, bool raw, const char *why)
{
	struct buf out = BUF_INIT;
	struct guard *g = guard_new(1000);

	(void)guard_raw(g, raw);
	pass(g, in, n, 4096, &out);
	assert_non_null(strstr(buf_str(&out), "REFUSED"));
	assert_non_null(strstr(guard_complaint(g), why));
	guard_free(g);
	buf_release(&out);
}

static void
every_cap_is_named(void **state)
{
	static char line[GUARD_LINE_MAX + 100];
	struct buf deep = BUF_INIT;
	int i;

	(void)state;
	memset(line, 'x', sizeof(line));
	refused(line, sizeof(line), false, "a line of over 1048576 octets");
	refused(line, sizeof(line), true, "a line of over 1048576 octets");
	buf_adds(&deep, "* 1 FETCH (BODYSTRUCTURE ");
	for (i = 0; i < 30000; i++)
		buf_addc(&deep, '(');
	buf_adds(&deep, "\r\n");
	refused(buf_str(&deep), deep.len, false, "over 128 parentheses");
	refused("* OK a\0b\r\n", 10, false, "a NUL");
	refused("* OK a\0b\r\n", 10, true, "a NUL");
	refused("* 1 FETCH (BODY[] {4294967296}\r\n", 33, false,
	    "a literal of 4294967296 octets");
	buf_release(&deep);
}

static void
an_endless_answer_is_refused(void **state)
{
	struct guard *g = guard_new(1000);
	struct buf line = BUF_INIT;
	enum guard_state last = GUARD_LINE;
	size_t used;
	int i;

	(void)state;
	buf_adds(&line, "* FOO ");
	while (line.len < GUARD_LINE_MAX / 2)
		buf_adds(&line, "words and more of them ");
	buf_adds(&line, "\r\n");
	for (i = 0; i < 1000 && last == GUARD_LINE; i++)
		last = guard_feed(g, line.data, line.len, &used);
	assert_int_equal(last, GUARD_REFUSED);
	assert_int_equal(i, 512);
	guard_free(g);
	buf_release(&line);
}

static void
the_last_words_are_kept(void **state)
{
	static const char in[] = "* OK [ALERT] disk full\r\n1 NO [X] why\r\n"
				 "* 1 FETCH (X \"[ALERT]\")\r\n";
	struct buf out = BUF_INIT;
	struct guard *g = guard_new(1000);

	(void)state;
	pass(g, in, strlen(in), 5, &out);
	assert_string_equal(guard_words(g), "[ALERT] disk full");
	assert_string_equal(guard_tagged_line(g), "1 NO [X] why");
	assert_string_equal(guard_last_line(g), "* 1 FETCH (X \"[ALERT]\")");
	guard_free(g);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_always_has_a_text),
		cmocka_unit_test(response_codes_pass_when_well_formed),
		cmocka_unit_test(a_broken_date_is_taken_out_of_its_line),
		cmocka_unit_test(flags_that_are_no_atoms_are_taken_out),
		cmocka_unit_test(unknown_items_leave_with_their_literals),
		cmocka_unit_test(a_body_passes_in_any_form),
		cmocka_unit_test(other_untagged_lines_are_dropped),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(raw_lines_pass_as_they_are),
		cmocka_unit_test(every_cap_is_named),
		cmocka_unit_test(an_endless_answer_is_refused),
		cmocka_unit_test(the_last_words_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
