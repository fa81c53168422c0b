/*
 * The two ends of an unfinished archive.  The first octet says what the rest
 * is: the file itself; the lines of a header, or of a segment's manifest
 * behind octets that nobody can read, signed as they have to be; or edits
 * (edits.h) to an archive that was whole.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stores/archive/manifest.h"
#include "stores/archive/prefix.h"
#include "stores/archive/writing.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/keys.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { SEGMENTS = 4 }; /* the last one is the final's */

static const struct archive_about about = { .account = "a", .tool = "t" };
static struct seckey *key;
static struct pubkey pub;
static struct buf whole;

static int
new_file(void)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0);
	return fd;
}

static void
add_mail(struct archive_writer *w, struct intake *in, uint32_t uid)
{
	const struct msg m = { .uid = uid, .keywords = "" };
	const struct fingerprint fp = { { 0 } };
	struct body body;
	struct fault f = FAULT_INIT;

	intake_begin(in);
	must(intake_add(in, &uid, sizeof(uid), &f) == RC_OK);
	must(intake_end(in, &body, &f) == RC_OK);
	must(archive_writer_add(w, &m, &fp, &body, &f) == RC_OK);
	must(archive_writer_flush(w, &f) == RC_OK);
}

static void
make_whole(void)
{
	struct folder folder = { .sep = '/' };
	struct intake *in = intake_new(1024);
	struct archive_writer *w;
	struct buf minisig = BUF_INIT;
	struct outfile out;
	struct fault f = FAULT_INIT;
	const int fd = new_file();
	uint32_t i, number;
	size_t n;

	outfile_borrow(&out, fd);
	must(archive_writer_new(&about, key, &out, &w, &f) == RC_OK);
	folder.name = folder.wire = xstrdup("INBOX");
	must(archive_writer_folder(w, &folder, 1, &number, &f) == RC_OK);
	for (i = 1; i < SEGMENTS; i++)
		add_mail(w, in, i);
	must(archive_writer_final(w, &minisig, &f) == RC_OK);
	archive_writer_free(w);
	n = (size_t)lseek(fd, 0, SEEK_END);
	must(pread(fd, buf_room(&whole, n), n, 0) == (ssize_t)n);
	whole.len = n;
	close(fd);
	free(folder.name);
	intake_free(in);
	buf_release(&minisig);
}

static void
put(int fd, const void *p, size_t n)
{
	must(write(fd, p, n) == (ssize_t)n);
}

/* It is not, where a frame starts inside or something is at the front that
 * is neither a frame nor NUL. */
static void
is_nothing(int fd, const uint8_t *p, size_t n)
{
	static const char magic[] = "\x28\xb5\x2f\xfd";
	struct fault f = FAULT_INIT;
	bool nothing;

	must(lseek(fd, 0, SEEK_SET) == 0);
	must(prefix_is_nothing(fd, &nothing, &f) == RC_OK);
	must(nothing || n > 0);
	if (!nothing || n == 0)
		return;
	must(p[0] == 0 || memcmp(p, magic, n < 4 ? n : 4) == 0);
	must(memmem(p + 1, n - 1, magic, 4) == NULL);
}

/* All that can be read, and then what is behind it: no number is higher than
 * most. */
static void
read_on(int fd, uint32_t most)
{
	struct archive_reader *r;
	struct fault f = FAULT_INIT;
	uint64_t from;
	uint32_t above = 1, number;
	enum rc rc;

	must(lseek(fd, 0, SEEK_SET) == 0);
	if (archive_reader_new(dup(fd), "fuzz", &pub,
		ARCHIVE_MANIFESTS | ARCHIVE_PREFIX, NULL, &r, &f) != RC_OK)
		return;
	rc = prefix_check_header(r, &about, &f);
	must(rc == RC_OK || f.cause == CAUSE_USAGE);
	from = input_offset(r->in);
	while (!r->finished && segment_read(r, &f) == RC_OK) {
		from = input_offset(r->in);
		above = r->segment.number + 1;
	}
	if (!r->finished) {
		rc = prefix_behind(r, fd, from, above, &number, &f);
		must(rc == RC_OK || rc == RC_END);
		must(rc == RC_END || (number > above && number <= most));
	}
	archive_reader_free(r);
}

