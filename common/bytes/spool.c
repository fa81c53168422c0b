/*
 * The newest octets lie in memory (the tail), the ones before them in the
 * file.  As long as all fits the bound there is no file, and the tail is
 * everything.
 */
#include "bytes/spool.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"

enum {
	SPOOL_FIRST = 4096,    /* memory to start with */
	SPOOL_WINDOW = 131072, /* what is read from, or gathered for, a file */
	SPOOL_PAGE = 4096,     /* what is read by whoever jumps */
	SPOOL_LARGE = 4 << 20, /* from here on memory comes in pages */
};

struct spool {
	size_t bound;
	unsigned char *tail;
	size_t tail_len;
	size_t tail_cap;
	size_t tail_high;      /* the most of it that was in use */
	uint64_t in_file;      /* octets in the file, before the tail */
	int fd;                /* -1: no file yet */
	bool shared;           /* tail and fd are another spool's */
	bool large;            /* what is to come needs a file */
	const char *dir;       /* where fd is; borrowed from environ */
	unsigned char *window; /* NULL until something is read back */
	uint64_t window_off;
	size_t window_len;
};

struct spool *
spool_new(size_t bound)
{
	struct spool *s;

	s = xcalloc(1, sizeof(*s));
	s->bound = bound;
	s->fd = -1;
	return s;
}

static void
free_tail(struct spool *s)
{
	if (s->tail_cap < SPOOL_LARGE)
		free(s->tail);
	else
		pages_free(s->tail, s->tail_cap);
}

static void
drop_tail(struct spool *s)
{
	free_tail(s);
	s->tail = NULL;
	s->tail_cap = s->tail_high = 0;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0 && !s->shared)
		close(s->fd);
	if (!s->shared)
		free_tail(s);
	free(s->window);
	free(s);
}

/* What two readers would fight for is the window: each has its own. */
struct spool *
spool_share(const struct spool *s)
{
	struct spool *r;

	r = xcalloc(1, sizeof(*r));
	*r = *s;
	r->shared = true;
	r->window = NULL;
	r->window_len = 0;
	return r;
}

size_t
spool_memory(const struct spool *s)
{
	return s->tail_high > s->tail_len ? s->tail_high : s->tail_len;
}

void
spool_clear(struct spool *s)
{
	assert(!s->shared);
	if (s->in_file > 0 && ftruncate(s->fd, 0) != 0) {
		/* The next user gets a new one. */
		close(s->fd);
		s->fd = -1;
	}
	s->tail_high = spool_memory(s);
	s->in_file = 0;
	s->tail_len = 0;
	s->window_len = 0;
	s->large = false;
}

void
spool_forget(struct spool *s)
{
	assert(!s->shared && spool_size(s) == 0);
	drop_tail(s);
}

uint64_t
spool_size(const struct spool *s)
{
	return s->in_file + s->tail_len;
}

static enum rc
put_file(struct spool *s, const unsigned char *p, size_t n, struct fault *f)
{
	ssize_t put;
	enum rc rc;

	if (s->fd < 0) {
		rc = file_unlinked(&s->fd, &s->dir, f);
		if (rc != RC_OK)
			return rc;
	}
	while (n > 0) {
		put = pwrite(s->fd, p, n, (off_t)s->in_file);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot write a temporary file in '%s' "
			    "(TMPDIR names another place)",
			    s->dir);
		p += put;
		n -= (size_t)put;
		s->in_file += (uint64_t)put;
	}
	return RC_OK;
}

/* Puts all of the tail into the file. */
static enum rc
flush(struct spool *s, struct fault *f)
{
	const uint64_t before = s->in_file;
	size_t put;
	enum rc rc;

	rc = put_file(s, s->tail, s->tail_len, f);
	/* After a full disk, what was written must not count twice. */
	put = (size_t)(s->in_file - before);
	s->tail_len -= put;
	if (put > 0 && s->tail_len > 0)
		memmove(s->tail, s->tail + put, s->tail_len);
	if (rc == RC_OK && s->tail_cap > SPOOL_WINDOW)
		drop_tail(s);
	return rc;
}

/* Once there is a file, small pieces are gathered whatever the bound, and
 * there is no use in more. */
static size_t
tail_max(const struct spool *s)
{
	return s->in_file > 0 || s->large ? SPOOL_WINDOW : s->bound;
}

/* All that there may ever be: what is not touched costs nothing. */
static size_t
to_pages(struct spool *s, size_t cap)
{
	unsigned char *p;

	if (cap < tail_max(s))
		cap = tail_max(s);
	p = xpages(cap);
	if (s->tail_len > 0)
		memcpy(p, s->tail, s->tail_len);
	free_tail(s);
	s->tail = p;
	return cap;
}

