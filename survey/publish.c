#include "publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/output.h"
#include "util/mem.h"

static const char comment[] = "mailproof survey";

/* What a run that was killed has left of the new report is worth nothing. */
static enum rc
create_beside(struct publish *p, struct fault *f)
{
	enum rc rc;

	p->beside = xasprintf("%s.new", p->path);
	(void)unlink(p->beside);
	rc = outfile_reopen(&p->out, p->beside, f);
	if (rc == RC_OK)
		return outfile_cut(&p->out, 0, f);
	if (f->cause == CAUSE_NOINPUT)
		rc = outfile_create(&p->out, p->beside, 0600, f);
	return rc;
}

enum rc
publish_open(struct publish *p, const struct common_options *o,
    const char *path, bool replace, struct fault *f)
{
	enum rc rc = RC_OK;

	memset(p, 0, sizeof(*p));
	p->path = path;
	p->replace = replace;
	p->out.fd = -1;
	if (o->secret_key != NULL)
		rc = output_key(o, &p->key, f);
	if (rc != RC_OK)
		return rc;
	if (path == NULL)
		outfile_borrow(&p->out, STDOUT_FILENO);
	else if (replace)
		rc = create_beside(p, f);
	else
		rc = output_create(path, &p->out, f);
	return rc;
}

/* The old signature goes first: it is none of the new report. */
static enum rc
take_place(struct publish *p, const char *minisig, struct fault *f)
{
	if (unlink(minisig) == -1 && errno != ENOENT)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot remove '%s'", minisig);
	if (rename(p->beside, p->path) == -1)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot rename '%s' to '%s'", p->beside, p->path);
	return file_sync_dir(p->path, f);
}

static enum rc
sign(const struct publish *p, const struct buf *text, const char *minisig,
    struct fault *f)
{
	struct hash512 hash;
	struct buf sig = BUF_INIT;
	enum rc rc;

	hash512_of(text->data, text->len, &hash);
	minisign_sign(p->key, &hash, comment, &sig);
	rc = file_create(minisig, 0600, sig.data, sig.len, f);
	buf_release(&sig);
	return rc;
}

enum rc
publish_write(struct publish *p, const struct buf *text, struct fault *f)
{
	char *minisig = NULL;
	enum rc rc;

	if (p->path != NULL)
		minisig = xasprintf("%s.minisig", p->path);
	rc = outfile_write(&p->out, text->data, text->len, f);
	if (rc == RC_OK)
		rc = outfile_publish(&p->out, f);
	if (rc == RC_OK && p->beside != NULL && minisig != NULL)
		rc = take_place(p, minisig, f);
	if (rc == RC_OK && p->key != NULL && minisig != NULL)
		rc = sign(p, text, minisig, f);
	free(minisig);
	return rc;
}

void
publish_close(struct publish *p)
{
	outfile_abandon(&p->out, false);
	seckey_free(p->key);
	free(p->beside);
	memset(p, 0, sizeof(*p));
	p->out.fd = -1;
}
