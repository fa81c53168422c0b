#ifndef SURVEY_COPIES_H
#define SURVEY_COPIES_H

#include <stddef.h>
#include <stdint.h>

#include "look.h"
#include "survey/facts/facts.h"

/* What is kept of each message until all are known: 40 octets. */
struct copy {
	unsigned char key[16];
	uint64_t id;
	uint64_t size;
	uint32_t box;
	uint32_t has; /* COPY_* */
};

enum { COPY_KEY = 1 << 0, COPY_ID = 1 << 1 };

struct copy_list {
	struct copy *v;
	size_t n;
	size_t cap;
};

void copies_add(struct copy_list *l, uint32_t box, const struct look *look,
    uint64_t size);
/* Counts them; the list is in another order afterwards. */
void copies_end(struct copy_list *l, struct copies *r);
void copies_release(struct copy_list *l);

#endif
