#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes/keyfile.h"
#include "bytes/minisign.h"
#include "tests/unit/signing.h"

static enum rc
ask(void *arg, const char *what, struct buf *pass, struct fault *f)
{
	(void)f;
	assert_non_null(strstr(what, "sec"));
	buf_adds(pass, arg);
	return RC_OK;
}

static enum rc
ask_in_vain(void *arg, const char *what, struct buf *pass, struct fault *f)
{
	(void)arg;
	(void)what;
	(void)pass;
	return fault_set(f, RC_STORE, CAUSE_CONFIG, "no terminal");
}

static void
a_key_pair_fits_and_the_secret_is_private(void **state)
{
	struct buf id = BUF_INIT, text = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct pubkey pk, again;
	struct seckey *k;
	struct stat st;

	(void)state;
	signing_generate("pub", "sec");
	assert_int_equal(stat("sec", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(seckey_load("sec", NULL, NULL, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	seckey_public(k, &again);
	assert_memory_equal(&pk, &again, sizeof(pk));
	pubkey_id(&pk, &id);
	assert_int_equal(id.len, 16);
	signing_slurp("pub", &text);
	assert_non_null(strstr(buf_str(&text), buf_str(&id)));
	seckey_free(k);
	seckey_free(NULL);
	buf_release(&id);
	buf_release(&text);
}

static void
a_key_never_replaces_another(void **state)
{
	struct buf was = BUF_INIT, is = BUF_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	signing_generate("pub", "sec");
	signing_slurp("sec", &was);
	assert_int_equal(minisign_generate("pub2", "sec", NULL, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(access("pub2", F_OK), -1);
	assert_int_equal(minisign_generate("pub", "sec2", NULL, &f), RC_STORE);
	assert_int_equal(access("sec2", F_OK), -1);
	signing_slurp("sec", &is);
	assert_string_equal(buf_str(&was), buf_str(&is));
	buf_release(&was);
	buf_release(&is);
}

static void
not_loaded(const char *path, enum cause cause, const char *why)
{
	struct fault f = FAULT_INIT;
	struct seckey *k;

	assert_int_equal(seckey_load(path, NULL, NULL, &k, &f), RC_STORE);
	assert_int_equal(f.cause, cause);
	if (strstr(f.text, why) == NULL)
		fail_msg("'%s' wanted in '%s'", why, f.text);
}

static void
what_is_no_key_is_told_what_it_is(void **state)
{
	struct fault f = FAULT_INIT;
	struct pubkey pk;

	(void)state;
	signing_generate("pub", "sec");
	not_loaded("none", CAUSE_NOINPUT, "No such file");
	not_loaded("pub", CAUSE_CONFIG, "looks like a public key");
	assert_int_equal(pubkey_load("sec", &pk, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	assert_non_null(strstr(f.text, "looks like a secret key"));
	signing_put("bad", "hello\nworld\n", 12);
	not_loaded("bad", CAUSE_CONFIG, "is not a minisign secret key");
	assert_int_equal(pubkey_load("bad", &pk, &f), RC_STORE);
	assert_non_null(strstr(f.text, "is not a minisign public key"));
	assert_int_equal(pubkey_load("none", &pk, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
}

/* Any changed octet of a plain key is found by its checksum; the checksum
 * itself may be zero, as minisign has it. */
static void
a_damaged_secret_key_is_not_used(void **state)
{
	struct fault f = FAULT_INIT;
	struct buf text = BUF_INIT;
	struct seckey *k;
	size_t i, start, loaded = 0;
	unsigned char was;

	(void)state;
	signing_generate("pub", "sec");
	signing_slurp("sec", &text);
	start = (size_t)(strchr(buf_str(&text), '\n') - buf_str(&text)) + 1;
	for (i = start; i + 1 < text.len; i += 7) {
		was = text.data[i];
		text.data[i] = was == 'A' ? 'B' : 'A';
		signing_put("bad", text.data, text.len);
		text.data[i] = was;
		if (seckey_load("bad", NULL, NULL, &k, &f) != RC_OK) {
			assert_int_equal(f.cause, CAUSE_CONFIG);
			continue;
		}
		/* Salt and limits mean nothing to a plain key. */
		assert_true((i - start) / 4 * 3 < 54);
		seckey_free(k);
		loaded++;
	}
	assert_true(loaded < 16);
	buf_release(&text);
}

/* Without a checksum (minisign -G -W) nothing else would find it, and a
 * signature with a wrong public half tells the secret half. */
static void
halves_that_do_not_fit_are_not_used(void **state)
{
	struct buf text = BUF_INIT;
	struct secret_file file;
	char *line;

	(void)state;
	signing_generate("pub", "sec");
	signing_slurp("sec", &text);
	line = strchr(buf_str(&text), '\n') + 1;
	assert_true(
	    keyfile_decode(line, strlen(line) - 1, &file, sizeof(file)));
	memset(file.part.check, 0, sizeof(file.part.check));
	file.part.sk[63] ^= 1;
	text.len = (size_t)(line - (char *)text.data);
	keyfile_encode(&text, &file, sizeof(file));
	signing_put("bad", text.data, text.len);
	not_loaded("bad", CAUSE_CONFIG, "its two halves do not fit");
	buf_release(&text);
}

static void
an_empty_passphrase_is_refused(void **state)
{
	struct buf pass = BUF_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(minisign_generate("pub", "sec", &pass, &f), RC_STORE);
	assert_int_equal(access("sec", F_OK), -1);
}

/* Slow: 1 GiB of scrypt each time, as minisign has it. */
static void
an_encrypted_key_wants_its_passphrase(void **state)
{
	char right[] = "correct horse", wrong[] = "battery staple";
	struct buf pass = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct pubkey pk, again;
	struct seckey *k;

	(void)state;
	buf_adds(&pass, right);
	assert_int_equal(minisign_generate("pub", "sec", &pass, &f), RC_OK);
	not_loaded("sec", CAUSE_CONFIG, "no way to ask");
	assert_int_equal(seckey_load("sec", ask_in_vain, NULL, &k, &f),
	    RC_STORE);
	assert_string_equal(f.text, "no terminal");
	assert_int_equal(seckey_load("sec", ask, wrong, &k, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	assert_string_equal(f.text, "'sec' does not open: wrong passphrase");
	assert_int_equal(seckey_load("sec", ask, right, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	seckey_public(k, &again);
	assert_memory_equal(&pk, &again, sizeof(pk));
	seckey_free(k);
	if (system("command -v minisign >/dev/null 2>&1") == 0) {
		signing_put("data", "text\n", 5);
		signing_run("echo 'correct horse' | minisign -S -s sec -m data "
			    ">/dev/null 2>&1");
		signing_run("minisign -V -q -p pub -m data");
	}
	buf_wipe(&pass);
}

static void
we_open_what_minisign_encrypted(void **state)
{
	char right[] = "pass word";
	struct fault f = FAULT_INIT;
	struct pubkey pk, again;
	struct seckey *k;

	(void)state;
	signing_need_minisign();
	signing_run(
	    "printf 'pass word\\npass word\\n' | minisign -G -p pub -s sec "
	    ">/dev/null 2>&1");
	assert_int_equal(seckey_load("sec", ask, right, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	seckey_public(k, &again);
	assert_memory_equal(&pk, &again, sizeof(pk));
	seckey_free(k);
}

#define IN_DIRECTORY(t) \
	cmocka_unit_test_setup_teardown(t, signing_enter, signing_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(a_key_pair_fits_and_the_secret_is_private),
		IN_DIRECTORY(a_key_never_replaces_another),
		IN_DIRECTORY(what_is_no_key_is_told_what_it_is),
		IN_DIRECTORY(a_damaged_secret_key_is_not_used),
		IN_DIRECTORY(halves_that_do_not_fit_are_not_used),
		IN_DIRECTORY(an_empty_passphrase_is_refused),
		IN_DIRECTORY(an_encrypted_key_wants_its_passphrase),
		IN_DIRECTORY(we_open_what_minisign_encrypted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
