#ifndef UTIL_INTERRUPT_H
#define UTIL_INTERRUPT_H

#include <stdbool.h>

#include "util/fault.h"

/* The one piece of global state: set by a signal handler, seen by every
 * loop that may wait.  Holds the number of the signal, 0 for none. */
void interrupt_raise(int signo); /* async-signal-safe */
int interrupt_signal(void);
/* RC_STORE and CAUSE_TEMPORARY "interrupted by SIGINT" once raised. */
enum rc interrupt_check(struct fault *f) CHECKED;

#endif
