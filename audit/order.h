#ifndef AUDIT_ORDER_H
#define AUDIT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Messages in an order in which equal ones stand together, and the ones most
 * alike side by side.  Who was taken is left out of every later search at
 * once, so that a hundred thousand equal messages cost no more than as many
 * different ones.  Eight octets a message.
 */

/* What a message is ordered by; id is the owner's number for it. */
struct rank {
	const unsigned char *key; /* borrowed; its first octets are random */
	size_t key_len;
	unsigned eol;
	uint32_t place;
	bool dated;
	int64_t epoch;
	uint32_t label;
	uint32_t id;
};

/* How much of a rank two messages must share. */
enum rank_depth {
	RANK_KEY,   /* key and eol */
	RANK_PLACE, /* and place */
	RANK_LABEL, /* all but id */
};

typedef void rank_fn(const void *arg, uint32_t id, struct rank *r);

struct order {
	rank_fn *rank;
	const void *arg;
	uint32_t *id;    /* in order */
	uint32_t *next;  /* of each: where the next is that was not taken */
	uint32_t *start; /* of each bucket of keys */
	size_t n;
	unsigned bits;
	uint64_t steps; /* ranks looked at, for the tests */
};

/* Of ids 0 to n - 1; arg is borrowed. */
void order_init(struct order *o, size_t n, rank_fn *rank, const void *arg);
void order_release(struct order *o);

/* Where those that share so much with r are: from *at_r up to *end_r; the
 * first not taken is at order_free(o, *at_r). */
void order_find(struct order *o, const struct rank *r, enum rank_depth depth,
    uint32_t *at_r, uint32_t *end_r);
/* The first at or behind at that was not taken; o->n: none. */
uint32_t order_free(struct order *o, uint32_t at);
void order_take(struct order *o, uint32_t at);

#endif
