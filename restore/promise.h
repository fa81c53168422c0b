#ifndef RESTORE_PROMISE_H
#define RESTORE_PROMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one target folder has said that it holds, to be held against what is
 * read back from it: by UID where the target told it, else by content, each
 * message there for one promise.  40 octets each; all may be equal, and none
 * is looked at twice.
 */
enum promise_state {
	PROMISE_OPEN,    /* nothing was read that is it */
	PROMISE_KEPT,    /* equal, but for line ends perhaps */
	PROMISE_DIFFERS, /* something else has its UID, or nobody can tell */
};

struct promise {
	unsigned char canon[16]; /* as in struct digest */
	uint64_t note;           /* the owner's */
	uint32_t uid;            /* 0: not told */
	uint32_t taken;          /* of the first of equal ones: so many are */
	uint8_t state;
};

struct promises {
	struct promise *v; /* first those found by content, by that */
	size_t n;
	size_t cap;
	size_t untold;   /* so many are found by content */
	uint32_t floor;  /* the least UID of those not told; 0: all were */
	bool by_content; /* UIDs mean nothing */
};

/* floor: for uid 0, the least that it can have; 1 at least. */
void promises_add(struct promises *l, uint32_t uid, uint32_t floor,
    const unsigned char canon[16], uint64_t note);
/* Before any is looked for, and again where the folder is listed anew.
 * by_content: another UIDVALIDITY, or a store that numbers anew. */
void promises_begin(struct promises *l, bool by_content);
/* The UID from where the folder must be listed, and what of that read. */
uint32_t promises_first(const struct promises *l);
bool promises_want(const struct promises *l, uint32_t uid);
/* A message was read: the promise that it settles, now KEPT or DIFFERS, or
 * NULL: it is none of them.  canon NULL: it cannot be read. */
struct promise *promises_settle(struct promises *l, uint32_t uid,
    const unsigned char *canon);
void promises_release(struct promises *l);

#endif
