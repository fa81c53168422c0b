#include "stores/archive/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/interrupt.h"
#include "util/mem.h"

enum { WINDOW = 1 << 16 };

static const unsigned char MAGIC[] = { 0x28, 0xb5, 0x2f, 0xfd };

struct scan {
	int fd;
	uint64_t size;
	uint64_t at; /* of p[0] in the file */
	size_t len;
	unsigned char p[WINDOW];
};

enum rc
scan_new(int fd, struct scan **r, struct fault *f)
{
	struct scan *s;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "only a file can be salvaged, no pipe: what is whole in "
		    "it is looked for more than once");
	}
	s = xcalloc(1, sizeof(*s));
	s->fd = fd;
	s->size = (uint64_t)st.st_size;
	*r = s;
	return RC_OK;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
	close(s->fd);
	free(s);
}

uint64_t
scan_size(const struct scan *s)
{
	return s->size;
}

static enum rc
read_at(struct scan *s, uint64_t off, void *p, size_t n, size_t *n_r,
    struct fault *f)
{
	unsigned char *to = p;
	ssize_t got;
	enum rc rc;

	for (*n_r = 0; *n_r < n; *n_r += (size_t)got) {
		rc = interrupt_check(f);
		if (rc != RC_OK)
			return rc;
		got = pread(s->fd, to + *n_r, n - *n_r, (off_t)(off + *n_r));
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got < 0)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot read at octet %llu",
			    (unsigned long long)(off + *n_r));
		else if (got == 0)
			break;
	}
	return RC_OK;
}

/* The window then starts at off. */
static enum rc
fill(struct scan *s, uint64_t off, struct fault *f)
{
	s->at = off;
	s->len = 0;
	return read_at(s, off, s->p, sizeof(s->p), &s->len, f);
}

/* What the window holds of n octets at off is all of them. */
static bool
is_near(const struct scan *s, uint64_t off, size_t n)
{
	return off >= s->at && off - s->at <= s->len &&
	    n <= s->len - (size_t)(off - s->at);
}

static size_t
within(const struct scan *s, uint64_t off, size_t n)
{
	const uint64_t left = off < s->size ? s->size - off : 0;

	return n < left ? n : (size_t)left;
}

enum rc
scan_glance(struct scan *s, uint64_t off, void *p, size_t n, size_t *n_r,
    struct fault *f)
{
	n = within(s, off, n);
	if (!is_near(s, off, n))
		return read_at(s, off, p, n, n_r, f);
	memcpy(p, s->p + (off - s->at), n);
	*n_r = n;
	return RC_OK;
}

enum rc
scan_read(struct scan *s, uint64_t off, void *p, size_t n, size_t *n_r,
    struct fault *f)
{
	enum rc rc;

	n = within(s, off, n);
	if (n < sizeof(s->p) && !is_near(s, off, n)) {
		rc = fill(s, off, f);
		if (rc != RC_OK)
			return rc;
	}
	return scan_glance(s, off, p, n, n_r, f);
}

enum rc
scan_frame(struct scan *s, uint64_t off, uint64_t *at_r, struct fault *f)
{
	const unsigned char *hit;
	enum rc rc;

	while (off < s->size) {
		if (off < s->at || off - s->at + sizeof(MAGIC) > s->len) {
			rc = fill(s, off, f);
			if (rc != RC_OK)
				return rc;
		}
		if (s->len - (size_t)(off - s->at) < sizeof(MAGIC))
			return RC_END;
		hit = memmem(s->p + (off - s->at),
		    s->len - (size_t)(off - s->at), MAGIC, sizeof(MAGIC));
		if (hit != NULL) {
			*at_r = s->at + (uint64_t)(hit - s->p);
			return RC_OK;
		}
		/* One that the window cuts is found again. */
		off = s->at + s->len - (sizeof(MAGIC) - 1);
	}
	return RC_END;
}
