#ifndef ACCOUNTS_COMMAND_H
#define ACCOUNTS_COMMAND_H

#include <stddef.h>

#include "util/buf.h"
#include "util/fault.h"

/*
 * Runs `sh -c command` with /dev/null as standard input and our standard
 * error, and appends what it writes.  More than max octets, a status other
 * than 0 and a signal are CAUSE_CONFIG, as is one that is not done after ms
 * milliseconds: it is ended then, with all that it started.  0: as long as
 * it takes, and it may ask on the terminal.  No message shows the command: a
 * careless one holds the secret.
 */
enum rc command_output(const char *command, int ms, size_t max, struct buf *out,
    struct fault *f) CHECKED;

#endif
