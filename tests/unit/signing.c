#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/signing.h"
#include "util/file.h"

int
signing_enter(void **state)
{
	char dir[] = "/tmp/mailproof-sign.XXXXXX";

	if (!hash_startup() || mkdtemp(dir) == NULL || chdir(dir) != 0)
		return -1;
	*state = strdup(dir);
	return *state == NULL ? -1 : 0;
}

int
signing_leave(void **state)
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

void
signing_put(const char *path, const void *p, size_t n)
{
	struct fault f = FAULT_INIT;

	unlink(path);
	assert_int_equal(file_create(path, 0600, p, n, &f), RC_OK);
}

void
signing_slurp(const char *path, struct buf *b)
{
	struct fault f = FAULT_INIT;

	buf_clear(b);
	assert_int_equal(file_slurp(path, MINISIGN_FILE_MAX, b, &f), RC_OK);
}

void
signing_run(const char *command)
{
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

void
signing_need_minisign(void)
{
	if (system("command -v minisign >/dev/null 2>&1") != 0)
		skip();
}

void
signing_generate(const char *pubpath, const char *secpath)
{
	struct fault f = FAULT_INIT;

	assert_int_equal(minisign_generate(pubpath, secpath, NULL, &f), RC_OK);
}

/* A signature over "text\n", with the key pair that lies in pub and sec. */
void
signing_sign(struct buf *sig, struct pubkey *pk, struct hash512 *h)
{
	struct fault f = FAULT_INIT;
	struct seckey *k;

	assert_int_equal(seckey_load("sec", NULL, NULL, &k, &f), RC_OK);
	assert_int_equal(pubkey_load("pub", pk, &f), RC_OK);
	hash512_of("text\n", 5, h);
	buf_clear(sig);
	minisign_sign(k, h, SIGNING_COMMENT, sig);
	seckey_free(k);
}