static void
begin(struct stream *s, struct outfile *out, int fd)
{
	outfile_borrow(out, fd);
	memset(s, 0, sizeof(*s));
	stream_init(s, out, key, FRAME_USUAL);
}

static void
run_header(int fd, const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct outfile out;
	struct stream s;

	begin(&s, &out, fd);
	manifest_put_begin(&b, "header", s.id);
	buf_add(&b, data, len);
	must(stream_pair(&s, "header", 0, &b, false, &f) == RC_OK);
	stream_release(&s);
	buf_release(&b);
	read_on(fd, 0);
}

static void
put_header(struct stream *s)
{
	const struct header_facts h = { .about = &about,
		.id = s->id,
		.key_id = "0123456789ABCDEF",
		.segment_size = 1 << 20 };
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;

	manifest_put_header(&b, &h);
	must(stream_pair(s, "header", 0, &b, false, &f) == RC_OK);
	buf_release(&b);
}

static void
put_data(struct stream *s, struct frame *frame)
{
	struct spool *from = spool_new(4), *to = spool_new(64);
	struct fault f = FAULT_INIT;

	must(spool_add(from, "data", 4, &f) == RC_OK);
	must(frame_out_spool(s->z, from, to, frame, &f) == RC_OK);
	must(stream_frame(s, to, frame, &f) == RC_OK);
	spool_free(from);
	spool_free(to);
}

/* How wrong it is about where its data lies, and how long that is. */
static void
put_frame_line(struct buf *b, const struct frame *frame, const uint8_t *wrong)
{
	buf_addf(b, "frame\t%llu\t%llu\t%llu\t",
	    (unsigned long long)frame->offset + wrong[0],
	    (unsigned long long)frame->compressed + wrong[1],
	    (unsigned long long)frame->size);
	hash_hex(b, &frame->hash);
	buf_addc(b, '\n');
}

/* Its number, how wrong it is, and its lines. */
static void
run_segment(int fd, const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;
	struct frame frame = { 0 };
	struct fault f = FAULT_INIT;
	struct outfile out;
	struct stream s;

	if (len < 3)
		return;
	begin(&s, &out, fd);
	put_header(&s);
	must(stream_pair(&s, "nothing", 0, &b, false, &f) == RC_OK);
	put_data(&s, &frame);
	manifest_put_begin(&b, "segment", s.id);
	buf_addf(&b, "segment\t%d\nprev\t", data[0]);
	hash_hex(&b, &s.prev);
	buf_addc(&b, '\t');
	hash_hex(&b, &s.prev_frame);
	buf_addc(&b, '\n');
	put_frame_line(&b, &frame, data + 1);
	buf_add(&b, data + 3, len - 3);
	must(stream_pair(&s, "segment", data[0], &b, false, &f) == RC_OK);
	stream_release(&s);
	buf_release(&b);
	read_on(fd, data[1] == 0 && data[2] == 0 ? data[0] : 0);
}

static void
run_edits(int fd, const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;

	buf_add(&b, whole.data, whole.len);
	edit_all(&b, data, len);
	if (b.len > 0)
		put(fd, b.data, b.len);
	is_nothing(fd, b.data, b.len);
	read_on(fd, SEGMENTS);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const int fd = new_file();

	if (key == NULL) {
		key = make_key(&pub);
		make_whole();
	}
	if (len > 0 && data[0] == 'h') {
		run_header(fd, data + 1, len - 1);
	} else if (len > 0 && data[0] == 's') {
		run_segment(fd, data + 1, len - 1);
	} else if (len > 0 && data[0] == 'e') {
		run_edits(fd, data + 1, len - 1);
	} else {
		put(fd, data, len);
		is_nothing(fd, data, len);
	}
	close(fd);
	return 0;
}
