#ifndef PROGRAM_STARTUP_H
#define PROGRAM_STARTUP_H

#include "util/fault.h"

/*
 * What every program does first: no core files (they would hold secrets),
 * SIGPIPE ignored (writes say it), SIGXFSZ ignored, SIGINT and SIGTERM
 * raise the interrupt flag (a second one ends at once), umask 077,
 * libsodium started.
 */
enum rc startup(struct fault *f) CHECKED;

#endif
