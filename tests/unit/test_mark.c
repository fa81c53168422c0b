#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "probe/flow/mark.h"
#include "probe/flow/mark_text.h"
#include "util/mem.h"

/* The marked message: made, known again, and compared. */

static int
setup(void **state)
{
	(void)state;
	return hash_startup() ? 0 : -1;
}

static void
make(struct mark *m)
{
	mark_init(m, "anna@old.example", "bob@new.example", 1764112525);
}

/* Octets up to the empty line. */
static size_t
header_of(const struct buf *b)
{
	const unsigned char *end = memmem(b->data, b->len, "\r\n\r\n", 4);

	assert_non_null(end);
	return (size_t)(end - b->data) + 2;
}

static void
assert_has(struct buf *b, const char *text)
{
	if (strstr(buf_str(b), text) == NULL)
		fail_msg("no '%s' in:\n%s", text, buf_str(b));
}

static void
an_address_is_taken_where_it_needs_no_quotes(void **state)
{
	static const struct {
		const char *s;
		bool plain;
	} t[] = {
		{ "a@b", true },
		{ "anna.o'neil+x=y@mail.example.com", true },
		{ "a@[127.0.0.1]", false },
		{ "", false },
		{ "a", false },
		{ "@b", false },
		{ "a@", false },
		{ "a@b@c", false },
		{ "a b@c", false },
		{ "a@b\r\nRCPT TO:<x@y>", false },
		{ "<a@b>", false },
		{ "\"a\"@b", false },
		{ "gr\xc3\xbc\xc3\x9f@b", false },
	};
	char longest[260];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (mark_address_is_plain(t[i].s) != t[i].plain)
			fail_msg("'%s': wanted %d", t[i].s, t[i].plain);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + 100, "@", 1);
	longest[254] = '\0';
	assert_true(mark_address_is_plain(longest));
	longest[254] = 'a';
	longest[255] = '\0';
	assert_false(mark_address_is_plain(longest));
}

static void
two_marks_are_never_the_same(void **state)
{
	struct mark a, b;

	(void)state;
	make(&a);
	make(&b);
	assert_int_equal(strlen(a.token), MARK_CHARS);
	assert_string_not_equal(a.token, b.token);
	mark_release(&a);
	mark_release(&b);
}

static void
the_message_is_as_RFC_5322_has_it(void **state)
{
	struct buf b = BUF_INIT;
	struct mark m;
	size_t i, line = 0;
	int eight;

	(void)state;
	make(&m);
	for (eight = 0; eight < 2; eight++) {
		buf_clear(&b);
		mark_message(&m, eight != 0, &b);
		assert_has(&b, "Date: Tue, 25 Nov 2025 23:15:25 +0000\r\n");
		assert_has(&b, "From: <anna@old.example>\r\n");
		assert_has(&b, "To: <bob@new.example>\r\n");
		assert_has(&b, "@old.example>\r\n");
		assert_has(&b, "Auto-Submitted: auto-generated\r\n");
		for (i = 0; i < b.len; i++) {
			line = b.data[i] == '\n' ? 0 : line + 1;
			assert_true(line <= 999);
			if (b.data[i] == '\n')
				assert_int_equal(b.data[i - 1], '\r');
			assert_true(b.data[i] != 0);
			assert_true(eight != 0 || b.data[i] < 0x80);
		}
		assert_int_equal(memmem(b.data, b.len, "\xc3\xbc", 2) != NULL,
		    eight);
	}
	mark_release(&m);
	buf_release(&b);
}

static void
signs_are_compared_exactly(void **state)
{
	static const struct {
		const char *format; /* %s: the token, %1$s too */
		unsigned signs;
	} t[] = {
		{ "X-Mailproof-Mark: %s\n", MARK_BY_FIELD },
		{ "x-mailproof-mark:\r\n %s\r\n\r\n", MARK_BY_FIELD },
		{ "Message-ID: <mailproof.%s@old.example>\n", MARK_BY_ID },
		{ "A: b\nMessage-Id: <mailproof.%1$s@old.example>\n"
		  "X-Mailproof-Mark: %1$s\n",
		    MARK_BY_ID | MARK_BY_FIELD },
		{ "X-Mailproof-Mark: %sa\n", 0 },
		{ "X-Mailproof-Mark: x %s\n", 0 },
		{ "Message-ID: <mailproof.%s@other.example>\n", 0 },
		{ "In-Reply-To: <mailproof.%s@old.example>\n", 0 },
		{ "Subject: %s\n\nX-Mailproof-Mark: %1$s\n", 0 },
		{ "\nX-Mailproof-Mark: %s\n", 0 },
	};
	struct mark m;
	struct buf b = BUF_INIT;
	const char *p;
	size_t i;

	(void)state;
	make(&m);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		for (p = t[i].format; *p != '\0'; p++) {
			if (*p != '%') {
				buf_addc(&b, *p);
				continue;
			}
			buf_adds(&b, m.token);
			p = strchr(p, 's');
		}
		if (mark_signs(&m, b.data, b.len) != t[i].signs)
			fail_msg("%s: wanted %u", t[i].format, t[i].signs);
	}
	mark_release(&m);
	buf_release(&b);
}

/* Replaces the first of these octets. */
static void
replace(struct buf *b, const char *from, const char *to)
{
	const unsigned char *at = memmem(b->data, b->len, from, strlen(from));
	struct buf r = BUF_INIT;
	size_t n;

	if (at == NULL)
		fail_msg("no '%s'", from);
	n = (size_t)(at - b->data);
	buf_add(&r, b->data, n);
	buf_adds(&r, to);
	buf_add(&r, at + strlen(from), b->len - n - strlen(from));
	buf_release(b);
	*b = r;
}

