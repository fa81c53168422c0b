#ifndef PROGRAM_STARTUP_H
#define PROGRAM_STARTUP_H

#include "util/fault.h"

/*
 * What every program does first: no core files (they would hold secrets),
 * descriptors 0 to 2 open, SIGPIPE and SIGXFSZ ignored (writes tell),
 * SIGINT, SIGTERM and SIGHUP raise the interrupt flag unless they were
 * ignored (a second one ends at once), umask 077, libsodium started.
 */
enum rc startup(struct fault *f) CHECKED;

#endif
