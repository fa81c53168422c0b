#ifndef UNIT_LINEAGE_KIT_H
#define UNIT_LINEAGE_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "stores/archive/lineage.h"
#include "tests/unit/archive_kit.h"
#include "util/buf.h"
#include "util/fault.h"

enum { KIN_MAX = 12 };

/* Makes small chains, and opens them. */
struct kin_kit {
	struct kit kit;
	struct kit_archive archive[KIN_MAX]; /* generation i + 1 */
	size_t n;
};

void kin_kit_open(struct kin_kit *k);
void kin_kit_close(struct kin_kit *k);
/* Writes the next generation; plan's parent is set here. */
void kin_kit_add(struct kin_kit *k, const struct kit_plan *plan);
/* The same with the chain of n archives, none for a full one; what it goes
 * on with is the state at that generation (0: the last, as it must be). */
void kin_kit_child(struct kin_kit *k, const struct kit_plan *plan,
    const size_t *parent, size_t n, uint32_t at);
/* Opens archives in the order given, all of them in order when it is NULL;
 * key NULL: the kit's. */
enum rc kin_kit_lineage(struct kin_kit *k, const size_t *order, size_t n,
    const struct lineage_options *options, struct lineage **r, struct fault *f);
/* The same, and it must not fail. */
struct lineage *kin_kit_must(struct kin_kit *k, uint32_t at, bool next);

/*
 * The mailbox as a text: for each folder "name", and for each message of it
 * " uid flags keywords octets @generation", octets read where they are.
 */
void kin_kit_show(struct lineage *l, struct buf *b);

#endif
