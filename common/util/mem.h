#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

#include "util/fault.h"

/*
 * Checked allocation: out of memory ends the program (status 75), because
 * nothing above could do better.  Sizes are caller-capped, never taken
 * from a server unchecked.  Results are the caller's to free().
 */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Memory that the system gives when it is touched, in large pages where it
 * can, and has back at once: for what is large and comes and goes.  Not for
 * free(); n is not 0. */
void *xpages(size_t n);
void pages_free(void *p, size_t n); /* takes NULL */

/* Room for one more in a growing array: returns p, grown when n == *cap. */
void *xgrow(void *p, size_t n, size_t *cap, size_t size);

#endif
