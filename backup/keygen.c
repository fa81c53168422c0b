#include <sodium.h>
#include <stdlib.h>

#include "accounts/secret.h"
#include "bytes/minisign.h"
#include "keygen.h"
#include "util/buf.h"
#include "util/path.h"

static enum rc
ask_passphrase(struct buf *pass, struct fault *f)
{
	struct buf again = BUF_INIT;
	enum rc rc;

	rc = secret_prompt("passphrase for the new secret key "
			   "(empty: none): ",
	    pass, f);
	if (rc == RC_END)
		return RC_OK;
	if (rc != RC_OK || pass->len == 0)
		return rc;
	rc = secret_prompt("the same passphrase again: ", &again, f);
	if (rc == RC_OK &&
	    (again.len != pass->len ||
		sodium_memcmp(again.data, pass->data, pass->len) != 0))
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "the two passphrases differ: nothing was made");
	buf_wipe(&again);
	return rc;
}

enum rc
keygen_run(const struct common_options *o, struct report *r, struct fault *f)
{
	char *pub = options_key_path(o->public_key, "public.key");
	char *sec = options_key_path(o->secret_key, "secret.key");
	struct buf pass = BUF_INIT;
	enum rc rc = RC_OK;

	/* a path that the user names must have its directory */
	if (o->public_key == NULL)
		rc = path_make_parents(pub, f);
	if (rc == RC_OK && o->secret_key == NULL)
		rc = path_make_parents(sec, f);
	if (rc == RC_OK) {
		if (o->key_secret != NULL)
			rc = secret_fetch(o->key_secret, &pass, f);
		else
			rc = ask_passphrase(&pass, f);
	}
	if (rc == RC_OK)
		rc =
		    minisign_generate(pub, sec, pass.len > 0 ? &pass : NULL, f);
	if (rc == RC_OK) {
		report_note(r,
		    "secret key in %s%s: keep it safe, it signs "
		    "your archives",
		    sec, pass.len > 0 ? "" : " (no passphrase)");
		report_note(r,
		    "public key in %s: give it to whoever shall "
		    "check them",
		    pub);
	}
	buf_wipe(&pass);
	free(pub);
	free(sec);
	return rc;
}
