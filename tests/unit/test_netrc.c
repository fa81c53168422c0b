#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "accounts/netrc.h"
#include "accounts/secret.h"
#include "tests/unit/tempdir.h"

static void
the_first_entry_that_fits_is_taken(void **state)
{
	static const struct {
		const char *text, *host, *user;
		const char *password; /* NULL: none */
		const char *login;    /* when user is NULL */
	} rows[] = {
		{ "", "h", "u", NULL, NULL },
		{ "machine h login u password p\n", "h", "u", "p", NULL },
		{ "machine h login u password p", "h", NULL, "p", "u" },
		{ "machine H.Example login u password p", "h.example", "u", "p",
		    NULL },
		{ "machine h login U password p", "h", "u", NULL, NULL },
		{ "machine x login u password p", "h", "u", NULL, NULL },
		{ "machine h password p", "h", "u", "p", NULL },
		{ "machine h password p", "h", NULL, NULL, NULL },
		{ "machine h login u", "h", "u", NULL, NULL },
		{ "machine h\n\tlogin v\n\tpassword q\n"
		  "machine h\n\tlogin u\n\tpassword p\n",
		    "h", "u", "p", NULL },
		{ "machine h password p login u account a port 993", "h", "u",
		    "p", NULL },
		{ "default login u password p", "h", "u", "p", NULL },
		{ "default login d password q machine h login u password p",
		    "h", "u", "p", NULL },
		{ "machine h login u password \"a b\\\"c\\\\\"", "h", "u",
		    "a b\"c\\", NULL },
		{ "machine h login u password a\\ b", "h", "u", NULL, "bad" },
		{ "machine h login u password p#q", "h", "u", "p#q", NULL },
		{ "machine h login u password #q", "h", "u", "#q", NULL },
		{ "# machine h login u password no\n"
		  "machine h login u password p # it is\n",
		    "h", "u", "p", NULL },
		{ "machine h login \"machine\" password \"default\"", "h",
		    "machine", "default", NULL },
		{ "machine x macdef init\nmachine h login u password no\n\n"
		  "machine h login u password p",
		    "h", "u", "p", NULL },
		{ "machine h login u password \"\"", "h", "u", NULL, NULL },
	};
	struct fault f = FAULT_INIT;
	struct buf text, password = BUF_INIT;
	enum rc rc, wanted;
	char *login;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = (struct buf)BUF_INIT;
		buf_adds(&text, rows[i].text);
		buf_clear(&password);
		rc = netrc_find(&text, rows[i].host, rows[i].user, &login,
		    &password, &f);
		wanted = rows[i].password != NULL ? RC_OK :
		    rows[i].login != NULL         ? RC_STORE :
						    RC_END;
		if (rc != wanted)
			fail_msg("%s: got %d, %s", rows[i].text, rc, f.text);
		if (rc == RC_OK)
			assert_string_equal(buf_str(&password),
			    rows[i].password);
		if (rc == RC_OK && rows[i].login != NULL)
			assert_string_equal(login, rows[i].login);
		else
			assert_null(login);
		free(login);
		buf_release(&text);
	}
	buf_release(&password);
}

static void
what_cannot_be_read_is_named_by_line_without_its_words(void **state)
{
	static const struct {
		const char *text;
		const char *fault;
	} rows[] = {
		{ "machine h\nlogin u\npassword my hunter2\n", "line 3: not" },
		{ "login hunter2", "line 1: neither 'machine' nor 'default'" },
		{ "machine h password", "line 1: the last keyword" },
		{ "\n\nmachine", "line 3: the last keyword" },
		{ "machine h login \"hunter2", "line 1: a closing quote" },
		{ "machine h login \"hunter2\n\"", "line 1: a closing" },
		{ "\"machine\" h", "line 1: not a keyword" },
	};
	struct fault f = FAULT_INIT;
	struct buf text, password = BUF_INIT;
	char *login;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = (struct buf)BUF_INIT;
		buf_adds(&text, rows[i].text);
		assert_int_equal(netrc_find(&text, "h", "u", &login, &password,
				     &f),
		    RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
		assert_ptr_equal(f.text, strstr(f.text, rows[i].fault));
		assert_null(strstr(f.text, "hunter2"));
		buf_release(&text);
	}
	buf_release(&password);
}

static enum rc
fetch(struct fault *f)
{
	struct buf password = BUF_INIT;
	char *login;
	enum rc rc = netrc_fetch("h", "u", &login, &password, f);

	if (rc == RC_OK)
		assert_string_equal(buf_str(&password), "p");
	buf_wipe(&password);
	return rc;
}

static void
the_file_is_netrc_or_the_one_at_home(void **state)
{
	static const char text[] = "machine h login u password p\n";
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;

	(void)state;
	unsetenv("NETRC");
	setenv("HOME", dir, 1);
	assert_int_equal(fetch(&f), RC_END);
	tempdir_write(dir, ".netrc", text);
	assert_int_equal(fetch(&f), RC_OK);
	setenv("NETRC", tempdir_path(dir, "other"), 1);
	assert_int_equal(fetch(&f), RC_END);
	tempdir_write(dir, "other", text);
	assert_int_equal(fetch(&f), RC_OK);
	unsetenv("NETRC");
	tempdir_remove(dir);
}

static void
a_file_that_others_may_read_is_refused(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;

	(void)state;
	setenv("HOME", dir, 1);
	tempdir_write(dir, ".netrc", "machine h login u password p\n");
	chmod(tempdir_path(dir, ".netrc"), 0644);
	assert_int_equal(fetch(&f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	assert_non_null(strstr(f.text, "chmod 600"));
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_entry_that_fits_is_taken),
		cmocka_unit_test(
		    what_cannot_be_read_is_named_by_line_without_its_words),
		cmocka_unit_test(the_file_is_netrc_or_the_one_at_home),
		cmocka_unit_test(a_file_that_others_may_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
