#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/archive_kit.h"
#include "tests/unit/tempdir.h"
#include "util/file.h"
#include "util/mem.h"

enum { INTAKE_BOUND = 1 << 20 };

void
kit_open(struct kit *k)
{
	struct fault f = FAULT_INIT;
	const char *pub, *sec;

	assert_true(hash_startup());
	k->dir = tempdir_new();
	pub = tempdir_path(k->dir, "pub");
	sec = tempdir_path(k->dir, "sec");
	assert_int_equal(minisign_generate(pub, sec, NULL, &f), RC_OK);
	assert_int_equal(seckey_load(sec, NULL, NULL, &k->key, &f), RC_OK);
	seckey_public(k->key, &k->pub);
}

void
kit_close(struct kit *k)
{
	seckey_free(k->key);
	tempdir_remove(k->dir);
}

static void
must(enum rc rc, const struct fault *f)
{
	if (rc != RC_OK)
		fail_msg("%s", f->text);
}

size_t
kit_mail_size(const struct kit_mail *m)
{
	return m->n > 0 ? m->n : strlen(m->bytes);
}

struct msg
kit_mail_msg(const struct kit_mail *m)
{
	const struct msg r = {
		.folder = m->folder,
		.uid = m->uid,
		.date = { m->undated ? 0 : m->epoch, m->undated ? 0 : 60,
		    !m->undated },
		.flags = m->flags,
		.keywords = m->keywords != NULL ? m->keywords : "",
	};

	return r;
}

static void
add_mail(struct archive_writer *w, struct intake *in, const struct kit_mail *m)
{
	const struct msg msg = kit_mail_msg(m);
	struct fingerprint fp;
	struct body body;
	struct fault f = FAULT_INIT;

	memset(fp.b, (int)m->uid, sizeof(fp.b));
	intake_begin(in);
	must(intake_add(in, m->bytes, kit_mail_size(m), &f), &f);
	must(intake_end(in, &body, &f), &f);
	must(archive_writer_add(w, &msg, &fp, &body, &f), &f);
}

/* Those from the first one on. */
static void
add_folders(struct archive_writer *w, const struct kit_plan *p, size_t first)
{
	struct folder folder = { .sep = '/' };
	struct fault f = FAULT_INIT;
	uint32_t number;
	size_t i;

	for (i = first; i < p->folders; i++) {
		folder.name = xstrdup(p->folder[i]);
		folder.wire = folder.name;
		folder.attr = i % 2 == 0 ? FOLDER_SUBSCRIBED : 0;
		must(archive_writer_folder(w, &folder,
			 p->uidvalidity != NULL ? p->uidvalidity[i] :
						  1000 + (uint32_t)i,
			 &number, &f),
		    &f);
		assert_int_equal(number, i);
		if (p->base != NULL && p->base[i] > 0)
			archive_writer_base(w, number, p->base[i] - 1);
		free(folder.name);
	}
}

static bool
is_stored(const struct archive_writer *w, const struct kit_mail *m)
{
	struct archive_earlier e;
	size_t i;

	if (m->folder >= archive_writer_earlier(w))
		return false;
	archive_writer_get_earlier(w, m->folder, &e);
	for (i = 0; i < e.stored; i++)
		if (e.uid[i] == m->uid)
			return true;
	return false;
}

static void
fill(struct archive_writer *w, const struct kit_plan *p)
{
	struct fault f = FAULT_INIT;
	struct intake *in = intake_new(INTAKE_BOUND);
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (i == 1)
			must(archive_writer_expect(w, p->expect, p->coming, &f),
			    &f);
		if (is_stored(w, &p->mail[i]))
			continue;
		add_mail(w, in, &p->mail[i]);
		if (p->flush_every > 0 && (i + 1) % p->flush_every == 0)
			must(archive_writer_flush(w, &f), &f);
	}
	intake_free(in);
	if (p->referred != NULL) {
		const struct msg m = kit_mail_msg(p->referred);

		must(archive_writer_reference(w, &m, p->octets, &f), &f);
	}
	for (i = 0; i < p->gones; i++)
		archive_writer_remove(w, p->gone[i].folder, p->gone[i].uid);
	for (i = 0; i < p->flaggeds; i++)
		archive_writer_flags(w, p->flagged[i].folder, p->flagged[i].uid,
		    p->flagged[i].flags, kit_mail_msg(&p->flagged[i]).keywords);
}