static void
tail_room(struct spool *s, size_t n)
{
	const size_t want = s->tail_len + n;
	size_t cap = s->tail_cap > 0 ? s->tail_cap : SPOOL_FIRST;

	if (want <= s->tail_cap)
		return;
	while (cap < want)
		cap = cap > tail_max(s) / 2 ? tail_max(s) : cap * 2;
	if (cap < SPOOL_LARGE)
		s->tail = xreallocarray(s->tail, cap, 1);
	else
		cap = to_pages(s, cap);
	s->tail_cap = cap;
}

void
spool_expect(struct spool *s, uint64_t n)
{
	assert(!s->shared);
	s->large = n > s->bound || spool_size(s) > s->bound - n;
	if (s->large && s->tail_len == 0)
		drop_tail(s);
}

enum rc
spool_add(struct spool *s, const void *p, size_t n, struct fault *f)
{
	enum rc rc;

	assert(!s->shared);
	if (n == 0)
		return RC_OK;
	if (s->tail_len > tail_max(s) || n > tail_max(s) - s->tail_len) {
		rc = flush(s, f);
		if (rc != RC_OK)
			return rc;
		if (n >= tail_max(s))
			return put_file(s, p, n, f);
	}
	tail_room(s, n);
	memcpy(s->tail + s->tail_len, p, n);
	s->tail_len += n;
	return RC_OK;
}

unsigned char *
spool_room(struct spool *s, size_t n)
{
	assert(!s->shared);
	if (s->tail_len > tail_max(s) || n > tail_max(s) - s->tail_len)
		return NULL;
	tail_room(s, n);
	return s->tail + s->tail_len;
}

void
spool_filled(struct spool *s, size_t n)
{
	assert(n <= s->tail_cap - s->tail_len);
	s->tail_len += n;
}

static size_t
least(size_t a, uint64_t b)
{
	return a < b ? a : (size_t)b;
}

/* Fills the window from off on; off lies in the file.  Who wants little and
 * does not go on from the last window will hardly need all of a new one. */
static enum rc
look(struct spool *s, uint64_t off, size_t want, struct fault *f)
{
	const bool on = off == s->window_off + s->window_len;
	ssize_t got;

	want = on || want > SPOOL_PAGE ? SPOOL_WINDOW : SPOOL_PAGE;
	want = least(want, s->in_file - off);

	if (s->window == NULL)
		s->window = xmalloc(SPOOL_WINDOW);
	s->window_len = 0;
	do
		got = pread(s->fd, s->window, want, (off_t)off);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot read a temporary file in '%s'", s->dir);
	if (got == 0)
		return fault_set(f, RC_STORE, CAUSE_IO,
		    "a temporary file in '%s' lost its end", s->dir);
	s->window_off = off;
	s->window_len = (size_t)got;
	return RC_OK;
}

enum rc
spool_view(struct spool *s, uint64_t off, size_t want,
    const unsigned char **p_r, size_t *n_r, struct fault *f)
{
	size_t at;
	enum rc rc;

	assert(want > 0);
	if (off >= spool_size(s))
		return RC_END;
	if (off >= s->in_file) {
		at = (size_t)(off - s->in_file);
		*p_r = s->tail + at;
		*n_r = least(want, s->tail_len - at);
		return RC_OK;
	}
	if (off < s->window_off || off - s->window_off >= s->window_len) {
		rc = look(s, off, want, f);
		if (rc != RC_OK)
			return rc;
	}
	at = (size_t)(off - s->window_off);
	*p_r = s->window + at;
	*n_r = least(want, s->window_len - at);
	return RC_OK;
}

enum rc
spool_read(struct spool *s, uint64_t off, void *p, size_t n, struct fault *f)
{
	const unsigned char *part;
	unsigned char *to = p;
	size_t got;
	enum rc rc;

	if (off > spool_size(s) || n > spool_size(s) - off)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "spool: %zu octets at %llu wanted, %llu are there", n,
		    (unsigned long long)off, (unsigned long long)spool_size(s));
	while (n > 0) {
		rc = spool_view(s, off, n, &part, &got, f);
		if (rc != RC_OK)
			return rc;
		memcpy(to, part, got);
		to += got;
		off += got;
		n -= got;
	}
	return RC_OK;
}

enum rc
spool_cut(struct spool *s, uint64_t n, struct fault *f)
{
	if (n > spool_size(s))
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "spool: cut to %llu octets, %llu are there",
		    (unsigned long long)n, (unsigned long long)spool_size(s));
	if (n >= s->in_file) {
		s->tail_len = (size_t)(n - s->in_file);
		return RC_OK;
	}
	s->tail_len = 0;
	s->window_len = 0;
	if (ftruncate(s->fd, (off_t)n) != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot shorten a temporary file in '%s'", s->dir);
	s->in_file = n;
	return RC_OK;
}
