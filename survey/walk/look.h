#ifndef SURVEY_LOOK_H
#define SURVEY_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "mail/date.h"
#include "mail/parts.h"
#include "mail/store.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * What one message shows of itself.  It is found without any lock and laid
 * into a note, in which it goes to whoever counts.
 */
struct look {
	unsigned ugly;         /* 1 << enum ugly */
	bool read;             /* the body was */
	bool structured;       /* its parts are known */
	bool keyed;            /* key can be compared with others */
	bool has_id;           /* there is a Message-ID */
	struct mdate date;     /* of Date:, where that can be read */
	unsigned char key[16]; /* of its content, or of header and size */
	uint64_t id;           /* a hash of the Message-ID */
	uint64_t size;         /* of what was read; 0: it was not */
	uint64_t longest;      /* octets of the longest line */
	uint32_t attachments;
};

enum { LOOK_HEADER_MAX = 1 << 20 };

/* In seed lies a random number, so that no mail can be made to look like
 * other mail. */
void look_at_glance(const struct store_glance *g, uint64_t size, uint64_t seed,
    struct buf *note);
enum rc look_at_body(const struct body *b, uint64_t seed, struct buf *note,
    struct fault *f) CHECKED;

/* Reads a note; what is borrowed lives as long as that. */
struct look_cursor {
	const char *subject; /* UTF-8 */
	const char *type;    /* of an attachment, after look_next */
	uint64_t octets;
	/* inside */
	const unsigned char *p, *end;
};
void look_open(const struct buf *note, struct look *r, struct look_cursor *c);
bool look_next(struct look_cursor *c);

#endif