static void
slurp_fd(int fd, struct buf *b)
{
	const off_t n = lseek(fd, 0, SEEK_END);

	assert_true(n > 0);
	assert_int_equal(pread(fd, buf_room(b, (size_t)n), (size_t)n, 0), n);
	b->len = (size_t)n;
}

static struct archive_about
about_of(const struct kit_plan *p)
{
	const struct archive_about about = {
		.account = p->account != NULL ? p->account : "imap://anna@host",
		.server = "test",
		.tool = "test 1",
		.selection = p->selection,
		.segment_size = p->segment_size,
		.origin = p->origin,
		.parent = p->parent,
	};

	return about;
}

/* Adds what is not there yet, ends and frees the writer. */
static void
finish(struct archive_writer *w, const struct kit_plan *p,
    struct kit_archive *r)
{
	struct fault f = FAULT_INIT;

	fill(w, p);
	must(archive_writer_final(w, &r->minisig, &f), &f);
	archive_writer_totals(w, &r->totals);
	archive_writer_free(w);
}

void
kit_write(struct kit *k, const struct kit_plan *p, struct kit_archive *r)
{
	const struct archive_about about = about_of(p);
	struct archive_writer *w;
	struct outfile out;
	struct fault f = FAULT_INIT;
	const int fd = memfd_create("archive", MFD_CLOEXEC);

	memset(r, 0, sizeof(*r));
	assert_true(fd >= 0);
	outfile_borrow(&out, fd);
	must(archive_writer_new(&about, p->key != NULL ? p->key : k->key, &out,
		 &w, &f),
	    &f);
	add_folders(w, p, 0);
	finish(w, p, r);
	slurp_fd(fd, &r->bytes);
	assert_int_equal(r->bytes.len, r->totals.written);
	close(fd);
}

/* Without a sync: this is done some thousand times. */
static void
put_part(const char *path, const void *bytes, size_t n)
{
	struct fault f = FAULT_INIT;
	const int fd =
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	must(file_write(fd, path, bytes, n, &f), &f);
	close(fd);
}

static bool
holds(const char *path, const void *bytes, size_t n)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;
	bool same;

	must(file_slurp(path, SIZE_MAX / 2, &b, &f), &f);
	same = b.len == n && (n == 0 || memcmp(b.data, bytes, n) == 0);
	buf_release(&b);
	return same;
}

void
kit_resume(struct kit *k, const struct kit_plan *p, const void *bytes, size_t n,
    struct kit_resumed *r)
{
	const struct archive_about about = about_of(p);
	const char *path = tempdir_path(k->dir, "r");
	const char *part = tempdir_path(k->dir, "r.part");
	struct archive_writer *w;
	struct outfile out;
	struct fault f = FAULT_INIT;

	memset(r, 0, sizeof(*r));
	put_part(part, bytes, n);
	must(outfile_reopen(&out, path, &f), &f);
	r->rc = archive_writer_resume(&about, p->key != NULL ? p->key : k->key,
	    &out, &r->was, &w, &r->fault);
	if (r->rc == RC_OK) {
		if (!r->was.complete)
			add_folders(w, p, archive_writer_earlier(w));
		finish(w, p, &r->a);
		slurp_fd(out.fd, &r->a.bytes);
		assert_int_equal(r->a.bytes.len, r->a.totals.written);
	} else {
		r->untouched = holds(part, bytes, n);
	}
	outfile_abandon(&out, false);
}

void
kit_release(struct kit_archive *a)
{
	buf_release(&a->bytes);
	buf_release(&a->minisig);
}
