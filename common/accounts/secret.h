#ifndef ACCOUNTS_SECRET_H
#define ACCOUNTS_SECRET_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/fault.h"

enum { SECRET_MAX = 16384 }; /* octets; a token may be long */

/*
 * Where a secret comes from: file:PATH, cmd:COMMAND (run by sh; its first
 * line), env:NAME, fd:N (one line: several secrets can come by one
 * descriptor); token-cmd:COMMAND writes an OAuth2 token and nothing else, and
 * is ended after ms milliseconds (0: a minute).  Trailing CR and LF are cut;
 * an empty secret, one with a NUL or with more lines is CAUSE_CONFIG, as is a
 * file that others may read.  The bytes are appended to out, to be wiped by
 * the caller.
 */
enum rc secret_fetch(const char *spec, struct buf *out, struct fault *f)
    CHECKED;
enum rc secret_fetch_within(const char *spec, int ms, struct buf *out,
    struct fault *f) CHECKED;
/* Is the specification well formed?  CAUSE_USAGE before anything starts. */
enum rc secret_check(const char *spec, struct fault *f) CHECKED;
/* True when a second secret_fetch would not give the same: fd:N. */
bool secret_is_single(const char *spec);
/* cmd: and token-cmd: who can write it can run commands as us. */
bool secret_is_command(const char *spec);
/* What it gives is an OAuth2 token. */
bool secret_is_token(const char *spec);

/* ~/.netrc (or $NETRC), mode 0600 demanded: RC_END when it has no entry for
 * the host and user.  When user is NULL, *user_r gets the entry's login (the
 * caller frees), and NULL otherwise. */
enum rc netrc_fetch(const char *host, const char *user, char **user_r,
    struct buf *out, struct fault *f) CHECKED;

/* Asks on /dev/tty without echo; RC_END when there is no terminal. */
enum rc secret_prompt(const char *prompt, struct buf *out, struct fault *f)
    CHECKED;

#endif
