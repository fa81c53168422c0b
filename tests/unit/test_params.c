#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mail/params.h"

struct field {
	const char *text;
	const char *word;
	const char *name;
	const char *value; /* NULL: there is none */
};

static void
fields_are_read_as_careless_senders_write_them(void **state)
{
	static const struct field cases[] = {
		{ "Text/Plain; charset=utf-8", "text/plain", "charset",
		    "utf-8" },
		{ "text/plain;\r\n\tcharset = \"us-ascii\" (a comment)",
		    "text/plain", "CHARSET", "us-ascii" },
		{ "application/pdf; name=My File.pdf ; x=y", "application/pdf",
		    "name", "My File.pdf" },
		{ "attachment; filename=\"a;b\\\"c.txt\"", "attachment",
		    "filename", "a;b\"c.txt" },
		{ "multipart / mixed (old); boundary=\"--=_x\"",
		    "multipart/mixed", "boundary", "--=_x" },
		{ "inline", "inline", "filename", NULL },
		{ "inline; filename", "inline", "filename", NULL },
		{ "inline; filename=", "inline", "filename", "" },
		{ "inline;;; filename=a; filename=b", "inline", "filename",
		    "a" },
		{ "x; filename=\"not closed", "x", "filename", "not closed" },
		{ "(only (a) comment", "", "x", NULL },
		{ "", "", "x", NULL },
	};
	struct params p = PARAMS_INIT;
	struct buf word = BUF_INIT;
	const char *value;
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		params_clear(&p);
		buf_clear(&word);
		params_parse(cases[i].text, strlen(cases[i].text), &word, &p);
		assert_string_equal(buf_str(&word), cases[i].word);
		value = params_raw(&p, cases[i].name, &n);
		assert_int_equal(value == NULL, cases[i].value == NULL);
		if (value != NULL) {
			assert_int_equal(n, strlen(cases[i].value));
			assert_memory_equal(value, cases[i].value, n);
		}
	}
	params_release(&p);
	buf_release(&word);
}

static void
names_are_decoded_however_they_are_encoded(void **state)
{
	static const struct field cases[] = {
		{ "x; filename=plain.txt", "x", "filename", "plain.txt" },
		{ "x; filename=\"=?utf-8?Q?caf=C3=A9.pdf?=\"", "x", "filename",
		    "café.pdf" },
		{ "x; filename*=utf-8''%e2%82%ac%20rates", "x", "filename",
		    "€ rates" },
		{ "x; filename*=iso-8859-1'en'%A3%20rates", "x", "filename",
		    "£ rates" },
		{ "x; filename*0=\"a very \"; filename*1=long.txt", "x",
		    "filename", "a very long.txt" },
		{ "x; filename*1*=%9Fe; filename*0*=UTF-8''Stra%C3;"
		  "filename*2=\"n%20.doc\"",
		    "x", "filename", "Straßen%20.doc" },
		{ "x; filename=b; filename*=utf-8''a", "x", "filename", "a" },
		{ "x; filename*=no-quotes", "x", "filename", "no-quotes" },
		{ "x; filename*=utf-8''%zz%4", "x", "filename", "%zz%4" },
		{ "x; filename=caf\xe9", "x", "filename", "café" },
		{ "x; filename*1=lost", "x", "filename", NULL },
	};
	struct params p = PARAMS_INIT;
	struct buf word = BUF_INIT, got = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		params_clear(&p);
		buf_clear(&got);
		params_parse(cases[i].text, strlen(cases[i].text), &word, &p);
		assert_int_equal(params_text(&p, cases[i].name, 100, &got),
		    cases[i].value != NULL);
		if (cases[i].value != NULL)
			assert_string_equal(buf_str(&got), cases[i].value);
	}
	params_release(&p);
	buf_release(&word);
	buf_release(&got);
}

static void
what_is_beyond_a_bound_is_left_out(void **state)
{
	struct params p = PARAMS_INIT;
	char name[8];
	char large[PARAMS_OCTETS];
	size_t i, n;

	(void)state;
	memset(large, 'x', sizeof(large));
	params_add(&p, "large", 5, large, sizeof(large));
	assert_null(params_raw(&p, "large", &n));
	for (i = 0; i < PARAMS_MAX + 1; i++) {
		(void)snprintf(name, sizeof(name), "n%zu", i);
		params_add(&p, name, strlen(name), "v", 1);
	}
	assert_int_equal(p.n, PARAMS_MAX);
	assert_non_null(params_raw(&p, "n63", &n));
	assert_null(params_raw(&p, "n64", &n));
	params_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    fields_are_read_as_careless_senders_write_them),
		cmocka_unit_test(names_are_decoded_however_they_are_encoded),
		cmocka_unit_test(what_is_beyond_a_bound_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
