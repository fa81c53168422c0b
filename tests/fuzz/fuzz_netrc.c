/* A netrc has an entry, has none, or has a line that is named; never has a
 * fault's text a NUL or a login come without a password. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/netrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
find(const struct buf *text, const char *user)
{
	struct buf password = BUF_INIT;
	struct fault f = FAULT_INIT;
	char *login;
	enum rc rc;

	rc = netrc_find(text, "h", user, &login, &password, &f);
	if (rc == RC_OK) {
		assert(password.len > 0);
		assert(memchr(password.data, '\0', password.len) == NULL);
		assert((login == NULL) == (user != NULL));
	} else {
		assert(login == NULL && password.len == 0);
		assert(rc == RC_END || f.cause == CAUSE_CONFIG);
	}
	free(login);
	buf_release(&password);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT;

	buf_add(&text, data, len);
	find(&text, "u");
	find(&text, NULL);
	buf_release(&text);
	return 0;
}
