#ifndef RESTORE_ONLY_H
#define RESTORE_ONLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "util/fault.h"

/* The messages that --only names (mail/listing.h). */
struct only;

/* path "-" is standard input. */
enum rc only_load(const char *path, struct only **r, struct fault *f) CHECKED;
void only_free(struct only *o);
/* True when the list names this message; counts it as found. */
bool only_has(struct only *o, const char *folder, uint32_t uidvalidity,
    uint32_t uid, const struct hash *hash);
/* How many of the list were never asked for: not in this archive. */
size_t only_unfound(const struct only *o);

#endif
