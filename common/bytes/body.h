#ifndef BYTES_BODY_H
#define BYTES_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "bytes/spool.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * The one door for message bytes.  A message has two forms:
 *
 *   wire  what IMAP gives and takes
 *   file  what lies in an archive or a Maildir, and what is hashed
 *
 * EOL_CRLF: each LF of the wire form has exactly one CR before it (no bare
 * LF, no CR CR LF); the file form is the wire form with LF for CRLF.
 * EOL_RAW: anything else; the file form is the wire form.
 * Either way the exact wire bytes can be rebuilt (FORMAT.md, Messages).
 */
enum eol { EOL_CRLF, EOL_RAW };

/* What cannot be told of a message of which not all was kept (intake_keep):
 * it takes octets that are gone. */
enum digest_lack {
	LACKS_NOTHING,
	LACKS_CANON, /* canon */
	LACKS_HASH,  /* hash and canon, eol and file_size too */
};

struct digest {
	struct hash hash; /* BLAKE2b-256 of the file form */
	/*
	 * First 128 bits of BLAKE2b-256 of the canonical form, equal for
	 * messages that differ in line ends only (class "line-ends"):
	 * CR* LF as LF, NUL as 0x80, a leading mbox "From " line off, line
	 * ends at the end off.
	 */
	unsigned char canon[16];
	enum digest_lack lack;
	enum eol eol;
	uint64_t file_size;    /* octets of the file form */
	uint64_t wire_size;    /* octets of the wire form: RFC822.SIZE */
	uint64_t virtual_size; /* octets with CRLF for each LF: Dovecot W= */
};

/* Two messages are the same on the wire: same hash and same eol. */
bool digest_identical(const struct digest *a, const struct digest *b);

/* A message whose bytes lie in a spool, in file form: all of them, or those
 * at its start that were to be kept. */
struct body {
	struct spool *spool; /* borrowed */
	uint64_t off;        /* where the file form starts in it */
	struct digest digest;
};

/*
 * Takes bytes in, in chunks of any size, decides the eol, converts, spools
 * and hashes as it fills.
 */
struct intake;

struct intake *intake_new(size_t spool_bound);
void intake_free(struct intake *in);
/*
 * From the next message on at most so many octets are kept, for whoever wants
 * no more than the digest and the header: the rest goes into the hash and is
 * gone.  The digest is whole for all mail that conforms, and for what shows
 * in the octets kept that it does not; else it says what it lacks.
 */
void intake_keep(struct intake *in, uint64_t most);
/* Starts a new message in wire form; the body of the last one is gone. */
void intake_begin(struct intake *in);
/*
 * The same for a Maildir file: LF alone stands for CRLF on the wire unless
 * the file holds a CRLF anywhere; then its bytes are the wire bytes, and
 * the eol is what they make it.
 */
void intake_begin_maildir(struct intake *in);
/* After a fault only intake_begin* and intake_free make sense. */
enum rc intake_add(struct intake *in, const void *p, size_t n, struct fault *f)
    CHECKED;
/* The octets given to intake_add since the begin. */
uint64_t intake_size(const struct intake *in);
/* *r is borrowed until the next intake_begin or intake_free. */
enum rc intake_end(struct intake *in, struct body *r, struct fault *f) CHECKED;

/* The digest of len octets of file form at off in s, whose eol is known
 * (an archive member); RC_MESSAGE and CAUSE_DATA if they cannot be so. */
enum rc body_at(struct spool *s, uint64_t off, uint64_t len, enum eol eol,
    struct body *r, struct fault *f) CHECKED;

typedef enum rc body_sink_fn(void *arg, const void *p, size_t n,
    struct fault *f);

/* Streams the wire form, in chunks of at most 64 KiB or so. */
enum rc body_wire(const struct body *b, body_sink_fn *sink, void *arg,
    struct fault *f) CHECKED;
/* Appends the wire form: for what is known to be small. */
enum rc body_add_wire(const struct body *b, struct buf *r, struct fault *f)
    CHECKED;
/* Streams the file form. */
enum rc body_file(const struct body *b, body_sink_fn *sink, void *arg,
    struct fault *f) CHECKED;
/* Appends the header block (file form, up to and without the empty line) to
 * out, at most max octets of it.  A line of CRs alone counts as empty. */
enum rc body_header(const struct body *b, size_t max, struct buf *out,
    struct fault *f) CHECKED;

#endif
