#include "stores/archive/tar.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "util/num.h"

enum { PAX_MAX = 8192 };

/* The ustar header (POSIX.1-2008, pax), octets. */
struct ustar {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char chksum[8];
	char type;
	char linkname[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char pad[12];
};

static_assert(sizeof(struct ustar) == TAR_BLOCK, "a header is one block");

/* What a pax header says of the member behind it. */
struct pax {
	bool path, target, size;
	uint64_t octets;
};

static enum rc
bad(const struct tar_member *m, const char *why, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_DATA, "member at %llu: %s",
	    (unsigned long long)m->offset, why);
}

/* Octal digits, then at most one blank and one NUL (libarchive's checksum
 * has the NUL first). */
static bool
octal(const char *p, size_t n, uint64_t *r)
{
	size_t i, blanks = 0, nuls = 0;

	*r = 0;
	for (i = 0; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		*r = *r << 3 | (uint64_t)(p[i] - '0');
	if (i == 0)
		return false;
	for (; i < n; i++) {
		blanks += p[i] == ' ';
		nuls += p[i] == '\0';
		if ((p[i] != ' ' && p[i] != '\0') || blanks > 1 || nuls > 1)
			return false;
	}
	return true;
}

static bool
is_zero(const void *p, size_t n)
{
	const char *s = p;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] != 0)
			return false;
	return true;
}

/* A field that is a string, with nothing behind its NUL. */
static bool
string(const char *p, size_t n, char *r)
{
	const size_t len = strnlen(p, n);

	memcpy(r, p, len);
	r[len] = '\0';
	return is_zero(p + len, n - len);
}

static bool
checksum_ok(const struct ustar *h)
{
	const unsigned char *p = (const unsigned char *)h;
	const size_t at = offsetof(struct ustar, chksum);
	uint64_t want, sum = 0;
	size_t i;

	for (i = 0; i < sizeof(*h); i++)
		sum += i >= at && i < at + sizeof(h->chksum) ? ' ' : p[i];
	return octal(h->chksum, sizeof(h->chksum), &want) && want == sum;
}

/* A pax header has the mode of the member behind it. */
static bool
mode_ok(const struct ustar *h)
{
	uint64_t mode;

	if (!octal(h->mode, sizeof(h->mode), &mode))
		return false;
	return mode == (h->type == '5' ? 0700 : 0600) ||
	    (mode == 0700 && h->type == 'x');
}

/* All that must be the same in every header that we write. */
static bool
fixed_ok(const struct ustar *h)
{
	uint64_t uid, gid, major, minor;

	return checksum_ok(h) && memcmp(h->magic, "ustar", 6) == 0 &&
	    memcmp(h->version, "00", 2) == 0 && mode_ok(h) &&
	    octal(h->uid, sizeof(h->uid), &uid) && uid == 0 &&
	    octal(h->gid, sizeof(h->gid), &gid) && gid == 0 &&
	    octal(h->devmajor, sizeof(h->devmajor), &major) && major == 0 &&
	    octal(h->devminor, sizeof(h->devminor), &minor) && minor == 0 &&
	    is_zero(h->uname, sizeof(h->uname)) &&
	    is_zero(h->gname, sizeof(h->gname)) &&
	    is_zero(h->pad, sizeof(h->pad));
}

static bool
numbers(const struct ustar *h, uint64_t *size_r, int64_t *mtime_r)
{
	uint64_t mtime;

	if (!octal(h->size, sizeof(h->size), size_r) ||
	    !octal(h->mtime, sizeof(h->mtime), &mtime) ||
	    mtime > (uint64_t)TAR_TIME_MAX)
		return false;
	*mtime_r = (int64_t)mtime;
	return true;
}

static enum rc
read_header(struct spool *s, struct tar_member *m, uint64_t at, struct ustar *h,
    struct fault *f)
{
	enum rc rc;

	if (spool_size(s) - at < sizeof(*h))
		return bad(m, "ends inside a header", f);
	rc = spool_read(s, at, h, sizeof(*h), f);
	if (rc != RC_OK)
		return rc;
	return fixed_ok(h) ? RC_OK : bad(m, "odd header", f);
}

