#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "stores/maildir/name.h"
#include "util/interrupt.h"

enum {
	CHUNK = 65536,
	HEADER_MAX = 1 << 20, /* octets of a header that are looked at */
	OPEN_TRIES = 3,       /* while another program renames the file */
};

/* What plugins of Dovecot's leave in place of the message. */
struct magic {
	const char *bytes;
	size_t n;
	const char *reason;
};

static const struct magic magics[] = {
	{ "\x1f\x8b\x08", 3, "compressed by Dovecot's zlib plugin (gzip)" },
	{ "\x28\xb5\x2f\xfd", 4, "compressed by Dovecot's zlib plugin (zstd)" },
	{ "\xfd"
	  "7zXZ",
	    6, "compressed by Dovecot's zlib plugin (xz)" },
	{ "Dovecot-LZ4\r\x2a\x9b\xc5", 15,
	    "compressed by Dovecot's zlib plugin (lz4)" },
	{ "CRYPTED\x03\x07", 9, "encrypted by Dovecot's mail_crypt plugin" },
};

/* "BZh", the level, and the start of the first block. */
static bool
is_bzip2(const unsigned char *p, size_t n)
{
	return n >= 10 && memcmp(p, "BZh", 3) == 0 &&
	    memcmp(p + 4, "1AY&SY", 6) == 0;
}

/* Why these first octets cannot be a message's; NULL when they can. */
static const char *
why_not_mail(const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (n >= magics[i].n &&
		    memcmp(p, magics[i].bytes, magics[i].n) == 0)
			return magics[i].reason;
	if (is_bzip2(p, n))
		return "compressed by Dovecot's zlib plugin (bzip2)";
	return NULL;
}

