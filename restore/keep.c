#include "keep.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/output.h"
#include "stores/archive/reader.h"
#include "stores/archive/writer.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/version.h"

enum { MINISIG_MAX = MINISIGN_FILE_MAX };

/* A message as it was added. */
struct entry {
	struct hash hash;
	uint32_t folder; /* the archive's number */
	uint32_t uid;
};

struct keep {
	char *path;
	const struct seckey *key;
	struct outfile out;
	bool open; /* out is */
	struct archive_writer *w;
	struct entry *v;
	size_t n;
	size_t cap;
	bool begun; /* a folder is; number and claim are its own */
	uint32_t number;
	struct folder_claim claim;
};

enum rc
keep_open(const char *path, const struct seckey *key,
    const struct store_info *info, struct keep **r, struct fault *f)
{
	const struct archive_about about = {
		.account = info->location,
		.server = info->software,
		.tool = "mailproof " MAILPROOF_VERSION,
	};
	struct keep *k = xcalloc(1, sizeof(*k));
	enum rc rc;

	k->path = xstrdup(path);
	k->key = key;
	rc = output_create(path, &k->out, f);
	k->open = rc == RC_OK;
	if (rc == RC_OK)
		rc = archive_writer_new(&about, key, &k->out, &k->w, f);
	if (rc == RC_OK) {
		*r = k;
		return RC_OK;
	}
	keep_free(k);
	return fault_wrap(f, RC_STORE, "--keep");
}

void
keep_free(struct keep *k)
{
	if (k == NULL)
		return;
	archive_writer_free(k->w);
	if (k->open)
		outfile_abandon(&k->out, false);
	free(k->path);
	free(k->v);
	free(k);
}

/* What of the folder was not to be kept is told as left out. */
static void
end_folder(struct keep *k, uint64_t kept)
{
	if (!k->begun)
		return;
	k->claim.unselected = k->claim.seen - kept;
	archive_writer_claim(k->w, k->number, &k->claim);
	k->begun = false;
}

static uint64_t
count_folder(const struct keep *k)
{
	uint64_t n = 0;
	size_t i;

	for (i = k->n; i-- > 0 && k->v[i].folder == k->number;)
		n++;
	return n;
}

enum rc
keep_folder(struct keep *k, const struct folder *folder, uint32_t uidvalidity,
    uint64_t listed, struct fault *f)
{
	enum rc rc;

	end_folder(k, count_folder(k));
	rc = archive_writer_folder(k->w, folder, uidvalidity, &k->number, f);
	if (rc != RC_OK)
		return fault_wrap(f, RC_STORE, "%s", k->path);
	k->claim = (struct folder_claim){ .exists = listed, .seen = listed };
	k->begun = true;
	return RC_OK;
}

enum rc
keep_add(struct keep *k, const struct msg *m, const struct fingerprint *fp,
    const struct body *body, struct fault *f)
{
	struct msg mine = *m;
	enum rc rc;

	mine.folder = k->number;
	rc = archive_writer_add(k->w, &mine, fp, body, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc == RC_MESSAGE ? rc : RC_STORE, "%s",
		    k->path);
	k->v = xgrow(k->v, k->n, &k->cap, sizeof(*k->v));
	k->v[k->n++] = (struct entry){ body->digest.hash, k->number, m->uid };
	return RC_OK;
}

/* One segment; *at counts through what was added. */
static enum rc
compare(const struct keep *k, struct archive_reader *r,
    const struct archive_segment *s, size_t *at, struct fault *f)
{
	const struct archive_entry *e;
	const struct entry *mine;
	struct body body;
	enum rc rc;
	size_t i;

	for (i = 0; i < s->n; i++) {
		e = &s->entry[i];
		rc = archive_reader_body(r, i, &body, f);
		if (rc != RC_OK)
			return rc;
		mine = *at < k->n ? &k->v[(*at)++] : NULL;
		if (mine == NULL || e->msg.folder != mine->folder ||
		    e->msg.uid != mine->uid ||
		    !hash_equal(&body.digest.hash, &mine->hash))
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "'%s' is not what was written", e->path);
	}
	return RC_OK;
}

static enum rc
read_back(const struct keep *k, struct archive_reader *r, struct fault *f)
{
	const struct archive_segment *s;
	size_t at = 0;
	enum rc rc;

	do {
		rc = archive_reader_next(r, &s, f);
		if (rc == RC_OK)
			rc = compare(k, r, s, &at, f);
	} while (rc == RC_OK);
	if (rc != RC_END)
		return rc;
	if (at < k->n)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "%zu of %zu messages are not in it", k->n - at, k->n);
	return RC_OK;
}

static enum rc
verify(const struct keep *k, struct fault *f)
{
	char *sig = xasprintf("%s.minisig", k->path);
	struct archive_reader *r = NULL;
	struct buf minisig = BUF_INIT;
	struct pubkey key;
	enum rc rc;
	int fd = -1;

	seckey_public(k->key, &key);
	rc = file_slurp(sig, MINISIG_MAX, &minisig, f);
	if (rc == RC_OK) {
		fd = open(k->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd == -1)
			rc = fault_errno(f, RC_STORE, CAUSE_IO, "%s", k->path);
	}
	if (rc == RC_OK)
		rc = archive_reader_new(fd, k->path, &key,
		    ARCHIVE_KEEP | ARCHIVE_DETACHED, &minisig, &r, f);
	if (rc == RC_OK)
		rc = read_back(k, r, f);
	archive_reader_free(r);
	buf_release(&minisig);
	free(sig);
	return rc;
}

enum rc
keep_close(struct keep *k, struct fault *f)
{
	enum rc rc;

	end_folder(k, count_folder(k));
	rc = output_publish(k->w, &k->out, f);
	if (rc == RC_OK) {
		k->open = false;
		rc = verify(k, f);
	}
	if (rc == RC_OK)
		return RC_OK;
	return fault_wrap(f, RC_STORE, "nothing was removed");
}
