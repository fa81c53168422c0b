/*
 * Included before every file that clang-tidy reads, and by nothing else: it
 * cannot see that these three return the rc they are given, which is never
 * RC_OK, and would follow paths on which a failure counts as success.
 */
#ifndef LINT_ANALYZER_H
#define LINT_ANALYZER_H

#include "util/fault.h"

#define fault_set(f, rc, ...) ((void)fault_set((f), (rc), __VA_ARGS__), (rc))
#define fault_errno(f, rc, ...) \
	((void)fault_errno((f), (rc), __VA_ARGS__), (rc))
#define fault_wrap(f, rc, ...) ((void)fault_wrap((f), (rc), __VA_ARGS__), (rc))

#endif