/* Another program took our descriptors or memory: no message is at fault. */
static bool
is_ours(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/*
 * Opens the message with this UID.  RC_END: it is gone.  RC_MESSAGE: it
 * will not be given, *f says why.  A name that is no more may be another
 * one now: flags stand in it.
 */
static enum rc
open_message(struct maildir *m, uint32_t uid, int *fd_r, struct fault *f)
{
	const struct index_entry *e;
	enum rc rc;
	int i;

	for (i = 0; i < OPEN_TRIES; i++) {
		e = index_find(&m->index, uid);
		if (e == NULL)
			return RC_END;
		/* O_NONBLOCK: a fifo would wait for its writer. */
		*fd_r = openat(m->fd, index_path(&m->index, e),
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
		if (*fd_r != -1)
			return RC_OK;
		if (errno == ELOOP)
			return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
			    "a symbolic link, not a file");
		if (errno != ENOENT)
			return fault_errno(f,
			    is_ours(errno) ? RC_STORE : RC_MESSAGE,
			    CAUSE_REFUSED, "cannot open the file");
		rc = maildir_refresh(m, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_END;
}

/* The wire form of a file: a CR for each LF that has none.  last is the
 * octet before p, and after it. */
static enum rc
add_with_crlf(struct intake *in, const unsigned char *p, size_t n,
    unsigned char *last, struct fault *f)
{
	const unsigned char *lf;
	enum rc rc = RC_OK;
	size_t run;

	while (rc == RC_OK && n > 0) {
		lf = memchr(p, '\n', n);
		run = lf == NULL ? n : (size_t)(lf - p);
		if (run > 0) {
			rc = intake_add(in, p, run, f);
			*last = p[run - 1];
		}
		if (rc == RC_OK && lf != NULL) {
			rc = *last == '\r' ? intake_add(in, "\n", 1, f) :
					     intake_add(in, "\r\n", 2, f);
			*last = '\n';
			run++;
		}
		p += run;
		n -= run;
	}
	return rc;
}

/* The file's bytes into the intake, which was begun. */
static enum rc
take_in(struct intake *in, int fd, bool crlf, struct fault *f)
{
	unsigned char chunk[CHUNK], last = '\0';
	bool first = true;
	const char *why;
	ssize_t n;
	enum rc rc;

	for (;;) {
		rc = interrupt_check(f);
		if (rc != RC_OK)
			return rc;
		n = read(fd, chunk, sizeof(chunk));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			return RC_OK;
		if (n == -1)
			return fault_errno(f, RC_MESSAGE, CAUSE_REFUSED,
			    "cannot read the file");
		why = first ? why_not_mail(chunk, (size_t)n) : NULL;
		first = false;
		if (why != NULL)
			return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
			    "%s: read this mailbox over IMAP", why);
		rc = crlf ? add_with_crlf(in, chunk, (size_t)n, &last, f) :
			    intake_add(in, chunk, (size_t)n, f);
		if (rc != RC_OK)
			return RC_STORE;
	}
}

/*
 * Nearly all files have LF alone, or CRLF alone.  What has both is read
 * again, as Dovecot gives it: it adds a CR where there is none.
 */
static enum rc
take_message(struct maildir *m, int fd, struct body *r, struct fault *f)
{
	struct stat st;
	enum rc rc;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return fault_set(f, RC_MESSAGE, CAUSE_REFUSED, "not a file");
	intake_begin_maildir(m->intake);
	rc = take_in(m->intake, fd, false, f);
	if (rc != RC_OK)
		return rc;
	rc = intake_end(m->intake, r, f);
	if (rc != RC_OK)
		return RC_STORE;
	if (r->digest.eol == EOL_CRLF ||
	    r->digest.virtual_size == r->digest.file_size)
		return RC_OK;
	if (lseek(fd, 0, SEEK_SET) == -1)
		return fault_errno(f, RC_MESSAGE, CAUSE_REFUSED,
		    "cannot read the file again");
	intake_begin(m->intake);
	rc = take_in(m->intake, fd, true, f);
	if (rc == RC_OK && intake_end(m->intake, r, f) != RC_OK)
		rc = RC_STORE;
	return rc;
}

static enum rc
read_one(struct maildir *m, const struct msg *msg, store_read_fn *fn, void *arg,
    struct fault *f)
{
	char reason[FAULT_MAX];
	struct body body;
	enum rc rc;
	int fd = -1;

	rc = open_message(m, msg->uid, &fd, f);
	if (rc == RC_OK) {
		rc = take_message(m, fd, &body, f);
		(void)close(fd);
	}
	if (rc == RC_OK)
		return fn(arg, msg, READ_BODY, &body, NULL, f);
	if (rc == RC_END)
		return fn(arg, msg, READ_GONE, NULL, NULL, f);
	if (rc != RC_MESSAGE)
		return rc;
	(void)snprintf(reason, sizeof(reason), "%s", f->text);
	return fn(arg, msg, READ_REFUSED, NULL, reason, f);
}

enum rc
maildir_read(struct store *s, const struct msg *msgs, size_t n,
    store_read_fn *fn, void *arg, struct fault *f)
{
	struct maildir *m = maildir_of(s);
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++)
		rc = read_one(m, &msgs[i], fn, arg, f);
	return rc;
}

/* The header block, LF or CRLF, up to the empty line and with it. */
static void
read_header(int fd, struct buf *b)
{
	size_t from = 0;
	unsigned char *p;
	ssize_t n;

	buf_clear(b);
	while (b->len < HEADER_MAX) {
		n = read(fd, buf_room(b, CHUNK), CHUNK);
		if (n <= 0)
			return;
		b->len += (size_t)n;
		/* Line ends that touch, over the border of two chunks too. */
		while (
		    (p = memchr(b->data + from, '\n', b->len - from)) != NULL) {
			from = (size_t)(p - b->data) + 1;
			p = b->data + from;
			while (p < b->data + b->len && *p == '\r')
				p++;
			if (p == b->data + b->len) {
				from--;
				break;
			}
			if (*p == '\n') {
				b->len = from;
				return;
			}
		}
		if (p == NULL)
			from = b->len;
	}
	b->len = HEADER_MAX;
}

/* Of what cannot be read: of nothing; reading it will tell. */
static void
fingerprint(struct maildir *m, uint32_t uid, struct buf *header,
    struct fingerprint *r)
{
	struct fault ignored;
	int fd = -1;

	buf_clear(header);
	if (open_message(m, uid, &fd, &ignored) == RC_OK) {
		read_header(fd, header);
		(void)close(fd);
	}
	fingerprint_of(header->data, header->len, r);
}

/* Everything but the header.  RC_END: it is gone. */
static enum rc
describe(struct maildir *m, uint32_t uid, struct msg *r, struct fault *f)
{
	const struct index_entry *e;
	const char *name, *letters;
	struct stat st;
	enum rc rc;
	int i;

	for (i = 0; i < OPEN_TRIES; i++) {
		e = index_find(&m->index, uid);
		if (e == NULL)
			return RC_END;
		if (fstatat(m->fd, index_path(&m->index, e), &st,
			AT_SYMLINK_NOFOLLOW) == 0)
			break;
		if (errno != ENOENT)
			return fault_errno(f, RC_FOLDER, CAUSE_IO,
			    "cannot look at '%s'", index_path(&m->index, e));
		rc = maildir_refresh(m, f);
		if (rc != RC_OK)
			return rc;
	}
	if (i == OPEN_TRIES)
		return RC_END;
	name = index_name(&m->index, e);
	letters = name_letters(name);
	memset(r, 0, sizeof(*r));
	r->uid = uid;
	if (!name_virtual_size(name, &r->size))
		r->size = (uint64_t)st.st_size;
	r->date.epoch = st.st_mtim.tv_sec;
	r->date.known = true;
	r->flags = flags_from_letters(letters, strlen(letters));
	r->keywords = keywords_of_letters(&m->keywords, letters, m->atoms);
	return RC_OK;
}

enum rc
maildir_scan(struct store *s, uint32_t first, unsigned want, store_scan_fn *fn,
    void *arg, uint64_t *seen_r, struct fault *f)
{
	bool print = (want & SCAN_FINGERPRINT) != 0;
	struct maildir *m = maildir_of(s);
	struct buf header = BUF_INIT;
	struct fingerprint fp;
	enum rc rc = RC_OK;
	struct msg msg;
	size_t i;

	*seen_r = 0;
	for (;;) {
		/* Anew each time: a message that moved renews the index. */
		i = index_from(&m->index, first);
		if (i == m->index.n)
			break;
		first = m->index.v[i].uid;
		rc = describe(m, first, &msg, f);
		if (rc == RC_OK && print)
			fingerprint(m, first, &header, &fp);
		if (rc == RC_OK) {
			(*seen_r)++;
			rc = fn(arg, &msg, print ? &fp : NULL, f);
			if (rc != RC_OK)
				break;
		} else if (rc != RC_END) {
			break;
		}
		first++;
		rc = RC_OK;
	}
	buf_release(&header);
	return rc;
}
