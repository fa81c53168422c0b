/*
 * The loader of chains behind the signatures: a full archive, and a delta
 * whose final has the lines base, x and f that the fuzzer makes up, signed as
 * it has to be.  The first two octets say how many messages it claims for
 * its folders.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stores/archive/format.h"
#include "stores/archive/lineage.h"
#include "stores/archive/manifest.h"
#include "stores/archive/writing.h"
#include "tests/fuzz/keys.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct seckey *key;
static struct pubkey pub;
static struct buf full; /* the archive */

enum { FOLDERS = 2, MESSAGES = 4 };

static void
fill(struct archive_writer *w)
{
	struct folder folder = { .sep = '/' };
	struct msg m = { .keywords = "" };
	struct fingerprint fp = { { 0 } };
	struct intake *in = intake_new(1024);
	struct fault f = FAULT_INIT;
	struct body body;
	uint32_t number;

	for (m.folder = 0; m.folder < FOLDERS; m.folder++) {
		folder.name = folder.wire = xasprintf("folder %u", m.folder);
		must(
		    archive_writer_folder(w, &folder, 7, &number, &f) == RC_OK);
		free(folder.name);
		for (m.uid = 1; m.uid <= MESSAGES; m.uid++) {
			intake_begin(in);
			must(intake_add(in, &m.uid, sizeof(m.uid), &f) ==
				RC_OK &&
			    intake_end(in, &body, &f) == RC_OK &&
			    archive_writer_add(w, &m, &fp, &body, &f) == RC_OK);
		}
	}
	intake_free(in);
}

static void
make_full(void)
{
	const struct archive_about about = { .account = "a", .threads = 1 };
	struct archive_writer *w;
	struct outfile out;
	struct buf sig = BUF_INIT;
	struct fault f = FAULT_INIT;
	const int fd = memfd_create("full", MFD_CLOEXEC);
	off_t n;

	outfile_borrow(&out, fd);
	must(archive_writer_new(&about, key, &out, &w, &f) == RC_OK);
	fill(w);
	must(archive_writer_final(w, &sig, &f) == RC_OK);
	archive_writer_free(w);
	buf_release(&sig);
	n = lseek(fd, 0, SEEK_END);
	must(n > 0 && pread(fd, buf_room(&full, (size_t)n), (size_t)n, 0) == n);
	full.len = (size_t)n;
	close(fd);
}

static int
full_fd(void)
{
	const int fd = memfd_create("full", MFD_CLOEXEC);

	must(write(fd, full.data, full.len) == (ssize_t)full.len &&
	    lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static struct lineage *
parent(void)
{
	const struct lineage_source source = { full_fd(), "full", NULL };
	const struct lineage_options o = { .key = &pub };
	struct lineage *l;
	struct fault f = FAULT_INIT;

	must(lineage_open(&source, 1, &o, &l, &f) == RC_OK);
	return l;
}

static void
write_header(struct stream *s)
{
	struct archive_about about = { .account = "a", .parent = parent() };
	const struct header_facts h = { .about = &about,
		.id = s->id,
		.key_id = "0123456789ABCDEF",
		.segment_size = 1 << 20 };
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;

	manifest_put_header(&b, &h);
	must(stream_pair(s, "header", 0, &b, false, &f) == RC_OK);
	buf_release(&b);
	lineage_free(about.parent);
}

static void
put_final(const struct stream *s, const uint8_t *data, size_t len,
    struct buf *b)
{
	const struct hash nothing = { { 0 } };
	unsigned i;

	manifest_put_begin(b, "final", s->id);
	buf_adds(b, "segments\t1\n");
	for (i = 0; i < FOLDERS; i++)
		manifest_put_claim(b, i,
		    &(struct folder_claim){ .stored = data[i] % 8 });
	buf_add(b, data + FOLDERS, len - FOLDERS);
	buf_addf(b, "state\tdelta\t%d\t", data[0] % 8 + data[1] % 8);
	hash_hex(b, &nothing);
	buf_adds(b, "\ntotals\t0\t0\t0\t0\t0\nseek\t0\nend\n");
}

static void
add_file(struct segment *g, const char *path, const struct buf *text)
{
	struct spool *s = spool_new(text->len);
	struct fault f = FAULT_INIT;

	must(spool_add(s, text->data, text->len, &f) == RC_OK &&
	    segment_add_file(g, path, 0, s, &f) == RC_OK);
	spool_free(s);
}

static void
write_segment(struct stream *s, const struct buf *final)
{
	struct folder folder = { .sep = '/' };
	struct segment *g = segment_new(1 << 20);
	struct parcel p = { .packed = spool_new(1 << 20) };
	struct buf sig = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct hash512 h;
	uint32_t i;

	for (i = 0; i < FOLDERS; i++) {
		folder.name = folder.wire = xasprintf("folder %u", i);
		segment_add_folder(g, i, &folder, 7,
		    i == 0 ? "maildir/.a" : "maildir/.b");
		free(folder.name);
	}
	hash512_of(final->data, final->len, &h);
	stream_sign(s, &h, "final", 1, &sig);
	add_file(g, FINAL_PATH, final);
	add_file(g, FINAL_PATH SIGNATURE_SUFFIX, &sig);
	s->last = true;
	segment_lines_to(g, &p.lines);
	must(segment_pack(g, s->z, p.packed, &p.frame, &f) == RC_OK &&
	    stream_segment(s, &p, &f) == RC_OK);
	segment_free(g);
	spool_free(p.packed);
	buf_release(&p.lines);
	buf_release(&sig);
}

/* Whatever the delta says, the state is one that the full one can become. */
static void
load(int fd)
{
	const struct lineage_source source[] = { { full_fd(), "full", NULL },
		{ fd, "delta", NULL } };
	const struct lineage_options o = { .key = &pub, .next = true };
	struct lineage *l;
	struct fault f = FAULT_INIT;

	if (lineage_open(source, 2, &o, &l, &f) != RC_OK)
		return;
	must(lineage_count(l) <= FOLDERS * MESSAGES);
	lineage_free(l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf final = BUF_INIT;
	struct stream s;
	struct outfile out;
	int fd;

	if (key == NULL) {
		key = make_key(&pub);
		make_full();
	}
	if (len < FOLDERS)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	must(fd >= 0);
	outfile_borrow(&out, fd);
	memset(&s, 0, sizeof(s));
	stream_init(&s, &out, key, FRAME_USUAL);
	write_header(&s);
	put_final(&s, data, len, &final);
	write_segment(&s, &final);
	stream_release(&s);
	buf_release(&final);
	must(lseek(fd, 0, SEEK_SET) == 0);
	load(fd);
	return 0;
}
