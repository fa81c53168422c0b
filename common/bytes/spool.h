#ifndef BYTES_SPOOL_H
#define BYTES_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "util/fault.h"

/*
 * Bytes on their way: in memory up to a bound, from then on in an unlinked
 * file in $TMPDIR (else /var/tmp, else /tmp), so that neither a mailbox
 * nor a message decides how much memory we need.
 */
struct spool;

/* bound: octets kept in memory before a file is used. */
struct spool *spool_new(size_t bound);
void spool_free(struct spool *s); /* takes NULL */
/* Empties; keeps memory (up to the bound) for the next user. */
void spool_clear(struct spool *s);
/* Octets of memory that it keeps; and gives back, when it is empty. */
size_t spool_memory(const struct spool *s);
void spool_forget(struct spool *s);
uint64_t spool_size(const struct spool *s);
enum rc spool_add(struct spool *s, const void *p, size_t n, struct fault *f)
    CHECKED;
/* n more octets will come: where they need the file, they do not fill the
 * memory first.  Until spool_clear. */
void spool_expect(struct spool *s, uint64_t n);
/* Room for n more octets in memory, which spool_filled then counts as added
 * (at most n, before any other call on s); NULL: they would need the file. */
unsigned char *spool_room(struct spool *s, size_t n);
void spool_filled(struct spool *s, size_t n);
/* A view of the bytes at off: *n_r of them, at least 1 and at most want
 * (RC_END at the end).  Borrowed until the next call on s. */
enum rc spool_view(struct spool *s, uint64_t off, size_t want,
    const unsigned char **p_r, size_t *n_r, struct fault *f) CHECKED;
/* Exactly n octets from off, or CAUSE_BUG when out of range. */
enum rc spool_read(struct spool *s, uint64_t off, void *p, size_t n,
    struct fault *f) CHECKED;
/* The same octets for another thread, to be read only: good until s changes
 * or is freed. The caller frees. */
struct spool *spool_share(const struct spool *s);
/* Shortens to n octets. */
enum rc spool_cut(struct spool *s, uint64_t n, struct fault *f) CHECKED;

#endif
