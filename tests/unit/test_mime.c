#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/mime.h"
#include "util/buf.h"

/* "text/plain 5; image/png 3 a.png;": a "!" before an attachment, and " cut"
 * behind it all. */
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
	if (p->cut)
		buf_adds(out, " cut");
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static const struct {
	const char *mail;
	const char *parts;
} cases[] = {
	{ "Subject: x\r\n\r\nhello\r\n", "text/plain 7;" },
	{ "Subject: x\r\n\r\nhello", "text/plain 5;" },
	{ "Subject: x\n\nhello\n", "text/plain 6;" },
	{ "Subject: x\r\n", "text/plain 0;" },
	{ "", "text/plain 0;" },
	{ "\r\nbody", "text/plain 4;" },
	{ "Content-Type: text\r\n\r\nx", "text/plain 1;" },
	{ "content-type: IMAGE/Png; name=a.png\r\n\r\nabc",
	    "!image/png 3 a.png;" },
	{ "Content-Type: text/html\r\nContent-Type: image/png\r\n\r\nx",
	    "text/html 1;" },
	{ MIXED "preamble\r\n--b\r\n\r\none\r\n--b\r\n"
		"Content-Type: application/pdf\r\n"
		"Content-Disposition: attachment;\r\n filename=\"a b.pdf\"\r\n"
		"\r\nJVBE\r\n--b--\r\nepilogue\r\n--b\r\n",
	    "text/plain 3;!application/pdf 4 a b.pdf;" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\n--b--\n",
	    "text/plain 4;" },
	/* blanks behind a boundary are none of it, other things are */
	{ MIXED "--b \t\r\n\r\n--bb\r\n--b--", "text/plain 4;" },
	/* one that is not closed, and one in its header */
	{ MIXED "--b\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n--b\r\n"
		"Content-Type: text/css",
	    "text/plain 1;text/html 0;text/css 0;" },
	{ "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n"
	  "Subject: in it\r\n\r\n--b--\r\n",
	    "!message/rfc822 16;" },
	/* the outer boundary ends the inner one too */
	{ MIXED "--b\r\nContent-Type: multipart/alternative; boundary=\"c c\""
		"\r\n\r\n--c c\r\n\r\n1\r\n--c c\r\n"
		"Content-Type: text/html\r\n\r\n22\r\n--b\r\n"
		"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n"
		"Content-Type: image/gif\r\n\r\n\r\n--b--\r\n",
	    "text/plain 1;text/html 2;!message/rfc822 39;" },
	/* folded inside of its quotes */
	{ "Content-Type: multipart/mixed; boundary=\"a\r\n b\"\r\n\r\n"
	  "--a b\r\n\r\nx\r\n--a b--",
	    "text/plain 1;" },
	/* no boundary: nothing can be found in it */
	{ "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx",
	    "multipart/mixed 8;" },
	{ "Content-Type: application/octet-stream;\r\n"
	  " name*0*=utf-8''%C3%9C;\r\n name*1=.bin\r\n\r\n\0z",
	    "!application/octet-stream 0 Ü.bin;" },
	{ "Content-Type: application/pgp-signature\r\n\r\nx",
	    "application/pgp-signature 1;" },
	{ "Content-Type: te xt/\x01plain\r\n\r\nx", "? 1;" },
};

static void
leaves_are_found_in_pieces_of_any_size(void **state)
{
	struct mime *m = mime_new();
	struct parts parts = PARTS_INIT;
	struct buf got = BUF_INIT;
	size_t i, at, n, step;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (step = 1; step < 60; step++) {
			n = strlen(cases[i].mail);
			mime_begin(m, &parts);
			for (at = 0; at < n; at += step)
				mime_add(m, cases[i].mail + at,
				    n - at < step ? n - at : step);
			mime_end(m);
			tell(&parts, &got);
			assert_string_equal(buf_str(&got), cases[i].parts);
		}
	mime_free(m);
	parts_release(&parts);
	buf_release(&got);
}

/* What a hostile sender writes costs no more than its octets. */
static void
what_is_too_much_is_cut(void **state)
{
	struct mime *m = mime_new();
	struct parts parts = PARTS_INIT;
	struct buf mail = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * PARTS_DEPTH; i++)
		buf_addf(&mail,
		    "Content-Type: multipart/mixed; boundary=b%zu\r\n\r\n"
		    "--b%zu\r\n",
		    i, i);
	mime_begin(m, &parts);
	mime_add(m, mail.data, mail.len);
	mime_end(m);
	assert_true(parts.cut);
	assert_int_equal(parts.n, 1);

	buf_clear(&mail);
	buf_adds(&mail, MIXED);
	for (i = 0; i < 2 * PARTS_MAX; i++)
		buf_adds(&mail, "--b\r\n\r\nx\r\n");
	mime_begin(m, &parts);
	mime_add(m, mail.data, mail.len);
	mime_end(m);
	assert_true(parts.cut);
	assert_int_equal(parts.n, PARTS_MAX);

	/* a line of the header that never ends */
	buf_clear(&mail);
	buf_adds(&mail, "Content-Type: image/png\r\nX: ");
	for (i = 0; i < 2 * MIME_HEADER_MAX; i++)
		buf_addc(&mail, 'x');
	buf_adds(&mail, "\r\n\r\nbody");
	mime_begin(m, &parts);
	mime_add(m, mail.data, mail.len);
	mime_end(m);
	assert_int_equal(parts.n, 1);
	assert_string_equal(parts.v[0].type, "image/png");
	assert_int_equal(parts.v[0].octets, 4);
	mime_free(m);
	parts_release(&parts);
	buf_release(&mail);
}

static void
a_kind_is_told_by_the_name_where_the_type_tells_nothing(void **state)
{
	static const struct {
		const char *type, *name, *kind;
	} kinds[] = {
		{ "image/png", "a.pdf", "image/png" },
		{ "application/octet-stream", "A.PDF",
		    "application/octet-stream .pdf" },
		{ "application/octet-stream", "a", "application/octet-stream" },
		{ "application/octet-stream", "a.",
		    "application/octet-stream" },
		{ "application/octet-stream", "a.very-long",
		    "application/octet-stream" },
		{ "application/octet-stream", "a.p f",
		    "application/octet-stream" },
	};
	struct buf got = BUF_INIT;
	struct part p = { .octets = 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		(void)strncpy(p.type, kinds[i].type, PART_TYPE_MAX);
		p.name = (char *)(uintptr_t)kinds[i].name;
		buf_clear(&got);
		part_kind(&p, &got);
		assert_string_equal(buf_str(&got), kinds[i].kind);
	}
	buf_release(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_are_found_in_pieces_of_any_size),
		cmocka_unit_test(what_is_too_much_is_cut),
		cmocka_unit_test(
		    a_kind_is_told_by_the_name_where_the_type_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