static void
compare(const struct mark *m, const struct buf *b, const char *wanted)
{
	struct mark_fate fate;
	char *got;

	mark_compare(m, true, b->data, b->len, &fate);
	got = strs_join(&fate.changed, "; ");
	assert_string_equal(got, wanted);
	free(got);
	strs_release(&fate.changed);
}

static void
what_servers_alter_is_named(void **state)
{
	static const struct {
		const char *from, *to, *said;
	} t[] = {
		{ "Date:", "Received: from a\r\n\tby b\r\nDate:", "" },
		{ "Subject: mail", "Subject:\r\n mail", "" },
		{ "Subject: ", "Subject: [X] ",
		    "Subject is now '[X] mailproof test message 00010203'" },
		{ "Message-ID: <mailproof.", "Message-ID: <x.",
		    "Message-ID is now '<x.000102030405060708090a0b0c0d0e0f"
		    "@old.example>'" },
		{ "X-Mailproof-Mark: ", "X-Other: ",
		    "X-Mailproof-Mark is gone" },
		{ "From here", ">From here",
		    "line 7 of the text is now '>From here'" },
		{ ".a dot", "a dot", "line 6 of the text is now 'a dot'" },
		{ "end  \r\n", "end\r\n",
		    "line 8 of the text is now 'blanks at the end'" },
		{ "long line ends\r\n",
		    "long line ends\r\n-- \r\nbig company\r\n",
		    "behind the text stands '-- '" },
		{ "a\ttab, = and =3D\r\n", "",
		    "line 9 of the text is now 'long line long line long line "
		    "long line long line long line ...'" },
		{ "charset=utf-8", "charset=us-ascii", "" },
		{ "text/plain; charset=utf-8", "multipart/mixed",
		    "the text is now 'multipart/mixed'" },
		{ ": 8bit", ": x-uue", "its transfer encoding is not known" },
	};
	struct mark m;
	struct buf b = BUF_INIT;
	const unsigned char *at;
	size_t i;

	(void)state;
	make(&m);
	memcpy(m.token, "000102030405060708090a0b0c0d0e0f", MARK_CHARS);
	free(m.id);
	m.id = xasprintf("<mailproof.%s@old.example>", m.token);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		mark_message(&m, true, &b);
		replace(&b, t[i].from, t[i].to);
		compare(&m, &b, t[i].said);
	}
	/* cut in the middle, and to nothing */
	buf_clear(&b);
	mark_message(&m, true, &b);
	at = memmem(b.data, b.len, "blanks", 6);
	assert_non_null(at);
	b.len = (size_t)(at - b.data);
	compare(&m, &b, "the text ends before its line 8");
	b.len = header_of(&b);
	compare(&m, &b, "the text ends before its line 1");
	mark_release(&m);
	buf_release(&b);
}

/* As servers do that have no 8BITMIME: RFC 6152 section 3. */
static void
an_encoding_is_no_alteration(void **state)
{
	static const char base64[] =
	    "Content-Transfer-Encoding: base64\r\n\r\n";
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = BUF_INIT, text = BUF_INIT, quoted = BUF_INIT;
	struct mark_fate fate;
	struct mark m;
	size_t i;
	uint32_t v;

	(void)state;
	make(&m);
	mark_message(&m, false, &quoted);
	mark_compare(&m, true, quoted.data, quoted.len, &fate);
	assert_true(fate.same);
	assert_int_equal(fate.sent, MARK_EIGHT);
	assert_int_equal(fate.came, MARK_QUOTED);
	assert_int_equal(fate.changed.n, 0);

	mark_text(m.token, &text);
	buf_add(&b, quoted.data, header_of(&quoted));
	replace(&b, "Content-Transfer-Encoding: quoted-printable\r\n", base64);
	buf_room(&text, 3)[0] = 0;
	while (text.len % 3 != 0)
		buf_addc(&text, '\n');
	for (i = 0; i < text.len; i += 3) {
		v = (uint32_t)text.data[i] << 16 |
		    (uint32_t)text.data[i + 1] << 8 | text.data[i + 2];
		buf_addc(&b, digits[v >> 18]);
		buf_addc(&b, digits[v >> 12 & 63]);
		buf_addc(&b, digits[v >> 6 & 63]);
		buf_addc(&b, digits[v & 63]);
		if (i % 54 == 51)
			buf_adds(&b, "\r\n");
	}
	mark_compare(&m, true, b.data, b.len, &fate);
	assert_int_equal(fate.came, MARK_BASE64);
	assert_true(fate.same);
	assert_int_equal(fate.changed.n, 0);
	mark_release(&m);
	buf_release(&b);
	buf_release(&text);
	buf_release(&quoted);
}

static void
quoted_printable_is_read_as_it_comes(void **state)
{
	static const struct {
		const char *s, *text;
	} t[] = {
		{ "a=3Db=C3=BC", "a=b\xc3\xbc" },
		{ "a=\r\nb=  \nc=", "abc" },
		{ "a=c3", "a\xc3" },
		{ "a=G1=4", "a=G1=4" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		mark_text_unquote(t[i].s, strlen(t[i].s), &b);
		assert_string_equal(buf_str(&b), t[i].text);
	}
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_taken_where_it_needs_no_quotes),
		cmocka_unit_test(two_marks_are_never_the_same),
		cmocka_unit_test(the_message_is_as_RFC_5322_has_it),
		cmocka_unit_test(signs_are_compared_exactly),
		cmocka_unit_test(what_servers_alter_is_named),
		cmocka_unit_test(an_encoding_is_no_alteration),
		cmocka_unit_test(quoted_printable_is_read_as_it_comes),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
