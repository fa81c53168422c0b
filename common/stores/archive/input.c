#include "stores/archive/input.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	INPUT_SIZE = 131072,
	INPUT_FIRST = 4096, /* read at once behind what was passed over */
	PEEK_MAX = 64,
	/* A signal comes to one thread only, which need not be the one that
	 * waits here. */
	SLICE_MS = 100,
};

struct input {
	int fd;
	bool file;
	bool hashed;
	bool ended;
	atomic_bool stop;
	off_t base;      /* where the archive starts in the file */
	uint64_t offset; /* of p[at] */
	size_t ahead;    /* octets that the next read asks for, at most */
	size_t at;
	size_t len;
	struct hasher hash;
	unsigned char p[INPUT_SIZE];
};

struct input *
input_new(int fd, bool hashed)
{
	struct input *in;
	struct stat st;

	in = xcalloc(1, sizeof(*in));
	in->fd = fd;
	in->hashed = hashed;
	in->ahead = INPUT_SIZE;
	in->base = lseek(fd, 0, SEEK_CUR);
	in->file = in->base >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (hashed)
		hasher512_init(&in->hash);
	return in;
}

void
input_free(struct input *in)
{
	if (in == NULL)
		return;
	close(in->fd);
	free(in);
}

uint64_t
input_offset(const struct input *in)
{
	return in->offset;
}

/* One read, to the end of what is there. */
static ssize_t
read_on(struct input *in)
{
	size_t room = INPUT_SIZE - in->len;

	if (!in->file)
		return read(in->fd, in->p + in->len, room);
	/* a reader that hops wants little of what lies between */
	if (room > in->ahead)
		room = in->ahead;
	in->ahead = INPUT_SIZE;
	return pread(in->fd, in->p + in->len, room,
	    in->base + (off_t)(in->offset + in->len));
}

/* Until something can be read from a pipe. */
static enum rc
await(struct input *in, struct fault *f)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	enum rc rc;

	do {
		rc = interrupt_check(f);
		if (rc == RC_OK && atomic_load(&in->stop))
			rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
			    "no longer wanted");
	} while (rc == RC_OK && !in->file && poll(&p, 1, SLICE_MS) == 0);
	return rc;
}

/* Reads once, behind what is there; RC_END at the end. */
static enum rc
fill(struct input *in, struct fault *f)
{
	ssize_t got;
	enum rc rc;

	if (in->at > 0) {
		memmove(in->p, in->p + in->at, in->len - in->at);
		in->len -= in->at;
		in->at = 0;
	}
	while (!in->ended) {
		rc = await(in, f);
		if (rc != RC_OK)
			return rc;
		got = read_on(in);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot read");
		in->ended = got == 0;
		in->len += (size_t)got;
		if (got > 0)
			return RC_OK;
	}
	return RC_END;
}

enum rc
input_view(struct input *in, size_t want, const unsigned char **p_r,
    size_t *n_r, struct fault *f)
{
	enum rc rc;

	if (in->at == in->len) {
		rc = fill(in, f);
		if (rc != RC_OK)
			return rc;
	}
	*p_r = in->p + in->at;
	*n_r = in->len - in->at < want ? in->len - in->at : want;
	return RC_OK;
}

enum rc
input_peek(struct input *in, size_t n, const unsigned char **p_r, size_t *n_r,
    struct fault *f)
{
	enum rc rc = RC_OK;

	assert(n <= PEEK_MAX);
	while (rc == RC_OK && in->len - in->at < n)
		rc = fill(in, f);
	*p_r = in->p + in->at;
	*n_r = in->len - in->at < n ? in->len - in->at : n;
	return rc == RC_END ? RC_OK : rc;
}

void
input_consume(struct input *in, size_t n)
{
	assert(n <= in->len - in->at);
	if (in->hashed)
		hasher_add(&in->hash, in->p + in->at, n);
	in->at += n;
	in->offset += n;
}

enum rc
input_keep(struct input *in, struct fault *f)
{
	const char *dir;
	int fd;
	enum rc rc;

	if (in->file)
		return RC_OK;
	rc = file_unlinked(&fd, &dir, f);
	if (rc != RC_OK)
		return rc;
	do {
		rc = file_write(fd, dir, in->p + in->at, in->len - in->at, f);
		in->at = in->len;
		if (rc == RC_OK)
			rc = fill(in, f);
	} while (rc == RC_OK);
	if (rc != RC_END) {
		close(fd);
		return fault_wrap(f, rc,
		    "keeping what comes through the pipe "
		    "(TMPDIR names another place)");
	}
	close(in->fd);
	in->fd = fd;
	in->file = true;
	in->base = -(off_t)in->offset;
	input_seek(in, in->offset);
	return RC_OK;
}

enum rc
input_size(const struct input *in, uint64_t *r, struct fault *f)
{
	struct stat st;

	assert(in->file);
	if (fstat(in->fd, &st) != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot read");
	*r = (uint64_t)(st.st_size - in->base);
	return RC_OK;
}

enum rc
input_skip(struct input *in, uint64_t n, struct fault *f)
{
	uint64_t size, left;
	enum rc rc;

	assert(in->file && !in->hashed);
	if (n <= in->len - in->at) {
		input_consume(in, (size_t)n);
		return RC_OK;
	}
	rc = input_size(in, &size, f);
	if (rc != RC_OK)
		return rc;
	left = size - in->offset;
	rc = n <= left ? RC_OK : RC_END;
	input_seek(in, in->offset + (n <= left ? n : left));
	in->ahead = INPUT_FIRST;
	return rc;
}

void
input_seek(struct input *in, uint64_t off)
{
	assert(in->file);
	in->at = in->len = 0;
	in->ended = false;
	in->offset = off;
}

void
input_stop(struct input *in)
{
	atomic_store(&in->stop, true);
}

bool
input_is_file(const struct input *in)
{
	return in->file;
}

enum rc
input_reread(struct input *in, uint64_t off, void *p, size_t n, struct fault *f)
{
	unsigned char *to = p;
	ssize_t got;

	assert(in->file && off <= in->offset && n <= in->offset - off);
	while (n > 0) {
		got = pread(in->fd, to, n, in->base + (off_t)off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot read");
		if (got == 0)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "became shorter while it was read");
		to += got;
		off += (uint64_t)got;
		n -= (size_t)got;
	}
	return RC_OK;
}

void
input_hasher(const struct input *in, struct hasher *r)
{
	*r = in->hash;
}

void
input_hash(struct input *in, struct hash512 *r)
{
	hasher512_end(&in->hash, r);
}
