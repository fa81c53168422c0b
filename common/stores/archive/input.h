#ifndef ARCHIVE_INPUT_H
#define ARCHIVE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "util/fault.h"

/* An archive's octets as they come, from a file or a pipe. */
struct input;

/* fd is taken.  hashed: BLAKE2b-512 of all that is consumed is kept. */
struct input *input_new(int fd, bool hashed);
void input_free(struct input *in); /* takes NULL; closes */
/* Octets consumed. */
uint64_t input_offset(const struct input *in);
/* At least one octet and at most want, borrowed until the next call;
 * RC_END at the end.  CAUSE_IO, or CAUSE_TEMPORARY when interrupted. */
enum rc input_view(struct input *in, size_t want, const unsigned char **p_r,
    size_t *n_r, struct fault *f) CHECKED;
/* The next n (at most 64) octets without consuming them; *n_r is less only
 * where the input ends. */
enum rc input_peek(struct input *in, size_t n, const unsigned char **p_r,
    size_t *n_r, struct fault *f) CHECKED;
void input_consume(struct input *in, size_t n);
/* Makes a file of what is none: from here to its end it is copied into an
 * unlinked file, in which input_reread goes back to here. */
enum rc input_keep(struct input *in, struct fault *f) CHECKED;
/* Passes over n octets of a file that is not hashed, without reading them.
 * RC_END: it ends before. */
enum rc input_skip(struct input *in, uint64_t n, struct fault *f) CHECKED;
/* Goes on at an offset that was consumed or passed before, of a file. */
void input_seek(struct input *in, uint64_t off);
/* From another thread: what waits or will wait for input fails with
 * CAUSE_TEMPORARY. */
void input_stop(struct input *in);
/* True for a regular file: input_reread works. */
/* Octets of the archive, of a file. */
enum rc input_size(const struct input *in, uint64_t *r, struct fault *f)
    CHECKED;
bool input_is_file(const struct input *in);
/* n octets at an offset that was consumed before. */
enum rc input_reread(struct input *in, uint64_t off, void *p, size_t n,
    struct fault *f) CHECKED;
/* The hash on its way to what was consumed so far. */
void input_hasher(const struct input *in, struct hasher *r);
/* The hash of all that was consumed; once. */
void input_hash(struct input *in, struct hash512 *r);

#endif
