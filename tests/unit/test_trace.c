#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probe/flow/trace.h"
#include "util/buf.h"

/* The way of a message, as servers of all kinds write it. */

static void
describe_hops(const struct trace *t, struct buf *b)
{
	size_t i;

	for (i = 0; i < t->hops; i++) {
		buf_addf(b, "%s%s|%s|%s|%s|", i > 0 ? "\n" : "", t->hop[i].from,
		    t->hop[i].by, t->hop[i].with, t->hop[i].tls);
		if (t->hop[i].timed)
			buf_addf(b, "%lld", (long long)t->hop[i].time);
		else
			buf_adds(b, "?");
	}
}

static const struct {
	const char *field, *hop;
} hop_table[] = {
	/* RFC 5321, appendix D.3 and 4.4 */
	{ "from xyz.com by foo.com; Thu, 21 May 1998 05:33:29 -0700",
	    "xyz.com|foo.com|||895754009" },
	/* Postfix */
	{ "from client.example (unknown [10.0.0.7])\r\n"
	  "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
	  "(256/256 bits)\r\n"
	  "\t key-exchange X25519 server-signature RSA-PSS)\r\n"
	  "\t(No client certificate requested)\r\n"
	  "\t(Authenticated sender: anna)\r\n"
	  "\tby mail.example.com (Postfix) with ESMTPSA id 4XyZ\r\n"
	  "\tfor <bob@example.com>; Wed, 25 Nov 2026 10:00:00 +0100 "
	  "(CET)",
	    "client.example (unknown [10.0.0.7]) (No client certificate "
	    "requested) (Authenticated sender: anna)|mail.example.com|"
	    "ESMTPSA|TLSv1.3|1795597200" },
	/* Dovecot's LMTP */
	{ "from mail.example.com ([127.0.0.1])\n\tby imap.example.com "
	  "with LMTP\n\tid aBcD\n\t(envelope-from <a@b>)\n\tfor <c@d>; "
	  "Wed, 25 Nov 2026 09:00:01 +0000",
	    "mail.example.com ([127.0.0.1])|imap.example.com|LMTP||"
	    "1795597201" },
	/* Exim */
	{ "from [10.0.0.7] (helo=client)\n\tby mx.example.com with "
	  "esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\n\t(Exim 4.96)"
	  "\n\t(envelope-from <a@b>)\n\tid 1u-0-2\n\tfor c@d;\n\t"
	  "Wed, 25 Nov 2026 09:00:02 +0000",
	    "[10.0.0.7] (helo=client)|mx.example.com|esmtps|TLSv1.3|"
	    "1795597202" },
	/* Gmail's and Exchange's ways to tell of TLS */
	{ "from a (a. [1.2.3.4]) by mx.google.com with ESMTPS id x "
	  "(version=TLS1_2 cipher=X bits=256/256); "
	  "Wed, 25 Nov 2026 09:00:02 +0000",
	    "a (a. [1.2.3.4])|mx.google.com|ESMTPS|TLSv1.2|1795597202" },
	{ "from A.example (2603::1) by B.example\r\n (2603::2) with "
	  "Microsoft SMTP Server (version=TLS1_3,\r\n cipher=X) id "
	  "15.20.1; Wed, 25 Nov 2026 09:00:03 +0000",
	    "A.example (2603::1)|B.example|Microsoft|TLSv1.3|"
	    "1795597203" },
	/* no version, but the protocol has an S */
	{ "from a by b with UTF8SMTPS; x", "a|b|UTF8SMTPS|yes|?" },
	{ "from a by b with ESMTPA", "a|b|ESMTPA||?" },
	/* qmail */
	{ "(qmail 123 invoked by uid 89); 25 Nov 2026 09:00:00 -0000",
	    "||||1795597200" },
	{ "from a (HELO b) (c@1.2.3.4)\n  by d with SMTP; "
	  "25 Nov 2026 09:00:00 -0000",
	    "a (HELO b) (c@1.2.3.4)|d|SMTP||1795597200" },
	/* words of ours as names, quotes, what never ends */
	{ "from by by from with with", "by|from|with||?" },
	{ "from \"a; b\" by c; (d; e) 25 Nov 2026 09:00:00 +0000",
	    "a; b|c|||1795597200" },
	{ "from a (b (c) by d", "a (b (c) by d)||||?" },
	{ "", "||||?" },
	{ ";;;", "||||?" },
};

static void
a_hop_tells_who_and_how_and_when(void **state)
{
	struct buf field = BUF_INIT, got = BUF_INIT;
	struct trace trace;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hop_table) / sizeof(hop_table[0]); i++) {
		buf_clear(&field);
		buf_clear(&got);
		buf_addf(&field, "Received: %s\r\n\r\n", hop_table[i].field);
		trace_of(field.data, field.len, &trace);
		describe_hops(&trace, &got);
		assert_string_equal(buf_str(&got), hop_table[i].hop);
		trace_release(&trace);
	}
	buf_release(&field);
	buf_release(&got);
}

static void
the_first_server_comes_first(void **state)
{
	static const char header[] =
	    "Return-Path: <anna@old.example>\n"
	    "Received: by c; Wed, 25 Nov 2026 09:00:03 +0000\n"
	    "Return-Path: <other@x>\n"
	    "Received: by b; Wed, 25 Nov 2026 09:00:02 +0000\n"
	    "Received: by a; Wed, 25 Nov 2026 09:00:01 +0000\n"
	    "\nReceived: by d\n";
	struct trace t;
	struct buf b = BUF_INIT;

	(void)state;
	trace_of(header, strlen(header), &t);
	describe_hops(&t, &b);
	assert_string_equal(buf_str(&b),
	    "|a|||1795597201\n|b|||1795597202\n|c|||1795597203");
	assert_string_equal(t.return_path, "anna@old.example");
	trace_release(&t);
	trace_of("Return-Path: <>\n", 16, &t);
	assert_string_equal(t.return_path, "");
	trace_release(&t);
	trace_of("", 0, &t);
	assert_null(t.return_path);
	trace_release(&t);
	buf_release(&b);
}

