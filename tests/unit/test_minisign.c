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
#include "util/file.h"

static const char comment[] = "mailproof1 file id=00 generation=1";

static int
enter(void **state)
{
	char dir[] = "/tmp/mailproof-sign.XXXXXX";

	if (!hash_startup() || mkdtemp(dir) == NULL || chdir(dir) != 0)
		return -1;
	*state = strdup(dir);
	return *state == NULL ? -1 : 0;
}

static int
leave(void **state)
{
	static const char *const names[] = { "pub", "sec", "pub2", "sec2",
		"data", "data.minisig", "bad" };
	size_t i;
	int rc;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rc = chdir("/") != 0 || rmdir(*state) != 0 ? -1 : 0;
	free(*state);
	return rc;
}

static void
put(const char *path, const void *p, size_t n)
{
	struct fault f = FAULT_INIT;

	unlink(path);
	assert_int_equal(file_create(path, 0600, p, n, &f), RC_OK);
}

static void
slurp(const char *path, struct buf *b)
{
	struct fault f = FAULT_INIT;

	buf_clear(b);
	assert_int_equal(file_slurp(path, MINISIGN_FILE_MAX, b, &f), RC_OK);
}

static void
run(const char *command)
{
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static void
need_minisign(void)
{
	if (system("command -v minisign >/dev/null 2>&1") != 0)
		skip();
}

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
make_plain(const char *pubpath, const char *secpath)
{
	struct fault f = FAULT_INIT;

	assert_int_equal(minisign_generate(pubpath, secpath, NULL, &f), RC_OK);
}

/* A signature over "text\n", with the key pair that lies in pub and sec. */
static void
sign_text(struct buf *sig, struct pubkey *pk, struct hash512 *h)
{
	struct fault f = FAULT_INIT;
	struct seckey *k;

	assert_int_equal(seckey_load("sec", NULL, NULL, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", pk, &f), RC_OK);
	hash512_of("text\n", 5, h);
	buf_clear(sig);
	minisign_sign(k, h, comment, sig);
	seckey_free(k);
}

static void
a_signature_proves_bytes_and_comment(void **state)
{
	struct buf sig = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;

	(void)state;
	make_plain("pub", "sec");
	sign_text(&sig, &pk, &h);
	buf_adds(&got, "kept:");
	assert_int_equal(minisign_verify(&pk, &h, sig.data, sig.len, &got, &f),
	    RC_OK);
	assert_int_equal(got.len, 5 + strlen(comment));
	assert_string_equal(buf_str(&got) + 5, comment);
	buf_release(&sig);
	buf_release(&got);
}

static void
refused(const struct pubkey *pk, const struct hash512 *h, const void *sig,
    size_t n, const char *why)
{
	struct buf got = BUF_INIT;
	struct fault f = FAULT_INIT;

	assert_int_equal(minisign_verify(pk, h, sig, n, &got, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_DATA);
	if (strstr(f.text, why) == NULL)
		fail_msg("'%s' wanted in '%s'", why, f.text);
	assert_int_equal(got.len, 0);
	buf_release(&got);
}

static void
other_bytes_keys_and_comments_are_told_apart(void **state)
{
	struct buf sig = BUF_INIT;
	struct hash512 h, other;
	struct pubkey pk, pk2;
	struct fault f = FAULT_INIT;
	unsigned char *at;

	(void)state;
	make_plain("pub", "sec");
	make_plain("pub2", "sec2");
	sign_text(&sig, &pk, &h);
	other = h;
	other.b[63] ^= 1;
	refused(&pk, &other, sig.data, sig.len, "these are not the bytes");
	assert_int_equal(pubkey_load("pub2", &pk2, &f), RC_OK);
	refused(&pk2, &h, sig.data, sig.len, "signature was made with key");
	/* The id may lie, the signature cannot. */
	memcpy(pk2.id, pk.id, sizeof(pk2.id));
	refused(&pk2, &h, sig.data, sig.len, "these are not the bytes");
	at = memmem(sig.data, sig.len, "generation=1", 12);
	assert_non_null(at);
	at[11] = '2';
	refused(&pk, &h, sig.data, sig.len, "the trusted comment is not");
	buf_release(&sig);
}

/* No single changed octet may pass, but in the untrusted comment. */
static void
no_changed_octet_passes(void **state)
{
	struct buf sig = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;
	size_t i, start, end;
	enum rc rc;

	(void)state;
	make_plain("pub", "sec");
	sign_text(&sig, &pk, &h);
	start = strlen("untrusted comment: ");
	end = (size_t)(strchr(buf_str(&sig), '\n') - buf_str(&sig));
	for (i = 0; i < sig.len; i++) {
		sig.data[i] ^= 1;
		rc = minisign_verify(&pk, &h, sig.data, sig.len, &got, &f);
		if (i >= start && i < end)
			assert_int_equal(rc, RC_OK);
		else if (i + 1 < sig.len)
			assert_int_equal(rc, RC_STORE);
		sig.data[i] ^= 1;
	}
	for (i = 0; i < sig.len - 1; i++) {
		rc = minisign_verify(&pk, &h, sig.data, i, &got, &f);
		assert_int_equal(rc, RC_STORE);
	}
	buf_release(&sig);
	buf_release(&got);
}

static void
line_ends_of_another_system_do_no_harm(void **state)
{
	struct buf sig = BUF_INIT, dos = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;
	size_t i;

	(void)state;
	make_plain("pub", "sec");
	sign_text(&sig, &pk, &h);
	for (i = 0; i < sig.len; i++) {
		if (sig.data[i] == '\n')
			buf_addc(&dos, '\r');
		buf_addc(&dos, sig.data[i]);
	}
	assert_int_equal(minisign_verify(&pk, &h, dos.data, dos.len, &got, &f),
	    RC_OK);
	assert_string_equal(buf_str(&got), comment);
	/* Without the last line end. */
	assert_int_equal(
	    minisign_verify(&pk, &h, sig.data, sig.len - 1, &got, &f), RC_OK);
	buf_addc(&sig, 'x');
	refused(&pk, &h, sig.data, sig.len, "not a minisign signature");
	buf_release(&sig);
	buf_release(&dos);
	buf_release(&got);
}

/* A comment that minisign would not make, but whoever has the key can. */
static void
a_comment_that_could_steer_a_terminal_is_refused(void **state)
{
	static const char *const bad[] = { "\x1b[2J", "a\rb", "\x7f",
		"\xc2\x9bK", "\xff" };
	struct buf sig = BUF_INIT, message = BUF_INIT;
	unsigned char raw[74], global[64], pk_octets[32], sk[64];
	struct hash512 h;
	struct pubkey pk;
	size_t i;

	(void)state;
	crypto_sign_keypair(pk_octets, sk);
	memset(&pk, 0, sizeof(pk));
	memcpy(pk.pk, pk_octets, sizeof(pk.pk));
	hash512_of("text\n", 5, &h);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(raw, 0, sizeof(raw));
		memcpy(raw, "ED", 2);
		crypto_sign_detached(raw + 10, NULL, h.b, sizeof(h.b), sk);
		buf_clear(&message);
		buf_add(&message, raw + 10, 64);
		buf_adds(&message, bad[i]);
		crypto_sign_detached(global, NULL, message.data, message.len,
		    sk);
		buf_clear(&sig);
		buf_adds(&sig, "untrusted comment: x\n");
		keyfile_encode(&sig, raw, sizeof(raw));
		buf_addf(&sig, "trusted comment: %s\n", bad[i]);
		keyfile_encode(&sig, global, sizeof(global));
		refused(&pk, &h, sig.data, sig.len, "control characters");
	}
	buf_release(&sig);
	buf_release(&message);
}

static void
what_is_no_signature_is_told_so(void **state)
{
	static const char *const bad[] = { "", "\n\n\n\n",
		"untrusted comment: x\n",
		"untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA\n" };
	struct hash512 h;
	struct pubkey pk;
	struct fault f = FAULT_INIT;
	char *big;
	size_t i;

	(void)state;
	make_plain("pub", "sec");
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	hash512_of("", 0, &h);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(&pk, &h, bad[i], strlen(bad[i]),
		    "not a minisign signature");
	big = calloc(1, MINISIGN_FILE_MAX + 1);
	assert_non_null(big);
	refused(&pk, &h, big, MINISIGN_FILE_MAX + 1,
	    "not a minisign signature");
	free(big);
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
	make_plain("pub", "sec");
	assert_int_equal(stat("sec", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(seckey_load("sec", NULL, NULL, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	seckey_public(k, &again);
	assert_memory_equal(&pk, &again, sizeof(pk));
	pubkey_id(&pk, &id);
	assert_int_equal(id.len, 16);
	slurp("pub", &text);
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
	make_plain("pub", "sec");
	slurp("sec", &was);
	assert_int_equal(minisign_generate("pub2", "sec", NULL, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(access("pub2", F_OK), -1);
	assert_int_equal(minisign_generate("pub", "sec2", NULL, &f), RC_STORE);
	assert_int_equal(access("sec2", F_OK), -1);
	slurp("sec", &is);
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
	make_plain("pub", "sec");
	not_loaded("none", CAUSE_NOINPUT, "No such file");
	not_loaded("pub", CAUSE_CONFIG, "looks like a public key");
	assert_int_equal(pubkey_load("sec", &pk, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	assert_non_null(strstr(f.text, "looks like a secret key"));
	put("bad", "hello\nworld\n", 12);
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
	make_plain("pub", "sec");
	slurp("sec", &text);
	start = (size_t)(strchr(buf_str(&text), '\n') - buf_str(&text)) + 1;
	for (i = start; i + 1 < text.len; i += 7) {
		was = text.data[i];
		text.data[i] = was == 'A' ? 'B' : 'A';
		put("bad", text.data, text.len);
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
		put("data", "text\n", 5);
		run("echo 'correct horse' | minisign -S -s sec -m data "
		    ">/dev/null 2>&1");
		run("minisign -V -q -p pub -m data");
	}
	buf_wipe(&pass);
}

static void
minisign_uses_our_keys_and_signatures(void **state)
{
	struct buf sig = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;

	(void)state;
	need_minisign();
	make_plain("pub", "sec");
	put("data", "text\n", 5);
	sign_text(&sig, &pk, &h);
	put("data.minisig", sig.data, sig.len);
	run("minisign -V -p pub -m data | grep -q "
	    "'^Trusted comment: mailproof1 file id=00 generation=1$'");
	run("minisign -S -s sec -m data -t 'by minisign' >/dev/null");
	slurp("data.minisig", &sig);
	assert_int_equal(minisign_verify(&pk, &h, sig.data, sig.len, &got, &f),
	    RC_OK);
	assert_string_equal(buf_str(&got), "by minisign");
	/* minisign makes the same public key of our secret one. */
	run("minisign -R -s sec -p pub2 >/dev/null && "
	    "test \"$(tail -n 1 pub)\" = \"$(tail -n 1 pub2)\"");
	buf_release(&sig);
	buf_release(&got);
}

static void
we_use_keys_and_signatures_of_minisign(void **state)
{
	struct buf sig = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;

	(void)state;
	need_minisign();
	run("minisign -G -W -p pub -s sec >/dev/null");
	put("data", "text\n", 5);
	run("minisign -S -s sec -m data >/dev/null");
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	hash512_of("text\n", 5, &h);
	slurp("data.minisig", &sig);
	assert_int_equal(minisign_verify(&pk, &h, sig.data, sig.len, &got, &f),
	    RC_OK);
	/* Its comment of its own has TABs. */
	assert_non_null(strstr(buf_str(&got), "\tfile:data"));
	sign_text(&sig, &pk, &h);
	put("data.minisig", sig.data, sig.len);
	run("minisign -V -q -p pub -m data");
	/* The old kind signs the file itself. */
	run("minisign -S -l -s sec -m data -x bad >/dev/null");
	slurp("bad", &sig);
	refused(&pk, &h, sig.data, sig.len, "minisign's old kind");
	buf_release(&sig);
	buf_release(&got);
}

static void
we_open_what_minisign_encrypted(void **state)
{
	char right[] = "pass word";
	struct fault f = FAULT_INIT;
	struct pubkey pk, again;
	struct seckey *k;

	(void)state;
	need_minisign();
	run("printf 'pass word\\npass word\\n' | minisign -G -p pub -s sec "
	    ">/dev/null 2>&1");
	assert_int_equal(seckey_load("sec", ask, right, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	seckey_public(k, &again);
	assert_memory_equal(&pk, &again, sizeof(pk));
	seckey_free(k);
}

#define IN_DIRECTORY(t) cmocka_unit_test_setup_teardown(t, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(a_signature_proves_bytes_and_comment),
		IN_DIRECTORY(other_bytes_keys_and_comments_are_told_apart),
		IN_DIRECTORY(no_changed_octet_passes),
		IN_DIRECTORY(line_ends_of_another_system_do_no_harm),
		IN_DIRECTORY(a_comment_that_could_steer_a_terminal_is_refused),
		IN_DIRECTORY(what_is_no_signature_is_told_so),
		IN_DIRECTORY(a_key_pair_fits_and_the_secret_is_private),
		IN_DIRECTORY(a_key_never_replaces_another),
		IN_DIRECTORY(what_is_no_key_is_told_what_it_is),
		IN_DIRECTORY(a_damaged_secret_key_is_not_used),
		IN_DIRECTORY(an_empty_passphrase_is_refused),
		IN_DIRECTORY(an_encrypted_key_wants_its_passphrase),
		IN_DIRECTORY(minisign_uses_our_keys_and_signatures),
		IN_DIRECTORY(we_use_keys_and_signatures_of_minisign),
		IN_DIRECTORY(we_open_what_minisign_encrypted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
