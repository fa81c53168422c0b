#ifndef RESTORE_FOLDERS_H
#define RESTORE_FOLDERS_H

#include "restore.h"
#include "util/fault.h"

/* Folders without messages, and subscriptions, when all else is done. */
enum rc folders_restore(struct restore *r, struct fault *f) CHECKED;

#endif
