#include "program/output.h"

#include <stdlib.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/mem.h"

enum rc
output_key(const struct common_options *o, struct seckey **key_r,
    struct fault *f)
{
	char *path = options_key_path(o->secret_key, "secret.key");
	char *spec = NULL;
	enum rc rc;

	if (o->key_secret != NULL)
		spec = xstrdup(o->key_secret);
	rc = seckey_load(path, options_key_pass, spec, key_r, f);
	if (rc != RC_OK && f->cause == CAUSE_NOINPUT)
		(void)fault_set(f, rc, CAUSE_NOINPUT,
		    "no secret key at '%s': "
		    "make one with mbackup -G, or name one with -s",
		    path);
	free(spec);
	free(path);
	return rc;
}

static enum rc
check_minisig(const char *path, struct fault *f)
{
	char *minisig = xasprintf("%s.minisig", path);
	enum rc rc = RC_OK;

	if (access(minisig, F_OK) == 0)
		rc = fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s' exists: remove it or give another -o", minisig);
	free(minisig);
	return rc;
}

enum rc
output_create(const char *path, struct outfile *out, struct fault *f)
{
	enum rc rc;

	rc = check_minisig(path, f);
	return rc == RC_OK ? outfile_create(out, path, 0600, f) : rc;
}

enum rc
output_create_with(const char *path, const char *remedy, struct outfile *out,
    struct fault *f)
{
	if (outfile_is_left(path))
		return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s.part' is left from an interrupted run: %s goes on "
		    "with it; or remove it, or give another name",
		    path, remedy);
	return output_create(path, out, f);
}

enum rc
output_reopen(const char *path, struct outfile *out, struct fault *f)
{
	char *minisig = xasprintf("%s.minisig", path);
	char *part = xasprintf("%s.part", path);
	const bool finished = access(path, F_OK) == 0;
	enum rc rc;

	/* Killed between the name and the signature. */
	if (finished && access(part, F_OK) != 0 && access(minisig, F_OK) != 0)
		rc = outfile_reclaim(out, path, f);
	else
		rc = finished ? RC_OK : check_minisig(path, f);
	if (rc == RC_OK && !out->reclaimed)
		rc = outfile_reopen(out, path, f);
	free(minisig);
	free(part);
	return rc;
}

enum rc
output_publish(struct archive_writer *w, struct outfile *out, struct fault *f)
{
	struct buf minisig = BUF_INIT;
	char *path = NULL;
	enum rc rc;

	if (out->path != NULL)
		path = xasprintf("%s.minisig", out->path);
	rc = archive_writer_final(w, &minisig, f);
	if (rc == RC_OK)
		rc = outfile_publish(out, f);
	if (rc == RC_OK && path != NULL) {
		rc = file_create(path, 0600, minisig.data, minisig.len, f);
		if (rc != RC_OK)
			rc = fault_wrap(f, rc,
			    "the archive is complete, its "
			    "detached signature is not there");
	}
	free(path);
	buf_release(&minisig);
	return rc;
}
