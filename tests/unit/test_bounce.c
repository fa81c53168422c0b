#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/flow/bounce.h"
#include "util/buf.h"

/* Reports of mail that was not delivered. */

#define REPORT(status)                                                    \
	"From: MAILER-DAEMON@a\nContent-Type: multipart/report; "         \
	"report-type=delivery-status;\n\tboundary=\"b/x\"\n\npreamble\n"  \
	"--b/x\nContent-Type: text/plain\n\nfor people: 5.9.9\n\n--b/x\n" \
	"Content-Type: message/delivery-status\n\n" status                \
	"\n\n--b/x\nContent-Type: text/rfc822-headers\n\nSubject: s\n"

static const struct {
	const char *raw, *said;
} table[] = {
	/* Postfix */
	{ REPORT("Reporting-MTA: dns; mail.example.com\n"
		 "X-Postfix-Queue-ID: 4X\nArrival-Date: x\n\n"
		 "Final-Recipient: rfc822; bob@example.com\n"
		 "Original-Recipient: rfc822;bob@example.com\n"
		 "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx\n"
		 "Diagnostic-Code: smtp; 550 5.1.1 <bob@example.com>: User\n"
		 "    unknown"),
	    "failed 5.1.1 bob@example.com mail.example.com "
	    "550 5.1.1 <bob@example.com>: User unknown" },
	{ REPORT("Action: delayed\nStatus: 4.4.1 (no answer)"),
	    "delayed 4.4.1   " },
	{ REPORT("Action: relayed\nStatus: 2.1.9"), "delivered 2.1.9   " },
	/* that which failed counts */
	{ REPORT("Reporting-MTA: x\n\nAction: delivered\nStatus: 2.0.0\n"
		 "Final-Recipient: rfc822;a@b\n\n"
		 "Final-Recipient: rfc822;c@d\nAction: Failed\n"
		 "Status: 5.2.2\n\nAction: delivered\nStatus: 2.0.0"),
	    "failed 5.2.2 c@d x " },
	{ REPORT("Action: failed\nStatus: five"), "failed    " },
	/* it is no report of this kind */
	{ REPORT("Reporting-MTA: dns; x"),
	    "failed 5.9.9  x for people: 5.9.9" },
	/* CRLF, a report in a multipart of a mailing list */
	{ "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
	  "Content-Type: multipart/report; boundary=i\r\n\r\n--i\r\n"
	  "Content-Type: message/delivery-status\r\n\r\nA: b\r\n\r\n"
	  "Action: failed\r\nStatus: 5.7.1\r\n\r\n--i--\r\n--o--\r\n",
	    "failed 5.7.1   " },
	/* qmail; others without a report */
	{ "Return-Path: <>\nFrom: x@y\n\nHi. This is the qmail-send program.\n"
	  "<bob@example.com>:\nSorry, no mailbox 1.2.3.4.5 here. (#5.1.1)\n",
	    "failed 5.1.1   Sorry, no mailbox 1.2.3.4.5 here. (#5.1.1)" },
	{ "From: Mail <MAILER-DAEMON@x>\n\nhost said: 451 4.7.1 later\n",
	    "delayed 4.7.1   host said: 451 4.7.1 later" },
	/* no bounce */
	{ "From: x@y\n\n550 5.1.1 said he\n", NULL },
	{ "Return-Path: <>\nFrom: x@y\n\nI am on holiday, 24.12. to 5.1.\n",
	    NULL },
	{ "From: postmaster@x\n\nversion 5.1.1.2 and 2.0.0\n", NULL },
	{ "Content-Type: multipart/report; boundary=b\n\n--b\n", NULL },
	{ "Content-Type: multipart/report\n\n", NULL },
	{ "", NULL },
};

static void
a_report_is_read_as_servers_write_it(void **state)
{
	static const char *const actions[] = { "failed", "delayed",
		"delivered" };
	struct buf b = BUF_INIT;
	struct bounce r;
	size_t i;
	bool is;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		is = bounce_of(table[i].raw, strlen(table[i].raw), &r);
		if (is != (table[i].said != NULL))
			fail_msg("%zu: wanted %d", i, !is);
		if (!is)
			continue;
		buf_clear(&b);
		buf_addf(&b, "%s %s %s %s %s", actions[r.action], r.status,
		    r.recipient, r.server, r.diagnostic);
		assert_string_equal(buf_str(&b), table[i].said);
		bounce_release(&r);
	}
	buf_release(&b);
}

/* 100,000 multiparts, one in the other, and as many side by side. */
static void
there_is_an_end_to_parts(void **state)
{
	struct buf b = BUF_INIT;
	struct bounce r;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		buf_adds(&b,
		    "Content-Type: multipart/mixed; boundary=b\n\n--b\n");
	assert_false(bounce_of(b.data, b.len, &r));
	buf_clear(&b);
	buf_adds(&b, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (i = 0; i < 100000; i++)
		buf_adds(&b, "--b\n");
	assert_false(bounce_of(b.data, b.len, &r));
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_as_servers_write_it),
		cmocka_unit_test(there_is_an_end_to_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
