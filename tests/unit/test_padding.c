#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/padding.h"
#include "util/buf.h"

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)f;
	buf_add(arg, p, n);
	return RC_OK;
}

/* What Dovecot makes of what it is sent (measured). */
static void
as_dovecot(const struct buf *sent, struct buf *kept)
{
	size_t i = 0, run, n;

	while (i < sent->len) {
		for (run = 0; i < sent->len && sent->data[i] == '\r'; i++)
			run++;
		if (i == sent->len)
			n = run > 0 ? run - 1 : 0;
		else
			n = sent->data[i] == '\n' && run >= 2 ? run - 1 : run;
		while (n-- > 0)
			buf_addc(kept, '\r');
		if (i < sent->len)
			buf_addc(kept, sent->data[i++]);
	}
}

static void
what_dovecot_keeps_is_what_it_was(void **state)
{
	static const struct {
		const char *wire;
		unsigned added;
	} v[] = {
		{ "", 0 },
		{ "a", 0 },
		{ "a\r\n", 0 },
		{ "\r", 1 },
		{ "a\r", 1 },
		{ "a\r\r", 1 },
		{ "a\r\r\nb\r\n", 1 },
		{ "a\r\r\r\nb", 1 },
		{ "a\rb\r\n\r", 1 },
		{ "\r\r\n", 1 },
		{ "a\r\r\nb\r\r\r\n\r\n\r\r\r", 3 },
		{ "a\rb\r\n", 0 },
	};
	struct intake *in = intake_new(4096);
	struct fault f = FAULT_INIT;
	struct body b;
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		struct buf sent = BUF_INIT, kept = BUF_INIT;

		intake_begin(in);
		assert_int_equal(
		    intake_add(in, v[i].wire, strlen(v[i].wire), &f), RC_OK);
		assert_int_equal(intake_end(in, &b, &f), RC_OK);
		assert_int_equal(padding_count(&b, &n, &f), RC_OK);
		assert_int_equal(n, v[i].added);
		assert_int_equal(padding_wire(&b, collect, &sent, &f), RC_OK);
		assert_int_equal(sent.len, strlen(v[i].wire) + n);
		as_dovecot(&sent, &kept);
		assert_string_equal(buf_str(&kept), v[i].wire);
		buf_release(&sent);
		buf_release(&kept);
	}
	intake_free(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_dovecot_keeps_is_what_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
