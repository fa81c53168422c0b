#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/reply.h"
#include "smtp/wire.h"

/* Feeds text in pieces of step octets; the rest that was not taken in *rest. */
static enum reply_step
feed(const char *text, size_t n, size_t step, struct smtp_reply *r,
    const char **rest, const char **why)
{
	struct reply_reader reader = { .reply = r };
	enum reply_step got = REPLY_MORE;
	size_t at = 0, used, part;

	while (at < n && got == REPLY_MORE) {
		part = n - at < step ? n - at : step;
		got = reply_feed(&reader, text + at, part, &used);
		if (got == REPLY_MORE)
			assert_int_equal(used, part);
		at += used;
	}
	*rest = text + at;
	*why = reader.why;
	reply_reader_release(&reader);
	return got;
}

static void
an_answer_is_read_to_its_end_and_no_further(void **state)
{
	static const struct {
		const char *text;
		const char *whole; /* as smtp_reply_add writes it */
		const char *enhanced;
		const char *rest;
	} rows[] = {
		{ "220 mx ESMTP\r\n", "220 mx ESMTP", "", "" },
		{ "250\r\n", "250", "", "" },
		{ "250 \r\nmore", "250", "", "more" },
		{ "250-a\r\n250-b c\r\n250 d\r\n220 x", "250 a b c d", "",
		    "220 x" },
		{ "250 bare\n", "250 bare", "", "" },
		{ "535 5.7.8 Error: authentication failed:\r\n",
		    "535 5.7.8 Error: authentication failed:", "5.7.8", "" },
		{ "550-5.1.1 no\r\n550 5.1.1 such user\r\n",
		    "550 5.1.1 no such user", "5.1.1", "" },
		{ "550 4.1.1 no\r\n", "550 4.1.1 no", "", "" },
		{ "250 2.0.0\r\n", "250 2.0.0", "2.0.0", "" },
		{ "250 2.0.0Ok\r\n", "250 2.0.0Ok", "", "" },
		{ "250 2.0\r\n", "250 2.0", "", "" },
		{ "250 2.1234.0 x\r\n", "250 2.1234.0 x", "", "" },
		{ "451 4.7.500 busy\r\n", "451 4.7.500 busy", "4.7.500", "" },
	};
	struct smtp_reply r;
	const char *rest, *why;
	struct buf b;
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (step = 1; step < 40; step += 19) {
			memset(&r, 0, sizeof(r));
			b = (struct buf)BUF_INIT;
			assert_int_equal(feed(rows[i].text,
					     strlen(rows[i].text), step, &r,
					     &rest, &why),
			    REPLY_WHOLE);
			smtp_reply_add(&b, &r);
			assert_string_equal(buf_str(&b), rows[i].whole);
			assert_string_equal(r.enhanced, rows[i].enhanced);
			assert_string_equal(rest, rows[i].rest);
			buf_release(&b);
			smtp_reply_release(&r);
		}
}

static void
what_is_no_answer_is_bad_and_said_why(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *why;
	} rows[] = {
		{ "* OK IMAP\r\n", 11, "what is no answer of SMTP" },
		{ "\r\n", 2, "what is no answer of SMTP" },
		{ "25\r\n", 4, "what is no answer of SMTP" },
		{ "2500 x\r\n", 8, "what is no answer of SMTP" },
		{ "250x\r\n", 6, "what is no answer of SMTP" },
		{ "150 x\r\n", 7, "what is no answer of SMTP" },
		{ "650 x\r\n", 7, "what is no answer of SMTP" },
		{ "250-a\r\n550 b\r\n", 14, "an answer with two codes" },
		{ "250 a\0b\r\n", 9, "an answer with a NUL" },
	};
	struct smtp_reply r;
	const char *rest, *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&r, 0, sizeof(r));
		assert_int_equal(feed(rows[i].text, rows[i].n, 5, &r, &rest,
				     &why),
		    REPLY_BAD);
		assert_string_equal(why, rows[i].why);
		smtp_reply_release(&r);
	}
}

/* Says a line again and again until the reader has enough of it. */
static void
stops_at(const char *line, const char *why)
{
	struct smtp_reply r = { .code = 0 };
	struct reply_reader reader = { .reply = &r };
	enum reply_step step = REPLY_MORE;
	size_t i, used, n = strlen(line);

	for (i = 0; i < 100000 && step == REPLY_MORE; i++)
		step = reply_feed(&reader, line, n, &used);
	assert_int_equal(step, REPLY_BAD);
	assert_string_equal(reader.why, why);
	assert_true(i * n <= REPLY_MAX + REPLY_LINE_MAX);
	reply_reader_release(&reader);
	smtp_reply_release(&r);
}

static void
an_answer_without_end_is_cut(void **state)
{
	char line[1024];

	(void)state;
	stops_at("aaaaaaaaaaaaaaaa", "a line of more than 4096 octets");
	stops_at("250-\r\n", "an answer of more than 256 lines");
	memset(line, 'x', sizeof(line));
	memcpy(line, "250-", 4);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	stops_at(line, "an answer of more than 65536 octets");
}

static void
capabilities_are_read_in_all_their_forms(void **state)
{
	static const char ehlo[] =
	    "250-mx AUTH EVIL\r\n250-PIPELINING\r\n250-size 52428800\r\n"
	    "250-STARTTLS\r\n250-AUTH plain LOGIN\r\n"
	    "250-AUTH=LOGIN  XOAUTH2\r\n"
	    "250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n";
	static const char other[] = "250-mx\r\n250-SIZE\r\n"
				    "250-STARTTLSX\r\n250 AUTHOR x\r\n";
	struct smtp_reply r = { .code = 0 };
	struct smtp_caps c = { .size = false };
	const char *rest, *why;
	char *auth;

	(void)state;
	assert_int_equal(feed(ehlo, strlen(ehlo), 7, &r, &rest, &why),
	    REPLY_WHOLE);
	smtp_caps_take(&c, &r);
	auth = strs_join(&c.auth, " ");
	assert_string_equal(auth, "PLAIN LOGIN XOAUTH2");
	assert_int_equal(c.size_max, 52428800);
	assert_true(c.size && c.starttls && c.eightbit && c.utf8);
	assert_true(c.pipelining && c.enhanced_codes);
	free(auth);
	smtp_reply_release(&r);
	assert_int_equal(feed(other, strlen(other), 7, &r, &rest, &why),
	    REPLY_WHOLE);
	smtp_caps_take(&c, &r);
	assert_true(c.size && !c.starttls && !c.utf8);
	assert_int_equal(c.size_max, 0);
	assert_int_equal(c.auth.n, 0);
	smtp_caps_release(&c);
	smtp_reply_release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_read_to_its_end_and_no_further),
		cmocka_unit_test(what_is_no_answer_is_bad_and_said_why),
		cmocka_unit_test(an_answer_without_end_is_cut),
		cmocka_unit_test(capabilities_are_read_in_all_their_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
