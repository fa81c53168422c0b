#ifndef RESTORE_COMPARE_H
#define RESTORE_COMPARE_H

#include "extras.h"
#include "lane.h"
#include "util/fault.h"

/*
 * Lists a folder after the deliveries: sets back the flags and keywords of
 * what stands for a message of the chain, and fills b->extra with what stands
 * for none.  Messages that came since it was listed first are neither.
 */
enum rc compare_folder(struct lane *l, struct back_folder *b, struct fault *f)
    CHECKED;

#endif
