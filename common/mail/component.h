#ifndef MAIL_COMPONENT_H
#define MAIL_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* One component of a canonical folder name (mail/folder.h). */

/* What a component says when it is decoded. */
enum component {
	COMPONENT_TEXT, /* UTF-8 */
	COMPONENT_RAW,  /* the bytes of the wire name */
	COMPONENT_BAD,  /* a bad escape, or what no name can hold */
};

/* The octets up to the next "/" or the end. */
size_t component_length(const char *s);
/* True for INBOX in any case. */
bool component_is_inbox(const char *s, size_t n);

/* Appends the decoded form of a component, whatever it is. */
enum component component_decode(const char *s, size_t n, struct buf *out);
/* The opposites. */
void component_of_text(struct buf *out, const char *s, size_t n);
void component_of_raw(struct buf *out, const char *s, size_t n);

/* At a "%": the value of %XX, or -1.  Within n octets. */
int component_escape(const char *s, size_t n);
/* Escapes that text has, too; any other makes the component raw. */
bool component_escape_is_text(int value);

#endif
