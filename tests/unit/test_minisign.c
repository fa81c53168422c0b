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

static void
a_signature_proves_bytes_and_comment(void **state)
{
	struct buf sig = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;

	(void)state;
	signing_generate("pub", "sec");
	signing_sign(&sig, &pk, &h);
	buf_adds(&got, "kept:");
	assert_int_equal(minisign_verify(&pk, &h, sig.data, sig.len, &got, &f),
	    RC_OK);
	assert_int_equal(got.len, 5 + strlen(SIGNING_COMMENT));
	assert_string_equal(buf_str(&got) + 5, SIGNING_COMMENT);
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
	signing_generate("pub", "sec");
	signing_generate("pub2", "sec2");
	signing_sign(&sig, &pk, &h);
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
	signing_generate("pub", "sec");
	signing_sign(&sig, &pk, &h);
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
	signing_generate("pub", "sec");
	signing_sign(&sig, &pk, &h);
	for (i = 0; i < sig.len; i++) {
		if (sig.data[i] == '\n')
			buf_addc(&dos, '\r');
		buf_addc(&dos, sig.data[i]);
	}
	assert_int_equal(minisign_verify(&pk, &h, dos.data, dos.len, &got, &f),
	    RC_OK);
	assert_string_equal(buf_str(&got), SIGNING_COMMENT);
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
	signing_generate("pub", "sec");
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
minisign_uses_our_keys_and_signatures(void **state)
{
	struct buf sig = BUF_INIT, got = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	struct pubkey pk;

	(void)state;
	signing_need_minisign();
	signing_generate("pub", "sec");
	signing_put("data", "text\n", 5);
	signing_sign(&sig, &pk, &h);
	signing_put("data.minisig", sig.data, sig.len);
	signing_run("minisign -V -p pub -m data | grep -q "
		    "'^Trusted comment: mailproof1 file id=00 generation=1$'");
	signing_run("minisign -S -s sec -m data -t 'by minisign' >/dev/null");
	signing_slurp("data.minisig", &sig);
	assert_int_equal(minisign_verify(&pk, &h, sig.data, sig.len, &got, &f),
	    RC_OK);
	assert_string_equal(buf_str(&got), "by minisign");
	/* minisign makes the same public key of our secret one. */
	signing_run("minisign -R -s sec -p pub2 >/dev/null && "
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
	signing_need_minisign();
	signing_run("minisign -G -W -p pub -s sec >/dev/null");
	signing_put("data", "text\n", 5);
	signing_run("minisign -S -s sec -m data >/dev/null");
	assert_int_equal(pubkey_load("pub", &pk, &f), RC_OK);
	hash512_of("text\n", 5, &h);
	signing_slurp("data.minisig", &sig);
	assert_int_equal(minisign_verify(&pk, &h, sig.data, sig.len, &got, &f),
	    RC_OK);
	/* Its comment of its own has TABs. */
	assert_non_null(strstr(buf_str(&got), "\tfile:data"));
	signing_sign(&sig, &pk, &h);
	signing_put("data.minisig", sig.data, sig.len);
	signing_run("minisign -V -q -p pub -m data");
	/* The old kind signs the file itself. */
	signing_run("minisign -S -l -s sec -m data -x bad >/dev/null");
	signing_slurp("bad", &sig);
	refused(&pk, &h, sig.data, sig.len, "minisign's old kind");
	buf_release(&sig);
	buf_release(&got);
}

#define IN_DIRECTORY(t) \
	cmocka_unit_test_setup_teardown(t, signing_enter, signing_leave)

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
		IN_DIRECTORY(minisign_uses_our_keys_and_signatures),
		IN_DIRECTORY(we_use_keys_and_signatures_of_minisign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
