#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "accounts/cache.h"
#include "accounts/open.h"
#include "accounts/submit.h"
#include "bytes/hash.h"
#include "tests/unit/tempdir.h"

static enum rc
try_open(const char *where, bool allow_plaintext, struct fault *f)
{
	struct location l;
	struct access a;
	struct smtp *smtp;
	struct store *s;
	enum rc rc;

	access_init(&a);
	a.allow_plaintext = allow_plaintext;
	a.timeout_ms = 1000;
	assert_int_equal(location_parse(where, &l, f), RC_OK);
	if (location_is_smtp(&l)) {
		rc = submit_open(&l, &a, &smtp, f);
		smtp_close(smtp);
	} else {
		rc = store_open(&l, &a, false, &s, f);
		store_free(s);
	}
	location_release(&l);
	access_release(&a);
	return rc;
}

/* Nothing listens on port 1: who gets that far was let through. */
static void
plaintext_goes_to_this_machine_only(void **state)
{
	static const struct {
		const char *where;
		bool allow;
		enum cause cause;
	} rows[] = {
		{ "imap+plain://u@127.0.0.1:1", false, CAUSE_UNREACHABLE },
		{ "imap+plain://u@127.8.9.1:1", false, CAUSE_UNREACHABLE },
		{ "imap+plain://u@localhost:1", false, CAUSE_UNREACHABLE },
		{ "imap+plain://u@192.0.2.1:1", false, CAUSE_USAGE },
		{ "imap+plain://u@[2001:db8::1]:1", false, CAUSE_USAGE },
		{ "imap+plain://u@host.invalid:1", false, CAUSE_USAGE },
		{ "imap+plain://u@127.0.0.1.host.invalid:1", false,
		    CAUSE_USAGE },
		{ "imap+plain://u@127.0.0.1:1", true, CAUSE_UNREACHABLE },
		{ "smtp+plain://u@127.0.0.1:1", false, CAUSE_UNREACHABLE },
		{ "smtp+plain://u@192.0.2.1:1", false, CAUSE_USAGE },
	};
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(try_open(rows[i].where, rows[i].allow, &f),
		    RC_STORE);
		if (f.cause != rows[i].cause)
			fail_msg("%s: %d, %s", rows[i].where, f.cause, f.text);
		if (f.cause == CAUSE_USAGE)
			assert_non_null(strstr(f.text, "--allow-plaintext"));
	}
}

static void
a_location_without_a_user_needs_netrc(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;

	(void)state;
	setenv("HOME", dir, 1);
	unsetenv("NETRC");
	assert_int_equal(try_open("imap+plain://127.0.0.1:1", false, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_USAGE);
	assert_non_null(strstr(f.text, "USER@"));
	tempdir_write(dir, ".netrc", "machine 127.0.0.1 login u password p\n");
	assert_int_equal(try_open("imap+plain://127.0.0.1:1", false, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_UNREACHABLE);
	tempdir_remove(dir);
}

static void
an_archive_is_no_live_mailbox(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(try_open("a.tar.zst", false, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_USAGE);
	assert_int_equal(try_open("-", false, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_USAGE);
}

static enum rc
try_archive(const char *path, struct buf *minisig, struct fault *f)
{
	struct location l;
	enum rc rc;
	int fd;

	assert_int_equal(location_parse(path, &l, f), RC_OK);
	rc = archive_open_fd(&l, &fd, minisig, f);
	assert_int_equal(rc == RC_OK, fd != -1);
	if (fd != -1)
		close(fd);
	location_release(&l);
	return rc;
}

static void
an_archive_comes_with_its_detached_signature(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;
	struct buf sig = BUF_INIT;

	(void)state;
	tempdir_write(dir, "a", "x");
	assert_int_equal(try_archive(tempdir_path(dir, "a"), &sig, &f), RC_OK);
	assert_int_equal(sig.len, 0);
	tempdir_write(dir, "a.minisig", "signed");
	assert_int_equal(try_archive(tempdir_path(dir, "a"), &sig, &f), RC_OK);
	assert_string_equal(buf_str(&sig), "signed");
	buf_release(&sig);
	tempdir_remove(dir);
}

static void
a_missing_archive_and_a_directory_are_no_input(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;
	struct buf sig = BUF_INIT;

	(void)state;
	assert_int_equal(try_archive(tempdir_path(dir, "a"), &sig, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	assert_int_equal(try_archive(dir, &sig, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	assert_non_null(strstr(f.text, "maildir:"));
	tempdir_remove(dir);
}

static void
a_cache_keeps_secrets_by_their_keys(void **state)
{
	struct access_cache *c = access_cache_new();
	struct buf b = BUF_INIT;

	(void)state;
	assert_true(hash_startup());
	assert_false(access_cache_get(c, "one", &b));
	access_cache_put(c, "one", "s3cret", 6);
	access_cache_put(c, "two", "other", 5);
	assert_true(access_cache_get(c, "one", &b));
	assert_string_equal(buf_str(&b), "s3cret");
	assert_true(access_cache_get(c, "two", &b));
	assert_string_equal(buf_str(&b), "s3cretother");
	buf_wipe(&b);
	access_cache_free(c);
	access_cache_free(NULL);
}

static void
an_asker_is_known_by_location_login_and_specification(void **state)
{
	static const struct {
		const char *where, *spec, *login;
	} rows[] = {
		{ "imaps://u@h", NULL, "u" },
		{ "imaps://u@h:1", NULL, "u" },
		{ "imaps://u@h", "fd:3", "u" },
		{ "imaps://u@h", NULL, "admin" },
	};
	struct access_cache *c = access_cache_new();
	const struct asker *askers[4];
	struct fault f = FAULT_INIT;
	struct location l;
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(location_parse(rows[i].where, &l, &f), RC_OK);
		askers[i] =
		    access_cache_asker(c, &l, rows[i].spec, rows[i].login);
		location_release(&l);
		for (k = 0; k < i; k++)
			assert_string_not_equal(askers[k]->key, askers[i]->key);
	}
	access_cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plaintext_goes_to_this_machine_only),
		cmocka_unit_test(a_location_without_a_user_needs_netrc),
		cmocka_unit_test(an_archive_is_no_live_mailbox),
		cmocka_unit_test(an_archive_comes_with_its_detached_signature),
		cmocka_unit_test(
		    a_missing_archive_and_a_directory_are_no_input),
		cmocka_unit_test(a_cache_keeps_secrets_by_their_keys),
		cmocka_unit_test(
		    an_asker_is_known_by_location_login_and_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