static const struct {
	const char *field, *verdicts;
} verdict_table[] = {
	/* RFC 8601, appendix B */
	{ "Authentication-Results: example.org 1; none", "" },
	{ "Authentication-Results: example.com;\r\n"
	  "\tspf=pass smtp.mailfrom=example.net",
	    "example.com:spf=pass:smtp.mailfrom=example.net" },
	{ "Authentication-Results: example.com;\r\n"
	  "\tauth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
	  "\tspf=pass smtp.mailfrom=example.net",
	    "example.com:auth=pass:smtp.auth=sender@example.net\n"
	    "example.com:spf=pass:smtp.mailfrom=example.net" },
	{ "Authentication-Results: example.com;\r\n"
	  "\tdkim=pass reason=\"good signature\"\r\n"
	  "\t header.i=@mail-router.example.net;\r\n"
	  "\tdkim=fail reason=\"bad signature\"\r\n"
	  "\t header.i=@newyork.example.com",
	    "example.com:dkim=pass:header.i=@mail-router.example.net\n"
	    "example.com:dkim=fail:header.i=@newyork.example.com" },
	{ "Authentication-Results: foo.example.net (foobar) 1 (baz);\n"
	  "\tdkim (Because I like it) / 1 (One yay) = (wait for it) "
	  "fail\n\tpolicy (A dot can go here) . (like that) expired\n"
	  "\t(this surprised me) = (as I wasn't expecting it) "
	  "1362471462",
	    "foo.example.net:dkim=fail:policy.expired=1362471462" },
	/* Gmail, Exchange without a server, a version, base64 */
	{ "Authentication-Results: mx.google.com;\n       dkim=pass "
	  "header.i=@a.b header.s=s1 header.b=Ab/C==;\n       arc=pass "
	  "(i=1 spf=pass spfdomain=a.b);\n       dmarc=pass (p=NONE "
	  "sp=NONE dis=NONE) header.from=a.b",
	    "mx.google.com:dkim=pass:header.i=@a.b header.s=s1 "
	    "header.b=Ab/C\n"
	    "mx.google.com:arc=pass:\n"
	    "mx.google.com:dmarc=pass:header.from=a.b" },
	{ "Authentication-Results: spf=pass (sender IP is 1.2.3.4) "
	  "smtp.mailfrom=a.b; DKIM/1=None (message not signed);dmarc="
	  "bestguesspass action=none header.from=a.b;compauth=pass "
	  "reason=109",
	    ":spf=pass:smtp.mailfrom=a.b\n:dkim=none:\n"
	    ":dmarc=bestguesspass:header.from=a.b\n:compauth=pass:" },
	/* RFC 7208 9.1 */
	{ "Received-SPF: pass (mybox.example.org: domain of\n "
	  "myname@example.com designates 192.0.2.1 as permitted "
	  "sender)\n receiver=mybox.example.org; client-ip=192.0.2.1;\n"
	  " envelope-from=\"myname@example.com\"; helo=foo.example.com;",
	    "mybox.example.org:spf=pass:"
	    "smtp.mailfrom=myname@example.com" },
	{ "Received-SPF: SoftFail", ":spf=softfail:" },
	{ "Received-SPF:", "" },
	{ "Authentication-Results:", "" },
	{ "Authentication-Results: ;=;==", "" },
	{ "Authentication-Results: a; =b; c=; d", "" },
};

static void
verdicts_are_read_with_who_gives_them(void **state)
{
	struct buf b = BUF_INIT;
	struct trace r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(verdict_table) / sizeof(verdict_table[0]); i++) {
		buf_clear(&b);
		trace_of(verdict_table[i].field, strlen(verdict_table[i].field),
		    &r);
		for (k = 0; k < r.verdicts; k++)
			buf_addf(&b, "%s%s:%s=%s:%s", k > 0 ? "\n" : "",
			    r.verdict[k].server, r.verdict[k].method,
			    r.verdict[k].result, r.verdict[k].about);
		assert_string_equal(buf_str(&b), verdict_table[i].verdicts);
		trace_release(&r);
	}
	buf_release(&b);
}

static void
there_is_an_end_to_what_is_kept(void **state)
{
	struct buf b = BUF_INIT;
	struct trace t;
	int i;

	(void)state;
	for (i = 0; i < 200; i++)
		buf_adds(&b, "Received: by a\nReceived-SPF: pass\n");
	buf_adds(&b, "Received: by ");
	trace_of(b.data, b.len, &t);
	assert_int_equal(t.hops, TRACE_HOPS_MAX);
	assert_int_equal(t.verdicts, TRACE_VERDICTS_MAX);
	trace_release(&t);
	buf_clear(&b);
	buf_adds(&b, "Received: by ");
	for (i = 0; i < 1 << 20; i++)
		buf_addc(&b, 'x');
	trace_of(b.data, b.len, &t);
	assert_true(strlen(t.hop[0].by) < TRACE_FIELD_MAX);
	trace_release(&t);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hop_tells_who_and_how_and_when),
		cmocka_unit_test(the_first_server_comes_first),
		cmocka_unit_test(verdicts_are_read_with_who_gives_them),
		cmocka_unit_test(there_is_an_end_to_what_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
