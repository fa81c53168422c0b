#ifndef RESTORE_STOOD_H
#define RESTORE_STOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "mail/store.h"

/* Messages that a target folder had already, with the flags and keywords
 * that the archive has for them: what a rollback sets back. */
struct stood {
	const char *keywords; /* the archive's */
	struct fingerprint fp;
	uint32_t uid;
	unsigned flags;
};

struct stoods {
	struct stood *v;
	size_t n;
	size_t cap;
	bool sorted;
};

/* Each UID once. */
void stood_add(struct stoods *s, uint32_t uid, const struct msg *then,
    const struct fingerprint *fp);
/* NULL: none. */
const struct stood *stood_find(struct stoods *s, uint32_t uid);
/* One that stood_find gave is another message now; those that it gave before
 * are good until the next stood_find. */
void stood_move(struct stoods *s, const struct stood *from, uint32_t uid);
void stood_release(struct stoods *s);

/* True when a message with these flags need not be set back: it has those of
 * then, as far as the folder can keep them (NULL: it can keep all).  Keywords
 * are compared in any case. */
bool stood_is(const struct msg *now, const struct stood *then,
    const struct folder_state *keeps);

/* Those of the keywords that the folder can keep (as above), in lower case
 * and sorted; r is empty before. */
void stood_words(const char *keywords, const struct folder_state *keeps,
    struct strs *r);

#endif
