#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include "util/fault.h"

/* Makes the directories above path (mode 0700) that are not there yet. */
enum rc path_make_parents(const char *path, struct fault *f) CHECKED;

#endif
