/*
 * What is left of a damaged archive.  Either the input is the damaged file
 * itself, which no key has signed: then its frames are unpacked and members
 * looked for; or it is a list of edits, five octets each, to an archive
 * that was: then nothing comes out that was not in it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stores/archive/layout.h"
#include "stores/archive/salvage.h"
#include "stores/archive/scan.h"
#include "stores/archive/tar.h"
#include "stores/archive/torn.h"
#include "stores/archive/writer.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/keys.h"
#include "util/mem.h"

enum { MAILS = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct pubkey pub;
static unsigned char *archive; /* made once */
static size_t archive_len;
static struct hash hashes[MAILS];

static void
add_mail(struct archive_writer *w, struct intake *in, uint32_t uid)
{
	const struct msg m = { .uid = uid, .keywords = "" };
	const struct fingerprint fp = { { 0 } };
	char *text = xasprintf("Subject: %u\r\n\r\n%u\r\n", uid, uid * uid);
	struct body body;
	struct fault f = FAULT_INIT;

	intake_begin(in);
	must(intake_add(in, text, strlen(text), &f) == RC_OK);
	must(intake_end(in, &body, &f) == RC_OK);
	must(archive_writer_add(w, &m, &fp, &body, &f) == RC_OK);
	hashes[uid - 1] = body.digest.hash;
	free(text);
}

static void
make_archive(void)
{
	const struct archive_about about = { .account = "a" };
	struct folder folder = { .sep = '/' };
	struct seckey *key = make_key(&pub);
	struct intake *in = intake_new(4096);
	struct archive_writer *w;
	struct buf minisig = BUF_INIT;
	struct outfile out;
	struct fault f = FAULT_INIT;
	uint32_t i, number;
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0);
	outfile_borrow(&out, fd);
	must(archive_writer_new(&about, key, &out, &w, &f) == RC_OK);
	folder.name = folder.wire = xstrdup("INBOX");
	must(archive_writer_folder(w, &folder, 1, &number, &f) == RC_OK);
	for (i = 1; i <= MAILS; i++) {
		add_mail(w, in, i);
		must(i % 4 != 0 || archive_writer_flush(w, &f) == RC_OK);
	}
	must(archive_writer_final(w, &minisig, &f) == RC_OK);
	archive_writer_free(w);
	archive_len = (size_t)lseek(fd, 0, SEEK_END);
	archive = xmalloc(archive_len);
	must(pread(fd, archive, archive_len, 0) == (ssize_t)archive_len);
	close(fd);
	free(folder.name);
	intake_free(in);
	buf_release(&minisig);
	seckey_free(key);
}

static int
make_file(const void *p, size_t n)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	return fd;
}

static enum rc
on_message(void *arg, const struct archive_entry *e, const struct body *body,
    struct fault *f)
{
	unsigned *seen = arg;

	(void)f;
	must(e->msg.uid >= 1 && e->msg.uid <= MAILS);
	must(hash_equal(&body->digest.hash, &hashes[e->msg.uid - 1]));
	must((*seen >> e->msg.uid & 1) == 0);
	*seen |= 1U << e->msg.uid;
	return RC_OK;
}

static enum rc
on_lost(void *arg, const struct archive_entry *e, uint32_t segment,
    struct fault *f)
{
	unsigned *seen = arg;

	(void)f;
	(void)segment;
	must((*seen >> e->msg.uid & 1) == 0);
	*seen |= 1U << e->msg.uid;
	return RC_OK;
}

static enum rc
on_stray(void *arg, const struct salvage_stray *m, const struct body *body,
    struct fault *f)
{
	(void)arg;
	(void)f;
	must(m->name != NULL && m->msg.uid >= 1 && m->msg.uid <= MAILS);
	must(hash_equal(&body->digest.hash, &hashes[m->msg.uid - 1]));
	return RC_OK;
}

static void
run(const void *p, size_t n)
{
	unsigned seen = 0;
	const struct salvage_sink sink = { &seen, on_message, on_lost,
		on_stray };
	struct salvage *s;
	struct fault f = FAULT_INIT;

	if (salvage_new(make_file(p, n), &pub, &s, &f) != RC_OK)
		return;
	must(salvage_run(s, &sink, &f) == RC_OK);
	salvage_free(s);
}

static void
run_edits(const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;

	buf_add(&b, archive, archive_len);
	edit_all(&b, data, len);
	run(b.len > 0 ? (const void *)b.data : "", b.len);
	buf_release(&b);
}

static void
find_members(struct spool *s)
{
	struct tar_member *m = xmalloc(sizeof(*m));
	struct layout_name name;
	struct fault f = FAULT_INIT;
	uint64_t at = 0, before = 0;

	while (tar_find(s, &at, m, &f) == RC_OK) {
		must(at > before && at <= spool_size(s));
		must(m->data + m->size <= at);
		if (layout_parse(m->path, &name))
			must(name.dir < strlen(m->path));
		before = at;
	}
	free(m);
}

static void
run_frames(const uint8_t *data, size_t len)
{
	struct torn_frame w = { .size = 0 };
	struct torn_state st;
	struct torn *t = torn_new();
	struct spool *s = spool_new(1 << 20);
	struct scan *scan;
	struct fault f = FAULT_INIT;

	must(scan_new(make_file(data, len), &scan, &f) == RC_OK);
	while (scan_frame(scan, w.from, &w.from, &f) == RC_OK) {
		w.to = (w.from & 1) != 0 ? len : 0;
		w.octets = 1 << 20;
		spool_clear(s);
		must(torn_unpack(t, scan, &w, s, &st, &f) == RC_OK);
		find_members(s);
		w.from++;
	}
	scan_free(scan);
	torn_free(t);
	spool_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (archive == NULL)
		make_archive();
	if (len == 0)
		run(archive, archive_len);
	else if ((data[0] & 1) != 0)
		run_frames(data + 1, len - 1);
	else
		run_edits(data + 1, len - 1);
	return 0;
}
