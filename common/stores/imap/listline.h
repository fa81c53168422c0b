#ifndef IMAP_LISTLINE_H
#define IMAP_LISTLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/folder.h"
#include "util/strs.h"

enum listline_kind {
	LISTLINE_OTHER, /* about something else */
	LISTLINE_LIST,
	LISTLINE_LSUB,
	LISTLINE_STATUS,
	LISTLINE_BROKEN, /* one of the three, and cannot be understood */
};

/*
 * One untagged line, without its CRLF, literals in line.  LIST and LSUB give
 * wire, sep, attr and special; STATUS gives wire and the counts.  The name
 * stays NULL.  wire is "" in the answer to LIST "" "".  A NUL in a wire name
 * is told as LF, which no command will carry either.  *r is empty when
 * nothing was understood; the caller releases it.  RFC 3501 section 7.2, RFC
 * 5258, RFC 6154, RFC 8438.
 */
enum listline_kind listline_parse(const char *text, size_t n, struct folder *r);

/* Adds the prefixes of other users' and of shared namespaces (RFC 2342);
 * false when the line is no NAMESPACE answer. */
bool listline_foreign(const char *text, size_t n, struct strs *prefixes);
/* True for a folder in one of these namespaces. */
bool listline_is_foreign(const struct strs *prefixes, const struct folder *f);

/* True when both are one mailbox: INBOX is so in any case. */
bool listline_same(const char *wire_a, const char *wire_b);

/*
 * Makes the account's folders of what LIST and LSUB said (LISTLINE_LIST in
 * list, the two others in their own): merged, without duplicates, with
 * canonical names, none twice, INBOX always there, sorted.
 */
void listline_merge(struct folders *list, struct folders *lsub,
    struct folders *status, const char *prefix, char sep);

#endif
