#ifndef BACKUP_PLAN_H
#define BACKUP_PLAN_H

#include "backup.h"

/* What a run has to look at. */
struct plan {
	struct folder *folder; /* they borrow their texts */
	const struct folder **list;
	size_t n;
};

/* Asks in one flight for what the list did not tell of selected folders. */
enum rc plan_count(struct backup *b, struct folders *folders, struct fault *f)
    CHECKED;
/* Nothing at all is new: as plan_make would have it, all that is known is
 * there as it was, and nothing else. */
bool plan_is_same(struct backup *b, const struct folders *folders);

/*
 * The selected folders; those that STATUS shows to be as they are known are
 * given to told instead, in the order of the parent.  RC_STORE: that failed,
 * or the line was lost.
 */
typedef enum rc plan_same_fn(struct backup *b, const struct folder *folder,
    struct known_folder *p, struct fault *f);
enum rc plan_make(struct backup *b, const struct folders *folders,
    plan_same_fn *told, struct plan *r, struct fault *f) CHECKED;
void plan_release(struct plan *p);

#endif
