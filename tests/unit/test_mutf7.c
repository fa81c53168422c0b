#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/mutf7.h"
#include "mail/utf8.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *utf8;
	const char *wire;
} both[] = {
	{ "", "" },
	{ "INBOX", "INBOX" },
	{ "a&b", "a&-b" },
	{ "&", "&-" },
	{ "Entw\xc3\xbcrfe", "Entw&APw-rfe" },
	{ "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac"
	  "\xe8\xaa\x9e",
	    "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
	{ "\xf0\x9f\x90\xaa", "&2D3cKg-" },
	{ "\xc3\xa4&\xc3\xb6", "&AOQ-&-&APY-" },
	{ "\x7f", "&AH8-" },
	{ "\t", "&AAk-" },
	{ "\xef\xbf\xbf", "&,,8-" },
};

static void
names_are_encoded(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(both); i++) {
		buf_clear(&b);
		mutf7_encode(&b, both[i].utf8, strlen(both[i].utf8));
		assert_string_equal(buf_str(&b), both[i].wire);
	}
	buf_release(&b);
}

static void
names_are_decoded(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(both); i++) {
		buf_clear(&b);
		assert_true(
		    mutf7_decode(&b, both[i].wire, strlen(both[i].wire)));
		assert_string_equal(buf_str(&b), both[i].utf8);
	}
	buf_release(&b);
}

static void
what_is_not_modified_utf7_is_refused_and_leaves_nothing(void **state)
{
	static const char *const t[] = {
		"a\xc3\xa4",  /* raw 8-bit */
		"&AOQ",       /* no end */
		"a&",         /* no end */
		"&A-",        /* too short */
		"&AO-",       /* too short */
		"&AOQA-",     /* bits left */
		"&AOQAA-",    /* too long */
		"&AOR-",      /* bits left that are not zero */
		"&AO/-",      /* "/" of plain base64 */
		"&AOQ=-",     /* padding */
		"&2D0-",      /* high surrogate alone */
		"&3Co-",      /* low surrogate alone */
		"&2D0AYQ-",   /* high surrogate before a letter */
		"&2D0-&3Co-", /* halves in two stretches */
		"& -",
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	buf_adds(&b, "x");
	for (i = 0; i < COUNT(t); i++) {
		print_message("# %s\n", t[i]);
		assert_false(mutf7_decode(&b, t[i], strlen(t[i])));
		assert_string_equal(buf_str(&b), "x");
	}
	buf_release(&b);
}

static void
every_character_survives(void **state)
{
	struct buf utf8 = BUF_INIT, wire = BUF_INIT, again = BUF_INIT;
	uint32_t cp;

	(void)state;
	for (cp = 0; cp <= 0x10FFFF; cp++) {
		if (cp == 0xD800)
			cp = 0xE000;
		buf_clear(&utf8);
		buf_clear(&wire);
		buf_clear(&again);
		utf8_encode(&utf8, cp);
		mutf7_encode(&wire, buf_str(&utf8), utf8.len);
		assert_true(mutf7_decode(&again, buf_str(&wire), wire.len));
		assert_int_equal(again.len, utf8.len);
		assert_memory_equal(again.data, utf8.data, utf8.len);
	}
	buf_release(&utf8);
	buf_release(&wire);
	buf_release(&again);
}

static void
what_is_not_utf8_becomes_the_replacement_character(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	mutf7_encode(&b, "a\xff", 2);
	assert_string_equal(buf_str(&b), "a&,,0-");
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_encoded),
		cmocka_unit_test(names_are_decoded),
		cmocka_unit_test(
		    what_is_not_modified_utf7_is_refused_and_leaves_nothing),
		cmocka_unit_test(every_character_survives),
		cmocka_unit_test(
		    what_is_not_utf8_becomes_the_replacement_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
