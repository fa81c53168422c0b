#ifndef ACCOUNTS_NETRC_H
#define ACCOUNTS_NETRC_H

#include <stddef.h>

#include "util/buf.h"
#include "util/fault.h"

/*
 * Finds the first entry of a netrc's text for the host (any case) and user
 * (NULL: any; *user_r gets its login, the caller frees): "machine NAME" or
 * "default" with "login", "password"; "account" and "port" are read over,
 * macros too.  A value may stand in double quotes, with \ before any
 * character; "#" where a keyword is due starts a comment.  RC_END: none.
 * CAUSE_CONFIG names the line of what cannot be read, never its words.
 */
enum rc netrc_find(const struct buf *text, const char *host, const char *user,
    char **user_r, struct buf *password, struct fault *f) CHECKED;

#endif
