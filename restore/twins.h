#ifndef RESTORE_TWINS_H
#define RESTORE_TWINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "held.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "stood.h"

/*
 * Copies of one content in a folder of the target.  Which of them stands for
 * which message of the archive is decided by their place when the content
 * alone is looked at; once their flags are known, those that agree stand for
 * each other, so that none is set back, or beyond the archive, that need not
 * be.
 */
struct twin {
	uint32_t uid;
	uint32_t group; /* of equal content */
	bool seen;
};

struct twins {
	struct twin *v; /* by UID */
	size_t n;
	struct msgs seen;
};

/* Of what was read, where a message of the archive has several to choose
 * from.  The caller releases. */
void twins_find(struct twins *t, const struct held *h, struct stoods *s);
void twins_release(struct twins *t);
/* True when m is one of them: it is kept in seen. */
bool twins_take(struct twins *t, const struct msg *m);
/* Pairs those that were seen anew, in h and s; keeps as for stood_is. */
void twins_pair(const struct twins *t, struct held *h, struct stoods *s,
    const struct folder_state *keeps);

#endif
