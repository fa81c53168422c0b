#ifndef IMAP_CAPS_H
#define IMAP_CAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "stores/imap/session.h"

void caps_init(struct imap_caps *c);
void caps_release(struct imap_caps *c);
/* From "CAPABILITY IMAP4rev1 ..." as it stands in an untagged line (behind
 * "* ") or in a response code: replaces *c; false if it is something else. */
bool caps_parse(struct imap_caps *c, const char *text, size_t n);
/* The same from anywhere in a line that holds "[CAPABILITY ...]". */
bool caps_from_code(struct imap_caps *c, const char *line);

#endif
