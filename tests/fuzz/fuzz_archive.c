/*
 * The reader behind the signatures: an archive whose first segment has the
 * lines and the tar that the fuzzer makes up, signed as it has to be.  The
 * first octet says whether it is the last segment, the next two how long
 * the lines are.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stores/archive/manifest.h"
#include "stores/archive/reader.h"
#include "stores/archive/writing.h"
#include "tests/fuzz/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct seckey *key;
static struct pubkey pub;

static void
write_header(struct stream *s)
{
	const struct archive_about about = { .account = "a" };
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
write_segment(struct stream *s, const uint8_t *lines, size_t n,
    const uint8_t *tar, size_t len, bool last)
{
	struct spool *from = spool_new(len), *to = spool_new(2 * len);
	struct buf b = BUF_INIT;
	struct frame frame = { 0 };
	struct fault f = FAULT_INIT;

	must(spool_add(from, tar, len, &f) == RC_OK);
	must(frame_out_spool(s->z, from, to, &frame, &f) == RC_OK);
	manifest_put_begin(&b, "segment", s->id);
	buf_adds(&b, "segment\t1\nprev\t");
	hash_hex(&b, &s->prev);
	buf_addc(&b, '\t');
	hash_hex(&b, &s->prev_frame);
	must(stream_frame(s, to, &frame, &f) == RC_OK);
	buf_addf(&b, "\nframe\t%llu\t%llu\t%llu\t",
	    (unsigned long long)frame.offset,
	    (unsigned long long)frame.compressed,
	    (unsigned long long)frame.size);
	hash_hex(&b, &frame.hash);
	buf_addc(&b, '\n');
	buf_add(&b, lines, n);
	must(stream_pair(s, "segment", 1, &b, last, &f) == RC_OK);
	buf_release(&b);
	spool_free(from);
	spool_free(to);
}

static void
read_all(int fd)
{
	const struct archive_segment *seg;
	struct archive_reader *r;
	struct fault f = FAULT_INIT;
	struct body body;
	size_t i;

	must(archive_reader_new(fd, "fuzz", &pub, ARCHIVE_KEEP, NULL, &r, &f) ==
	    RC_OK);
	while (archive_reader_next(r, &seg, &f) == RC_OK)
		for (i = 0; i < seg->n; i++)
			if (archive_reader_body(r, i, &body, &f) == RC_OK)
				must(hash_equal(&body.digest.hash,
				    &seg->entry[i].hash));
	archive_reader_free(r);
}

/* The manifests alone, and then one of what they tell of each segment. */
static void
read_manifests(int fd)
{
	const struct archive_segment *seg;
	struct archive_reader *r;
	struct archive_place place = { 0, 0 };
	struct fault f = FAULT_INIT;
	struct body body;
	enum rc rc;

	must(archive_reader_new(fd, "fuzz", &pub, ARCHIVE_MANIFESTS, NULL, &r,
		 &f) == RC_OK);
	while ((rc = archive_reader_next(r, &seg, &f)) == RC_OK)
		if (seg->n > 0)
			place = archive_reader_place(r, seg->n - 1);
	if (rc == RC_END && place.segment > 0 &&
	    archive_reader_reopen(r, place.segment, &seg, &f) == RC_OK &&
	    archive_reader_body(r, place.line, &body, &f) == RC_OK)
		must(hash_equal(&body.digest.hash,
		    &seg->entry[place.line].hash));
	archive_reader_free(r);
}

/* Its end alone, with a table that tells where that is. */
static void
read_glance(int fd)
{
	struct archive_reader *r;
	struct fault f = FAULT_INIT;
	uint32_t i;

	must(archive_reader_new(fd, "fuzz", &pub, ARCHIVE_MANIFESTS, NULL, &r,
		 &f) == RC_OK);
	if (archive_reader_glance(r, true, &f) == RC_OK)
		for (i = 0; i < archive_reader_folders(r); i++)
			must(archive_reader_folder(r, i)->folder.name != NULL);
	archive_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fault f = FAULT_INIT;
	struct stream s;
	struct outfile out;
	size_t n;
	int fd;

	if (key == NULL)
		key = make_key(&pub);
	if (len < 3)
		return 0;
	n = (size_t)(data[1] | data[2] << 8);
	if (n > len - 3)
		n = len - 3;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	must(fd >= 0);
	outfile_borrow(&out, fd);
	memset(&s, 0, sizeof(s));
	stream_init(&s, &out, key, FRAME_USUAL);
	write_header(&s);
	write_segment(&s, data + 3, n, data + 3 + n, len - 3 - n,
	    (data[0] & 1) != 0);
	must(lseek(fd, 0, SEEK_SET) == 0);
	read_manifests(dup(fd));
	read_all(dup(fd));
	must(lseek(fd, 0, SEEK_END) > 0);
	must(stream_seek_table(&s, &f) == RC_OK);
	stream_release(&s);
	must(lseek(fd, 0, SEEK_SET) == 0);
	read_glance(fd);
	return 0;
}
