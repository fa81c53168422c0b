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
#include "util/mem.h"

enum { PIPE_SIZE = 1 << 20 };

int
kit_fd(const void *bytes, size_t n, bool pipe)
{
	int fd[2];

	if (!pipe) {
		fd[0] = memfd_create("archive", MFD_CLOEXEC);
		assert_true(fd[0] >= 0);
		assert_int_equal(write(fd[0], bytes, n), n);
		assert_int_equal(lseek(fd[0], 0, SEEK_SET), 0);
		return fd[0];
	}
	assert_true(n <= PIPE_SIZE);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_true(fcntl(fd[1], F_SETPIPE_SZ, PIPE_SIZE) >= (int)n);
	assert_int_equal(write(fd[1], bytes, n), n);
	close(fd[1]);
	return fd[0];
}

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)f;
	buf_add(arg, p, n);
	return RC_OK;
}

static bool
is_as_written(const struct archive_entry *e, const struct body *body,
    const struct kit_mail *m, struct fault *f)
{
	const struct msg want = kit_mail_msg(m);
	struct buf wire = BUF_INIT;
	bool same;

	same = e->msg.size == kit_mail_size(m) &&
	    e->msg.date.known == want.date.known &&
	    e->msg.date.epoch == want.date.epoch &&
	    e->msg.date.zone == want.date.zone && e->msg.flags == want.flags &&
	    strcmp(e->msg.keywords, want.keywords) == 0 &&
	    e->fingerprint.b[7] == (unsigned char)m->uid;
	if (body != NULL && body_wire(body, collect, &wire, f) != RC_OK)
		same = false;
	if (body != NULL &&
	    (wire.len != kit_mail_size(m) ||
		(wire.len > 0 && memcmp(wire.data, m->bytes, wire.len) != 0)))
		same = false;
	buf_release(&wire);
	return same;
}

static bool
is_right(const struct kit_plan *p, const struct archive_entry *e,
    const struct body *body, struct fault *f)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->mail[i].folder == e->msg.folder &&
		    p->mail[i].uid == e->msg.uid)
			return is_as_written(e, body, &p->mail[i], f);
	return false;
}

static enum rc
read_segment(struct archive_reader *a, const struct kit_plan *p,
    const struct archive_segment *s, struct kit_read *r)
{
	const bool bodies =
	    !r->no_bodies && (r->options & ARCHIVE_MANIFESTS) == 0;
	struct body body;
	size_t i;
	enum rc rc = RC_OK;

	r->last_segment = s->number;
	for (i = 0; i < s->n && rc == RC_OK; i++) {
		if (bodies)
			rc = archive_reader_body(a, i, &body, &r->fault);
		if (rc != RC_OK)
			break;
		r->messages++;
		r->links += s->entry[i].link;
		r->wrong += !is_right(p, &s->entry[i], bodies ? &body : NULL,
		    &r->fault);
	}
	return rc;
}

/* Where the manifests said that messages are. */
struct told {
	struct archive_place place;
	struct hash hash;
};

static struct told *
add_told(struct told *t, size_t *n, struct archive_reader *a,
    const struct archive_segment *s)
{
	size_t i;

	t = xreallocarray(t, *n + s->n + 1, sizeof(*t));
	for (i = 0; i < s->n; i++)
		t[(*n)++] = (struct told){ archive_reader_place(a, i),
			s->entry[i].hash };
	return t;
}

/* Opens what was passed over: every message must be where it was told, and
 * those stored there must be as they were written. */
static enum rc
reopen(struct archive_reader *a, const struct kit_plan *p, const struct told *t,
    size_t n, struct kit_read *r)
{
	const struct archive_segment *s;
	const struct archive_entry *e;
	struct body body;
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; i < n && rc == RC_OK; i++) {
		rc =
		    archive_reader_reopen(a, t[i].place.segment, &s, &r->fault);
		if (rc != RC_OK)
			break;
		assert_true(t[i].place.line < s->n);
		e = &s->entry[t[i].place.line];
		assert_false(e->link);
		rc = archive_reader_body(a, t[i].place.line, &body, &r->fault);
		r->wrong += rc == RC_OK &&
		    (!is_right(p, e, &body, &r->fault) ||
			!hash_equal(&body.digest.hash, &t[i].hash));
	}
	return rc == RC_OK ? RC_END : rc;
}

/* A segment that was moved out of the reader. */
struct moved {
	struct archive_load *load;
	const struct archive_entry *entry;
	struct body *body;
	size_t n;
};

enum { MOVED = 2 };

static void
check_moved(const struct kit_plan *p, struct moved *m, struct kit_read *r)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		r->wrong += !is_right(p, &m->entry[i], &m->body[i], &r->fault);
	free(m->body);
	m->body = NULL;
	m->n = 0;
}

static enum rc
move_segment(struct archive_reader *a, const struct archive_segment *s,
    struct moved *m, struct kit_read *r)
{
	enum rc rc = RC_OK;
	size_t i;

	m->body = calloc(s->n, sizeof(*m->body));
	assert_non_null(m->body);
	m->entry = s->entry;
	for (i = 0; i < s->n && rc == RC_OK; i++) {
		rc = archive_reader_body(a, i, &m->body[i], &r->fault);
		r->links += s->entry[i].link;
	}
	m->n = rc == RC_OK ? s->n : 0;
	r->messages += m->n;
	archive_reader_move(a, m->load);
	return rc;
}

static void
read_moved(struct archive_reader *a, const struct kit_plan *p,
    struct kit_read *r)
{
	struct moved m[MOVED] = { { .n = 0 } };
	const struct archive_segment *s;
	size_t i;

	for (i = 0; i < MOVED; i++)
		m[i].load = archive_load_new(r->moved);
	for (i = 0; r->rc == RC_OK; i = (i + 1) % MOVED) {
		r->rc = archive_reader_next(a, &s, &r->fault);
		check_moved(p, &m[i], r);
		if (r->rc == RC_OK)
			r->rc = move_segment(a, s, &m[i], r);
	}
	for (i = 0; i < MOVED; i++) {
		check_moved(p, &m[i], r);
		archive_load_free(m[i].load);
	}
}

void
kit_read(struct kit *k, const struct kit_plan *p, const void *bytes, size_t n,
    const struct buf *minisig, struct kit_read *r)
{
	const struct archive_segment *s;
	struct archive_reader *a;
	struct told *told = NULL;
	size_t tolds = 0;
	const int fd = kit_fd(bytes, n, r->pipe);

	r->messages = r->wrong = r->links = 0;
	r->incomplete = false;
	r->rc = archive_reader_new(fd, "a.tar.zst",
	    r->key != NULL ? r->key : &k->pub, r->options, minisig, &a,
	    &r->fault);
	if (r->rc != RC_OK)
		return;
	if (r->moved > 0 && (r->options & ARCHIVE_MANIFESTS) == 0)
		read_moved(a, p, r);
	while (r->rc == RC_OK) {
		r->rc = archive_reader_next(a, &s, &r->fault);
		if (r->rc == RC_OK)
			r->rc = read_segment(a, p, s, r);
		if (r->rc == RC_OK && (r->options & ARCHIVE_MANIFESTS) != 0)
			told = add_told(told, &tolds, a, s);
	}
	assert_int_equal(archive_reader_final(a) != NULL, r->rc == RC_END);
	if (r->rc == RC_END && tolds > 0 && !r->no_bodies)
		r->rc = reopen(a, p, told, tolds, r);
	free(told);
	r->incomplete = archive_reader_incomplete(a);
	if (r->rc == RC_END)
		r->totals = archive_reader_final(a)->totals;
	archive_reader_free(a);
}
