#ifndef UNIT_ORIGIN_KIT_H
#define UNIT_ORIGIN_KIT_H

#include "accounts/location.h"
#include "restore/origin.h"
#include "tests/unit/lineage_kit.h"

/* A chain of three in files, and what is restored of it. */
struct chain {
	struct kin_kit kin;
	struct location v[KIN_MAX];
	size_t n;
	struct origin *o;
	struct fault f;
	size_t rounds; /* segments that were opened */
};

void chain_make(struct chain *c);
void chain_finish(struct chain *c);
/* Another full archive in the place of the first, of the same key. */
void chain_replace_first(struct chain *c);
/* which: "1", "21-3": which archives, "-" before the one that comes on
 * standard input.  o->key is set here. */
enum rc chain_open(struct chain *c, const char *which,
    const struct origin_options *o);
bool chain_wants_all(void *arg, const struct origin_message *m);
/* All that comes, moved as it is on its way, sorted; the caller frees. */
char *chain_read(struct chain *c, origin_wants_fn *wants, enum rc *rc_r);

#endif
