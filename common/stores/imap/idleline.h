#ifndef IMAP_IDLELINE_H
#define IMAP_IDLELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many messages there are, as a server tells while it idles. */
struct idle_count {
	uint32_t exists;
	bool more;      /* some came; that as many went does not hide it */
	bool elsewhere; /* a line about another folder (RFC 5465) */
};

/* Takes an untagged line of the server: EXISTS and EXPUNGE (RFC 3501 section
 * 7.3.1, 7.4.1), VANISHED (RFC 7162), or what NOTIFY brings: STATUS, LIST, or
 * [NOTIFICATIONOVERFLOW].  All others mean nothing here. */
void idleline_take(struct idle_count *c, const char *text, size_t n);

#endif
