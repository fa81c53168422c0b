#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/flags.h"
#include "stores/imap/selectline.h"

static void
tell(struct selectline *s, const char *const *lines, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		selectline_parse(s, lines[i], strlen(lines[i]));
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
select_tells_the_state_of_a_folder(void **state)
{
	static const char *const lines[] = {
		"* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen $Old)",
		"* OK [PERMANENTFLAGS (\\Seen \\Draft $Work \\Foo \\*)] ok",
		"* 23 EXISTS",
		"* 0 RECENT",
		"* OK [UNSEEN 3] first",
		"* OK [UIDVALIDITY 3857529045] UIDs valid",
		"* OK [UIDNEXT 4392] predicted",
		"* OK [HIGHESTMODSEQ 715194045007]",
		"* OK still here",
		"* BYE",
	};
	struct selectline s = SELECTLINE_INIT;
	struct folder_state r;

	(void)state;
	folder_state_init(&r);
	r.status_known = true;
	r.status = 22;
	tell(&s, lines, COUNT(lines));
	selectline_end(&s, &r);
	assert_int_equal(r.exists, 23);
	assert_true(r.uidvalidity == 3857529045);
	assert_int_equal(r.uidnext, 4392);
	assert_true(r.highestmodseq == 715194045007);
	assert_int_equal(r.permanent_flags, FLAG_SEEN | FLAG_DRAFT);
	assert_true(r.permanent_any);
	assert_int_equal(r.permanent_keywords.n, 2);
	assert_string_equal(r.permanent_keywords.v[1], "\\Foo");
	/* What STATUS said is not forgotten. */
	assert_true(r.status_known);
	assert_int_equal(r.status, 22);
	selectline_release(&s);
	folder_state_release(&r);
}

static void
without_permanentflags_all_flags_are_permanent(void **state)
{
	static const char *const lines[] = { "* FLAGS (\\Seen $Old)" };
	struct selectline s = SELECTLINE_INIT;
	struct folder_state r;

	(void)state;
	folder_state_init(&r);
	tell(&s, lines, COUNT(lines));
	selectline_end(&s, &r);
	assert_int_equal(r.permanent_flags, FLAG_SEEN);
	assert_false(r.permanent_any);
	assert_int_equal(r.permanent_keywords.n, 1);
	assert_int_equal(r.uidvalidity, 0);
	selectline_release(&s);
	folder_state_release(&r);
}

static void
a_broken_line_tells_nothing(void **state)
{
	static const char *const lines[] = { "", "*", "* OK [UIDVALIDITY x]",
		"* OK [UIDVALIDITY 99999999999]", "* OK [UIDNEXT", "* FLAGS",
		"* FLAGS (\\Seen", "* x EXISTS", "* OK [PERMANENTFLAGS" };
	struct selectline s = SELECTLINE_INIT;
	struct folder_state r;

	(void)state;
	folder_state_init(&r);
	tell(&s, lines, COUNT(lines));
	selectline_end(&s, &r);
	assert_int_equal(r.uidvalidity, 0);
	assert_int_equal(r.uidnext, 0);
	assert_int_equal(r.exists, 0);
	selectline_release(&s);
	folder_state_release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(select_tells_the_state_of_a_folder),
		cmocka_unit_test(
		    without_permanentflags_all_flags_are_permanent),
		cmocka_unit_test(a_broken_line_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