static uint64_t
padded(uint64_t n)
{
	return (n + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* One "LEN KEY=VALUE\n" of len octets; p starts at KEY. */
static bool
pax_value(struct tar_member *m, struct pax *x, char *p)
{
	char *value = strchr(p, '='), *to = NULL;
	bool *seen;

	if (value == NULL)
		return false;
	*value++ = '\0';
	if (strcmp(p, "size") == 0) {
		if (x->size)
			return false;
		x->size = true;
		return num_u64(value, strlen(value), MEMBER_MAX, &x->octets);
	}
	if (strcmp(p, "path") == 0) {
		seen = &x->path;
		to = m->path;
	} else if (strcmp(p, "linkpath") == 0) {
		seen = &x->target;
		to = m->target;
	} else {
		return false;
	}
	if (*seen || strlen(value) > MEMBER_PATH_MAX)
		return false;
	*seen = true;
	memcpy(to, value, strlen(value) + 1);
	return true;
}

static bool
pax_records(struct tar_member *m, struct pax *x, char *p, size_t n)
{
	size_t digits;
	uint64_t len;

	while (n > 0) {
		digits = strspn(p, "0123456789");
		if (digits >= n || p[digits] != ' ' ||
		    !num_u64(p, digits, n, &len) || len < digits + 3 ||
		    p[len - 1] != '\n' || memchr(p, '\0', len) != NULL)
			return false;
		p[len - 1] = '\0';
		if (!pax_value(m, x, p + digits + 1))
			return false;
		p += len;
		n -= len;
	}
	return true;
}

/* The pax header at *at, if there is one. */
static enum rc
read_pax(struct spool *s, uint64_t *at, struct tar_member *m, struct pax *x,
    struct ustar *h, struct fault *f)
{
	char text[PAX_MAX + 1];
	uint64_t size;
	enum rc rc;

	if (h->type != 'x')
		return RC_OK;
	if (!numbers(h, &size, &m->mtime) || size == 0 || size > PAX_MAX ||
	    spool_size(s) - *at - sizeof(*h) < padded(size))
		return bad(m, "odd extended header", f);
	rc = spool_read(s, *at + sizeof(*h), text, size, f);
	if (rc != RC_OK)
		return rc;
	text[size] = '\0';
	if (!pax_records(m, x, text, size))
		return bad(m, "odd extended header", f);
	*at += sizeof(*h) + padded(size);
	return read_header(s, m, *at, h, f);
}

static bool
take_names(const struct ustar *h, const struct pax *x, struct tar_member *m)
{
	char name[sizeof(h->name) + 1], prefix[sizeof(h->prefix) + 1];
	char target[sizeof(h->linkname) + 1];
	size_t n;

	if (!string(h->name, sizeof(h->name), name) ||
	    !string(h->prefix, sizeof(h->prefix), prefix) ||
	    !string(h->linkname, sizeof(h->linkname), target))
		return false;
	if (!x->path) {
		n = strlen(prefix);
		memcpy(m->path, prefix, n);
		if (n > 0)
			m->path[n++] = '/';
		memcpy(m->path + n, name, strlen(name) + 1);
	}
	if (!x->target)
		memcpy(m->target, target, strlen(target) + 1);
	n = strlen(m->path);
	if (m->type == TAR_DIR) {
		if (n == 0 || m->path[n - 1] != '/')
			return false;
		m->path[--n] = '\0';
	}
	return n > 0 && (m->target[0] != '\0') == (m->type == TAR_LINK);
}

static bool
take_type(char type, enum tar_type *r)
{
	switch (type) {
	case '0':
		*r = TAR_FILE;
		return true;
	case '1':
		*r = TAR_LINK;
		return true;
	case '5':
		*r = TAR_DIR;
		return true;
	default:
		return false;
	}
}

/* The octets between a file's end and the next block. */
static enum rc
check_padding(struct spool *s, const struct tar_member *m, struct fault *f)
{
	char pad[TAR_BLOCK];
	const size_t n = (size_t)(padded(m->size) - m->size);
	enum rc rc;

	rc = spool_read(s, m->data + m->size, pad, n, f);
	if (rc != RC_OK)
		return rc;
	return is_zero(pad, n) ? RC_OK : bad(m, "odd padding", f);
}

enum rc
tar_next(struct spool *s, uint64_t *at, struct tar_member *m, struct fault *f)
{
	struct pax x = { false, false, false, 0 };
	struct ustar h;
	uint64_t pos = *at, left;
	char first;
	enum rc rc;

	m->offset = pos;
	m->target[0] = m->path[0] = '\0';
	if (pos >= spool_size(s))
		return RC_END;
	rc = spool_read(s, pos, &first, 1, f);
	if (rc == RC_OK && first == '\0')
		return RC_END;
	if (rc == RC_OK)
		rc = read_header(s, m, pos, &h, f);
	if (rc == RC_OK)
		rc = read_pax(s, &pos, m, &x, &h, f);
	if (rc != RC_OK)
		return rc;
	m->data = pos + sizeof(h);
	left = spool_size(s) - m->data;
	if (!numbers(&h, &m->size, &m->mtime) || !take_type(h.type, &m->type))
		return bad(m, "odd header", f);
	if (x.size)
		m->size = x.octets;
	if (!take_names(&h, &x, m))
		return bad(m, "odd name", f);
	if (m->size > left || padded(m->size) > left ||
	    (m->type != TAR_FILE && m->size != 0))
		return bad(m, "odd size", f);
	*at = m->data + padded(m->size);
	return check_padding(s, m, f);
}
